package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"os"

	"github.com/pressly/goose/v3"
)

// tryOnCopy runs the migrations that are due on a copy of the database, and
// removes it: one that fails, or leaves something that does not fit, leaves the
// database as the older release knows it. A new database needs no trial.
func (db *DB) tryOnCopy(ctx context.Context, p *goose.Provider, files fs.FS) (err error) {
	version, err := p.GetDBVersion(ctx)
	if err != nil || version == 0 {
		return err
	}
	due, err := p.HasPending(ctx)
	if err != nil || !due {
		return err
	}
	copied := db.path + ".trial"
	remove := func() error {
		var errs []error
		for _, end := range []string{"", "-wal", "-shm", "-journal"} {
			if err := os.Remove(copied + end); err != nil && !errors.Is(err, os.ErrNotExist) {
				errs = append(errs, err)
			}
		}
		return errors.Join(errs...)
	}
	if err := remove(); err != nil { // a crash may have left one
		return err
	}
	defer func() { err = errors.Join(err, remove()) }()
	if _, err := db.w.ExecContext(ctx, "VACUUM INTO ?", copied); err != nil {
		return fmt.Errorf("copy for the trial (it needs as much free disk as the database has): %w", err)
	}
	return migrateTrial(ctx, copied, files)
}

// migrateTrial migrates a copy that nobody needs: it is not made durable.
func migrateTrial(ctx context.Context, path string, files fs.FS) error {
	c, err := sql.Open("sqlite", "file:"+path+"?_pragma=synchronous(OFF)&_pragma=journal_mode(MEMORY)"+common)
	if err != nil {
		return err
	}
	defer c.Close()
	c.SetMaxOpenConns(1)
	p, err := goose.NewProvider(goose.DialectSQLite3, c, files)
	if err != nil {
		return err
	}
	if _, err := p.Up(ctx); err != nil {
		return err
	}
	if err := check(ctx, c); err != nil {
		return err
	}
	rows, err := c.QueryContext(ctx, "PRAGMA foreign_key_check")
	if err != nil {
		return err
	}
	defer rows.Close()
	if rows.Next() {
		return errors.New("a row refers to one that is not there")
	}
	return rows.Err()
}
