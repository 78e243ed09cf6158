package store

import (
	"context"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"ark"
	"ark/hub"
	"ark/internal/database"
	"ark/internal/pgtest"
)

// recorded is a store in a file with some deeds on record.
func recorded(t *testing.T, n int) *Store {
	t.Helper()
	return recordedAt(t, filepath.Join(t.TempDir(), "hub.db"), n)
}

func recordedAt(t *testing.T, at string, n int) *Store {
	t.Helper()
	s := place(at).Open(t).(*Store)
	t.Cleanup(func() { s.Close() })
	for i := range n {
		if err := s.Note(t.Context(), hub.Deed{At: time.UnixMilli(int64(1000 + i)), Who: fmt.Sprint("w", i%3), Verb: hub.VerbView, Object: hub.Object{Kind: hub.ObjectVisit, ID: fmt.Sprint(i)}, Outcome: hub.OutcomeAllowed}); err != nil {
			t.Fatal(err)
		}
	}
	return s
}

func (s *Store) tamper(t *testing.T, statements ...string) error {
	return s.db.Write(t.Context(), func(tx *database.Tx) error {
		for _, q := range statements {
			if _, err := tx.Exec(q); err != nil {
				return err
			}
		}
		return nil
	})
}

// unguard takes the database's own guard away, as its administrator can.
var unguard = []string{"DROP TRIGGER audit_stays", "DROP TRIGGER audit_remains"}

// The database itself refuses to change or remove what is on record, and what
// somebody does all the same is found, in either kind of database.
func TestTheRecordIsOnlyAddedTo(t *testing.T) {
	for name, c := range map[string]struct {
		s       *Store
		more    []string // of this kind of database
		unguard []string
	}{
		"SQLite":     {recorded(t, 3), nil, unguard},
		"PostgreSQL": {recordedAt(t, pgtest.Database(t), 3), []string{"TRUNCATE audit"}, []string{"ALTER TABLE audit DISABLE TRIGGER ALL"}},
	} {
		for _, q := range append(c.more, "UPDATE audit SET who = 'x' WHERE seq = 2", "DELETE FROM audit WHERE seq = 2", "DELETE FROM audit") {
			if err := c.s.tamper(t, q); err == nil || !strings.Contains(err.Error(), "only added to") {
				t.Errorf("%s: %s: got %v", name, q, err)
			}
		}
		if got, err := c.s.CheckAudit(t.Context(), nil, nil); err != nil || len(got.Faults) != 0 || got.Head.Seq != 3 {
			t.Errorf("%s: got %+v, %v", name, got, err)
		}
		must(t, c.s.tamper(t, append(slices.Clone(c.unguard), "UPDATE audit SET who = 'x' WHERE seq = 2")...))
		if got, err := c.s.CheckAudit(t.Context(), nil, nil); err != nil || !slices.Equal(got.Faults, []hub.AuditFault{{Seq: 2, What: hub.AuditChanged}}) {
			t.Errorf("%s: got %+v, %v", name, got, err)
		}
	}
}

// Whatever somebody does to the table behind the hub's back, the check finds,
// and says where.
func TestTamperingIsFound(t *testing.T) {
	forged, err := ark.EncodeCanonical(recordOf(5, hub.Deed{At: time.UnixMilli(1004), Who: "w1", Verb: hub.VerbView, Outcome: hub.OutcomeAllowed}))
	if err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		do   []string
		want []hub.AuditFault
	}{
		"who":               {[]string{"UPDATE audit SET who = 'other' WHERE seq = 5"}, []hub.AuditFault{{Seq: 5, What: hub.AuditChanged}}},
		"when":              {[]string{"UPDATE audit SET at = at + 1 WHERE seq = 5"}, []hub.AuditFault{{Seq: 5, What: hub.AuditChanged}}},
		"outcome":           {[]string{"UPDATE audit SET outcome = 'refused' WHERE seq = 10"}, []hub.AuditFault{{Seq: 10, What: hub.AuditChanged}}},
		"all of it":         {[]string{fmt.Sprintf("UPDATE audit SET object = '', body = x'%x' WHERE seq = 5", forged)}, []hub.AuditFault{{Seq: 5, What: hub.AuditChanged}}},
		"rubbish":           {[]string{"UPDATE audit SET body = x'ff' WHERE seq = 5"}, []hub.AuditFault{{Seq: 5, What: hub.AuditChanged}}},
		"the hash":          {[]string{"UPDATE audit SET hash = x'00' WHERE seq = 9"}, []hub.AuditFault{{Seq: 9, What: hub.AuditChanged}, {Seq: 10, What: hub.AuditChanged}}},
		"the first":         {[]string{"UPDATE audit SET who = 'other' WHERE seq = 1"}, []hub.AuditFault{{Seq: 1, What: hub.AuditChanged}}},
		"one is taken out":  {[]string{"DELETE FROM audit WHERE seq = 5"}, []hub.AuditFault{{Seq: 5, To: 5, What: hub.AuditMissing}}},
		"the first are":     {[]string{"DELETE FROM audit WHERE seq < 4"}, []hub.AuditFault{{Seq: 1, To: 3, What: hub.AuditMissing}}},
		"one is put in":     {[]string{"INSERT INTO audit SELECT 11, at, who, verb, kind, object, outcome, body, hash FROM audit WHERE seq = 10"}, []hub.AuditFault{{Seq: 11, What: hub.AuditMoved}}},
		"two change places": {[]string{"UPDATE audit SET seq = 99 WHERE seq = 5", "UPDATE audit SET seq = 5 WHERE seq = 6", "UPDATE audit SET seq = 6 WHERE seq = 99"}, []hub.AuditFault{{Seq: 5, What: hub.AuditMoved}, {Seq: 6, What: hub.AuditMoved}, {Seq: 7, What: hub.AuditChanged}}},
		"one is hidden":     {[]string{"DELETE FROM audit WHERE seq = 5", "UPDATE audit SET seq = seq - 1 WHERE seq > 5"}, []hub.AuditFault{{Seq: 5, What: hub.AuditMoved}, {Seq: 6, What: hub.AuditMoved}, {Seq: 7, What: hub.AuditMoved}, {Seq: 8, What: hub.AuditMoved}, {Seq: 9, What: hub.AuditMoved}}},
	} {
		t.Run(name, func(t *testing.T) {
			s := recorded(t, 10)
			if err := s.tamper(t, append(slices.Clone(unguard), c.do...)...); err != nil {
				t.Fatal(err)
			}
			got, err := s.CheckAudit(t.Context(), nil, nil)
			if err != nil || !slices.Equal(got.Faults, c.want) {
				t.Errorf("got %+v, %v, want %+v", got.Faults, err, c.want)
			}
			if all, err := s.Deeds(t.Context(), hub.AuditFilter{}, hub.AuditPlace{}, 100); err != nil || len(all) < 7 {
				t.Errorf("%d deeds can be read: %v", len(all), err)
			}
		})
	}
}

