package hostile

import (
	"crypto/tls"
	"testing"
	"time"

	mqtt "github.com/eclipse/paho.mqtt.golang"

	"ark"
	"ark/internal/testca"
)

func certificates(t *testing.T, b *bench) {
	foreign := testca.New(t).Van(t, "van-1")
	foreign.RootCAs = b.ca.Pool
	none := b.ca.Van(t, "van-1")
	none.Certificates = nil
	old := b.ca.Van(t, "van-1")
	old.MaxVersion, old.MinVersion = tls.VersionTLS12, tls.VersionTLS12
	hubs := b.ca.Van(t, "van-1")
	hubs.Certificates = b.ca.Hub(t).Certificates // a server's certificate is no van's
	for name, c := range map[string]*tls.Config{"a foreign certificate": foreign, "no certificate": none, "TLS 1.2": old,
		"a name that is no van's": b.ca.Van(t, "Van 1"), "another van's name": b.ca.Van(t, "van-2"), "a hub's certificate": hubs} {
		if token := mqtt.NewClient(b.options("van-1", c)).Connect(); !token.WaitTimeout(20*time.Second) || token.Error() == nil {
			t.Errorf("%s: was let in", name)
		}
	}
}

func revokedOnResumption(t *testing.T, b *bench) {
	cfg := b.ca.Van(t, "van-1")
	cfg.ClientSessionCache = tls.NewLRUClientSessionCache(4)
	resumed := make(chan bool, 10)
	cfg.VerifyConnection = func(s tls.ConnectionState) error { resumed <- s.DidResume; return nil }
	connect := func() (mqtt.Client, error) {
		c := mqtt.NewClient(b.options("van-1", cfg))
		token := c.Connect()
		token.WaitTimeout(20 * time.Second)
		return c, token.Error()
	}
	c, err := connect()
	if err != nil || Receive(t, resumed) {
		t.Fatal("first connection: ", err)
	}
	Wait(t, c.Publish(topic("van-1", ark.Journal), 1, false, "x")) // the ticket has come by now
	c.Disconnect(10)
	b.hub.Await(t, "van-1false")
	lost := make(chan struct{})
	live := mqtt.NewClient(b.options("van-1", cfg).SetConnectionLostHandler(func(mqtt.Client, error) { close(lost) }))
	Wait(t, live.Connect())
	if !Receive(t, resumed) {
		t.Fatal("the second connection did not resume")
	}
	b.hub.Revoke(testca.Serial(cfg))
	began := time.Now()
	b.Link.Disconnect("van-1")
	if took := time.Since(began); took > soon {
		t.Errorf("the live session died after %v", took)
	}
	Receive(t, lost)
	for range 2 { // it may have another ticket
		if _, err = connect(); err == nil {
			t.Error("a revoked certificate was let in")
		}
		if !Receive(t, resumed) {
			t.Error("the refused handshake was not a resumed one")
		}
	}
}

// revokeInHandler: the hub is at work on a message when its van is revoked.
func revokeInHandler(t *testing.T, b *bench) {
	release, at := make(chan struct{}), make(chan string, 10)
	b.hub.Handle = func(_ ark.VanID, p []byte) error { at <- string(p); <-release; return nil }
	cfg := b.ca.Van(t, "van-1")
	c := b.joined("van-1", cfg)
	both := publishPacket(topic("van-1", ark.Journal), []byte("one"))
	Write(t, c, append(both, publishPacket(topic("van-1", ark.Journal), []byte("two"))...)) // the second is read already
	Receive(t, at)
	b.hub.Revoke(testca.Serial(cfg))
	ended := make(chan struct{})
	go func() { b.Link.Disconnect("van-1"); close(ended) }()
	AwaitClosed(t, c, soon)
	close(release) // what is at work is let finish; nothing after it is used
	Receive(t, ended)
	if len(at) != 0 {
		t.Errorf("%q was used after the revocation", <-at)
	}
}

// revokeStalled: a van that reads nothing and keeps publishing.
func revokeStalled(t *testing.T, b *bench) {
	b.hub.Handle = func(ark.VanID, []byte) error { return nil }
	cfg := b.ca.Van(t, "van-1")
	c := b.joined("van-1", cfg)
	Write(t, c, subscribePacket(topic("van-1", ark.Orders)))
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		frame := publishPacket(topic("van-1", ark.Journal), make([]byte, 1000))
		for {
			if _, err := c.Write(frame); err != nil {
				return
			}
		}
	}()
	for range 200 {
		b.Link.Send("van-1", ark.Orders, make([]byte, 100<<10)) // far more than the network holds
	}
	b.hub.Revoke(testca.Serial(cfg))
	began := time.Now()
	b.Link.Disconnect("van-1")
	if took := time.Since(began); took > soon {
		t.Errorf("the session died after %v", took)
	}
	Receive(t, ended)
	if vans := b.Link.Connected(); len(vans) != 0 {
		t.Errorf("connected: %v", vans)
	}
}
