package process

import (
	"net"
	"net/netip"
	"sync"
)

// Crowd bounds the connections that a listener has at one time: most in all,
// and each of one address, so that whoever holds many open takes neither the
// program's memory nor other people's places. What is over is closed at once.
// Programs on this machine, such as a proxy, count only in all.
func Crowd(l net.Listener, most, each int) net.Listener {
	return &crowd{Listener: l, most: most, each: each, from: map[netip.Addr]int{}}
}

type crowd struct {
	net.Listener
	most, each int

	mu   sync.Mutex
	all  int
	from map[netip.Addr]int
}

// guest is a connection that leaves the crowd when it is closed. It is a
// *net.TCPConn still: net/http closes its sending half first.
type guest struct {
	*net.TCPConn
	leave func()
}

// Close closes the connection and gives its place back, once.
func (g *guest) Close() error {
	defer g.leave()
	return g.TCPConn.Close()
}

// Accept waits for a connection that has a place.
func (c *crowd) Accept() (net.Conn, error) {
	for {
		conn, err := c.Listener.Accept()
		if err != nil {
			return nil, err
		}
		tcp, ok := conn.(*net.TCPConn)
		if !ok {
			return conn, nil
		}
		from := home(tcp.RemoteAddr())
		if !c.enter(from) {
			tcp.SetLinger(0) // nothing of it stays in the kernel either
			tcp.Close()
			continue
		}
		return &guest{tcp, sync.OnceFunc(func() { c.leave(from) })}, nil
	}
}

// home is whom a connection counts for: an IPv4 address, or the /64 of an
// IPv6 one, of which one host has as many as it likes.
func home(at net.Addr) netip.Addr {
	tcp, ok := at.(*net.TCPAddr)
	if !ok {
		return netip.Addr{}
	}
	from := tcp.AddrPort().Addr().Unmap().WithZone("")
	if from.Is6() && !from.IsLoopback() && !from.IsLinkLocalUnicast() { // link-local: all phones are in one /64
		if net, err := from.Prefix(64); err == nil {
			return net.Addr()
		}
	}
	return from
}

func (c *crowd) enter(from netip.Addr) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.all >= c.most || c.from[from] >= c.each && !from.IsLoopback() {
		return false
	}
	c.all++
	c.from[from]++
	return true
}

func (c *crowd) leave(from netip.Addr) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.all--
	if c.from[from]--; c.from[from] == 0 {
		delete(c.from, from)
	}
}
