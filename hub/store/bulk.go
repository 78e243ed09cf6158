package store

import (
	"context"
	"database/sql"
	"fmt"
	"strings"

	"ark/internal/sqlite"
)

// bulk inserts many rows with few statements: chunks of 64 rows, then of 8,
// then one by one. What every delivery does is prepared, too.
type bulk struct {
	entries, visits [3]*sql.Stmt
	van, cursor     *sql.Stmt
}

var chunks = [3]int{64, 8, 1}

const (
	seeVan     = "UPDATE vans SET last_seen = $1, backlog = $2, entries = entries + $3 WHERE n = $4"
	moveCursor = `INSERT INTO incarnations (van, incarnation, seq, digest) VALUES ($1, $2, $3, $4)
		ON CONFLICT (incarnation) DO UPDATE SET seq = $3, digest = $4 WHERE van = $1 RETURNING n`
)

func (b *bulk) prepare(ctx context.Context, db *sqlite.DB) error {
	for _, table := range []struct {
		into  *[3]*sql.Stmt
		head  string
		width int
		tail  string
	}{
		{&b.entries, "INSERT INTO entries (incarnation, seq, digest, raw) VALUES ", 4, ""},
		{&b.visits, "INSERT INTO visits (position, id, incarnation, seq, received) VALUES ", 5, " ON CONFLICT (id) DO NOTHING"},
	} {
		row := "(?" + strings.Repeat(", ?", table.width-1) + ")"
		for i, n := range chunks {
			stmt, err := db.Prepare(ctx, table.head+row+strings.Repeat(", "+row, n-1)+table.tail)
			if err != nil {
				return fmt.Errorf("prepare: %w", err)
			}
			table.into[i] = stmt
		}
	}
	for query, into := range map[string]**sql.Stmt{seeVan: &b.van, moveCursor: &b.cursor} {
		stmt, err := db.Prepare(ctx, query)
		if err != nil {
			return fmt.Errorf("prepare: %w", err)
		}
		*into = stmt
	}
	return nil
}

// insert inserts rows that lie flat in args, width values each, and counts
// those that were not there already.
func insert(tx *sqlite.Tx, stmts [3]*sql.Stmt, width int, args []any) (inserted int, err error) {
	for i, n := range chunks {
		if len(args) < n*width {
			continue
		}
		stmt := stmts[i]
		for len(args) >= n*width {
			res, err := stmt.Exec(args[:n*width]...)
			if err != nil {
				return inserted, err
			}
			some, err := res.RowsAffected()
			if err != nil {
				return inserted, err
			}
			inserted += int(some)
			args = args[n*width:]
		}
	}
	return inserted, nil
}
