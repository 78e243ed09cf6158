package e2e

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"net/http"
	"sync"
	"testing"
	"time"

	"ark"
	"ark/internal/rig"
)

// book is what crews did: each visit they sent, and which of them the van
// called saved.
type book struct {
	mu    sync.Mutex
	sent  map[ark.ID]note
	order []ark.ID // as sent

	said    map[ark.ID]*saying // what phones said after visits, and of households
	amended map[ark.ID]*saying // the newest amendment of each visit
	last    map[ark.ID]ark.ID  // the newest of said about each visit or household
}

// note is one visit: the n-th of a worker, whose visits follow one another.
type note struct {
	van    ark.VanID
	worker int
	n      int
	saved  bool
}

func newBook() *book {
	return &book{sent: map[ark.ID]note{}, said: map[ark.ID]*saying{}, amended: map[ark.ID]*saying{}, last: map[ark.ID]ark.ID{}}
}

func (n note) place() string { return fmt.Sprintf("%s %d组%d室", n.van, n.worker, n.n) }

func (b *book) send(id ark.ID, n note) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.sent[id] = n
	b.order = append(b.order, id)
}

func (b *book) save(id ark.ID) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if s := b.said[id]; s != nil {
		s.saved = true
		return
	}
	n := b.sent[id]
	n.saved = true
	b.sent[id] = n
}

// saved counts what vans called saved.
func (b *book) saved() (n int) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, s := range b.sent {
		if s.saved {
			n++
		}
	}
	return n
}

func newID() ark.ID {
	var r [10]byte
	rig.Random(r[:])
	return ark.NewID(ark.Milli(time.Now()), r)
}

// post sends a visit to a van's crew page and tells its answer; 0: none.
func (v *van) post(ctx context.Context, id ark.ID, n note) int {
	body, err := json.Marshal(map[string]string{"id": id.String(), "place": n.place(), "outcome": "met", "note": "老人独居"})
	if err != nil {
		panic(err)
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, "http://"+v.addr+"/api/1/visits", bytes.NewReader(body))
	if err != nil {
		panic(err)
	}
	req.Header.Set("Content-Type", "application/json")
	resp, err := client.Do(req)
	if err != nil {
		return 0
	}
	resp.Body.Close()
	return resp.StatusCode
}

// log logs one visit that must be saved at the first try.
func (v *van) log(b *book, n int) {
	v.h.t.Helper()
	id, s := newID(), note{van: v.id, n: n}
	b.send(id, s)
	if code := v.post(v.h.t.Context(), id, s); code != http.StatusCreated {
		v.h.t.Fatalf("visit %d: %s answered %d", n, v.id, code)
	}
	b.save(id)
}

// crew is people at doors: each worker logs one visit after the other and
// repeats one, under its id, until it is called saved.
type crew struct {
	book    *book
	next    map[*van][]int // the next visit of each worker of a van
	working sync.WaitGroup
	quit    chan struct{}
	give    context.CancelFunc
}

func newCrew(b *book) *crew { return &crew{book: b, next: map[*van][]int{}} }

// start sends workers to each van.
func (c *crew) start(t testing.TB, vans []*van, workers int) {
	ctx, cancel := context.WithCancel(t.Context())
	c.quit, c.give = make(chan struct{}), cancel
	for _, v := range vans {
		if c.next[v] == nil {
			c.next[v] = make([]int, workers)
		}
		mine := c.next[v]
		for w, next := range mine {
			c.working.Go(func() { mine[w] = c.work(ctx, v, w, next) })
		}
	}
	t.Cleanup(func() { cancel(); c.working.Wait() })
}

func (c *crew) work(ctx context.Context, v *van, worker, n int) int {
	for ; ctx.Err() == nil; n++ {
		id, s := newID(), note{van: v.id, worker: worker, n: n}
		c.book.send(id, s)
		for v.post(ctx, id, s) != http.StatusCreated {
			if !pause(ctx, 10*time.Millisecond) {
				return n + 1
			}
		}
		c.book.save(id)
		select {
		case <-c.quit:
			return n + 1
		default:
			pause(ctx, time.Duration(rand.IntN(20))*time.Millisecond) // a door is not a loop
		}
	}
	return n
}

// finish lets each worker bring its visit home.
func (c *crew) finish(t testing.TB) {
	t.Helper()
	close(c.quit)
	home := make(chan struct{})
	go func() { c.working.Wait(); close(home) }()
	select {
	case <-home:
	case <-time.After(time.Minute):
		t.Fatal("with all faults off, a visit is still not saved")
	}
	c.give()
}

// abandon stops the workers where they are: some visits were sent and never
// called saved.
func (c *crew) abandon() {
	c.give()
	c.working.Wait()
}

// pause lets time pass; false: the context ended.
func pause(ctx context.Context, d time.Duration) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return false
	case <-timer.C:
		return true
	}
}
