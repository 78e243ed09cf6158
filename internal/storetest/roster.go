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

const pin = "$argon2id$v=19$m=19456,t=2,p=1$c29tZXNhbHRzb21l$c29tZWhhc2hzb21laGFzaHNvbWVoYXNo"

func member(id ark.ID, name string, vans ...ark.VanID) hub.CrewMember {
	return hub.CrewMember{CrewMember: ark.CrewMember{ID: id, Name: name, Verifier: pin}, Vans: vans, By: "lin"}
}

func (b *bench) crewOf(van ark.VanID) (version int64, names []string) {
	b.t.Helper()
	c, err := b.CrewOf(b.t.Context(), van)
	b.must(err)
	b.must(c.Check())
	for _, m := range c.Members {
		name := m.Name
		if m.Struck {
			name += " struck " + m.Verifier
		}
		names = append(names, name)
	}
	return c.Version, names
}

// crew: each van is told of those who go with it.
func crew(t *testing.T, b *bench) {
	wang, li := member(b.id(), "王"), member(b.id(), "李", "van-1")
	if v, names := b.crewOf("van-1"); v != 1 || names != nil {
		t.Fatalf("the crew of a new hub: version %d, %v", v, names)
	}
	for step, c := range []struct {
		do         func() error
		want       error
		van1, van2 []string
		same       ark.VanID // whose crew keeps its version
	}{
		{do: func() error { return b.SetCrewMember(t.Context(), hub.Everything, wang) }, van1: []string{"王"}, van2: []string{"王"}},
		{do: func() error { return b.SetCrewMember(t.Context(), hub.Everything, li) }, van1: []string{"李", "王"}, van2: []string{"王"}, same: "van-2"},
		{do: func() error { li.Vans = []ark.VanID{"van-2"}; return b.SetCrewMember(t.Context(), hub.Everything, li) }, van1: []string{"王"}, van2: []string{"李", "王"}, same: "van-3"},
		{do: func() error { wang.Struck = true; return b.SetCrewMember(t.Context(), hub.Everything, wang) }, van1: []string{"王 struck "}, van2: []string{"李", "王 struck "}},
		{do: func() error { return b.SetCrewMember(t.Context(), hub.Everything, member(b.id(), "")) }, want: hub.ErrInvalid, van1: []string{"王 struck "}, van2: []string{"李", "王 struck "}, same: "van-1"},
		{do: func() error { return b.SetCrewMember(t.Context(), hub.Everything, member(b.id(), "周", "Van 1")) }, want: hub.ErrInvalid, van1: []string{"王 struck "}, van2: []string{"李", "王 struck "}, same: "van-1"},
	} {
		before, _ := b.crewOf(c.same)
		if err := c.do(); !errors.Is(err, c.want) {
			t.Fatalf("step %d: %v, want %v", step, err, c.want)
		}
		b.reopen()
		for van, want := range map[ark.VanID][]string{"van-1": c.van1, "van-2": c.van2} {
			if _, got := b.crewOf(van); !slices.Equal(got, want) {
				t.Errorf("step %d: crew of %s %q, want %q", step, van, got, want)
			}
		}
		if after, _ := b.crewOf(c.same); c.same != "" && after != before {
			t.Errorf("step %d: the crew of %s had version %d and has %d, though nothing of it changed", step, c.same, before, after)
		}
	}
	all, err := b.CrewMembers(t.Context(), hub.Everything)
	if err != nil || len(all) != 2 || all[0].Name != "李" || all[0].Verifier != pin || all[0].By != "lin" || all[0].Made.IsZero() || !slices.Equal(all[0].Vans, []ark.VanID{"van-2"}) {
		t.Errorf("crew %+v, %v", all, err)
	}
}

