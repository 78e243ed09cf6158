package store

import (
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"testing"
	"time"

	"ark"
	"ark/agent"
	"ark/internal/tmpfs"
)

func config(dir string) Config {
	return Config{Dir: dir, Clock: agent.NewClock(time.Time{}), Release: "test",
		Random: func(b []byte) { rand.Read(b) }, Log: slog.New(slog.NewTextHandler(io.Discard, nil))}
}

func open(t *testing.T, dir string) *Store {
	t.Helper()
	s := New(config(dir))
	if err := s.Open(t.Context()); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.close() })
	return s
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func visitID(n int) ark.ID {
	return ark.NewID(1_790_000_000_000, [10]byte{9: byte(n), 8: byte(n >> 8)})
}

func log(t *testing.T, s *Store, n int) {
	t.Helper()
	must(t, s.Log(t.Context(), visitID(n), ark.Visit{Place: fmt.Sprintf("%d室", n), Outcome: ark.Met}))
}

func visits(t *testing.T, s *Store) []agent.Visit {
	t.Helper()
	all, err := s.Recent(t.Context(), 1000)
	must(t, err)
	return all
}

func TestVisitsSurvive(t *testing.T) {
	dir := t.TempDir()
	s := open(t, dir)
	for n := range 5 {
		log(t, s, n)
		log(t, s, n) // a double tap is one visit
	}
	must(t, s.close())
	s = open(t, dir)
	got := visits(t, s)
	if len(got) != 5 || got[0].Place != "4室" || got[0].AtHub {
		t.Fatalf("got %d visits, newest %+v", len(got), got[0])
	}
	_, base, acked, last, err := s.State()
	must(t, err)
	if base.Seq != 0 || acked.Seq != 0 || last.Seq != 6 {
		t.Fatalf("cursors %v %v %v, want the beginning and 6", base, acked, last)
	}
}

func TestOtherWordsUnderAnIDAreNotCalledSaved(t *testing.T) {
	s := open(t, t.TempDir())
	log(t, s, 1)
	err := s.Log(t.Context(), visitID(1), ark.Visit{Place: "别处", Outcome: ark.Moved})
	if !errors.Is(err, agent.ErrTaken) || len(visits(t, s)) != 1 {
		t.Fatalf("%v, %d visits; want ErrTaken and the first one", err, len(visits(t, s)))
	}
}

func TestDigestsFollowTheEntries(t *testing.T) {
	s := open(t, t.TempDir())
	for n := range 4 {
		log(t, s, n)
	}
	inc, _, _, last, _ := s.State()
	prev, raws, err := s.Entries(t.Context(), 1, 100, 1<<20)
	must(t, err)
	c := inc.Start()
	if prev != c.Digest || len(raws) != 5 {
		t.Fatalf("prev %v, %d entries", prev, len(raws))
	}
	for _, raw := range raws {
		c = c.Next(raw)
		d, err := s.Digest(c.Seq)
		must(t, err)
		if d != c.Digest {
			t.Fatalf("digest at %d differs", c.Seq)
		}
	}
	if c != last {
		t.Fatalf("the chain ends at %v, the store says %v", c, last)
	}
	if _, raws, _ := s.Entries(t.Context(), 2, 100, 1); len(raws) != 1 {
		t.Fatalf("a tight size gave %d entries, want one", len(raws))
	}
}

func TestReceiptsAreShownAndRegressHides(t *testing.T) {
	s := open(t, t.TempDir())
	log(t, s, 1)
	log(t, s, 2)
	_, _, _, last, _ := s.State()
	must(t, s.Acked(t.Context(), last))
	if got := visits(t, s); !got[0].AtHub || !got[1].AtHub {
		t.Fatalf("not shown at the hub: %+v", got)
	}
	d, err := s.Digest(2)
	must(t, err)
	must(t, s.Acked(t.Context(), ark.Cursor{Seq: 2, Digest: d}))
	if got := visits(t, s); got[0].AtHub || !got[1].AtHub {
		t.Fatalf("after the hub's restore: %+v", got)
	}
}

func TestRebeginKeepsEverythingUnderItsID(t *testing.T) {
	s := open(t, t.TempDir())
	log(t, s, 1)
	_, _, _, acked, _ := s.State()
	must(t, s.Acked(t.Context(), acked))
	log(t, s, 2)
	before, _, _, _, _ := s.State()
	must(t, s.Rebegin(t.Context()))
	inc, base, a, last, _ := s.State()
	if inc == before || base.Seq != 0 || a.Seq != 0 || last.Seq != 4 {
		t.Fatalf("after: %v %v %v %v", inc, base, a, last)
	}
	_, raws, err := s.Entries(t.Context(), 1, 1, 1<<20)
	must(t, err)
	e, err := ark.DecodeEntry(raws[0])
	must(t, err)
	body, err := ark.DecodeBody(e.Kind, e.Body)
	must(t, err)
	if b := body.(ark.Begun); b.Why != ark.BegunFork || b.Previous != before || b.Ended != 3 || b.Receipted != 2 {
		t.Fatalf("first entry %+v", b)
	}
	got := visits(t, s)
	if got[0].ID != visitID(2) || got[0].AtHub || got[1].ID != visitID(1) || !got[1].AtHub {
		t.Fatalf("visits %+v", got)
	}
}

