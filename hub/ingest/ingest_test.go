package ingest

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"ark"
	"ark/hub"
)

func TestInOrderOnceWithReceipt(t *testing.T) {
	o := open(t, path(t), nil)
	v := newVan(t, "van-1", 1)
	o.Present(v.id, true)
	for n := range 10 {
		v.visit(n)
	}
	if r := v.give(o, v.frame(4, 6)); r.Cursor.Seq != 0 {
		t.Fatalf("out of order: receipt %v", r.Cursor)
	}
	if r := v.give(o, v.frame(1, 3)); r.Cursor != v.cursors[6] {
		t.Fatalf("receipt %v, want 6 with its digest", r.Cursor)
	}
	if r := v.give(o, v.frame(2, 10)); r.Cursor != v.last() {
		t.Fatalf("overlapping: receipt %v, want %v", r.Cursor, v.last())
	}
	if r := v.give(o, v.frame(1, 10)); r.Cursor != v.last() {
		t.Fatalf("again: receipt %v", r.Cursor)
	}
	got := o.visits(t)
	if len(got) != 10 {
		t.Fatalf("%d visits, want 10", len(got))
	}
	for i, g := range got {
		if want := fmt.Sprintf("%d室", 9-i); g.Place != want || g.Van != "van-1" {
			t.Fatalf("visit %d: %+v, want %s", i, g, want)
		}
	}
}

func TestForkIsKeptAndSaid(t *testing.T) {
	o := open(t, path(t), nil)
	a, b := newVan(t, "van-1", 1), newVan(t, "van-1", 1)
	o.Present(a.id, true)
	for n := range 3 {
		a.visit(n)
		b.visit(n)
	}
	a.visit(3)
	b.visit(100)
	a.give(o, a.frame(1, 4))
	if r := b.give(o, b.frame(1, 4)); r.Cursor != a.last() {
		t.Fatalf("the clone was told %v", r.Cursor)
	}
	if got := o.van(t, "van-1"); got.Forks != 1 {
		t.Fatalf("forks shown: %d", got.Forks)
	}
	// the clone begins anew with what it has, under the old ids
	c := newVan(t, "van-1", 2)
	c.add(entryID(1000), ark.KindBegun, ark.Begun{Why: ark.BegunFork, Previous: a.inc, Ended: 4})
	for _, n := range []int{0, 1, 2, 100} {
		c.visit(n)
	}
	c.give(o, c.frame(1, 5))
	if got := o.visits(t); len(got) != 5 {
		t.Fatalf("%d visits, want both branches, each once: 5", len(got))
	}
}

func TestQuarantineDoesNotBlockAndIsReleased(t *testing.T) {
	p := path(t)
	o := open(t, p, nil)
	v := newVan(t, "van-1", 1)
	o.Present(v.id, true)
	v.visit(1)
	v.addRaw(ark.Entry{ID: entryID(2), Kind: 77, Body: []byte{0xa0}})
	v.add(entryID(3), ark.KindPlayNow, ark.PlayNow{Announcement: "x"})
	v.visit(4)
	if r := v.give(o, v.frame(1, 4)); r.Cursor != v.last() {
		t.Fatalf("receipt %v: one bad entry blocks the rest", r.Cursor)
	}
	if got := o.van(t, "van-1"); got.Quarantined != 2 || got.Entries != 4 {
		t.Fatalf("quarantined %d of %d", got.Quarantined, got.Entries)
	}
	if got := o.visits(t); len(got) != 2 {
		t.Fatalf("%d visits", len(got))
	}
}

func TestGapIsNamed(t *testing.T) {
	o := open(t, path(t), nil)
	v := newVan(t, "van-1", 1)
	o.Present(v.id, true)
	for n := range 6 {
		v.visit(n)
	}
	f := v.frame(4, 6)
	f.LostFrom, f.Lost = 1, v.cursors[3].Digest
	if r := v.give(o, f); r.Cursor != v.last() {
		t.Fatalf("receipt %v", r.Cursor)
	}
	if got := o.van(t, "van-1"); got.Gaps != 1 {
		t.Fatalf("gaps shown: %d", got.Gaps)
	}
}

func TestRefusals(t *testing.T) {
	o := open(t, path(t), nil)
	v, w := newVan(t, "van-1", 1), newVan(t, "van-2", 1)
	o.Present(v.id, true)
	o.Present(w.id, true)
	v.visit(1)
	w.visit(2)
	v.give(o, v.frame(1, 1))
	if r := w.give(o, w.frame(1, 1)); r.Refusal != ark.RefusedVan {
		t.Errorf("another van's incarnation: %v", r.Refusal)
	}
	for want, data := range map[ark.Refusal][]byte{
		ark.RefusedVersion: {9, 0, 1}, ark.RefusedGarbage: {1, 0, 0xff}, ark.RefusedSize: make([]byte, ark.MaxFrame+1),
	} {
		if r := v.giveRaw(o, data); r.Refusal != want {
			t.Errorf("refusal %v, want %v", r.Refusal, want)
		}
	}
	var err error
	for n := 0; n < maxRubbish+1 && err == nil; n++ {
		err = o.Arrived(t.Context(), v.id, ark.Journal, []byte{1, 0, 0xff})
	}
	if err == nil {
		t.Error("endless rubbish keeps its session")
	}
}

