package hub

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"sync"
	"time"

	"ark"
)

// Presence stands between a link and whoever takes what arrives, and knows
// which vans are connected. It adds that to what staff see and watch: no
// store can know it.
type Presence struct {
	Arrivals
	Views
	areas    Areas
	watch    Watch
	admitted func() []ark.VanID
	now      func() time.Time

	mu    sync.Mutex
	here  map[ark.VanID]bool
	left  map[ark.VanID]time.Time // since the start
	tells map[int]func(Change)
	next  int
}

var (
	_ Arrivals = (*Presence)(nil)
	_ Views    = (*Presence)(nil)
	_ Watch    = (*Presence)(nil)
)

// NewPresence puts itself before an Arrivals, and adds to Views and Watch.
// admitted lists the vans that hold a certificate to come in with.
func NewPresence(next Arrivals, v Views, a Areas, w Watch, admitted func() []ark.VanID, now func() time.Time) *Presence {
	return &Presence{Arrivals: next, Views: v, areas: a, watch: w, admitted: admitted, now: now,
		here: map[ark.VanID]bool{}, left: map[ark.VanID]time.Time{}, tells: map[int]func(Change){}}
}

// Present notes that a van came or went, passes it on and wakes who watches.
func (p *Presence) Present(van ark.VanID, here bool) {
	p.mu.Lock()
	if here {
		p.here[van] = true
	} else {
		delete(p.here, van)
		p.left[van] = p.now()
	}
	tells := make([]func(Change), 0, len(p.tells))
	for _, f := range p.tells {
		tells = append(tells, f)
	}
	p.mu.Unlock()
	p.Arrivals.Present(van, here)
	for _, f := range tells {
		f(Change{Vans: true})
	}
}

// Changes calls f after each commit and whenever a van comes or goes.
func (p *Presence) Changes(f func(Change)) (stop func()) {
	stopCommits := p.watch.Changes(f)
	p.mu.Lock()
	defer p.mu.Unlock()
	n := p.next
	p.next++
	p.tells[n] = f
	return func() {
		stopCommits()
		p.mu.Lock()
		defer p.mu.Unlock()
		delete(p.tells, n)
	}
}

// Vans lists by name all vans in sight that were ever heard of, are here, or
// are admitted and have not come yet.
func (p *Presence) Vans(ctx context.Context, s Sight) ([]Van, error) {
	all, err := p.Views.Vans(ctx, s)
	if err != nil {
		return nil, fmt.Errorf("list vans: %w", err)
	}
	sees, err := SeesVan(ctx, p.areas, s)
	if err != nil {
		return nil, fmt.Errorf("list vans: %w", err)
	}
	at := map[ark.VanID]int{}
	for i, v := range all {
		at[v.ID] = i
	}
	find := func(id ark.VanID) *Van {
		if _, ok := at[id]; !ok {
			at[id] = len(all)
			all = append(all, Van{ID: id})
		}
		return &all[at[id]]
	}
	for _, id := range p.admitted() {
		if sees(id) {
			find(id).Admitted = true
		}
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	for id := range p.here {
		if sees(id) {
			find(id).Here = true
		}
	}
	for i, v := range all {
		if left := p.left[v.ID]; left.After(v.LastSeen) {
			all[i].LastSeen = left
		}
	}
	slices.SortFunc(all, func(a, b Van) int { return cmp.Compare(a.ID, b.ID) })
	return all, nil
}
