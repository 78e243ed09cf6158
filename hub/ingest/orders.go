package ingest

import (
	"context"
	"fmt"
	"sync"
	"time"

	"ark"
)

// orders carries the order journals: one ark.Sender for each connected van
// that ever had an order. Nothing runs for an idle van.
type orders struct {
	c     Config
	began time.Time
	mu    sync.Mutex
	lines map[ark.VanID]*line
	here  map[ark.VanID]bool
}

// line is one van's order journal on its way.
type line struct {
	van    ark.VanID
	sender *ark.Sender
	last   ark.Cursor
}

// Bounds of one frame of orders.
const (
	frameEntries = 100
	frameBytes   = 32 << 10
)

func newOrders(c Config) *orders {
	return &orders{c: c, began: c.Now(), lines: map[ark.VanID]*line{}, here: map[ark.VanID]bool{}}
}

// now is monotonic.
func (o *orders) now() time.Duration { return o.c.Now().Sub(o.began) }

// present begins or ends a van's line.
func (o *orders) present(van ark.VanID, here bool) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if !here {
		delete(o.lines, van)
		delete(o.here, van)
		return
	}
	o.here[van] = true
	if err := o.open(van); err != nil {
		o.c.Log.Error("a van's orders cannot be read", "van", van, "err", err)
	}
}

// open makes the sender of a van that is here, and sends.
func (o *orders) open(van ark.VanID) error {
	j, ok, err := o.c.Orders.OrderJournal(context.Background(), van)
	if err != nil || !ok {
		return err
	}
	l := &line{van: van, last: j.Last, sender: ark.NewSender(ark.DefaultPolicy, j.Incarnation, j.Base, j.Acked, j.Last)}
	o.lines[van] = l
	l.sender.Connected(o.c.Round(), o.now())
	return o.send(l)
}

// send sends what the sender asks for.
func (o *orders) send(l *line) error {
	for {
		ask, ok := l.sender.Next(o.now())
		if !ok {
			return nil
		}
		f := ark.Frame{Incarnation: l.sender.Incarnation(), First: l.last.Seq + 1, Prev: l.last.Digest.Key(), Round: ask.Round}
		if ask.From > 0 {
			prev, raws, err := o.c.Orders.OrderEntries(context.Background(), l.van, ask.From, frameEntries, frameBytes)
			if err != nil {
				return err
			}
			f.First, f.Prev, f.Entries = ask.From, prev.Key(), raws
		}
		f.LostFrom = ask.LostFrom // orders are kept for good: never set
		data, err := ark.EncodeFrame(f, ask.Plain)
		if err != nil {
			return err
		}
		o.c.Send(l.van, ark.Orders, data)
		to := ark.Seq(0)
		if ask.From > 0 {
			to = f.Last()
		}
		l.sender.Sent(to, o.now())
	}
}

// received takes a van's receipt for orders.
func (o *orders) received(van ark.VanID, r ark.Receipt) {
	o.mu.Lock()
	defer o.mu.Unlock()
	l := o.lines[van]
	if l == nil {
		return
	}
	if err := o.hear(l, r); err != nil {
		o.c.Log.Error("a receipt for orders could not be used", "van", van, "err", err)
	}
}

func (o *orders) hear(l *line, r ark.Receipt) error {
	ctx := context.Background()
	heard, err := l.sender.Received(r, o.now(), func(at ark.Seq) (ark.Digest, error) {
		return o.c.Orders.OrderDigest(ctx, l.van, at)
	})
	if err != nil {
		return err
	}
	switch heard {
	case ark.HeardProgress, ark.HeardRegress:
		if err := o.c.Orders.OrdersAcked(ctx, l.van, l.sender.Acked()); err != nil {
			return err
		}
	case ark.HeardFork:
		o.c.Log.Warn("a van holds another history of its orders: they begin a new incarnation", "van", l.van)
		if _, err := o.c.Orders.RebeginOrders(ctx, l.van); err != nil {
			return err
		}
		return o.open(l.van)
	case ark.HeardRefusal:
		o.c.Log.Warn("a van refused orders", "van", l.van, "refusal", l.sender.Refused().String())
	}
	return o.send(l)
}

// appended tells that a van's order journal has grown.
func (o *orders) appended(van ark.VanID) error {
	o.mu.Lock()
	defer o.mu.Unlock()
	if !o.here[van] {
		return nil // it gets them when it comes
	}
	l := o.lines[van]
	if l == nil {
		return o.open(van)
	}
	j, _, err := o.c.Orders.OrderJournal(context.Background(), van)
	if err != nil {
		return err
	}
	l.last = j.Last
	l.sender.Appended(j.Last)
	return o.send(l)
}

// look is how often deadlines are looked at. They are seconds away.
const look = 500 * time.Millisecond

// run repeats what was not answered in time.
func (o *orders) run(ctx context.Context) {
	tick := time.NewTicker(look)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
			o.repeat()
		}
	}
}

// repeat sends what is overdue.
func (o *orders) repeat() {
	o.mu.Lock()
	defer o.mu.Unlock()
	now := o.now()
	for _, l := range o.lines {
		if at, waiting := l.sender.Wake(); waiting && at <= now {
			if err := o.send(l); err != nil {
				o.c.Log.Error("a van's orders cannot be sent", "van", l.van, "err", err)
			}
		}
	}
}

// Order appends an order to the journals of vans and sends it to those here.
func (in *Ingest) Order(ctx context.Context, vans []ark.VanID, kind ark.Kind, body any) ([]ark.ID, error) {
	ids, err := in.c.Orders.AppendOrders(ctx, vans, kind, body)
	if err != nil {
		return nil, fmt.Errorf("make order: %w", err)
	}
	for _, van := range vans {
		if err := in.orders.appended(van); err != nil {
			in.c.Log.Error("an order is kept, but could not be sent yet", "van", van, "err", err)
		}
	}
	return ids, nil
}
