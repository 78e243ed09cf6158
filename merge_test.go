package ark

import (
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

func TestMergeHousehold(t *testing.T) {
	base := Household{ID: goldenID(1), Rev: goldenID(2), Place: Place{Building: "3", Room: "501"}, Phone: "1", Note: "a",
		Members: []Member{{Name: "王秀英", Born: 1950}, {Name: "李建国"}}}
	with := func(change func(h *Household)) Household {
		h := base
		h.Members = slices.Clone(base.Members)
		change(&h)
		return h
	}
	cases := []struct {
		name         string
		theirs, ours Household
		want         Household
		disputed     []string
	}{
		{"nothing", base, base, base, nil},
		{"ours alone", base, with(func(h *Household) { h.Phone = "2" }), with(func(h *Household) { h.Phone = "2" }), nil},
		{"theirs alone", with(func(h *Household) { h.Phone = "2" }), base, with(func(h *Household) { h.Phone = "2" }), nil},
		{"both, other fields", with(func(h *Household) { h.Phone = "2" }), with(func(h *Household) { h.Note = "b" }),
			with(func(h *Household) { h.Phone, h.Note = "2", "b" }), nil},
		{"both the same", with(func(h *Household) { h.Phone = "2" }), with(func(h *Household) { h.Phone = "2" }), with(func(h *Household) { h.Phone = "2" }), nil},
		{"a dispute", with(func(h *Household) { h.Phone = "2" }), with(func(h *Household) { h.Phone, h.NoVisit = "3", "狗" }),
			with(func(h *Household) { h.Phone, h.NoVisit, h.Disputed = "2", "狗", []string{"phone"} }), []string{"phone"}},
		{"one place is learnt, another moves", with(func(h *Household) { h.Geo = &Geo{1, 2, 3} }), with(func(h *Household) { h.Place.Room = "502" }),
			with(func(h *Household) { h.Geo, h.Place.Room = &Geo{1, 2, 3}, "502" }), nil},
		{"two places", with(func(h *Household) { h.Geo = &Geo{1, 2, 3} }), with(func(h *Household) { h.Geo = &Geo{1, 2, 4} }),
			with(func(h *Household) { h.Geo, h.Disputed = &Geo{1, 2, 3}, []string{"geo"} }), []string{"geo"}},
		{"two members come", with(func(h *Household) { h.Members = append(h.Members, Member{Name: "小明"}) }),
			with(func(h *Household) { h.Members = append(h.Members, Member{Name: "小红"}) }),
			with(func(h *Household) { h.Members = append(h.Members, Member{Name: "小明"}, Member{Name: "小红"}) }), nil},
		{"other fields of one member", with(func(h *Household) { h.Members[0].Phone = "7" }), with(func(h *Household) { h.Members[0].Left = true }),
			with(func(h *Household) { h.Members[0].Phone, h.Members[0].Left = "7", true }), nil},
		{"one field of one member", with(func(h *Household) { h.Members[0].Born = 1951 }), with(func(h *Household) { h.Members[0].Born = 1952 }),
			with(func(h *Household) { h.Members[0].Born, h.Disputed = 1951, []string{"member:王秀英"} }), []string{"member:王秀英"}},
		{"they take out whom we leave", with(func(h *Household) { h.Members = h.Members[:1] }), with(func(h *Household) { h.Members[0].Phone = "7" }),
			with(func(h *Household) { h.Members = h.Members[:1]; h.Members[0].Phone = "7" }), nil},
		{"they take out whom we change", with(func(h *Household) { h.Members = h.Members[:1] }), with(func(h *Household) { h.Members[1].Phone = "7" }),
			with(func(h *Household) { h.Members = h.Members[:1]; h.Disputed = []string{"member:李建国"} }), []string{"member:李建国"}},
		{"we take out whom they change", with(func(h *Household) { h.Members[1].Phone = "7" }), with(func(h *Household) { h.Members = h.Members[:1] }),
			with(func(h *Household) { h.Members[1].Phone = "7"; h.Disputed = []string{"member:李建国"} }), []string{"member:李建国"}},
		{"two of one name", with(func(h *Household) { h.Members = append(h.Members, Member{Name: "李建国", Born: 1980}) }), with(func(h *Household) { h.Note = "b" }),
			with(func(h *Household) { h.Members = append(h.Members, Member{Name: "李建国", Born: 1980}); h.Note = "b" }), nil},
		{"forgotten", Household{ID: base.ID, Forget: true}, with(func(h *Household) { h.Phone = "2" }), Household{ID: base.ID, Forget: true}, nil},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			got, disputed := MergeHousehold(base, c.theirs, c.ours)
			if diff := cmp.Diff(c.want, got); diff != "" {
				t.Errorf("-want +got\n%s", diff)
			}
			if diff := cmp.Diff(c.disputed, disputed); diff != "" {
				t.Errorf("disputed: -want +got\n%s", diff)
			}
		})
	}
}

