package main

import (
	"crypto/tls"
	"io"
	"net"
	"sync"
	"sync/atomic"
)

// tap stands between a van and its hub, ends the TLS of both, and counts what
// goes through: MQTT, and nothing else.
type tap struct {
	addr     string
	up, down atomic.Int64
}

func startTap(t *bench, server, client *tls.Config, hub string) *tap {
	l, err := tls.Listen("tcp", "127.0.0.1:0", server)
	t.check(err)
	p := &tap{addr: l.Addr().String()}
	var running sync.WaitGroup
	running.Go(func() {
		for {
			van, err := l.Accept()
			if err != nil {
				return
			}
			running.Go(func() { p.join(van, client, hub) })
		}
	})
	t.Cleanup(func() { l.Close(); running.Wait() })
	return p
}

func (p *tap) join(van net.Conn, client *tls.Config, hub string) {
	defer van.Close()
	far, err := tls.Dial("tcp", hub, client)
	if err != nil {
		return
	}
	defer far.Close()
	var ways sync.WaitGroup
	ways.Go(func() { io.Copy(counting{far, &p.up}, van); far.Close() })
	ways.Go(func() { io.Copy(counting{van, &p.down}, far); van.Close() })
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
