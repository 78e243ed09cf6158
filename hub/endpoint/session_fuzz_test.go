package endpoint

import (
	"bufio"
	"bytes"
	"context"
	"crypto/tls"
	"io"
	"net"
	"testing"
	"time"

	"github.com/eclipse/paho.mqtt.golang/packets"

	"ark"
)

// scripted is a connection whose peer says what is in it and then hangs up.
type scripted struct {
	net.Conn
	in  *bytes.Reader
	out bytes.Buffer
}

func (c *scripted) Read(b []byte) (int, error)       { return c.in.Read(b) }
func (c *scripted) Write(b []byte) (int, error)      { return c.out.Write(b) }
func (c *scripted) Close() error                     { return nil }
func (c *scripted) SetDeadline(time.Time) error      { return nil }
func (c *scripted) SetReadDeadline(time.Time) error  { return nil }
func (c *scripted) SetWriteDeadline(time.Time) error { return nil }

// taking notes what arrives.
type taking struct {
	t     *testing.T
	count int
}

func (a *taking) Arrived(_ context.Context, van ark.VanID, c ark.Channel, _ []byte) error {
	if van != "van-1" || !c.Up() {
		a.t.Fatalf("arrived from %s on %s", van, c)
	}
	a.count++
	return nil
}

func (a *taking) Present(ark.VanID, bool) {}

func (a *taking) Admit(ark.VanID, string) bool { return true }

// converse lets a van say something to an end point without a network, and
// returns what it was answered.
func converse(t *testing.T, said []byte) (answers []byte, arrived int) {
	hub := &taking{t: t}
	e := New(Config{TLS: new(tls.Config), Gate: hub, Arrivals: hub, Log: quiet()})
	conn := &scripted{in: bytes.NewReader(said)}
	s := e.newSession("van-1", "1", &guard{Conn: conn}, conn)
	if err := s.greet(true); err == nil {
		s.answers = append(s.answers, connack(connAccepted)...)
		s.serve(context.Background())
		s.flush() // the last answers are lost with the connection; here they count
	}
	s.queue.close()
	s.queue.done.Wait()
	if e.stats.Panics.Load() > 0 {
		t.Fatal("panicked")
	}
	return conn.out.Bytes(), hub.count
}

// FuzzSession: whatever a van says, it is answered with whole packets, first
// of all a CONNACK, at most one answer per packet, and none but its own topics.
func FuzzSession(f *testing.F) {
	hello := connectPacket("van-1", 60)
	journal := appendPublish(nil, ark.VanID("van-1").Topic(ark.Journal), []byte("frame"))
	for _, p := range goodPackets {
		f.Add(p.data)
		f.Add(append(bytes.Clone(hello), p.data...))
		f.Add(append(append(bytes.Clone(hello), journal...), p.data...))
	}
	for _, d := range deviations {
		if len(d.example) < 1000 {
			f.Add(append(bytes.Clone(hello), d.example...))
		}
	}
	f.Fuzz(func(t *testing.T, said []byte) {
		answers, arrived := converse(t, said)
		if arrived > 0 && !bytes.HasPrefix(said, hello[:1]) {
			t.Fatal("something arrived before a CONNECT")
		}
		r := bufio.NewReader(bytes.NewReader(answers))
		for n := 0; ; n++ {
			p, err := packets.ReadPacket(r)
			if err == io.EOF {
				break
			}
			if err != nil {
				t.Fatalf("answer %d of % x cannot be read: %v", n, answers, err)
			}
			ack, isAck := p.(*packets.ConnackPacket)
			if (n == 0) != isAck {
				t.Fatalf("answer %d is %v", n, p)
			}
			if isAck && ack.ReturnCode != 0 && (arrived > 0 || len(answers) != 4) {
				t.Fatalf("refused with %d and served all the same", ack.ReturnCode)
			}
		}
		if arrived > 0 && len(answers) == 0 {
			t.Fatal("something arrived without an accepted CONNECT")
		}
	})
}
