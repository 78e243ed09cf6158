package console

import (
	"context"
	"errors"
	"net/http"
	"regexp"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"ark"
	"ark/hub"
)

// counting is a finder that counts how often a page is read, and may wait
// while it does.
type counting struct {
	hub.Finder
	read *atomic.Int64
	wait func()
}

func (f counting) FindVisits(ctx context.Context, s hub.Sight, v hub.VisitFilter, p hub.VisitPage) ([]hub.Visit, error) {
	f.read.Add(1)
	f.wait()
	return f.Finder.FindVisits(ctx, s, v, p)
}

// summing counts how often an overview is made.
type summing struct {
	hub.Overviews
	made *atomic.Int64
}

func (s summing) Overview(ctx context.Context, sight hub.Sight, q hub.OverviewQuery) (hub.Overview, error) {
	s.made.Add(1)
	return s.Overviews.Overview(ctx, sight, q)
}

// fresh is what fresh.js asks for.
func (p *person) fresh(path string) answer {
	p.t.Helper()
	return p.get(path, "Ark-Fresh", "1", "Sec-Fetch-Dest", "empty")
}

// Pages in one sight that fetch themselves anew after a change are read once,
// for whoever looks; what each of them saw is on record; and nobody is shown
// what somebody of another sight, role or language sees.
func TestManyPagesAreReadOnce(t *testing.T) {
	b := newBench(t)
	street := ark.Place{Street: "北街"}
	people := []*person{b.signedIn(), b.as("chen", hub.Everything, hub.RoleReviewer), b.as("wu", hub.Everything, hub.RoleReviewer)}
	north, reader := b.as("bei", hub.Sight{Places: []ark.Place{street}}, hub.RoleReviewer), b.as("du", hub.Everything, hub.RoleReader)
	count := func() int64 { return 0 }
	b.deliver("van-1", true, ark.Visit{Place: "北街1号", Where: street, Outcome: ark.Met})
	for n, place := range []string{"南街7号", "南街8号"} {
		b.deliver("van-1", true, ark.Visit{Place: place, Where: ark.Place{Street: "南街"}, Outcome: ark.Met})
		read, begun := &atomic.Int64{}, make(chan struct{})
		all := sync.OnceFunc(func() { <-begun })
		b.with(counting{b.store, read, all})
		count = read.Load
		var asking sync.WaitGroup
		for range 10 {
			for _, p := range people {
				asking.Go(func() { p.fresh("/").wants(t, http.StatusOK, place, `data-fresh="visits"`, `name="visit"`) })
			}
		}
		close(begun)
		asking.Wait()
		if count() != 1 {
			t.Errorf("after change %d, thirty pages were read %d times", n, count())
		}
	}
	if a := people[0].get("/"); count() != 1 || !strings.Contains(a.body, "南街8号") || !strings.Contains(a.body, "北街1号") {
		t.Errorf("the whole page was read for itself, or lacks something: %d times", count())
	}
	if a := north.fresh("/"); strings.Contains(a.body, "南街") || !strings.Contains(a.body, "北街1号") {
		t.Errorf("from the north street:\n%s", a.body)
	}
	if a := reader.fresh("/"); strings.Contains(a.body, `name="visit"`) || !strings.Contains(a.body, "南街8号") {
		t.Errorf("a reader is shown:\n%s", a.body)
	}
	people[1].get("/", "Ark-Fresh", "1", "Accept-Language", "en").wants(t, http.StatusOK, "Met", "Visits: 3")
	for _, who := range []string{staff, "chen", "wu", "bei", "du"} {
		if got := b.deeds(hub.AuditFilter{Who: who, Verb: hub.VerbSearch}); len(got) == 0 {
			t.Errorf("that %s looked is not on record", who)
		}
	}
	summed := &atomic.Int64{}
	b.parts.Overviews = summing{b.parts.Overviews, summed}
	b.with(b.store)
	for _, p := range people {
		p.get("/overview").wants(t, http.StatusOK)
	}
	if summed.Load() != 1 {
		t.Errorf("for three people the overview was counted %d times", summed.Load())
	}
	for _, who := range []string{"chen", "wu"} {
		if got := b.deeds(hub.AuditFilter{Who: who, Verb: hub.VerbView, Object: hub.Object{Kind: hub.ObjectVisit}}); len(got) != 1 || got[0].Detail["from"] == "" {
			t.Errorf("that %s saw the overview is not on record: %+v", who, got)
		}
	}
	people[1].fresh("/?q=南街").wants(t, http.StatusOK, "南街8号")
	people[2].fresh("/?q=南街").wants(t, http.StatusOK, "南街8号")
	for _, who := range []string{"chen", "wu"} {
		got := b.deeds(hub.AuditFilter{Who: who, Verb: hub.VerbSearch})
		if len(got) == 0 || got[0].Detail["text"] != "南街" {
			t.Errorf("what %s looked for is not on record: %+v", who, got)
		}
	}
}

