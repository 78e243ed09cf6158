package endpoint

import (
	"bytes"
	"context"
	"crypto/tls"
	"fmt"
	"math/rand/v2"
	"net"
	"os"
	"os/exec"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	mqtt "github.com/eclipse/paho.mqtt.golang"

	"ark"
	"ark/internal/testca"
)

// raw is a TLS connection without any MQTT on it.
func (b *bench) raw(t testing.TB, van string) *tls.Conn {
	t.Helper()
	c, err := tls.Dial("tcp", b.addr, b.ca.Van(t, van))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	return c
}

func connectPacket(van string, keepAlive byte) []byte {
	body := append([]byte{0, 4, 'M', 'Q', 'T', 'T', 4, flagClean, 0, keepAlive, 0, byte(len(van))}, van...)
	return append([]byte{typeConnect << 4, byte(len(body))}, body...)
}

// joined is a raw connection with an accepted CONNECT.
func (b *bench) joined(t testing.TB, van string, keepAlive byte) *tls.Conn {
	t.Helper()
	c := b.raw(t, van)
	write(t, c, connectPacket(van, keepAlive))
	ack := make([]byte, 4)
	c.SetReadDeadline(time.Now().Add(10 * time.Second))
	if _, err := c.Read(ack); err != nil || !bytes.Equal(ack, connack(0)) {
		t.Fatalf("CONNACK % x, %v", ack, err)
	}
	return c
}

func write(t testing.TB, c net.Conn, data []byte) {
	t.Helper()
	if _, err := c.Write(data); err != nil {
		t.Fatal(err)
	}
}

// awaitClosed insists that the end point closes the connection in time.
func awaitClosed(t testing.TB, c net.Conn, within time.Duration) {
	t.Helper()
	c.SetReadDeadline(time.Now().Add(within))
	buf := make([]byte, 1024)
	for {
		if _, err := c.Read(buf); err != nil {
			if ne, ok := err.(net.Error); ok && ne.Timeout() {
				t.Fatalf("still open after %v", within)
			}
			return
		}
	}
}

func TestSilentAndDrippingClients(t *testing.T) {
	b := start(t, Limits{Connect: 300 * time.Millisecond})
	const within = 3 * time.Second
	silent, err := net.Dial("tcp", b.addr)
	if err != nil {
		t.Fatal(err)
	}
	defer silent.Close()
	half, err := net.Dial("tcp", b.addr)
	if err != nil {
		t.Fatal(err)
	}
	defer half.Close()
	write(t, half, []byte{0x16, 3, 1, 2, 0, 1, 0, 1}) // the beginning of a ClientHello
	noConnect := b.raw(t, "van-1")
	dripped := b.raw(t, "van-2")
	stop := make(chan struct{})
	var drip sync.WaitGroup
	drip.Go(func() {
		tick := time.NewTicker(20 * time.Millisecond)
		defer tick.Stop()
		for _, one := range connectPacket("van-2", 60)[:12] {
			select {
			case <-stop:
				return
			case <-tick.C:
				if _, err := dripped.Write([]byte{one}); err != nil {
					return
				}
			}
		}
	})
	for _, c := range []net.Conn{silent, half, noConnect, dripped} {
		awaitClosed(t, c, within)
	}
	close(stop)
	drip.Wait()
	b.paho(t, "van-3") // and everybody else gets in
}

func TestKeepAliveEndsTheSilent(t *testing.T) {
	b := start(t, Limits{})
	c := b.joined(t, "van-1", 1)
	began := time.Now()
	awaitClosed(t, c, 5*time.Second)
	if took := time.Since(began); took < time.Second {
		t.Fatalf("ended after %v, before 1.5 x keepalive", took)
	}
}

func TestHandshakesAreBounded(t *testing.T) {
	b := start(t, Limits{Handshakes: 2, Connect: time.Minute})
	dial(t, b.addr)
	dial(t, b.addr)
	if third, err := net.Dial("tcp", b.addr); err == nil { // else it was reset already
		defer third.Close()
		awaitClosed(t, third, 5*time.Second)
	}
}

func dial(t *testing.T, addr string) net.Conn {
	t.Helper()
	c, err := net.Dial("tcp", addr)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	return c
}

