package uplink

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"net"
	"syscall"
	"time"

	mqtt "github.com/eclipse/paho.mqtt.golang"

	"ark"
)

// Bounds of one frame.
const (
	frameEntries = 512
	frameBytes   = 40 << 10 // of entries; compressed it is about a third
)

// session is one connection to the hub.
type session struct {
	*Client
	conn     mqtt.Client
	lost     chan error
	messages chan message
	journal  journalLine
	orders   map[ark.Incarnation]*ark.Receiver
}

type message struct {
	channel ark.Channel
	payload []byte
}

// session connects, and serves until the connection or ctx ends.
func (c *Client) session(ctx context.Context, failures *int) error {
	s := &session{Client: c, lost: make(chan error, 1), messages: make(chan message, 64), orders: map[ark.Incarnation]*ark.Receiver{}}
	if _, _, _, _, err := c.c.Journal.State(); err != nil {
		return fmt.Errorf("%w: %w", errCard, err) // the hub could do nothing for us
	}
	if err := s.connect(ctx); err != nil {
		return err
	}
	defer s.conn.Disconnect(0)
	if err := s.begin(); err != nil {
		return err
	}
	c.setUp(true)
	c.c.Log.Info("connected to the hub", "hub", c.c.Hub)
	for {
		if err := s.send(ctx); err != nil {
			return err
		}
		timer := s.timer()
		select {
		case <-ctx.Done():
			timer.Stop()
			return nil
		case err := <-s.lost:
			timer.Stop()
			return err
		case m := <-s.messages:
			if err := s.receive(ctx, m); err != nil {
				return err
			}
			*failures = 0
		case <-c.c.Journal.Changed():
			if err := s.grown(); err != nil {
				return err
			}
		case <-timer.C:
		}
		timer.Stop()
	}
}

func (s *session) timer() *time.Timer {
	at, waiting := s.journal.sender.Wake()
	if !waiting {
		return time.NewTimer(time.Hour)
	}
	return time.NewTimer(max(at-s.c.Clock.Mono(), time.Millisecond))
}

const connectTimeout = 20 * time.Second

func (s *session) connect(ctx context.Context) error {
	cfg, err := s.c.TLS()
	if err != nil {
		return fmt.Errorf("connect: %w", err)
	}
	cfg.Time = s.c.Clock.Time
	o := mqtt.NewClientOptions().AddBroker("ssl://" + s.c.Hub).SetClientID(string(s.c.Van)).SetProtocolVersion(4).
		SetCleanSession(true).SetAutoReconnect(false).SetConnectRetry(false).SetKeepAlive(s.c.Tries.KeepAlive).
		SetPingTimeout(s.c.Tries.PingTimeout).SetWriteTimeout(10 * time.Second).SetConnectTimeout(connectTimeout).
		SetDialer(&net.Dialer{Timeout: connectTimeout, Control: userTimeout}).SetTLSConfig(cfg).
		SetConnectionLostHandler(func(_ mqtt.Client, err error) { s.lose(err) })
	s.conn = mqtt.NewClient(o)
	if err := await(ctx, s.conn.Connect()); err != nil {
		s.conn.Disconnect(0)
		return fmt.Errorf("connect: %w", err)
	}
	filters := map[string]byte{s.c.Van.Topic(ark.JournalReceipt): 0, s.c.Van.Topic(ark.Orders): 0}
	token := s.conn.SubscribeMultiple(filters, s.keep)
	if err := await(ctx, token); err != nil {
		s.conn.Disconnect(0)
		return fmt.Errorf("subscribe: %w", err)
	}
	for topic, code := range token.(*mqtt.SubscribeToken).Result() {
		if code >= 0x80 {
			s.conn.Disconnect(0)
			return fmt.Errorf("subscribe: %s was refused", topic)
		}
	}
	return nil
}

func (s *session) lose(err error) {
	select {
	case s.lost <- err:
	default:
	}
}

// keep hands a message over without ever waiting: a handler of paho that
// waits blocks its pings. What does not fit comes again.
func (s *session) keep(_ mqtt.Client, m mqtt.Message) {
	van, channel, err := ark.ParseTopic(m.Topic())
	if err != nil || van != s.c.Van {
		return
	}
	select {
	case s.messages <- message{channel, m.Payload()}:
	default:
		s.c.Log.Warn("a message of the hub was dropped; it comes again", "channel", channel)
	}
}

var errNoAnswer = errors.New("no answer")

// await waits for a token, but not for ever: paho's may never end.
func await(ctx context.Context, t mqtt.Token) error {
	timer := time.NewTimer(connectTimeout)
	defer timer.Stop()
	select {
	case <-t.Done():
		return t.Error()
	case <-timer.C:
		return errNoAnswer
	case <-ctx.Done():
		return ctx.Err()
	}
}

// userTimeout ends a connection whose peer acknowledges nothing for 20 s.
func userTimeout(_, _ string, raw syscall.RawConn) error {
	const tcpUserTimeout = 18
	return raw.Control(func(fd uintptr) {
		syscall.SetsockoptInt(int(fd), syscall.IPPROTO_TCP, tcpUserTimeout, 20_000) // without it keepalive finds out
	})
}

// publish hands a message to paho. Its token proves nothing and is not kept.
func (s *session) publish(c ark.Channel, payload []byte) {
	s.conn.Publish(s.c.Van.Topic(c), 1, false, payload)
}

func (s *session) round() uint32 {
	var r [4]byte
	s.c.Random(r[:])
	return binary.BigEndian.Uint32(r[:])
}

// receive takes a message of the hub.
func (s *session) receive(ctx context.Context, m message) error {
	switch m.channel {
	case ark.JournalReceipt:
		r, err := ark.DecodeReceipt(m.payload)
		if err != nil {
			s.c.Log.Warn("a receipt cannot be read", "err", err)
			return nil
		}
		return s.heard(ctx, r)
	case ark.Orders:
		return s.order(ctx, m.payload)
	}
	return nil
}
