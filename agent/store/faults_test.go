package store

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"syscall"
	"testing"

	"ark"
	"ark/agent"
	"ark/internal/sqlite"
	"ark/internal/tmpfs"
)

// spoil spoils three pages in the middle of a database, of which the first
// holds entries.
func spoil(t *testing.T, path string) {
	t.Helper()
	data, err := os.ReadFile(path)
	must(t, err)
	at := entryIn(t, path, data) / 4096 * 4096
	for i := at; i < min(at+3*4096, len(data)); i++ {
		data[i] ^= 0x5a
	}
	f, err := os.OpenFile(path, os.O_WRONLY, 0) // the same file: whoever has it open sees it
	must(t, err)
	_, err = f.WriteAt(data, 0)
	must(t, err)
	must(t, f.Close())
}

// entryIn is where in a file an entry from the middle stands, by its digest.
func entryIn(t *testing.T, path string, data []byte) int {
	t.Helper()
	db, err := openWreck(path)
	must(t, err)
	defer db.Close()
	rows, err := db.Query("SELECT digest FROM entries WHERE seq <= (SELECT max(seq) / 2 FROM entries) ORDER BY seq DESC")
	must(t, err)
	digests, err := collect(rows, func(d *[]byte) []any { return []any{d} })
	must(t, err)
	for _, d := range digests {
		if at := bytes.Index(data, d); at > 0 {
			return at
		}
	}
	t.Fatal("no entry is in the file")
	return 0
}

// filled is a closed database with visits.
func filled(t *testing.T, dir string, n int) (path string) {
	t.Helper()
	s := open(t, dir)
	for i := range n {
		log(t, s, i)
	}
	must(t, s.close())
	return filepath.Join(dir, "ark.db")
}

func fill(t *testing.T, dir string) (filler string) {
	t.Helper()
	filler = filepath.Join(dir, "filler")
	f, err := os.Create(filler)
	must(t, err)
	defer f.Close()
	for err == nil {
		_, err = f.Write(make([]byte, 4096))
	}
	return filler
}

// A salvage that finds the card full leaves everything as it was, and is done
// once there is room.
func TestSalvageOnAFullCardWaits(t *testing.T) {
	dir := tmpfs.Mount(t, "16m")
	path := filled(t, dir, 400)
	spoil(t, path)
	filler := fill(t, dir)
	s := open(t, dir)
	if err := s.Fault(); !errors.Is(err, agent.ErrDiskFull) {
		t.Fatalf("got %v, want ErrDiskFull", err)
	}
	if err := s.Log(t.Context(), visitID(500), ark.Visit{Place: "x", Outcome: ark.Met}); !errors.Is(err, agent.ErrDiskFull) {
		t.Fatalf("a visit: %v, want ErrDiskFull", err)
	}
	if _, err := os.Stat(path); err != nil {
		t.Fatalf("the damaged database is gone: %v", err)
	}
	must(t, os.Remove(filler))
	must(t, s.Open(t.Context()))
	must(t, s.Fault())
	if got := visits(t, s); len(got) < 300 {
		t.Fatalf("salvaged %d of 400 visits", len(got))
	}
}

// A power cut between any two steps of the exchange loses nothing: it is
// taken up at the next start.
func TestAdoptionIsTakenUp(t *testing.T) {
	for name, before := range map[string]func(path string){
		"nothing moved yet": func(string) {},
		"the file moved":    func(path string) { os.Rename(path, path+".damaged-1") },
		"only a log left": func(path string) {
			os.Rename(path, path+".damaged-1")
			os.WriteFile(path+"-wal", []byte("old log"), 0o600)
		},
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			salvage := filled(t, t.TempDir(), 7)
			path := filled(t, dir, 3)
			spoil(t, path)
			must(t, os.Rename(salvage, path+salvaged))
			before(path)
			s := open(t, dir)
			must(t, s.Fault())
			if got := visits(t, s); len(got) != 7 {
				t.Errorf("%d visits, want the 7 that were salvaged", len(got))
			}
			if left, _ := filepath.Glob(path + salvaged); len(left) > 0 {
				t.Errorf("left behind: %v", left)
			}
		})
	}
}

