package store

import (
	"cmp"
	"context"
	"database/sql"
	"fmt"
	"slices"
	"strings"

	"ark"
	"ark/internal/sqlite"
)

// viewTables are the tables of the view, which are salvaged row by row.
var viewTables = []string{"visits", "editions", "clocks", "households", "edits", "standing", "phones", "tries", "attachments", "named", "sent"}

// copyView copies of a damaged database the view, as far as it can be read:
// what it tells of visits goes back further than the journal, and of
// households, crew and phones the hub does not tell again. What is damaged in
// the view and whole in the journal is made of that later. The other way
// round too: an entry that the hub may not have and only the view can tell
// goes along.
func (s *Store) copyView(ctx context.Context, path string, w *wreck) error {
	from, err := openWreck(path)
	if err != nil {
		return nil // there is nothing to read
	}
	defer from.Close()
	for _, table := range viewTables {
		if err := s.copyTable(ctx, from, table); err != nil {
			return fmt.Errorf("salvage %s: %w", table, err)
		}
	}
	return s.write(ctx, func(t tx) error {
		editions, err := w.complete(t)
		if err != nil {
			return err
		}
		if err := displace(t, w.acked); err != nil {
			return err
		}
		for _, e := range editions { // those of the journal come with it
			if err := s.view(t, 0, e.entry, e.raw, true); err != nil {
				return err
			}
		}
		if _, err := t.Exec("UPDATE households SET told = 0"); err != nil { // orders are numbered anew
			return fmt.Errorf("salvage households: %w", err)
		}
		return nil
	})
}

// copied is a row of an entry in the view.
type copied struct {
	n       int64
	id, raw []byte
	held    bool
	seq     ark.Seq
	entry   ark.Entry
}

func copiedFrom(t tx, query string) ([]copied, error) {
	rows, err := t.Query(query)
	if err != nil {
		return nil, err
	}
	return collect(rows, func(r *copied) []any { return []any{&r.n, &r.id, &r.raw, &r.held, &r.seq} })
}

// complete adds the entries that only the view tells to those of the journal,
// takes what is damaged out of the view, and puts visits back to their first
// entries. It returns what of amendments and withdrawals only the view tells,
// for the view to be made anew of it: a page that is gone must not leave a
// visit at odds with its history.
func (w *wreck) complete(t tx) (editions []copied, err error) {
	had := map[ark.ID]bool{}
	for _, k := range w.entries {
		had[k.entry.ID] = true
	}
	visits, err := copiedFrom(t, "SELECT n, id, raw, held, first FROM visits")
	if err != nil {
		return nil, err
	}
	laters, err := copiedFrom(t, "SELECT n, id, raw, held, seq FROM editions ORDER BY n")
	if err != nil {
		return nil, err
	}
	for i, r := range append(visits, laters...) {
		e, err := ark.DecodeEntry(r.raw)
		r.entry = e
		switch {
		case err != nil || e.ID != ark.ID(r.id):
			if i < len(visits) {
				if _, err := t.Exec("DELETE FROM visits WHERE n = $1", r.n); err != nil {
					return nil, err
				}
			}
		case had[e.ID]:
		case !r.held && r.seq > w.acked: // what has no place the hub had before
			w.entries = append(w.entries, kept{entry: e, seq: r.seq})
		case i >= len(visits):
			editions = append(editions, r)
		}
	}
	slices.SortStableFunc(w.entries, func(a, b kept) int { return cmp.Compare(a.seq, b.seq) })
	if w.reviews, err = reviewsIn(t); err != nil {
		return nil, err
	}
	for _, q := range []string{"DELETE FROM editions", "UPDATE visits SET last = id, amended = 0, withdrawn = NULL, now = NULL WHERE last <> id"} {
		if _, err := t.Exec(q); err != nil {
			return nil, err
		}
	}
	return editions, nil
}

// reviewsIn is the reviews that stand.
func reviewsIn(t tx) ([]ark.Review, error) {
	rows, err := t.Query("SELECT id, last, state, comment, reviewer, reviewed FROM visits WHERE state <> 0")
	if err != nil {
		return nil, err
	}
	type review struct {
		ark.Review
		id, last []byte
	}
	some, err := collect(rows, func(r *review) []any { return []any{&r.id, &r.last, &r.State, &r.Comment, &r.By, &r.At} })
	var all []ark.Review
	for _, r := range some {
		copy(r.Visit[:], r.id)
		copy(r.Entry[:], r.last)
		all = append(all, r.Review)
	}
	return all, err
}

