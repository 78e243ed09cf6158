package storetest

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp/cmpopts"
	"pgregory.net/rapid"

	"ark"
	"ark/hub"

	diff "github.com/google/go-cmp/cmp"
)

// town is what visits are invented from: few values, so that filters meet.
var town = struct {
	vans                                                       []ark.VanID
	streets, communities, grids, compounds, buildings, by, say []string
	services                                                   []ark.Service
	needs                                                      []string
	households                                                 []ark.ID
}{
	vans:    []ark.VanID{"van-1", "van-2", "van-3"},
	streets: []string{"", "翠苑街道", "翠苑", "文新街道"}, communities: []string{"", "一社区", "二社区"}, grids: []string{"", "1"},
	compounds: []string{"", "甲苑", "甲苑小区", "乙苑"}, buildings: []string{"", "1", "2"}, by: []string{"", "林", "陈小明", "陈小"},
	say:      []string{"", "厨房漏水", "漏水", "电灯坏了，漏", "WiFi 坏", "水漏", "3幢501", "a\"b'--"},
	services: []ark.Service{"knives", "haircut", "own"}, needs: []string{"care", "repair"},
	households: []ark.ID{{}, ark.NewID(1, [10]byte{1}), ark.NewID(1, [10]byte{2})},
}

func one[T any](t *rapid.T, from []T) T { return rapid.SampledFrom(from).Draw(t, "value") }

func some[T any](t *rapid.T, from []T) (all []T) {
	for _, v := range from {
		if rapid.IntRange(0, 2).Draw(t, "has") == 0 {
			all = append(all, v)
		}
	}
	return all
}

func chance(t *rapid.T, in int) bool { return rapid.IntRange(1, in).Draw(t, "chance") == 1 }

func anyPlace(t *rapid.T) ark.Place {
	return ark.Place{Street: one(t, town.streets), Community: one(t, town.communities), Grid: one(t, town.grids), Compound: one(t, town.compounds), Building: one(t, town.buildings)}
}

func anyVisit(t *rapid.T) ark.Visit {
	v := ark.Visit{Place: "门", Where: anyPlace(t), Outcome: one(t, ark.Outcomes), By: one(t, town.by), Note: one(t, town.say), Person: one(t, town.by),
		Services: some(t, town.services), Household: one(t, town.households), Age: int64(rapid.IntRange(0, 3).Draw(t, "days")) * 86_400_000}
	if chance(t, 3) {
		v.Need = one(t, town.say)
	}
	for _, code := range some(t, town.needs) {
		v.Needs = append(v.Needs, ark.Need{Category: code, Words: one(t, town.say)})
	}
	if chance(t, 3) {
		v.Attachments = []ark.Attachment{{Content: ark.HashOf([]byte("x")), Size: 1, Type: "image/jpeg", Role: ark.RolePhoto}}
	}
	if chance(t, 2) {
		v.Geo = &ark.Geo{Lat: 302_000_000 + int64(rapid.IntRange(-3, 3).Draw(t, "north"))*40_000, Lon: 1_201_000_000 + int64(rapid.IntRange(-3, 3).Draw(t, "east"))*40_000}
	}
	if chance(t, 6) {
		v.Off = 2 * ark.PhoneDoubt
	}
	return v
}

// stir changes the store as vans and staff do.
func (b *bench) stir(t *rapid.T, cards map[ark.VanID]*journal, known map[ark.ID]ark.VanID) {
	var ds []hub.Delivery
	for range rapid.IntRange(1, 3).Draw(t, "deliveries") {
		j := cards[one(t, town.vans)]
		var facts []hub.Fact
		for range rapid.IntRange(1, 6).Draw(t, "visits") {
			facts = append(facts, b.someFact(t, j, known))
		}
		ds = append(ds, j.delivery(facts...))
	}
	b.commit(ds...)
	for range rapid.IntRange(0, 3).Draw(t, "reviews") {
		if len(known) == 0 {
			break
		}
		v := one(t, b.all())
		err := b.SetReview(b.t.Context(), hub.Everything, ark.Review{Visit: v.ID, Entry: v.Last, State: one(t, []ark.ReviewState{1, 3}), By: "lin", At: 1})
		if err != nil && !errors.Is(err, hub.ErrInvalid) {
			t.Fatal(err)
		}
	}
}

