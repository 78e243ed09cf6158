package main

import (
	"context"
	"log/slog"
	"sync"

	"ark"
	"ark/agent"
	"ark/agent/households"
)

// finder is the households that the crew searches, in memory. It is filled
// from the card in the background, for tens of thousands take a Pi some
// seconds; what changes meanwhile is newer than what the filling reads.
type finder struct {
	*households.Index
	log *slog.Logger

	mu      sync.Mutex
	filling bool
	newer   map[ark.ID]bool // that changed since the filling began
}

func newFinder(log *slog.Logger) *finder {
	return &finder{Index: households.New(), log: log, filling: true, newer: map[ark.ID]bool{}}
}

// changed takes what the store tells after a commit.
func (f *finder) changed(now []ark.Household, removed []ark.ID) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, h := range now {
		f.add(h)
		if f.filling {
			f.newer[h.ID] = true
		}
	}
	for _, id := range removed {
		f.Remove(id)
		if f.filling {
			f.newer[id] = true
		}
	}
}

func (f *finder) add(h ark.Household) {
	if err := f.Add(h); err != nil {
		f.log.Error("a household cannot be searched for", "household", h.ID, "err", err)
	}
}

// run fills the finder whenever the card was opened: at the start, or later
// where it could not be used then, or was mended.
func (f *finder) run(ctx context.Context, opened <-chan struct{}, from agent.Register) error {
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-opened:
		}
		if err := f.fill(ctx, from); err != nil {
			return err
		}
	}
}

// fill reads the households that the card holds. Where it cannot, people can
// still log visits and write places down by hand.
func (f *finder) fill(ctx context.Context, from agent.Register) error {
	err := from.Each(ctx, func(h ark.Household) error {
		f.mu.Lock()
		defer f.mu.Unlock()
		if !f.newer[h.ID] {
			f.add(h)
		}
		return ctx.Err()
	})
	if err != nil && ctx.Err() == nil {
		f.log.Error("the households on the card cannot be read: those that have not changed since the start are not found", "err", err)
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	f.filling, f.newer = false, nil
	return nil
}
