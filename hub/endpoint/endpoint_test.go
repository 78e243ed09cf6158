package endpoint

import (
	"context"
	"crypto/tls"
	"errors"
	"io"
	"log/slog"
	"net"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	mqtt "github.com/eclipse/paho.mqtt.golang"

	"ark"
	"ark/internal/hostile"
	"ark/internal/testca"
)

type bench struct {
	*Endpoint
	hub  *hostile.Hub
	ca   *testca.CA
	addr string
	stop func() error
}

func quiet() *slog.Logger { return slog.New(slog.NewTextHandler(io.Discard, nil)) }

func start(t testing.TB, limits Limits) *bench {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	b := &bench{ca: testca.New(t), addr: l.Addr().String(), hub: hostile.NewHub()}
	b.Endpoint = New(Config{Listener: l, TLS: b.ca.Hub(t), Gate: b.hub, Arrivals: b.hub, Log: quiet(), Limits: limits})
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- b.Run(ctx) }()
	var once sync.Once
	b.stop = func() (err error) {
		once.Do(func() { cancel(); err = <-ended })
		return err
	}
	t.Cleanup(func() {
		if err := b.stop(); err != nil {
			t.Errorf("end point: %v", err)
		}
		if b.stats.Panics.Load() > 0 {
			t.Error("the end point panicked")
		}
		if wrong := b.hub.Wrong(); len(wrong) > 0 {
			t.Errorf("presence did not alternate: %v", wrong)
		}
	})
	return b
}

func (b *bench) options(van string, c *tls.Config) *mqtt.ClientOptions {
	return mqtt.NewClientOptions().AddBroker("ssl://" + b.addr).SetClientID(van).SetProtocolVersion(4).SetTLSConfig(c).
		SetAutoReconnect(false).SetCleanSession(true).SetKeepAlive(60 * time.Second).SetConnectTimeout(5 * time.Second)
}

// paho connects an unmodified client.
func (b *bench) paho(t testing.TB, van string) mqtt.Client {
	t.Helper()
	c := mqtt.NewClient(b.options(van, b.ca.Van(t, van)))
	hostile.Wait(t, c.Connect())
	t.Cleanup(func() { c.Disconnect(0) })
	return c
}

func TestWhatWaitsIsSentAfterSubscribing(t *testing.T) {
	b := start(t, Limits{})
	van := ark.VanID("van-1")
	c := b.paho(t, "van-1")
	if !b.Send(van, ark.Orders, []byte("early")) {
		t.Fatal("not queued")
	}
	got := make(chan string, 1)
	hostile.Wait(t, c.Subscribe(van.Topic(ark.Orders), 0, func(_ mqtt.Client, m mqtt.Message) { got <- string(m.Payload()) }))
	if m := hostile.Receive(t, got); m != "early" {
		t.Fatalf("got %q", m)
	}
}

func TestForeignTopics(t *testing.T) {
	b := start(t, Limits{})
	other := ark.VanID("van-2")
	c := b.paho(t, "van-1")
	filters := map[string]byte{other.Topic(ark.Orders): 0, "#": 0, "+/+/+/+/orders": 0, "$SYS/#": 0,
		"$share/g/" + other.Topic(ark.Orders): 0, "ark/1/#": 0, ark.VanID("van-1").Topic(ark.Journal): 0}
	token := c.SubscribeMultiple(filters, nil)
	token.WaitTimeout(10 * time.Second) // paho reports the refusals as an error
	for topic, code := range token.(*mqtt.SubscribeToken).Result() {
		if code != 0x80 {
			t.Errorf("subscription to %s granted: %d", topic, code)
		}
	}
	c.Publish(other.Topic(ark.Journal), 1, false, "not mine")
	b.hub.Await(t, "van-1false")
	if len(b.hub.Came) != 0 {
		t.Fatal("a foreign message arrived")
	}
	if b.stats.Foreign.Load() != int64(len(filters))+1 {
		t.Fatalf("%d attempts counted, want %d", b.stats.Foreign.Load(), len(filters)+1)
	}
}

