package endpoint

import (
	"bufio"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"runtime/debug"
	"time"

	"ark"
	"ark/internal/crowd"
)

// welcome takes a raw connection through TLS and CONNECT and serves it.
func (e *Endpoint) welcome(ctx context.Context, g *guard) {
	defer e.done.Done()
	defer func() {
		g.kill()
		e.mu.Lock()
		delete(e.guards, g)
		e.mu.Unlock()
	}()
	defer func() {
		if r := recover(); r != nil {
			e.alarm(r, debug.Stack())
		}
	}()
	s, err := e.shake(ctx, g)
	if err != nil {
		e.stats.Refused.Add(1)
		e.c.Log.Debug("refused a connection", "from", g.RemoteAddr(), "err", err)
		return
	}
	if !e.enter(s) {
		e.stats.Refused.Add(1)
		return
	}
	defer e.leave(s)
	e.c.Arrivals.Present(s.van, true)
	err = e.serve(ctx, s)
	if errors.Is(err, errProtocol) {
		e.stats.Violations.Add(1)
	}
	e.c.Log.Debug("a van's session ended", "van", s.van, "err", err)
}

// shake does the TLS handshake and reads an acceptable CONNECT, all within
// the connect limit. Only then does it give its place at the door back: who
// holds a certificate that was struck off is a stranger too.
func (e *Endpoint) shake(ctx context.Context, g *guard) (*session, error) {
	defer e.door.Leave(crowd.HomeOf(g.RemoteAddr()))
	if tcp, ok := g.Conn.(*net.TCPConn); ok {
		tcp.SetWriteBuffer(128 << 10)
	}
	if err := g.SetDeadline(time.Now().Add(e.c.Limits.Connect)); err != nil {
		return nil, err
	}
	conn := tls.Server(g, e.tls)
	if err := conn.HandshakeContext(ctx); err != nil {
		return nil, fmt.Errorf("TLS: %w", err)
	}
	leaf := conn.ConnectionState().PeerCertificates[0]
	van, err := ark.ParseVanID(leaf.Subject.CommonName)
	if err != nil {
		return nil, fmt.Errorf("certificate: %w", err)
	}
	s := e.newSession(van, leaf.SerialNumber.Text(16), g, conn)
	return s, s.greet(e.c.Gate.Admit(van, s.serial)) // also on a resumed handshake, which verifies nothing anew
}

func (e *Endpoint) newSession(van ark.VanID, serial string, raw *guard, conn net.Conn) *session {
	s := &session{e: e, van: van, serial: serial, ticket: e.tickets.Add(1), raw: raw, conn: conn,
		up: make(map[string]ark.Channel, 3), ended: make(chan struct{})}
	for _, c := range []ark.Channel{ark.Journal, ark.OrdersReceipt, ark.Presence} {
		s.up[van.Topic(c)] = c
	}
	s.in = bufio.NewReaderSize(answering{s}, 1<<10)
	return s
}

// greet reads the CONNECT and refuses what is not acceptable. An acceptable
// one is answered once the session has its place. A certificate that is not
// admitted is told so, so that a technician can tell it from a dead network.
func (s *session) greet(admitted bool) error {
	p, length, err := readHeader(s.in, maxConnect)
	if err != nil {
		return err
	}
	if p.kind != typeConnect { // [MQTT-3.1.0-1]
		return broken("not a CONNECT first")
	}
	if p.body, err = readBody(s.in, length); err != nil {
		return err
	}
	c, err := parseConnect(p)
	if err != nil {
		return err
	}
	code := c.judge(s.van)
	if code == connAccepted && !admitted {
		code = connNotAuthorized
	}
	if code != connAccepted {
		s.conn.Write(connack(code))
		s.raw.leave()
		return fmt.Errorf("van %s: CONNECT refused with code %d", s.van, code)
	}
	s.keepAlive = time.Duration(c.keepAlive) * time.Second
	return nil
}

// enter gives a session its van's place. The session that has it is killed
// and must have wholly ended; of several that want it the newest gets it.
func (e *Endpoint) enter(s *session) bool {
	e.mu.Lock()
	e.claims[s.van] = max(e.claims[s.van], s.ticket)
	e.mu.Unlock()
	patience := time.After(e.c.Limits.Takeover)
	for {
		e.mu.Lock()
		old := e.sessions[s.van]
		stale := e.claims[s.van] > s.ticket || e.stopped
		if !stale && old == nil {
			e.sessions[s.van] = s
			delete(e.claims, s.van)
		}
		e.mu.Unlock()
		switch {
		case stale:
			return false
		case old == nil:
			return true
		}
		old.raw.kill()
		select {
		case <-old.ended:
		case <-patience:
			e.c.Log.Error("a van's old session did not end; the new one is refused", "van", s.van)
			return false
		}
	}
}

// leave frees the place after everything of the session has ended, even if
// who is told of it panics: else the van would be locked out for good.
func (e *Endpoint) leave(s *session) {
	defer func() {
		e.mu.Lock()
		delete(e.sessions, s.van)
		e.mu.Unlock()
		close(s.ended)
	}()
	s.raw.kill()
	s.queue.close()
	s.queue.done.Wait()
	e.c.Arrivals.Present(s.van, false)
}

// serve asks once more whether the certificate is admitted, now that whoever
// revokes it will find this session; then it answers the CONNECT and reads.
func (e *Endpoint) serve(ctx context.Context, s *session) (err error) {
	defer func() {
		if r := recover(); r != nil {
			e.alarm(r, debug.Stack())
			err = errEnded
		}
	}()
	if !e.c.Gate.Admit(s.van, s.serial) {
		return errEnded
	}
	e.stats.Connects.Add(1)
	s.answers = append(s.answers, connack(connAccepted)...) // [MQTT-3.2.0-1]
	return s.serve(ctx)
}
