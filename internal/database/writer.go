// Package database is what SQLite and PostgreSQL have in common here: one
// connection that writes, whoever asks, one transaction after the other.
package database

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"sync"
)

// ErrInUse tells that another process has the database.
var ErrInUse = errors.New("another process uses this database")

// Writer is the connection that writes. It is taken out of its pool for good.
type Writer struct {
	begin, commit *Stmt
	busy          chan struct{} // full while c is in use
	c             *sql.Conn

	mu    sync.Mutex
	stmts []*Stmt // all on c; with mu
}

// NewWriter takes a connection out of a pool; begin is the statement that
// begins a transaction on it.
func NewWriter(ctx context.Context, pool *sql.DB, begin string) (w *Writer, err error) {
	w = &Writer{busy: make(chan struct{}, 1)}
	if w.c, err = pool.Conn(ctx); err != nil {
		return nil, err
	}
	if w.begin, err = w.Prepare(ctx, begin); err == nil {
		w.commit, err = w.Prepare(ctx, "COMMIT")
	}
	if err != nil {
		return nil, errors.Join(err, w.Close())
	}
	return w, nil
}

// Write runs f in one transaction and commits it durably. When it returns
// nil the rows are on the disk; after any error none of them is. A panic in f
// goes on to the caller, and leaves the one writing connection free. ctx ends
// the wait for whoever writes before.
func (w *Writer) Write(ctx context.Context, f func(*Tx) error) error {
	if err := w.take(ctx); err != nil {
		return fmt.Errorf("begin: %w", err)
	}
	defer w.free()
	tx := &Tx{w.c, context.Background()}
	if _, err := w.begin.Exec(tx); err != nil {
		return fmt.Errorf("begin: %w", err)
	}
	committed := false
	defer func() {
		if !committed {
			// SQLite has already done it after some errors, such as a full disk.
			w.c.ExecContext(context.Background(), "ROLLBACK")
		}
	}()
	if err := f(tx); err != nil {
		return err
	}
	if err := ctx.Err(); err != nil {
		return fmt.Errorf("commit: %w", err)
	}
	if _, err := w.commit.Exec(tx); err != nil {
		return fmt.Errorf("commit: %w", err)
	}
	committed = true
	return nil
}

// Prepare prepares a statement, for use inside Write alone.
func (w *Writer) Prepare(ctx context.Context, query string) (*Stmt, error) {
	stmt, err := w.c.PrepareContext(ctx, query)
	if err != nil {
		return nil, err
	}
	s := &Stmt{query, stmt}
	w.mu.Lock()
	w.stmts = append(w.stmts, s)
	w.mu.Unlock()
	return s, nil
}

// Alone runs f with the connection, outside of any transaction and with nobody
// else at it.
func (w *Writer) Alone(ctx context.Context, f func(*sql.Conn) error) error {
	if err := w.take(ctx); err != nil {
		return err
	}
	defer w.free()
	return f(w.c)
}

// take waits for the connection to be free.
func (w *Writer) take(ctx context.Context) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	select {
	case w.busy <- struct{}{}:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

func (w *Writer) free() { <-w.busy }

// Close gives the connection back, once nobody writes, and ends its
// statements: SQLite does not close a connection that has any, and nobody else
// ends those of a [sql.Conn].
func (w *Writer) Close() error {
	w.busy <- struct{}{}
	defer w.free()
	var errs []error
	for _, s := range w.stmts {
		errs = append(errs, s.stmt.Close())
	}
	return errors.Join(append(errs, w.c.Close())...)
}
