package hostile

import (
	"crypto/tls"
	"fmt"
	"runtime"
	"sync"
	"testing"
	"time"

	mqtt "github.com/eclipse/paho.mqtt.golang"

	"ark"
)

// hears insists that a client gets what is sent to its van.
func (b *bench) hears(c mqtt.Client, van string) {
	b.t.Helper()
	got := make(chan string, 1)
	Wait(b.t, c.Subscribe(topic(van, ark.Orders), 0, func(_ mqtt.Client, m mqtt.Message) { got <- string(m.Payload()) }))
	if !b.Link.Send(ark.VanID(van), ark.Orders, []byte("you")) {
		b.t.Fatal("not queued")
	}
	if m := Receive(b.t, got); m != "you" {
		b.t.Fatal(m)
	}
}

func reconnects(t *testing.T, b *bench) {
	cfg := b.ca.Van(t, "van-1")
	cfg.ClientSessionCache = tls.NewLRUClientSessionCache(4)
	var last mqtt.Client
	for range 400 { // none takes its leave
		last = mqtt.NewClient(b.options("van-1", cfg))
		Wait(t, last.Connect())
	}
	b.hears(last, "van-1")
	last.Disconnect(0)
	b.hub.Await(t, "van-1false")
}

// twoAtOnce: a cloned card. Both come again and again at the same time; one
// has the place at any time, and in the end the last one hears.
func twoAtOnce(t *testing.T, b *bench) {
	var both sync.WaitGroup
	for range 2 {
		cfg := b.ca.Van(t, "van-1")
		both.Go(func() {
			for range 50 {
				c := mqtt.NewClient(b.options("van-1", cfg))
				c.Connect().WaitTimeout(20 * time.Second) // whoever is newer wins
				if n := len(b.Link.Connected()); n > 1 {
					t.Errorf("%d sessions of one van", n)
				}
			}
		})
	}
	both.Wait()
	b.hears(b.paho("van-1"), "van-1")
}

func stopsAtOnce(t *testing.T, b *bench) {
	cfg := b.ca.Van(t, "van-2")
	b.tcp()
	b.tls(b.ca.Van(t, "van-1"))
	stalled := b.joined("van-2", cfg)
	Write(t, stalled, subscribePacket(topic("van-2", ark.Orders)))
	for range 100 {
		b.Link.Send("van-2", ark.Orders, make([]byte, 100<<10))
	}
	b.paho("van-3")
	began := time.Now()
	if err := b.Stop(); err != nil {
		t.Fatal(err)
	}
	if took := time.Since(began); took > soon {
		t.Errorf("stopping took %v", took)
	}
	if vans := b.Link.Connected(); len(vans) != 0 {
		t.Errorf("connected after the end: %v", vans)
	}
}

func comeAndGo(t *testing.T, b *bench) {
	rounds, vans := 3, 60
	if long() {
		rounds, vans = 5, 1000
	}
	cfgs := make([]*tls.Config, vans)
	for n := range cfgs {
		cfgs[n] = b.ca.Van(t, fmt.Sprintf("van-%d", n))
	}
	var routines int
	var heap uint64
	for round := range rounds {
		b.comeAndGoOnce(cfgs)
		g, h := settled()
		t.Logf("round %d: %d goroutines, %d kB", round, g, h>>10)
		if round == 0 {
			routines, heap = g, h
			continue
		}
		if g > routines+10 {
			t.Errorf("%d goroutines after round %d, %d after the first", g, round, routines)
		}
		if h > heap+uint64(vans)*4<<10+2<<20 {
			t.Errorf("a heap of %d kB after round %d, %d kB after the first", h>>10, round, heap>>10)
		}
	}
}

func (b *bench) comeAndGoOnce(cfgs []*tls.Config) {
	var all sync.WaitGroup
	door := make(chan struct{}, 100) // at once: more than that is a matter of the machine's speed
	for n, cfg := range cfgs {
		all.Go(func() {
			door <- struct{}{}
			defer func() { <-door }()
			c := mqtt.NewClient(b.options(fmt.Sprintf("van-%d", n), cfg).SetConnectTimeout(time.Minute))
			if token := c.Connect(); !token.WaitTimeout(2*time.Minute) || token.Error() != nil {
				b.t.Error(token.Error())
			}
			c.Disconnect(0)
		})
	}
	all.Wait()
	for range 2 * len(cfgs) { // each van's presence goes on and off
		Receive(b.t, b.hub.Changes)
	}
}

// settled waits until the number of goroutines stops falling.
func settled() (routines int, heap uint64) {
	routines = runtime.NumGoroutine()
	for calm := 0; calm < 20; {
		time.Sleep(5 * time.Millisecond) // nothing signals the end of a client's goroutine
		if n := runtime.NumGoroutine(); n < routines {
			routines, calm = n, 0
		} else {
			calm++
		}
	}
	var m runtime.MemStats
	runtime.GC()
	runtime.GC()
	runtime.ReadMemStats(&m)
	return routines, m.HeapAlloc
}
