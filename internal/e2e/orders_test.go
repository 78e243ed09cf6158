package e2e

import (
	"context"
	"crypto/tls"
	"errors"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"ark"
	"ark/agent"
	"ark/agent/uplink"
	"ark/hub"
	"ark/internal/rig"
)

// refusing is a card that keeps no orders until it is mended.
type refusing struct {
	uplink.Orders
	tried chan struct{} // each time it was asked to keep some

	mu     sync.Mutex
	mended bool
}

var errPlanted = errors.New("planted")

func (r *refusing) Take(ctx context.Context, inc ark.Incarnation, t ark.Taken, upTo ark.Cursor) ([]agent.OrderArrived, error) {
	r.mu.Lock()
	mended := r.mended
	r.mu.Unlock()
	if !mended {
		r.tried <- struct{}{}
		return nil, errPlanted
	}
	return r.Orders.Take(ctx, inc, t, upTo)
}

func TestNoReceiptForOrdersThatWereNotKept(t *testing.T) {
	slow(t) // the hub waits two seconds before it sends again
	o, dir := rig.NewOffice(t), t.TempDir()
	h := o.StartHub(t, filepath.Join(dir, "hub.db"))
	play := ark.PlayNow{Announcement: "welcome", NotAfter: ark.Milli(time.Now().Add(time.Hour))}
	if _, err := h.Ingest.Order(t.Context(), []ark.VanID{"van-1"}, ark.KindPlayNow, play); err != nil {
		t.Fatal(err)
	}
	held := func() bool {
		orders, err := h.Store.Orders(t.Context(), hub.Everything, hub.Page{Limit: 9})
		if err != nil || len(orders) != 1 {
			t.Fatalf("%d orders, %v", len(orders), err)
		}
		return orders[0].Held
	}
	cfg := o.CA.Van(t, "van-1")
	v := o.StartVan(t, "van-1", dir, rig.VanOptions{TLS: cfg, Addr: "127.0.0.1:1"}) // its own uplink finds no hub
	card := &refusing{Orders: v.Store, tried: make(chan struct{}, 100)}
	arrived := make(chan []agent.OrderArrived, 1)
	up := uplink.New(uplink.Config{Van: "van-1", Hub: o.Addr, TLS: func() (*tls.Config, error) { return cfg.Clone(), nil }, Journal: v.Store,
		Orders: card, Arrived: func(os []agent.OrderArrived) { arrived <- os }, Clock: v.Clock, Random: rig.Random, Log: rig.Log})
	ctx, cancel := context.WithCancel(t.Context())
	var running sync.WaitGroup
	running.Go(func() { up.Run(ctx) })
	defer running.Wait()
	defer cancel()
	rig.Await(t, "a second try, or a receipt", func() bool { return len(card.tried) > 1 || held() })
	if held() {
		t.Fatal("the hub believes that the van keeps an order which it could not keep")
	}
	card.mu.Lock()
	card.mended = true
	card.mu.Unlock()
	if got := <-arrived; len(got) != 1 || got[0].Body != play {
		t.Fatalf("got %+v", got)
	}
	rig.Await(t, "the receipt at the hub", held)
}
