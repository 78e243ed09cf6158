package endpoint

import (
	"net"
	"net/netip"
	"sync"
)

// door counts the connections that are no sessions yet, in all and by who
// makes them: one stranger who opens them without end leaves room for the
// vans. Programs on this machine count only in all.
type door struct {
	most, each int

	mu   sync.Mutex
	all  int
	from map[netip.Addr]int
}

// caller is whom a connection counts for: an IPv4 address, or the /64 of an
// IPv6 one, of which one host has as many as it likes.
func caller(at net.Addr) netip.Addr {
	tcp, ok := at.(*net.TCPAddr)
	if !ok {
		return netip.IPv6Loopback() // a test's pipe
	}
	from := tcp.AddrPort().Addr().Unmap().WithZone("")
	if from.Is6() && !from.IsLoopback() {
		return netip.PrefixFrom(from, 64).Masked().Addr()
	}
	return from
}

// enter gives a connection a place. leave must be called with the same from.
func (d *door) enter(from netip.Addr) bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.all >= d.most || d.from[from] >= d.each && !from.IsLoopback() {
		return false
	}
	d.all++
	d.from[from]++
	return true
}

func (d *door) leave(from netip.Addr) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.all--
	if d.from[from]--; d.from[from] == 0 {
		delete(d.from, from)
	}
}
