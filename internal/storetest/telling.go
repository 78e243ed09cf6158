package storetest

import (
	"errors"
	"fmt"
	"slices"
	"testing"

	"ark"
	"ark/hub"
)

// tell tells a van all that is due, as the office does, and takes it for the
// van. It gives what a van holds then that held nothing before.
func (b *bench) tell(van ark.VanID) (told []ark.Household) {
	b.t.Helper()
	for {
		due, err := b.DueHouseholds(b.t.Context(), van, 200)
		b.must(err)
		if len(due) == 0 {
			return told
		}
		b.must(b.TellHouseholds(b.t.Context(), van, due))
		told = append(told, due...)
		b.take(van)
	}
}

// take receipts all orders for a van.
func (b *bench) take(van ark.VanID) {
	b.t.Helper()
	j := b.orderJournal(van)
	b.must(b.OrdersAcked(b.t.Context(), []hub.OrderAck{{Van: van, Incarnation: j.Incarnation, Cursor: j.Last}}))
}

func doors(hs []ark.Household) (all []string) {
	for _, h := range hs {
		if h.Forget {
			all = append(all, "forget")
			continue
		}
		all = append(all, h.Place.Compound+h.Place.Room+h.Note)
	}
	slices.Sort(all)
	return all
}

// toldOfArea: each van is told of the households in its parts of town, of each
// change, and what to forget.
func toldOfArea(t *testing.T, b *bench) {
	one, two, three := b.put(b.household("甲", "1", "101")), b.put(b.household("甲", "1", "102")), b.put(b.household("乙", "1", "101"))
	move := func(h ark.Household, compound, note string) ark.Household {
		h.Place.Compound, h.Note = compound, note
		return b.put(h)
	}
	area := func(van ark.VanID, compounds ...string) {
		t.Helper()
		var area []ark.Place
		for _, c := range compounds {
			area = append(area, ark.Place{Compound: c})
		}
		b.must(b.SetArea(t.Context(), hub.Everything, van, area, "lin"))
	}
	for step, c := range []struct {
		do         func()
		van1, van2 []string
	}{
		{do: func() {}},
		{do: func() { area("van-1", "甲") }, van1: []string{"甲101", "甲102"}},
		{do: func() { area("van-1", "甲") }},
		{do: func() { area("van-2", "甲", "乙") }, van2: []string{"乙101", "甲101", "甲102"}},
		{do: func() { one = move(one, "甲", "!") }, van1: []string{"甲101!"}, van2: []string{"甲101!"}},
		{do: func() { two = move(two, "乙", "?") }, van1: []string{"forget"}, van2: []string{"乙102?"}},
		{do: func() { three = move(three, "丙", "") }, van2: []string{"forget"}},
		{do: func() { two = move(two, "甲", "?"); two = move(two, "乙", "?") }, van2: []string{"乙102?"}},
		{do: func() { area("van-1", "丙"); area("van-1", "丙", "乙") }, van1: []string{"forget", "丙101", "乙102?"}},
		{do: func() { area("van-1") }, van1: []string{"forget", "forget"}},
		{do: func() { one = move(one, "甲", "nobody holds it there") }, van2: []string{"甲101nobody holds it there"}},
		{do: func() { area("van-2") }, van2: []string{"forget", "forget"}},
	} {
		c.do()
		b.reopen()
		for van, want := range map[ark.VanID][]string{"van-1": c.van1, "van-2": c.van2} {
			due, err := b.VansDue(t.Context())
			b.must(err)
			if len(want) > 0 && !slices.Contains(due, van) {
				t.Errorf("step %d: %s is not due", step, van)
			}
			if got := doors(b.tell(van)); !slices.Equal(got, want) {
				t.Errorf("step %d: %s is told %q, want %q", step, van, got, want)
			}
		}
		if due, err := b.VansDue(t.Context()); err != nil || len(due) != 0 {
			t.Errorf("step %d: still due: %v, %v", step, due, err)
		}
	}
	areas, err := b.Areas(t.Context(), hub.Everything)
	if err != nil || len(areas) != 0 {
		t.Errorf("areas %v, %v", areas, err)
	}
}

