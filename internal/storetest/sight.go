package storetest

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"ark"
	"ark/hub"
)

// streets is a store in which two streets have one of everything: a van with
// what it told, a household, a crew member, a phone. A third van goes to both,
// a fourth has no area.
type streets struct {
	*bench
	north, south street
}

type street struct {
	place                    ark.Place
	van                      ark.VanID
	visit, unplaced          ark.ID
	household, member, phone ark.ID
}

// see is the sight of a street.
func see(s street) hub.Sight { return hub.Sight{Places: []ark.Place{s.place}} }

func (b *bench) streets() *streets {
	b.t.Helper()
	make := func(name string, n byte) street {
		s := street{place: ark.Place{Street: name}, van: ark.VanID("van-" + name), visit: b.id(), unplaced: b.id(), household: b.id(), member: b.id(), phone: b.id()}
		at := ark.Place{Street: name + "街道", Compound: name + "苑", Room: "1"}
		b.must(b.SetArea(b.t.Context(), hub.Everything, s.van, []ark.Place{{Street: name, Compound: name + "苑"}}, "lin"))
		j := b.journal(s.van, n)
		b.commit(j.delivery(
			j.fact(s.visit, ark.KindVisit, ark.Visit{Place: name, Where: at, Outcome: ark.Met}),
			j.fact(s.unplaced, ark.KindVisit, ark.Visit{Place: name + "?", Outcome: ark.Met}),
			j.fact(b.id(), ark.KindBroadcast, ark.AsRun{Broadcast: b.id(), Announcement: "x", Title: ark.Text{Zh: name}, RequestedAt: morning, State: ark.BroadcastFinished}),
			j.fact(b.id(), ark.KindPhone, ark.Phone{ID: s.phone, Name: name, Verifier: ark.HashOf([]byte(name)), At: 1})))
		b.must(b.PutHouseholds(b.t.Context(), hub.Everything, []ark.Household{{ID: s.household, Place: at}}, []ark.ID{{}}, "lin"))
		b.must(b.SetCrewMember(b.t.Context(), hub.Everything, member(s.member, name, s.van)))
		_, err := b.AppendOrders(b.t.Context(), []ark.VanID{s.van}, ark.KindStop, ark.Stop{By: "lin"})
		b.must(err)
		return s
	}
	s := &streets{bench: b, north: make("bei", 1), south: make("nan", 2)}
	b.must(b.SetArea(b.t.Context(), hub.Everything, "van-both", []ark.Place{s.north.place, s.south.place}, "lin"))
	for n, van := range []ark.VanID{"van-both", "van-none"} {
		j := b.journal(van, byte(3+n))
		b.commit(j.delivery(j.fact(b.id(), ark.KindBroadcast, ark.AsRun{Broadcast: b.id(), Announcement: "x", Title: ark.Text{Zh: string(van)}, RequestedAt: morning, State: ark.BroadcastFinished})))
	}
	return s
}

