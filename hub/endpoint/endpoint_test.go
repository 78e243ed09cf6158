package endpoint

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"sync"
	"testing"
	"time"

	mqtt "github.com/eclipse/paho.mqtt.golang"

	"ark"
	"ark/internal/testca"
)

// hubSide is what a test's end point hands things to.
type hubSide struct {
	mu      sync.Mutex
	revoked map[string]bool
	here    map[ark.VanID]bool
	wrong   []string // presence that did not alternate
	arrived chan arrival
	handle  func(van ark.VanID, payload []byte) error
	present chan string
}

type arrival struct {
	van     ark.VanID
	channel ark.Channel
	payload string
}

func (h *hubSide) Admit(_ ark.VanID, serial string) bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	return !h.revoked[serial]
}

func (h *hubSide) revoke(serial string) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.revoked[serial] = true
}

func (h *hubSide) Arrived(_ context.Context, van ark.VanID, c ark.Channel, payload []byte) error {
	if h.handle != nil {
		return h.handle(van, payload)
	}
	h.arrived <- arrival{van, c, string(payload)}
	return nil
}

func (h *hubSide) Present(van ark.VanID, here bool) {
	h.mu.Lock()
	if h.here[van] == here {
		h.wrong = append(h.wrong, fmt.Sprint(van, here))
	}
	h.here[van] = here
	h.mu.Unlock()
	select {
	case h.present <- fmt.Sprint(van, here):
	default:
	}
}

