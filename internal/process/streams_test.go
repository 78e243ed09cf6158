package process

import (
	"crypto/tls"
	"encoding/binary"
	"io"
	"net/http"
	"net/http/httptest"
	"testing"
)

// A connection of HTTP/2 is told how many requests it may have at a time.
func TestStreamsAreBounded(t *testing.T) {
	s := httptest.NewUnstartedServer(http.NotFoundHandler())
	s.Config, s.EnableHTTP2 = Server(http.NotFoundHandler(), quiet), true
	s.StartTLS()
	defer s.Close()
	conn, err := tls.Dial("tcp", s.Listener.Addr().String(), &tls.Config{InsecureSkipVerify: true, NextProtos: []string{"h2"}})
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	io.WriteString(conn, "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\x00\x00\x00\x04\x00\x00\x00\x00\x00")
	var head [9]byte
	if _, err := io.ReadFull(conn, head[:]); err != nil || head[3] != 4 {
		t.Fatalf("the first frame is no SETTINGS: %v, %v", head, err)
	}
	body := make([]byte, int(head[1])<<8|int(head[2]))
	if _, err := io.ReadFull(conn, body); err != nil {
		t.Fatal(err)
	}
	const maxConcurrentStreams = 3 // RFC 9113, 6.5.2
	for ; len(body) > 0; body = body[6:] {
		if id, n := binary.BigEndian.Uint16(body), binary.BigEndian.Uint32(body[2:]); id == maxConcurrentStreams && n == mostStreams {
			return
		}
	}
	t.Errorf("no bound of %d streams", mostStreams)
}
