package store

import (
	"database/sql"
	"path/filepath"
	"testing"

	"ark"
	"ark/agent"
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

// full is a van with 100,000 households and 50,000 visits, some of them
// returned and amended.
func full(b *testing.B) *Store {
	b.Helper()
	s := New(config(b.TempDir()))
	if err := s.Open(b.Context()); err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { s.close() })
	const homes, visits, day = 100_000, 50_000, 24 * 3600_000
	err := s.write(b.Context(), func(t tx) error {
		for n := range homes {
			h := named(ark.NewID(1, [10]byte{7: byte(n >> 16), 8: byte(n >> 8), 9: byte(n)}), "老人独居，敲门要等")
			if err := keepHousehold(t, 1, h); err != nil {
				return err
			}
		}
		last := s.last
		for n := range visits {
			v := visit("3幢2单元501室")
			v.Household = ark.NewID(1, [10]byte{7: byte(n >> 16), 8: byte(n >> 8), 9: byte(n)})
			body, err := ark.EncodeBody(ark.KindVisit, v)
			if err != nil {
				return err
			}
			at := ark.Stamp{Wall: morning + ark.UnixMilli(n)*day/200, Trusted: true}
			if last, _, err = s.add(t, last, ark.Entry{ID: s.newID(at.Wall), Kind: ark.KindVisit, At: at, Body: body}, false); err != nil {
				return err
			}
		}
		s.last = last
		_, err := t.Exec("UPDATE visits SET state = 2 WHERE n % 1000 = 0")
		return err
	})
	if err != nil {
		b.Fatal(err)
	}
	return s
}

// BenchmarkFull is what a full van's card costs: a visit saved, the list of a
// day, of a household and of what was returned, a household, and a phone's token.
func BenchmarkFull(b *testing.B) {
	s := full(b)
	const day = 24 * 3600_000
	some := ark.NewID(1, [10]byte{8: 100, 9: 7})
	must := func(b *testing.B, err error) {
		if err != nil {
			b.Fatal(err)
		}
	}
	find := func(f agent.VisitFilter, want int) func(b *testing.B) {
		return func(b *testing.B) {
			for b.Loop() {
				all, err := s.Find(b.Context(), f)
				must(b, err)
				if len(all) < want {
					b.Fatalf("%d found, want %d", len(all), want)
				}
			}
		}
	}
	b.Run("save", func(b *testing.B) {
		for b.Loop() {
			must(b, s.Log(b.Context(), s.newID(morning), visit("3幢2单元501")))
		}
	})
	b.Run("day", find(agent.VisitFilter{From: morning + 100*day, To: morning + 101*day, Limit: 500}, 200))
	b.Run("newest", find(agent.VisitFilter{Limit: 200}, 200))
	b.Run("mine", find(agent.VisitFilter{Member: li, Limit: 200}, 0))
	b.Run("household's visits", find(agent.VisitFilter{Household: some, Limit: 200}, 1))
	b.Run("returned", find(agent.VisitFilter{Returned: true, Limit: 200}, 40))
	b.Run("household", func(b *testing.B) {
		for b.Loop() {
			_, err := s.Household(b.Context(), some)
			must(b, err)
		}
	})
	b.Run("each", func(b *testing.B) {
		for b.Loop() {
			must(b, s.Each(b.Context(), func(ark.Household) error { return nil }))
		}
	})
}
