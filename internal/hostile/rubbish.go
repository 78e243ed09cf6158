package hostile

import (
	"bytes"
	"crypto/tls"
	"fmt"
	"math/rand/v2"
	"runtime"
	"testing"
	"time"

	"ark"
)

// declared: a long packet is announced and does not come.
func declared(t *testing.T, b *bench) {
	_, before := settled()
	for _, length := range [][]byte{{0xff, 0xff, 0xff, 0x7f}, {0x80, 0x80, 0x10}} { // 256 MB, 256 kB
		for range 20 {
			c := b.joined("van-1", b.ca.Van(t, "van-1"))
			Write(t, c, append([]byte{0x30}, length...))
		}
	}
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	if m.HeapAlloc > before+20<<20 {
		t.Errorf("what was only announced takes %d MB", (m.HeapAlloc-before)>>20)
	}
	c := b.joined("van-1", b.ca.Van(t, "van-1"))
	Write(t, c, []byte{0x30, 0xff, 0xff, 0xff, 0x7f})
	AwaitClosed(t, c, 5*time.Second)
}

func thousandSubscriptions(t *testing.T, b *bench) {
	c := b.joined("van-1", b.ca.Van(t, "van-1"))
	filters := make([]string, 1000)
	for n := range filters {
		filters[n] = fmt.Sprintf("a/%d/#", n)
	}
	Write(t, c, subscribePacket(filters...))
	c.SetReadDeadline(time.Now().Add(20 * time.Second))
	var got []byte
	buf := make([]byte, 2048)
	for len(got) < 1005 {
		n, err := c.Read(buf)
		if err != nil {
			return // an end is an answer too
		}
		got = append(got, buf[:n]...)
	}
	if granted := 1000 - bytes.Count(got[5:], []byte{0x80}); granted != 0 {
		t.Errorf("%d of a thousand foreign subscriptions granted", granted)
	}
}

// mutated sends packets of MQTT 3.1, 3.1.1 and 5 with some bytes changed,
// cut and joined at random.
func mutated(t *testing.T, b *bench) {
	b.hub.Handle = func(van ark.VanID, _ []byte) error {
		if van != "van-1" {
			t.Errorf("something of %s arrived", van)
		}
		return nil
	}
	dur := 2 * time.Second
	if long() {
		dur = time.Minute
	}
	seed := uint64(time.Now().UnixNano())
	t.Logf("seed %d", seed)
	rng := rand.New(rand.NewPCG(seed, 1))
	seeds := seedPackets()
	cfg := b.ca.Van(t, "van-1")
	cfg.ClientSessionCache = tls.NewLRUClientSessionCache(4)
	n := 0
	for end := time.Now().Add(dur); time.Now().Before(end); n++ {
		c, err := tls.Dial("tcp", b.Addr, cfg)
		if err != nil {
			t.Fatalf("seed %d, connection %d: %v", seed, n, err)
		}
		if rng.IntN(3) > 0 {
			c.Write(connectPacket("van-1"))
		}
		for range 1 + rng.IntN(4) {
			p := bytes.Clone(seeds[rng.IntN(len(seeds))])
			for range rng.IntN(4) {
				p[rng.IntN(len(p))] = byte(rng.Uint32())
			}
			if _, err := c.Write(p[:1+rng.IntN(len(p))]); err != nil {
				break
			}
		}
		c.Close()
	}
	t.Logf("%d connections", n)
	b.paho("van-2")
}

// seedPackets are whole packets of the three versions.
func seedPackets() [][]byte {
	journal := topic("van-1", ark.Journal)
	v5 := func(first byte, body ...byte) []byte { return withLength(first, body) }
	return [][]byte{
		connectPacket("van-1"), publishPacket(journal, []byte("hello")), subscribePacket(topic("van-1", ark.Orders), "x/#"),
		{0x82, 6, 0, 1, 0, 1, 'x', 0}, {0xa2, 5, 0, 1, 0, 1, 'x'}, {0xc0, 0}, {0xe0, 0}, {0x40, 2, 0, 1}, {0x62, 2, 0, 1},
		// 3.1
		withLength(0x10, append([]byte{0, 6, 'M', 'Q', 'I', 's', 'd', 'p', 3, 2, 0, 60, 0, 5}, "van-1"...)),
		// 5: CONNECT with properties and a will with properties, PUBLISH with an alias, SUBSCRIBE with an id, AUTH
		v5(0x10, append([]byte{0, 4, 'M', 'Q', 'T', 'T', 5, 2, 0, 60, 5, 0x11, 0, 0, 0, 10, 0, 5}, "van-1"...)...),
		v5(0x10, append(append([]byte{0, 4, 'M', 'Q', 'T', 'T', 5, 6, 0, 60, 0, 0, 5}, "van-1"...), 2, 0x01, 1, 0, 1, 'x', 0, 1, 'y')...),
		v5(0x32, append(append([]byte{0, byte(len(journal))}, journal...), 0, 1, 3, 0x23, 0, 1, 'x')...),
		v5(0x82, 0, 1, 2, 0x0b, 1, 0, 1, 'x', 0), v5(0xf0, 0x18, 0), v5(0xe0, 0x04, 0),
	}
}
