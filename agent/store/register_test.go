package store

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"ark"
	"ark/agent"
)

func households(list ...ark.Household) ark.Households { return ark.Households{List: list} }

// named is a household with a note.
func named(id ark.ID, note string) ark.Household {
	return ark.Household{ID: id, Rev: visitID(int(id[15]) + 5000), Place: ark.Place{Compound: "翠苑一区", Building: "3", Room: "501"},
		Members: []ark.Member{{Name: "张奶奶", Born: 1940}}, Note: note}
}

// heard is what the finder would know.
type heard map[ark.ID]ark.Household

func (h heard) take(changed []ark.Household, removed []ark.ID) {
	for _, one := range changed {
		h[one.ID] = one
	}
	for _, id := range removed {
		delete(h, id)
	}
}

// each is what Each gives.
func each(t *testing.T, s *Store) heard {
	t.Helper()
	all := heard{}
	must(t, s.Each(t.Context(), func(h ark.Household) error {
		if _, twice := all[h.ID]; twice {
			t.Errorf("%v comes twice", h.ID)
		}
		all[h.ID] = h
		return nil
	}))
	return all
}

// Own edits stand on top of what the hub says until it has settled them, and
// who is told hears at each commit what Each gives.
func TestEditsStandOnTheHubsWord(t *testing.T) {
	finder := heard{}
	c := config(t.TempDir())
	c.Households = finder.take
	s := New(c)
	must(t, s.Open(t.Context()))
	defer s.close()
	home := id(21)
	steps := []struct {
		name        string
		do          func()
		note, phone string // of home
		people      int
	}{
		{"the hub tells", func() { takeOrders(t, s, households(named(home, "按门铃"), named(id(22), ""))) }, "按门铃", "", 1},
		{"an edit", func() {
			e := ark.HouseholdEdit{Was: named(home, "按门铃"), Now: named(home, "敲门")}
			must(t, s.Edit(t.Context(), id(51), e))
			must(t, s.Edit(t.Context(), id(51), e)) // again
		}, "敲门", "", 1},
		{"another", func() {
			was, now := named(home, "敲门"), named(home, "敲门")
			now.Phone = "0571-1"
			must(t, s.Edit(t.Context(), id(52), ark.HouseholdEdit{Was: was, Now: now}))
		}, "敲门", "0571-1", 1},
		{"the hub tells without them", func() {
			h := named(home, "按门铃")
			h.Members = append(h.Members, ark.Member{Name: "张爷爷"})
			takeOrders(t, s, households(h))
		}, "敲门", "0571-1", 2},
		{"the hub settles the first otherwise", func() {
			h := named(home, "请打电话")
			h.Has = []ark.ID{id(51), id(51), id(9999)}
			takeOrders(t, s, households(h))
		}, "请打电话", "0571-1", 1},
		{"a restart", func() { must(t, s.close()); must(t, s.Open(t.Context())) }, "请打电话", "0571-1", 1},
		{"a new incarnation", func() { must(t, s.Rebegin(t.Context())) }, "请打电话", "0571-1", 1},
		{"the hub settles all", func() {
			h := named(home, "请打电话")
			h.Has = []ark.ID{id(52)}
			takeOrders(t, s, households(h))
		}, "请打电话", "", 1},
	}
	for _, step := range steps {
		step.do()
		h, err := s.Household(t.Context(), home)
		must(t, err)
		if h.Note != step.note || h.Phone != step.phone || len(h.Members) != step.people || len(h.Has) != 0 {
			t.Errorf("%s: %+v, want %q, %q and %d people", step.name, h, step.note, step.phone, step.people)
		}
		if diff := cmp.Diff(finder, each(t, s)); diff != "" {
			t.Errorf("%s: what was told and what is there (-told +there):\n%s", step.name, diff)
		}
	}
}

