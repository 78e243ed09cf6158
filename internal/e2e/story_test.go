package e2e

import (
	"testing"
)

// TestStoryNothingIsLost is the story of the van, told by the real programs:
// visits are logged, the hub stops, ten more are logged, the agent is killed,
// both start again.
func TestStoryNothingIsLost(t *testing.T) {
	slow(t)
	h, b := newFleet(t, 1, ""), newBook()
	v := h.vans[0]
	h.startHub()
	v.start()
	h.settle()
	for n := range 5 {
		v.log(b, n)
	}
	h.settle()
	h.hub.stop()
	for n := range 10 {
		v.log(b, 5+n)
	}
	v.agent.kill()
	h.startHub()
	v.start()
	h.settle()
	got := judgeHub(t, h.db())
	got.compare(t, b)
	if len(got.visits) != 15 {
		t.Errorf("%d visits at the hub, want 15", len(got.visits))
	}
	for n, v := range got.visits {
		if want := (note{van: "van-1", n: n}).place(); v.place != want {
			t.Errorf("visit %d at the hub is %q, want %q", n, v.place, want)
		}
	}
	h.hub.stop()
	v.agent.stop()
}
