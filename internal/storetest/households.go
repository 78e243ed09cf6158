package storetest

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"ark"
	"ark/hub"
)

func door(compound, building, room string) ark.Place {
	return ark.Place{Street: "翠苑街道", Community: "翠苑一区社区", Compound: compound, Building: building, Room: room}
}

func (b *bench) household(compound, building, room string, names ...string) ark.Household {
	h := ark.Household{ID: b.id(), Place: door(compound, building, room)}
	for _, n := range names {
		h.Members = append(h.Members, ark.Member{Name: n})
	}
	return h
}

// put keeps a household as staff want it, on top of what it is.
func (b *bench) put(h ark.Household) ark.Household {
	b.t.Helper()
	b.must(b.PutHouseholds(b.t.Context(), hub.Everything, []ark.Household{h}, []ark.ID{h.Rev}, "lin"))
	return b.now(h.ID)
}

// now is a household as it is.
func (b *bench) now(id ark.ID) ark.Household {
	b.t.Helper()
	all, err := b.HouseholdHistory(b.t.Context(), hub.Everything, id)
	b.must(err)
	if len(all) == 0 {
		b.t.Fatalf("household %s is nowhere", id)
	}
	listed, err := b.Households(b.t.Context(), hub.Everything, hub.HouseholdFilter{Within: all[0].Place, Limit: 500})
	b.must(err)
	for _, h := range listed {
		if h.ID == id {
			return h
		}
	}
	b.t.Fatalf("household %s is in no list", id)
	return ark.Household{}
}

