package main

import (
	"context"
	"database/sql"
	"fmt"
	"strings"
	"time"

	hubstore "ark/hub/store"
	"ark/internal/postgres"
	"ark/internal/rig"
)

// How the raw insert goes about it; the fastest of those tried.
const (
	rawRows   = 100   // rows of one statement
	rawCommit = 2_000 // visits of one commit
)

// bare opens a SQLite database as a program would that does nothing but write
// rows: the hub's or van's own driver, WAL, synchronous FULL.
func bare(t *bench, path string) *sql.DB {
	db, err := sql.Open("sqlite", "file:"+path+"?_txlock=immediate&_pragma=journal_mode(WAL)&_pragma=synchronous(FULL)&_pragma=busy_timeout(5000)&_pragma=cache_size(-16384)")
	t.check(err)
	db.SetMaxOpenConns(1)
	t.Cleanup(func() { db.Close() })
	return db
}

// bareAt is bare for the place of a hub's database.
func bareAt(t *bench, place string) *sql.DB {
	if !postgres.Is(place) {
		return bare(t, place)
	}
	db, err := sql.Open("pgx", place)
	t.check(err)
	db.SetMaxOpenConns(1)
	t.Cleanup(func() { db.Close() })
	return db
}

// rows are those of one table, flat.
type rows struct {
	table, columns string
	width          int
	values         []any
}

func (r rows) count() int { return len(r.values) / r.width }

// kept are the tables that visits grow by in a hub: as they came, and all by
// which they are found.
var kept = []struct{ table, columns, from string }{
	{"entries", "incarnation, seq, digest, raw", "entries e JOIN visits v USING (incarnation, seq) ORDER BY v.position"},
	{"visits", "position, id, incarnation, seq, received, changed, van, made, boot, doubtful, place, street, community, grid, compound, building, by, " +
		"outcome, photo, household, cell, lat, lon", "visits ORDER BY position"},
	{"visit_marks", "kind, value, position, made", "visit_marks ORDER BY position"},
	{"visit_tallies", "place, van, kind, value, n", "visit_tallies"},
	{"visit_cells", "place, van, cell, state, outcome, n, lat, lon", "visit_cells"},
	{"visit_need_cells", "value, cell, state, outcome, n, lat, lon", "visit_need_cells"},
	{"visit_days", "kind, street, day, community, van, outcome, state, value, n", "visit_days"},
}

// readRows reads what a hub has written, with its words.
func readRows(t *bench, place string) (all []rows) {
	db := bareAt(t, place)
	for _, k := range kept {
		all = append(all, flat(t, db, k.table, k.columns, "SELECT "+k.columns+" FROM "+k.from))
	}
	words := "SELECT rowid, CAST(words AS TEXT) FROM visit_words ORDER BY rowid"
	if !postgres.Is(place) {
		_, err := db.Exec("CREATE VIRTUAL TABLE temp.said USING fts5vocab(main, visit_words, instance)")
		t.check(err)
		words = "SELECT doc, group_concat(term, ' ') FROM (SELECT doc, term FROM temp.said ORDER BY doc, offset) GROUP BY doc"
	}
	all = append(all, flat(t, db, "visit_words", "rowid, words", words))
	t.check(db.Close())
	return all
}

func flat(t *bench, db *sql.DB, table, columns, query string) rows {
	r := rows{table: table, columns: columns, width: strings.Count(columns, ",") + 1}
	found, err := db.Query(query)
	t.check(err)
	defer found.Close()
	for found.Next() {
		row, into := make([]any, r.width), make([]any, r.width)
		for i := range row {
			into[i] = &row[i]
		}
		t.check(found.Scan(into...))
		r.values = append(r.values, row...)
	}
	t.check(found.Err())
	return r
}

// insertRaw takes the time of writing rows into empty tables of the hub's own
// schema, with all its indexes, in commits of rawCommit visits with their share
// of the rest.
func insertRaw(t *bench, all []rows, place string) time.Duration {
	s, err := hubstore.Open(context.Background(), place, rig.Random, time.Now)
	t.check(err)
	t.check(s.Close())
	db := bareAt(t, place)
	many, one := make([]*sql.Stmt, len(all)), make([]*sql.Stmt, len(all))
	visits := 0
	for i, r := range all {
		many[i], one[i] = prepareRaw(t, db, r, rawRows), prepareRaw(t, db, r, 1)
		if r.table == "visits" {
			visits = r.count()
		}
	}
	commits := (visits + rawCommit - 1) / rawCommit
	began := time.Now()
	for n := range commits {
		tx, err := db.Begin()
		t.check(err)
		for i, r := range all {
			from, to := r.count()*n/commits, r.count()*(n+1)/commits
			for ; to-from >= rawRows; from += rawRows {
				_, err := tx.Stmt(many[i]).Exec(r.values[from*r.width : (from+rawRows)*r.width]...)
				t.check(err)
			}
			for ; from < to; from++ {
				_, err := tx.Stmt(one[i]).Exec(r.values[from*r.width : (from+1)*r.width]...)
				t.check(err)
			}
		}
		t.check(tx.Commit())
	}
	took := time.Since(began)
	t.check(db.Close())
	return took
}

func prepareRaw(t *bench, db *sql.DB, r rows, n int) *sql.Stmt {
	lines := make([]string, n)
	for i := range lines {
		values := make([]string, r.width)
		for j := range values {
			values[j] = fmt.Sprintf("$%d", i*r.width+j+1)
		}
		lines[i] = "(" + strings.Join(values, ", ") + ")"
	}
	stmt, err := db.Prepare("INSERT INTO " + r.table + " (" + r.columns + ") VALUES " + strings.Join(lines, ", "))
	t.check(err)
	return stmt
}
