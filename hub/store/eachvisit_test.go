package store

import (
	"context"
	"errors"
	"path/filepath"
	"slices"
	"testing"

	"ark"
	"ark/hub"
	"ark/internal/pgtest"
	"ark/internal/storetest"
)

// Whoever has enough, or goes away, ends a reading of all visits, and leaves no
// connection behind.
func TestEachVisitEnds(t *testing.T) {
	for name, at := range map[string]func() string{"SQLite": func() string { return filepath.Join(t.TempDir(), "hub.db") }, "PostgreSQL": func() string { return pgtest.Database(t) }} {
		t.Run(name, func(t *testing.T) {
			s := many{place(at())}.Open(t).(*Store)
			defer s.Close()
			const all = 150
			storetest.Fill(t, s, all)
			enough := errors.New("enough")
			for range 2 * readers { // more often than there are connections
				for _, most := range []int{1, s.ahead + 1, all} {
					n := 0
					err := s.EachVisit(t.Context(), hub.Everything, hub.VisitFilter{}, hub.ByTime, func(hub.Visit) error {
						if n++; n == most {
							return enough
						}
						return nil
					})
					if !errors.Is(err, enough) || n != most {
						t.Fatalf("%d visits until there were enough, %d wanted: %v", n, most, err)
					}
				}
				ctx, leave := context.WithCancel(t.Context())
				n := 0
				err := s.EachVisit(ctx, hub.Everything, hub.VisitFilter{}, hub.ByArrival, func(hub.Visit) error { n++; leave(); return nil })
				if !errors.Is(err, context.Canceled) || n == 0 || n == all {
					t.Fatalf("%d visits for somebody who went away at the first: %v", n, err)
				}
			}
			n := 0
			if err := s.EachVisit(t.Context(), hub.Everything, hub.VisitFilter{}, hub.ByArrival, func(hub.Visit) error { n++; return nil }); err != nil || n != all {
				t.Errorf("%d visits afterwards: %v", n, err)
			}
		})
	}
}

// However many ways there are, each place is read once and comes once.
func TestCourse(t *testing.T) {
	const most, step = 1000, 10
	read := 0
	c := course{order: hub.ByArrival, atOnce: step}
	// The first way leads to all places, the others to every third: such are in two parts of a sight.
	for _, every := range []int{1, 3, 3} {
		offset := len(c.ways)
		c.ways = append(c.ways, &walked{find: func(p hub.VisitPage) (some []hub.VisitPlace, err error) {
			for at := most; at > 0 && len(some) < p.Limit; at-- {
				if at%every == offset%every && (p.After.Position == 0 || at < int(p.After.Position)) {
					some = append(some, hub.VisitPlace{At: ark.UnixMilli(at), Position: hub.Position(at)})
				}
			}
			read += len(some)
			return some, nil
		}})
	}
	var got []int
	for {
		page, err := c.next()
		if err != nil {
			t.Fatal(err)
		}
		for _, p := range page {
			got = append(got, int(p.Position))
		}
		if len(page) < step {
			break
		}
	}
	want := make([]int, most)
	for i := range want {
		want[i] = most - i
	}
	if !slices.Equal(got, want) {
		t.Errorf("%d places, want %d in their order: %v", len(got), most, got)
	}
	if read > most*5/3+step {
		t.Errorf("%d places were read on the way to %d", read, most)
	}
}
