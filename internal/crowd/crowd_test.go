package crowd

import (
	"net"
	"net/netip"
	"testing"
)

// Whoever opens connections without end leaves room for the others.
func TestOneStrangerLeavesRoomForOthers(t *testing.T) {
	c := New(6, 2)
	at := func(ip string) netip.Addr {
		return HomeOf(net.TCPAddrFromAddrPort(netip.AddrPortFrom(netip.MustParseAddr(ip), 9)))
	}
	for _, step := range []struct {
		ip   string
		want bool
	}{
		{"192.0.2.7", true}, {"192.0.2.7", true}, {"192.0.2.7", false}, {"::ffff:192.0.2.7", false}, {"192.0.2.8", true},
		{"2001:db8::1", true}, {"2001:db8::2", true}, {"2001:db8::3", false}, // one host
		{"127.0.0.1", true}, {"127.0.0.1", false}, // it is full
	} {
		if got := c.Enter(at(step.ip)); got != step.want {
			t.Errorf("%s: %v", step.ip, got)
		}
	}
	c.Leave(at("192.0.2.7"))
	if !c.Enter(at("192.0.2.7")) || len(c.from) != 4 {
		t.Errorf("a place that became free: %v", c.from)
	}
}

func TestHome(t *testing.T) {
	for at, want := range map[string]string{
		"192.0.2.7": "192.0.2.7", "::ffff:192.0.2.7": "192.0.2.7", "::1": "::1", "fe80::7%eth0": "fe80::7",
		"2001:db8:1:2:3:4:5:6": "2001:db8:1:2::", "2001:db8:1:2:ffff::1": "2001:db8:1:2::",
	} {
		if got := Home(netip.MustParseAddr(at)).String(); got != want {
			t.Errorf("%s counts for %s, want %s", at, got, want)
		}
	}
	if a, b := net.Pipe(); !HomeOf(a.RemoteAddr()).IsLoopback() {
		b.Close()
		t.Error("a pipe is not this machine's")
	}
}