// Damage that shows while the database is in use is salvaged without a
// restart, be it met by a reader or a writer.
func TestDamageWhileInUse(t *testing.T) {
	dir := t.TempDir()
	path := filled(t, dir, 400)
	s := open(t, dir)
	before, _, _, last, _ := s.State()
	spoil(t, path)
	_, _, err := s.Entries(t.Context(), 1, 1000, 1<<20)
	if !errors.Is(err, agent.ErrBroken) || !errors.Is(s.Fault(), agent.ErrBroken) {
		t.Fatalf("reading over the damage: %v, fault %v; want ErrBroken", err, s.Fault())
	}
	select {
	case <-s.ill: // Run opens it again at once
	default:
		t.Error("nobody is told to look at the card")
	}
	must(t, s.Open(t.Context()))
	must(t, s.Fault())
	inc, _, _, _, _ := s.State()
	if got := visits(t, s); inc == before || len(got) < 300 || len(got) > int(last.Seq) {
		t.Fatalf("salvaged %d of 400 visits, incarnation new: %v", len(got), inc != before)
	}
	log(t, s, 1000)
}

// One entry that cannot be read holds neither the page of visits nor a new
// incarnation: the view has it too, and where it has not, the others go on.
func TestADamagedEntryHoldsNothing(t *testing.T) {
	for name, c := range map[string]struct {
		queries        []string
		shown, goAlong int
	}{
		"in the journal": {[]string{"UPDATE entries SET raw = x'ff' WHERE seq = 3"}, 5, 5},
		"in the view":    {[]string{"UPDATE visits SET raw = x'ff' WHERE first = 3"}, 4, 5},
		"in both":        {[]string{"UPDATE entries SET raw = x'ff' WHERE seq = 3", "UPDATE visits SET raw = x'ff' WHERE first = 3"}, 4, 4},
	} {
		t.Run(name, func(t *testing.T) {
			s := open(t, t.TempDir())
			for n := range 5 {
				log(t, s, n)
			}
			must(t, s.write(t.Context(), func(t tx) error {
				for _, q := range c.queries {
					if _, err := t.Exec(q); err != nil {
						return err
					}
				}
				return nil
			}))
			if got := visits(t, s); len(got) != c.shown {
				t.Fatalf("%d visits, want the %d that can be read", len(got), c.shown)
			}
			must(t, s.Rebegin(t.Context()))
			if got := visits(t, s); len(got) != c.goAlong {
				t.Fatalf("%d visits in the new incarnation, want %d", len(got), c.goAlong)
			}
			_, raws, err := s.Entries(t.Context(), 1, 1, 1<<20)
			must(t, err)
			_, b, err := decodeEntry[ark.Begun](raws[0])
			must(t, err)
			want := int64(0)
			if name == "in both" {
				want = 1
			}
			if b.Unreadable != want || b.Ended != 6 {
				t.Errorf("first entry %+v, want %d unreadable of 6", b, want)
			}
		})
	}
}

// While the card is full the fault says so, and it ends when there is room,
// without anybody logging a visit.
func TestAFullCardIsAFaultUntilThereIsRoom(t *testing.T) {
	dir := tmpfs.Mount(t, "2m")
	s := open(t, dir)
	filler := fill(t, dir)
	var err error
	for n := 1; n < 2000 && err == nil; n++ {
		err = s.Log(t.Context(), visitID(n), ark.Visit{Place: "x", Outcome: ark.Met})
	}
	if !errors.Is(err, agent.ErrDiskFull) || !errors.Is(s.Fault(), agent.ErrDiskFull) {
		t.Fatalf("log: %v, fault %v; want ErrDiskFull", err, s.Fault())
	}
	if err := s.keepHouse(t.Context()); !errors.Is(err, agent.ErrDiskFull) || s.Fault() == nil {
		t.Fatalf("housekeeping: %v, fault %v; want still ErrDiskFull", err, s.Fault())
	}
	must(t, os.Remove(filler))
	must(t, s.keepHouse(t.Context()))
	must(t, s.Fault())
}