// households: what staff write down, and how it is found.
func households(t *testing.T, b *bench) {
	one, two, three := b.household("翠苑一区", "3", "501", "王建国", "李秀英"), b.household("翠苑一区", "4", "101", "张桂芳"), b.household("塘苗路小区", "3", "501", "陈阿姨")
	one.Members[1].Phone, two.Phone, three.Place.Community = "13800001234", "88881111", "塘苗社区"
	var told hub.Change
	defer b.Changes(func(c hub.Change) { told = c })()
	b.must(b.PutHouseholds(t.Context(), hub.Everything, []ark.Household{one, two, three}, make([]ark.ID, 3), "lin"))
	if !told.Households {
		t.Error("nobody is told of new households")
	}
	b.reopen()
	for name, c := range map[string]struct {
		f    hub.HouseholdFilter
		want []ark.ID
	}{
		"all":             {hub.HouseholdFilter{}, []ark.ID{one.ID, two.ID, three.ID}},
		"of a street":     {hub.HouseholdFilter{Within: ark.Place{Street: "翠苑街道"}}, []ark.ID{one.ID, two.ID, three.ID}},
		"of a community":  {hub.HouseholdFilter{Within: ark.Place{Community: "塘苗社区"}}, []ark.ID{three.ID}},
		"of a building":   {hub.HouseholdFilter{Within: ark.Place{Compound: "翠苑一区", Building: "3"}}, []ark.ID{one.ID}},
		"of nowhere":      {hub.HouseholdFilter{Within: ark.Place{Compound: "翠苑二区"}}, nil},
		"by name":         {hub.HouseholdFilter{Text: "桂芳"}, []ark.ID{two.ID}},
		"by telephone":    {hub.HouseholdFilter{Text: "0001234"}, []ark.ID{one.ID}},
		"by its own":      {hub.HouseholdFilter{Text: " 8888 "}, []ark.ID{two.ID}},
		"by masked name":  {hub.HouseholdFilter{Text: "桂芳", Masked: true}, nil},
		"by family":       {hub.HouseholdFilter{Text: "张", Masked: true}, []ark.ID{two.ID}},
		"masked number":   {hub.HouseholdFilter{Text: "0001234", Masked: true}, nil},
		"masked digit":    {hub.HouseholdFilter{Text: "8", Masked: true}, nil},
		"a door's digits": {hub.HouseholdFilter{Text: "3-", Masked: true, Limit: 1}, []ark.ID{one.ID}},
		"masked and open": {hub.HouseholdFilter{Text: "501\n138", Masked: true}, nil},
		"many by pages":   {hub.HouseholdFilter{Text: "小区", After: one.ID, Limit: 1}, []ark.ID{three.ID}},
		"after the last":  {hub.HouseholdFilter{Text: "501", After: three.ID}, nil},
		"within a place":  {hub.HouseholdFilter{Text: "501", Within: ark.Place{Community: "塘苗社区"}}, []ark.ID{three.ID}},
		"pairs elsewhere": {hub.HouseholdFilter{Text: "张桂-桂芳"}, nil},
		"more than is":    {hub.HouseholdFilter{Text: strings.Repeat("翠苑一区", 100)}, nil},
		"by door":         {hub.HouseholdFilter{Text: "翠苑一区3幢501"}, []ark.ID{one.ID}},
		"by a percent":    {hub.HouseholdFilter{Text: "%"}, nil},
		"after one":       {hub.HouseholdFilter{After: one.ID}, []ark.ID{two.ID, three.ID}},
		"a page":          {hub.HouseholdFilter{After: one.ID, Limit: 1}, []ark.ID{two.ID}},
		"with a question": {hub.HouseholdFilter{Disputed: true}, nil},
	} {
		if c.f.Limit == 0 {
			c.f.Limit = 9
		}
		got, err := b.Households(t.Context(), hub.Everything, c.f)
		b.must(err)
		var ids []ark.ID
		for _, h := range got {
			ids = append(ids, h.ID)
		}
		if !slices.Equal(ids, c.want) {
			t.Errorf("%s: %v, want %v", name, ids, c.want)
		}
	}
	was := b.now(one.ID)
	changed := was
	changed.Note, changed.Members[0].Name = "听力不好", "王建军"
	changed.Disputed = []string{"phone"}
	changed = b.put(changed)
	history, err := b.HouseholdHistory(t.Context(), hub.Everything, one.ID)
	if err != nil || len(history) != 2 || history[0].Note != "听力不好" || history[0].Rev != changed.Rev || history[0].By != "lin" || history[0].Van != "" || history[0].Made.IsZero() || history[1].Rev != was.Rev || history[1].Note != "" {
		t.Errorf("history %+v, %v", history, err)
	}
	for text, want := range map[string]int{"王建国": 0, "王建军": 1} {
		if got, err := b.Households(t.Context(), hub.Everything, hub.HouseholdFilter{Text: text, Limit: 9}); err != nil || len(got) != want {
			t.Errorf("once it is changed %q finds %+v, %v", text, got, err)
		}
	}
	if got, err := b.Households(t.Context(), hub.Everything, hub.HouseholdFilter{Disputed: true, Limit: 9}); err != nil || len(got) != 1 || got[0].Rev != changed.Rev || got[0].Rev == was.Rev {
		t.Errorf("disputed: %+v, %v", got, err)
	}
	for name, c := range map[string]struct {
		h    ark.Household
		was  ark.ID
		want error
	}{
		"what it was before": {was, was.Rev, hub.ErrStale}, "as a new one": {was, ark.ID{}, hub.ErrStale}, "one that is none": {b.household("x", "1", "1"), was.Rev, hub.ErrNotThere},
		"without a door": {ark.Household{ID: b.id()}, ark.ID{}, hub.ErrInvalid}, "forgotten": {ark.Household{ID: b.id(), Forget: true}, ark.ID{}, hub.ErrInvalid},
	} {
		if err := b.PutHouseholds(t.Context(), hub.Everything, []ark.Household{b.household("新", "1", "1"), c.h}, []ark.ID{{}, c.was}, "wu"); !errors.Is(err, c.want) {
			t.Errorf("%s: %v, want %v", name, err, c.want)
		}
	}
	if got, err := b.Households(t.Context(), hub.Everything, hub.HouseholdFilter{Text: "新", Limit: 9}); err != nil || len(got) != 0 {
		t.Errorf("half of what failed is kept: %+v, %v", got, err)
	}
}

