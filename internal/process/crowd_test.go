package process

import (
	"errors"
	"net"
	"testing"
	"time"
)

// Whoever opens connections without end gets a bounded number, and the place
// of one that has gone is free again.
func TestACrowdIsBounded(t *testing.T) {
	l := Crowd(listen(t), 3, 2)
	in := make(chan net.Conn)
	go func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			in <- conn
		}
	}()
	dial := func() net.Conn {
		t.Helper()
		conn, err := net.Dial("tcp", l.Addr().String())
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { conn.Close() })
		return conn
	}
	var held []net.Conn
	for range 3 {
		dial()
		held = append(held, <-in)
	}
	refused := func(what string) {
		t.Helper()
		conn, err := net.Dial("tcp", l.Addr().String())
		if err != nil {
			return // it was closed so soon
		}
		defer conn.Close()
		conn.SetReadDeadline(time.Now().Add(20 * time.Second))
		var late net.Error
		if _, err := conn.Read(make([]byte, 1)); err == nil || errors.As(err, &late) && late.Timeout() {
			t.Fatalf("%s: %v, want it closed", what, err)
		}
	}
	refused("one too many")
	held[0].Close()
	held[0].Close() // twice is once
	dial()
	next := <-in
	if _, ok := next.(interface{ CloseWrite() error }); !ok {
		t.Error("net/http cannot close its half: an answer to a large form would be lost")
	}
	refused("a place that was given back twice")
}
