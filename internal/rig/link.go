package rig

import (
	"context"
	"net"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// Link is a bad network: a way to an address that counts what is sent over it,
// and that cuts connections.
type Link struct {
	Addr string

	to    string
	sent  atomic.Int64 // bytes that left the sender
	cuts  atomic.Int64
	after atomic.Int64 // bytes after which a connection is cut; 0: none is
	rate  atomic.Int64 // bytes a second of each connection; 0: no bound

	mu    sync.Mutex
	conns map[net.Conn]bool
	down  bool
}

// NewLink makes a way to an address; it ends with the test.
func NewLink(t testing.TB, to string) *Link {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	l := &Link{Addr: listener.Addr().String(), to: to, conns: map[net.Conn]bool{}}
	var all sync.WaitGroup
	all.Go(func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			all.Go(func() { l.carry(conn) })
		}
	})
	t.Cleanup(func() {
		listener.Close()
		l.SetDown(true)
		all.Wait()
	})
	return l
}

// CutAfter cuts each connection after so many bytes of its sender; 0: none.
func (l *Link) CutAfter(bytes int64) { l.after.Store(bytes) }

// Limit bounds the bytes that a connection carries in a second; 0: no bound.
func (l *Link) Limit(rate int64) { l.rate.Store(rate) }

// To is where the link leads.
func (l *Link) To() string { return l.to }

// Sent is how many bytes senders sent, and Cuts how often one was cut off.
func (l *Link) Sent() int64 { return l.sent.Load() }
func (l *Link) Cuts() int64 { return l.cuts.Load() }

// Cut cuts all connections there are.
func (l *Link) Cut() {
	l.mu.Lock()
	defer l.mu.Unlock()
	for conn := range l.conns {
		l.cuts.Add(1)
		l.sent.Add(unread(conn))
		conn.Close()
	}
}

// CutEvery cuts all connections again and again until the test ends.
func (l *Link) CutEvery(t testing.TB, pause time.Duration) {
	ctx, cancel := context.WithCancel(context.Background())
	var cutting sync.WaitGroup
	cutting.Go(func() {
		tick := time.NewTicker(pause)
		defer tick.Stop()
		for {
			select {
			case <-ctx.Done():
				return
			case <-tick.C:
				l.Cut()
			}
		}
	})
	t.Cleanup(func() { cancel(); cutting.Wait() })
}

// SetDown lets no connection through from now on, or lets them again.
func (l *Link) SetDown(down bool) {
	l.mu.Lock()
	l.down = down
	l.mu.Unlock()
	if down {
		l.Cut()
	}
}

func (l *Link) enter(conn net.Conn) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.down {
		return false
	}
	l.conns[conn] = true
	return true
}

// carry carries one connection. What the sender sent and nobody read when it
// was cut was sent all the same.
func (l *Link) carry(conn net.Conn) {
	conn.(*net.TCPConn).SetReadBuffer(64 << 10)
	defer conn.Close()
	if !l.enter(conn) {
		return
	}
	defer func() {
		l.mu.Lock()
		delete(l.conns, conn)
		l.mu.Unlock()
	}()
	far, err := net.Dial("tcp", l.to)
	if err != nil {
		return
	}
	defer far.Close()
	var back sync.WaitGroup
	back.Go(func() {
		pass(far, conn)
		conn.(*net.TCPConn).CloseWrite()
	})
	defer back.Wait()
	defer far.Close()
	defer conn.Close()
	buf := make([]byte, 16<<10)
	for passed := int64(0); ; {
		n, err := conn.Read(buf)
		l.sent.Add(int64(n))
		passed += int64(n)
		if _, werr := far.Write(buf[:n]); err != nil || werr != nil {
			return
		}
		if rate := l.rate.Load(); rate > 0 {
			time.Sleep(time.Duration(int64(n)) * time.Second / time.Duration(rate))
		}
		if after := l.after.Load(); after > 0 && passed >= after {
			l.cuts.Add(1)
			l.sent.Add(unread(conn))
			return
		}
	}
}

// unread is how many bytes the kernel holds that came in.
func unread(conn net.Conn) (n int64) {
	raw, err := conn.(*net.TCPConn).SyscallConn()
	if err != nil {
		return 0
	}
	raw.Control(func(fd uintptr) {
		if waiting, err := unix.IoctlGetInt(int(fd), unix.SIOCINQ); err == nil {
			n = int64(waiting)
		}
	})
	return n
}

func pass(from, to net.Conn) {
	buf := make([]byte, 16<<10)
	for {
		n, err := from.Read(buf)
		if _, werr := to.Write(buf[:n]); err != nil || werr != nil {
			return
		}
	}
}
