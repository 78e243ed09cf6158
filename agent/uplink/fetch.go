package uplink

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"ark"
	"ark/agent"
)

// Shelf is where libraries lie on the van.
type Shelf interface {
	// Held is the library in use; zero: the van's own demonstration.
	Held() ark.Library
	// Recording and Manifest are where these belong.
	Recording(ark.Hash) string
	Manifest(ark.Hash) string
	// Whole tells whether a recording lies there as it must; WholeManifest
	// reads a manifest that does.
	Whole(ark.Hash) bool
	WholeManifest(ark.Hash) (ark.Manifest, bool)
	// Expect says what is being fetched, so that it is left alone.
	Expect(ark.Library, ark.Manifest)
	// Switch takes a library into use that is all there.
	Switch(ark.Library) error
}

// FetcherConfig is what a fetcher needs.
type FetcherConfig struct {
	Hub    string // host:port of the hub's blobs
	TLS    func() (*tls.Config, error)
	Clock  *agent.Clock
	Shelf  Shelf
	Told   func(agent.Event) bool     // agent.Shell.Tell
	Disk   func() (free, total int64) // of the card, in bytes
	Rate   int                        // most bytes a second; 0: no bound
	Random func([]byte)
	Log    *slog.Logger
	Tries  FetchTries
}

// FetchTries says how patiently to fetch. Zero values mean the defaults.
type FetchTries struct {
	First, Most time.Duration // pause after a failure: 2 s, growing to 5 min, with jitter
	Stall       time.Duration // how long nothing may come before a connection counts as dead: 60 s
	Room        time.Duration // how often a full disk is looked at again: 30 s
}

func (t FetchTries) withDefaults() FetchTries {
	if t.First == 0 {
		t.First = 2 * time.Second
	}
	if t.Most == 0 {
		t.Most = 5 * time.Minute
	}
	if t.Stall == 0 {
		t.Stall = time.Minute
	}
	if t.Room == 0 {
		t.Room = 30 * time.Second
	}
	return t
}

// Fetcher brings libraries from the hub to the van: whatever is missing of
// the one that is wanted, verified and durable, then the switch. What came of
// a file stays over restarts and is gone on with.
type Fetcher struct {
	c    FetcherConfig
	wish chan struct{}
	rate *rate

	received atomic.Int64 // bytes since the start
	line     line

	mu     sync.Mutex
	wanted ark.Library // zero: none
	serial int         // counts wishes
}

// NewFetcher makes a fetcher; Run fetches.
func NewFetcher(c FetcherConfig) *Fetcher {
	c.Tries = c.Tries.withDefaults()
	return &Fetcher{c: c, wish: make(chan struct{}, 1), rate: newRate(c.Rate), line: line{tls: c.TLS, clock: c.Clock}}
}

// Want brings a library. It never waits, and gives up what was wanted before.
func (f *Fetcher) Want(l ark.Library) {
	f.mu.Lock()
	f.wanted = l
	f.serial++
	f.mu.Unlock()
	select {
	case f.wish <- struct{}{}:
	default:
	}
}

func (f *Fetcher) wants() (ark.Library, int) {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.wanted, f.serial
}

// Run fetches what is wanted until ctx ends.
func (f *Fetcher) Run(ctx context.Context) error {
	for {
		l, serial := f.wants()
		if serial > 0 {
			f.until(ctx, l, serial)
		}
		if _, now := f.wants(); now != serial {
			continue
		}
		select {
		case <-ctx.Done():
			return nil
		case <-f.wish:
		}
	}
}