// areasAsWritten: staff, a file and a crew each write a part of town in their
// own way; it is the same part of town. People read it as it was written.
func areasAsWritten(t *testing.T, b *bench) {
	written := []ark.Place{{Street: "翠苑", Community: "翠苑一区社区", Compound: "翠苑１区小区", Building: "03幢"}, {Compound: "塘苗路 小区"}}
	b.must(b.SetArea(t.Context(), hub.Everything, "van-1", written, "lin"))
	b.reopen()
	areas, err := b.Areas(t.Context(), hub.Everything)
	if err != nil || !slices.Equal(areas["van-1"], written) {
		t.Errorf("areas %+v, %v", areas, err)
	}
	b.put(b.household("翠苑一区", "3", "501"))
	b.put(b.household("翠苑一区", "4", "501"))
	b.put(b.household("塘苗路", "1", "101"))
	if got := doors(b.tell("van-1")); !slices.Equal(got, []string{"塘苗路101", "翠苑一区501"}) {
		t.Errorf("told %q", got)
	}
	listed, err := b.Households(t.Context(), hub.Everything, hub.HouseholdFilter{Within: ark.Place{Compound: "翠苑1区小区", Building: "4号楼"}, Limit: 9})
	if err != nil || len(listed) != 1 || listed[0].Place != door("翠苑一区", "4", "501") {
		t.Errorf("listed %+v, %v", listed, err)
	}
	b.must(b.SetArea(t.Context(), hub.Everything, "van-1", []ark.Place{{Compound: "塘苗路"}}, "lin")) // which changes nothing for that one
	if got := doors(b.tell("van-1")); !slices.Equal(got, []string{"forget"}) {
		t.Errorf("then told %q", got)
	}
	if err := b.SetArea(t.Context(), hub.Everything, "van-1", []ark.Place{{Compound: " - "}}, "lin"); !errors.Is(err, hub.ErrInvalid) {
		t.Errorf("an area that is everywhere: %v", err)
	}
}

// toldOfItsOwn: a van that nobody gave an area hears that what its crew wrote
// down is settled, and what staff make of it, and nothing else.
func toldOfItsOwn(t *testing.T, b *bench) {
	j := b.journal("van-1", 1)
	b.put(b.household("甲", "1", "102"))
	made, edit := b.household("甲", "1", "101", "王建国"), b.id()
	b.commit(j.delivery(j.fact(edit, ark.KindHousehold, ark.HouseholdEdit{Now: made, Name: "王师傅"})))
	b.reopen()
	if due, err := b.VansDue(t.Context()); err != nil || !slices.Equal(due, []ark.VanID{"van-1"}) {
		t.Errorf("due are %v, %v", due, err)
	}
	if told := b.tell("van-1"); len(told) != 1 || told[0].ID != made.ID || !slices.Equal(told[0].Has, []ark.ID{edit}) {
		t.Errorf("told %+v", told)
	}
	h := b.now(made.ID)
	h.Note = "听力不好"
	b.put(h)
	if told := b.tell("van-1"); len(told) != 1 || told[0].Note != "听力不好" || len(told[0].Has) != 0 {
		t.Errorf("told of what staff changed: %+v", told)
	}
	if due, err := b.VansDue(t.Context()); err != nil || len(due) != 0 {
		t.Errorf("still due: %v, %v", due, err)
	}
	b.must(b.SetArea(t.Context(), hub.Everything, "van-1", []ark.Place{{Compound: "乙"}}, "lin"))
	if got := doors(b.tell("van-1")); !slices.Equal(got, []string{"forget"}) {
		t.Errorf("with an area elsewhere: told %q", got)
	}
	b.must(b.SetArea(t.Context(), hub.Everything, "van-1", nil, "lin"))
	b.commit(j.delivery(j.fact(b.id(), ark.KindHousehold, ark.HouseholdEdit{Now: made, Was: made, Name: "王师傅"})))
	if got := doors(b.tell("van-1")); len(got) != 0 {
		t.Errorf("with its area taken away: told %q", got)
	}
}

// largeAreas: an area goes in orders that each fit into an entry, of which few
// are under way at a time.
func largeAreas(t *testing.T, b *bench) {
	const n = hub.MaxPut // of which one look at the area finds half
	hs := make([]ark.Household, n)
	for i := range hs {
		hs[i] = b.household("大", "1", fmt.Sprint(i), "王建国", "李秀英")
	}
	b.must(b.PutHouseholds(t.Context(), hub.Everything, hs, make([]ark.ID, n), "lin"))
	b.must(b.SetArea(t.Context(), hub.Everything, "van-1", []ark.Place{{Compound: "大"}, {Street: "翠苑街道"}}, "lin"))
	for n := range hub.MaxUnderWay + 1 {
		due, err := b.DueHouseholds(t.Context(), "van-1", 50)
		if b.must(err); (len(due) == 0) != (n == hub.MaxUnderWay) || len(due) > 50 {
			t.Fatalf("with %d orders under way %d households are due", n, len(due))
		}
		b.must(b.TellHouseholds(t.Context(), "van-1", due))
	}
	b.take("van-1")
	told := append(b.tell("van-1"), b.tell("van-1")...)
	if len(told) != n-50*hub.MaxUnderWay {
		t.Errorf("told of %d more, want each once", len(told))
	}
	b.must(b.SetArea(t.Context(), hub.Everything, "van-1", nil, "lin"))
	if forgotten := b.tell("van-1"); len(forgotten) != n || !forgotten[0].Forget {
		t.Errorf("%d are forgotten, want %d", len(forgotten), n)
	}
}

