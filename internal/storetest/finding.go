package storetest

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"

	diff "github.com/google/go-cmp/cmp"

	"ark"
	"ark/hub"
)

// Fill gives an empty store n visits of some vans in the town of the tests.
func Fill(t testing.TB, s Store, n int) {
	t.Helper()
	b := &bench{Store: s, t: t}
	j := b.journal("van-1", 1)
	var facts []hub.Fact
	for i := range n {
		facts = append(facts, j.fact(b.id(), ark.KindVisit, ark.Visit{Place: "门", Outcome: ark.Met, Note: town.say[i%len(town.say)], By: town.by[i%len(town.by)],
			Where: ark.Place{Street: "翠苑街道", Compound: town.compounds[i%len(town.compounds)]}, Services: town.services[:i%3]}))
	}
	b.commit(j.delivery(facts...))
	b.must(s.Found(t.Context()))
}

// foundInOrder: what many bring at once is kept first, and found in the order
// in which it came, as it is by then; what comes meanwhile does not overtake it.
func foundInOrder(t *testing.T, b *bench) {
	const many = 500
	j := b.journal("van-1", 1)
	ids := []ark.ID{b.id()}
	b.commit(j.delivery(j.visit(ids[0], "一门")))
	var facts []hub.Fact
	for range many {
		ids = append(ids, b.id())
		facts = append(facts, j.visit(ids[len(ids)-1], "一门"))
	}
	if c := b.commit(j.delivery(facts...)); c.Visits || !c.Vans {
		t.Errorf("told before they are found: %+v", c)
	}
	ids = append(ids, b.id())
	b.commit(j.delivery(j.visit(ids[many+1], "一门"), j.fact(b.id(), ark.KindAmend, ark.Amend{Visit: ids[1], Now: at("二门")}),
		j.fact(b.id(), ark.KindWithdraw, ark.Withdrawal{Visit: ids[2]})))
	b.must(b.SetReview(t.Context(), hub.Everything, ark.Review{Visit: ids[3], Entry: ids[3], State: ark.ReviewApproved, By: "lin", At: 1}, hub.AnyReview))
	listed := func() []hub.Visit {
		var all []hub.Visit
		b.must(b.EachVisit(t.Context(), hub.Everything, hub.VisitFilter{}, hub.ByArrival, func(v hub.Visit) error { all = append(all, v); return nil }))
		return all
	}
	if n, since := b.Behind(); n != many+1 || since.IsZero() || len(listed()) != 1 || b.record(ids[many+1]).Place != "一门" {
		t.Fatalf("%d visits wait since %v, and %d are listed", n, since, len(listed()))
	}
	b.reopen()
	if n, since := b.Behind(); n != many+1 || since.IsZero() {
		t.Fatalf("after a start %d visits wait since %v", n, since)
	}
	told := 0
	stop := b.Changes(func(c hub.Change) {
		if c.Visits {
			told++
		}
	})
	b.must(b.Found(t.Context()))
	stop()
	all := listed()
	slices.Reverse(all)
	if n, since := b.Behind(); n != 0 || !since.IsZero() || len(all) != many+1 || told < 2 {
		t.Fatalf("%d visits wait since %v, %d are listed; told %d times", n, since, len(all), told)
	}
	if all[1].Place != "二门" || all[2].ID != ids[3] || all[2].State != ark.ReviewApproved {
		t.Errorf("not as they are now: %+v", all[:3])
	}
	if !slices.IsSortedFunc(all, func(a, b hub.Visit) int { return int(a.Changed - b.Changed) }) {
		t.Error("found in another order than they came")
	}
	b.commit(j.delivery(j.visit(b.id(), "三门")))
	if all := listed(); len(all) != many+2 || all[0].Place != "三门" {
		t.Errorf("%d visits are listed when there is little to do", len(all))
	}
}

// pagesWhileVisitsCome: whoever goes down a list sees each visit of its
// beginning once, whatever comes meanwhile.
func pagesWhileVisitsCome(t *testing.T, b *bench) {
	j := b.journal("van-1", 1)
	more := func(n int) {
		var facts []hub.Fact
		for range n {
			facts = append(facts, j.visit(b.id(), "门"))
		}
		b.commit(j.delivery(facts...))
	}
	for _, o := range orders {
		more(20)
		before := want(b.all(), func(hub.Visit) bool { return true }, o)
		var down []hub.Visit
		for p := (hub.VisitPage{Order: o, Limit: 7}); ; {
			page, err := b.FindVisits(t.Context(), hub.Everything, hub.VisitFilter{}, p)
			b.must(err)
			down = append(down, page...)
			if len(page) < p.Limit {
				break
			}
			p.After = placeOf(page[len(page)-1])
			more(3)
		}
		if d := diff.Diff(before, down); d != "" {
			t.Errorf("(-want +got):\n%s", d)
		}
	}
}

// nothingInSight: who may see nothing is shown nothing.
func nothingInSight(t *testing.T, b *bench) {
	j := b.journal("van-1", 1)
	b.commit(j.delivery(j.visit(b.id(), "门")))
	for _, s := range []hub.Sight{{}, {Places: []ark.Place{{Street: "别处"}}}} {
		vs, err := b.FindVisits(t.Context(), s, hub.VisitFilter{}, hub.VisitPage{})
		n, cerr := b.CountVisits(t.Context(), s, hub.VisitFilter{}, 10)
		since, serr := b.VisitsSince(t.Context(), s, 0, 10)
		on, merr := b.MapVisits(t.Context(), s, hub.VisitFilter{}, hub.Box{South: -9e8, West: -18e8, North: 9e8, East: 18e8}, 0)
		choices, verr := b.VisitChoices(t.Context(), s, true)
		eerr := b.EachVisit(t.Context(), s, hub.VisitFilter{}, hub.ByTime, func(hub.Visit) error { return errors.New("a visit") })
		if err := errors.Join(err, cerr, serr, merr, verr, eerr); err != nil || len(vs)+n+len(since)+len(on) != 0 || !diff.Equal(choices, hub.Choices{}) {
			t.Errorf("in the sight of %+v: %v, %d, %v, %v, %+v, %v", s, vs, n, since, on, choices, err)
		}
	}
}

