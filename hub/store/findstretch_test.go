package store

import (
	"context"
	"database/sql"
	"path/filepath"
	"slices"
	"testing"

	"ark/hub"
	"ark/internal/pgtest"
	"ark/internal/storetest"
)

// many is a store that takes any number of visits for many.
type many struct{ place }

func (p many) Open(t testing.TB) storetest.Store {
	s := p.place.Open(t).(*Store)
	s.few, s.ahead = 1, 7
	return s
}

// What is done where there are many visits finds the same.
func TestFindingAmongMany(t *testing.T) {
	storetest.Run(t, func(t testing.TB) storetest.Place { return many{place(filepath.Join(t.TempDir(), "hub.db"))} }, "FindsVisits", "PagesWhileVisitsCome")
}

func TestFindingAmongManyOnPostgreSQL(t *testing.T) {
	storetest.Run(t, func(t testing.TB) storetest.Place { return many{place(pgtest.Database(t))} }, "FindsVisits", "PagesWhileVisitsCome")
}

// counting counts what a database is asked.
type counting struct {
	querier
	asked int
}

func (c *counting) QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error) {
	c.asked++
	return c.querier.QueryContext(ctx, query, args...)
}

// Words that are common, but never with what else is asked, are not looked for
// through all of time.
func TestAnEndOfSearching(t *testing.T) {
	s := many{place(filepath.Join(t.TempDir(), "hub.db"))}.Open(t).(*Store)
	defer s.Close()
	storetest.Fill(t, s, 200)
	// As if they were of 200 months.
	s.exec(t, "UPDATE visits SET made = position * 2592000000")
	q := &counting{querier: s.db.Read()}
	f := hub.VisitFilter{Text: "漏水", By: "nobody"}
	all, err := s.searchByTime(t.Context(), q, f, sightPart{}, hub.VisitPage{Order: hub.ByTime, Limit: 10})
	if err != nil || len(all) != 0 || q.asked > 2*mostPeriods+1 {
		t.Errorf("%v, %v, after %d queries", all, err, q.asked)
	}
}

// What has words is many without a look at each only if it is so without those
// that are withdrawn.
func TestManyAreCountedRightly(t *testing.T) {
	for _, at := range both(t) {
		s := at.Open(t).(*Store)
		defer s.Close()
		storetest.Fill(t, s, 200)
		s.few = 1 // so that each is looked at
		f := hub.VisitFilter{Text: "漏水"}
		all := s.counted(t, f)
		wanted, err := phrases(f.Text)
		must(t, err)
		var args arguments
		holds := s.wording.holds("visit_words", wanted, &args)
		s.exec(t, "UPDATE visits SET withdrawn = 1 WHERE position IN (SELECT rowid FROM visit_words w WHERE "+holds+" ORDER BY rowid LIMIT 3)", args...)
		left := s.counted(t, f)
		if all < 10 || left != all-3 {
			t.Fatalf("%d, and %d of them are left", all, left)
		}
		for few := all - 4; few <= all+1; few++ {
			s.few = few
			for most := 1; most <= all+1; most++ {
				if n, err := s.CountVisits(t.Context(), hub.Everything, f, most); err != nil || n != min(most, left) {
					t.Errorf("up to %d, of a few that are %d: %d, %v", most, few, n, err)
				}
			}
		}
	}
}

func TestPeriods(t *testing.T) {
	const day = dayLong
	for _, c := range []struct {
		from, to int64
		want     []period
	}{
		{0, 1, []period{{day, 0}}},
		{5*day + 1, 7 * day, []period{{day, 5}, {day, 6}}},
		{29 * day, 61*day + 1, []period{{day, 29}, {monthLong, 1}, {day, 60}, {day, 61}}},
		{60 * day, 120 * day, []period{{monthLong, 2}, {monthLong, 3}}},
	} {
		if got := periods(c.from, c.to); !slices.Equal(got, c.want) {
			t.Errorf("from %d to %d: %v, want %v", c.from, c.to, got, c.want)
		}
	}
}
