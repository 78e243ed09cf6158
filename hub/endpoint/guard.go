package endpoint

import (
	"net"
	"sync"
	"sync/atomic"
	"time"
)

// guard is the raw connection under TLS. It bounds each write, and can be
// killed at once from any goroutine: closing through TLS may wait for a lock
// that a stalled write holds.
type guard struct {
	net.Conn
	writeTimeout time.Duration
	dead         atomic.Bool
	once         sync.Once
}

// Write gives each write its own deadline; a missed one ends the connection.
func (g *guard) Write(b []byte) (int, error) {
	if err := g.Conn.SetWriteDeadline(time.Now().Add(g.writeTimeout)); err != nil {
		return 0, err
	}
	n, err := g.Conn.Write(b)
	if err != nil {
		g.kill()
	}
	return n, err
}

// SetWriteDeadline is ours alone: TLS would set it for its own good-bye.
func (g *guard) SetWriteDeadline(time.Time) error { return nil }

// SetDeadline is the read deadline here.
func (g *guard) SetDeadline(t time.Time) error { return g.Conn.SetReadDeadline(t) }

// Close kills.
func (g *guard) Close() error {
	g.kill()
	return nil
}

// kill ends the connection without lingering. What the peer still sends is
// not read, what it still reads is not sent.
func (g *guard) kill() {
	g.dead.Store(true)
	g.once.Do(func() {
		if tcp, ok := g.Conn.(*net.TCPConn); ok {
			tcp.SetLinger(0)
		}
		g.Conn.Close()
	})
}

// leave ends the connection in order: what was written still arrives. For a
// client that must read why it was refused.
func (g *guard) leave() {
	g.dead.Store(true)
	g.once.Do(func() { g.Conn.Close() })
}
