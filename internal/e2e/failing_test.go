package e2e

import (
	"path/filepath"
	"testing"

	"ark/agent"
	"ark/internal/rig"
)

// TestChaosFailingCard lets every write of a van's card fail for a while,
// again and again, under load. Nothing is called saved meanwhile, and once
// the card keeps what it is given, all goes on without a restart.
func TestChaosFailingCard(t *testing.T) {
	slow(t)
	rng, d := random(t), newDisk(t)
	h, b := newFleet(t, 0, ""), newBook()
	v := h.addVan("van-1", filepath.Join(d.dir, "data"))
	d.mount()
	h.startHub()
	v.start()
	crew := newCrew(b)
	crew.start(t, h.vans, 4)
	for range long(1, 20) {
		awaitVisit(t, b, rng)
		d.fs.Failing.Store(true)
		rig.Await(t, "the van to say so", func() bool { s, ok := v.state(); return ok && s.CardFault != "" })
		pause(t.Context(), instant(rng, 1, 500))
		d.fs.Failing.Store(false)
		rig.Await(t, "the card in use again", func() bool { s, ok := v.state(); return ok && s.CardFault == "" })
	}
	crew.finish(t)
	h.settle()
	judgeHub(t, h.db()).compare(t, b)
	v.agent.stop()
	d.unmount()
	if missing, err := missingOnCard(t, d, b); missing > 0 || err != nil {
		t.Errorf("%d visits that were called saved are not on the card, %v", missing, err)
	}
}

// TestChaosFailingHubDisk does the same to the hub: vans keep what they have.
func TestChaosFailingHubDisk(t *testing.T) {
	slow(t)
	rng, d := random(t), newDisk(t)
	h, b := newFleet(t, 1, filepath.Join(d.dir, "hub")), newBook()
	v := h.vans[0]
	d.mount()
	h.startHub()
	v.start()
	h.settle() // a hub that cannot even start says so and ends
	crew := newCrew(b)
	for range long(2, 20) {
		crew.start(t, h.vans, 2)
		awaitVisit(t, b, rng)
		d.fs.Failing.Store(true)
		rig.Await(t, "the van to say that the hub cannot store", func() bool { s, ok := v.state(); return ok && s.HubFault == agent.FaultHubStore })
		pause(t.Context(), instant(rng, 1, 300))
		d.fs.Failing.Store(false)
		crew.finish(t)
		h.settle()
	}
	h.hub.stop()
	d.unmount()
	judgeHub(t, copyDB(t, filepath.Join(d.backing, "hub", "hub.db"))).compare(t, b)
}
