package store

import (
	"io/fs"
	"path/filepath"
	"testing"
	"testing/fstest"
	"time"

	"ark"
	"ark/agent"
	"ark/internal/sqlite"
)

// older makes a database as the release before the view wrote it: entries, of
// which the hub has all but the last few.
func older(t *testing.T, dir string, entries ...ark.Entry) {
	t.Helper()
	files := fstest.MapFS{}
	for _, name := range []string{"001_journals.sql", "002_kept.sql"} {
		data, err := fs.ReadFile(migrations, "migrations/"+name)
		must(t, err)
		files[name] = &fstest.MapFile{Data: data}
	}
	db, err := sqlite.Open(t.Context(), filepath.Join(dir, "ark.db"), sqlite.Options{Migrations: files})
	must(t, err)
	inc := ark.NewIncarnation([16]byte{7})
	c := inc.Start()
	must(t, db.Write(t.Context(), func(x tx) error {
		if _, err := x.Exec("INSERT INTO journal VALUES (1, $1, 0, $2, $3, $2)", inc[:], c.Digest[:], len(entries)-2); err != nil {
			return err
		}
		for _, e := range entries {
			raw, err := ark.EncodeEntry(e)
			if err != nil {
				return err
			}
			c = c.Next(raw)
			if _, err := x.Exec("INSERT INTO entries (seq, id, kind, raw, digest) VALUES ($1, $2, $3, $4, $5)", c.Seq, e.ID[:], e.Kind, raw, c.Digest[:]); err != nil {
				return err
			}
		}
		return nil
	}))
	must(t, db.Close())
}

func entry(t *testing.T, id ark.ID, kind ark.Kind, body any, at ark.Stamp) ark.Entry {
	t.Helper()
	raw, err := ark.EncodeBody(kind, body)
	must(t, err)
	return ark.Entry{ID: id, Kind: kind, At: at, Body: raw}
}

// Visits from before the view are in it after the update, with their times
// corrected, and the journal goes on as it was.
func TestVisitsFromBeforeTheView(t *testing.T) {
	dir := t.TempDir()
	boot := ark.BootID{3}
	at := func(s time.Duration, trusted bool) ark.Stamp {
		return ark.Stamp{Wall: ark.UnixMilli(s * 1000), Boot: boot, Mono: s * time.Second, Trusted: trusted}
	}
	var all []ark.Entry
	const many = viewStep + 10
	for n := range many {
		all = append(all, entry(t, id(n+1), ark.KindVisit, ark.Visit{Place: "501室", Outcome: ark.Met, By: "梅"}, at(time.Duration(n), false)))
	}
	all = append(all, entry(t, id(9001), ark.KindClock, ark.Clock{Wall: morning + many*1000, Source: "hub"}, at(many, true)))
	older(t, dir, all...)
	for _, when := range []string{"at the update", "and later"} {
		s := open(t, dir)
		must(t, s.Fault())
		found, err := s.Find(t.Context(), agent.VisitFilter{From: morning, To: morning + 10_000, Limit: 100})
		must(t, err)
		if len(found) != 10 || found[0].Doubtful || found[0].Made != morning+9000 || !found[0].AtHub {
			t.Fatalf("%s: %d visits in ten seconds, first %+v", when, len(found), found)
		}
		if newest := visits(t, s); newest[0].ID != id(many) || newest[0].AtHub || len(newest) != 1000 {
			t.Errorf("%s: the newest of %d is %+v", when, len(newest), newest[0])
		}
		_, _, _, last, _ := s.State()
		if last.Seq != many+1 {
			t.Errorf("%s: the journal ends at %d", when, last.Seq)
		}
		must(t, s.close())
	}
}

// What an older release wrote after the update is viewed when the newer one
// comes back, also where the older began a new incarnation.
func TestAnOlderReleaseInBetween(t *testing.T) {
	dir := t.TempDir()
	s := open(t, dir)
	log(t, s, 1)
	ackAll(t, s)
	must(t, s.close())
	write := func(seq int, e ark.Entry) {
		db, err := sqlite.Open(t.Context(), filepath.Join(dir, "ark.db"), options())
		must(t, err)
		defer db.Close()
		raw, err := ark.EncodeEntry(e)
		must(t, err)
		must(t, db.Write(t.Context(), func(x tx) error {
			_, err := x.Exec("INSERT INTO entries (seq, id, kind, raw, digest) VALUES ($1, $2, $3, $4, $5)", seq, e.ID[:], e.Kind, raw, make([]byte, 16))
			return err
		}))
	}
	write(3, entry(t, id(2), ark.KindVisit, ark.Visit{Place: "2室", Outcome: ark.Met}, ark.Stamp{}))
	s = open(t, dir)
	if got := visits(t, s); len(got) != 2 || got[0].Place != "2室" || got[0].AtHub || !got[1].AtHub {
		t.Fatalf("after an older release wrote: %+v", got)
	}
	must(t, s.close())
	db, err := sqlite.Open(t.Context(), filepath.Join(dir, "ark.db"), options())
	must(t, err)
	must(t, db.Write(t.Context(), func(x tx) error {
		for _, q := range []string{"UPDATE journal SET incarnation = x'00112233445566778899aabbccddeeff', acked_seq = 0", "UPDATE entries SET seq = seq + 10"} {
			if _, err := x.Exec(q); err != nil {
				return err
			}
		}
		return nil
	}))
	must(t, db.Close())
	s = open(t, dir)
	if got := visits(t, s); len(got) != 2 || got[0].AtHub {
		t.Fatalf("after an older release began anew: %+v", got)
	}
	_, _, _, last, _ := s.State()
	must(t, s.Acked(t.Context(), last))
	if got := visits(t, s); len(got) != 2 || !got[0].AtHub || !got[1].AtHub {
		t.Errorf("after the receipt: %+v", got)
	}
}
