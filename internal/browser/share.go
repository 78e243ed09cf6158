package browser

import (
	"context"
	"os"
	"sync"
	"testing"

	"github.com/chromedp/chromedp"
)

// sharing is the browsers that the tests of a package share, by how they were
// started; nil: each test starts its own.
var sharing *shared

type shared struct {
	mu  sync.Mutex
	all map[flags]*running
}

// flags are what a browser is started with; all else is a page's own.
type flags struct {
	lang                 string
	noScript, microphone bool
}

type running struct {
	ctx context.Context
	end func()
}

// Share runs the tests of a package with one browser for all that need
// nothing of their own: each page is in a profile of its own, which begins
// empty and is gone with its test, but a browser takes a second to start. It
// is all of TestMain, and does not return.
func Share(m *testing.M) {
	sharing = &shared{all: map[flags]*running{}}
	code := m.Run()
	for _, r := range sharing.all {
		r.end()
	}
	os.Exit(code)
}

// alone tells whether a browser can be nobody else's: it keeps something, or
// finds names or trusts authorities of its own.
func (o Options) alone() bool { return o.Profile != "" || o.Places != nil || o.Trust != nil }

// of is a browser that runs with these flags, started if there is none, or if
// that one has ended.
func (s *shared) of(t testing.TB, o Options) context.Context {
	t.Helper()
	s.mu.Lock()
	defer s.mu.Unlock()
	f := flags{o.Lang, o.NoScript, o.Microphone}
	if r := s.all[f]; r != nil {
		if r.ctx.Err() == nil {
			return r.ctx
		}
		r.end()
		delete(s.all, f)
	}
	all, endAll := chromedp.NewExecAllocator(context.Background(), o.start(t)...)
	ctx, end := chromedp.NewContext(all)
	r := &running{ctx, func() { end(); endAll() }}
	if err := chromedp.Do(ctx); err != nil {
		r.end()
		t.Fatalf("start a browser: %v", err)
	}
	s.all[f] = r
	return ctx
}
