package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
)

// Tx is a transaction under way on the writing connection, for the function
// that Write runs. It is not [sql.Tx], which wakes a goroutine at each begin
// and end: on two cores that is a sixth of what a save takes.
type Tx struct{ c *sql.Conn }

// Exec, Query, QueryRow and their forms with a context are those of [sql.Tx].
// Rows are to be closed before Write's function returns.
func (t *Tx) Exec(query string, args ...any) (sql.Result, error) {
	return t.c.ExecContext(context.Background(), query, args...)
}

// ExecContext is as Exec.
func (t *Tx) ExecContext(ctx context.Context, query string, args ...any) (sql.Result, error) {
	return t.c.ExecContext(ctx, query, args...)
}

// Query is as Exec.
func (t *Tx) Query(query string, args ...any) (*sql.Rows, error) {
	return t.c.QueryContext(context.Background(), query, args...)
}

// QueryContext is as Exec.
func (t *Tx) QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error) {
	return t.c.QueryContext(ctx, query, args...)
}

// QueryRow is as Exec.
func (t *Tx) QueryRow(query string, args ...any) *sql.Row {
	return t.c.QueryRowContext(context.Background(), query, args...)
}

// QueryRowContext is as Exec.
func (t *Tx) QueryRowContext(ctx context.Context, query string, args ...any) *sql.Row {
	return t.c.QueryRowContext(ctx, query, args...)
}

// Prepare prepares a statement that is run several times in this transaction
// and then closed.
func (t *Tx) Prepare(query string) (*sql.Stmt, error) {
	return t.c.PrepareContext(context.Background(), query)
}

// Write runs f in one transaction and commits it durably. When it returns
// nil the rows are on the disk; after any error none of them is. A panic in f
// goes on to the caller, and leaves the one writing connection free. ctx ends
// the wait for whoever writes before.
func (db *DB) Write(ctx context.Context, f func(*Tx) error) (err error) {
	if err := db.take(ctx); err != nil {
		return fmt.Errorf("begin: %w", err)
	}
	defer db.free()
	if _, err := db.begin.Exec(); err != nil {
		return fmt.Errorf("begin: %w", err)
	}
	committed := false
	defer func() {
		if !committed {
			// SQLite has already done it after some errors, such as a full disk.
			db.c.ExecContext(context.Background(), "ROLLBACK")
		}
	}()
	if err := f(&Tx{db.c}); err != nil {
		return err
	}
	if err := ctx.Err(); err != nil {
		return fmt.Errorf("commit: %w", err)
	}
	if _, err := db.commit.Exec(); err != nil {
		return fmt.Errorf("commit: %w", err)
	}
	committed = true
	return nil
}

// Prepare prepares a statement on the writing connection, for use inside
// Write alone.
func (db *DB) Prepare(ctx context.Context, query string) (*sql.Stmt, error) {
	stmt, err := db.c.PrepareContext(ctx, query)
	if err == nil {
		db.mu.Lock()
		db.stmts = append(db.stmts, stmt)
		db.mu.Unlock()
	}
	return stmt, err
}

// take waits for the writing connection to be free.
func (db *DB) take(ctx context.Context) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	select {
	case db.busy <- struct{}{}:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

func (db *DB) free() { <-db.busy }

// hold takes the writing connection out of its pool, for good.
func (db *DB) hold(ctx context.Context) (err error) {
	if db.c, err = db.w.Conn(ctx); err != nil {
		return err
	}
	if db.begin, err = db.Prepare(ctx, "BEGIN IMMEDIATE"); err != nil {
		return err
	}
	db.commit, err = db.Prepare(ctx, "COMMIT")
	return err
}

// letGo gives it back, once nobody writes, and ends its statements: SQLite does
// not close a connection that has any, and nobody else ends those of a
// [sql.Conn].
func (db *DB) letGo() error {
	if db.c == nil {
		return nil
	}
	db.busy <- struct{}{}
	defer db.free()
	var errs []error
	for _, stmt := range db.stmts {
		errs = append(errs, stmt.Close())
	}
	return errors.Join(append(errs, db.c.Close())...)
}