func TestSecondAgentRefuses(t *testing.T) {
	dir := t.TempDir()
	open(t, dir)
	if err := New(config(dir)).Open(t.Context()); !errors.Is(err, agent.ErrInUse) {
		t.Fatalf("got %v, want ErrInUse", err)
	}
}

func TestDamageIsSalvaged(t *testing.T) {
	dir := t.TempDir()
	s := open(t, dir)
	for n := range 400 {
		log(t, s, n)
	}
	before, _, _, last, _ := s.State()
	must(t, s.close())
	path := filepath.Join(dir, "ark.db")
	data, err := os.ReadFile(path)
	must(t, err)
	for i := len(data) / 2; i < len(data)/2+4096; i++ { // one page in the middle
		data[i] ^= 0x5a
	}
	must(t, os.WriteFile(path, data, 0o600))

	s = open(t, dir)
	must(t, s.Fault())
	inc, _, _, _, _ := s.State()
	got := visits(t, s)
	if inc == before || len(got) < 300 {
		t.Fatalf("salvaged %d of 400 visits, incarnation new: %v", len(got), inc != before)
	}
	_, raws, err := s.Entries(t.Context(), 1, 1, 1<<20)
	must(t, err)
	e, _ := ark.DecodeEntry(raws[0])
	body, err := ark.DecodeBody(e.Kind, e.Body)
	must(t, err)
	b := body.(ark.Begun)
	if b.Why != ark.BegunSalvage || b.Previous != before || b.Ended > last.Seq {
		t.Fatalf("first entry %+v", b)
	}
	if aside, _ := filepath.Glob(path + ".damaged-*"); len(aside) == 0 {
		t.Fatal("the damaged file was not kept")
	}
	log(t, s, 1000)
}

func TestRubbishInsteadOfADatabase(t *testing.T) {
	dir := t.TempDir()
	must(t, os.WriteFile(filepath.Join(dir, "ark.db"), []byte("rubbish rubbish rubbish rubbish rubbish rubbish rubbish rubbish rubbish rubbish rubbish rubbish!"), 0o600))
	s := open(t, dir)
	must(t, s.Fault())
	log(t, s, 1)
}

func TestFullCardSaysSoAndRecovers(t *testing.T) {
	dir := tmpfs.Mount(t, "2m")
	s := open(t, dir)
	log(t, s, 1)
	filler := filepath.Join(dir, "filler")
	f, err := os.Create(filler)
	must(t, err)
	for err == nil {
		_, err = f.Write(make([]byte, 4096))
	}
	f.Close()
	for n := 2; n < 2000; n++ {
		err = s.Log(t.Context(), visitID(n), ark.Visit{Place: "x", Outcome: ark.Met, Note: string(make([]rune, 0)) + "note"})
		if err != nil {
			break
		}
	}
	if !errors.Is(err, agent.ErrDiskFull) {
		t.Fatalf("got %v, want ErrDiskFull", err)
	}
	saved := len(visits(t, s)) // reading goes on
	must(t, os.Remove(filler))
	log(t, s, 3000)
	if got := visits(t, s); len(got) != saved+1 {
		t.Fatalf("%d visits after, %d before", len(got), saved)
	}
}

func TestPruneKeepsTheHorizon(t *testing.T) {
	s := open(t, t.TempDir())
	s.c.Clock.Learn(1_790_000_000_000)
	for n := range 10 {
		log(t, s, n)
	}
	d, err := s.Digest(6)
	must(t, err)
	must(t, s.Acked(t.Context(), ark.Cursor{Seq: 6, Digest: d}))
	must(t, s.keepHouse(t.Context()))
	s.c.Clock.Learn(1_790_000_000_000 + 29*24*3600_000)
	must(t, s.keepHouse(t.Context()))
	if _, base, _, _, _ := s.State(); base.Seq != 0 {
		t.Fatalf("pruned to %d before the horizon", base.Seq)
	}
	s.c.Clock.Learn(1_790_000_000_000 + 31*24*3600_000)
	must(t, s.keepHouse(t.Context()))
	_, base, _, _, _ := s.State()
	if base.Seq != 6 || base.Digest != d {
		t.Fatalf("base %v, want 6", base)
	}
	if _, _, err := s.Entries(t.Context(), 7, 10, 1<<20); err != nil {
		t.Fatal(err)
	}
	if at, _ := s.Trusted(t.Context()); at < 1_790_000_000_000 {
		t.Fatalf("the trusted time is not remembered: %d", at)
	}
	must(t, s.Rebegin(t.Context()))
	_, raws, err := s.Entries(t.Context(), 1, 1, 1<<20)
	must(t, err)
	e, err := ark.DecodeEntry(raws[0])
	must(t, err)
	body, err := ark.DecodeBody(e.Kind, e.Body)
	must(t, err)
	if b := body.(ark.Begun); b.Pruned != 6 {
		t.Fatalf("the next incarnation says %d entries do not go along, want 6: %+v", b.Pruned, b)
	}
}