func householdsHaveBounds(t *testing.T, b *bench) {
	hs := make([]ark.Household, hub.MaxPut+1)
	for i := range hs {
		hs[i] = b.household("翠苑一区", "1", fmt.Sprint(i))
	}
	if err := b.PutHouseholds(t.Context(), hub.Everything, hs, make([]ark.ID, len(hs)), "lin"); !errors.Is(err, hub.ErrInvalid) {
		t.Errorf("%d at once: %v", len(hs), err)
	}
	b.must(b.PutHouseholds(t.Context(), hub.Everything, hs[1:], make([]ark.ID, hub.MaxPut), "lin"))
	if err := b.PutHouseholds(t.Context(), hub.Everything, hs[:1], nil, "lin"); !errors.Is(err, hub.ErrInvalid) {
		t.Errorf("without what they were: %v", err)
	}
	for name, c := range map[string]struct {
		van  ark.VanID
		area []ark.Place
		want error
	}{
		"everywhere": {"van-1", []ark.Place{{}}, hub.ErrInvalid}, "no van": {"Van 1", nil, hub.ErrInvalid},
		"too many": {"van-1", slices.Repeat([]ark.Place{{Compound: "翠苑一区"}}, hub.MaxAreas+1), hub.ErrFull},
	} {
		if err := b.SetArea(t.Context(), hub.Everything, c.van, c.area, "lin"); !errors.Is(err, c.want) {
			t.Errorf("area %s: %v, want %v", name, err, c.want)
		}
	}
}

// edit is a crew's change of what it saw, as an entry.
func edit(was ark.Household, change func(*ark.Household)) ark.HouseholdEdit {
	now := was
	now.Members = slices.Clone(was.Members)
	change(&now)
	return ark.HouseholdEdit{Now: now, Was: was, Name: "王师傅"}
}

// householdEdits: what two made of one household is joined, and where they
// disagree, staff are asked.
func householdEdits(t *testing.T, b *bench) {
	j, other := b.journal("van-1", 1), b.journal("van-2", 2)
	for _, van := range []ark.VanID{"van-1", "van-2"} {
		b.must(b.SetArea(t.Context(), hub.Everything, van, []ark.Place{{Compound: "翠苑一区"}}, "lin"))
	}
	saw := b.put(b.household("翠苑一区", "3", "501", "王建国"))
	staff := saw
	staff.Phone = "88881111"
	b.put(staff)
	first, second, fresh := b.id(), b.id(), b.household("翠苑一区", "3", "502", "新来的")
	c := b.commit(j.delivery(j.fact(first, ark.KindHousehold, edit(saw, func(h *ark.Household) { h.Note = "听力不好" })),
		j.fact(b.id(), ark.KindHousehold, ark.HouseholdEdit{Now: fresh, Name: "王师傅"})))
	if !c.Households {
		t.Error("nobody is told of a correction")
	}
	if h := b.now(saw.ID); h.Phone != "88881111" || h.Note != "听力不好" || h.Rev != first || len(h.Disputed) != 0 {
		t.Errorf("joined: %+v", h)
	}
	if h := b.now(fresh.ID); len(h.Members) != 1 || h.Rev.IsZero() {
		t.Errorf("a new one: %+v", h)
	}
	b.commit(other.delivery(other.fact(second, ark.KindHousehold, edit(saw, func(h *ark.Household) { h.Phone = "77770000"; h.NoVisit = "有狗" }))))
	b.reopen()
	h := b.now(saw.ID)
	if h.Phone != "88881111" || h.NoVisit != "有狗" || h.Note != "听力不好" || !slices.Equal(h.Disputed, []string{"phone"}) {
		t.Errorf("disputed: %+v", h)
	}
	history, err := b.HouseholdHistory(t.Context(), hub.Everything, saw.ID)
	if err != nil || len(history) != 4 || history[0].Van != "van-2" || history[0].By != "王师傅" || history[0].Rev != second || history[0].Asked.Phone != "77770000" || history[1].Van != "van-1" || history[3].Van != "" || !history[3].Asked.ID.IsZero() {
		t.Errorf("history %+v, %v", history, err)
	}
	h.Disputed, h.Phone = nil, "77770000"
	if h = b.put(h); len(h.Disputed) != 0 || h.Phone != "77770000" {
		t.Errorf("decided: %+v", h)
	}
}

