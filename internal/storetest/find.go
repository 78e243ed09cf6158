package storetest

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp/cmpopts"
	"pgregory.net/rapid"

	"ark"
	"ark/hub"

	diff "github.com/google/go-cmp/cmp"
)

// chooses is what hub.VisitFilter says of a visit.
func chooses(f hub.VisitFilter, v hub.Visit) bool {
	made := v.MadeAt(v.At)
	needs := func(n ark.Need) bool { return n.Category == f.Need }
	photo := slices.ContainsFunc(v.Attachments, func(a ark.Attachment) bool { return a.Role == ark.RolePhoto })
	for _, one := range []bool{
		v.Withdrawn == f.Withdrawn,
		f.From.IsZero() || made >= ark.Milli(f.From), f.To.IsZero() || made < ark.Milli(f.To),
		v.Where.Plain().Within(f.Within.Plain()), f.Van == "" || v.Van == f.Van, f.By == "" || v.By == f.By, f.Outcome == 0 || v.Outcome == f.Outcome,
		f.Service == "" || slices.Contains(v.Services, f.Service),
		f.Need == "" || slices.ContainsFunc(v.Needs, needs) || f.Need == hub.AnyNeed && (v.Need != "" || len(v.Needs) > 0),
		f.State == nil || v.State == *f.State,
		f.Assigned == "" || v.Assigned == f.Assigned || f.Assigned == hub.AssignedNobody && v.Assigned == "",
		f.Doubtful == nil || v.Doubtful(v.At) == *f.Doubtful, f.Photo == nil || photo == *f.Photo,
		f.Household.IsZero() || v.Household == f.Household,
		f.Box == nil || v.Geo != nil && inBox(*f.Box, *v.Geo), says(f.Text, v),
	} {
		if !one {
			return false
		}
	}
	return true
}

func inBox(b hub.Box, g ark.Geo) bool {
	return g.Lat >= b.South && g.Lat <= b.North && g.Lon >= b.West && g.Lon <= b.East
}

// says tells whether each part of a text that has two characters stands in one
// of a visit's texts.
func says(text string, v hub.Visit) bool {
	texts := []string{v.Place, v.Person, v.Need, v.Note, v.By, v.Where.String(), v.Where.Street, v.Where.Community, v.Where.Grid}
	for _, n := range v.Needs {
		texts = append(texts, n.Words)
	}
	for _, word := range strings.FieldsFunc(strings.ToLower(text), func(r rune) bool { return strings.ContainsRune(" \"'，-", r) }) {
		if len([]rune(word)) > 1 && !slices.ContainsFunc(texts, func(s string) bool { return strings.Contains(strings.ToLower(s), word) }) {
			return false
		}
	}
	return true
}

var orders = []hub.VisitOrder{hub.ByArrival, hub.ByTime}

// want is what is to be found, in its order.
func want(all []hub.Visit, keep func(hub.Visit) bool, o hub.VisitOrder) (chosen []hub.Visit) {
	for _, v := range all {
		if keep(v) {
			chosen = append(chosen, v)
		}
	}
	slices.SortFunc(chosen, func(a, b hub.Visit) int {
		if x, y := a.MadeAt(a.At), b.MadeAt(b.At); o == hub.ByTime && x != y {
			return cmp.Compare(y, x)
		}
		return cmp.Compare(b.Position, a.Position)
	})
	return chosen
}

func placeOf(v hub.Visit) hub.VisitPlace {
	return hub.VisitPlace{At: v.MadeAt(v.At), Position: v.Position}
}

// findsVisits: whatever is asked for by whomever is what a look at each visit
// finds.
func findsVisits(t *testing.T, b *bench) {
	cards, known := map[ark.VanID]*journal{}, map[ark.ID]ark.VanID{}
	for i, van := range town.vans {
		cards[van] = b.journal(van, byte(i+1))
	}
	b.must(b.SetArea(t.Context(), hub.Everything, "van-1", []ark.Place{{Street: "翠苑街道"}}, "lin"))
	b.must(b.SetArea(t.Context(), hub.Everything, "van-2", []ark.Place{{Street: "文新街道", Community: "一社区"}, {Compound: "乙苑"}}, "lin"))
	areas, err := b.Areas(t.Context(), hub.Everything)
	b.must(err)
	rounds := 0
	rapid.Check(t, func(t *rapid.T) {
		if rounds++; rounds > 30 { // each looks at many filters
			return
		}
		if len(known) < 90 {
			b.stir(t, cards, known)
		}
		b.must(b.Found(b.t.Context()))
		all := b.all()
		for range 3 {
			sight, f, o := anySight(t), anyFilter(t), one(t, orders)
			chosen := want(all, func(v hub.Visit) bool { return sight.SeesVisit(v.Where, areas[v.Van]) && chooses(f, v) }, o)
			b.compare(t, sight, f, o, chosen)
			b.compareMap(t, sight, f, chosen)
		}
		sight := anySight(t)
		b.compareSince(t, sight, want(all, func(v hub.Visit) bool { return sight.SeesVisit(v.Where, areas[v.Van]) }, hub.ByArrival))
		live := want(all, func(v hub.Visit) bool { return sight.SeesVisit(v.Where, areas[v.Van]) && !v.Withdrawn }, hub.ByArrival)
		b.compareChoices(t, sight, live)
		b.compareOverview(t, sight, live)
	})
}

