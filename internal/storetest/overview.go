package storetest

import (
	"cmp"
	"errors"
	"slices"
	"testing"
	"time"

	diff "github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"pgregory.net/rapid"

	"ark"
	"ark/hub"
)

// compareOverview: the counts are those of a look at each visit.
func (b *bench) compareOverview(t *rapid.T, sight hub.Sight, seen []hub.Visit) {
	q := anyDays(t)
	got, err := b.Overview(b.t.Context(), sight, q)
	b.must(err)
	for i, p := range got.Places { // however somebody wrote it
		got.Places[i].Place = p.Place.Plain()
	}
	if d := diff.Diff(count(q, seen), got, cmpopts.EquateEmpty(), anyOrder); d != "" {
		t.Fatalf("%+v in the sight of %+v (-want +got):\n%s", q, sight, d)
	}
}

// anyOrder compares counts, which are in order where they differ.
var anyOrder = cmpopts.SortSlices(func(a, b hub.PlaceCount) bool {
	return cmp.Or(cmp.Compare(b.Count, a.Count), cmp.Compare(a.Place.Street, b.Place.Street), cmp.Compare(a.Place.Community, b.Place.Community)) < 0
})

func anyDays(t *rapid.T) (q hub.OverviewQuery) {
	zone := time.FixedZone("", one(t, []int{8 * 3600, 8 * 3600, 0, 5*3600 + 1800}))
	first := time.UnixMilli(1_790_000_000_000).In(zone).AddDate(0, 0, rapid.IntRange(-5, 2).Draw(t, "first"))
	days := rapid.IntRange(1, 6).Draw(t, "days")
	for i := range days + 1 {
		q.Days = append(q.Days, time.Date(first.Year(), first.Month(), first.Day()+i, 0, 0, 0, 0, zone))
	}
	q.From = rapid.IntRange(0, days-1).Draw(t, "from")
	return q
}

// overviewsOfWeeks: wherever weeks begin and end, each day is counted once.
func overviewsOfWeeks(t *testing.T, b *bench) {
	const days = 24
	j := b.journal("van-1", 1)
	zone := time.FixedZone("", 8*3600)
	first := time.Date(2026, 11, 1, 0, 0, 0, 0, zone)
	for i := range days {
		raw, err := ark.EncodeBody(ark.KindVisit, ark.Visit{Place: "门", Outcome: ark.Met, Where: ark.Place{Street: "翠苑街道", Community: []string{"一社区", "二社区"}[i%2]}})
		b.must(err)
		at := ark.Stamp{Wall: ark.Milli(first.AddDate(0, 0, i).Add(time.Hour)), Trusted: true}
		b.commit(j.delivery(j.entry(ark.Entry{ID: b.id(), Kind: ark.KindVisit, At: at, Body: raw})))
	}
	b.must(b.Found(t.Context()))
	all := b.all()
	for from := range days {
		for to := from + 1; to <= days; to++ {
			q := hub.OverviewQuery{From: from}
			for i := range to + 1 {
				q.Days = append(q.Days, first.AddDate(0, 0, i))
			}
			got, err := b.Overview(t.Context(), hub.Everything, q)
			b.must(err)
			for i, p := range got.Places {
				got.Places[i].Place = p.Place.Plain()
			}
			if d := diff.Diff(count(q, all), got, cmpopts.EquateEmpty(), anyOrder); d != "" {
				t.Fatalf("from day %d to %d (-want +got):\n%s", from, to, d)
			}
		}
	}
}

// count is the overview of some visits.
func count(q hub.OverviewQuery, vs []hub.Visit) hub.Overview {
	o := hub.Overview{Days: make([]hub.DayCount, len(q.Days)-1)}
	for i := range o.Days {
		o.Days[i].Outcomes = map[ark.Outcome]int{}
	}
	places, needs := map[ark.Place]int{}, map[string]hub.NeedCount{}
	for _, v := range vs {
		made, unread, day := v.MadeAt(v.At).Time(), 0, -1
		if v.State == ark.ReviewNone {
			unread = 1
		}
		for _, midnight := range q.Days {
			if !made.Before(midnight) {
				day++
			}
		}
		switch {
		case day < 0:
			o.NewBefore += unread
			continue
		case day >= len(o.Days):
			o.NewAfter += unread
			continue
		}
		o.Days[day].Outcomes[v.Outcome]++
		o.Days[day].New += unread
		if day < q.From {
			continue
		}
		at := v.Where.Plain()
		if at.Street == "" {
			at = ark.Place{}
		}
		places[ark.Place{Street: at.Street, Community: at.Community}]++
		for _, code := range needCodes(v) {
			n := needs[code]
			needs[code] = hub.NeedCount{Code: code, Count: n.Count + 1, New: n.New + unread}
		}
	}
	for at, n := range places {
		o.Places = append(o.Places, hub.PlaceCount{Place: at, Count: n})
	}
	for _, n := range needs {
		o.Needs = append(o.Needs, n)
	}
	slices.SortFunc(o.Needs, func(a, b hub.NeedCount) int {
		return cmp.Or(cmp.Compare(b.Count, a.Count), cmp.Compare(a.Code, b.Code))
	})
	return o
}

// needCodes are the kinds of need of a visit, each once.
func needCodes(v hub.Visit) (codes []string) {
	if v.Need != "" || len(v.Needs) > 0 {
		codes = append(codes, hub.AnyNeed)
	}
	for _, n := range v.Needs {
		if !slices.Contains(codes, n.Category) {
			codes = append(codes, n.Category)
		}
	}
	return codes
}

// noDays: what is no run of days is refused.
func noDays(t *testing.T, b *bench) {
	at := func(days ...int) (all []time.Time) {
		for _, d := range days {
			all = append(all, time.Unix(int64(d)*86_400, 0))
		}
		return all
	}
	for _, q := range []hub.OverviewQuery{{}, {Days: at(1)}, {Days: at(2, 1)}, {Days: at(1, 1)}, {Days: at(1, 2), From: 1}, {Days: at(1, 2), From: -1},
		{Days: at(make([]int, hub.MaxOverviewDays+2)...)}} {
		if _, err := b.Overview(t.Context(), hub.Everything, q); !errors.Is(err, hub.ErrInvalid) {
			t.Errorf("%v: %v", q, err)
		}
	}
	if o, err := b.Overview(t.Context(), hub.Sight{}, hub.OverviewQuery{Days: at(1, 2)}); err != nil || len(o.Days) != 1 || o.Days[0].All() != 0 {
		t.Errorf("%+v, %v", o, err)
	}
}
