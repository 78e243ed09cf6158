package ingest

import (
	"context"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"ark"
	"ark/hub"
)

// book is an order book that can be made to wait or fail.
type book struct {
	hub.OrderBook
	stalled ark.VanID     // reading this van's orders …
	release chan struct{} // … waits for this
	broken  atomic.Bool
	acked   atomic.Int64 // calls of OrdersAcked
}

func (b *book) OrderJournal(ctx context.Context, van ark.VanID) (hub.OrderJournal, bool, error) {
	if van == b.stalled {
		<-b.release
	}
	if b.broken.Load() {
		return hub.OrderJournal{}, false, errPlanted
	}
	return b.OrderBook.OrderJournal(ctx, van)
}

func (b *book) RebeginOrders(ctx context.Context, van ark.VanID) (hub.OrderJournal, error) {
	if b.broken.Load() {
		return hub.OrderJournal{}, errPlanted
	}
	return b.OrderBook.RebeginOrders(ctx, van)
}

func (b *book) OrdersAcked(ctx context.Context, acks []hub.OrderAck) error {
	b.acked.Add(1)
	if b.broken.Load() {
		return errPlanted
	}
	return b.OrderBook.OrdersAcked(ctx, acks)
}

// withBook puts a book before an office's store, before any van comes.
func withBook(o *office) *book {
	b := &book{OrderBook: o.store, release: make(chan struct{})}
	o.orders.c.Orders, o.orders.acks.c.Orders = b, b
	return b
}

// takeOrders is a van that takes its orders until it has n, and receipts each
// frame.
func takeOrders(t testing.TB, o *office, id ark.VanID, r **ark.Receiver, n int) {
	t.Helper()
	deadline := time.After(20 * time.Second)
	for n > 0 {
		var m message
		select {
		case m = <-o.inbox(id):
		case <-deadline:
			t.Errorf("%s: %d orders did not come", id, n)
			return
		}
		f, err := ark.DecodeFrame(m.payload)
		if m.channel != ark.Orders || err != nil {
			t.Error(m.channel, err)
			return
		}
		if *r == nil {
			*r = ark.NewReceiver(f.Incarnation, f.Incarnation.Start())
		}
		taken, err := (*r).Take(f, func(ark.Seq) (ark.Digest, bool, error) { return ark.Digest{}, false, nil })
		if err != nil {
			t.Error(err)
			return
		}
		n -= len(taken.Entries)
		(*r).Commit()
		data, err := ark.EncodeReceipt((*r).Receipt())
		if err == nil {
			err = o.Arrived(context.Background(), id, ark.OrdersReceipt, data)
		}
		if err != nil {
			t.Error(err)
			return
		}
	}
}

func order(t testing.TB, o *office, vans ...ark.VanID) {
	t.Helper()
	if _, err := o.Order(t.Context(), vans, ark.KindStop, ark.Stop{}); err != nil {
		t.Fatal(err)
	}
}

// held counts the orders that vans hold.
func (o *office) held(t testing.TB) (n int) {
	t.Helper()
	all, err := o.store.Orders(t.Context(), hub.Everything, hub.Page{Limit: 500})
	if err != nil {
		t.Fatal(err)
	}
	for _, x := range all {
		if x.Held {
			n++
		}
	}
	return n
}

// What the store does for one van, no other waits for.
func TestOneVansSlowOrdersAreNotTheOthers(t *testing.T) {
	o := open(t, path(t), nil)
	b := withBook(o)
	b.stalled = "van-stalled"
	order(t, o, "van-stalled", "van-1")
	var coming sync.WaitGroup
	coming.Go(func() { o.Present("van-stalled", true) })
	defer coming.Wait()
	defer close(b.release)
	worked := make(chan struct{})
	go func() {
		defer close(worked)
		var r *ark.Receiver
		o.Present("van-1", true)
		takeOrders(t, o, "van-1", &r, 1)
		if _, err := o.Order(context.Background(), []ark.VanID{"van-1"}, ark.KindStop, ark.Stop{}); err != nil {
			t.Error(err)
		}
		takeOrders(t, o, "van-1", &r, 1)
		o.Present("van-1", false)
		o.Present("van-1", true)
	}()
	select {
	case <-worked:
	case <-time.After(10 * time.Second):
		t.Fatal("a van waits for what the store does for another")
	}
}

