package uplink

import (
	"context"
	"slices"
	"sync"
	"time"

	"ark"
	"ark/agent"
)

// How often the van is told how far a library has come: at most so often, and
// at each tenth.
const (
	tellEvery = 2 * time.Second
	tenths    = 10
)

// progress tells how far a library has come.
type progress struct {
	f *Fetcher
	l ark.Library

	mu      sync.Mutex
	stage   ark.LibraryStage // as it was last told
	why     string
	have    int64
	want    int64
	missing []ark.Hash
	tenth   int64
	at      time.Time
}

// begin takes up what is here and what is wanted.
func (p *progress) begin(have, want int64, missing []ark.Hash) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.have, p.want, p.missing = have, want, missing
}

// more takes up that some bytes have come, or were thrown away.
func (p *progress) more(n int64) {
	p.mu.Lock()
	p.have += n
	tenth := p.have * tenths / max(p.want, 1)
	due := n > 0 && time.Since(p.at) >= tellEvery && tenth != p.tenth
	mended := n > 0 && p.stage == ark.LibraryFailed
	p.mu.Unlock()
	if due || mended {
		p.tell(context.Background(), ark.LibraryComing, "") // never waits
	}
}

func (p *progress) came(h ark.Hash) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.missing = slices.DeleteFunc(slices.Clone(p.missing), func(o ark.Hash) bool { return o == h })
}

// coming is told at the beginning; after a failure, only once something comes.
func (p *progress) coming(ctx context.Context) {
	p.mu.Lock()
	first := p.stage == 0
	p.mu.Unlock()
	if first {
		p.tell(ctx, ark.LibraryComing, "")
	}
}

func (p *progress) failed(ctx context.Context, why string) {
	p.mu.Lock()
	same := p.stage == ark.LibraryFailed && p.why == why
	p.mu.Unlock()
	if !same {
		p.tell(ctx, ark.LibraryFailed, why)
	}
}

func (p *progress) held(ctx context.Context) {
	p.mu.Lock()
	p.have, p.missing = p.want, nil
	p.mu.Unlock()
	p.tell(ctx, ark.LibraryHeld, "")
}

// tell tells the van. One that is too busy to hear of progress hears the next
// of it; how it ends it must hear.
func (p *progress) tell(ctx context.Context, stage ark.LibraryStage, why string) {
	p.mu.Lock()
	p.stage, p.why, p.at, p.tenth = stage, why, time.Now(), p.have*tenths/max(p.want, 1)
	s := ark.LibraryState{Version: p.l.Version, Manifest: p.l.Manifest, Stage: stage, Why: why,
		Have: min(max(p.have, 0), p.want), Want: p.want, Held: p.f.c.Shelf.Held().Version,
		Missing: slices.Clone(p.missing[:min(len(p.missing), ark.MaxMissing)])}
	p.mu.Unlock()
	for !p.f.c.Told(agent.LibraryChanged{State: s}) && stage != ark.LibraryComing {
		select {
		case <-ctx.Done():
			return
		case <-time.After(100 * time.Millisecond):
		}
	}
}

// rate bounds how many bytes come in a second, over all downloads.
type rate struct {
	each int // bytes a second; 0: no bound
	mu   sync.Mutex
	free time.Time // from when on more may come
}

func newRate(each int) *rate { return &rate{each: each} }

// wait waits until n bytes more may come.
func (r *rate) wait(ctx context.Context, n int) error {
	if r.each <= 0 || n == 0 {
		return ctx.Err()
	}
	r.mu.Lock()
	now := time.Now()
	if r.free.Before(now) {
		r.free = now
	}
	r.free = r.free.Add(time.Duration(n) * time.Second / time.Duration(r.each))
	pause := r.free.Sub(now)
	r.mu.Unlock()
	timer := time.NewTimer(pause)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-timer.C:
		return nil
	}
}
