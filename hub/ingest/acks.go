package ingest

import (
	"context"
	"sync"
	"time"

	"ark"
	"ark/hub"
)

// acks keeps the receipts of vans for their orders: those that came while the
// last ones were written go in one transaction. One that is lost with the
// process is told again by its van.
type acks struct {
	c    Config
	wake chan struct{}
	mu   sync.Mutex
	wait map[ark.VanID]hub.OrderAck
}

func newAcks(c Config) *acks {
	return &acks{c: c, wake: make(chan struct{}, 1), wait: map[ark.VanID]hub.OrderAck{}}
}

// note takes a receipt and never waits.
func (a *acks) note(van ark.VanID, inc ark.Incarnation, c ark.Cursor) {
	a.mu.Lock()
	a.wait[van] = hub.OrderAck{Van: van, Incarnation: inc, Cursor: c}
	a.mu.Unlock()
	select {
	case a.wake <- struct{}{}:
	default: // it will be seen
	}
}

// run writes until ctx ends, and then once more.
func (a *acks) run(ctx context.Context) {
	again := time.NewTicker(look)
	defer again.Stop()
	for {
		select {
		case <-ctx.Done():
			a.write(context.WithoutCancel(ctx))
			return
		case <-a.wake:
		case <-again.C: // what could not be written the last time
		}
		a.write(ctx)
	}
}

func (a *acks) write(ctx context.Context) {
	a.mu.Lock()
	batch := make([]hub.OrderAck, 0, len(a.wait))
	for _, ack := range a.wait {
		batch = append(batch, ack)
	}
	clear(a.wait)
	a.mu.Unlock()
	if len(batch) == 0 {
		return
	}
	err := a.c.Orders.OrdersAcked(ctx, batch)
	if err == nil {
		return
	}
	a.c.Log.Error("receipts for orders could not be kept", "vans", len(batch), "err", err)
	a.mu.Lock()
	defer a.mu.Unlock()
	for _, ack := range batch {
		if _, newer := a.wait[ack.Van]; !newer {
			a.wait[ack.Van] = ack
		}
	}
}