// listed are all lists as a sight has them, each as words.
func (s *streets) listed(sight hub.Sight) map[string]string {
	s.t.Helper()
	ctx, lists := s.t.Context(), map[string][]string{}
	vans, err := s.Vans(ctx, sight)
	s.must(err)
	for _, v := range vans {
		lists["vans"] = append(lists["vans"], string(v.ID))
	}
	for name, read := range map[string]func() ([]hub.Broadcast, error){
		"broadcasts": func() ([]hub.Broadcast, error) { return s.Broadcasts(ctx, sight, hub.Page{Limit: 9}) },
		"asrun":      func() ([]hub.Broadcast, error) { return s.AsRun(ctx, sight, hub.AsRunFilter{Page: hub.Page{Limit: 9}}) },
		"asrun-state": func() ([]hub.Broadcast, error) {
			return s.AsRun(ctx, sight, hub.AsRunFilter{Page: hub.Page{Limit: 9}, State: ark.BroadcastFinished})
		},
		"asrun-other-van": func() ([]hub.Broadcast, error) {
			return s.AsRun(ctx, sight, hub.AsRunFilter{Page: hub.Page{Limit: 9}, Van: s.south.van})
		},
	} {
		rows, err := read()
		s.must(err)
		for _, b := range rows {
			lists[name] = append(lists[name], b.Title.Zh)
		}
	}
	orders, err := s.Orders(ctx, sight, hub.Page{Limit: 9})
	s.must(err)
	for _, o := range orders {
		lists["orders"] = append(lists["orders"], string(o.Van))
	}
	hs, err := s.Households(ctx, sight, hub.HouseholdFilter{Limit: 9})
	s.must(err)
	for _, h := range hs {
		lists["households"] = append(lists["households"], h.Place.Compound)
	}
	crew, err := s.CrewMembers(ctx, sight)
	s.must(err)
	for _, m := range crew {
		lists["crew"] = append(lists["crew"], m.Name+fmt.Sprint(m.Vans))
	}
	phones, err := s.VanPhones(ctx, sight)
	s.must(err)
	for _, p := range phones {
		lists["phones"] = append(lists["phones"], p.Name)
	}
	areas, err := s.Areas(ctx, sight)
	s.must(err)
	for van, area := range areas {
		lists["areas"] = append(lists["areas"], string(van)+fmt.Sprint(len(area)))
	}
	words := map[string]string{}
	for name, list := range lists {
		slices.Sort(list)
		words[name] = strings.Join(list, " ")
	}
	return words
}

// sights: each list has what is in sight and nothing else.
func sights(t *testing.T, b *bench) {
	s := b.streets()
	north := map[string]string{"vans": "van-bei van-both", "broadcasts": "bei van-both", "asrun": "bei van-both", "asrun-state": "bei van-both", "asrun-other-van": "",
		"orders": "van-bei", "households": "bei苑", "crew": "bei[van-bei]", "phones": "bei", "areas": "van-bei1 van-both1"}
	whole := map[string]string{"vans": "van-bei van-both van-nan van-none", "broadcasts": "bei nan van-both van-none", "asrun": "bei nan van-both van-none",
		"asrun-state": "bei nan van-both van-none", "asrun-other-van": "nan", "orders": "van-bei van-nan", "households": "bei苑 nan苑",
		"crew": "bei[van-bei] nan[van-nan]", "phones": "bei nan", "areas": "van-bei1 van-both2 van-nan1"}
	for name, c := range map[string]struct {
		sight hub.Sight
		want  map[string]string
	}{
		"whole": {hub.Everything, whole}, "nothing": {hub.Sight{}, nil}, "everywhere by an empty place": {hub.Sight{Places: []ark.Place{{}, {Street: " "}}}, nil},
		"a street": {see(s.north), north}, "written otherwise": {hub.Sight{Places: []ark.Place{{Street: "bei街道"}}}, north},
		"both streets": {hub.Sight{Places: []ark.Place{s.north.place, s.south.place}}, map[string]string{"vans": "van-bei van-both van-nan", "broadcasts": "bei nan van-both",
			"asrun": "bei nan van-both", "asrun-state": "bei nan van-both", "asrun-other-van": "nan", "orders": "van-bei van-nan", "households": "bei苑 nan苑",
			"crew": "bei[van-bei] nan[van-nan]", "phones": "bei nan", "areas": "van-bei1 van-both2 van-nan1"}},
	} {
		got := s.listed(c.sight)
		for list := range whole {
			if got[list] != c.want[list] {
				t.Errorf("%s: %s %q, want %q", name, list, got[list], c.want[list])
			}
		}
	}
}