func TestReadOnlyCard(t *testing.T) {
	dir := tmpfs.Mount(t, "2m")
	filled(t, dir, 3)
	must(t, syscall.Mount("tmpfs", dir, "tmpfs", syscall.MS_REMOUNT|syscall.MS_RDONLY, ""))
	s := open(t, dir)
	if !errors.Is(s.Fault(), agent.ErrReadOnly) {
		t.Fatalf("fault %v, want ErrReadOnly", s.Fault())
	}
	if err := s.Log(t.Context(), visitID(9), ark.Visit{Place: "x", Outcome: ark.Met}); !errors.Is(err, agent.ErrReadOnly) {
		t.Fatalf("a visit: %v, want ErrReadOnly", err)
	}
	must(t, syscall.Mount("tmpfs", dir, "tmpfs", syscall.MS_REMOUNT, "size=2m"))
	must(t, s.Open(t.Context()))
	must(t, s.Fault())
	log(t, s, 9)
	if got := visits(t, s); len(got) != 4 {
		t.Fatalf("%d visits, want 4", len(got))
	}
}

// An error of the card itself is not damage yet; one that stays is.
func TestAnErrorThatStaysIsDamage(t *testing.T) {
	s := New(config(t.TempDir()))
	for try := 1; try <= failedOften; try++ {
		if got := s.beyondRepair(syscall.EIO); got != (try == failedOften) {
			t.Errorf("after %d errors: %v", try, got)
		}
	}
	if s.beyondRepair(syscall.ENOSPC) {
		t.Error("a full card is taken for a damaged one")
	}
}

// A second agent that took the database while this one's card was away is
// said to have it; this one goes on without and waits.
func TestTheCardIsTakenMeanwhile(t *testing.T) {
	dir := t.TempDir()
	s := open(t, dir)
	s.mu.Lock()
	s.giveUp(syscall.EIO)
	s.mu.Unlock()
	other := open(t, dir)
	if err := s.Open(t.Context()); !errors.Is(err, agent.ErrInUse) || !errors.Is(s.Fault(), agent.ErrInUse) {
		t.Fatalf("%v, fault %v; want ErrInUse", err, s.Fault())
	}
	must(t, other.close())
	must(t, s.Open(t.Context()))
	must(t, s.Fault())
}

// A van that lost its power has its newest entries in the log beside the
// database. They are salvaged too.
func TestTheLogBesideADamagedDatabaseIsSalvaged(t *testing.T) {
	live, dir := t.TempDir(), t.TempDir()
	s := open(t, live)
	for n := range 400 {
		log(t, s, n)
		if n == 300 { // what came before is in the file
			if _, err := s.db.EmptyLog(t.Context()); err != nil {
				t.Fatal(err)
			}
		}
	}
	must(t, os.CopyFS(dir, os.DirFS(live))) // as the card is at a power cut
	if st, err := os.Stat(filepath.Join(dir, "ark.db-wal")); err != nil || st.Size() == 0 {
		t.Fatalf("there is no log to salvage: %v, %v", st, err)
	}
	spoil(t, filepath.Join(dir, "ark.db"))
	s = open(t, dir)
	must(t, s.Fault())
	got := visits(t, s)
	if len(got) < 300 || got[0].ID != visitID(399) {
		t.Fatalf("salvaged %d of 400 visits, the newest %v; want most, and the last one", len(got), got[0].Place)
	}
	if aside, _ := filepath.Glob(filepath.Join(dir, "ark.db.damaged-*")); len(aside) == 0 {
		t.Error("nothing was damaged: the test proves nothing")
	}
}

// Damage that SQLite met while the database was in use counts even if its
// quick check then finds none, as it does with an index that lacks a row:
// otherwise the card would be opened and given up for ever.
func TestDamageThatTheCheckDoesNotSee(t *testing.T) {
	s := open(t, t.TempDir())
	for n := range 5 {
		log(t, s, n)
	}
	before, _, _, _, _ := s.State()
	s.mu.Lock()
	s.giveUp(sqlite.ErrCorrupt)
	s.mu.Unlock()
	must(t, s.Open(t.Context()))
	must(t, s.Fault())
	if inc, _, _, _, _ := s.State(); inc == before || len(visits(t, s)) != 5 {
		t.Errorf("incarnation new: %v, %d visits; want a salvage of all 5", inc != before, len(visits(t, s)))
	}
	s.mu.Lock()
	s.giveUp(syscall.EIO)
	s.mu.Unlock()
	after, _, _, _, _ := s.State()
	must(t, s.Open(t.Context()))
	if inc, _, _, _, _ := s.State(); inc != after {
		t.Error("a card that was only loose was salvaged")
	}
}
