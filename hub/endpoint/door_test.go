package endpoint

import (
	"net"
	"net/netip"
	"testing"
	"time"

	"ark/internal/hostile"
)

// Whoever opens connections without end leaves room for the vans.
func TestOneStrangerLeavesRoomForVans(t *testing.T) {
	d := door{most: 6, each: 2, from: map[netip.Addr]int{}}
	at := func(ip string) netip.Addr {
		return caller(net.TCPAddrFromAddrPort(netip.AddrPortFrom(netip.MustParseAddr(ip), 9)))
	}
	for _, step := range []struct {
		ip   string
		want bool
	}{
		{"192.0.2.7", true}, {"192.0.2.7", true}, {"192.0.2.7", false}, {"::ffff:192.0.2.7", false}, {"192.0.2.8", true},
		{"2001:db8::1", true}, {"2001:db8::2", true}, {"2001:db8::3", false}, // one host
		{"127.0.0.1", true}, {"127.0.0.1", false}, // it is full
	} {
		if got := d.enter(at(step.ip)); got != step.want {
			t.Errorf("%s: %v", step.ip, got)
		}
	}
	d.leave(at("192.0.2.7"))
	if !d.enter(at("192.0.2.7")) || len(d.from) != 4 {
		t.Errorf("a place that became free: %v", d.from)
	}
}

// A connection has its place at the door until it is a session: a certificate
// that was struck off goes through TLS as well as any.
func TestAPlaceAtTheDoorLastsUntilTheSession(t *testing.T) {
	b := start(t, Limits{Handshakes: 2, Connect: time.Minute})
	for _, van := range []string{"van-1", "van-2", "van-3"} {
		b.joined(t, van, 60) // sessions take no place
	}
	b.raw(t, "van-4")
	b.raw(t, "van-5")
	if third, err := net.Dial("tcp", b.addr); err == nil { // else it was reset already
		defer third.Close()
		hostile.AwaitClosed(t, third, 20*time.Second)
	}
}