// Each row is sent after an accepted CONNECT and must end the session.
func TestMalformedPackets(t *testing.T) {
	b := start(t, Limits{})
	journal := ark.VanID("van-1").Topic(ark.Journal)
	topic := append([]byte{0, byte(len(journal))}, journal...)
	pub := func(first byte, rest ...byte) []byte {
		body := append(append([]byte{}, topic...), rest...)
		return append([]byte{first, byte(len(body))}, body...)
	}
	rows := map[string][]byte{
		"second CONNECT":          connectPacket("van-1", 60),
		"256 MB declared":         {0x30, 0xff, 0xff, 0xff, 0x7f},
		"long form of a length":   {0xc0, 0x80, 0x00},
		"five length bytes":       {0x30, 0xff, 0xff, 0xff, 0xff, 0x01},
		"PUBLISH QoS 3":           pub(0x36, 0, 1),
		"PUBLISH QoS 2":           pub(0x34, 0, 1),
		"PUBLISH id 0":            pub(0x32, 0, 0),
		"PUBLISH DUP at QoS 0":    pub(0x38),
		"PUBLISH cut short":       {0x30, 3, 0, 9, 'x'},
		"PUBLISH empty topic":     {0x30, 2, 0, 0},
		"PUBLISH NUL in topic":    {0x30, 3, 0, 1, 0},
		"PUBLISH bad UTF-8":       {0x30, 3, 0, 1, 0xff},
		"PUBLISH wildcard":        {0x30, 3, 0, 1, '#'},
		"SUBSCRIBE flags":         {0x80, 6, 0, 1, 0, 1, 'x', 0},
		"SUBSCRIBE without":       {0x82, 2, 0, 1},
		"SUBSCRIBE QoS 3":         {0x82, 6, 0, 1, 0, 1, 'x', 3},
		"SUBSCRIBE id 0":          {0x82, 6, 0, 0, 0, 1, 'x', 0},
		"UNSUBSCRIBE without":     {0xa2, 2, 0, 1},
		"PINGREQ with a body":     {0xc0, 1, 0},
		"PINGREQ with flags":      {0xc1, 0},
		"DISCONNECT with a body":  {0xe0, 1, 0},
		"reserved type 0":         {0x00, 0},
		"reserved type 15 (AUTH)": {0xf0, 0},
		"CONNACK from a client":   {0x20, 2, 0, 0},
	}
	for name, data := range rows {
		t.Run(name, func(t *testing.T) {
			c := b.joined(t, "van-1", 60)
			write(t, c, data)
			awaitClosed(t, c, 5*time.Second)
		})
	}
	if len(b.hub.arrived) != 0 {
		t.Fatal("something of it arrived")
	}
}

func TestMalformedConnects(t *testing.T) {
	b := start(t, Limits{})
	v5 := []byte{0x10, 19, 0, 4, 'M', 'Q', 'T', 'T', 5, 2, 0, 60, 0, 0, 5, 'v', 'a', 'n', '-', '1', 0}
	rows := map[string]struct {
		data   []byte
		answer []byte
	}{
		"MQTT 5":              {v5, connack(connVersion)},
		"MQTT 3.1":            {[]byte{0x10, 9, 0, 6, 'M', 'Q', 'I', 's', 'd', 'p', 3}, connack(connVersion)},
		"level 4 of nonsense": {[]byte{0x10, 7, 0, 4, 'H', 'T', 'T', 'P', 4}, nil},
		"reserved flag":       {[]byte{0x10, 17, 0, 4, 'M', 'Q', 'T', 'T', 4, 3, 0, 60, 0, 5, 'v', 'a', 'n', '-', '1'}, nil},
		"password alone":      {[]byte{0x10, 19, 0, 4, 'M', 'Q', 'T', 'T', 4, 0x42, 0, 60, 0, 5, 'v', 'a', 'n', '-', '1', 0, 0}, nil},
		"trailing bytes":      {[]byte{0x10, 18, 0, 4, 'M', 'Q', 'T', 'T', 4, 2, 0, 60, 0, 5, 'v', 'a', 'n', '-', '1', 0}, nil},
		"5 kB declared":       {[]byte{0x10, 0x88, 0x27}, nil},
		"PUBLISH first":       {[]byte{0x30, 3, 0, 1, 'x'}, nil},
	}
	for name, row := range rows {
		t.Run(name, func(t *testing.T) {
			c := b.raw(t, "van-1")
			write(t, c, row.data)
			c.SetReadDeadline(time.Now().Add(5 * time.Second))
			got := make([]byte, 16)
			n, _ := c.Read(got)
			if !bytes.Equal(got[:n], row.answer) {
				t.Fatalf("answered % x, want % x", got[:n], row.answer)
			}
			awaitClosed(t, c, 5*time.Second)
		})
	}
}

func TestAThousandSubscriptions(t *testing.T) {
	b := start(t, Limits{})
	c := b.joined(t, "van-1", 60)
	var body []byte
	body = append(body, 0, 1)
	for n := range 1000 {
		f := fmt.Sprintf("a/%d/#", n)
		body = append(append(body, 0, byte(len(f))), append([]byte(f), 0)...)
	}
	write(t, c, append(appendLength([]byte{0x82}, len(body)), body...))
	c.SetReadDeadline(time.Now().Add(5 * time.Second))
	got := make([]byte, 0, 1100)
	buf := make([]byte, 1100)
	for len(got) < 1005 {
		n, err := c.Read(buf)
		if err != nil {
			t.Fatal(err)
		}
		got = append(got, buf[:n]...)
	}
	if granted := bytes.Count(got[5:], []byte{0}); granted != 0 {
		t.Fatalf("%d of a thousand foreign subscriptions granted", granted)
	}
}

