package main

import (
	"context"
	"database/sql"
	"path/filepath"
	"strings"
	"time"

	hubstore "ark/hub/store"
	"ark/internal/rig"
)

// How the raw insert goes about it; the fastest of those tried.
const (
	rawRows   = 100   // rows of one statement
	rawCommit = 2_000 // visits of one commit
)

// bare opens a database as a program would that does nothing but write rows:
// the hub's or van's own driver, WAL, synchronous FULL.
func bare(t *bench, path string) *sql.DB {
	db, err := sql.Open("sqlite", "file:"+path+"?_txlock=immediate&_pragma=journal_mode(WAL)&_pragma=synchronous(FULL)&_pragma=cache_size(-16384)")
	t.check(err)
	db.SetMaxOpenConns(1)
	t.Cleanup(func() { db.Close() })
	return db
}

// insertRaw takes the time of writing rows into empty tables of the hub's
// own schema, with all its indexes.
func insertRaw(t *bench, r rows) time.Duration {
	path := filepath.Join(t.TempDir(), "raw.db")
	s, err := hubstore.Open(context.Background(), path, rig.Random, time.Now)
	t.check(err)
	t.check(s.Close())
	db := bare(t, path)
	entries := prepareRaw(t, db, "INSERT INTO entries (incarnation, seq, digest, raw) VALUES ", entryWidth)
	visits := prepareRaw(t, db, "INSERT INTO visits ("+visitColumns+") VALUES ", visitWidth)
	marks := prepareRaw(t, db, "INSERT INTO visit_marks (kind, value, position, made) VALUES ", markWidth)
	n := len(r.visits) / visitWidth
	of := len(r.marks) / markWidth * rawCommit / n // marks of one commit
	began := time.Now()
	for from := 0; from < n; from += rawCommit {
		to := min(from+rawCommit, n)
		tx, err := db.Begin()
		t.check(err)
		for at := from; at < to; at += rawRows {
			_, err := tx.Stmt(entries).Exec(r.entries[at*entryWidth : (at+rawRows)*entryWidth]...)
			t.check(err)
		}
		for at := from; at < to; at += rawRows {
			_, err := tx.Stmt(visits).Exec(r.visits[at*visitWidth : (at+rawRows)*visitWidth]...)
			t.check(err)
		}
		for share := of; share >= rawRows && len(r.marks) >= rawRows*markWidth; share -= rawRows {
			_, err := tx.Stmt(marks).Exec(r.marks[:rawRows*markWidth]...)
			t.check(err)
			r.marks = r.marks[rawRows*markWidth:]
		}
		t.check(tx.Commit())
	}
	return time.Since(began)
}

func prepareRaw(t *bench, db *sql.DB, head string, width int) *sql.Stmt {
	row := "(?" + strings.Repeat(", ?", width-1) + ")"
	stmt, err := db.Prepare(head + row + strings.Repeat(", "+row, rawRows-1))
	t.check(err)
	return stmt
}