// someFact is a visit, or something that is said of one of the same van, or
// the time of a boot.
func (b *bench) someFact(t *rapid.T, j *journal, known map[ark.ID]ark.VanID) hub.Fact {
	encoded := func(kind ark.Kind, body any) []byte {
		raw, err := ark.EncodeBody(kind, body)
		b.must(err)
		return raw
	}
	var own []ark.ID
	for id, van := range known {
		if van == j.van {
			own = append(own, id)
		}
	}
	slices.SortFunc(own, ark.ID.Compare)
	id, boot := b.id(), ark.BootID{byte(rapid.IntRange(1, 4).Draw(t, "boot"))}
	at := ark.Stamp{Wall: 1_790_000_000_000 + ark.UnixMilli(rapid.IntRange(0, 5).Draw(t, "hours"))*3_600_000, Boot: boot, Trusted: !chance(t, 4)}
	at.Mono = time.Duration(rapid.IntRange(0, 9).Draw(t, "seconds")) * time.Second
	switch {
	case len(own) > 0 && chance(t, 5):
		return j.entry(ark.Entry{ID: id, Kind: ark.KindAmend, At: at, Body: encoded(ark.KindAmend, ark.Amend{Visit: one(t, own), Now: anyVisit(t)})})
	case len(own) > 0 && chance(t, 9):
		return j.entry(ark.Entry{ID: id, Kind: ark.KindWithdraw, At: at, Body: encoded(ark.KindWithdraw, ark.Withdrawal{Visit: one(t, own)})})
	case chance(t, 9):
		at.Trusted = true
		return j.entry(ark.Entry{ID: id, Kind: ark.KindClock, At: at, Body: encoded(ark.KindClock, ark.Clock{Wall: at.Wall + 7_200_000, Source: "hub"})})
	}
	known[id] = j.van
	return j.entry(ark.Entry{ID: id, Kind: ark.KindVisit, At: at, Body: encoded(ark.KindVisit, anyVisit(t))})
}

// all is every visit, as another part of the store lists them.
func (b *bench) all() (all []hub.Visit) {
	for p := (hub.Page{Limit: 500}); ; {
		page, err := b.Visits(b.t.Context(), p)
		b.must(err)
		all = append(all, page...)
		if len(page) < p.Limit {
			return all
		}
		p.Before = page[len(page)-1].Position
	}
}

func anyFilter(t *rapid.T) (f hub.VisitFilter) {
	set := func(name string, do func()) {
		if rapid.IntRange(0, 5).Draw(t, name) == 0 {
			do()
		}
	}
	yes := func() hub.Yes { is := rapid.Bool().Draw(t, "yes"); return &is }
	day := func() time.Time {
		return time.UnixMilli(1_790_000_000_000 + int64(rapid.IntRange(-8, 3).Draw(t, "half days"))*43_200_000)
	}
	set("from", func() { f.From = day() })
	set("to", func() { f.To = day() })
	set("within", func() { f.Within = anyPlace(t) })
	set("van", func() { f.Van = one(t, append(town.vans, "van-9")) })
	set("by", func() { f.By = one(t, town.by) })
	set("outcome", func() { f.Outcome = one(t, ark.Outcomes) })
	set("service", func() { f.Service = one(t, town.services) })
	set("need", func() { f.Need = one(t, append(town.needs, hub.AnyNeed)) })
	set("state", func() { s := one(t, []ark.ReviewState{0, 1, 2, 3}); f.State = &s })
	set("assigned", func() { f.Assigned = one(t, []string{hub.AssignedNobody, "lin"}) })
	set("doubtful", func() { f.Doubtful = yes() })
	set("photo", func() { f.Photo = yes() })
	set("text", func() {
		f.Text = one(t, []string{"漏水", "厨房漏", "wifi", "坏了", "漏 坏了", "3幢5 01", "a\"b 水漏", "甲苑", "陈小 漏水"})
	})
	set("household", func() { f.Household = one(t, town.households) })
	set("box", func() { b := anyBox(t); f.Box = &b })
	if rapid.IntRange(0, 7).Draw(t, "withdrawn") == 0 {
		f.Withdrawn = true
	}
	return f
}

func anyBox(t *rapid.T) hub.Box {
	lat, lon := 302_000_000+int64(rapid.IntRange(-4, 2).Draw(t, "south"))*40_000, 1_201_000_000+int64(rapid.IntRange(-4, 2).Draw(t, "west"))*40_000
	return hub.Box{South: lat, West: lon, North: lat + int64(rapid.IntRange(0, 5).Draw(t, "high"))*40_000, East: lon + int64(rapid.IntRange(0, 5).Draw(t, "wide"))*40_000}
}

func anySight(t *rapid.T) (s hub.Sight) {
	if rapid.Bool().Draw(t, "whole") {
		return hub.Everything
	}
	for range rapid.IntRange(0, 4).Draw(t, "places") {
		s.Places = append(s.Places, anyPlace(t))
	}
	return s
}

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
		got = append(got, page...)
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
	got, err := b.VisitChoices(b.t.Context(), sight)
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
