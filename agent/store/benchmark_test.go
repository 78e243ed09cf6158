package store

import (
	"database/sql"
	"path/filepath"
	"testing"

	"ark"
)

// BenchmarkSave is one visit saved, beside a bare one-row insert that is as
// durable, by the same driver.
func BenchmarkSave(b *testing.B) {
	s := New(config(b.TempDir()))
	if err := s.Open(b.Context()); err != nil {
		b.Fatal(err)
	}
	defer s.close()
	for n := 0; b.Loop(); n++ {
		id := s.newID(1_790_000_000_000)
		if err := s.Log(b.Context(), id, ark.Visit{Place: "3幢2单元501", Outcome: ark.Met, Note: "老人独居"}); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkBareInsert(b *testing.B) {
	db, err := sql.Open("sqlite", "file:"+filepath.Join(b.TempDir(), "a.db")+"?_txlock=immediate&_pragma=journal_mode(WAL)&_pragma=synchronous(FULL)")
	if err != nil {
		b.Fatal(err)
	}
	defer db.Close()
	db.SetMaxOpenConns(1)
	if _, err := db.Exec("CREATE TABLE t (n INTEGER PRIMARY KEY, b BLOB) STRICT"); err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		if _, err := db.Exec("INSERT INTO t (b) VALUES ($1)", make([]byte, 120)); err != nil {
			b.Fatal(err)
		}
	}
}
