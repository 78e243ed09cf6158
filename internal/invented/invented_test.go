package invented

import (
	"reflect"
	"testing"

	"ark"
)

func TestVisitsAreInOrderAndTheSameAgain(t *testing.T) {
	visits := Visits(7, 2000)
	outcomes := map[ark.Outcome]int{}
	places := map[string]bool{}
	for i, v := range visits {
		if err := v.Check(); err != nil {
			t.Fatalf("visit %d: %v: %+v", i, err, v)
		}
		outcomes[v.Outcome]++
		places[v.Place] = true
	}
	for _, o := range ark.Outcomes {
		if outcomes[o] < 20 {
			t.Errorf("outcome %s: %d of %d", o, outcomes[o], len(visits))
		}
	}
	if len(places) < 1900 {
		t.Errorf("%d places in %d visits", len(places), len(visits))
	}
	if !reflect.DeepEqual(visits, Visits(7, 2000)) {
		t.Error("the same seed made other visits")
	}
	if reflect.DeepEqual(visits, Visits(8, 2000)) {
		t.Error("another seed made the same visits")
	}
}

func TestEntriesAreLikeReal(t *testing.T) {
	ids := map[ark.ID]bool{}
	for i, e := range Entries(7, 500) {
		raw, err := ark.EncodeEntry(e)
		if err != nil {
			t.Fatal(err)
		}
		back, err := ark.DecodeEntry(raw)
		if err != nil {
			t.Fatal(err)
		}
		if !reflect.DeepEqual(back, e) {
			t.Fatalf("entry %d: %+v, want %+v", i, back, e)
		}
		ids[e.ID] = true
	}
	if len(ids) != 500 {
		t.Errorf("%d ids for 500 entries", len(ids))
	}
}
