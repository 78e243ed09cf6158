package storetest

import (
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"ark"
	"ark/hub"
	"ark/internal/skip"
)

func announcement(id ark.AnnouncementID, zh string) ark.Announcement {
	return ark.Announcement{ID: id, Title: ark.Text{Zh: zh}, Class: ark.ClassRoutine,
		Recordings: []ark.Recording{{Language: "cmn-Hans-CN", Content: ark.HashOf([]byte(id + "1")), Frames: 48_000}}}
}

// editions: each is kept for good, and each change makes a library.
func editions(t *testing.T, b *bench) {
	if _, _, any, err := b.Library(t.Context()); any || err != nil {
		t.Fatalf("a library of nothing: %v, %v", any, err)
	}
	for step, c := range []struct {
		do      func() error
		want    error
		version int64
	}{
		{do: func() error { _, err := b.AddEdition(t.Context(), announcement("b", "乙"), 0, "lin"); return err }, version: 1},
		{do: func() error { _, err := b.AddEdition(t.Context(), announcement("a", "甲"), 0, "lin"); return err }, version: 2},
		{do: func() error { _, err := b.AddEdition(t.Context(), announcement("a", "甲"), 0, "wu"); return err }, want: hub.ErrStale, version: 2},
		{do: func() error { _, err := b.AddEdition(t.Context(), announcement("c", "丙"), 3, "wu"); return err }, want: hub.ErrStale, version: 2},
		{do: func() error { _, err := b.AddEdition(t.Context(), announcement("A", "甲"), 0, "wu"); return err }, want: hub.ErrInvalid, version: 2},
		{do: func() error { _, err := b.AddEdition(t.Context(), announcement("a", "甲改"), 1, "wu"); return err }, version: 3},
		{do: func() error { return b.Withdraw(t.Context(), "a", true, "wu") }, version: 4},
		{do: func() error { return b.Withdraw(t.Context(), "a", true, "wu") }, version: 4},
		{do: func() error { return b.Withdraw(t.Context(), "z", true, "wu") }, want: hub.ErrNotThere, version: 4},
		{do: func() error { return b.SetLanguages(t.Context(), []ark.Language{"en"}, "wu") }, version: 5},
		{do: func() error { return b.SetLanguages(t.Context(), []ark.Language{"en", "en"}, "wu") }, want: hub.ErrInvalid, version: 5},
		{do: func() error { return b.SetLanguages(t.Context(), nil, "wu") }, want: hub.ErrInvalid, version: 5},
		{do: func() error { return b.Withdraw(t.Context(), "a", false, "wu") }, version: 6},
	} {
		if err := c.do(); !errors.Is(err, c.want) {
			t.Fatalf("step %d: %v, want %v", step, err, c.want)
		}
		b.reopen()
		l, m, _, err := b.Library(t.Context())
		data, encErr := ark.EncodeManifest(m)
		if err != nil || encErr != nil || l.Version != c.version || m.Version != c.version || ark.HashOf(data) != l.Manifest || int64(len(data)) != l.Size {
			t.Fatalf("step %d: library %+v with manifest %+v: %v", step, l, m, err)
		}
	}
	_, m, _, err := b.Library(t.Context())
	b.must(err)
	if len(m.Announcements) != 2 || m.Announcements[0].ID != "a" || m.Announcements[0].Version != 2 || m.Announcements[0].Title.Zh != "甲改" {
		t.Errorf("manifest %+v", m)
	}
	history, err := b.History(t.Context(), "a")
	if err != nil || len(history) != 2 || history[0].Version != 2 || history[0].By != "wu" || history[1].Title.Zh != "甲" || history[1].Made.IsZero() {
		t.Errorf("history %+v, %v", history, err)
	}
	b.must(b.Withdraw(t.Context(), "b", true, "wu"))
	all, err := b.Editions(t.Context())
	if err != nil || len(all) != 2 || all[0].ID != "a" || all[0].Version != 2 || all[1].ID != "b" || !all[1].Withdrawn {
		t.Errorf("editions %+v, %v", all, err)
	}
	if languages, err := b.Languages(t.Context()); err != nil || !slices.Equal(languages, []ark.Language{"en"}) {
		t.Errorf("languages %v, %v", languages, err)
	}
}

