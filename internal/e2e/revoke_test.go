package e2e

import (
	"path/filepath"
	"testing"
	"time"

	"ark/internal/rig"
)

// TestRevokeWhileTheHubRuns: the technician's command ends the live session
// of one van, keeps it out over a restart of the hub, and touches no other.
func TestRevokeWhileTheHubRuns(t *testing.T) {
	slow(t)
	h, b := newFleet(t, 2, ""), newBook()
	lost, other := h.vans[0], h.vans[1]
	h.startHub()
	lost.start()
	other.start()
	h.settle()
	lost.log(b, 0)
	other.log(b, 0)
	h.settle()
	quietly(t, binary(t, "arkctl"), "--dir", filepath.Join(h.dir, "ca"), "van", "revoke", string(lost.id))
	began := time.Now()
	rig.Await(t, "the revoked van is out", func() bool { s, ok := lost.state(); return ok && !s.Connected })
	took := time.Since(began)
	t.Logf("the live session ended after %v", took)
	if took > 10*time.Second { // a quarter, but for a busy machine
		t.Errorf("the live session ended after %v", took)
	}
	late := newBook()
	lost.log(late, 1)
	rig.Await(t, "the revoked van is told why", func() bool { s, ok := lost.state(); return ok && s.HubFault == "not-admitted" })
	h.hub.stop()
	h.startHub()
	other.log(b, 1)
	rig.Await(t, "the other van goes on", other.settled)
	if s, ok := lost.state(); !ok || s.Connected || s.Backlog == 0 {
		t.Errorf("the revoked van is %+v", s)
	}
	h.hub.stop()
	judgeHub(t, h.db()).compare(t, b)
	lost.agent.stop()
	other.agent.stop()
}