// failing is a store whose commits fail while fail says so.
type failing struct {
	hub.Journals
	fail func([]hub.Delivery) bool
}

var errPlanted = errors.New("planted")

func (f failing) Commit(ctx context.Context, ds []hub.Delivery) (hub.Change, error) {
	if f.fail(ds) {
		return hub.Change{}, errPlanted
	}
	return f.Journals.Commit(ctx, ds)
}

func TestNoReceiptWithoutCommit(t *testing.T) {
	broken := true
	o := open(t, path(t), func(j hub.Journals) hub.Journals {
		return failing{j, func([]hub.Delivery) bool { return broken }}
	})
	v := newVan(t, "van-1", 1)
	o.Present(v.id, true)
	v.visit(1)
	if r := v.give(o, v.frame(1, 1)); r.Refusal != ark.RefusedStore || r.Cursor.Seq != 0 {
		t.Fatalf("receipt %+v while the store fails", r)
	}
	broken = false
	if r := v.give(o, v.frame(1, 1)); r.Cursor != v.last() || r.Refusal != ark.RefusedNot {
		t.Fatalf("receipt %+v once it works again", r)
	}
	if got := o.visits(t); len(got) != 1 {
		t.Fatalf("%d visits behind that receipt, want 1", len(got))
	}
}

func TestOneVansPoisonIsNotTheOthers(t *testing.T) {
	o := open(t, path(t), func(j hub.Journals) hub.Journals {
		return failing{j, func(ds []hub.Delivery) bool {
			for _, d := range ds {
				if d.Van == "van-0" {
					return true
				}
			}
			return false
		}}
	})
	var all sync.WaitGroup
	for n := range 20 {
		v := newVan(t, ark.VanID(fmt.Sprintf("van-%d", n)), byte(n+1))
		o.Present(v.id, true)
		v.visit(n)
		all.Go(func() {
			for range 10 {
				r := v.give(o, v.frame(1, 1))
				if got := r.Refusal == ark.RefusedStore; got != (v.id == "van-0") {
					t.Errorf("%s: refusal %v", v.id, r.Refusal)
				}
			}
		})
	}
	all.Wait()
}

func TestRestoredFromAnOlderBackup(t *testing.T) {
	p := path(t)
	o := open(t, p, nil)
	v := newVan(t, "van-1", 1)
	o.Present(v.id, true)
	for n := range 5 {
		v.visit(n)
	}
	v.give(o, v.frame(1, 2))
	old := p + ".backup"
	if err := o.store.Backup(t.Context(), old); err != nil {
		t.Fatal(err)
	}
	v.give(o, v.frame(3, 5))
	o.stop()

	o = open(t, old, nil)
	o.Present(v.id, true)
	question := ark.Frame{Incarnation: v.inc, First: 6, Prev: v.last().Digest.Key(), Round: 2}
	if r := v.give(o, question); r.Cursor != v.cursors[2] || r.Round != 2 {
		t.Fatalf("the restored hub says %v", r.Cursor)
	}
	if r := v.give(o, v.frame(3, 5)); r.Cursor != v.last() {
		t.Fatalf("healed to %v", r.Cursor)
	}
	if got := o.visits(t); len(got) != 5 {
		t.Fatalf("%d visits after healing", len(got))
	}
}