// editsSettle: the order that brings a household says which edits of this
// van's crew are in it.
func editsSettle(t *testing.T, b *bench) {
	j, other := b.journal("van-1", 1), b.journal("van-2", 2)
	for _, van := range []ark.VanID{"van-1", "van-2"} {
		b.must(b.SetArea(t.Context(), hub.Everything, van, []ark.Place{{Compound: "甲"}}, "lin"))
	}
	h := b.put(b.household("甲", "1", "101"))
	b.tell("van-1")
	b.tell("van-2")
	b.must(b.SetArea(t.Context(), hub.Everything, "van-3", []ark.Place{{Compound: "甲"}}, "lin"))
	var edits []ark.ID
	note := func(n int) hub.Fact {
		edits = append(edits, b.id())
		e := edit(h, func(h *ark.Household) { h.Note = fmt.Sprint(n) })
		h = e.Now
		h.Rev = edits[len(edits)-1]
		return j.fact(h.Rev, ark.KindHousehold, e)
	}
	settled := func(van ark.VanID, want []ark.ID) {
		t.Helper()
		var got []ark.ID
		for _, told := range b.tell(van) {
			got = append(got, told.Has...)
		}
		if !slices.Equal(got, want) {
			t.Errorf("%s is told that %d edits are settled, want %d", van, len(got), len(want))
		}
	}
	b.commit(j.delivery(note(1), note(2)))
	settled("van-1", edits)
	settled("van-2", nil)
	settled("van-3", nil)
	// one that changes nothing settles too
	same := b.id()
	b.commit(other.delivery(other.fact(same, ark.KindHousehold, edit(b.now(h.ID), func(*ark.Household) {}))))
	settled("van-2", []ark.ID{same})
	edits = nil
	var many []hub.Fact
	for n := range 2*ark.MaxSettled + 7 {
		many = append(many, note(n))
	}
	b.commit(j.delivery(many...))
	b.reopen()
	settled("van-1", edits)
	settled("van-1", nil)
}

// toldAnew: a new card need not hear of each household as it was years ago.
func toldAnew(t *testing.T, b *bench) {
	b.must(b.SetArea(t.Context(), hub.Everything, "van-1", []ark.Place{{Compound: "甲"}}, "lin"))
	stays, goes := b.put(b.household("甲", "1", "101")), b.put(b.household("甲", "1", "102"))
	b.order("van-1")
	for n := range 5 {
		b.tell("van-1")
		stays.Note = fmt.Sprint(n)
		stays = b.put(stays)
	}
	b.tell("van-1")
	goes.Place.Compound = "乙"
	b.put(goes)
	b.tell("van-1")
	if long, err := b.LongOrders(t.Context(), "van-1"); err != nil || !long {
		t.Errorf("a journal of %d orders is long: %v, %v", b.orderJournal("van-1").Last.Seq, long, err)
	}
	var changed hub.Change
	defer b.Changes(func(c hub.Change) { changed = c })()
	j, err := b.RebeginOrders(t.Context(), "van-1")
	b.must(err)
	if _, kinds := b.chain("van-1", j); !slices.Equal(kinds, []ark.Kind{ark.KindBegun, ark.KindPlayNow}) || !changed.Households {
		t.Errorf("the new incarnation has %v; told %+v", kinds, changed)
	}
	if long, err := b.LongOrders(t.Context(), "van-1"); err != nil || long {
		t.Errorf("and is long: %v, %v", long, err)
	}
	b.reopen()
	b.take("van-1")
	// one that forked may still hold what left the area
	if got := doors(b.tell("van-1")); !slices.Equal(got, []string{"forget", "甲1014"}) {
		t.Errorf("told anew %q", got)
	}
	if long, err := b.LongOrders(t.Context(), "van-9"); err != nil || long {
		t.Errorf("of a van that never had an order: %v, %v", long, err)
	}
}