// Orders that could not be read when their van came are sent once they can.
func TestOrdersAreSentOnceTheStoreAnswers(t *testing.T) {
	o := open(t, path(t), nil)
	b := withBook(o)
	order(t, o, "van-1")
	b.broken.Store(true)
	o.Present("van-1", true)
	b.broken.Store(false)
	var r *ark.Receiver
	takeOrders(t, o, "van-1", &r, 1)
	await(t, "held", func() bool { return o.held(t) == 1 })

	// and when a receipt could not be kept
	b.broken.Store(true)
	before := b.acked.Load()
	o.orders.acks.note("van-1", r.Receipt().Incarnation, r.Committed())
	await(t, "a failed try", func() bool { return b.acked.Load() > before })
	b.broken.Store(false)
	before = b.acked.Load()
	await(t, "another try", func() bool { return b.acked.Load() > before })
}

// A van that holds another history of its orders gets a new incarnation of
// them, even if the store fails in between.
func TestOrdersBeginAnewAfterAFork(t *testing.T) {
	o := open(t, path(t), nil)
	b := withBook(o)
	o.Present("van-1", true)
	order(t, o, "van-1")
	m := <-o.inbox("van-1")
	f, err := ark.DecodeFrame(m.payload)
	if err != nil {
		t.Fatal(err)
	}
	forked, err := ark.EncodeReceipt(ark.Receipt{Incarnation: f.Incarnation, Cursor: ark.Cursor{Seq: 9}, Round: f.Round})
	if err != nil {
		t.Fatal(err)
	}
	b.broken.Store(true)
	if err := o.Arrived(t.Context(), "van-1", ark.OrdersReceipt, forked); err != nil {
		t.Fatal(err)
	}
	b.broken.Store(false)
	await(t, "asked again", func() bool { return len(o.inbox("van-1")) > 0 })
	if err := o.Arrived(t.Context(), "van-1", ark.OrdersReceipt, forked); err != nil {
		t.Fatal(err)
	}
	await(t, "a new incarnation", func() bool {
		j, ok, err := o.store.OrderJournal(t.Context(), "van-1")
		return err == nil && ok && j.Incarnation != f.Incarnation
	})
	for len(o.inbox("van-1")) > 0 && f.Incarnation != (ark.Incarnation{}) {
		m = <-o.inbox("van-1")
		if g, err := ark.DecodeFrame(m.payload); err == nil && g.Incarnation != f.Incarnation {
			return
		}
	}
	t.Error("it is not sent")
}

// An order for many vans: their receipts go together.
func TestManyVansTakeAnOrder(t *testing.T) {
	o := open(t, path(t), nil)
	b := withBook(o)
	const vans = 200
	ids := make([]ark.VanID, vans)
	for n := range ids {
		ids[n] = ark.VanID(fmt.Sprintf("van-%d", n))
		o.Present(ids[n], true)
	}
	order(t, o, ids...)
	var all sync.WaitGroup
	for _, id := range ids {
		all.Go(func() {
			var r *ark.Receiver
			takeOrders(t, o, id, &r, 1)
		})
	}
	all.Wait()
	await(t, "all hold it", func() bool { return o.held(t) == vans })
	t.Logf("%d receipts in %d transactions", vans, b.acked.Load())
	for _, id := range ids {
		o.Present(id, false)
	}
	if len(o.orders.lines) != 0 {
		t.Errorf("%d lines are left", len(o.orders.lines))
	}
}
