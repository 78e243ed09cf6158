package hostile

import (
	"bytes"
	"crypto/tls"
	"net"
	"testing"
	"time"

	mqtt "github.com/eclipse/paho.mqtt.golang"

	"ark"
)

// options are those of an ordinary van; rows change them.
func (b *bench) options(van string, c *tls.Config) *mqtt.ClientOptions {
	return mqtt.NewClientOptions().AddBroker("ssl://" + b.Addr).SetClientID(van).SetProtocolVersion(4).SetTLSConfig(c).
		SetAutoReconnect(false).SetCleanSession(true).SetKeepAlive(60 * time.Second).SetConnectTimeout(20 * time.Second)
}

// paho connects an unmodified client.
func (b *bench) paho(van string) mqtt.Client {
	b.t.Helper()
	c := mqtt.NewClient(b.options(van, b.ca.Van(b.t, van)))
	Wait(b.t, c.Connect())
	b.t.Cleanup(func() { c.Disconnect(0) })
	return c
}

// Wait waits for what an unmodified client was asked to do.
func Wait(t testing.TB, token mqtt.Token) {
	t.Helper()
	if !token.WaitTimeout(20 * time.Second) {
		t.Fatal("no answer")
	}
	if token.Error() != nil {
		t.Fatal(token.Error())
	}
}

// tcp is a connection that has said nothing.
func (b *bench) tcp() net.Conn {
	b.t.Helper()
	c, err := net.Dial("tcp", b.Addr)
	if err != nil {
		b.t.Fatal(err)
	}
	b.t.Cleanup(func() { c.Close() })
	return c
}

// tls is a connection without any MQTT on it.
func (b *bench) tls(c *tls.Config) *tls.Conn {
	b.t.Helper()
	conn, err := tls.Dial("tcp", b.Addr, c)
	if err != nil {
		b.t.Fatal(err)
	}
	b.t.Cleanup(func() { conn.Close() })
	return conn
}

// joined is a raw connection with an accepted CONNECT.
func (b *bench) joined(van string, c *tls.Config) *tls.Conn {
	b.t.Helper()
	conn := b.tls(c)
	Write(b.t, conn, connectPacket(van))
	ack := make([]byte, 4)
	conn.SetReadDeadline(time.Now().Add(20 * time.Second))
	if n, err := conn.Read(ack); err != nil || !bytes.Equal(ack[:n], []byte{0x20, 2, 0, 0}) {
		b.t.Fatalf("CONNACK % x, %v", ack[:n], err)
	}
	return conn
}

// Write writes to a raw connection.
func Write(t testing.TB, c net.Conn, data []byte) {
	t.Helper()
	if _, err := c.Write(data); err != nil {
		t.Fatal(err)
	}
}

// AwaitClosed insists that the link closes the connection in time.
func AwaitClosed(t testing.TB, c net.Conn, within time.Duration) {
	t.Helper()
	c.SetReadDeadline(time.Now().Add(within))
	buf := make([]byte, 32<<10)
	for {
		if _, err := c.Read(buf); err != nil {
			if ne, ok := err.(net.Error); ok && ne.Timeout() {
				t.Errorf("still open after %v", within)
			}
			return
		}
	}
}

// The few packets that raw clients send.

func connectPacket(van string) []byte {
	body := append([]byte{0, 4, 'M', 'Q', 'T', 'T', 4, 2, 0, 60, 0, byte(len(van))}, van...)
	return append([]byte{0x10, byte(len(body))}, body...)
}

func withLength(first byte, body []byte) []byte {
	out := []byte{first}
	n := len(body)
	for ; n >= 0x80; n >>= 7 {
		out = append(out, byte(n)|0x80)
	}
	return append(append(out, byte(n)), body...)
}

func publishPacket(topic string, payload []byte) []byte {
	return withLength(0x30, append(append([]byte{0, byte(len(topic))}, topic...), payload...))
}

func subscribePacket(filters ...string) []byte {
	body := []byte{0, 1}
	for _, f := range filters {
		body = append(append(body, 0, byte(len(f))), append([]byte(f), 0)...)
	}
	return withLength(0x82, body)
}

func topic(van string, c ark.Channel) string { return ark.VanID(van).Topic(c) }
