package uplink

import (
	"context"
	"crypto/ed25519"
	"crypto/rand"
	"crypto/tls"
	"io"
	"log/slog"
	"net"
	"sync"
	"testing"
	"time"

	"github.com/eclipse/paho.mqtt.golang/packets"

	"ark"
	"ark/agent"
	"ark/agent/store"
	"ark/internal/testca"
)

// fakeHub takes connections and does nothing by itself but keep MQTT going: a
// test says what is answered.
type fakeHub struct {
	t      *testing.T
	ca     *testca.CA
	listen net.Listener
	calls  chan *call
	key    ed25519.PrivateKey
	pub    ed25519.PublicKey
}

// call is one connection of a van.
type call struct {
	t      *testing.T
	conn   *tls.Conn
	serial string
	frames chan ark.Frame
	orders chan ark.Receipt // for the order journal
	ended  chan struct{}

	mu   sync.Mutex
	mute bool // it takes all and answers nothing: a half-open link
}

func newFakeHub(t *testing.T) *fakeHub {
	t.Helper()
	h := &fakeHub{t: t, ca: testca.New(t), calls: make(chan *call, 100)}
	var err error
	if h.pub, h.key, err = ed25519.GenerateKey(nil); err != nil {
		t.Fatal(err)
	}
	if h.listen, err = tls.Listen("tcp", "127.0.0.1:0", h.ca.Hub(t)); err != nil {
		t.Fatal(err)
	}
	var serving sync.WaitGroup
	serving.Go(func() {
		for {
			conn, err := h.listen.Accept()
			if err != nil {
				return
			}
			serving.Go(func() { h.serve(conn.(*tls.Conn)) })
		}
	})
	t.Cleanup(func() { h.listen.Close(); serving.Wait() })
	return h
}

func (h *fakeHub) serve(conn *tls.Conn) {
	c := &call{t: h.t, conn: conn, frames: make(chan ark.Frame, 1000), orders: make(chan ark.Receipt, 1000), ended: make(chan struct{})}
	defer close(c.ended)
	defer conn.Close()
	for {
		p, err := packets.ReadPacket(conn)
		if err != nil {
			return
		}
		if _, first := p.(*packets.ConnectPacket); first {
			c.serial = conn.ConnectionState().PeerCertificates[0].SerialNumber.Text(16)
		}
		c.take(p)
		if _, ready := p.(*packets.SubscribePacket); ready {
			h.calls <- c
		}
	}
}

func (c *call) take(p packets.ControlPacket) {
	switch p := p.(type) {
	case *packets.ConnectPacket:
		c.write(packets.NewControlPacket(packets.Connack))
	case *packets.SubscribePacket:
		ack := packets.NewControlPacket(packets.Suback).(*packets.SubackPacket)
		ack.MessageID, ack.ReturnCodes = p.MessageID, make([]byte, len(p.Topics))
		c.write(ack)
	case *packets.PingreqPacket:
		c.write(packets.NewControlPacket(packets.Pingresp))
	case *packets.PublishPacket:
		ack := packets.NewControlPacket(packets.Puback).(*packets.PubackPacket)
		ack.MessageID = p.MessageID
		c.write(ack) // it proves nothing
		_, channel, err := ark.ParseTopic(p.TopicName)
		if err != nil {
			c.t.Error(err)
		}
		switch channel {
		case ark.Journal:
			f, err := ark.DecodeFrame(p.Payload)
			if err != nil {
				c.t.Error(err)
			}
			c.frames <- f
		case ark.OrdersReceipt:
			r, err := ark.DecodeReceipt(p.Payload)
			if err != nil {
				c.t.Error(err)
			}
			c.orders <- r
		}
	}
}

func (c *call) write(p packets.ControlPacket) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if !c.mute {
		p.Write(c.conn) // a van that is gone shows in reading
	}
}

// deafen makes the link half-open.
func (c *call) deafen() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.mute = true
}

