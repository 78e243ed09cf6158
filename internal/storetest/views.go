package storetest

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"ark"
	"ark/hub"
)

func (b *bench) states() (all []ark.BroadcastState) {
	b.t.Helper()
	bs, err := b.Broadcasts(b.t.Context(), hub.Everything, hub.Page{Limit: 9})
	b.must(err)
	for _, x := range bs {
		all = append(all, x.State)
	}
	return all
}

func broadcasts(t *testing.T, b *bench) {
	one, two := b.journal("van-1", 1), b.journal("van-1", 2)
	id := b.id()
	run := func(j *journal, s ark.BroadcastState) hub.Delivery {
		return j.delivery(j.fact(b.id(), ark.KindBroadcast, ark.AsRun{Broadcast: id, Announcement: "x", State: s}))
	}
	for _, step := range []struct {
		journal *journal
		state   ark.BroadcastState
		want    ark.BroadcastState
	}{
		{one, ark.BroadcastAccepted, ark.BroadcastAccepted}, {one, ark.BroadcastStarted, ark.BroadcastStarted},
		{two, ark.BroadcastAccepted, ark.BroadcastStarted}, {one, ark.BroadcastFailed, ark.BroadcastFailed},
		{two, ark.BroadcastStarted, ark.BroadcastFailed}, {two, ark.BroadcastExpired, ark.BroadcastFailed},
		{one, ark.BroadcastFinished, ark.BroadcastFinished}, {two, ark.BroadcastFailed, ark.BroadcastFinished},
		{two, ark.BroadcastStarted, ark.BroadcastFinished},
	} {
		b.commit(run(step.journal, step.state))
		if got := b.states(); !slices.Equal(got, []ark.BroadcastState{step.want}) {
			t.Fatalf("after %v from %v: %v, want %v", step.state, step.journal.inc, got, step.want)
		}
	}
	// in one commit too
	three := b.journal("van-1", 3)
	id = b.id()
	d := run(three, ark.BroadcastStarted)
	d.Facts = append(d.Facts, run(three, ark.BroadcastFinished).Facts...)
	d.UpTo = three.at
	b.commit(d)
	if got := b.states(); !slices.Equal(got, []ark.BroadcastState{ark.BroadcastFinished, ark.BroadcastFinished}) {
		t.Errorf("broadcasts %v", got)
	}
}

func foreignBroadcast(t *testing.T, b *bench) {
	one, two := b.journal("van-1", 1), b.journal("van-2", 2)
	run := ark.AsRun{Broadcast: b.id(), Announcement: "x", State: ark.BroadcastStarted}
	b.commit(one.delivery(one.fact(b.id(), ark.KindBroadcast, run)))
	run.State = ark.BroadcastFinished
	b.commit(two.delivery(two.fact(b.id(), ark.KindBroadcast, run)))
	bs, err := b.Broadcasts(t.Context(), hub.Everything, hub.Page{Limit: 9})
	b.must(err)
	if len(bs) != 1 || bs[0].Van != "van-1" || bs[0].State != ark.BroadcastStarted {
		t.Errorf("another van changed a broadcast: %+v", bs)
	}
	if v := b.van("van-2"); v.Quarantined != 1 {
		t.Errorf("and its record is nowhere to be seen: %+v", v)
	}
}

func clocks(t *testing.T, b *bench) {
	j := b.journal("van-1", 1)
	at := func(boot byte, mono time.Duration, trusted bool) ark.Stamp {
		return ark.Stamp{Wall: 1000, Boot: ark.BootID{boot}, Mono: mono, Trusted: trusted}
	}
	visit := func(boot byte, mono time.Duration) hub.Fact {
		body, err := ark.EncodeBody(ark.KindVisit, ark.Visit{Place: fmt.Sprint(boot), Outcome: ark.Met})
		b.must(err)
		return j.entry(ark.Entry{ID: b.id(), Kind: ark.KindVisit, At: at(boot, mono, false), Body: body})
	}
	b.commit(j.delivery(visit(1, 10*time.Second), visit(2, 10*time.Second)))
	stamps := func() map[string]ark.Stamp {
		vs, err := b.Visits(t.Context(), hub.Page{Limit: 9})
		b.must(err)
		m := map[string]ark.Stamp{}
		for _, v := range vs {
			m[v.Place] = v.At
		}
		return m
	}
	if got := stamps(); got["1"].Trusted || got["2"].Trusted || got["1"].Wall != 1000 {
		t.Fatalf("a doubtful time is not shown as one: %+v", got)
	}
	body, err := ark.EncodeBody(ark.KindClock, ark.Clock{Wall: 1_790_000_060_000, Source: "hub"})
	b.must(err)
	b.commit(j.delivery(j.entry(ark.Entry{ID: b.id(), Kind: ark.KindClock, At: at(1, 70*time.Second, true), Body: body})))
	if got := stamps(); !got["1"].Trusted || got["1"].Wall != 1_790_000_000_000 || got["2"].Trusted {
		t.Errorf("times are %+v", got)
	}
}

func watchers(t *testing.T, b *bench) {
	j := b.journal("van-1", 1)
	var seen []hub.Change
	stop := b.Changes(func(c hub.Change) { seen = append(seen, c) })
	d := j.delivery(j.visit(b.id(), "1"))
	if c := b.commit(d); c != (hub.Change{Visits: true, Vans: true}) {
		t.Errorf("commit says %+v", c)
	}
	b.commit(j.delivery(j.fact(b.id(), ark.KindBroadcast, ark.AsRun{Broadcast: b.id(), Announcement: "x", State: ark.BroadcastStarted})))
	if _, err := b.AppendOrders(t.Context(), []ark.VanID{"van-1"}, ark.KindStop, ark.Stop{}); err != nil {
		t.Fatal(err)
	}
	_, err := b.AddEdition(t.Context(), announcement("a", "甲"), 0, "lin")
	b.must(err)
	b.must(b.SetPlanRow(t.Context(), b.row(1)))
	s := ark.DefaultSettings()
	b.must(b.SetSettings(t.Context(), "", &s, "lin"))
	for range 2 { // the second time it stands already
		_, err = b.Stand(t.Context(), []ark.VanID{"van-1"}, ark.KindSettings, s)
		b.must(err)
	}
	stop()
	b.commit(j.delivery(j.visit(b.id(), "2")))
	want := []hub.Change{{Visits: true, Vans: true}, {Broadcasts: true, Vans: true}, {Orders: true}, {Library: true}, {Plans: true}, {Plans: true}, {Orders: true}}
	if !slices.Equal(seen, want) {
		t.Errorf("told %+v, want %+v", seen, want)
	}
}