func TestHandlerRefusalEndsTheSession(t *testing.T) {
	b := start(t, Limits{})
	b.hub.Handle = func(ark.VanID, []byte) error { return errors.New("no") }
	c := b.paho(t, "van-1")
	if token := c.Publish(ark.VanID("van-1").Topic(ark.Journal), 1, false, "x"); token.WaitTimeout(10*time.Second) && token.Error() == nil {
		t.Fatal("the publish was acknowledged")
	}
	b.hub.Await(t, "van-1false")
}

func TestHandlerPanicIsOneVansTrouble(t *testing.T) {
	b := start(t, Limits{})
	b.hub.Handle = func(van ark.VanID, p []byte) error {
		if van == "van-1" {
			panic("planted")
		}
		b.hub.Came <- hostile.Arrival{Van: van, Payload: string(p)}
		return nil
	}
	other := b.paho(t, "van-2")
	b.paho(t, "van-1").Publish(ark.VanID("van-1").Topic(ark.Journal), 0, false, "x")
	b.hub.Await(t, "van-1false")
	hostile.Wait(t, other.Publish(ark.VanID("van-2").Topic(ark.Journal), 1, false, "fine"))
	if a := hostile.Receive(t, b.hub.Came); a.Payload != "fine" {
		t.Fatal(a)
	}
	if b.stats.Panics.Swap(0) != 1 {
		t.Fatal("the panic was not counted")
	}
}

// touchy is a hub that panics when it is told of a van.
type touchy struct {
	*hostile.Hub
	panics atomic.Int64 // how often yet
}

func (h *touchy) Present(van ark.VanID, here bool) {
	h.Hub.Present(van, here)
	if h.panics.Add(-1) >= 0 {
		panic("planted")
	}
}

// panicked waits until a panic was counted, which is after the van has lost
// its connection, and forgets it.
func (b *bench) panicked(t testing.TB) {
	t.Helper()
	enough := time.After(20 * time.Second)
	for b.stats.Panics.Swap(0) == 0 {
		select {
		case <-enough:
			t.Fatal("no panic was counted")
		case <-time.After(time.Millisecond):
		}
	}
}

// Whatever panics when a van comes or goes, the van is not locked out.
func TestAPanicInPresenceLocksNobodyOut(t *testing.T) {
	b := start(t, Limits{})
	h := &touchy{Hub: b.hub}
	b.c.Arrivals = h
	for _, n := range []int64{1, 2} { // when it comes; when it comes and when it goes
		h.panics.Store(n)
		if token := mqtt.NewClient(b.options("van-1", b.ca.Van(t, "van-1"))).Connect(); token.WaitTimeout(10*time.Second) && token.Error() == nil {
			t.Error("connected through a panic")
		}
		b.panicked(t)
		h.panics.Store(0)
		b.hub.Await(t, "van-1true") // that one too came and went
		b.hub.Await(t, "van-1false")
		b.paho(t, "van-1").Disconnect(0)
		b.hub.Await(t, "van-1true")
		b.hub.Await(t, "van-1false")
	}
}

// A certificate that is struck off while its session lives is asked about
// again before each message, even if nobody has ended the session yet.
func TestAStruckCertificateSaysNothingMore(t *testing.T) {
	b := start(t, Limits{})
	cfg := b.ca.Van(t, "van-1")
	c := mqtt.NewClient(b.options("van-1", cfg))
	hostile.Wait(t, c.Connect())
	b.hub.Revoke(testca.Serial(cfg))
	c.Publish(ark.VanID("van-1").Topic(ark.Journal), 1, false, "x")
	b.hub.Await(t, "van-1false")
	if len(b.hub.Came) != 0 {
		t.Error("it was listened to")
	}
}
