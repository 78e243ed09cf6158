// Package database is what SQLite and PostgreSQL have in common here: one
// connection that writes, whoever asks, one transaction after the other.
package database

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"sync"
	"time"
)

var (
	// ErrInUse tells that another process has the database.
	ErrInUse = errors.New("another process uses this database")
	// ErrUncertain tells that a server went away in the middle of a commit:
	// nobody knows whether it was made.
	ErrUncertain = errors.New("the commit may have been made, or not")
)

// WriterOptions are in what databases differ.
type WriterOptions struct {
	Begin string // the statement that begins a transaction
	// Settle readies a new connection. Without it there is one for good; with
	// it, one that was lost is replaced by the next transaction.
	Settle func(context.Context, *sql.Conn) error
	// Interrupts has statements end with the context of Write. It costs a
	// goroutine for each, which SQLite's short ones are not worth.
	Interrupts bool
}

// Writer is the connection that writes. It is taken out of its pool for good.
type Writer struct {
	pool          *sql.DB
	o             WriterOptions
	begin, commit *Stmt
	busy          chan struct{} // full while c is in use
	c             *sql.Conn
	line          int // how many there were

	mu    sync.Mutex
	stmts []*Stmt // all on c; with mu
}

// NewWriter takes a connection out of a pool.
func NewWriter(ctx context.Context, pool *sql.DB, o WriterOptions) (w *Writer, err error) {
	w = &Writer{pool: pool, o: o, busy: make(chan struct{}, 1)}
	if err := w.connect(ctx); err != nil {
		return nil, err
	}
	if w.begin, err = w.Prepare(ctx, o.Begin); err == nil {
		w.commit, err = w.Prepare(ctx, "COMMIT")
	}
	if err != nil {
		return nil, errors.Join(err, w.Close())
	}
	return w, nil
}

// Write runs f in one transaction and commits it durably. When it returns
// nil the rows are on the disk; after any error but ErrUncertain none of them
// is. A panic in f goes on to the caller, and leaves the one writing connection
// free. ctx ends the wait for whoever writes before.
func (w *Writer) Write(ctx context.Context, f func(*Tx) error) error {
	if err := w.take(ctx); err != nil {
		return fmt.Errorf("begin: %w", err)
	}
	defer w.free()
	tx, err := w.beginTx(ctx)
	if err != nil {
		return fmt.Errorf("begin: %w", err)
	}
	over := false
	defer func() {
		if !over {
			w.rollback()
		}
	}()
	if err := f(tx); err != nil {
		return err
	}
	if err := ctx.Err(); err != nil {
		return fmt.Errorf("commit: %w", err)
	}
	if _, err := w.commit.Exec(&Tx{w.c, context.WithoutCancel(tx.ctx), w.line}); err != nil {
		if w.o.Settle != nil {
			over = true
			w.drop()
			err = fmt.Errorf("%w: %w", ErrUncertain, err)
		}
		return fmt.Errorf("commit: %w", err)
	}
	over = true
	return nil
}

// beginTx begins, on a new connection if the one that there is was lost.
func (w *Writer) beginTx(ctx context.Context) (*Tx, error) {
	tx := w.tx(ctx)
	_, err := w.begin.Exec(tx)
	if err == nil || w.o.Settle == nil || ctx.Err() != nil {
		return tx, err
	}
	w.drop()
	if err := w.connect(ctx); err != nil {
		return nil, err
	}
	tx = w.tx(ctx)
	_, err = w.begin.Exec(tx)
	return tx, err
}

func (w *Writer) tx(ctx context.Context) *Tx {
	if !w.o.Interrupts {
		ctx = context.Background()
	}
	return &Tx{w.c, ctx, w.line}
}

// rollbackIn is how long a server may take to take a transaction back. After
// that the connection is given up, and the server does it by itself.
const rollbackIn = 10 * time.Second

func (w *Writer) rollback() {
	ctx, cancel := context.Background(), context.CancelFunc(func() {})
	if w.o.Settle != nil {
		ctx, cancel = context.WithTimeout(ctx, rollbackIn)
	}
	defer cancel()
	// SQLite has already done it after some errors, such as a full disk.
	if _, err := w.c.ExecContext(ctx, "ROLLBACK"); err != nil && w.o.Settle != nil {
		w.drop()
	}
}

// drop closes a connection that is lost, or in a state that nobody knows.
func (w *Writer) drop() { discard(w.c) }

func discard(c *sql.Conn) { c.Raw(func(any) error { return driver.ErrBadConn }) }

// connect takes a new connection, and prepares on it what was on the last one.
func (w *Writer) connect(ctx context.Context) error {
	c, err := w.pool.Conn(ctx)
	if err != nil {
		return err
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	anew := make([]*sql.Stmt, len(w.stmts))
	if w.o.Settle != nil {
		err = w.o.Settle(ctx, c)
	}
	for i, s := range w.stmts {
		if err == nil {
			anew[i], err = c.PrepareContext(ctx, s.query)
		}
	}
	if err != nil {
		discard(c)
		return err
	}
	for i, s := range w.stmts {
		s.stmt.Close()
		s.stmt = anew[i]
	}
	w.c = c
	w.line++
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
		if err := s.stmt.Close(); w.o.Settle == nil { // a server forgets them by itself
			errs = append(errs, err)
		}
	}
	if err := w.c.Close(); !errors.Is(err, sql.ErrConnDone) { // it was lost
		errs = append(errs, err)
	}
	return errors.Join(errs...)
}
