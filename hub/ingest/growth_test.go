package ingest

import (
	"context"
	"log/slog"
	"sync"
	"testing"
	"time"

	"ark"
	"ark/hub"
	"ark/hub/store"
)

// growing is an order book that gets another order at the worst instant:
// after ingest asked how far a journal reaches and before it reads from it.
type growing struct {
	hub.OrderBook
	order func()
}

func (g growing) OrderEntries(ctx context.Context, van ark.VanID, from ark.Seq, n, size int) (ark.Digest, [][]byte, error) {
	g.order()
	return g.OrderBook.OrderEntries(ctx, van, from, n, size)
}

func TestAnOrderMadeWhileAFrameIsMadeIsNoFork(t *testing.T) {
	s, err := store.Open(t.Context(), path(t), random, time.Now)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	vans := []ark.VanID{"van-1"}
	order := func() {
		if _, err := s.AppendOrders(t.Context(), vans, ark.KindStop, ark.Stop{NotAfter: 1}); err != nil {
			t.Fatal(err)
		}
	}
	order()
	before, _, err := s.OrderJournal(t.Context(), "van-1")
	if err != nil {
		t.Fatal(err)
	}
	var sent []byte
	in := New(Config{Journals: s, Orders: growing{s, sync.OnceFunc(order)}, Now: time.Now, Round: func() uint32 { return 7 },
		Send: func(_ ark.VanID, _ ark.Channel, p []byte) bool { sent = p; return true }, Log: slog.New(slog.DiscardHandler)})
	in.Present("van-1", true)
	f, err := ark.DecodeFrame(sent)
	if err != nil {
		t.Fatal(err)
	}
	r := ark.NewReceiver(f.Incarnation, f.Incarnation.Start())
	if _, err := r.Take(f, nil); err != nil {
		t.Fatal(err)
	}
	r.Commit()
	data, err := ark.EncodeReceipt(r.Receipt())
	if err != nil {
		t.Fatal(err)
	}
	if err := in.Arrived(t.Context(), "van-1", ark.OrdersReceipt, data); err != nil {
		t.Fatal(err)
	}
	after, _, err := s.OrderJournal(t.Context(), "van-1")
	if err != nil || after.Incarnation != before.Incarnation {
		t.Fatalf("the order journal began anew because an order came while a frame was made (%v)", err)
	}
}