// crewHasRoom: no van is given a crew that goes into no order.
func crewHasRoom(t *testing.T, b *bench) {
	var err error
	n := 0
	for ; err == nil && n <= ark.MaxCrew; n++ {
		err = b.SetCrewMember(t.Context(), hub.Everything, member(b.id(), fmt.Sprint(n), "van-1"))
	}
	if !errors.Is(err, hub.ErrFull) || n != ark.MaxCrew+1 {
		t.Fatalf("the %dth: %v", n, err)
	}
	b.must(b.SetCrewMember(t.Context(), hub.Everything, member(b.id(), "别的车", "van-2")))
	all, err := b.CrewMembers(t.Context(), hub.Everything)
	b.must(err)
	gone := all[0]
	gone.Struck = true
	b.must(b.SetCrewMember(t.Context(), hub.Everything, gone)) // which makes room
	b.must(b.SetCrewMember(t.Context(), hub.Everything, member(b.id(), strings.Repeat("长", ark.MaxPerson), "van-1")))
	c, err := b.CrewOf(t.Context(), "van-1")
	b.must(err)
	if _, err := b.Stand(t.Context(), []ark.VanID{"van-1"}, ark.KindCrew, c); err != nil || len(c.Members) != ark.MaxCrew {
		t.Errorf("a crew of %d cannot be ordered: %v", len(c.Members), err)
	}
}

func (b *bench) phone(n byte) ark.Phone {
	return ark.Phone{ID: ark.NewID(5, [10]byte{n}), Name: fmt.Sprint("手机", n), Verifier: ark.HashOf([]byte{n}), At: ark.UnixMilli(n)}
}

// phones: what vans tell of them, and what staff strike off.
func phones(t *testing.T, b *bench) {
	j, other := b.journal("van-1", 1), b.journal("van-2", 2)
	if p, err := b.PhonesOf(t.Context(), "van-1"); err != nil || p.Version != 1 || len(p.List) != 0 {
		t.Fatalf("phones of a van that has none: %+v, %v", p, err)
	}
	list := func(van ark.VanID) (int64, string) {
		t.Helper()
		p, err := b.PhonesOf(t.Context(), van)
		b.must(err)
		b.must(p.Check())
		var s []string
		for _, one := range p.List {
			s = append(s, fmt.Sprint(one.Name, one.Struck, one.By))
		}
		return p.Version, strings.Join(s, " ")
	}
	one, two := b.phone(1), b.phone(2)
	if c := b.commit(j.delivery(j.fact(b.id(), ark.KindPhone, one), j.fact(b.id(), ark.KindPhone, two))); !c.People {
		t.Error("nobody is told of a new phone")
	}
	b.commit(other.delivery(other.fact(b.id(), ark.KindPhone, one)))
	first, got := list("van-1")
	if got != "手机2false 手机1false" || first == 1 {
		t.Errorf("version %d: %s", first, got)
	}
	b.must(b.StrikePhone(t.Context(), hub.Everything, "van-1", one.ID, "lin"))
	b.must(b.StrikePhone(t.Context(), hub.Everything, "van-1", one.ID, "wu"))
	struck := two
	struck.Struck, struck.By = true, "王"
	b.commit(j.delivery(j.fact(b.id(), ark.KindPhone, struck)))
	second, got := list("van-1")
	if got != "手机2true王 手机1truelin" || second <= first {
		t.Errorf("version %d after %d: %s", second, first, got)
	}
	heard := func() (s string) {
		t.Helper()
		all, err := b.VanPhones(t.Context(), hub.Everything)
		b.must(err)
		for _, p := range all {
			s += fmt.Sprint(p.Name, p.Struck, p.Heard, " ")
		}
		return s
	}
	if got := heard(); got != "手机2true false 手机1true false 手机1false false " {
		t.Errorf("before the van has heard: %s", got)
	}
	told, err := b.PhonesOf(t.Context(), "van-1")
	b.must(err)
	_, err = b.Stand(t.Context(), []ark.VanID{"van-1"}, ark.KindPhones, told)
	b.must(err)
	if got := heard(); strings.Contains(got, "true true") {
		t.Errorf("the order is on its way: %s", got)
	}
	orders := b.orderJournal("van-1")
	b.must(b.OrdersAcked(t.Context(), []hub.OrderAck{{Van: "van-1", Incarnation: orders.Incarnation, Cursor: orders.Last}}))
	if got := heard(); strings.Count(got, "true true") != 2 {
		t.Errorf("the van has heard: %s", got)
	}
	// what an older card tells late gives nobody his phone back
	b.commit(j.delivery(j.fact(b.id(), ark.KindPhone, one), j.fact(b.id(), ark.KindPhone, two)))
	b.reopen()
	if v, got := list("van-1"); got != "手机2true王 手机1truelin" || v != second {
		t.Errorf("version %d, before %d: %s", v, second, got)
	}
	if _, got := list("van-2"); got != "手机1false" {
		t.Errorf("the other van's: %s", got)
	}
	if err := b.StrikePhone(t.Context(), hub.Everything, "van-2", two.ID, "lin"); !errors.Is(err, hub.ErrNotThere) {
		t.Errorf("another van's phone: %v", err)
	}
	all, err := b.VanPhones(t.Context(), hub.Everything)
	if err != nil || len(all) != 3 || all[0].Van != "van-1" || all[2].Van != "van-2" || all[2].Verifier != one.Verifier || all[2].At != 1 {
		t.Errorf("phones %+v, %v", all, err)
	}
	var many []hub.Fact
	for n := range 3*ark.MaxPhones + 10 {
		p := ark.Phone{ID: b.id(), Name: strings.Repeat("长", ark.MaxPerson), Verifier: ark.HashOf([]byte{1}), At: ark.UnixMilli(n)}
		many = append(many, other.fact(b.id(), ark.KindPhone, p))
	}
	b.commit(other.delivery(many...))
	p, err := b.PhonesOf(t.Context(), "van-2")
	b.must(err)
	if _, err := b.Stand(t.Context(), []ark.VanID{"van-2"}, ark.KindPhones, p); err != nil || len(p.List) < 100 || b.van("van-2").Quarantined != 11 {
		t.Errorf("%d phones cannot be ordered: %v; %d in quarantine", len(p.List), err, b.van("van-2").Quarantined)
	}
	b.must(b.StrikePhone(t.Context(), hub.Everything, "van-2", one.ID, "lin")) // the one that was enrolled before all others
	p, err = b.PhonesOf(t.Context(), "van-2")
	b.must(err)
	if len(p.List) < 100 || !slices.ContainsFunc(p.List, func(p ark.Phone) bool { return p.ID == one.ID && p.Struck }) {
		t.Errorf("of %d phones the van is not told of the one that was struck off", len(p.List))
	}
	b.must(p.Check())
}