// A van that reads nothing is sent large orders while others measure how
// long their own answer takes.
func TestAStalledVanSlowsNoOther(t *testing.T) {
	b := start(t, Limits{Write: 2 * time.Second})
	b.hub.handle = func(van ark.VanID, p []byte) error {
		b.Send(van, ark.JournalReceipt, p)
		return nil
	}
	for _, size := range []int{5 << 10, 200 << 10} {
		stalled := ark.VanID("van-stalled")
		s := b.joined(t, string(stalled), 60)
		topic := stalled.Topic(ark.Orders)
		sub := append(append([]byte{0, 1, 0, byte(len(topic))}, topic...), 0)
		write(t, s, append(appendLength([]byte{0x82}, len(sub)), sub...))
		order := make([]byte, size)
		var worst atomic.Int64
		var others sync.WaitGroup
		for n := range 20 {
			van := ark.VanID(fmt.Sprintf("van-%d", n))
			c := b.paho(t, string(van))
			got := make(chan struct{}, 1)
			wait(t, c.Subscribe(van.Topic(ark.JournalReceipt), 0, func(mqtt.Client, mqtt.Message) { got <- struct{}{} }))
			others.Go(func() {
				for range 30 {
					began := time.Now()
					c.Publish(van.Topic(ark.Journal), 1, false, "x")
					b.Send(stalled, ark.Orders, order)
					select {
					case <-got:
					case <-time.After(10 * time.Second):
						t.Error("no receipt")
						return
					}
					if took := int64(time.Since(began)); took > worst.Load() {
						worst.Store(took)
					}
				}
			})
		}
		others.Wait()
		if w := time.Duration(worst.Load()); w > time.Second {
			t.Fatalf("orders of %d bytes: the worst receipt took %v", size, w)
		}
		if size > 100<<10 && b.stats.Dropped.Load() == 0 {
			t.Fatal("the stalled van's queue has no bound")
		}
	}
}

func TestRevokeAStalledVanThatPublishes(t *testing.T) {
	b := start(t, Limits{})
	release := make(chan struct{})
	b.hub.handle = func(ark.VanID, []byte) error { <-release; return nil }
	cfg := b.ca.Van(t, "van-1")
	raw, err := tls.Dial("tcp", b.addr, cfg)
	if err != nil {
		t.Fatal(err)
	}
	defer raw.Close()
	write(t, raw, connectPacket("van-1", 60))
	b.awaitPresence(t, "van-1true")
	journal := ark.VanID("van-1").Topic(ark.Journal)
	write(t, raw, appendPublish(nil, journal, make([]byte, 1000)))
	b.hub.revoke(testca.Serial(cfg))
	killed := make(chan struct{})
	go func() { b.Disconnect("van-1"); close(killed) }()
	awaitClosed(t, raw, time.Second)
	close(release) // a handler at work is let finish; nothing after it is used
	receive(t, killed)
}

func TestStopsAtOnceWithSilentAndStalledClients(t *testing.T) {
	b := start(t, Limits{})
	dial(t, b.addr)
	b.raw(t, "van-1")
	s := b.joined(t, "van-2", 60)
	topic := ark.VanID("van-2").Topic(ark.Orders)
	sub := append(append([]byte{0, 1, 0, byte(len(topic))}, topic...), 0)
	write(t, s, append(appendLength([]byte{0x82}, len(sub)), sub...))
	for range 100 {
		b.Send("van-2", ark.Orders, make([]byte, 100<<10))
	}
	began := time.Now()
	if err := b.stop(); err != nil {
		t.Fatal(err)
	}
	if took := time.Since(began); took > 2*time.Second {
		t.Fatalf("stopping took %v", took)
	}
}

