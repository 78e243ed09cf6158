// Package ingest takes what vans send and makes it durable: frames of many
// vans in one commit, then the receipts. It also carries the order journals
// to the vans. A slow database slows vans and never fills memory: each van's
// goroutine waits for its own commit.
package ingest

import (
	"context"
	"crypto/ed25519"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"ark"
	"ark/hub"
)

// Config is what ingest needs.
type Config struct {
	Journals hub.Journals
	Orders   hub.OrderBook
	Send     func(van ark.VanID, c ark.Channel, payload []byte) bool // hub.Link.Send
	TimeKey  ed25519.PrivateKey                                      // signs words of time
	Now      func() time.Time
	Round    func() uint32 // a random number
	Log      *slog.Logger
}

// Stats counts what happened since the start.
type Stats struct {
	Frames, Entries, Commits, Quarantined, Forks, Gaps, StoreErrors atomic.Int64
	CommitNanos                                                     atomic.Int64    // in all
	Refused                                                         [8]atomic.Int64 // by ark.Refusal
}

// Ingest is the hub's side of all journals.
type Ingest struct {
	c       Config
	stats   Stats
	commits chan request
	orders  *orders

	mu   sync.Mutex
	vans map[ark.VanID]*van
}

var (
	_ hub.Arrivals  = (*Ingest)(nil)
	_ hub.Commander = (*Ingest)(nil)
	_ hub.Standing  = (*Ingest)(nil)
)

// van is what is known of a connected van. Its link hands over one message at
// a time, so mu is for the others only.
type van struct {
	id        ark.VanID
	receivers map[ark.Incarnation]*ark.Receiver
	rubbish   int     // frames in a row that could not be used
	told      [8]bool // refusals that are in the log: once for each session
	failing   bool    // the last commit failed
}

// Bounds of what is kept for one connected van.
const (
	maxReceivers = 4
	maxRubbish   = 100
)

// New makes an ingest; Run commits.
func New(c Config) *Ingest {
	in := &Ingest{c: c, commits: make(chan request), vans: map[ark.VanID]*van{}}
	in.orders = newOrders(c)
	return in
}

// Stats are the counters, live.
func (in *Ingest) Stats() *Stats { return &in.stats }

// Run commits and carries orders until ctx ends.
func (in *Ingest) Run(ctx context.Context) error {
	var carrying sync.WaitGroup
	carrying.Go(func() { in.orders.run(ctx) })
	defer carrying.Wait()
	in.commitAll(ctx)
	return nil
}

// Present tells that a van came or went.
func (in *Ingest) Present(id ark.VanID, here bool) {
	in.mu.Lock()
	if here {
		in.vans[id] = &van{id: id, receivers: map[ark.Incarnation]*ark.Receiver{}}
	} else {
		delete(in.vans, id)
	}
	in.mu.Unlock()
	in.orders.present(id, here)
}

// Arrived takes one message of a van.
func (in *Ingest) Arrived(ctx context.Context, id ark.VanID, c ark.Channel, payload []byte) error {
	switch c {
	case ark.Journal:
		return in.journal(ctx, id, payload)
	case ark.OrdersReceipt:
		r, err := ark.DecodeReceipt(payload)
		if err != nil {
			return err
		}
		in.orders.received(id, r)
	}
	return nil // presence is the connection
}

var errRubbish = errors.New("too many frames that cannot be used")

// journal takes one frame of a van journal and answers it.
func (in *Ingest) journal(ctx context.Context, id ark.VanID, payload []byte) error {
	in.mu.Lock()
	v := in.vans[id]
	in.mu.Unlock()
	if v == nil {
		return fmt.Errorf("van %s is not here", id)
	}
	in.stats.Frames.Add(1)
	f, err := ark.DecodeFrame(payload)
	if err != nil {
		return in.refuse(v, ark.Receipt{Refusal: ark.RefusalOf(err)}, err)
	}
	r, err := in.receiver(ctx, v, f.Incarnation)
	if refusal := refusalOf(err); refusal == ark.RefusedStore {
		return in.answer(v, in.failed(v, f, ark.Cursor{}, err), f.AskTime)
	} else if err != nil {
		return in.refuse(v, ark.Receipt{Incarnation: f.Incarnation, Round: f.Round, Refusal: refusal}, err)
	}
	v.rubbish = 0
	receipt, err := in.take(ctx, v, r, f)
	if err != nil {
		return in.answer(v, in.failed(v, f, r.Committed(), err), f.AskTime)
	}
	v.failing = false
	return in.answer(v, receipt, f.AskTime)
}

