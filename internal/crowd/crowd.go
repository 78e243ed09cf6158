// Package crowd bounds what each of many takes: connections by who makes them,
// so that one stranger who opens them without end leaves room for the others,
// and how often somebody may do a thing.
package crowd

import (
	"net"
	"net/netip"
	"sync"
)

// Home is whom an address counts for: an IPv4 address itself, and of an IPv6
// one the /64, of which one host has as many as it likes. A link-local address
// counts for itself: all neighbours are in one /64.
func Home(at netip.Addr) netip.Addr {
	at = at.Unmap().WithZone("")
	if at.Is6() && !at.IsLoopback() && !at.IsLinkLocalUnicast() {
		return netip.PrefixFrom(at, 64).Masked().Addr()
	}
	return at
}

// HomeOf is whom a connection counts for. One that is not TCP (a pipe) counts
// as this machine's.
func HomeOf(at net.Addr) netip.Addr {
	if tcp, ok := at.(*net.TCPAddr); ok {
		return Home(tcp.AddrPort().Addr())
	}
	return netip.IPv6Loopback()
}

// Crowd bounds how many are inside at one time.
type Crowd struct {
	most, each int

	mu   sync.Mutex
	all  int
	from map[netip.Addr]int
}

// New makes an empty crowd: most in all, and each of one home. Programs on
// this machine, such as a proxy, count only in all.
func New(most, each int) *Crowd {
	return &Crowd{most: most, each: each, from: map[netip.Addr]int{}}
}

// Enter gives a place, which Leave must give back with the same home. False:
// there is none.
func (c *Crowd) Enter(home netip.Addr) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.all >= c.most || c.from[home] >= c.each && !home.IsLoopback() {
		return false
	}
	c.all++
	c.from[home]++
	return true
}

// Leave gives a place back.
func (c *Crowd) Leave(home netip.Addr) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.all--
	if c.from[home]--; c.from[home] == 0 {
		delete(c.from, home)
	}
}