// forms: each version is kept, for the visits that were made with it.
func forms(t *testing.T, b *bench) {
	f, err := b.Form(t.Context())
	if err != nil || f.Version != 0 || f.Check() != nil {
		t.Fatalf("the form of a new hub: %+v, %v", f, err)
	}
	f.Services = append(f.Services, ark.Choice{Code: "locks", Say: ark.Text{Zh: "修锁"}})
	bad, big := f, f
	bad.Services = []ark.Choice{{Code: "no text"}}
	for n := range ark.MaxFields {
		field := ark.Field{Code: fmt.Sprint("q", n), Ask: ark.Text{Zh: "问"}, Type: ark.FieldOne}
		for c := range ark.MaxChoices {
			field.Choices = append(field.Choices, ark.Choice{Code: fmt.Sprint("c", c), Say: ark.Text{Zh: strings.Repeat("长", 20)}})
		}
		big.Fields = append(big.Fields, field)
	}
	for step, c := range []struct {
		form ark.Form
		from int64
		want error
	}{
		{f, 1, hub.ErrStale}, {f, 0, nil}, {f, 0, hub.ErrStale}, {bad, 1, hub.ErrInvalid}, {big, 1, hub.ErrFull}, {ark.DefaultForm(), 1, nil},
	} {
		if _, err := b.SetForm(t.Context(), c.form, c.from, "lin"); !errors.Is(err, c.want) {
			t.Errorf("step %d: %v, want %v", step, err, c.want)
		}
	}
	b.reopen()
	now, err := b.Form(t.Context())
	if err != nil || now.Version != 2 || len(now.Services) != len(f.Services)-1 {
		t.Errorf("the form now: %+v, %v", now, err)
	}
	then, err := b.FormOf(t.Context(), 1)
	if err != nil || then.Version != 1 || then.Services[len(then.Services)-1].Code != "locks" {
		t.Errorf("the form then: %+v, %v", then, err)
	}
	if _, err := b.FormOf(t.Context(), 3); !errors.Is(err, hub.ErrNotThere) {
		t.Errorf("a form that is none: %v", err)
	}
}