func TestMutatedPackets(t *testing.T) {
	b := start(t, Limits{})
	b.hub.handle = func(ark.VanID, []byte) error { return nil }
	dur := time.Second
	if os.Getenv("ARK_LONG") == "1" {
		dur = time.Minute
	}
	seed := uint64(time.Now().UnixNano())
	t.Logf("seed %d", seed)
	rng := rand.New(rand.NewPCG(seed, 1))
	journal := ark.VanID("van-1").Topic(ark.Journal)
	seeds := [][]byte{connectPacket("van-1", 60), appendPublish(nil, journal, []byte("hello")), {0x82, 6, 0, 1, 0, 1, 'x', 0}, {0xc0, 0}, {0xe0, 0},
		{0x10, 19, 0, 4, 'M', 'Q', 'T', 'T', 5, 2, 0, 60, 0, 0, 5, 'v', 'a', 'n', '-', '1', 0}, {0x30, 6, 0, 1, 'x', 1, 0, 0}}
	cfg := b.ca.Van(t, "van-1")
	cfg.ClientSessionCache = tls.NewLRUClientSessionCache(4)
	n := 0
	for end := time.Now().Add(dur); time.Now().Before(end); n++ {
		c, err := tls.Dial("tcp", b.addr, cfg)
		if err != nil {
			t.Fatal(err)
		}
		if rng.IntN(2) == 0 {
			c.Write(seeds[0])
		}
		for range 1 + rng.IntN(4) {
			p := bytes.Clone(seeds[rng.IntN(len(seeds))])
			for range 1 + rng.IntN(3) {
				p[rng.IntN(len(p))] = byte(rng.Uint32())
			}
			if _, err := c.Write(p[:1+rng.IntN(len(p))]); err != nil {
				break
			}
		}
		c.Close()
	}
	t.Logf("%d connections", n)
	b.paho(t, "van-2")
}

func TestComeAndGoLeavesNothing(t *testing.T) {
	rounds, vans := 2, 50
	if os.Getenv("ARK_LONG") == "1" {
		rounds, vans = 5, 1000
	}
	b := start(t, Limits{})
	cfgs := make([]*tls.Config, vans)
	for n := range cfgs {
		cfgs[n] = b.ca.Van(t, fmt.Sprintf("van-%d", n))
	}
	before := 0
	for round := range rounds {
		var all sync.WaitGroup
		for n, cfg := range cfgs {
			all.Go(func() {
				c := mqtt.NewClient(b.options(fmt.Sprintf("van-%d", n), cfg))
				if token := c.Connect(); !token.WaitTimeout(time.Minute) || token.Error() != nil {
					t.Error(token.Error())
				}
				c.Disconnect(0)
			})
		}
		all.Wait()
		for range vans {
			// each van's presence goes on and off
			receive(t, b.hub.present)
			receive(t, b.hub.present)
		}
		if g := settled(); round == 0 {
			before = g
		} else if g > before+10 {
			t.Fatalf("%d goroutines after round %d, %d after the first", g, round, before)
		}
	}
}

// settled waits until the number of goroutines stops falling.
func settled() int {
	last := runtime.NumGoroutine()
	for calm := 0; calm < 20; {
		runtime.Gosched()
		time.Sleep(5 * time.Millisecond) // nothing signals the end of a foreign goroutine
		if n := runtime.NumGoroutine(); n < last {
			last, calm = n, 0
		} else {
			calm++
		}
	}
	return last
}

func TestMosquittoClients(t *testing.T) {
	for _, tool := range []string{"mosquitto_pub", "mosquitto_sub"} {
		if _, err := exec.LookPath(tool); err != nil {
			if os.Getenv("CI_NO_SKIP") == "1" {
				t.Fatalf("%s is not installed (package mosquitto-clients)", tool)
			}
			t.Skipf("%s is not installed (package mosquitto-clients)", tool)
		}
	}
	b := start(t, Limits{})
	van := ark.VanID("van-1")
	dir := t.TempDir()
	ca, cert, key := testca.Files(t, dir, b.ca, b.ca.Van(t, "van-1"))
	host, port, _ := net.SplitHostPort(b.addr)
	args := []string{"-h", host, "-p", port, "--cafile", ca, "--cert", cert, "--key", key, "-i", "van-1", "-V", "mqttv311"}
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	out, err := exec.CommandContext(ctx, "mosquitto_pub", append(args, "-t", van.Topic(ark.Journal), "-q", "1", "-m", "from mosquitto")...).CombinedOutput()
	if err != nil {
		t.Fatalf("mosquitto_pub: %v: %s", err, out)
	}
	if a := receive(t, b.hub.arrived); a != (arrival{van, ark.Journal, "from mosquitto"}) {
		t.Fatalf("arrived: %+v", a)
	}
	b.awaitPresence(t, "van-1false")
	sub := exec.CommandContext(ctx, "mosquitto_sub", append(args, "-t", van.Topic(ark.Orders), "-C", "1")...)
	var got strings.Builder
	sub.Stdout, sub.Stderr = &got, &got
	if err := sub.Start(); err != nil {
		t.Fatal(err)
	}
	b.awaitPresence(t, "van-1true")
	b.Send(van, ark.Orders, []byte("to mosquitto"))
	if err := sub.Wait(); err != nil || strings.TrimSpace(got.String()) != "to mosquitto" {
		t.Fatalf("mosquitto_sub: %v: %s", err, &got)
	}
}