// Who can write the table can also make a chain that is whole: what was kept
// elsewhere shows it.
func TestAHeadKeptElsewhere(t *testing.T) {
	for name, c := range map[string]struct {
		rewrite func(t *testing.T, s *Store)
		want    hub.AuditFault
	}{
		"the newest are cut off": {func(t *testing.T, s *Store) {
			must(t, s.tamper(t, append(slices.Clone(unguard), "DELETE FROM audit WHERE seq > 6")...))
		}, hub.AuditFault{Seq: 7, To: 8, What: hub.AuditMissing}},
		"and others written": {func(t *testing.T, s *Store) {
			must(t, s.tamper(t, append(slices.Clone(unguard), "DELETE FROM audit WHERE seq > 6")...))
			for range 5 {
				must(t, s.Note(t.Context(), hub.Deed{Who: "nobody", Verb: hub.VerbView, Outcome: hub.OutcomeAllowed}))
			}
		}, hub.AuditFault{Seq: 8, What: hub.AuditRewritten}},
		"all of them": {func(t *testing.T, s *Store) {
			must(t, s.tamper(t, append(slices.Clone(unguard), "DELETE FROM audit")...))
		}, hub.AuditFault{Seq: 1, To: 8, What: hub.AuditMissing}},
	} {
		t.Run(name, func(t *testing.T) {
			s := recorded(t, 8)
			head, err := s.AuditHead(t.Context())
			must(t, err)
			for range 2 {
				must(t, s.Note(t.Context(), hub.Deed{Who: "lin", Verb: hub.VerbView, Outcome: hub.OutcomeAllowed}))
			}
			c.rewrite(t, s)
			if got, err := s.CheckAudit(t.Context(), nil, nil); err != nil || len(got.Faults) != 0 {
				t.Errorf("without it: %+v, %v", got, err)
			}
			got, err := s.CheckAudit(t.Context(), []hub.AuditHead{head}, nil)
			if err != nil || !slices.Equal(got.Faults, []hub.AuditFault{c.want}) || got.Heads != 1 {
				t.Errorf("got %+v, %v", got, err)
			}
		})
	}
}

// A check of a long record tells how far it is, and ends with its context.
func TestACheckTellsHowFarItIs(t *testing.T) {
	s := recorded(t, 1)
	must(t, s.db.Write(t.Context(), func(tx *database.Tx) error {
		head, err := auditHeadIn(tx)
		for range 2*auditPage + 10 {
			if err == nil {
				head, err = appendNote(tx, head, hub.Deed{At: head.At, Who: "lin", Verb: hub.VerbView, Outcome: hub.OutcomeAllowed})
			}
		}
		return err
	}))
	var told []int64
	ctx, cancel := context.WithCancel(t.Context())
	c, err := s.CheckAudit(ctx, nil, func(done, most int64) { told = append(told, done, most) })
	must(t, err)
	if want := []int64{2000, 4011, 4000, 4011, 4011, 4011}; !slices.Equal(told, want) || len(c.Faults) != 0 {
		t.Errorf("told %v, want %v, faults %v", told, want, c.Faults)
	}
	if _, err := s.CheckAudit(ctx, nil, func(int64, int64) { cancel() }); err == nil {
		t.Error("it did not end")
	}
}

// Whoever writes for others and breaks off leaves nobody waiting.
func TestAWriterOfTheRecordBreaksOff(t *testing.T) {
	s := &Store{notes: newNotes()} // without a database, whoever writes breaks off
	other := &note{done: make(chan struct{})}
	s.notes.add(other)
	func() {
		defer func() {
			if recover() == nil {
				t.Error("it did not break off")
			}
		}()
		s.Note(t.Context(), hub.Deed{At: time.UnixMilli(1)})
	}()
	select {
	case <-other.done:
		if other.err == nil {
			t.Error("who waited is told that it is on record")
		}
	default:
		t.Error("the other waits on")
	}
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
