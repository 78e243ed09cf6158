package ingest

import (
	"context"
	"fmt"
	"sync"
	"time"

	"ark"
)

// orders carries the order journals: one ark.Sender for each connected van
// that ever had an order. Nothing runs for an idle van, and no van waits for
// what the store does for another.
type orders struct {
	c     Config
	began time.Time
	acks  *acks
	mu    sync.Mutex // guards lines; never held while the store is asked
	lines map[ark.VanID]*line
}

// line is one connected van's order journal on its way.
type line struct {
	van    ark.VanID
	mu     sync.Mutex
	sender *ark.Sender // nil: the van never had an order, or it could not be read yet
	last   ark.Cursor
	retry  bool // the store failed: try again soon
	gone   bool
	told   ark.Refusal // the last refusal in the log
}

// Bounds of one frame of orders.
const (
	frameEntries = 100
	frameBytes   = 32 << 10
)

func newOrders(c Config) *orders {
	return &orders{c: c, began: c.Now(), lines: map[ark.VanID]*line{}, acks: newAcks(c)}
}

// now is monotonic.
func (o *orders) now() time.Duration { return o.c.Now().Sub(o.began) }

func (o *orders) line(van ark.VanID) *line {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.lines[van]
}

// do has a line to itself. What fails is tried again soon.
func (o *orders) do(l *line, what string, f func(*line) error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.gone {
		return
	}
	err := f(l)
	if err != nil && !l.retry { // said once, not at each try
		o.c.Log.Error("a van's orders wait", "van", l.van, "doing", what, "err", err)
	}
	l.retry = err != nil
}

// present begins or ends a van's line.
func (o *orders) present(van ark.VanID, here bool) {
	o.mu.Lock()
	l := o.lines[van]
	if here {
		l = &line{van: van}
		o.lines[van] = l
	} else {
		delete(o.lines, van)
	}
	o.mu.Unlock()
	switch {
	case here:
		o.do(l, "begin", o.open)
	case l != nil:
		o.do(l, "end", func(l *line) error { l.gone = true; return nil })
	}
}

// open makes the sender, if there is anything to send, and sends.
func (o *orders) open(l *line) error {
	l.sender = nil
	j, ok, err := o.c.Orders.OrderJournal(context.Background(), l.van)
	if err != nil || !ok {
		return err
	}
	l.last, l.sender = j.Last, ark.NewSender(ark.DefaultPolicy, j.Incarnation, j.Base, j.Acked, j.Last)
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
			// No more than the sender knows of: a receipt for what was appended since would look like another history.
			known := int(min(l.last.Seq-ask.From+1, frameEntries))
			prev, raws, err := o.c.Orders.OrderEntries(context.Background(), l.van, ask.From, known, frameBytes)
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
	if l := o.line(van); l != nil {
		o.do(l, "hear", func(l *line) error { return o.hear(l, r) })
	}
}

func (o *orders) hear(l *line, r ark.Receipt) error {
	if l.sender == nil {
		return o.open(l)
	}
	heard, err := l.sender.Received(r, o.now(), func(at ark.Seq) (ark.Digest, error) {
		return o.c.Orders.OrderDigest(context.Background(), l.van, at)
	})
	if err != nil {
		return err
	}
	switch heard {
	case ark.HeardProgress, ark.HeardRegress:
		if heard == ark.HeardRegress && l.sender.Acked().Seq == 0 {
			if long, err := o.c.Orders.LongOrders(context.Background(), l.van); err != nil {
				return err
			} else if long { // a new card: a whole area, as it was years ago, is not for it
				return o.rebegin(l)
			}
		}
		o.acks.note(l.van, l.sender.Incarnation(), l.sender.Acked())
	case ark.HeardFork:
		o.c.Log.Warn("a van holds another history of its orders: they begin a new incarnation", "van", l.van)
		return o.rebegin(l)
	case ark.HeardRefusal:
		if why := l.sender.Refused(); why != l.told {
			l.told = why
			o.c.Log.Warn("a van refused orders", "van", l.van, "refusal", why.String())
		}
	}
	return o.send(l)
}

func (o *orders) rebegin(l *line) error {
	l.sender = nil
	if _, err := o.c.Orders.RebeginOrders(context.Background(), l.van); err != nil {
		return err
	}
	return o.open(l)
}

// appended tells that a van's order journal has grown. A van that is not here
// gets its orders when it comes.
func (o *orders) appended(van ark.VanID) {
	if l := o.line(van); l != nil {
		o.do(l, "grow", o.grow)
	}
}

func (o *orders) grow(l *line) error {
	if l.sender == nil {
		return o.open(l)
	}
	j, _, err := o.c.Orders.OrderJournal(context.Background(), l.van)
	if err != nil {
		return err
	}
	l.last = j.Last
	l.sender.Appended(j.Last)
	return o.send(l)
}

// look is how often deadlines are looked at. They are seconds away.
const look = 500 * time.Millisecond

// run repeats what was not answered in time, and keeps receipts.
func (o *orders) run(ctx context.Context) {
	var keeping sync.WaitGroup
	keeping.Go(func() { o.acks.run(ctx) })
	defer keeping.Wait()
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

// repeat sends what is overdue. A line that somebody is busy with is passed
// over until the next look.
func (o *orders) repeat() {
	o.mu.Lock()
	all := make([]*line, 0, len(o.lines))
	for _, l := range o.lines {
		all = append(all, l)
	}
	o.mu.Unlock()
	now := o.now()
	for _, l := range all {
		if !l.mu.TryLock() {
			continue
		}
		due := l.retry
		if l.sender != nil {
			at, waiting := l.sender.Wake()
			due = due || waiting && at <= now
		}
		l.mu.Unlock()
		if due {
			o.do(l, "repeat", o.grow)
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
		in.orders.appended(van)
	}
	return ids, nil
}

// Stand makes a standing order where the newest says something else, and
// sends it to those of the vans that are here.
func (in *Ingest) Stand(ctx context.Context, vans []ark.VanID, kind ark.Kind, body any) ([]ark.VanID, error) {
	given, err := in.c.Orders.Stand(ctx, vans, kind, body)
	if err != nil {
		return nil, fmt.Errorf("make standing order: %w", err)
	}
	for _, van := range given {
		in.orders.appended(van)
	}
	return given, nil
}

// Appended tells that something was put into a van's order journal elsewhere:
// it is sent if the van is here.
func (in *Ingest) Appended(van ark.VanID) { in.orders.appended(van) }
