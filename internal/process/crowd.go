package process

import (
	"net"
	"sync"

	"ark/internal/crowd"
)

// Crowd bounds the connections that a listener has at one time: most in all,
// and each of one address, so that whoever holds many open takes neither the
// program's memory nor other people's places. What is over is closed at once.
// Programs on this machine, such as a proxy, count only in all.
func Crowd(l net.Listener, most, each int) net.Listener {
	return &crowded{l, crowd.New(most, each)}
}

type crowded struct {
	net.Listener
	inside *crowd.Crowd
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
func (c *crowded) Accept() (net.Conn, error) {
	for {
		conn, err := c.Listener.Accept()
		if err != nil {
			return nil, err
		}
		tcp, ok := conn.(*net.TCPConn)
		if !ok {
			return conn, nil
		}
		from := crowd.HomeOf(tcp.RemoteAddr())
		if !c.inside.Enter(from) {
			tcp.SetLinger(0) // nothing of it stays in the kernel either
			tcp.Close()
			continue
		}
		return &guest{tcp, sync.OnceFunc(func() { c.inside.Leave(from) })}, nil
	}
}