// renumber puts visits into their order: those that only the journal could
// tell came last.
func renumber(t tx) error {
	for _, q := range []string{
		`WITH ordered AS (SELECT id AS it, row_number() OVER (ORDER BY first > 0, first, n) AS k FROM visits)
			UPDATE visits SET n = -k FROM ordered WHERE id = it`,
		"UPDATE visits SET n = -n",
	} {
		if _, err := t.Exec(q); err != nil {
			return fmt.Errorf("salvage: order visits: %w", err)
		}
	}
	return nil
}

// Bounds of how a damaged table is read: by its numbers, so that a bad page
// costs its own rows only.
const (
	copyStep = 200
	copyMiss = 5 // steps in a row without a row, where the highest number is not known
)

// copyTable copies what can be read of a table.
func (s *Store) copyTable(ctx context.Context, from *sql.DB, table string) error {
	if _, err := from.ExecContext(ctx, "SELECT * FROM "+table+" LIMIT 0"); err != nil {
		return nil // there is no such table, or no way into it
	}
	lowest, highest, known := bounds(ctx, from, table)
	misses := 0
	for at := lowest; known && at <= highest || !known && misses < copyMiss; at += copyStep {
		columns, rows := readRange(ctx, from, table, at, at+copyStep-1)
		if misses++; len(rows) == 0 {
			continue
		}
		misses = 0
		marks := make([]string, len(columns))
		for i := range marks {
			marks[i] = fmt.Sprintf("$%d", i+1)
		}
		insert := fmt.Sprintf("INSERT INTO %s (%s) VALUES (%s)", table, strings.Join(columns, ", "), strings.Join(marks, ", "))
		err := s.write(ctx, func(t tx) error {
			for _, row := range rows {
				if _, err := t.Exec(insert, row...); sqlite.IsFull(err) || sqlite.IsReadOnly(err) || sqlite.IsIO(err) {
					return err
				} // another error: the row is damaged, and no row of this table
			}
			return nil
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// bounds are the lowest and highest number in a table, from either the table
// or one of its indexes, whichever is whole.
func bounds(ctx context.Context, from *sql.DB, table string) (lowest, highest int64, known bool) {
	var low, high sql.NullInt64
	for _, q := range []string{"SELECT min(rowid) FROM ", "SELECT min(+rowid) FROM "} {
		if from.QueryRowContext(ctx, q+table).Scan(&low) == nil {
			lowest = low.Int64
			break
		}
	}
	for _, q := range []string{"SELECT max(rowid) FROM ", "SELECT max(+rowid) FROM "} {
		if from.QueryRowContext(ctx, q+table).Scan(&high) == nil {
			if !high.Valid {
				return 0, -1, true // it is empty
			}
			return lowest, high.Int64, true
		}
	}
	return lowest, 0, false
}

// readRange reads the rows of a range at once, or where that does not work
// one by one.
func readRange(ctx context.Context, from *sql.DB, table string, low, high int64) (columns []string, all [][]any) {
	columns, all, err := readRows(ctx, from, table, low, high)
	if err == nil {
		return columns, all
	}
	all = nil
	for at := low; at <= high; at++ {
		names, one, err := readRows(ctx, from, table, at, at)
		if err == nil && len(one) > 0 {
			columns, all = names, append(all, one...)
		}
	}
	return columns, all
}

func readRows(ctx context.Context, from *sql.DB, table string, low, high int64) (columns []string, all [][]any, err error) {
	rows, err := from.QueryContext(ctx, "SELECT * FROM "+table+" WHERE rowid BETWEEN $1 AND $2", low, high)
	if err != nil {
		return nil, nil, err
	}
	defer rows.Close()
	if columns, err = rows.Columns(); err != nil {
		return nil, nil, err
	}
	for rows.Next() {
		row, into := make([]any, len(columns)), make([]any, len(columns))
		for i := range row {
			into[i] = &row[i]
		}
		if err := rows.Scan(into...); err != nil {
			return nil, nil, err
		}
		all = append(all, row)
	}
	return columns, all, rows.Err()
}