// until tries to bring a library until it is there or another is wanted.
func (f *Fetcher) until(ctx context.Context, l ark.Library, serial int) {
	ctx, cancel := context.WithCancel(ctx)
	var watch sync.WaitGroup
	defer watch.Wait()
	defer cancel()
	watch.Go(func() { // a later wish ends this one
		for {
			select {
			case <-ctx.Done():
				return
			case <-f.wish:
			}
			if _, now := f.wants(); now != serial {
				cancel()
				return
			}
		}
	})
	p := &progress{f: f, l: l}
	for failures := 0; ctx.Err() == nil; failures++ {
		had := f.received.Load()
		err := f.fetch(ctx, l, p)
		if err == nil || ctx.Err() != nil {
			return
		}
		why := whyOf(err)
		if why == ark.WhyUnreachable && f.received.Load() > had {
			failures = 0 // the link is bad, and it moves
		}
		pause := f.c.Tries.pause(f.c.Random, failures)
		if why == ark.WhyDiskFull {
			pause = f.c.Tries.Room
		}
		p.failed(ctx, why)
		f.c.Log.Info("the announcement library is not here yet", "version", l.Version, "err", err, "again_in", pause)
		select {
		case <-ctx.Done():
		case <-time.After(pause):
		}
	}
}

// atOnce is how many files come at a time: on a slow link more would only
// take from each other, and from the journals.
const atOnce = 2

// fetch brings what is missing and switches.
func (f *Fetcher) fetch(ctx context.Context, l ark.Library, p *progress) error {
	m, here := f.c.Shelf.WholeManifest(l.Manifest)
	if !here {
		p.coming(ctx)
		f.c.Shelf.Expect(l, m)
		if err := f.room(l.Size); err != nil {
			return err
		}
		if err := f.bring(ctx, item{l.Manifest, f.c.Shelf.Manifest(l.Manifest), l.Size, l.Size}, func(int64) {}); err != nil {
			return err
		}
		if m, here = f.c.Shelf.WholeManifest(l.Manifest); !here {
			return errGarbled
		}
	}
	if m.Version != l.Version {
		return fmt.Errorf("%w: a manifest of version %d", errRefused, m.Version)
	}
	f.c.Shelf.Expect(l, m)
	missing := f.missing(m, p)
	if len(missing) > 0 {
		p.coming(ctx)
		if err := f.bringAll(ctx, missing, p); err != nil {
			return err
		}
	}
	if err := f.c.Shelf.Switch(l); err != nil {
		return err
	}
	p.held(ctx)
	return nil
}

// missing lists the recordings that are not here, in the order of need, each
// once.
func (f *Fetcher) missing(m ark.Manifest, p *progress) (all []item) {
	seen := map[ark.Hash]bool{}
	var have, want int64
	var hashes []ark.Hash
	for _, a := range m.Announcements {
		for _, r := range a.Recordings {
			if seen[r.Content] {
				continue
			}
			seen[r.Content] = true
			i := item{r.Content, f.c.Shelf.Recording(r.Content), r.Size, r.Size}
			if i.size == 0 {
				i.size, i.most = 2*r.Frames, 2*r.Frames+1<<16
			}
			want += i.size
			if f.c.Shelf.Whole(r.Content) {
				have += i.size
				continue
			}
			all, hashes = append(all, i), append(hashes, r.Content)
		}
	}
	p.begin(have, want, hashes)
	return all
}

// bringAll brings files, a few at a time. One that does not come keeps none
// of the others back.
func (f *Fetcher) bringAll(ctx context.Context, items []item, p *progress) error {
	var need int64
	for _, i := range items {
		need += i.size - partSize(i.path)
	}
	if err := f.room(need); err != nil {
		return err
	}
	next := make(chan item)
	errs := make([]error, atOnce)
	var workers sync.WaitGroup
	for n := range atOnce {
		workers.Go(func() {
			hopeless := false
			for i := range next {
				if hopeless {
					continue
				}
				err := f.bring(ctx, i, p.more)
				if err == nil {
					p.came(i.hash)
					continue
				}
				errs[n] = errors.Join(errs[n], err)
				// Else the link is gone or the card is full: the others fare no better.
				hopeless = !errors.Is(err, errGarbled) && !errors.Is(err, errGone)
			}
		})
	}
	for _, i := range items {
		next <- i
	}
	close(next)
	workers.Wait()
	return errors.Join(errs...)
}
