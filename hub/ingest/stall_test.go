package ingest

import (
	"context"
	"fmt"
	"runtime"
	"sync"
	"sync/atomic"
	"testing"

	"ark"
	"ark/hub"
)

// A commit may be durable and report an error all the same.
func TestACommitThatFailedAndIsThere(t *testing.T) {
	var lying atomic.Bool
	o := open(t, path(t), func(j hub.Journals) hub.Journals { return liar{j, &lying} })
	v := newVan(t, "van-1", 1)
	o.Present(v.id, true)
	for n := range 4 {
		v.visit(n)
	}
	v.give(o, v.frame(1, 1))
	lying.Store(true)
	if r := v.give(o, v.frame(2, 3)); r.Refusal != ark.RefusedStore || r.Cursor.Seq > 1 {
		t.Fatalf("receipt %+v", r)
	}
	lying.Store(false)
	if r := v.give(o, v.frame(2, 4)); r.Cursor != v.last() {
		t.Fatalf("the van is stuck: %+v", r)
	}
	if got := o.visits(t); len(got) != 4 {
		t.Errorf("%d visits", len(got))
	}
}

type liar struct {
	hub.Journals
	lying *atomic.Bool
}

func (l liar) Commit(ctx context.Context, ds []hub.Delivery) (hub.Change, error) {
	c, err := l.Journals.Commit(ctx, ds)
	if l.lying.Load() {
		err = errPlanted
	}
	return c, err
}

// While the store stands still vans wait, each with one frame, and nothing
// piles up; then all of it is committed.
func TestAStalledStoreSlowsVansAndFillsNothing(t *testing.T) {
	gate := make(chan struct{})
	var open1 sync.Once
	release := func() { open1.Do(func() { close(gate) }) }
	o := open(t, path(t), func(j hub.Journals) hub.Journals {
		return failing{j, func([]hub.Delivery) bool { <-gate; return false }}
	})
	t.Cleanup(release)
	const vans, frames = 50, 20
	before, routines := heap(), runtime.NumGoroutine()
	var all sync.WaitGroup
	var waiting atomic.Int64
	for n := range vans {
		v := newVan(t, ark.VanID(fmt.Sprintf("van-%d", n)), byte(n+1))
		for i := range frames {
			v.visit(n*frames + i)
		}
		o.Present(v.id, true)
		all.Go(func() {
			for i := range frames {
				waiting.Add(1)
				if r := v.give(o, v.frame(ark.Seq(i+1), ark.Seq(i+1))); r.Cursor != v.cursors[i+1] {
					t.Errorf("%s: %+v", v.id, r)
					return
				}
			}
		})
	}
	await(t, "every van waits", func() bool { return waiting.Load() == vans })
	if got := runtime.NumGoroutine() - routines; got > vans+5 {
		t.Errorf("%d goroutines more, for %d vans", got, vans)
	}
	if grown := heap() - before; grown > vans*100<<10 {
		t.Errorf("the heap grew by %d kB", grown>>10)
	}
	release()
	all.Wait()
	if got := o.Stats().Entries.Load(); got != vans*frames {
		t.Errorf("%d entries committed", got)
	}
}