func drawHousehold(t *rapid.T, label string) Household {
	few := rapid.SampledFrom([]string{"", "1", "2", "3"})
	names := rapid.SliceOfNDistinct(rapid.SampledFrom([]string{"甲", "乙", "丙", "丁"}), 0, 4, rapid.ID).Draw(t, label+" names")
	h := Household{ID: goldenID(1), Place: Place{Building: "3", Room: few.Draw(t, label+" room")},
		Phone: few.Draw(t, label+" phone"), Note: few.Draw(t, label+" note"), NoVisit: few.Draw(t, label+" no visit")}
	for _, name := range names {
		h.Members = append(h.Members, Member{Name: name, Phone: few.Draw(t, label+" member"), Left: rapid.Bool().Draw(t, label+" left")})
	}
	return h
}

func TestMergeHouseholdKeepsWhatOneChanged(t *testing.T) {
	sorted := func(h Household) Household {
		h.Members = slices.Clone(h.Members)
		slices.SortFunc(h.Members, func(a, b Member) int { return len(a.Name+a.Phone) - len(b.Name+b.Phone) })
		h.Disputed = nil
		return h
	}
	rapid.Check(t, func(t *rapid.T) {
		base, theirs, ours := drawHousehold(t, "base"), drawHousehold(t, "theirs"), drawHousehold(t, "ours")
		if got, disputed := MergeHousehold(base, theirs, base); len(disputed) > 0 || cmp.Diff(theirs, got) != "" {
			t.Fatalf("we changed nothing: %v\n%s", disputed, cmp.Diff(theirs, got))
		}
		if got, disputed := MergeHousehold(base, base, ours); len(disputed) > 0 || cmp.Diff(ours, got) != "" {
			t.Fatalf("they changed nothing: %v\n%s", disputed, cmp.Diff(ours, got))
		}
		if got, disputed := MergeHousehold(base, ours, ours); len(disputed) > 0 || cmp.Diff(ours, got) != "" {
			t.Fatalf("both changed the same: %v\n%s", disputed, cmp.Diff(ours, got))
		}
		got, disputed := MergeHousehold(base, theirs, ours)
		if err := got.Check(); err != nil {
			t.Fatal(err)
		}
		again, disputedAgain := MergeHousehold(base, got, ours)
		if cmp.Diff(sorted(got), sorted(again)) != "" || !cmp.Equal(disputed, disputedAgain) {
			t.Fatalf("merged once more: %v, %v\n%s", disputed, disputedAgain, cmp.Diff(sorted(got), sorted(again)))
		}
		_, turned := MergeHousehold(base, ours, theirs)
		slices.Sort(disputed)
		slices.Sort(turned)
		if !cmp.Equal(disputed, turned) {
			t.Fatalf("seen from the other side other fields are disputed: %v, %v", disputed, turned)
		}
		if base.Phone == theirs.Phone && got.Phone != ours.Phone || base.Phone == ours.Phone && got.Phone != theirs.Phone {
			t.Fatalf("phone %q of %q, %q, %q", got.Phone, base.Phone, theirs.Phone, ours.Phone)
		}
		if slices.Contains(disputed, "note") != (base.Note != theirs.Note && base.Note != ours.Note && theirs.Note != ours.Note) {
			t.Fatalf("disputed %v: notes %q, %q, %q", disputed, base.Note, theirs.Note, ours.Note)
		}
		for _, m := range slices.Concat(theirs.Members, ours.Members) {
			kept := slices.ContainsFunc(got.Members, func(o Member) bool { return o.Name == m.Name })
			was := slices.ContainsFunc(base.Members, func(o Member) bool { return o.Name == m.Name })
			if !kept && !was {
				t.Fatalf("%s came and is lost", m.Name)
			}
		}
	})
}