// sightOfOne: what is not in sight is not there, to read or to change, and
// nothing leaves a sight or comes into it by those who have not both.
func sightOfOne(t *testing.T, b *bench) {
	s, ctx := b.streets(), t.Context()
	north, south := see(s.north), see(s.south)
	for _, id := range []ark.ID{s.north.visit, s.north.unplaced} { // one by its place, one by its van
		_, mine := b.VisitRecord(ctx, north, id)
		_, theirs := b.VisitRecord(ctx, south, id)
		if mine != nil || !errors.Is(theirs, hub.ErrNotThere) {
			t.Errorf("a visit: %v, from the other street %v", mine, theirs)
		}
	}
	if all, err := b.HouseholdHistory(ctx, south, s.north.household); err != nil || len(all) != 0 {
		t.Errorf("a household of another street: %v, %v", all, err)
	}
	all, err := b.HouseholdHistory(ctx, north, s.north.household)
	if err != nil || len(all) != 1 {
		t.Fatalf("a household: %v, %v", all, err)
	}
	home := all[0].Household
	moved := home
	moved.Place.Street = "nan"
	mixed, alone := member(s.north.member, "换名", s.north.van, s.south.van), member(b.id(), "新人", s.south.van)
	for name, c := range map[string]struct {
		err  error
		want error
	}{
		"review":                 {b.SetReview(ctx, south, ark.Review{Visit: s.north.visit, Entry: s.north.visit, State: ark.ReviewApproved, By: "x"}, hub.AnyReview), hub.ErrNotThere},
		"household":              {b.PutHouseholds(ctx, south, []ark.Household{home}, []ark.ID{home.Rev}, "x"), hub.ErrNotThere},
		"household as a new one": {b.PutHouseholds(ctx, south, []ark.Household{home}, []ark.ID{{}}, "x"), hub.ErrNotThere},
		"household moved away":   {b.PutHouseholds(ctx, north, []ark.Household{moved}, []ark.ID{home.Rev}, "x"), hub.ErrOutOfSight},
		"area":                   {b.SetArea(ctx, south, s.north.van, nil, "x"), hub.ErrNotThere},
		"area beyond":            {b.SetArea(ctx, north, s.north.van, []ark.Place{s.south.place}, "x"), hub.ErrOutOfSight},
		"area of none":           {b.SetArea(ctx, north, "van-none", []ark.Place{s.north.place}, "x"), hub.ErrNotThere},
		"crew":                   {b.SetCrewMember(ctx, south, member(s.north.member, "x", s.south.van)), hub.ErrNotThere},
		"crew of both":           {b.SetCrewMember(ctx, north, mixed), hub.ErrOutOfSight},
		"crew of all":            {b.SetCrewMember(ctx, north, member(b.id(), "x")), hub.ErrOutOfSight},
		"new crew":               {b.SetCrewMember(ctx, south, alone), nil},
		"phone":                  {b.StrikePhone(ctx, south, s.north.van, s.north.phone, "x"), hub.ErrNotThere},
		"own phone":              {b.StrikePhone(ctx, south, s.south.van, s.south.phone, "x"), nil},
		"own review":             {b.SetReview(ctx, north, ark.Review{Visit: s.north.visit, Entry: s.north.visit, State: ark.ReviewApproved, By: "x"}, hub.AnyReview), nil},
		"own household":          {b.PutHouseholds(ctx, north, []ark.Household{home}, []ark.ID{home.Rev}, "x"), nil},
	} {
		if !errors.Is(c.err, c.want) {
			t.Errorf("%s: %v, want %v", name, c.err, c.want)
		}
	}
	b.must(b.SetArea(ctx, north, "van-both", nil, "x")) // takes away what is theirs, and no more
	areas, err := b.Areas(ctx, hub.Everything)
	b.must(err)
	if left := areas["van-both"]; len(left) != 1 || left[0] != s.south.place {
		t.Errorf("the van of both streets goes to %v", left)
	}
	for name, err := range map[string]error{"review": reviewsOf(b, s.north.visit, 1), "phone": phoneStruck(b, s.north.phone, false)} {
		if err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func reviewsOf(b *bench, visit ark.ID, want int) error {
	if got := len(b.record(visit).Reviews); got != want {
		return fmt.Errorf("%d reviews, want %d", got, want)
	}
	return nil
}

func phoneStruck(b *bench, id ark.ID, want bool) error {
	all, err := b.VanPhones(b.t.Context(), hub.Everything)
	b.must(err)
	for _, p := range all {
		if p.ID == id && p.Struck != want {
			return fmt.Errorf("struck off: %v", p.Struck)
		}
	}
	return nil
}
