// Package uplink is the van's way to the hub: both journals over MQTT, with
// receipts as the only proof. It is the one door to paho on the van's side,
// and uses it as a pipe: no stored session, no automatic reconnect, no trust
// in tokens. What was not receipted is sent again on the next connection.
package uplink

import (
	"context"
	"crypto/ed25519"
	"crypto/tls"
	"log/slog"
	"sync"
	"time"

	"ark"
	"ark/agent"
)

// Journal is what the uplink needs of the van journal's store.
type Journal interface {
	State() (inc ark.Incarnation, base, acked, last ark.Cursor, err error)
	Entries(ctx context.Context, from ark.Seq, n, size int) (prev ark.Digest, raws [][]byte, err error)
	Digest(at ark.Seq) (ark.Digest, error)
	Acked(ctx context.Context, c ark.Cursor) error
	Rebegin(ctx context.Context) error
	Changed() <-chan struct{}
}

// Orders is what the uplink needs to keep what the hub wants.
type Orders interface {
	Hearing(ctx context.Context, inc ark.Incarnation) (ark.Cursor, error)
	Heard(ctx context.Context, inc ark.Incarnation, at ark.Seq) (ark.Digest, bool, error)
	Take(ctx context.Context, inc ark.Incarnation, t ark.Taken, upTo ark.Cursor) ([]agent.OrderArrived, error)
}

// Config is what an uplink needs.
type Config struct {
	Van     ark.VanID
	Hub     string // host:port
	TLS     func() (*tls.Config, error)
	Journal Journal
	Orders  Orders
	Arrived func([]agent.OrderArrived)                 // orders that were just committed; must not block
	Learned func(at ark.UnixMilli, step time.Duration) // a trusted time was learnt from the hub
	Clock   *agent.Clock
	TimeKey ed25519.PublicKey // of the hub; nil: no word of time is believed
	Random  func([]byte)
	Log     *slog.Logger
	Tries   Tries
}

// Tries says how patiently to reconnect: after the n-th failure in a row a
// random time up to First·2ⁿ, at most Most ("full jitter", so that ten
// thousand vans do not come back together).
type Tries struct {
	First, Most time.Duration
	KeepAlive   time.Duration // silence after which the hub is asked whether it is there; whole seconds
	PingTimeout time.Duration // how long it may take to answer; a half-open link is noticed after both
	Policy      ark.Policy
}

func (t Tries) withDefaults() Tries {
	if t.First <= 0 {
		t.First = time.Second
	}
	if t.Most <= 0 {
		t.Most = 2 * time.Minute
	}
	if t.KeepAlive == 0 {
		t.KeepAlive = time.Minute
	}
	if t.PingTimeout == 0 {
		t.PingTimeout = 10 * time.Second
	}
	if t.Policy.Window == 0 {
		t.Policy = ark.DefaultPolicy
	}
	return t
}

// Client keeps the van in touch with the hub.
type Client struct {
	c Config

	mu   sync.Mutex
	sync agent.Sync
}

// New makes a client; Run connects.
func New(c Config) *Client {
	c.Tries = c.Tries.withDefaults()
	return &Client{c: c}
}

// Sync is how the van stands with the hub.
func (c *Client) Sync() agent.Sync {
	_, _, acked, last, _ := c.c.Journal.State() // a broken card shows elsewhere
	c.mu.Lock()
	defer c.mu.Unlock()
	s := c.sync
	s.Backlog = uint64(last.Seq - acked.Seq)
	return s
}

func (c *Client) setUp(up bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.sync.Up != up {
		c.sync.Up, c.sync.Since = up, c.c.Clock.Now().Wall
	}
	if up {
		c.sync.Fault = ""
	}
}

func (c *Client) setFault(fault string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.sync.Fault = fault
}

// Run connects again and again until ctx ends.
func (c *Client) Run(ctx context.Context) error {
	for failures := 0; ctx.Err() == nil; failures++ {
		err := c.session(ctx, &failures)
		c.setUp(false)
		if ctx.Err() != nil {
			return nil
		}
		fault := faultOf(err)
		c.setFault(fault)
		pause := c.pause(failures)
		c.c.Log.Info("not connected to the hub", "why", fault, "err", err, "again_in", pause)
		var mended <-chan struct{} // a card that works again is worth a try at once
		if fault == agent.FaultCard {
			mended = c.c.Journal.Changed()
		}
		select {
		case <-ctx.Done():
		case <-mended:
		case <-time.After(pause):
		}
	}
	return nil
}

// pause is a random time that may grow with each failure.
func (c *Client) pause(failures int) time.Duration {
	return anyOf(c.c.Random, longest(c.c.Tries.First, c.c.Tries.Most, failures))
}