type bench struct {
	*Endpoint
	hub  *hubSide
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
	b := &bench{ca: testca.New(t), addr: l.Addr().String(),
		hub: &hubSide{revoked: map[string]bool{}, here: map[ark.VanID]bool{}, arrived: make(chan arrival, 1000), present: make(chan string, 1000)}}
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
		if len(b.hub.wrong) > 0 {
			t.Errorf("presence did not alternate: %v", b.hub.wrong)
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
	wait(t, c.Connect())
	t.Cleanup(func() { c.Disconnect(0) })
	return c
}

func wait(t testing.TB, token mqtt.Token) {
	t.Helper()
	if !token.WaitTimeout(10 * time.Second) {
		t.Fatal("no answer")
	}
	if token.Error() != nil {
		t.Fatal(token.Error())
	}
}

func receive[T any](t testing.TB, c <-chan T) T {
	t.Helper()
	select {
	case v := <-c:
		return v
	case <-time.After(10 * time.Second):
		t.Fatal("nothing came")
		panic("unreachable")
	}
}

// awaitPresence waits for one change of presence.
func (b *bench) awaitPresence(t testing.TB, want string) {
	t.Helper()
	for got := receive(t, b.hub.present); got != want; got = receive(t, b.hub.present) {
	}
}

func TestPahoBothWays(t *testing.T) {
	b := start(t, Limits{})
	van := ark.VanID("van-1")
	c := b.paho(t, "van-1")
	got := make(chan string, 10)
	token := c.SubscribeMultiple(map[string]byte{van.Topic(ark.JournalReceipt): 1, van.Topic(ark.Orders): 1},
		func(_ mqtt.Client, m mqtt.Message) { got <- m.Topic() + " " + string(m.Payload()) })
	wait(t, token)
	for topic, code := range token.(*mqtt.SubscribeToken).Result() {
		if code != 0 {
			t.Fatalf("%s granted %d", topic, code)
		}
	}
	for _, qos := range []byte{0, 1} {
		wait(t, c.Publish(van.Topic(ark.Journal), qos, false, fmt.Sprint("hello ", qos)))
		if a := receive(t, b.hub.arrived); a != (arrival{van, ark.Journal, fmt.Sprint("hello ", qos)}) {
			t.Fatalf("arrived: %+v", a)
		}
	}
	for n := range 100 {
		if !b.Send(van, ark.Orders, []byte(fmt.Sprint(n))) {
			t.Fatal("not queued")
		}
	}
	for n := range 100 {
		if m := receive(t, got); m != van.Topic(ark.Orders)+" "+fmt.Sprint(n) {
			t.Fatalf("message %d is %q", n, m)
		}
	}
	if vans := b.Connected(); len(vans) != 1 || vans[0] != van {
		t.Fatalf("connected: %v", vans)
	}
	b.awaitPresence(t, "van-1true")
	c.Disconnect(10)
	b.awaitPresence(t, "van-1false")
	if b.Send(van, ark.Orders, nil) {
		t.Fatal("sent to nobody")
	}
}

func TestWhatWaitsIsSentAfterSubscribing(t *testing.T) {
	b := start(t, Limits{})
	van := ark.VanID("van-1")
	c := b.paho(t, "van-1")
	if !b.Send(van, ark.Orders, []byte("early")) {
		t.Fatal("not queued")
	}
	got := make(chan string, 1)
	wait(t, c.Subscribe(van.Topic(ark.Orders), 0, func(_ mqtt.Client, m mqtt.Message) { got <- string(m.Payload()) }))
	if m := receive(t, got); m != "early" {
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
	b.awaitPresence(t, "van-1false")
	if len(b.hub.arrived) != 0 {
		t.Fatal("a foreign message arrived")
	}
	if b.stats.Foreign.Load() != int64(len(filters))+1 {
		t.Fatalf("%d attempts counted, want %d", b.stats.Foreign.Load(), len(filters)+1)
	}
}

func TestRefusedConnects(t *testing.T) {
	b := start(t, Limits{})
	rows := map[string]func(*mqtt.ClientOptions){
		"client id of another van": func(o *mqtt.ClientOptions) { o.SetClientID("van-2") },
		"stored session":           func(o *mqtt.ClientOptions) { o.SetCleanSession(false) },
		"foreign will":             func(o *mqtt.ClientOptions) { o.SetWill(ark.VanID("van-2").Topic(ark.Presence), "x", 0, true) },
		"will on the journal":      func(o *mqtt.ClientOptions) { o.SetWill(ark.VanID("van-1").Topic(ark.Journal), "x", 0, false) },
		"long will": func(o *mqtt.ClientOptions) {
			o.SetBinaryWill(ark.VanID("van-1").Topic(ark.Presence), make([]byte, 2000), 0, false)
		},
		"no keepalive":   func(o *mqtt.ClientOptions) { o.SetKeepAlive(0) },
		"long keepalive": func(o *mqtt.ClientOptions) { o.SetKeepAlive(time.Hour) },
		"MQTT 3.1":       func(o *mqtt.ClientOptions) { o.SetProtocolVersion(3) },
	}
	for name, change := range rows {
		o := b.options("van-1", b.ca.Van(t, "van-1"))
		change(o)
		token := mqtt.NewClient(o).Connect()
		if !token.WaitTimeout(10*time.Second) || token.Error() == nil {
			t.Errorf("%s: was let in", name)
		}
	}
	o := b.options("van-1", b.ca.Van(t, "van-1")).SetWill(ark.VanID("van-1").Topic(ark.Presence), "off", 0, true)
	c := mqtt.NewClient(o)
	wait(t, c.Connect())
	c.Disconnect(0)
}

func TestCertificates(t *testing.T) {
	b := start(t, Limits{})
	foreign := testca.New(t).Van(t, "van-1")
	foreign.RootCAs = b.ca.Pool
	none := b.ca.Van(t, "van-1")
	none.Certificates = nil
	badName := b.ca.Van(t, "Van 1")
	for name, c := range map[string]*tls.Config{"foreign": foreign, "none": none, "bad name": badName} {
		token := mqtt.NewClient(b.options("van-1", c)).Connect()
		if !token.WaitTimeout(10*time.Second) || token.Error() == nil {
			t.Errorf("%s certificate: was let in", name)
		}
	}
}

func TestRevocationAlsoOnResumption(t *testing.T) {
	b := start(t, Limits{})
	cfg := b.ca.Van(t, "van-1")
	cfg.ClientSessionCache = tls.NewLRUClientSessionCache(4)
	resumed := make(chan bool, 10)
	cfg.VerifyConnection = func(s tls.ConnectionState) error { resumed <- s.DidResume; return nil }
	connect := func() (mqtt.Client, error) {
		c := mqtt.NewClient(b.options("van-1", cfg))
		token := c.Connect()
		token.WaitTimeout(10 * time.Second)
		return c, token.Error()
	}
	c, err := connect()
	if err != nil || receive(t, resumed) {
		t.Fatal("first connection: ", err)
	}
	wait(t, c.Publish(ark.VanID("van-1").Topic(ark.Journal), 1, false, "x")) // the ticket has come by now
	c.Disconnect(10)
	b.awaitPresence(t, "van-1false")
	if _, err = connect(); err != nil || !receive(t, resumed) {
		t.Fatal("second connection did not resume: ", err)
	}
	b.hub.revoke(testca.Serial(cfg))
	began := time.Now()
	b.Disconnect("van-1")
	if took := time.Since(began); took > time.Second {
		t.Fatalf("the live session died after %v", took)
	}
	if _, err = connect(); err == nil {
		t.Fatal("a revoked certificate was let in")
	}
	if !receive(t, resumed) {
		t.Log("the refused handshake was not a resumed one")
	}
}

func TestTakeoverTheLastOneHears(t *testing.T) {
	b := start(t, Limits{})
	van := ark.VanID("van-1")
	cfg := b.ca.Van(t, "van-1")
	var last mqtt.Client
	for range 100 {
		last = mqtt.NewClient(b.options("van-1", cfg))
		wait(t, last.Connect())
	}
	got := make(chan string, 1)
	wait(t, last.Subscribe(van.Topic(ark.Orders), 0, func(_ mqtt.Client, m mqtt.Message) { got <- string(m.Payload()) }))
	if !b.Send(van, ark.Orders, []byte("you")) {
		t.Fatal("not queued")
	}
	if m := receive(t, got); m != "you" {
		t.Fatal(m)
	}
	last.Disconnect(0)
}

func TestHandlerRefusalEndsTheSession(t *testing.T) {
	b := start(t, Limits{})
	b.hub.handle = func(ark.VanID, []byte) error { return errors.New("no") }
	c := b.paho(t, "van-1")
	if token := c.Publish(ark.VanID("van-1").Topic(ark.Journal), 1, false, "x"); token.WaitTimeout(10*time.Second) && token.Error() == nil {
		t.Fatal("the publish was acknowledged")
	}
	b.awaitPresence(t, "van-1false")
}

func TestHandlerPanicIsOneVansTrouble(t *testing.T) {
	b := start(t, Limits{})
	b.hub.handle = func(van ark.VanID, p []byte) error {
		if van == "van-1" {
			panic("planted")
		}
		b.hub.arrived <- arrival{van: van, payload: string(p)}
		return nil
	}
	other := b.paho(t, "van-2")
	b.paho(t, "van-1").Publish(ark.VanID("van-1").Topic(ark.Journal), 0, false, "x")
	b.awaitPresence(t, "van-1false")
	wait(t, other.Publish(ark.VanID("van-2").Topic(ark.Journal), 1, false, "fine"))
	if a := receive(t, b.hub.arrived); a.payload != "fine" {
		t.Fatal(a)
	}
	if b.stats.Panics.Swap(0) != 1 {
		t.Fatal("the panic was not counted")
	}
}
