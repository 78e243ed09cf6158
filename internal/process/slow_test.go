package process

import (
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

// pipes is a listener in a bubble of its own time, where there are no sockets.
type pipes struct {
	conns  chan net.Conn
	closed chan struct{}
}

func (p pipes) Accept() (net.Conn, error) {
	select {
	case c := <-p.conns:
		return c, nil
	case <-p.closed:
		return nil, net.ErrClosed
	}
}

func (p pipes) Close() error   { return nil }
func (p pipes) Addr() net.Addr { return &net.TCPAddr{} }

// drip sends a byte each second until the other side hangs up.
func drip(c net.Conn) {
	go io.Copy(io.Discard, c) // a pipe has no buffer for the answer
	for {
		if _, err := io.WriteString(c, "a"); err != nil {
			return
		}
		time.Sleep(time.Second)
	}
}

// Who sends or reads so slowly that it never ends holds a connection for a
// while, and no longer.
func TestSlowClientsAreCutOff(t *testing.T) {
	for what, row := range map[string]struct {
		send string
		then func(net.Conn)
		most time.Duration
	}{
		"says nothing":     {"", func(c net.Conn) { io.Copy(io.Discard, c) }, 10 * time.Second},
		"an endless head":  {"GET / HTTP/1.1\r\nHost: x\r\nX-Slow: ", drip, 10 * time.Second},
		"an endless body":  {"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1000000\r\n\r\n", drip, 30 * time.Second},
		"reads no answer":  {"GET /much HTTP/1.1\r\nHost: x\r\n\r\n", func(net.Conn) {}, time.Minute},
		"asks no question": {"GET / HTTP/1.1\r\nHost: x\r\n\r\n", func(c net.Conn) { io.Copy(io.Discard, c) }, 2 * time.Minute},
	} {
		t.Run(what, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				m := http.NewServeMux()
				m.HandleFunc("/", func(_ http.ResponseWriter, r *http.Request) { io.Copy(io.Discard, r.Body) })
				m.HandleFunc("/much", func(w http.ResponseWriter, _ *http.Request) { io.WriteString(w, strings.Repeat("x", 1<<20)) })
				over := make(chan struct{})
				s := Server(m, quiet)
				s.ConnState = func(_ net.Conn, state http.ConnState) {
					if state == http.StateClosed {
						close(over)
					}
				}
				l := pipes{make(chan net.Conn), make(chan struct{})}
				ended := make(chan error, 1)
				go func() { ended <- s.Serve(l) }()
				here, there := net.Pipe()
				began := time.Now()
				l.conns <- there
				io.WriteString(here, row.send)
				left := make(chan struct{})
				go func() { defer close(left); row.then(here) }()
				<-over
				if took := time.Since(began); took > row.most+time.Second || took < row.most-time.Second {
					t.Errorf("it held a connection for %v, want %v", took, row.most)
				}
				here.Close()
				<-left
				close(l.closed)
				s.Close()
				<-ended
			})
		})
	}
}

// The same over a real listener: who sends half a head and waits is hung up on,
// and others are served meanwhile.
func TestASlowClientAtARealListener(t *testing.T) {
	l := Crowd(listen(t), 2, 2)
	s := Server(http.NotFoundHandler(), quiet)
	s.ReadHeaderTimeout = 3 * time.Second
	ended := make(chan error, 1)
	go func() { ended <- s.Serve(l) }()
	defer func() { s.Close(); <-ended }()
	slow, err := net.Dial("tcp", l.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer slow.Close()
	io.WriteString(slow, "GET / HTTP/1.1\r\nHo")
	resp, err := http.Get("http://" + l.Addr().String() + "/")
	if err != nil {
		t.Fatal(err)
	}
	resp.Body.Close()
	slow.SetReadDeadline(time.Now().Add(20 * time.Second))
	if got, err := io.ReadAll(slow); err != nil || strings.Contains(string(got), "404") {
		t.Errorf("it is not hung up on: %q, %v", got, err)
	}
}
