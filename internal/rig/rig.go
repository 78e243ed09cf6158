// Package rig puts the real parts together for tests and benchmarks: a hub
// (end point, ingest, store) and vans (store, uplink) that speak MQTT over
// mutual TLS on the loopback interface.
package rig

import (
	"context"
	"crypto/ed25519"
	"crypto/rand"
	"crypto/tls"
	"encoding/binary"
	"io"
	"log/slog"
	"net"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"ark"
	"ark/agent"
	agentstore "ark/agent/store"
	"ark/agent/uplink"
	"ark/hub"
	"ark/hub/endpoint"
	"ark/hub/ingest"
	hubstore "ark/hub/store"
	"ark/internal/testca"
)

// Random fills b.
func Random(b []byte) { rand.Read(b) }

func round() uint32 {
	var b [4]byte
	Random(b[:])
	return binary.BigEndian.Uint32(b[:])
}

// Log is where parts of a rig write; quiet unless a test says otherwise.
var Log = slog.New(slog.NewTextHandler(io.Discard, nil))

// Office is what outlives a hub's restart: its authority, address and keys.
type Office struct {
	CA      *testca.CA
	TLS     *tls.Config
	TimePub ed25519.PublicKey
	timeKey ed25519.PrivateKey
	Addr    string
	Gate    *Gate
}

// Gate admits every certificate that is not revoked.
type Gate struct {
	mu      sync.Mutex
	revoked map[string]bool
}

// Admit is hub.Gate's.
func (g *Gate) Admit(_ ark.VanID, serial string) bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	return !g.revoked[serial]
}

// Revoke strikes a serial number off.
func (g *Gate) Revoke(serial string) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.revoked[serial] = true
}

// NewOffice makes an office with a free port of its own.
func NewOffice(t testing.TB) *Office {
	t.Helper()
	ca := testca.New(t)
	pub, priv, err := ed25519.GenerateKey(nil)
	if err != nil {
		t.Fatal(err)
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return &Office{CA: ca, TLS: ca.Hub(t), TimePub: pub, timeKey: priv, Addr: l.Addr().String(), Gate: &Gate{revoked: map[string]bool{}}}
}

// Hub is a running hub.
type Hub struct {
	Store    *hubstore.Store
	Ingest   *ingest.Ingest
	Presence *hub.Presence
	Link     *endpoint.Endpoint
	Stop     func()
}

// StartHub starts a hub on the database at path.
func (o *Office) StartHub(t testing.TB, path string) *Hub {
	t.Helper()
	return start(t, path, o.Addr, o.TLS, o.timeKey, o.Gate)
}

func start(t testing.TB, path, addr string, cfg *tls.Config, timeKey ed25519.PrivateKey, gate hub.Gate) *Hub {
	t.Helper()
	s, err := hubstore.Open(context.Background(), path, Random, time.Now)
	if err != nil {
		t.Fatal(err)
	}
	l, err := net.Listen("tcp", addr)
	if err != nil {
		t.Fatal(err)
	}
	h := &Hub{Store: s}
	h.Ingest = ingest.New(ingest.Config{Journals: s, Orders: s, TimeKey: timeKey, Now: time.Now, Round: round, Log: Log,
		Send: func(van ark.VanID, c ark.Channel, p []byte) bool { return h.Link.Send(van, c, p) }})
	h.Presence = hub.NewPresence(h.Ingest, s, s, s, func() []ark.VanID { return nil }, time.Now)
	h.Link = endpoint.New(endpoint.Config{Listener: l, TLS: cfg, Gate: gate, Arrivals: h.Presence, Log: Log})
	ctx, cancel := context.WithCancel(context.Background())
	var parts sync.WaitGroup
	parts.Go(func() {
		if err := h.Link.Run(ctx); err != nil {
			t.Error(err)
		}
	})
	parts.Go(func() {
		if err := s.Follow(ctx, Log); err != nil {
			t.Error(err)
		}
	})
	committing, stopCommitting := context.WithCancel(context.Background())
	var committer sync.WaitGroup
	committer.Go(func() { h.Ingest.Run(committing) })
	var once sync.Once
	h.Stop = func() {
		once.Do(func() {
			cancel()
			parts.Wait() // vans first: their frames wait for commits
			stopCommitting()
			committer.Wait()
			s.Close()
		})
	}
	t.Cleanup(h.Stop)
	return h
}

// Van is a running van: store and uplink.
type Van struct {
	ID     ark.VanID
	Store  *agentstore.Store
	Uplink *uplink.Client
	Orders chan agent.OrderArrived
	Clock  *agent.Clock
	Stop   func()
}

// VanOptions are the few things in which vans of tests differ.
type VanOptions struct {
	TLS    *tls.Config // nil: a new certificate
	Policy ark.Policy
	Addr   string // of a proxy before the hub; empty: the hub's
	Clock  *agent.Clock
	// Learned, if set, is told of the hub's word of time.
	Learned func(v *Van, at ark.UnixMilli, step time.Duration)
}

// StartVan starts a van on the database in dir.
func (o *Office) StartVan(t testing.TB, id ark.VanID, dir string, opt VanOptions) *Van {
	t.Helper()
	if opt.TLS == nil {
		opt.TLS = o.CA.Van(t, string(id))
	}
	if opt.Addr == "" {
		opt.Addr = o.Addr
	}
	if opt.Clock == nil {
		opt.Clock = agent.NewClock(time.Time{})
	}
	v := &Van{ID: id, Clock: opt.Clock, Orders: make(chan agent.OrderArrived, 1000)}
	v.Store = agentstore.New(agentstore.Config{Dir: filepath.Join(dir, string(id)), Clock: opt.Clock, Random: Random, Release: "test", Log: Log})
	if err := v.Store.Open(t.Context()); err != nil {
		t.Fatal(err)
	}
	v.Uplink = uplink.New(uplink.Config{Van: id, Hub: opt.Addr, TLS: func() (*tls.Config, error) { return opt.TLS.Clone(), nil },
		Journal: v.Store, Orders: v.Store, Clock: opt.Clock, TimeKey: o.TimePub, Random: Random, Log: Log,
		Learned: func(at ark.UnixMilli, step time.Duration) {
			if opt.Learned != nil {
				opt.Learned(v, at, step)
			}
		},
		Arrived: func(os []agent.OrderArrived) {
			for _, order := range os {
				v.Orders <- order
			}
		},
		Tries: uplink.Tries{First: 10 * time.Millisecond, Most: 100 * time.Millisecond, KeepAlive: 30 * time.Second, Policy: opt.Policy}})
	ctx, cancel := context.WithCancel(context.Background())
	var parts sync.WaitGroup
	parts.Go(func() { v.Uplink.Run(ctx) })
	storing, stopStoring := context.WithCancel(context.Background())
	var keeper sync.WaitGroup
	keeper.Go(func() { v.Store.Run(storing) })
	var once sync.Once
	v.Stop = func() {
		once.Do(func() { cancel(); parts.Wait(); stopStoring(); keeper.Wait() })
	}
	t.Cleanup(v.Stop)
	return v
}

// Await asks again and again until ok, or fails the test after a minute.
func Await(t testing.TB, what string, ok func() bool) {
	t.Helper()
	deadline := time.After(time.Minute)
	tick := time.NewTicker(2 * time.Millisecond)
	defer tick.Stop()
	for !ok() {
		select {
		case <-deadline:
			t.Fatalf("waited in vain: %s", what)
		case <-tick.C:
		}
	}
}
