package storetest

import (
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"ark"
	"ark/hub"
)

var play = ark.PlayNow{Announcement: "x", NotAfter: 1}

func (b *bench) order(vans ...ark.VanID) []ark.ID {
	b.t.Helper()
	ids, err := b.AppendOrders(b.t.Context(), vans, ark.KindPlayNow, play)
	b.must(err)
	if len(ids) != len(vans) {
		b.t.Fatalf("%d ids for %d vans", len(ids), len(vans))
	}
	return ids
}

// orders lists all orders by their ids.
func (b *bench) orders() map[ark.ID]hub.Order {
	b.t.Helper()
	all, err := b.Orders(b.t.Context(), hub.Everything, hub.Page{Limit: 500})
	b.must(err)
	m := map[ark.ID]hub.Order{}
	for _, o := range all {
		m[o.ID] = o
	}
	return m
}

// chain reads a van's order journal in steps and checks that it is one chain
// up to its end.
func (b *bench) chain(van ark.VanID, j hub.OrderJournal) (ids []ark.ID, kinds []ark.Kind) {
	b.t.Helper()
	at := j.Incarnation.Start()
	for at.Seq < j.Last.Seq {
		prev, raws, err := b.OrderEntries(b.t.Context(), van, at.Seq+1, 2, 1)
		b.must(err)
		if prev != at.Digest || len(raws) != 1 { // one fits whatever the size, and no more
			b.t.Fatalf("at %d: digest %v, want %v; %d entries", at.Seq, prev, at.Digest, len(raws))
		}
		at = at.Next(raws[0])
		if d, err := b.OrderDigest(b.t.Context(), van, at.Seq); err != nil || d != at.Digest {
			b.t.Fatalf("digest at %d: %v, %v", at.Seq, d, err)
		}
		e, err := ark.DecodeEntry(raws[0])
		b.must(err)
		ids, kinds = append(ids, e.ID), append(kinds, e.Kind)
	}
	if at != j.Last {
		b.t.Fatalf("the journal ends at %v, said %v", at, j.Last)
	}
	return ids, kinds
}

func (b *bench) orderJournal(van ark.VanID) hub.OrderJournal {
	b.t.Helper()
	j, ok, err := b.OrderJournal(b.t.Context(), van)
	b.must(err)
	if !ok {
		b.t.Fatalf("van %s has no order journal", van)
	}
	return j
}

func orderBook(t *testing.T, b *bench) {
	if _, ok, err := b.OrderJournal(t.Context(), "van-1"); ok || err != nil {
		t.Fatalf("a journal out of nothing: %v", err)
	}
	first := b.order("van-1", "van-2", "van-1")
	later := b.order("van-1")
	j := b.orderJournal("van-1")
	ids, _ := b.chain("van-1", j)
	if want := []ark.ID{first[0], first[2], later[0]}; !slices.Equal(ids, want) {
		t.Errorf("orders %v, want %v", ids, want)
	}
	if j.Acked != j.Incarnation.Start() || j.Base != j.Acked {
		t.Errorf("journal %+v", j)
	}
	d, err := b.OrderDigest(t.Context(), "van-1", 2)
	b.must(err)
	b.must(b.OrdersAcked(t.Context(), []hub.OrderAck{{Van: "van-1", Incarnation: j.Incarnation, Cursor: ark.Cursor{Seq: 2, Digest: d}},
		{Van: "van-9", Incarnation: j.Incarnation, Cursor: ark.Cursor{Seq: 7}}, {Van: "van-2", Cursor: ark.Cursor{Seq: 1}}}))
	all := b.orders()
	if !all[first[0]].Held || !all[first[2]].Held || all[later[0]].Held || all[first[1]].Held {
		t.Errorf("held: %+v", all)
	}
	if o := all[later[0]]; o.Van != "van-1" || o.Kind != ark.KindPlayNow || o.Body != play || o.Made.IsZero() {
		t.Errorf("order %+v", o)
	}
	b.reopen()
	if got := b.orderJournal("van-1"); got.Last != j.Last || got.Acked.Seq != 2 || got.Acked.Digest != d {
		t.Errorf("after opening anew %+v", got)
	}
}

func ordersAllOrNone(t *testing.T, b *bench) {
	b.order("van-1")
	before := b.orderJournal("van-1")
	if _, err := b.AppendOrders(t.Context(), []ark.VanID{"van-1"}, ark.KindVisit, play); err == nil {
		t.Error("a body of another kind was taken")
	}
	if _, err := b.AppendOrders(t.Context(), []ark.VanID{"van-1"}, ark.KindVisit, ark.Visit{Place: "x", Outcome: ark.Met}); err == nil {
		t.Error("a visit was taken as an order")
	}
	if got := b.orderJournal("van-1"); got != before {
		t.Errorf("journal %+v, want %+v", got, before)
	}
}

