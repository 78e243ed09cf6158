package endpoint

import (
	"bytes"
	"crypto/tls"
	"net"
	"testing"
	"time"

	"ark"
	"ark/internal/hostile"
)

// raw is a TLS connection without any MQTT on it.
func (b *bench) raw(t testing.TB, van string) *tls.Conn {
	t.Helper()
	c, err := tls.Dial("tcp", b.addr, b.ca.Van(t, van))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	return c
}

func connectPacket(van string, keepAlive byte) []byte {
	body := append([]byte{0, 4, 'M', 'Q', 'T', 'T', 4, flagClean, 0, keepAlive, 0, byte(len(van))}, van...)
	return append([]byte{typeConnect << 4, byte(len(body))}, body...)
}

// joined is a raw connection with an accepted CONNECT.
func (b *bench) joined(t testing.TB, van string, keepAlive byte) *tls.Conn {
	t.Helper()
	c := b.raw(t, van)
	hostile.Write(t, c, connectPacket(van, keepAlive))
	ack := make([]byte, 4)
	c.SetReadDeadline(time.Now().Add(10 * time.Second))
	if _, err := c.Read(ack); err != nil || !bytes.Equal(ack, connack(0)) {
		t.Fatalf("CONNACK % x, %v", ack, err)
	}
	return c
}

func TestKeepAliveEndsTheSilent(t *testing.T) {
	b := start(t, Limits{})
	c := b.joined(t, "van-1", 1)
	began := time.Now()
	hostile.AwaitClosed(t, c, 5*time.Second)
	if took := time.Since(began); took < time.Second {
		t.Fatalf("ended after %v, before 1.5 x keepalive", took)
	}
}

func TestHandshakesAreBounded(t *testing.T) {
	b := start(t, Limits{Handshakes: 2, Connect: time.Minute})
	dial(t, b.addr)
	dial(t, b.addr)
	if third, err := net.Dial("tcp", b.addr); err == nil { // else it was reset already
		defer third.Close()
		hostile.AwaitClosed(t, third, 5*time.Second)
	}
}

func dial(t *testing.T, addr string) net.Conn {
	t.Helper()
	c, err := net.Dial("tcp", addr)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	return c
}

// Each row is sent after an accepted CONNECT and must end the session.
func TestMalformedPackets(t *testing.T) {
	b := start(t, Limits{})
	journal := ark.VanID("van-1").Topic(ark.Journal)
	topic := append([]byte{0, byte(len(journal))}, journal...)
	pub := func(first byte, rest ...byte) []byte {
		body := append(append([]byte{}, topic...), rest...)
		return append([]byte{first, byte(len(body))}, body...)
	}
	rows := map[string][]byte{
		"second CONNECT":          connectPacket("van-1", 60),
		"256 MB declared":         {0x30, 0xff, 0xff, 0xff, 0x7f},
		"long form of a length":   {0xc0, 0x80, 0x00},
		"five length bytes":       {0x30, 0xff, 0xff, 0xff, 0xff, 0x01},
		"PUBLISH QoS 3":           pub(0x36, 0, 1),
		"PUBLISH QoS 2":           pub(0x34, 0, 1),
		"PUBLISH id 0":            pub(0x32, 0, 0),
		"PUBLISH DUP at QoS 0":    pub(0x38),
		"PUBLISH cut short":       {0x30, 3, 0, 9, 'x'},
		"PUBLISH empty topic":     {0x30, 2, 0, 0},
		"PUBLISH NUL in topic":    {0x30, 3, 0, 1, 0},
		"PUBLISH bad UTF-8":       {0x30, 3, 0, 1, 0xff},
		"PUBLISH wildcard":        {0x30, 3, 0, 1, '#'},
		"SUBSCRIBE flags":         {0x80, 6, 0, 1, 0, 1, 'x', 0},
		"SUBSCRIBE without":       {0x82, 2, 0, 1},
		"SUBSCRIBE QoS 3":         {0x82, 6, 0, 1, 0, 1, 'x', 3},
		"SUBSCRIBE id 0":          {0x82, 6, 0, 0, 0, 1, 'x', 0},
		"UNSUBSCRIBE without":     {0xa2, 2, 0, 1},
		"PINGREQ with a body":     {0xc0, 1, 0},
		"PINGREQ with flags":      {0xc1, 0},
		"DISCONNECT with a body":  {0xe0, 1, 0},
		"reserved type 0":         {0x00, 0},
		"reserved type 15 (AUTH)": {0xf0, 0},
		"CONNACK from a client":   {0x20, 2, 0, 0},
	}
	for name, data := range rows {
		t.Run(name, func(t *testing.T) {
			c := b.joined(t, "van-1", 60)
			hostile.Write(t, c, data)
			hostile.AwaitClosed(t, c, 5*time.Second)
		})
	}
	if len(b.hub.Came) != 0 {
		t.Fatal("something of it arrived")
	}
}

func TestMalformedConnects(t *testing.T) {
	b := start(t, Limits{})
	v5 := []byte{0x10, 19, 0, 4, 'M', 'Q', 'T', 'T', 5, 2, 0, 60, 0, 0, 5, 'v', 'a', 'n', '-', '1', 0}
	rows := map[string]struct {
		data   []byte
		answer []byte
	}{
		"MQTT 5":              {v5, connack(connVersion)},
		"MQTT 3.1":            {[]byte{0x10, 9, 0, 6, 'M', 'Q', 'I', 's', 'd', 'p', 3}, connack(connVersion)},
		"level 4 of nonsense": {[]byte{0x10, 7, 0, 4, 'H', 'T', 'T', 'P', 4}, nil},
		"reserved flag":       {[]byte{0x10, 17, 0, 4, 'M', 'Q', 'T', 'T', 4, 3, 0, 60, 0, 5, 'v', 'a', 'n', '-', '1'}, nil},
		"password alone":      {[]byte{0x10, 19, 0, 4, 'M', 'Q', 'T', 'T', 4, 0x42, 0, 60, 0, 5, 'v', 'a', 'n', '-', '1', 0, 0}, nil},
		"trailing bytes":      {[]byte{0x10, 18, 0, 4, 'M', 'Q', 'T', 'T', 4, 2, 0, 60, 0, 5, 'v', 'a', 'n', '-', '1', 0}, nil},
		"5 kB declared":       {[]byte{0x10, 0x88, 0x27}, nil},
		"PUBLISH first":       {[]byte{0x30, 3, 0, 1, 'x'}, nil},
	}
	for name, row := range rows {
		t.Run(name, func(t *testing.T) {
			c := b.raw(t, "van-1")
			hostile.Write(t, c, row.data)
			c.SetReadDeadline(time.Now().Add(5 * time.Second))
			got := make([]byte, 16)
			n, _ := c.Read(got)
			if !bytes.Equal(got[:n], row.answer) {
				t.Fatalf("answered % x, want % x", got[:n], row.answer)
			}
			hostile.AwaitClosed(t, c, 5*time.Second)
		})
	}
}
