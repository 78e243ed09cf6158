package storetest

import (
	"fmt"
	"slices"
	"testing"

	"ark"
	"ark/hub"
)

// unknown makes of a fact what an older release would: one it cannot read.
func unknown(f hub.Fact) hub.Fact {
	f.Body, f.Reason = nil, "unknown kind of entry"
	return f
}

func quarantine(t *testing.T, b *bench) {
	j := b.journal("van-1", 1)
	d := j.delivery(unknown(j.visit(b.id(), "1")), j.visit(b.id(), "2"), unknown(j.visit(b.id(), "3")),
		j.entry(ark.Entry{ID: b.id(), Kind: 77, Body: []byte{0xa0}}))
	d.UpTo = j.at
	b.commit(d)
	if got := b.places(); !slices.Equal(got, []string{"2"}) || b.van("van-1").Quarantined != 3 {
		t.Fatalf("visits %v, van %+v", got, b.van("van-1"))
	}
	if held := b.van("van-1").Held; len(held) != 3 || held[0].Seq != 4 || held[0].Incarnation != j.inc || held[0].Reason == "" || held[0].At.IsZero() {
		t.Errorf("told of the quarantine: %+v", held)
	}
	for range 2 {
		b.reopen()
		if got := b.places(); !slices.Equal(got, []string{"3", "1", "2"}) {
			t.Errorf("visits once they can be read: %v", got)
		}
		if v := b.van("van-1"); v.Quarantined != 1 || v.Entries != 4 {
			t.Errorf("van %+v", v)
		}
	}
}

// releaseUndoesNothing: what is released is older than what came after it.
func releaseUndoesNothing(t *testing.T, b *bench) {
	j := b.journal("van-1", 1)
	id := b.id()
	started := ark.AsRun{Broadcast: id, Announcement: "x", State: ark.BroadcastStarted}
	finished := started
	finished.State = ark.BroadcastFinished
	b.commit(j.delivery(
		unknown(j.fact(b.id(), ark.KindBroadcast, started)), unknown(j.fact(b.id(), ark.KindHealth, ark.Health{Sound: "old"})),
		j.fact(b.id(), ark.KindBroadcast, finished), j.fact(b.id(), ark.KindHealth, ark.Health{Sound: "new"})))
	b.reopen()
	if got := b.states(); !slices.Equal(got, []ark.BroadcastState{ark.BroadcastFinished}) {
		t.Errorf("broadcasts %v", got)
	}
	if v := b.van("van-1"); v.Quarantined != 0 || v.Health == nil || v.Health.Sound != "new" {
		t.Errorf("van %+v, health %+v", v, v.Health)
	}
}

// bigQuarantine: rubbish of one van in front does not keep another's entries
// in quarantine.
func bigQuarantine(t *testing.T, b *bench) {
	bad, good := b.journal("van-1", 1), b.journal("van-2", 2)
	var facts []hub.Fact
	for range 1500 {
		facts = append(facts, bad.entry(ark.Entry{ID: b.id(), Kind: 77, Body: []byte{0xa0}}))
	}
	b.commit(bad.delivery(facts...))
	facts = nil
	for n := range 700 {
		facts = append(facts, unknown(good.visit(b.id(), fmt.Sprint(n))))
	}
	b.commit(good.delivery(facts...))
	b.reopen()
	if n := b.van("van-2").Quarantined; n != 0 {
		t.Errorf("%d left in quarantine", n)
	}
	if got := b.places(); len(got) != 500 || got[0] != "699" || b.van("van-1").Quarantined != 1500 {
		t.Errorf("%d visits, van %+v", len(got), b.van("van-1"))
	}
}