// A list is never older than what was there when it was asked for: each change
// shows in the next answer.
func TestAListIsNeverOld(t *testing.T) {
	b := newDesk(t)
	id := b.desk()
	p := b.signedIn()
	p.fresh("/").wants(t, http.StatusOK, "待审核")
	must(t, b.store.SetReview(t.Context(), hub.Everything, ark.Review{Visit: id, Entry: b.last(id), State: ark.ReviewRejected, Comment: "重复", By: staff, At: 1}, hub.AnyReview))
	p.fresh("/").wants(t, http.StatusOK, `pill bad`)
	b.pass(24 * 3600e9)
	before := p.fresh("/").body
	b.pass(24 * 3600e9 * 400)
	if p.fresh("/").body == before {
		t.Error("a year later the days are written as before")
	}
}

var livePart = regexp.MustCompile(`data-fresh="([a-z]+)"`)

// A page that fetches itself anew gets each of its parts as the whole page has
// them, and not what is around.
func TestAFreshPageIsItsParts(t *testing.T) {
	b := newDesk(t)

	p, live := b.signedIn(), 0
	keys := regexp.MustCompile(`name="key" value="[^"]*"`)
	for _, path := range b.everyPage() {
		whole, fresh := p.get(path), p.fresh(path)
		names := livePart.FindAllStringSubmatch(whole.body, -1)
		if len(names) == 0 || whole.status != http.StatusOK {
			continue
		}
		live++
		if fresh.status != http.StatusOK || strings.Contains(fresh.body, `id="menu"`) || strings.Contains(fresh.body, "<script") || len(fresh.body) >= len(whole.body) {
			t.Errorf("%s: %d, %d of %d bytes", path, fresh.status, len(fresh.body), len(whole.body))
		}
		for _, name := range names {
			if !strings.Contains(fresh.body, name[0]) {
				t.Errorf("%s lacks %s", path, name[0])
			}
		}
		_, rest, _ := strings.Cut(fresh.body, "<main>")
		if path == "/" || strings.HasPrefix(path, "/?") {
			_, rest, _ = strings.Cut(rest, `data-fresh="visits">`)
		}
		main, _, _ := strings.Cut(rest, "</main>")
		if main = strings.TrimSpace(keys.ReplaceAllString(main, "")); main == "" || !strings.Contains(keys.ReplaceAllString(whole.body, ""), main) {
			t.Errorf("%s is another page when it fetches itself:\n%s", path, main)
		}
	}
	if live < 8 {
		t.Errorf("%d pages are live", live)
	}
}

// What cannot be made is not kept, and there is a bound.
func TestRecall(t *testing.T) {
	var r recall[int]
	ctx, broken := t.Context(), errors.New("broken")
	if _, err := r.of(ctx, "a", func(context.Context) (int, error) { return 0, broken }); !errors.Is(err, broken) {
		t.Errorf("got %v", err)
	}
	if n, err := r.of(ctx, "a", func(ctx context.Context) (int, error) { return 1, nil }); n != 1 || err != nil {
		t.Errorf("made: %d, %v", n, err)
	}
	never := func(context.Context) (int, error) { t.Error("made twice"); return 0, nil }
	if n, err := r.of(ctx, "a", never); n != 1 || err != nil {
		t.Errorf("what was made: %d, %v", n, err)
	}
	func() {
		defer func() { recover() }()
		r.of(ctx, "b", func(context.Context) (int, error) { panic("broken") })
	}()
	if n, err := r.of(ctx, "b", func(context.Context) (int, error) { return 2, nil }); n != 2 || err != nil {
		t.Errorf("after a panic: %d, %v", n, err)
	}
	for i := range 3 * maxRecalled {
		r.of(ctx, string(rune('A'+i)), func(context.Context) (int, error) { return i, nil })
	}
	if len(r.made) > maxRecalled {
		t.Errorf("%d are kept", len(r.made))
	}
}

// Whoever asks first may go away while others wait; with the last of them the
// making ends.
func TestRecallEndsWithTheLast(t *testing.T) {
	var r recall[int]
	type made struct {
		n   int
		err error
	}
	// Two ask; both leaves one after the other, or the second stays.
	ask := func(stays bool) (first, second made) {
		contexts, leave := make([]context.Context, 2), make([]func(), 2)
		for i := range contexts {
			contexts[i], leave[i] = context.WithCancel(t.Context())
			defer leave[i]()
		}
		begun, go1, results := make(chan struct{}), make(chan struct{}), []chan made{make(chan made, 1), make(chan made, 1)}
		produce := func(work context.Context) (int, error) {
			close(begun)
			select {
			case <-go1:
				return 1, nil
			case <-work.Done():
				return 0, work.Err()
			}
		}
		of := func(i int) {
			n, err := r.of(contexts[i], "a", produce)
			results[i] <- made{n, err}
		}
		waiting := func(n int) bool {
			r.mu.Lock()
			defer r.mu.Unlock()
			return r.made["a"].asking == n
		}
		go of(0)
		<-begun
		go of(1)
		for !waiting(2) {
			runtime.Gosched()
		}
		leave[0]()
		for !waiting(1) {
			runtime.Gosched()
		}
		if stays {
			close(go1)
		} else {
			leave[1]()
		}
		return <-results[0], <-results[1]
	}
	if first, second := ask(false); !errors.Is(first.err, context.Canceled) || !errors.Is(second.err, context.Canceled) || len(r.made) != 0 {
		t.Errorf("all go away: %v, %v; %d are kept", first, second, len(r.made))
	}
	if _, second := ask(true); second != (made{n: 1}) {
		t.Errorf("one stays: %v", second)
	}
}
