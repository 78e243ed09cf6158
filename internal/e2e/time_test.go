package e2e

import (
	"path/filepath"
	"testing"
	"time"

	"ark"
	"ark/agent"
	"ark/hub"
	"ark/internal/rig"
)

// waking is the clock of a Pi whose power was away: it begins in 1970.
func waking(floor time.Time) *agent.Clock {
	began := time.Now()
	return agent.NewClockOn(func() time.Time { return time.Unix(0, 0).Add(time.Since(began)) }, floor)
}

// learned writes the entry by which the hub corrects what came before it, as
// the van's brain does.
func learned(t *testing.T) func(*rig.Van, ark.UnixMilli, time.Duration) {
	return func(v *rig.Van, at ark.UnixMilli, step time.Duration) {
		body := ark.Clock{Wall: at, Source: "hub", Step: step.Milliseconds()}
		if err := v.Store.Append(t.Context(), agent.Record{Kind: ark.KindClock, Body: body}); err != nil {
			t.Error(err)
		}
	}
}

// A van that wakes in 1970 connects, because its clock never shows less than
// when its card was made; it learns the time from the hub's signed word, and
// the hub corrects what the van had logged in its doubt.
func TestAVanThatWakesIn1970(t *testing.T) {
	o, dir := rig.NewOffice(t), t.TempDir()
	born := time.Now().Add(-30 * time.Minute) // the authority is an hour old
	h := o.StartHub(t, filepath.Join(dir, "hub.db"))
	h.Stop()
	v := o.StartVan(t, "van-1", dir, rig.VanOptions{Clock: waking(born), Learned: learned(t)})
	logVisits(t, v, 0, 2) // out of reach
	if now := v.Clock.Now(); now.Trusted || now.Wall.Time().Sub(born).Abs() > 10*time.Minute {
		t.Fatalf("before the hub's word the clock shows %+v", now)
	}
	h = o.StartHub(t, filepath.Join(dir, "hub.db"))
	rig.Await(t, "a trusted clock", func() bool { return v.Clock.Now().Trusted })
	logVisits(t, v, 2, 3)
	rig.Await(t, "all at the hub", func() bool { return len(places(t, h)) == 3 && drained(v)() })
	wantVisits(t, h, 3)
	all, err := h.Store.Visits(t.Context(), hub.Page{Limit: 9})
	if err != nil {
		t.Fatal(err)
	}
	for _, x := range all {
		if off := time.Since(x.At.Wall.Time()); !x.At.Trusted || off < -5*time.Second || off > 5*time.Minute {
			t.Errorf("%s is dated %v, trusted: %v", x.Place, x.At.Wall.Time(), x.At.Trusted)
		}
	}
}

// Without that floor it cannot tell whether the hub's certificate is valid,
// says what is wrong, and comes in once somebody tells it the time.
func TestAClockWithoutAFloorIsToldOf(t *testing.T) {
	o, dir := rig.NewOffice(t), t.TempDir()
	h := o.StartHub(t, filepath.Join(dir, "hub.db"))
	v := o.StartVan(t, "van-1", dir, rig.VanOptions{Clock: waking(time.Time{})})
	logVisits(t, v, 0, 1)
	rig.Await(t, "told why", func() bool { return v.Uplink.Sync().Fault == agent.FaultHubCertificate })
	v.Clock.Raise(time.Now().Add(-10 * time.Minute))
	rig.Await(t, "at the hub", func() bool { return len(places(t, h)) == 1 && drained(v)() })
}

// The word of another key is not believed.
func TestAForeignWordOfTimeIsNotBelieved(t *testing.T) {
	o, dir := rig.NewOffice(t), t.TempDir()
	other := rig.NewOffice(t)
	h := o.StartHub(t, filepath.Join(dir, "hub.db"))
	o.TimePub = other.TimePub // what the van was given
	v := o.StartVan(t, "van-1", dir, rig.VanOptions{Clock: waking(time.Now().Add(-30 * time.Minute))})
	logVisits(t, v, 0, 3)
	rig.Await(t, "all at the hub", func() bool { return len(places(t, h)) == 3 && drained(v)() })
	if now := v.Clock.Now(); now.Trusted {
		t.Errorf("it believed somebody else: %+v", now)
	}
}
