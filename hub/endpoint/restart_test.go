package endpoint

import (
	"context"
	"crypto/rand"
	"crypto/tls"
	"net"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	mqtt "github.com/eclipse/paho.mqtt.golang"

	"ark"
	"ark/internal/hostile"
	"ark/internal/testca"
)

// run runs an end point until stop.
func run(t *testing.T, l net.Listener, c *tls.Config, h *hostile.Hub) (stop func()) {
	t.Helper()
	e := New(Config{Listener: l, TLS: c, Gate: h, Arrivals: h, Log: quiet()})
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- e.Run(ctx) }()
	return func() {
		cancel()
		if err := <-ended; err != nil {
			t.Error(err)
		}
	}
}

func TestVansResumeAfterARestart(t *testing.T) {
	ca, h := testca.New(t), hostile.NewHub()
	var key [32]byte
	rand.Read(key[:])
	van, resumed := ca.Van(t, "van-1"), []bool{}
	van.ClientSessionCache = tls.NewLRUClientSessionCache(1)
	van.VerifyConnection = func(s tls.ConnectionState) error { resumed = append(resumed, s.DidResume); return nil }
	addr, cert := "127.0.0.1:0", ca.Hub(t)
	for range 2 {
		l, err := net.Listen("tcp", addr)
		if err != nil {
			t.Fatal(err)
		}
		addr = l.Addr().String()
		c := cert.Clone()
		c.SetSessionTicketKeys([][32]byte{key}) // as identity.HubTLS does at each start
		stop := run(t, l, c, h)
		client := mqtt.NewClient((&bench{addr: addr}).options("van-1", van))
		hostile.Wait(t, client.Connect())
		hostile.Wait(t, client.Publish(ark.VanID("van-1").Topic(ark.Journal), 1, false, "x")) // the ticket has come by now
		client.Disconnect(0)
		stop()
	}
	if len(resumed) != 2 || resumed[0] || !resumed[1] {
		t.Errorf("resumed: %v", resumed)
	}
}

// weary is a listener that is out of file descriptors now and then.
type weary struct {
	net.Listener
	failures atomic.Int64
}

func (w *weary) Accept() (net.Conn, error) {
	if w.failures.Add(-1) >= 0 {
		return nil, &net.OpError{Op: "accept", Err: syscall.EMFILE}
	}
	return w.Listener.Accept()
}

func TestAFailingAcceptIsWaitedOut(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ca, h, w := testca.New(t), hostile.NewHub(), &weary{Listener: l}
	w.failures.Store(4)
	began := time.Now()
	stop := run(t, w, ca.Hub(t), h)
	defer stop()
	client := mqtt.NewClient((&bench{addr: l.Addr().String()}).options("van-1", ca.Van(t, "van-1")))
	hostile.Wait(t, client.Connect())
	client.Disconnect(0)
	if took := time.Since(began); took < 4*50*time.Millisecond {
		t.Errorf("it was not waited between the tries: %v", took)
	}
}

// While the hub is still at work on a van's last message, the van cannot come
// again; it is turned away in time, and gets in once that is done.
func TestTheOldSessionEndsFirst(t *testing.T) {
	b := start(t, Limits{Takeover: 100 * time.Millisecond})
	release, at := make(chan struct{}), make(chan struct{}, 1)
	b.hub.Handle = func(ark.VanID, []byte) error { at <- struct{}{}; <-release; return nil }
	cfg := b.ca.Van(t, "van-1")
	old := mqtt.NewClient(b.options("van-1", cfg))
	hostile.Wait(t, old.Connect())
	old.Publish(ark.VanID("van-1").Topic(ark.Journal), 0, false, "x")
	hostile.Receive(t, at)
	if token := mqtt.NewClient(b.options("van-1", cfg)).Connect(); !token.WaitTimeout(10*time.Second) || token.Error() == nil {
		t.Fatal("two sessions of one van")
	}
	close(release)
	b.hub.Await(t, "van-1false")
	b.paho(t, "van-1").Disconnect(0)
}