// publish sends the van a message.
func (c *call) publish(channel ark.Channel, payload []byte) {
	p := packets.NewControlPacket(packets.Publish).(*packets.PublishPacket)
	p.TopicName, p.Payload = ark.VanID("van-1").Topic(channel), payload
	c.write(p)
}

func (c *call) receipt(r ark.Receipt) {
	c.t.Helper()
	data, err := ark.EncodeReceipt(r)
	if err != nil {
		c.t.Fatal(err)
	}
	c.publish(ark.JournalReceipt, data)
}

// hold answers a frame as a hub that has committed it.
func (c *call) hold(f ark.Frame, prev ark.Cursor) ark.Cursor {
	c.t.Helper()
	for _, raw := range f.Entries {
		prev = prev.Next(raw)
	}
	c.receipt(ark.Receipt{Incarnation: f.Incarnation, Cursor: prev, Round: f.Round})
	return prev
}

func wait[T any](t *testing.T, what string, from <-chan T) T {
	t.Helper()
	select {
	case v := <-from:
		return v
	case <-time.After(30 * time.Second):
		t.Fatalf("waited in vain: %s", what)
		panic("unreachable")
	}
}

func (h *fakeHub) call() *call { h.t.Helper(); return wait(h.t, "a connection", h.calls) }

// entries waits for a frame that brings some.
func (c *call) entries() ark.Frame {
	c.t.Helper()
	for {
		if f := wait(c.t, "a frame", c.frames); len(f.Entries) > 0 {
			return f
		}
	}
}

// van is a store and a running client.
type van struct {
	*Client
	store   *store.Store
	clock   *agent.Clock
	learned chan ark.UnixMilli
	orders  chan agent.OrderArrived
}

func (h *fakeHub) van(change func(*Config)) *van {
	t := h.t
	t.Helper()
	v := &van{clock: agent.NewClock(time.Time{}), learned: make(chan ark.UnixMilli, 100), orders: make(chan agent.OrderArrived, 100)}
	quiet := slog.New(slog.NewTextHandler(io.Discard, nil))
	random := func(b []byte) { rand.Read(b) }
	v.store = store.New(store.Config{Dir: t.TempDir(), Clock: v.clock, Random: random, Release: "test", Log: quiet})
	if err := v.store.Open(t.Context()); err != nil {
		t.Fatal(err)
	}
	cfg := h.ca.Van(t, "van-1")
	c := Config{Van: "van-1", Hub: h.listen.Addr().String(), TLS: func() (*tls.Config, error) { return cfg.Clone(), nil },
		Journal: v.store, Orders: v.store, Clock: v.clock, TimeKey: h.pub, Random: random, Log: quiet,
		Learned: func(at ark.UnixMilli, _ time.Duration) { v.learned <- at },
		Arrived: func(os []agent.OrderArrived) {
			for _, o := range os {
				v.orders <- o
			}
		},
		Tries: Tries{First: time.Millisecond, Most: 20 * time.Millisecond, KeepAlive: 30 * time.Second}}
	if change != nil {
		change(&c)
	}
	v.Client = New(c)
	ctx, cancel := context.WithCancel(context.Background())
	var parts sync.WaitGroup
	parts.Go(func() { v.Run(ctx) })
	t.Cleanup(func() { cancel(); parts.Wait(); v.store.Run(ctx) }) // ctx has ended: the store closes
	return v
}

func (v *van) log(t *testing.T, place string) {
	t.Helper()
	var r [10]byte
	rand.Read(r[:])
	if err := v.store.Log(t.Context(), ark.NewID(1_790_000_000_000, r), ark.Visit{Place: place, Outcome: ark.Met}); err != nil {
		t.Fatal(err)
	}
}

// settled waits until the van calls nothing waiting any more.
func (v *van) settled(t *testing.T) {
	t.Helper()
	tick := time.NewTicker(2 * time.Millisecond)
	defer tick.Stop()
	for deadline := time.Now().Add(30 * time.Second); v.Sync().Backlog != 0; <-tick.C {
		if time.Now().After(deadline) {
			t.Fatalf("waited in vain: %+v", v.Sync())
		}
	}
}
