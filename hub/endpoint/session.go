package endpoint

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"net"
	"runtime/debug"
	"time"

	"ark"
)

// session is one van's connection, from its CONNECT on.
type session struct {
	e         *Endpoint
	van       ark.VanID
	serial    string
	ticket    uint64 // later connections have higher ones
	raw       *guard
	conn      net.Conn // TLS
	in        *bufio.Reader
	answers   []byte // written by the reader just before it reads the socket
	keepAlive time.Duration
	up        map[string]ark.Channel // topics that the van may publish on
	subs      [2]bool                // journal/receipt, orders; guarded by queue.mu
	queue     queue
	ended     chan struct{}
}

// answering is the reader under the buffer: it flushes answers before it may
// wait, so that many packets share one answer.
type answering struct{ s *session }

func (a answering) Read(b []byte) (int, error) {
	if err := a.s.flush(); err != nil {
		return 0, err
	}
	return a.s.conn.Read(b)
}

func (s *session) flush() error {
	if len(s.answers) == 0 {
		return nil
	}
	_, err := s.conn.Write(s.answers)
	s.answers = s.answers[:0]
	if cap(s.answers) > 1<<10 {
		s.answers = nil
	}
	return err
}

// serve reads packets until the session ends, and says why it did.
func (s *session) serve(ctx context.Context) error {
	for {
		if err := s.conn.SetReadDeadline(time.Now().Add(s.keepAlive * 3 / 2)); err != nil { // [MQTT-3.1.2-24]
			return err
		}
		p, length, err := readHeader(s.in, maxPacket)
		if err != nil {
			return err
		}
		if length > s.in.Buffered() {
			if err := s.conn.SetReadDeadline(time.Now().Add(s.keepAlive * 3 / 2)); err != nil {
				return err
			}
		}
		if p.body, err = readBody(s.in, length); err != nil {
			return err
		}
		if s.raw.dead.Load() {
			return errEnded
		}
		if bye, err := s.handle(ctx, p); bye || err != nil {
			return err
		}
	}
}

var errEnded = errors.New("ended by the hub")

// handle does what a packet asks for. bye: the van took its leave.
func (s *session) handle(ctx context.Context, p packet) (bye bool, err error) {
	switch p.kind {
	case typePublish:
		return false, s.publish(ctx, p)
	case typeSubscribe:
		return false, s.subscribe(p)
	case typeUnsubscribe:
		id, filters, err := parseUnsubscribe(p)
		if err != nil {
			return false, err
		}
		for _, filter := range filters {
			s.want(filter, false)
		}
		s.answers = append(s.answers, unsuback(id)...) // [MQTT-3.10.4-4]
		return false, nil
	case typePingreq:
		if len(p.body) > 0 {
			return false, broken("PINGREQ with a body")
		}
		s.answers = append(s.answers, pingresp()...) // [MQTT-3.12.4-1]
		return false, nil
	case typeDisconnect:
		if len(p.body) > 0 {
			return false, broken("DISCONNECT with a body")
		}
		return true, nil
	}
	return false, broken("a second CONNECT") // [MQTT-3.1.0-2]
}

func (s *session) publish(ctx context.Context, p packet) error {
	m, err := parsePublish(p)
	if err != nil {
		return err
	}
	channel, mine := s.up[m.topic]
	if !mine {
		s.e.stats.Foreign.Add(1)
		return broken("PUBLISH on a topic that is not this van's to write")
	}
	if m.qos > 1 {
		return broken("QoS 2")
	}
	if !s.e.c.Gate.Admit(s.van, s.serial) { // revoked, and not killed yet
		return errEnded
	}
	s.e.stats.Messages.Add(1)
	if err := s.e.c.Arrivals.Arrived(ctx, s.van, channel, m.payload); err != nil {
		return fmt.Errorf("refused by the hub: %w", err)
	}
	if m.qos == 1 {
		s.answers = append(s.answers, puback(m.id)...)
	}
	return nil
}

func (s *session) subscribe(p packet) error {
	id, subs, err := parseSubscribe(p)
	if err != nil {
		return err
	}
	codes := make([]byte, len(subs))
	granted := false
	for i, sub := range subs {
		if s.want(sub.filter, true) {
			granted = true // QoS 0, whatever was asked: the journals repeat
		} else {
			codes[i] = 0x80
			s.e.stats.Foreign.Add(1)
		}
	}
	s.answers = append(s.answers, suback(id, codes)...) // [MQTT-3.8.4-4]
	if granted {
		if err := s.flush(); err != nil { // the answer goes before the first message
			return err
		}
		if s.queue.startWriting() {
			go s.drain()
		}
	}
	return nil
}

// want turns one of the van's two down channels on or off. False: the filter
// is neither, not even by a wildcard.
func (s *session) want(filter string, on bool) bool {
	for i, c := range [...]ark.Channel{ark.JournalReceipt, ark.Orders} {
		if filter == s.van.Topic(c) {
			s.queue.mu.Lock()
			s.subs[i] = on
			s.queue.mu.Unlock()
			return true
		}
	}
	return false
}

func (s *session) wants(c ark.Channel) bool {
	s.queue.mu.Lock()
	defer s.queue.mu.Unlock()
	return (c == ark.JournalReceipt && s.subs[0]) || (c == ark.Orders && s.subs[1])
}

// send queues a message for the van.
func (s *session) send(c ark.Channel, payload []byte) bool {
	ok, start := s.queue.add(message{c, payload})
	if start {
		go s.drain()
	}
	if !ok {
		s.e.stats.Dropped.Add(1)
	}
	return ok
}

// drain writes until nothing waits. The session waits for it at its end.
func (s *session) drain() {
	defer s.queue.done.Done()
	defer func() {
		if r := recover(); r != nil {
			s.e.alarm(r, debug.Stack())
			s.raw.kill()
		}
	}()
	var out []byte
	for batch := s.queue.next(); batch != nil; batch = s.queue.next() {
		out = out[:0]
		for _, m := range batch {
			if s.wants(m.channel) {
				out = appendPublish(out, s.van.Topic(m.channel), m.payload)
			}
		}
		if len(out) == 0 {
			continue
		}
		if _, err := s.conn.Write(out); err != nil {
			s.raw.kill()
			s.queue.close()
		}
	}
}