// householdEditsInAnyOrder: of the edits of one crew, each on top of the one
// before, the last one stands, whichever comes first and however often.
func householdEditsInAnyOrder(t *testing.T, b *bench) {
	b.must(b.SetArea(t.Context(), hub.Everything, "van-1", []ark.Place{{Compound: "翠苑一区"}}, "lin"))
	cards := []*journal{b.journal("van-1", 1), b.journal("van-1", 2), b.journal("van-1", 3)}
	rapid.Check(t, func(t *rapid.T) {
		base := b.put(b.household("翠苑一区", "3", "501", "王建国"))
		var entries []ark.Entry
		saw := base
		for n := range rapid.IntRange(2, 4).Draw(t, "edits") {
			id := b.id()
			e := edit(saw, func(h *ark.Household) {
				h.Note = fmt.Sprint(n)
				h.Members = append(h.Members, ark.Member{Name: fmt.Sprint(n)})
			})
			body, err := ark.EncodeBody(ark.KindHousehold, e)
			b.must(err)
			entries = append(entries, ark.Entry{ID: id, Kind: ark.KindHousehold, At: ark.Stamp{Wall: id.Time(), Trusted: true}, Body: body})
			saw = e.Now
			saw.Rev = id
		}
		newest := entries[len(entries)-1]
		// the newest may overtake those before it, from another card; then the others, which it holds, change nothing it says
		at := rapid.IntRange(0, len(entries)-1).Draw(t, "overtakes")
		entries = slices.Insert(entries[:len(entries)-1], at, newest)
		entries = append(entries, rapid.SliceOfN(rapid.SampledFrom(entries), 0, 3).Draw(t, "again")...)
		for _, e := range entries {
			card := rapid.SampledFrom(cards).Draw(t, "card")
			b.commit(card.delivery(card.entry(e)))
		}
		got := b.now(base.ID)
		if at == len(entries)-1 && len(got.Disputed) > 0 {
			t.Errorf("disputed without a reason: %+v", got)
		}
		if got.Note != saw.Note {
			t.Errorf("the note is %q, the crew's last word %q", got.Note, saw.Note)
		}
		byName := func(a, b ark.Member) int { return strings.Compare(a.Name, b.Name) }
		slices.SortFunc(got.Members, byName)
		slices.SortFunc(saw.Members, byName)
		if diff := cmp.Diff(saw.Members, got.Members); diff != "" {
			t.Errorf("members (-crew's +got):\n%s", diff)
		}
	})
	if v := b.van("van-1"); v.Quarantined != 0 {
		t.Errorf("%d edits are in quarantine", v.Quarantined)
	}
}

// hostileHouseholdEdits: a van changes nothing outside its area, and orders
// nothing.
func hostileHouseholdEdits(t *testing.T, b *bench) {
	j := b.journal("van-1", 1)
	b.must(b.SetArea(t.Context(), hub.Everything, "van-1", []ark.Place{{Compound: "翠苑一区"}}, "lin"))
	theirs := b.put(b.household("塘苗路小区", "1", "101", "别人家"))
	b.commit(j.delivery(
		j.fact(b.id(), ark.KindHousehold, edit(theirs, func(h *ark.Household) { h.NoVisit = "不许来" })),
		j.fact(b.id(), ark.KindHousehold, ark.HouseholdEdit{Now: theirs}),
		j.fact(b.id(), ark.KindHousehold, ark.HouseholdEdit{Now: ark.Household{ID: theirs.ID, Forget: true}}),
	))
	for range 2 {
		if h := b.now(theirs.ID); h.NoVisit != "" || h.Rev != theirs.Rev {
			t.Errorf("another van's household is %+v", h)
		}
		if v := b.van("van-1"); v.Quarantined != 3 {
			t.Errorf("%d in quarantine, want 3", v.Quarantined)
		}
		b.reopen()
	}
	// one that left the area: its crew may still say what they saw
	ours := b.put(b.household("翠苑一区", "1", "101", "我们家"))
	b.tell("van-1")
	b.must(b.SetArea(t.Context(), hub.Everything, "van-1", nil, "lin"))
	b.tell("van-1")
	b.commit(j.delivery(j.fact(b.id(), ark.KindHousehold, edit(ours, func(h *ark.Household) { h.Note = "搬走前" }))))
	if h := b.now(ours.ID); h.Note != "搬走前" {
		t.Errorf("what the crew saw before it left is %+v", h)
	}
}
