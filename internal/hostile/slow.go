package hostile

import (
	"bytes"
	"crypto/tls"
	"fmt"
	"net"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	mqtt "github.com/eclipse/paho.mqtt.golang"

	"ark"
)

// hello records a ClientHello without a network.
func hello(c *tls.Config) []byte {
	var said bytes.Buffer
	near, far := net.Pipe()
	go func() {
		tls.Client(near, c).Handshake()
		near.Close()
	}()
	buf := make([]byte, 4096)
	far.SetReadDeadline(time.Now().Add(5 * time.Second))
	n, _ := far.Read(buf) // the record, whole: it is one write
	said.Write(buf[:n])
	far.Close()
	return said.Bytes()
}

// drip writes one byte after the other, far below the limit between two, and
// never all of them.
func drip(c net.Conn, data []byte, every time.Duration, stop <-chan struct{}) {
	tick := time.NewTicker(every)
	defer tick.Stop()
	for _, one := range data[:len(data)-1] {
		select {
		case <-stop:
			return
		case <-tick.C:
			if _, err := c.Write([]byte{one}); err != nil {
				return
			}
		}
	}
	<-stop
}

func silentAndDripping(t *testing.T, b *bench) {
	cfg := b.ca.Van(t, "van-1")
	first := hello(cfg)
	if len(first) < 100 {
		t.Fatalf("a ClientHello of %d bytes", len(first))
	}
	silent, half, drippedHello := b.tcp(), b.tcp(), b.tcp()
	noConnect, halfConnect, dripped := b.tls(cfg), b.tls(cfg), b.tls(cfg)
	Write(t, half, first[:len(first)/2])
	connect := connectPacket("van-1")
	Write(t, halfConnect, connect[:5])
	stop := make(chan struct{})
	var drips sync.WaitGroup
	drips.Go(func() { drip(drippedHello, first, 20*time.Millisecond, stop) })
	drips.Go(func() { drip(dripped, connect, 150*time.Millisecond, stop) })
	for name, c := range map[string]net.Conn{"silent": silent, "half a ClientHello": half, "a dripped ClientHello": drippedHello,
		"TLS without CONNECT": noConnect, "half a CONNECT": halfConnect, "a dripped CONNECT": dripped} {
		t.Log(name)
		AwaitClosed(t, c, 11*time.Second)
	}
	close(stop)
	drips.Wait()
	if len(b.hub.Changes) != 0 {
		t.Error("one of them counted as present")
	}
	b.joined("van-3", b.ca.Van(t, "van-3")) // and everybody else gets in
}

// stalledSlowsNoOther: a van that reads nothing is sent orders, small and
// large, while others measure how long their own receipt takes. A machine
// that is busy with other tests may be slow once.
func stalledSlowsNoOther(t *testing.T, b *bench) {
	b.hub.Handle = func(van ark.VanID, p []byte) error {
		b.Link.Send(van, ark.JournalReceipt, p)
		return nil
	}
	for _, size := range []int{5 << 10, 200 << 10} {
		var worst time.Duration
		var dropped int64
		for try := 0; try == 0 || try < 3 && worst > time.Second; try++ {
			worst, dropped = b.besideStalled(size)
			t.Logf("orders of %d bytes: the worst receipt of 600 took %v; %d orders dropped", size, worst, dropped)
		}
		if worst > time.Second {
			t.Errorf("orders of %d bytes: the worst receipt took %v", size, worst)
		}
		if size > 100<<10 && dropped == 0 {
			t.Error("the stalled van's queue has no bound")
		}
	}
}

func (b *bench) besideStalled(size int) (worst time.Duration, dropped int64) {
	b.t.Helper()
	stalled := b.joined("van-stalled", b.ca.Van(b.t, "van-stalled"))
	Write(b.t, stalled, subscribePacket(topic("van-stalled", ark.Orders)))
	var slowest, lost atomic.Int64
	var others sync.WaitGroup
	order := make([]byte, size)
	for n := range 20 {
		van := fmt.Sprintf("van-%d", n)
		c := b.paho(van)
		got := make(chan struct{}, 1)
		Wait(b.t, c.Subscribe(topic(van, ark.JournalReceipt), 0, func(mqtt.Client, mqtt.Message) { got <- struct{}{} }))
		others.Go(func() {
			for range 30 {
				began := time.Now()
				c.Publish(topic(van, ark.Journal), 1, false, "x")
				if !b.Link.Send("van-stalled", ark.Orders, order) {
					lost.Add(1)
				}
				select {
				case <-got:
				case <-time.After(20 * time.Second):
					b.t.Error("no receipt")
					return
				}
				for took := int64(time.Since(began)); took > slowest.Load(); {
					slowest.Store(took)
				}
			}
		})
	}
	others.Wait()
	return time.Duration(slowest.Load()), lost.Load()
}