func TestANewHouseholdAndWhatIsRefused(t *testing.T) {
	s := open(t, t.TempDir())
	fresh := named(id(61), "新来的")
	fresh.Rev = ark.ID{}
	must(t, s.Edit(t.Context(), id(62), ark.HouseholdEdit{Now: fresh, By: id(60), Name: "小李"}))
	h, err := s.Household(t.Context(), fresh.ID)
	must(t, err)
	if h.Note != "新来的" || h.Rev != id(62) {
		t.Fatalf("a new one: %+v", h)
	}
	if all := each(t, s); len(all) != 1 {
		t.Errorf("%d in all", len(all))
	}
	forgetting := ark.HouseholdEdit{Now: fresh, Was: fresh}
	forgetting.Now.Forget = true
	for name, c := range map[string]struct {
		err, want error
	}{
		"the same by nobody":      {s.Edit(t.Context(), id(62), ark.HouseholdEdit{Now: fresh}), nil}, // whose session a restart has ended
		"one that is not here":    {s.Edit(t.Context(), id(63), ark.HouseholdEdit{Was: named(id(64), ""), Now: named(id(64), "x")}), agent.ErrNotThere},
		"one that is made twice":  {s.Edit(t.Context(), id(65), ark.HouseholdEdit{Now: fresh}), agent.ErrTaken},
		"other words under an id": {s.Edit(t.Context(), id(62), ark.HouseholdEdit{Now: named(fresh.ID, "别的")}), agent.ErrTaken},
	} {
		if !errors.Is(c.err, c.want) {
			t.Errorf("%s: %v, want %v", name, c.err, c.want)
		}
	}
	if s.Edit(t.Context(), id(66), forgetting) == nil {
		t.Error("crew made the van forget a household")
	}
	if _, err := s.Household(t.Context(), id(67)); !errors.Is(err, agent.ErrNotThere) {
		t.Errorf("one that nobody made: %v", err)
	}
	known := fresh // the hub knows it now, and moved it
	known.Place.Room, known.Has = "502", []ark.ID{id(62)}
	takeOrders(t, s, households(known))
	if h, _ := s.Household(t.Context(), fresh.ID); h.Place.Room != "502" || len(each(t, s)) != 1 {
		t.Errorf("after the hub settled it: %+v", h)
	}
}

// A household that is forgotten leaves nothing to read in the file or its
// log, and who is told hears that it is gone.
func TestForgetLeavesNothing(t *testing.T) {
	finder := heard{}
	c := config(t.TempDir())
	c.Households = finder.take
	s := New(c)
	must(t, s.Open(t.Context()))
	defer s.close()
	const secret = "钥匙在花盆下面"
	var list []ark.Household
	for n := range 150 {
		h := named(id(100+n), fmt.Sprintf("普通备注 %d", n))
		if n%10 == 3 {
			h.Note = secret
		}
		list = append(list, h)
	}
	for chunk := range slices.Chunk(list, 50) {
		takeOrders(t, s, households(chunk...))
	}
	var forget []ark.Household
	for _, h := range list {
		if h.Note == secret {
			forget = append(forget, ark.Household{ID: h.ID, Forget: true})
		}
	}
	takeOrders(t, s, households(forget...))
	must(t, s.keepHouse(t.Context()))
	if len(finder) != 135 || len(each(t, s)) != 135 {
		t.Errorf("%d told, %d there; want 135", len(finder), len(each(t, s)))
	}
	for _, suffix := range []string{"", "-wal"} {
		data, err := os.ReadFile(filepath.Join(c.Dir, "ark.db"+suffix))
		must(t, err)
		if n := bytes.Count(data, []byte(secret)); n > 0 {
			t.Errorf("ark.db%s still has it %d times", suffix, n)
		}
		if suffix == "" && !bytes.Contains(data, []byte("普通备注 77")) {
			t.Error("the others are not in the file: the test proves nothing")
		}
	}
}

func TestEachGoesOnWhileOthersWrite(t *testing.T) {
	finder := heard{}
	c := config(t.TempDir())
	c.Households = finder.take
	s := New(c)
	must(t, s.Open(t.Context()))
	defer s.close()
	var list []ark.Household
	for n := range 2*eachStep + 7 {
		list = append(list, named(id(100+n), "旧"))
	}
	for chunk := range slices.Chunk(list, 150) {
		takeOrders(t, s, households(chunk...))
	}
	clear(finder)
	after := int64(0)
	for more := true; more; { // as Each does, with something written between any two steps
		var err error
		after, more, err = s.eachSome(t.Context(), eachTold, after, func(h ark.Household) error {
			finder[h.ID] = h
			return nil
		})
		must(t, err)
		takeOrders(t, s, households(named(id(100), fmt.Sprint("新", after)), named(id(100+len(list)-1), fmt.Sprint("新", after)),
			ark.Household{ID: id(101 + int(after)), Forget: true}))
	}
	if diff := cmp.Diff(finder, each(t, s)); diff != "" {
		t.Errorf("what the finder knows (-told +there):\n%s", diff)
	}
	ctx, stop := context.WithCancel(t.Context())
	stop()
	if err := s.Each(ctx, func(ark.Household) error { return nil }); err == nil {
		t.Error("Each goes on after it was told to end")
	}
}