// neededContent: recordings of every edition stay; old manifests go.
func neededContent(t *testing.T, b *bench) {
	var manifests []ark.Hash
	for n := range hub.KeptLibraries + 3 {
		a := announcement("a", fmt.Sprint("第", n))
		a.Recordings[0].Content = ark.HashOf([]byte{byte(n)})
		_, err := b.AddEdition(t.Context(), a, n, "lin")
		b.must(err)
		l, _, _, err := b.Library(t.Context())
		b.must(err)
		manifests = append(manifests, l.Manifest)
	}
	needed, err := b.Needed(t.Context())
	b.must(err)
	for n, h := range manifests {
		if got, want := needed[h], n >= 3; got != want {
			t.Errorf("manifest of version %d needed: %v", n+1, got)
		}
		if !needed[ark.HashOf([]byte{byte(n)})] {
			t.Errorf("the recording of edition %d is not needed", n+1)
		}
	}
}

func manyAnnouncements(t *testing.T, b *bench) {
	if skip.Quick() {
		t.Skip("five hundred commits; ARK_QUICK=1")
	}
	for n := range ark.MaxAnnouncements {
		_, err := b.AddEdition(t.Context(), announcement(ark.AnnouncementID(fmt.Sprint("n", n)), "甲"), 0, "lin")
		b.must(err)
	}
	if _, err := b.AddEdition(t.Context(), announcement("more", "甲"), 0, "lin"); !errors.Is(err, hub.ErrFull) {
		t.Errorf("one too many: %v", err)
	}
	b.must(b.Withdraw(t.Context(), "n1", true, "lin"))
	if _, err := b.AddEdition(t.Context(), announcement("more", "甲"), 0, "lin"); err != nil {
		t.Errorf("one in the place of another: %v", err)
	}
	if err := b.Withdraw(t.Context(), "n1", false, "lin"); !errors.Is(err, hub.ErrFull) {
		t.Errorf("one too many, put back: %v", err)
	}
}

func (b *bench) row(at int, vans ...ark.VanID) hub.PlanRow {
	return hub.PlanRow{PlanItem: ark.PlanItem{ID: b.id(), Announcement: "a", Weekdays: 127, At: at}, Vans: vans, By: "lin"}
}

func (b *bench) plan(van ark.VanID) (version int64, ats []int) {
	b.t.Helper()
	p, err := b.Plan(b.t.Context(), van)
	b.must(err)
	b.must(p.Check())
	for _, i := range p.Items {
		ats = append(ats, i.At)
	}
	return p.Version, ats
}

func plans(t *testing.T, b *bench) {
	all, one, two := b.row(300), b.row(100, "van-1"), b.row(200, "van-1", "van-2")
	paused := one
	paused.Paused = true
	for step, c := range []struct {
		do               func() error
		want             error
		van1, van2, van3 []int
		same             ark.VanID // whose plan keeps its version
	}{
		{do: func() error { return b.SetPlanRow(t.Context(), all) }, van1: []int{300}, van2: []int{300}, van3: []int{300}},
		{do: func() error { return b.SetPlanRow(t.Context(), one) }, van1: []int{100, 300}, van2: []int{300}, van3: []int{300}, same: "van-2"},
		{do: func() error { return b.SetPlanRow(t.Context(), two) }, van1: []int{100, 200, 300}, van2: []int{200, 300}, van3: []int{300}, same: "van-3"},
		{do: func() error { return b.SetPlanRow(t.Context(), paused) }, van1: []int{200, 300}, van2: []int{200, 300}, van3: []int{300}, same: "van-2"},
		{do: func() error { two.Vans = []ark.VanID{"van-3"}; return b.SetPlanRow(t.Context(), two) }, van1: []int{300}, van2: []int{300}, van3: []int{200, 300}},
		{do: func() error { all.Vans = []ark.VanID{"van-1"}; return b.SetPlanRow(t.Context(), all) }, van1: []int{300}, van3: []int{200}},
		{do: func() error { return b.RemovePlanRow(t.Context(), two.ID) }, van1: []int{300}, same: "van-1"},
		{do: func() error { return b.RemovePlanRow(t.Context(), two.ID) }, want: hub.ErrNotThere, van1: []int{300}, same: "van-1"},
		{do: func() error { r := b.row(86_400); return b.SetPlanRow(t.Context(), r) }, want: hub.ErrInvalid, van1: []int{300}, same: "van-1"},
		{do: func() error { return b.SetPlanRow(t.Context(), b.row(1, "Van 1")) }, want: hub.ErrInvalid, van1: []int{300}, same: "van-1"},
	} {
		before, _ := b.plan(c.same)
		if err := c.do(); !errors.Is(err, c.want) {
			t.Fatalf("step %d: %v, want %v", step, err, c.want)
		}
		b.reopen()
		for van, want := range map[ark.VanID][]int{"van-1": c.van1, "van-2": c.van2, "van-3": c.van3} {
			if _, got := b.plan(van); !slices.Equal(got, want) {
				t.Errorf("step %d: plan of %s %v, want %v", step, van, got, want)
			}
		}
		if after, _ := b.plan(c.same); c.same != "" && after != before {
			t.Errorf("step %d: the plan of %s had version %d and has %d, though nothing of it changed", step, c.same, before, after)
		}
	}
	rows, err := b.PlanRows(t.Context())
	if err != nil || len(rows) != 2 || rows[0].ID != one.ID || !rows[0].Paused || !slices.Equal(rows[1].Vans, []ark.VanID{"van-1"}) || rows[1].By != "lin" || rows[1].Made.IsZero() {
		t.Errorf("rows %+v, %v", rows, err)
	}
}

