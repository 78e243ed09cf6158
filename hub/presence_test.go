package hub

import (
	"context"
	"reflect"
	"slices"
	"testing"
	"time"

	"ark"
)

// quiet is a store and an ingest that know one van and tell nothing.
type quiet struct {
	Views
	Arrivals
	watchers int
}

func (q *quiet) Vans(context.Context, Sight) ([]Van, error) { return []Van{{ID: "b", Entries: 7}}, nil }
func (q *quiet) Areas(context.Context, Sight) (map[ark.VanID][]ark.Place, error) {
	return map[ark.VanID][]ark.Place{"b": {{Street: "北街"}}, "c": {{Street: "北街"}}}, nil
}
func (q *quiet) SetArea(context.Context, Sight, ark.VanID, []ark.Place, string) error { return nil }
func (q *quiet) Present(ark.VanID, bool)                                              {}
func (q *quiet) Changes(func(Change)) func()                                          { q.watchers++; return func() { q.watchers-- } }

func TestPresenceIsSeenAndWakes(t *testing.T) {
	q, now := &quiet{}, time.Unix(1000, 0)
	p := NewPresence(q, q, q, q, func() []ark.VanID { return []ark.VanID{"c", "b"} }, func() time.Time { return now })
	var heard []Change
	stop := p.Changes(func(c Change) { heard = append(heard, c) })
	p.Present("b", true)
	p.Present("a", true)
	p.Present("b", false)
	vans, err := p.Vans(t.Context(), Everything)
	if err != nil {
		t.Fatal(err)
	}
	want := []Van{{ID: "a", Here: true}, {ID: "b", Entries: 7, Admitted: true, LastSeen: now}, {ID: "c", Admitted: true}}
	if !reflect.DeepEqual(vans, want) {
		t.Errorf("got %+v, want %+v", vans, want)
	}
	want = slices.DeleteFunc(want, func(v Van) bool { return v.ID == "a" })
	if vans, err = p.Vans(t.Context(), Sight{Places: []ark.Place{{Street: "北街"}}}); err != nil || !reflect.DeepEqual(vans, want) {
		t.Errorf("got %+v, %v, want those with an area: %+v", vans, err, want)
	}
	if len(heard) != 3 || !heard[0].Vans {
		t.Errorf("got %v, want three changes of vans", heard)
	}
	stop()
	p.Present("b", true)
	if len(heard) != 3 || q.watchers != 0 {
		t.Errorf("woken after stop: %d changes, %d watchers of the store", len(heard), q.watchers)
	}
}