func ordersBeginAnew(t *testing.T, b *bench) {
	ids := append(b.order("van-1"), b.order("van-1")...)
	old := b.orderJournal("van-1")
	ack := []hub.OrderAck{{Van: "van-1", Incarnation: old.Incarnation, Cursor: old.Last}}
	b.must(b.OrdersAcked(t.Context(), ack))
	for n := range 2 {
		j, err := b.RebeginOrders(t.Context(), "van-1")
		b.must(err)
		b.must(b.OrdersAcked(t.Context(), ack)) // late, for what is no more
		if j.Incarnation == old.Incarnation || j.Acked != j.Incarnation.Start() || j != b.orderJournal("van-1") {
			t.Fatalf("journal %+v", j)
		}
		got, kinds := b.chain("van-1", j)
		if !slices.Equal(got[1:], ids) || kinds[0] != ark.KindBegun {
			t.Fatalf("round %d: orders %v of kinds %v, want %v", n, got, kinds, ids)
		}
	}
	b.order("van-1")
	got, _ := b.chain("van-1", b.orderJournal("van-1"))
	if all := b.orders(); len(got) != 4 || len(all) != 3 || all[ids[0]].Held {
		t.Errorf("%d entries, orders %+v", len(got), all)
	}
}

// orderStates: a new card hears all orders again and calls those of last
// week expired, though they were played.
func orderStates(t *testing.T, b *bench) {
	ids := b.order("van-1")
	one, two, foreign := b.journal("van-1", 1), b.journal("van-1", 2), b.journal("van-2", 3)
	tell := func(j *journal, kind ark.Kind, body any, want ark.BroadcastState) {
		t.Helper()
		b.commit(j.delivery(j.fact(b.id(), kind, body)))
		if o := b.orders()[ids[0]]; o.State != want {
			t.Fatalf("state %v, want %v", o.State, want)
		}
	}
	run := ark.AsRun{Broadcast: b.id(), Announcement: "x", Trigger: ark.Trigger{Order: ids[0]}, State: ark.BroadcastStarted, LatencyMS: 12}
	tell(foreign, ark.KindOrderState, ark.OrderState{Order: ids[0], State: ark.BroadcastFailed}, 0)
	tell(one, ark.KindBroadcast, run, ark.BroadcastStarted)
	run.State = ark.BroadcastFinished
	tell(one, ark.KindBroadcast, run, ark.BroadcastFinished)
	tell(two, ark.KindOrderState, ark.OrderState{Order: ids[0], State: ark.BroadcastExpired}, ark.BroadcastFinished)
	tell(foreign, ark.KindOrderState, ark.OrderState{Order: ids[0], State: ark.BroadcastFailed}, ark.BroadcastFinished)
	if o := b.orders()[ids[0]]; o.Latency != 12*time.Millisecond {
		t.Errorf("latency %v", o.Latency)
	}
	tell(two, ark.KindOrderState, ark.OrderState{Order: b.id(), State: ark.BroadcastExpired}, ark.BroadcastFinished) // of an order nobody knows
}

// manyAtOnce has commits, orders and readers at work together.
func manyAtOnce(t *testing.T, b *bench) {
	const vans, rounds = 8, 15
	var ds [vans][rounds]hub.Delivery
	for v := range vans {
		j := b.journal(ark.VanID(fmt.Sprintf("van-%d", v)), byte(v+1))
		for r := range rounds {
			ds[v][r] = j.delivery(j.visit(b.id(), fmt.Sprint(v, r)))
		}
	}
	var all sync.WaitGroup
	for v := range vans {
		all.Go(func() {
			for r := range rounds {
				if _, err := b.Commit(t.Context(), ds[v][r:r+1]); err != nil {
					t.Error(err)
				}
				if _, err := b.AppendOrders(t.Context(), []ark.VanID{ds[v][r].Van}, ark.KindStop, ark.Stop{}); err != nil {
					t.Error(err)
				}
				if _, err := b.Visits(t.Context(), hub.Page{Limit: 10}); err != nil {
					t.Error(err)
				}
			}
		})
	}
	all.Wait()
	vs, err := b.Visits(t.Context(), hub.Page{Limit: 500})
	b.must(err)
	if len(vs) != vans*rounds {
		t.Errorf("%d visits, want %d", len(vs), vans*rounds)
	}
	for i := 1; i < len(vs); i++ {
		if vs[i].Position >= vs[i-1].Position {
			t.Fatal("two visits at one place")
		}
	}
}