// plansHaveRoom: no van is given a plan that it would refuse, or that goes
// into no order.
func plansHaveRoom(t *testing.T, b *bench) {
	long := b.row(5, "van-1")
	for d := range ark.MaxDates {
		long.Dates = append(long.Dates, ark.Date(time.Date(2027, 1, d+1, 0, 0, 0, 0, time.UTC).Format(time.DateOnly)))
	}
	var err error
	n := 0
	for ; err == nil && n < ark.MaxPlanItems; n++ {
		long.ID = b.id()
		err = b.SetPlanRow(t.Context(), long)
	}
	if !errors.Is(err, hub.ErrFull) {
		t.Fatalf("%d items with %d dates each: %v", n, ark.MaxDates, err)
	}
	p, err := b.Plan(t.Context(), "van-1")
	b.must(err)
	if _, err := b.Stand(t.Context(), []ark.VanID{"van-1"}, ark.KindPlan, p); err != nil || len(p.Items) != n-1 {
		t.Errorf("a plan of %d items cannot be ordered: %v", len(p.Items), err)
	}
	if err := b.SetPlanRow(t.Context(), b.row(1, "van-2")); err != nil {
		t.Errorf("another van's: %v", err)
	}
}

func settings(t *testing.T, b *bench) {
	read := func(van ark.VanID) (ark.Settings, bool) {
		t.Helper()
		s, own, err := b.Settings(t.Context(), van)
		b.must(err)
		b.must(s.Check())
		return s, own
	}
	want := ark.DefaultSettings()
	want.Version = 1
	if s, own := read("van-1"); own || !reflect.DeepEqual(s, want) {
		t.Errorf("settings of a new hub: %v, %+v, want %+v", own, s, want)
	}
	quiet := ark.DefaultSettings()
	quiet.Rules.Quiet = nil
	b.must(b.SetSettings(t.Context(), "van-1", &quiet, "lin"))
	loud := ark.DefaultSettings()
	loud.Emergency = 900
	b.must(b.SetSettings(t.Context(), "", &loud, "wu"))
	b.reopen()
	first, own := read("van-1")
	if !own || len(first.Rules.Quiet) != 0 || first.By != "lin" || first.Version < 2 {
		t.Errorf("van-1's own: %v, %+v", own, first)
	}
	others, own := read("van-2")
	if own || others.Emergency != 900 || others.Version <= first.Version {
		t.Errorf("the others': %v, %+v", own, others)
	}
	b.must(b.SetSettings(t.Context(), "van-1", nil, "lin"))
	if after, own := read("van-1"); own || after.Emergency != 900 || after.Version <= others.Version {
		t.Errorf("when its own are taken away: %v, %+v", own, after)
	}
	if after, _ := read("van-2"); after.Version != others.Version {
		t.Errorf("another van's are version %d now", after.Version)
	}
	bad := ark.DefaultSettings()
	bad.Zone = "Asia/Peking"
	big := ark.DefaultSettings()
	for n := range 150 {
		rules := ark.DefaultNeighbours()
		for range 23 {
			rules.Quiet, rules.Caps = append(rules.Quiet, ark.Span{From: 600, To: 660}), append(rules.Caps, ark.Cap{Span: ark.Span{From: 600, To: 660}, Most: 700})
		}
		big.Places = append(big.Places, ark.PlaceRules{Name: strings.Repeat("里", 20) + fmt.Sprint(n), Neighbours: rules})
	}
	for name, c := range map[string]struct {
		van  ark.VanID
		s    *ark.Settings
		want error
	}{
		"nothing for all": {"", nil, hub.ErrInvalid}, "no such zone": {"", &bad, hub.ErrInvalid},
		"no van": {"Van 1", &quiet, hub.ErrInvalid}, "larger than an order": {"", &big, hub.ErrFull},
	} {
		if err := b.SetSettings(t.Context(), c.van, c.s, "lin"); !errors.Is(err, c.want) {
			t.Errorf("%s: %v, want %v", name, err, c.want)
		}
	}
}