// failed is the receipt while the store fails, which is not the van's fault.
func (in *Ingest) failed(v *van, f ark.Frame, c ark.Cursor, why error) ark.Receipt {
	in.stats.StoreErrors.Add(1)
	if !v.failing {
		v.failing = true
		in.c.Log.Error("frames cannot be kept; the van keeps them and tries again", "van", v.id, "err", why)
	}
	delete(v.receivers, f.Incarnation) // what is durable all the same, only the store knows
	return ark.Receipt{Incarnation: f.Incarnation, Cursor: c, Round: f.Round, Refusal: ark.RefusedStore}
}

// take hands the frame to the receiver and waits for the commit.
func (in *Ingest) take(ctx context.Context, v *van, r *ark.Receiver, f ark.Frame) (ark.Receipt, error) {
	digest := func(at ark.Seq) (ark.Digest, bool, error) { return in.c.Journals.Digest(ctx, f.Incarnation, at) }
	taken, err := r.Take(f, digest)
	if err != nil {
		return ark.Receipt{}, err
	}
	d := hub.Delivery{Van: v.id, Incarnation: f.Incarnation, UpTo: r.Taken(), Gaps: taken.Gaps, Fork: taken.Fork,
		Backlog: f.Ahead, At: in.c.Now()}
	if len(taken.Entries) > 0 {
		d.Facts = make([]hub.Fact, len(taken.Entries))
	}
	for i, e := range taken.Entries {
		d.Facts[i] = hub.Fact{Cursor: e.Cursor, Raw: e.Raw}
		hub.Understand(&d.Facts[i], v.id)
	}
	if err := in.commit(ctx, d); err != nil {
		return ark.Receipt{}, err
	}
	r.Commit()
	in.count(taken, d.Facts)
	return r.Receipt(), nil
}

// count counts what is committed.
func (in *Ingest) count(t ark.Taken, facts []hub.Fact) {
	for _, f := range facts {
		if f.Reason != "" {
			in.stats.Quarantined.Add(1)
		}
	}
	in.stats.Entries.Add(int64(len(t.Entries)))
	in.stats.Gaps.Add(int64(len(t.Gaps)))
	if t.Fork != nil {
		in.stats.Forks.Add(1)
	}
}

// receiver finds or makes the receiver of an incarnation.
func (in *Ingest) receiver(ctx context.Context, v *van, inc ark.Incarnation) (*ark.Receiver, error) {
	if r := v.receivers[inc]; r != nil {
		return r, nil
	}
	c, err := in.c.Journals.Cursor(ctx, v.id, inc)
	if err != nil {
		return nil, err
	}
	if len(v.receivers) >= maxReceivers {
		clear(v.receivers) // they are made anew from the store
	}
	r := ark.NewReceiver(inc, c)
	v.receivers[inc] = r
	return r, nil
}

func refusalOf(err error) ark.Refusal {
	switch {
	case err == nil:
		return ark.RefusedNot
	case errors.Is(err, hub.ErrOtherVan):
		return ark.RefusedVan
	case errors.Is(err, hub.ErrManyIncarnations):
		return ark.RefusedIncarnate
	}
	return ark.RefusedStore
}

// refuse answers a frame that is of no use. A van that sends nothing else
// loses its session, and its client's back-off slows it.
func (in *Ingest) refuse(v *van, r ark.Receipt, why error) error {
	in.stats.Refused[r.Refusal].Add(1)
	if !v.told[r.Refusal] {
		v.told[r.Refusal] = true
		in.c.Log.Warn("a van's frames are refused", "van", v.id, "refusal", r.Refusal.String(), "err", why)
	}
	if err := in.answer(v, r, [8]byte{}); err != nil {
		return err
	}
	if v.rubbish++; v.rubbish >= maxRubbish {
		return errRubbish
	}
	return nil
}

func (in *Ingest) answer(v *van, r ark.Receipt, askTime [8]byte) error {
	if askTime != [8]byte{} && in.c.TimeKey != nil {
		word := ark.SignTime(in.c.TimeKey, v.id, askTime, ark.Milli(in.c.Now()))
		r.Time = &word
	}
	data, err := ark.EncodeReceipt(r)
	if err != nil {
		return err
	}
	in.c.Send(v.id, ark.JournalReceipt, data) // lost: the van asks again
	return nil
}