func TestOrdersReachTheVan(t *testing.T) {
	o := open(t, path(t), nil)
	id := ark.VanID("van-1")
	if _, err := o.Order(t.Context(), []ark.VanID{id}, ark.KindPlayNow, ark.PlayNow{Announcement: "welcome", NotAfter: 1}); err != nil {
		t.Fatal(err)
	}
	o.Present(id, true)
	if _, err := o.Order(t.Context(), []ark.VanID{id}, ark.KindStop, ark.Stop{NotAfter: 1}); err != nil {
		t.Fatal(err)
	}
	var r *ark.Receiver
	for n := 0; n < 2; {
		m := <-o.inbox(id)
		f, err := ark.DecodeFrame(m.payload)
		if m.channel != ark.Orders || err != nil {
			t.Fatal(m.channel, err)
		}
		if r == nil {
			r = ark.NewReceiver(f.Incarnation, f.Incarnation.Start())
		}
		taken, err := r.Take(f, nil)
		if err != nil {
			t.Fatal(err)
		}
		n += len(taken.Entries)
		r.Commit()
		data, err := ark.EncodeReceipt(r.Receipt())
		if err != nil {
			t.Fatal(err)
		}
		if err := o.Arrived(t.Context(), id, ark.OrdersReceipt, data); err != nil {
			t.Fatal(err)
		}
	}
	var orders []hub.Order
	await(t, "both orders are held", func() (ok bool) {
		var err error
		orders, err = o.store.Orders(t.Context(), hub.Everything, hub.Page{Limit: 10})
		return err == nil && len(orders) == 2 && orders[0].Held && orders[1].Held && orders[0].Kind == ark.KindStop
	})
	// what the van tells of it
	v := newVan(t, id, 1)
	v.add(entryID(1), ark.KindBroadcast, ark.AsRun{Broadcast: entryID(9), Announcement: "welcome", Trigger: ark.Trigger{Order: orders[1].ID},
		State: ark.BroadcastStarted, LatencyMS: 12})
	v.add(entryID(2), ark.KindOrderState, ark.OrderState{Order: orders[0].ID, State: ark.BroadcastExpired})
	v.give(o, v.frame(1, 2))
	orders, err := o.store.Orders(t.Context(), hub.Everything, hub.Page{Limit: 10})
	if err != nil || orders[1].State != ark.BroadcastStarted || orders[1].Latency != 12*time.Millisecond || orders[0].State != ark.BroadcastExpired {
		t.Fatalf("orders %+v, %v", orders, err)
	}
}

func TestTheHubGivesItsWordOfTime(t *testing.T) {
	o := open(t, path(t), nil)
	v := newVan(t, "van-1", 1)
	o.Present(v.id, true)
	r := v.give(o, ark.Frame{Incarnation: v.inc, First: 1, Prev: v.last().Digest.Key(), Round: 1, AskTime: [8]byte{1, 2}})
	if r.Time == nil || r.Time.Nonce != [8]byte{1, 2} || r.Time.Verify(o.key, "van-1") != nil || r.Time.Verify(o.key, "van-2") == nil {
		t.Fatalf("word of time: %+v", r.Time)
	}
}

func TestDoubtfulTimesAreCorrected(t *testing.T) {
	o := open(t, path(t), nil)
	v := newVan(t, "van-1", 1)
	o.Present(v.id, true)
	boot := ark.BootID{1}
	body, _ := ark.EncodeBody(ark.KindVisit, ark.Visit{Place: "x", Outcome: ark.Met})
	v.addRaw(ark.Entry{ID: ark.NewID(1000, [10]byte{1}), Kind: ark.KindVisit, Body: body, At: ark.Stamp{Wall: 1000, Boot: boot, Mono: 10 * time.Second}})
	clock, _ := ark.EncodeBody(ark.KindClock, ark.Clock{Wall: 1_790_000_060_000, Source: "hub"})
	v.addRaw(ark.Entry{ID: ark.NewID(2000, [10]byte{2}), Kind: ark.KindClock, Body: clock, At: ark.Stamp{Wall: 2000, Boot: boot, Mono: 70 * time.Second, Trusted: true}})
	v.give(o, v.frame(1, 1))
	if got := o.visits(t)[0].At; got.Trusted {
		t.Fatalf("a doubtful time is not shown as such: %+v", got)
	}
	v.give(o, v.frame(2, 2))
	if got := o.visits(t)[0].At; !got.Trusted || got.Wall != 1_790_000_000_000 {
		t.Fatalf("corrected to %+v", got)
	}
}

// BenchmarkIngest is 50 vans that send frames of 200 visits at once.
func BenchmarkIngest(b *testing.B) {
	o := open(b, path(b), nil)
	const vans, per = 50, 200
	entry := 0
	b.ResetTimer()
	for n := 0; n < b.N; n += vans * per {
		b.StopTimer()
		var frames [vans][]byte
		for i := range frames {
			v := newVan(b, ark.VanID(fmt.Sprintf("van-%d", i)), byte(i+1))
			v.inc = ark.NewIncarnation([16]byte{byte(i), byte(n >> 16), byte(n >> 8), byte(n)})
			v.cursors = []ark.Cursor{v.inc.Start()}
			for range per {
				v.visit(entry)
				entry++
			}
			frames[i], _ = ark.EncodeFrame(v.frame(1, per), false)
			o.Present(v.id, true)
		}
		b.StartTimer()
		var all sync.WaitGroup
		for i := range frames {
			all.Go(func() {
				v := newVan(b, ark.VanID(fmt.Sprintf("van-%d", i)), 0)
				if r := v.giveRaw(o, frames[i]); r.Cursor.Seq != per {
					b.Error(r)
				}
			})
		}
		all.Wait()
	}
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "visits/s")
}
