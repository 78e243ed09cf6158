package postgres

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strconv"

	"ark/internal/database"
)

// settle makes a new connection the one that writes: the server keeps what it
// is given, and no other hub writes.
func settle(ctx context.Context, c *sql.Conn) error {
	if err := readBack(ctx, c); err != nil {
		return err
	}
	return lock(ctx, c)
}

// oldest is the first version whose SQL the store speaks.
const oldest = 150000

// ErrUnfit tells that a server would lose or change what it is given.
var ErrUnfit = errors.New("this PostgreSQL cannot keep what it is given")

// readBack insists on the settings that durability rests on.
func readBack(ctx context.Context, c *sql.Conn) error {
	set := map[string]string{}
	rows, err := c.QueryContext(ctx, `SELECT name, setting FROM pg_settings WHERE name IN ('server_version_num', 'server_encoding', 'fsync',
		'full_page_writes', 'synchronous_commit', 'standard_conforming_strings', 'transaction_read_only')`)
	if err != nil {
		return fmt.Errorf("read back settings: %w", err)
	}
	defer rows.Close()
	for rows.Next() {
		var name, value string
		if err := rows.Scan(&name, &value); err != nil {
			return fmt.Errorf("read back settings: %w", err)
		}
		set[name] = value
	}
	if err := rows.Err(); err != nil {
		return fmt.Errorf("read back settings: %w", err)
	}
	return fit(set)
}

// fit tells what is wrong with a server, by its settings.
func fit(set map[string]string) error {
	if version, err := strconv.Atoi(set["server_version_num"]); err != nil || version < oldest {
		return fmt.Errorf("%w: it is version %d, and %d or later is needed", ErrUnfit, version/10000, oldest/10000)
	}
	// With synchronous_commit local or remote_write the server's own disk has it
	// all the same, and only with off it does not.
	if set["synchronous_commit"] == "off" {
		return fmt.Errorf("%w: synchronous_commit is off", ErrUnfit)
	}
	for _, want := range []struct{ name, value string }{
		{"server_encoding", "UTF8"}, {"fsync", "on"}, {"full_page_writes", "on"}, {"standard_conforming_strings", "on"}, {"transaction_read_only", "off"},
	} {
		if got := set[want.name]; got != want.value {
			return fmt.Errorf("%w: %s is %s, not %s", ErrUnfit, want.name, got, want.value)
		}
	}
	return nil
}

// lockKey is "arkh" in numbers. Whoever holds this lock, together with the
// schema that the tables are in, may write them.
const lockKey = 0x61726b68

// lock takes the lock that lets one hub at a time use a database. The server
// lets go of it when the connection ends, which may be a moment after the hub
// that had it.
func lock(ctx context.Context, c *sql.Conn) error {
	if _, err := c.ExecContext(ctx, "SET lock_timeout = '2s'"); err != nil {
		return fmt.Errorf("lock: %w", err)
	}
	_, err := c.ExecContext(ctx, "SELECT pg_advisory_lock($1, hashtext(current_schema()))", lockKey)
	if coded(err, "55P03") {
		return database.ErrInUse
	}
	if err != nil {
		return fmt.Errorf("lock: %w", err)
	}
	if _, err := c.ExecContext(ctx, "SET lock_timeout = 0"); err != nil {
		return fmt.Errorf("lock: %w", err)
	}
	return nil
}
