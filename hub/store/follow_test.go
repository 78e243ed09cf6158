package store

import (
	"path/filepath"
	"testing"
	"testing/synctest"
	"time"

	"ark"
	"ark/hub"
	"ark/internal/database"
	"ark/internal/pgtest"
	"ark/internal/storetest"
)

// Households that an older release kept are found, and none twice.
func TestOldHouseholdsAreMadeFindable(t *testing.T) {
	for _, at := range []place{place(filepath.Join(t.TempDir(), "hub.db")), place(pgtest.Database(t))} {
		s := at.Open(t).(*Store)
		all := make([]ark.Household, householdStep+100)
		for i := range all {
			all[i] = ark.Household{ID: ark.NewID(ark.UnixMilli(len(all)-i), [10]byte{1}), Place: ark.Place{Compound: "甲苑", Building: "1"}, Phone: "13800001234"}
		}
		for _, some := range [][]ark.Household{all[:householdStep], all[householdStep:]} {
			must(t, s.PutHouseholds(t.Context(), hub.Everything, some, make([]ark.ID, len(some)), "lin"))
		}
		must(t, s.db.Write(t.Context(), func(tx *database.Tx) error { // as it was before
			for _, query := range []string{"UPDATE households SET n = 0, open = ''", "DELETE FROM household_words WHERE rowid > 0"} {
				if _, err := tx.Exec(query); err != nil {
					return err
				}
			}
			return nil
		}))
		must(t, s.Close())
		s = at.Open(t).(*Store)
		defer s.Close()
		seen := map[ark.ID]bool{}
		for f := (hub.HouseholdFilter{Text: "甲苑", Masked: true, Limit: 500}); ; {
			some, err := s.Households(t.Context(), hub.Everything, f)
			must(t, err)
			for _, h := range some {
				seen[h.ID] = true
			}
			if len(some) < f.Limit {
				break
			}
			f.After = some[len(some)-1].ID
		}
		if len(seen) != len(all) {
			t.Errorf("%d households of %d are found", len(seen), len(all))
		}
		if some, err := s.Households(t.Context(), hub.Everything, hub.HouseholdFilter{Text: "1234", Masked: true, Limit: 9}); err != nil || len(some) != 0 {
			t.Errorf("by what is masked: %d, %v", len(some), err)
		}
	}
}

// What an older release kept is found once the store has caught up.
func TestOldVisitsAreMadeFindable(t *testing.T) {
	at := place(filepath.Join(t.TempDir(), "hub.db"))
	s := at.Open(t).(*Store)
	storetest.Fill(t, s, 450)
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	count := func() int {
		t.Helper()
		n, err := s.CountVisits(t.Context(), hub.Everything, hub.VisitFilter{Text: "漏水"}, 1000)
		must(err)
		return n
	}
	all := count()
	must(s.db.Write(t.Context(), func(tx *database.Tx) error { // as it was before
		for _, query := range []string{"UPDATE visits SET changed = 0, van = 0, made = 0, street = '', state = 0, withdrawn = 0",
			"DELETE FROM visit_marks", "DELETE FROM visit_words WHERE rowid > 0"} {
			if _, err := tx.Exec(query); err != nil {
				return err
			}
		}
		return nil
	}))
	if n := count(); n != 0 || all == 0 {
		t.Fatalf("%d visits of %d are found before", n, all)
	}
	must(s.Close())
	s = at.Open(t).(*Store)
	defer s.Close()
	must(s.Found(t.Context()))
	if n := count(); n != all {
		t.Errorf("%d visits of %d are found", n, all)
	}
	vs, err := s.VisitsSince(t.Context(), hub.Everything, 0, 500)
	if err != nil || len(vs) != 450 {
		t.Errorf("%d visits have changed, %v", len(vs), err)
	}
}

// Indexing gives way to a commit that is under way, also where it takes long
// and no other begins, but not for ever.
func TestIndexingGivesWay(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var s Store
		waits := func() time.Duration {
			began := time.Now()
			s.yield(t.Context(), s.commits.Load())
			return time.Since(began)
		}
		if d := waits(); d != 0 {
			t.Errorf("beside nobody it waits %v", d)
		}
		s.busy.Add(1)
		if d := waits(); d < mostYield-yieldFor || d > mostYield {
			t.Errorf("beside a commit it waits %v", d)
		}
		s.busy.Add(-1)
		if d := waits(); d != 0 {
			t.Errorf("behind it, it waits %v", d)
		}
	})
}

// What boots learnt is asked for together, and once.
func TestClocksAreAskedForTogether(t *testing.T) {
	s := place(filepath.Join(t.TempDir(), "hub.db")).Open(t).(*Store)
	defer s.Close()
	s.exec(t, "INSERT INTO clocks VALUES (1, $1, 1000), (2, $2, 2000)", []byte("boot-one"), []byte("boot-two"))
	q, known := &counting{querier: s.db.Read()}, clocks{}
	for range 2 {
		stamps := []ark.Stamp{{Boot: ark.BootID([]byte("boot-one")), Mono: time.Second}, {Boot: ark.BootID([]byte("boot-two"))}, {Boot: ark.BootID([]byte("boot-thr"))}, {Boot: ark.BootID([]byte("boot-one")), Mono: 2 * time.Second}, {Trusted: true, Wall: 7}}
		all := make([]stampOf, len(stamps))
		for i, van := range []int64{1, 2, 1, 1, 1} {
			all[i] = stampOf{van, &stamps[i]}
		}
		must(t, known.correctAll(t.Context(), q, all))
		for i, want := range []ark.UnixMilli{2000, 2000, 0, 3000, 7} {
			if stamps[i].Wall != want || stamps[i].Trusted != (i != 2) {
				t.Errorf("stamp %d: %+v, want %d", i, stamps[i], want)
			}
		}
	}
	if q.asked != 1 {
		t.Errorf("asked %d times", q.asked)
	}
}
