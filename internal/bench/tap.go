package main

import (
	"crypto/tls"
	"io"
	"net"
	"sync"
	"sync/atomic"
)

// tap stands between two ends and counts what goes through.
type tap struct {
	addr     string
	dial     func() (net.Conn, error)
	up, down atomic.Int64
}

// startTap ends the TLS of a van and its hub and counts MQTT, and nothing
// else.
func startTap(t *bench, server, client *tls.Config, hub string) *tap {
	l, err := tls.Listen("tcp", "127.0.0.1:0", server)
	t.check(err)
	return tapAt(t, l, func() (net.Conn, error) { return tls.Dial("tcp", hub, client) })
}

// startRelay counts what goes to an address over plain TCP.
func startRelay(t *bench, to string) *tap {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	t.check(err)
	return tapAt(t, l, func() (net.Conn, error) { return net.Dial("tcp", to) })
}

func tapAt(t *bench, l net.Listener, dial func() (net.Conn, error)) *tap {
	p := &tap{addr: l.Addr().String(), dial: dial}
	var running sync.WaitGroup
	running.Go(func() {
		for {
			near, err := l.Accept()
			if err != nil {
				return
			}
			running.Go(func() { p.join(near) })
		}
	})
	t.Cleanup(func() { l.Close(); running.Wait() })
	return p
}

func (p *tap) join(near net.Conn) {
	defer near.Close()
	far, err := p.dial()
	if err != nil {
		return
	}
	defer far.Close()
	var ways sync.WaitGroup
	ways.Go(func() { io.Copy(counting{far, &p.up}, near); far.Close() })
	ways.Go(func() { io.Copy(counting{near, &p.down}, far); near.Close() })
	ways.Wait()
}

type counting struct {
	io.Writer
	n *atomic.Int64
}

func (c counting) Write(b []byte) (int, error) {
	c.n.Add(int64(len(b))) // before it goes on: who has heard of it finds it counted
	return c.Writer.Write(b)
}

func (p *tap) counts() (up, down int64) { return p.up.Load(), p.down.Load() }
