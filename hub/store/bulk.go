package store

import (
	"context"
	"fmt"

	"ark/internal/database"
)

// bulk inserts many rows with few statements: chunks of 64 rows, then of 8,
// then one by one. What every delivery does is prepared, too.
type bulk struct {
	entries, visits, unfound, marks, words [3]*database.Stmt
	found, tallies, spots, needs, days     [3]*database.Stmt
	van, cursor, place                     *database.Stmt
}

var chunks = [3]int{64, 8, 1}

const (
	seeVan = `UPDATE vans SET last_seen = $1, backlog = $2, entries = entries + $3, told = CASE WHEN CAST($5 AS BIGINT) > 0 THEN $5 ELSE told END,
		doubtful = CASE WHEN CAST($6 AS BIGINT) >= 0 THEN $6 ELSE doubtful END WHERE n = $4`
	moveCursor = `INSERT INTO incarnations (van, incarnation, seq, digest) VALUES ($1, $2, $3, $4)
		ON CONFLICT (incarnation) DO UPDATE SET seq = $3, digest = $4 WHERE incarnations.van = $1 RETURNING n`
)

func (b *bulk) prepare(ctx context.Context, db base, w wording) error {
	for _, table := range []struct {
		into  *[3]*database.Stmt
		head  string
		width int
		tail  string
	}{
		{&b.entries, "INSERT INTO entries (incarnation, seq, digest, raw) VALUES ", 4, ""},
		{&b.visits, "INSERT INTO visits (" + arrivalColumns + ") VALUES ", arrivalWidth, " ON CONFLICT (id) DO NOTHING"},
		{&b.unfound, "INSERT INTO visits (" + unfoundColumns + ") VALUES ", unfoundWidth, " ON CONFLICT (id) DO NOTHING"},
		{&b.marks, "INSERT INTO visit_marks (kind, value, position, made) VALUES ", markWidth, ""},
		{&b.words, "INSERT INTO visit_words (rowid, words) VALUES ", wordsWidth, ""},
		{&b.found, updateFound, foundWidth, updateFoundTail},
		{&b.tallies, addTally, tallyWidth, tallyTail},
		{&b.spots, addSpot, spotWidth, spotTail},
		{&b.needs, addNeed, needWidth, needTail},
		{&b.days, addDay, dayWidth, dayTail},
	} {
		for i, n := range chunks {
			rows := places(w.place, n, table.width)
			if table.into == &b.found {
				rows = selected(w.place, n, table.width)
			}
			stmt, err := db.Prepare(ctx, table.head+rows+table.tail)
			if err != nil {
				return fmt.Errorf("prepare: %w", err)
			}
			table.into[i] = stmt
		}
	}
	for query, into := range map[string]**database.Stmt{seeVan: &b.van, moveCursor: &b.cursor, addPlace: &b.place} {
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
func insert(tx *database.Tx, stmts [3]*database.Stmt, width int, args []any) (inserted int, err error) {
	for i, n := range chunks {
		if len(args) < n*width {
			continue
		}
		stmt := stmts[i]
		for len(args) >= n*width {
			res, err := stmt.Exec(tx, args[:n*width]...)
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
