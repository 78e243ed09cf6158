// Package endpoint is where vans connect: an MQTT 3.1.1 end point over mutual
// TLS. It is not a broker: no van ever hears another, so there are no topic
// trees, retained messages or stored sessions. A van may publish on its three
// up channels and subscribe to its two down channels; whatever is not exactly
// as MQTT 3.1.1 has it ends the session.
package endpoint

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"sync"
	"sync/atomic"
	"time"

	"ark"
	"ark/hub"
	"ark/internal/crowd"
)

// Config is what an end point needs.
type Config struct {
	Listener net.Listener // TCP
	TLS      *tls.Config  // certificate, client CAs, ticket keys; the end point insists on TLS 1.3 and a client certificate
	Gate     hub.Gate
	Arrivals hub.Arrivals
	Log      *slog.Logger
	Limits   Limits
}

// Limits bound what a client can cost. Zero values mean the defaults.
type Limits struct {
	Connect    time.Duration // from accept to an accepted CONNECT: 10 s
	Write      time.Duration // one write: 5 s
	Takeover   time.Duration // how long a new session waits for the old one to end: 5 s
	Handshakes int           // connections that are no sessions yet: 4,096; of one address an eighth
}

func (l Limits) withDefaults() Limits {
	if l.Connect == 0 {
		l.Connect = 10 * time.Second
	}
	if l.Write == 0 {
		l.Write = 5 * time.Second
	}
	if l.Takeover == 0 {
		l.Takeover = 5 * time.Second
	}
	if l.Handshakes == 0 {
		l.Handshakes = 4096
	}
	return l
}

// Stats counts what happened since the start.
type Stats struct {
	Connects   atomic.Int64 // accepted CONNECTs
	Refused    atomic.Int64 // connections that never became a session
	Messages   atomic.Int64 // PUBLISH packets taken
	Foreign    atomic.Int64 // attempts on topics of others
	Dropped    atomic.Int64 // messages for vans that found a full queue
	Violations atomic.Int64 // sessions ended because of what the client sent
	Panics     atomic.Int64
}

// Endpoint is a running or stopped end point.
type Endpoint struct {
	c        Config
	tls      *tls.Config
	stats    Stats
	tickets  atomic.Uint64
	door     *crowd.Crowd // connections that are no sessions yet
	done     sync.WaitGroup
	mu       sync.Mutex
	sessions map[ark.VanID]*session
	claims   map[ark.VanID]uint64 // highest ticket that wants the van's place
	guards   map[*guard]struct{}
	stopped  bool
}

var _ hub.Link = (*Endpoint)(nil)

// New makes an end point; Run serves.
func New(c Config) *Endpoint {
	c.Limits = c.Limits.withDefaults()
	t := c.TLS.Clone()
	t.MinVersion = tls.VersionTLS13
	t.ClientAuth = tls.RequireAndVerifyClientCert
	return &Endpoint{c: c, tls: t, door: crowd.New(c.Limits.Handshakes, max(1, c.Limits.Handshakes/8)),
		sessions: map[ark.VanID]*session{}, claims: map[ark.VanID]uint64{}, guards: map[*guard]struct{}{}}
}

// Addr is where the end point listens.
func (e *Endpoint) Addr() net.Addr { return e.c.Listener.Addr() }

// Stats are the counters, live.
func (e *Endpoint) Stats() *Stats { return &e.stats }

// Run accepts vans until ctx ends, then ends every connection and waits.
func (e *Endpoint) Run(ctx context.Context) error {
	stop := context.AfterFunc(ctx, e.stop)
	defer stop()
	err := e.accept(ctx)
	e.stop()
	e.done.Wait()
	return err
}

func (e *Endpoint) accept(ctx context.Context) error {
	for {
		conn, err := e.c.Listener.Accept()
		if errors.Is(err, net.ErrClosed) {
			if ctx.Err() != nil {
				return nil
			}
			return fmt.Errorf("accept vans: %w", err)
		}
		if err != nil { // out of file descriptors, say: wait it out
			e.c.Log.Warn("accept vans", "err", err)
			select {
			case <-ctx.Done():
			case <-time.After(50 * time.Millisecond):
			}
			continue
		}
		g := &guard{Conn: conn, writeTimeout: e.c.Limits.Write}
		if !e.admit(g) {
			e.stats.Refused.Add(1)
			g.kill()
			continue
		}
		go e.welcome(ctx, g)
	}
}

// admit gives a connection a place among those that are no sessions yet.
func (e *Endpoint) admit(g *guard) bool {
	if !e.door.Enter(crowd.HomeOf(g.RemoteAddr())) {
		return false
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.stopped {
		e.door.Leave(crowd.HomeOf(g.RemoteAddr()))
		return false
	}
	e.guards[g] = struct{}{}
	e.done.Add(1)
	return true
}

// stop ends listening and every connection, in whatever state.
func (e *Endpoint) stop() {
	e.c.Listener.Close()
	e.mu.Lock()
	defer e.mu.Unlock()
	e.stopped = true
	for g := range e.guards {
		g.kill()
	}
}

// Send queues a message for a van; see hub.Link.
func (e *Endpoint) Send(van ark.VanID, c ark.Channel, payload []byte) bool {
	e.mu.Lock()
	s := e.sessions[van]
	e.mu.Unlock()
	return s != nil && s.send(c, payload)
}

// Disconnect ends a van's session, if there is one, and waits for its end.
func (e *Endpoint) Disconnect(van ark.VanID) {
	e.mu.Lock()
	s := e.sessions[van]
	e.mu.Unlock()
	if s != nil {
		s.raw.kill()
		<-s.ended
	}
}

// Connected lists the vans with a live session.
func (e *Endpoint) Connected() []ark.VanID {
	e.mu.Lock()
	defer e.mu.Unlock()
	vans := make([]ark.VanID, 0, len(e.sessions))
	for van := range e.sessions {
		vans = append(vans, van)
	}
	return vans
}

func (e *Endpoint) alarm(panicked any, stack []byte) {
	e.stats.Panics.Add(1)
	e.c.Log.Error("a connection panicked; only it was ended", "panic", panicked, "stack", string(stack))
}
