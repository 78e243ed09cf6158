package e2e

import (
	"context"
	"crypto/tls"
	"path/filepath"
	"sync"
	"testing"

	"ark"
	"ark/agent"
	"ark/agent/uplink"
	"ark/hub"
	"ark/internal/rig"
)

// growing is a journal that gets another visit at the worst instant: after
// the uplink asked how far it reaches and before it reads from it.
type growing struct {
	uplink.Journal
	visit func()

	mu       sync.Mutex
	rebegun  bool
	receipts chan ark.Cursor
}

func (g *growing) Entries(ctx context.Context, from ark.Seq, n, size int) (ark.Digest, [][]byte, error) {
	g.visit()
	return g.Journal.Entries(ctx, from, n, size)
}

// Changed tells nothing: the receipt always wins the race.
func (g *growing) Changed() <-chan struct{} { return nil }

func (g *growing) Acked(ctx context.Context, c ark.Cursor) error {
	err := g.Journal.Acked(ctx, c)
	g.receipts <- c
	return err
}

func (g *growing) Rebegin(ctx context.Context) error {
	g.mu.Lock()
	g.rebegun = true
	g.mu.Unlock()
	close(g.receipts)
	return g.Journal.Rebegin(ctx)
}

func TestAVisitLoggedWhileAFrameIsMadeIsNoFork(t *testing.T) {
	o, dir := rig.NewOffice(t), t.TempDir()
	h := o.StartHub(t, filepath.Join(dir, "hub.db"))
	cfg := o.CA.Van(t, "van-1")
	v := o.StartVan(t, "van-1", dir, rig.VanOptions{TLS: cfg, Addr: "127.0.0.1:1"}) // its own uplink finds no hub
	logVisits(t, v, 0, 1)
	g := &growing{Journal: v.Store, receipts: make(chan ark.Cursor, 8), visit: sync.OnceFunc(func() { logVisits(t, v, 1, 2) })}
	up := uplink.New(uplink.Config{Van: "van-1", Hub: o.Addr, TLS: func() (*tls.Config, error) { return cfg.Clone(), nil }, Journal: g,
		Orders: v.Store, Arrived: func([]agent.OrderArrived) {}, Clock: v.Clock, Random: rig.Random, Log: rig.Log})
	ctx, cancel := context.WithCancel(t.Context())
	var running sync.WaitGroup
	running.Go(func() { up.Run(ctx) })
	<-g.receipts
	cancel()
	running.Wait()
	if g.rebegun {
		t.Error("the journal began anew because a visit came while a frame was made")
	}
	vans, err := h.Store.Vans(t.Context(), hub.Everything)
	if err != nil || len(vans) != 1 || vans[0].Incarnations != 1 || vans[0].Forks != 0 {
		t.Errorf("at the hub: %+v, %v; want one incarnation and no fork", vans, err)
	}
}
