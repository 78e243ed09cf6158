package store

import (
	"path/filepath"
	"testing"

	"ark/hub"
	"ark/internal/database"
	"ark/internal/storetest"
)

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