// standing: an order is made only where the newest says something else.
func standing(t *testing.T, b *bench) {
	stand := func(version int64, vans ...ark.VanID) []ark.VanID {
		t.Helper()
		given, err := b.Stand(t.Context(), vans, ark.KindLibrary, ark.Library{Version: version, Size: 1})
		b.must(err)
		return given
	}
	for step, c := range []struct {
		version int64
		vans    []ark.VanID
		want    []ark.VanID
	}{
		{1, []ark.VanID{"van-1", "van-2", "van-1"}, []ark.VanID{"van-1", "van-2"}},
		{1, []ark.VanID{"van-1", "van-2", "van-3"}, []ark.VanID{"van-3"}},
		{2, []ark.VanID{"van-2"}, []ark.VanID{"van-2"}},
		{1, []ark.VanID{"van-2", "van-3"}, []ark.VanID{"van-2"}},
		{1, nil, nil},
	} {
		if got := stand(c.version, c.vans...); !slices.Equal(got, c.want) {
			t.Errorf("step %d: given to %v, want %v", step, got, c.want)
		}
		b.reopen()
	}
	if _, err := b.Stand(t.Context(), []ark.VanID{"van-1"}, ark.KindVisit, ark.Visit{}); err == nil {
		t.Error("a visit was ordered")
	}
	if _, err := b.Stand(t.Context(), []ark.VanID{"van-1"}, ark.KindPlan, ark.Settings{}); err == nil {
		t.Error("a plan of the wrong type was ordered")
	}
	j, ok, err := b.OrderJournal(t.Context(), "van-2")
	if err != nil || !ok || j.Last.Seq != 3 {
		t.Errorf("journal %+v, %v, %v", j, ok, err)
	}
	if orders, err := b.Orders(t.Context(), hub.Everything, hub.Page{Limit: 9}); err != nil || len(orders) != 5 || orders[0].Body.(ark.Library).Version != 1 {
		t.Errorf("orders %+v, %v", orders, err)
	}
}

// toldByVans: the newest word of a van's library and self-test.
func toldByVans(t *testing.T, b *bench) {
	j := b.journal("van-1", 1)
	if v := b.van("van-1"); v.Library != nil || v.SelfTest != nil {
		t.Fatalf("a van that told nothing: %+v", v)
	}
	coming := ark.LibraryState{Version: 3, Stage: ark.LibraryComing, Want: 9, Missing: []ark.Hash{{1}}}
	held := ark.LibraryState{Version: 3, Stage: ark.LibraryHeld, Have: 9, Want: 9, Held: 3}
	test := ark.SelfTest{At: 5, Consumed: true, Result: ark.HeardYes}
	b.commit(j.delivery(j.fact(b.id(), ark.KindLibraryState, coming), j.fact(b.id(), ark.KindSelfTest, test)))
	b.commit(j.delivery(j.fact(b.id(), ark.KindLibraryState, held)))
	b.reopen()
	v := b.van("van-1")
	if !reflect.DeepEqual(v.Library, &held) || !reflect.DeepEqual(v.SelfTest, &test) {
		t.Errorf("library %+v, self-test %+v", v.Library, v.SelfTest)
	}
}