// compare goes through the pages, down and up, and counts.
func (b *bench) compare(t *rapid.T, sight hub.Sight, f hub.VisitFilter, o hub.VisitOrder, chosen []hub.Visit) {
	var down, up, each []hub.Visit
	limit := rapid.IntRange(9, 60).Draw(t, "limit")
	for p := (hub.VisitPage{Order: o, Limit: limit}); ; {
		page, err := b.FindVisits(b.t.Context(), sight, f, p)
		b.must(err)
		down = append(down, page...)
		if len(page) < limit {
			break
		}
		p.After = placeOf(page[limit-1])
	}
	if d := diff.Diff(chosen, down, cmpopts.EquateEmpty()); d != "" {
		t.Fatalf("%+v in the sight of %+v (-want +got):\n%s", f, sight, d)
	}
	if len(chosen) > 0 {
		for p := (hub.VisitPage{Order: o, Limit: limit, Up: true, After: placeOf(chosen[len(chosen)-1])}); ; {
			page, err := b.FindVisits(b.t.Context(), sight, f, p)
			b.must(err)
			up = append(page, up...)
			if len(page) < limit {
				break
			}
			p.After = placeOf(page[0])
		}
		if d := diff.Diff(chosen[:len(chosen)-1], up, cmpopts.EquateEmpty()); d != "" {
			t.Fatalf("%+v upwards (-want +got):\n%s", f, d)
		}
	}
	b.must(b.EachVisit(b.t.Context(), sight, f, o, func(v hub.Visit) error { each = append(each, v); return nil }))
	if d := diff.Diff(chosen, each, cmpopts.EquateEmpty()); d != "" {
		t.Fatalf("%+v one by one (-want +got):\n%s", f, d)
	}
	most := rapid.IntRange(0, 50).Draw(t, "most")
	if n, err := b.CountVisits(b.t.Context(), sight, f, most); err != nil || n != min(most, len(chosen)) {
		t.Fatalf("%+v: %d up to %d, %v; there are %d", f, n, most, err, len(chosen))
	}
}

// compareMap adds the clusters of a map up.
func (b *bench) compareMap(t *rapid.T, sight hub.Sight, f hub.VisitFilter, chosen []hub.Visit) {
	box, zoom := anyBox(t), rapid.IntRange(0, 22).Draw(t, "zoom")
	clusters, err := b.MapVisits(b.t.Context(), sight, f, box, zoom)
	b.must(err)
	got, states, wanted, wantedStates := 0, map[ark.ReviewState]int{}, 0, map[ark.ReviewState]int{}
	alone := map[ark.ID]bool{}
	for _, v := range chosen {
		if v.Geo != nil && inBox(box, *v.Geo) {
			wanted++
			wantedStates[v.State]++
			alone[v.ID] = true
		}
	}
	for _, c := range clusters {
		got += c.Count
		for s, n := range c.States {
			states[s] += n
		}
		if !inBox(box, ark.Geo{Lat: c.Lat, Lon: c.Lon}) || (c.Count == 1) != alone[c.Visit] {
			t.Fatalf("cluster %+v in %+v", c, box)
		}
	}
	if got != wanted || !diff.Equal(states, wantedStates) || len(clusters) > hub.MaxClusters {
		t.Fatalf("%+v in the sight of %+v, map %+v at zoom %d: %d visits, %v; want %d, %v", f, sight, box, zoom, got, states, wanted, wantedStates)
	}
}

// compareSince follows the changes from the beginning.
func (b *bench) compareSince(t *rapid.T, sight hub.Sight, chosen []hub.Visit) {
	var got []hub.Visit
	for last, limit := int64(0), rapid.IntRange(9, 60).Draw(t, "limit"); ; {
		page, err := b.VisitsSince(b.t.Context(), sight, last, limit)
		b.must(err)
		for _, v := range page {
			if !v.Gone {
				got = append(got, v.Visit)
			}
		}
		if len(page) < limit {
			break
		}
		last = page[len(page)-1].Changed
	}
	slices.SortFunc(chosen, func(a, b hub.Visit) int { return cmp.Compare(a.Changed, b.Changed) })
	if d := diff.Diff(chosen, got, cmpopts.EquateEmpty()); d != "" {
		t.Fatalf("since the beginning in the sight of %+v (-want +got):\n%s", sight, d)
	}
}

func (b *bench) compareChoices(t *rapid.T, sight hub.Sight, chosen []hub.Visit) {
	var w hub.Choices
	for _, v := range chosen {
		place := v.Where
		place.Building, place.Unit, place.Room = "", "", ""
		if place != (ark.Place{}) {
			w.Places = append(w.Places, place)
		}
		w.Vans, w.Services = append(w.Vans, v.Van), append(w.Services, v.Services...)
		if v.By != "" {
			w.By = append(w.By, v.By)
		}
		for _, n := range v.Needs {
			w.Needs = append(w.Needs, n.Category)
		}
	}
	got, err := b.VisitChoices(b.t.Context(), sight, true)
	b.must(err)
	for name, pair := range map[string][2][]string{
		"places": {words(w.Places), words(got.Places)}, "vans": {words(w.Vans), words(got.Vans)}, "crew": {words(w.By), words(got.By)},
		"services": {words(w.Services), words(got.Services)}, "needs": {words(w.Needs), words(got.Needs)},
	} {
		if !slices.Equal(slices.Compact(pair[0]), pair[1]) {
			t.Fatalf("%s to choose from in the sight of %+v: %q, want %q", name, sight, pair[1], slices.Compact(pair[0]))
		}
	}
}

// words are values as text, in order.
func words[T any](vs []T) (all []string) {
	for _, v := range vs {
		all = append(all, fmt.Sprintf("%#v", v))
	}
	slices.Sort(all)
	return all
}
