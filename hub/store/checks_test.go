package store

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"ark"
	"ark/hub"
	"ark/internal/sqlite"
)

// bring commits some visits of one van, and two runs that it has lost before
// the last of them.
func bring(t *testing.T, s *Store) ark.Incarnation {
	t.Helper()
	inc := ark.NewIncarnation([16]byte{1})
	at := inc.Start()
	deliver := func(n int, gaps ...ark.Gap) {
		d := hub.Delivery{Van: "van-1", Incarnation: inc, At: time.UnixMilli(1_790_000_000_000), Gaps: gaps}
		for range n {
			body, err := ark.EncodeBody(ark.KindVisit, ark.Visit{Place: fmt.Sprint(at.Seq), Outcome: ark.Met})
			must(t, err)
			raw, err := ark.EncodeEntry(ark.Entry{ID: ark.NewID(1_790_000_000_000, [10]byte{9: byte(at.Seq)}), Kind: ark.KindVisit, At: ark.Stamp{Trusted: true}, Body: body})
			must(t, err)
			at = at.Next(raw)
			f := hub.Fact{Cursor: at, Raw: raw}
			hub.Understand(&f, d.Van)
			d.Facts = append(d.Facts, f)
		}
		d.UpTo = at
		_, err := s.Commit(t.Context(), []hub.Delivery{d})
		must(t, err)
	}
	deliver(10)
	at = ark.Cursor{Seq: 12, Digest: ark.Digest{6}}
	deliver(0, ark.Gap{From: 11, To: 12})
	at = ark.Cursor{Seq: 15, Digest: ark.Digest{7}}
	deliver(3, ark.Gap{From: 13, To: 15})
	return inc
}

func TestDamagedJournalsAreFound(t *testing.T) {
	for name, c := range map[string]struct {
		do   string
		want []hub.JournalFault
	}{
		"untouched":    {"DELETE FROM entries WHERE seq = 0", nil},
		"changed":      {"UPDATE entries SET raw = x'00' WHERE seq = 4", []hub.JournalFault{{Seq: 4}}},
		"removed":      {"DELETE FROM entries WHERE seq = 4", []hub.JournalFault{{Seq: 4, Missing: true}}},
		"the newest":   {"DELETE FROM entries WHERE seq = 18", []hub.JournalFault{{Seq: 18, Missing: true}}},
		"its digest":   {"UPDATE entries SET digest = x'00' WHERE seq = 9", []hub.JournalFault{{Seq: 9}, {Seq: 10}}},
		"the cursor's": {"UPDATE incarnations SET digest = x'00'", []hub.JournalFault{{Seq: 18}}},
	} {
		t.Run(name, func(t *testing.T) {
			s := recorded(t, 0)
			inc := bring(t, s)
			must(t, s.tamper(t, c.do))
			got, err := s.CheckJournals(t.Context(), nil)
			must(t, err)
			for i := range c.want {
				c.want[i].Van, c.want[i].Incarnation = "van-1", inc
			}
			if !slices.Equal(got, c.want) {
				t.Errorf("got %+v, want %+v", got, c.want)
			}
		})
	}
}

// A second process checks and copies a store in use; the copy is put back, all
// are signed out in it, and what was there is kept.
func TestBesideAndRestore(t *testing.T) {
	s := recorded(t, 3)
	bring(t, s)
	must(t, s.tamper(t, `INSERT INTO accounts (name, display, roles, whole, places, disabled, mail, subject, made, by, version, seen, password, long, fresh, step, handle)
		VALUES ('lin', '', '', 1, '', 0, '', '', 0, '', 1, 0, '', 0, 0, 0, x'00')`, `INSERT INTO sessions VALUES ('k', 'i', 'lin', 0, 0, 0, '', '', x'')`))
	path := s.db.(*sqlite.DB).Path()
	b, err := OpenBeside(t.Context(), path)
	must(t, err)
	defer b.Close()
	must(t, b.Check(t.Context()))
	if c, err := b.CheckAudit(t.Context(), nil, nil); err != nil || c.Head.Seq != 3 || len(c.Faults) != 0 {
		t.Errorf("%+v, %v", c, err)
	}
	if faults, err := b.CheckJournals(t.Context(), nil); err != nil || len(faults) != 0 {
		t.Errorf("%+v, %v", faults, err)
	}
	copied := filepath.Join(t.TempDir(), "copy.db")
	must(t, b.Backup(t.Context(), copied))
	must(t, s.Note(t.Context(), hub.Deed{Who: "lin", Verb: hub.VerbView, Outcome: hub.OutcomeAllowed})) // after the copy
	now := time.UnixMilli(1_790_000_000_000)
	if _, err := Restore(t.Context(), copied, path, RestoreOptions{Random: s.random, Now: now, Made: now.Add(-time.Hour)}); !errors.Is(err, sqlite.ErrInUse) && (err == nil || !strings.Contains(err.Error(), "uses this database")) {
		t.Fatalf("while the hub runs: %v", err)
	}
	must(t, s.Close())
	r, err := Restore(t.Context(), copied, path, RestoreOptions{Random: s.random, Now: now, Made: now.Add(-time.Hour)})
	must(t, err)
	if !r.Whole() || r.Aside != path+".before-20260921T141320Z" {
		t.Errorf("got %+v", r)
	}
	for path, want := range map[string]int64{path: 0, r.Aside: 1} {
		s := place(path).Open(t).(*Store)
		if h, err := s.AuditHead(t.Context()); err != nil || h.Seq != 4 {
			t.Errorf("%s: %+v, %v", path, h, err)
		}
		if all, err := s.Deeds(t.Context(), hub.AuditFilter{Who: hub.OwnName}, hub.AuditPlace{}, 1); err != nil || len(all) != 1-int(want) || len(all) == 1 && all[0].Detail["restored"] != "2026-09-21T13:13:20Z" {
			t.Errorf("%s: the record says %+v, %v", path, all, err)
		}
		var n int
		must(t, s.db.Read().QueryRow("SELECT count(*) FROM sessions").Scan(&n))
		if n != int(want) {
			t.Errorf("%s: %d sessions", path, n)
		}
		must(t, s.Close())
	}
	if left, _ := filepath.Glob(path + ".restored*"); len(left) > 0 {
		t.Errorf("left: %q", left)
	}
}

// What was tampered with is not put back unless even that is wanted.
func TestADamagedRecordIsNotRestored(t *testing.T) {
	s := recorded(t, 3)
	must(t, s.tamper(t, append(slices.Clone(unguard), "DELETE FROM audit WHERE seq = 2")...))
	from := s.db.(*sqlite.DB).Path()
	must(t, s.Close())
	path := filepath.Join(t.TempDir(), "hub.db")
	if r, err := Restore(t.Context(), from, path, RestoreOptions{Random: s.random, Now: time.Now()}); !errors.Is(err, hub.ErrDamaged) || len(r.Audit.Faults) != 1 {
		t.Fatalf("got %+v, %v", r, err)
	}
	if _, err := os.Stat(path); err == nil {
		t.Error("it is there")
	}
	if r, err := Restore(t.Context(), from, path, RestoreOptions{Even: true, Random: s.random, Now: time.Now()}); err != nil || r.Aside != "" {
		t.Errorf("got %+v, %v", r, err)
	}
	if err := os.WriteFile(from, []byte("not a database at all, but long enough to be looked at"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := Restore(t.Context(), from, path, RestoreOptions{Even: true, Random: s.random, Now: time.Now()}); err == nil {
		t.Error("rubbish was put back")
	}
}