// mapsOfMixedPlaces: a sight of a building here and a street there counts each
// visit on a map once, however far away it is seen from.
func mapsOfMixedPlaces(t *testing.T, b *bench) {
	j := b.journal("van-1", 1)
	for _, where := range []ark.Place{{Street: "翠苑街道", Compound: "甲苑", Building: "3"}, {Street: "翠苑街道", Compound: "甲苑", Building: "4"},
		{Street: "文新街道", Compound: "乙苑", Building: "3"}, {Street: "文新街道", Compound: "乙苑", Building: "4"}} {
		b.commit(j.delivery(j.fact(b.id(), ark.KindVisit, ark.Visit{Place: "门", Outcome: ark.Met, Where: where, Geo: &ark.Geo{Lat: 302_000_000, Lon: 1_201_000_000}})))
	}
	places := []ark.Place{{Building: "3"}, {Street: "翠苑街道"}}
	for range 2 {
		for _, zoom := range []int{0, 10, 22} {
			on, err := b.MapVisits(t.Context(), hub.Sight{Places: places}, hub.VisitFilter{}, hub.Box{South: -9e8, West: -18e8, North: 9e8, East: 18e8}, zoom)
			n := 0
			for _, c := range on {
				n += c.Count
			}
			if err != nil || n != 3 {
				t.Errorf("in the sight of %+v at zoom %d: %d visits, want 3; %v", places, zoom, n, err)
			}
		}
		slices.Reverse(places)
	}
}

// badSearches: what cannot be searched is said to be, and what looks like a
// query of the database's own is only text.
func badSearches(t *testing.T, b *bench) {
	Fill(t, b.Store, 9)
	j := b.journal("van-2", 2)
	b.commit(j.delivery(j.fact(ark.NewID(1, [10]byte{77}), ark.KindVisit, ark.Visit{Place: "12-2-1501", Outcome: ark.Met, Note: "电话 138.1234.5678，2026-11-24 来过"})))
	find := func(text string) ([]hub.Visit, error) {
		return b.FindVisits(t.Context(), hub.Everything, hub.VisitFilter{Text: text}, hub.VisitPage{Limit: 9})
	}
	for _, text := range []string{"漏", " ", "\"", "'; --", "\x00", "\xff", "a b c", "*"} {
		if vs, err := find(text); !errors.Is(err, hub.ErrSearch) {
			t.Errorf("%q: %d visits, %v", text, len(vs), err)
		}
	}
	if _, err := find(strings.Repeat("漏", hub.MaxSearch+1)); !errors.Is(err, hub.ErrInvalid) {
		t.Errorf("a long search: %v", err)
	}
	for text, want := range map[string]int{"漏水": 2, "\"漏水\"": 2, "漏水\x00": 2, "words:漏水": 0, "漏水*": 2, "漏水 OR 电灯": 0, "NEAR(漏水 厨房)": 0, "漏水 ＷＩＦＩ": 0, "ｗｉｆｉ": 1,
		strings.Repeat("漏水 ", 33): 2,
		// What is masked is not found by its digits, and doors and days are.
		"138": 0, "1234": 0, "13": 0, "38": 0, "45": 0, "567": 0, "1501": 1, "12-2-1501": 1, "2026-11-24": 1, "来过": 1} {
		if vs, err := find(text); err != nil || len(vs) != want {
			t.Errorf("%q: %d visits, want %d; %v", text, len(vs), want, err)
		}
	}
}

// changesInOrder: whoever asks on with the last number, while many write, has
// each change in the end.
func changesInOrder(t *testing.T, b *bench) {
	const each = 40
	var writers sync.WaitGroup
	for i := range 3 {
		j := b.journal(ark.VanID(fmt.Sprint("van-", i)), byte(i+1))
		writers.Go(func() {
			for n := range each {
				id := ark.NewID(ark.UnixMilli(n+1), [10]byte{byte(i + 1)})
				if _, err := b.Commit(t.Context(), []hub.Delivery{j.delivery(j.visit(id, "门"))}); err != nil {
					t.Error(err)
				}
				if err := b.SetReview(t.Context(), hub.Everything, ark.Review{Visit: id, Entry: id, State: ark.ReviewApproved, By: "lin", At: 1}, hub.AnyReview); err != nil {
					t.Error(err)
				}
			}
		})
	}
	over := make(chan struct{})
	go func() { writers.Wait(); close(over) }()
	approved := map[ark.ID]bool{}
	for last, ended := int64(0), false; ; {
		select {
		case <-over:
			ended = true
		default:
		}
		vs, err := b.VisitsSince(t.Context(), hub.Everything, last, 10)
		b.must(err)
		for _, v := range vs {
			if v.Changed <= last {
				t.Fatalf("change %d after %d", v.Changed, last)
			}
			last = v.Changed
			approved[v.ID] = v.State == ark.ReviewApproved
		}
		if ended && len(vs) == 0 {
			break
		}
	}
	n := 0
	for _, is := range approved {
		if is {
			n++
		}
	}
	if n != 3*each {
		t.Errorf("of %d visits %d were seen approved", 3*each, n)
	}
}
