package postgres

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5"
)

// Beside is a database that a hub may have open, for reading alone: it changes
// nothing, and holds up nobody.
type Beside struct {
	r    *sql.DB
	name string
}

// OpenBeside opens a database that is there, without its lock.
func OpenBeside(ctx context.Context, address string) (*Beside, error) {
	config, err := pgx.ParseConfig(address)
	if err != nil {
		return nil, fmt.Errorf("open PostgreSQL database: %w", err)
	}
	reach(config)
	b := &Beside{pool(*config, reading), Name(address)}
	b.r.SetMaxOpenConns(2)
	if err := b.r.PingContext(ctx); err != nil {
		return nil, errors.Join(fmt.Errorf("open %s: %w", b.name, err), b.r.Close())
	}
	return b, nil
}

// Read is the pool of reading connections.
func (b *Beside) Read() *sql.DB { return b.r }

// Version is the number of the newest migration that was applied; 0: none was.
func (b *Beside) Version(ctx context.Context) (n int64, err error) {
	err = b.r.QueryRowContext(ctx, "SELECT coalesce(max(version_id), 0) FROM goose_db_version WHERE is_applied").Scan(&n)
	if err != nil {
		return 0, fmt.Errorf("read the version of %s: %w", b.name, err)
	}
	return n, nil
}

// Check finds nothing out: the server looks after its own files.
func (b *Beside) Check(context.Context) error { return nil }

// Moment runs f with the database as it is at one moment, whatever is written
// meanwhile.
func Moment(ctx context.Context, r *sql.DB, f func(*sql.Tx) error) error {
	tx, err := r.BeginTx(ctx, &sql.TxOptions{Isolation: sql.LevelRepeatableRead, ReadOnly: true})
	if err != nil {
		return fmt.Errorf("begin to read: %w", err)
	}
	defer tx.Rollback() // there is nothing to commit
	return f(tx)
}

// Close ends the reading.
func (b *Beside) Close() error { return b.r.Close() }
