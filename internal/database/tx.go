package database

import (
	"context"
	"database/sql"
)

// Tx is a transaction under way on the writing connection, for the function
// that Write runs. It is not [sql.Tx], which wakes a goroutine at each begin
// and end: on two cores that is a sixth of what a save takes.
type Tx struct {
	c    *sql.Conn
	ctx  context.Context
	line int
}

// Line is the number of the writing connection, counted from 1. Under another
// one than before, what the caller remembers may be old: nobody knows what
// became of the last commit on the one that was lost, and somebody else may
// have written meanwhile.
func (t *Tx) Line() int { return t.line }

// Exec, Query, QueryRow and their forms with a context are those of [sql.Tx].
// Rows are to be closed before another statement is run: PostgreSQL answers
// one at a time.
func (t *Tx) Exec(query string, args ...any) (sql.Result, error) {
	return t.c.ExecContext(t.ctx, query, args...)
}

// ExecContext is as Exec.
func (t *Tx) ExecContext(ctx context.Context, query string, args ...any) (sql.Result, error) {
	return t.c.ExecContext(ctx, query, args...)
}

// Query is as Exec.
func (t *Tx) Query(query string, args ...any) (*sql.Rows, error) {
	return t.c.QueryContext(t.ctx, query, args...)
}

// QueryContext is as Exec.
func (t *Tx) QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error) {
	return t.c.QueryContext(ctx, query, args...)
}

// QueryRow is as Exec.
func (t *Tx) QueryRow(query string, args ...any) *sql.Row {
	return t.c.QueryRowContext(t.ctx, query, args...)
}

// QueryRowContext is as Exec.
func (t *Tx) QueryRowContext(ctx context.Context, query string, args ...any) *sql.Row {
	return t.c.QueryRowContext(ctx, query, args...)
}

// Prepare prepares a statement that is run several times in this transaction
// and then closed.
func (t *Tx) Prepare(query string) (*sql.Stmt, error) {
	return t.c.PrepareContext(t.ctx, query)
}

// Stmt is a statement that stays prepared on the writing connection, for use
// inside Write alone.
type Stmt struct {
	query string
	stmt  *sql.Stmt // on the connection that there is now
}

// Exec is that of [sql.Stmt], in a transaction.
func (s *Stmt) Exec(t *Tx, args ...any) (sql.Result, error) {
	return s.stmt.ExecContext(t.ctx, args...)
}

// QueryRow is as Exec.
func (s *Stmt) QueryRow(t *Tx, args ...any) *sql.Row {
	return s.stmt.QueryRowContext(t.ctx, args...)
}
