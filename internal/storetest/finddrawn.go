package storetest

import (
	"errors"
	"slices"
	"time"

	"pgregory.net/rapid"

	"ark"
	"ark/hub"
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
		err := b.SetReview(b.t.Context(), hub.Everything, ark.Review{Visit: v.ID, Entry: v.Last, State: one(t, []ark.ReviewState{1, 3}), By: "lin", At: 1}, hub.AnyReview)
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
