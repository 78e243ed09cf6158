package store

import (
	"context"
	"log/slog"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"ark/hub"
	"ark/internal/database"
	"ark/internal/pgtest"
	"ark/internal/storetest"
)

// both are an empty place of either kind.
func both(t *testing.T) []place {
	return []place{place(filepath.Join(t.TempDir(), "hub.db")), place(pgtest.Database(t))}
}

func (s *Store) exec(t *testing.T, query string, args ...any) {
	t.Helper()
	must(t, s.db.Write(t.Context(), func(tx *database.Tx) error { _, err := tx.Exec(query, args...); return err }))
}

func (s *Store) counted(t *testing.T, f hub.VisitFilter) int {
	t.Helper()
	n, err := s.CountVisits(t.Context(), hub.Everything, f, 1000)
	must(t, err)
	return n
}

// spoilt is an open store of which the second of n visits cannot be read, and
// what it was.
func spoilt(t *testing.T, at place, n int) (s *Store, was []byte) {
	s = at.Open(t).(*Store)
	s.atOnce = 0
	must(t, newSender(t, s, 1, n).send(n))
	must(t, s.db.Read().QueryRow("SELECT raw FROM entries WHERE seq = 2").Scan(&was))
	s.exec(t, "UPDATE entries SET raw = $1 WHERE seq = 2", []byte{1})
	return s, was
}

// One visit that cannot be found does not keep those behind it, and is tried
// again after a start.
func TestOneVisitCannotBeFound(t *testing.T) {
	for _, at := range both(t) {
		s, was := spoilt(t, at, 9)
		if err := s.Found(t.Context()); err == nil || s.Unfindable() != 0 {
			t.Fatalf("at the first failure: %v, %d are left out", err, s.Unfindable())
		}
		must(t, s.Found(t.Context()))
		must(t, newSender(t, s, 2, 3).send(3))
		must(t, s.Found(t.Context()))
		if n, waits := s.Behind(); n != 0 || !waits.IsZero() || s.counted(t, hub.VisitFilter{}) != 11 || s.Unfindable() != 1 {
			t.Errorf("%d wait since %v, %d are found, %d left out", n, waits, s.counted(t, hub.VisitFilter{}), s.Unfindable())
		}
		must(t, s.Close())
		s = at.Open(t).(*Store)
		defer s.Close()
		if out, err := s.LeftOut(t.Context(), 9); err != nil || len(out) != 1 || s.Unfindable() != 1 {
			t.Errorf("left out are %v, %v", out, err)
		}
		s.exec(t, "UPDATE entries SET raw = $1 WHERE seq = 2 AND raw = $2", was, []byte{1})
		must(t, s.tryLeftOut(t.Context()))
		must(t, s.Found(t.Context()))
		if n := s.counted(t, hub.VisitFilter{}); n != 12 || s.Unfindable() != 0 {
			t.Errorf("%d are found, %d left out", n, s.Unfindable())
		}
	}
}

// Follow wakes when visits come, asks again where the database did not take
// them, leaves one out that never is, and ends.
func TestFollow(t *testing.T) {
	at := place(filepath.Join(t.TempDir(), "hub.db"))
	synctest.Test(t, func(t *testing.T) {
		s, _ := spoilt(t, at, 5)
		defer s.Close()
		var said strings.Builder
		ctx, stop := context.WithCancel(t.Context())
		var following sync.WaitGroup
		following.Go(func() {
			if err := s.Follow(ctx, slog.New(slog.NewTextHandler(&said, nil))); err != nil {
				t.Error(err)
			}
		})
		found := func(later time.Duration, want int) {
			t.Helper()
			time.Sleep(later) // of the bubble's clock
			synctest.Wait()
			if n := s.counted(t, hub.VisitFilter{}); n != want {
				t.Errorf("%d visits are found, not %d", n, want)
			}
		}
		found(0, 1) // the one before it
		found(retryFind, 4)
		must(t, newSender(t, s, 2, 3).send(3))
		found(mostYield, 7)
		stop()
		following.Wait()
		for _, want := range []string{"cannot be found yet", "is left out"} {
			if strings.Count(said.String(), want) != 1 {
				t.Errorf("it says %q", said.String())
			}
		}
	})
}

// The first visits of a hub that come many at once are no older release's after
// a start.
func TestTheFirstWaitAfterAStart(t *testing.T) {
	for _, at := range both(t) {
		s := at.Open(t).(*Store)
		s.atOnce = 0
		must(t, newSender(t, s, 1, 3).send(3))
		must(t, s.Close())
		s = at.Open(t).(*Store)
		defer s.Close()
		if n, waits := s.Behind(); n != 3 || waits.IsZero() || s.lacking() {
			t.Errorf("%d wait since %v; an older release's: %v", n, waits, s.lacking())
		}
	}
}

// Words that an older release wrote down have numbers in them: they are
// written anew, and one that cannot be is left out.
func TestOldWordsAreMasked(t *testing.T) {
	for _, at := range both(t) {
		s := at.Open(t).(*Store)
		storetest.Fill(t, s, 450)
		all, found := s.counted(t, hub.VisitFilter{Text: "漏水"}), s.counted(t, hub.VisitFilter{})
		words := s.wording.document(append(indexed("13800001234"), indexed("漏水")...))
		s.exec(t, "DELETE FROM visit_words WHERE rowid IN (7, 8)")
		s.exec(t, "INSERT INTO visit_words (rowid, words) VALUES (7, $1), (8, $1)", words)
		s.exec(t, "UPDATE entries SET raw = $1 WHERE seq = 8", []byte{1})
		s.exec(t, "UPDATE counters SET n = 450 WHERE name = 'unworded'")
		number := hub.VisitFilter{Text: "1380000"}
		if n := s.counted(t, number); n != 2 {
			t.Fatalf("%d are found by a number before", n)
		}
		must(t, s.Close())
		s = at.Open(t).(*Store)
		defer s.Close()
		for range 2 * mostLeftOut {
			if s.Found(t.Context()) == nil {
				break
			}
		}
		lost, still := s.Unfindable(), s.counted(t, hub.VisitFilter{Text: "漏水"})
		if n := s.counted(t, number); n != 0 || lost == 0 || lost == mostLeftOut || still < all-lost || s.unworded {
			t.Errorf("%d are found by a number, %d of %d by words, %d are left out", n, still, all, lost)
		}
		if n := s.counted(t, hub.VisitFilter{}); n < found-lost || n == found {
			t.Errorf("%d of %d are found, %d are left out", n, found, lost)
		}
	}
}
