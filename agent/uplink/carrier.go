package uplink

import (
	"context"
	"crypto/tls"
	"errors"
	"log/slog"
	"os"
	"sync"
	"time"

	"ark"
	"ark/agent"
	"ark/internal/uploads"
)

// CarrierConfig is what a carrier needs.
type CarrierConfig struct {
	Hub         string // host:port of the hub's blobs
	TLS         func() (*tls.Config, error)
	Clock       *agent.Clock
	Attachments agent.Attachments
	Content     func(ark.Hash) (*os.File, error)      // fs.ErrNotExist
	Remove      func(context.Context, ark.Hash) error // one that is gone or damaged on the card
	Waiting     func() uint64                         // entries of the van journal that the hub does not have
	Budget      int64                                 // most bytes on one day; 0: no bound
	Rate        int                                   // most bytes a second; 0: no bound
	Random      func([]byte)
	Log         *slog.Logger
	Tries       FetchTries
}

// Carrier brings attachments of visits to the hub, by tus over HTTPS: only
// those whose visit is there, only while no words wait, the smallest first.
// What the hub has of one stays over restarts of both and is gone on with.
type Carrier struct {
	c    CarrierConfig
	line line
	rate *rate
	wake chan struct{}

	size  int64                  // of the next piece, in bytes
	later map[ark.Hash]postponed // what the hub refused
	sound map[ark.Hash]bool      // what was read whole and right since the start

	mu   sync.Mutex
	held string
	part int64 // bytes that the hub has of the one that is on its way
}

// postponed is an attachment that the hub refused.
type postponed struct {
	times int
	until time.Duration // by the monotonic clock
}

// NewCarrier makes a carrier; Run carries.
func NewCarrier(c CarrierConfig) *Carrier {
	c.Tries = c.Tries.withDefaults()
	return &Carrier{c: c, line: line{tls: c.TLS, clock: c.Clock}, rate: newRate(c.Rate), wake: make(chan struct{}, 1), size: leastPiece,
		later: map[ark.Hash]postponed{}, sound: map[ark.Hash]bool{}}
}

// Wake says that there may be something to carry. It never waits.
func (c *Carrier) Wake() {
	select {
	case c.wake <- struct{}{}:
	default:
	}
}

// Load is what there is to carry, and why it waits.
func (c *Carrier) Load(ctx context.Context) (agent.Load, error) {
	l, err := c.c.Attachments.Load(ctx)
	c.mu.Lock()
	defer c.mu.Unlock()
	if l.Files > 0 {
		l.Held, l.Bytes = c.held, max(l.Bytes-c.part, 0)
	}
	return l, err
}

func (c *Carrier) hold(why string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.held = why
}

func (c *Carrier) setPart(n int64) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.part = n
}

// Run carries until ctx ends.
func (c *Carrier) Run(ctx context.Context) error {
	for failures := 0; ctx.Err() == nil; {
		moved, err := c.round(ctx)
		if moved {
			failures = 0
		}
		pause, wake := c.idle(ctx), c.wake
		if err != nil && ctx.Err() == nil {
			c.hold(agent.HeldUnreachable)
			pause, wake = c.c.Tries.pause(c.c.Random, failures), nil // however often somebody hopes for more
			failures++
			c.c.Log.Info("attachments do not get to the hub", "err", err, "again_in", pause)
		}
		select {
		case <-ctx.Done():
		case <-wake:
		case <-time.After(pause):
		}
	}
	return nil
}

// idle is how long to wait where nothing can be carried: shorter while there
// is something whose visit may get there at any moment.
func (c *Carrier) idle(ctx context.Context) time.Duration {
	if l, err := c.c.Attachments.Load(ctx); err == nil && l.Files == 0 {
		return c.c.Tries.Room
	}
	return c.c.Tries.First
}

// errHeld says that nothing may be carried now; why is told elsewhere.
var errHeld = errors.New("held back")

// round carries what there is until nothing more can be, and tells whether the
// hub took anything.
func (c *Carrier) round(ctx context.Context) (moved bool, err error) {
	client, hangUp := c.line.client()
	defer hangUp()
	hub := &uploads.Client{HTTP: client, URL: "https://" + c.c.Hub + "/files"}
	defer c.setPart(0)
	for {
		if err := c.mayGo(ctx); err != nil {
			return moved, unlessHeld(err)
		}
		o, found, err := c.next(ctx)
		if err != nil || !found {
			return moved, err
		}
		took, err := c.carry(ctx, hub, o)
		moved = moved || took > 0
		var no *uploads.Refusal
		switch {
		case errors.As(err, &no) && aboutOne(no):
			c.postpone(o, no)
		case err != nil:
			return moved, unlessHeld(err)
		default:
			delete(c.later, o.Content)
			delete(c.sound, o.Content)
			moved = true
		}
		c.setPart(0)
	}
}

func unlessHeld(err error) error {
	if errors.Is(err, errHeld) {
		return nil
	}
	return err
}

// mayGo waits while words wait, and is errHeld where the day's bytes are used
// up.
func (c *Carrier) mayGo(ctx context.Context) error {
	for c.c.Waiting() > 0 {
		c.hold(agent.HeldText)
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(c.c.Tries.First / textLooks):
		}
	}
	if c.c.Budget > 0 {
		l, err := c.c.Attachments.Load(ctx)
		if err != nil {
			return err
		}
		if l.SentToday >= c.c.Budget {
			c.hold(agent.HeldBudget)
			return errHeld
		}
	}
	c.hold("")
	return ctx.Err()
}

// textLooks is how often in Tries.First it is asked whether words still wait.
const textLooks = 4

// mostOwed is how many are asked for beside those that were postponed.
const mostOwed = 16

// next is the smallest that may be carried now.
func (c *Carrier) next(ctx context.Context) (o agent.Owed, found bool, err error) {
	owed, err := c.c.Attachments.Owed(ctx, mostOwed+len(c.later))
	now := c.c.Clock.Mono()
	for _, o := range owed {
		if now >= c.later[o.Content].until {
			return o, true, err
		}
	}
	if len(owed) > 0 {
		c.hold(agent.HeldRefused)
	}
	return o, false, err
}

// postpone leaves one for a while that the hub refused: it keeps none of the
// others back.
func (c *Carrier) postpone(o agent.Owed, no *uploads.Refusal) {
	l := c.later[o.Content]
	pause := max(longest(c.c.Tries.First, time.Hour, l.times), no.After)
	c.later[o.Content] = postponed{l.times + 1, c.c.Clock.Mono() + pause}
	c.c.Log.Warn("the hub does not take an attachment", "content", o.Content, "why", no.Word, "again_in", pause)
}
