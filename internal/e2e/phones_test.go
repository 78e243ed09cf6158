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

// saying is what a phone hands in after a visit: that it is amended, taken
// back, or what is written down of a household.
type saying struct {
	kind  ark.Kind
	about ark.ID // the visit or household
	words string // the place of an amended visit, the note of a household
	saved bool
}

// say notes what a phone is about to hand in.
func (b *book) say(id ark.ID, s saying) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.said[id] = &s
	b.last[s.about] = id
	if s.kind == ark.KindAmend {
		b.amended[s.about] = &s
	}
}

// handIn is one request that is kept on a phone until the van has saved it.
type handIn struct {
	id   ark.ID
	path string
	body map[string]any
}

// phone is an enrolled phone without a browser: what it is to hand in is
// durable before it is sent, and goes only with the van's 201.
type phone struct {
	v      *van
	worker int
	token  string
	book   *book

	mu    sync.Mutex
	queue []handIn
	next  int
	cut   context.CancelFunc // of the request under way
}

// phones are those of a fleet.
type phones struct {
	all     []*phone
	working sync.WaitGroup
	quit    chan struct{}
	give    context.CancelFunc
}

// enrolPhones enrols phones at each van as a person in it does.
func enrolPhones(t testing.TB, b *book, vans []*van, each int) *phones {
	t.Helper()
	p := &phones{}
	for _, v := range vans {
		rig.Await(t, "the van", func() bool { _, ok := v.state(); return ok })
		for n := range each {
			p.all = append(p.all, &phone{v: v, worker: 100 + n, token: v.enrol().token, book: b})
		}
	}
	return p
}

// ask makes a call of version 2 of the API and tells its status; 0: no answer.
func (v *van) ask(ctx context.Context, token, method, path string, body map[string]any, into any) int {
	data, err := json.Marshal(body)
	if err != nil {
		panic(err)
	}
	req, err := http.NewRequestWithContext(ctx, method, "http://"+v.addr+path, bytes.NewReader(data))
	if err != nil {
		panic(err)
	}
	req.Header.Set("Content-Type", "application/json")
	if token != "" {
		req.Header.Set("Authorization", "Bearer "+token)
	}
	resp, err := client.Do(req)
	if err != nil {
		return 0
	}
	defer resp.Body.Close()
	if err := json.NewDecoder(resp.Body).Decode(into); err != nil && resp.StatusCode < 300 {
		return 0 // it was cut
	}
	return resp.StatusCode
}

func (p *phones) start(t testing.TB) {
	ctx, cancel := context.WithCancel(t.Context())
	p.quit, p.give = make(chan struct{}), cancel
	for _, one := range p.all {
		p.working.Go(func() { one.work(ctx, t, p.quit) })
	}
	t.Cleanup(func() { cancel(); p.working.Wait() })
}

// finish lets each phone hand in what it holds.
func (p *phones) finish(t testing.TB) {
	t.Helper()
	close(p.quit)
	home := make(chan struct{})
	go func() { p.working.Wait(); close(home) }()
	select {
	case <-home:
	case <-time.After(2 * time.Minute):
		t.Fatal("with all faults off, a phone still holds something")
	}
	p.give()
}

// kill ends one phone's app in the middle of what it does; it begins again
// with what is durable.
func (p *phones) kill(rng *rand.Rand) {
	one := p.all[rng.IntN(len(p.all))]
	one.mu.Lock()
	defer one.mu.Unlock()
	if one.cut != nil {
		one.cut()
	}
}

func (p *phone) work(ctx context.Context, t testing.TB, quit chan struct{}) {
	for ctx.Err() == nil {
		if len(p.queue) == 0 {
			select {
			case <-quit:
				return
			default:
				p.write()
			}
		}
		h := p.queue[0]
		switch status := p.hand(ctx, h); status {
		case http.StatusCreated:
			p.book.save(h.id)
			p.queue = p.queue[1:]
			pause(ctx, time.Duration(rand.IntN(60))*time.Millisecond)
		case http.StatusTooManyRequests:
			pause(ctx, time.Second)
		case 0, http.StatusServiceUnavailable, http.StatusBadGateway:
			pause(ctx, 10*time.Millisecond)
		default:
			t.Errorf("%s %s answered %d", p.v.id, h.path, status)
			return
		}
	}
}

// hand sends one thing; a kill cuts it.
func (p *phone) hand(ctx context.Context, h handIn) int {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	p.mu.Lock()
	p.cut = cancel
	p.mu.Unlock()
	now := time.Now().UnixMilli()
	body := map[string]any{"id": h.id}
	for k, v := range h.body {
		body[k] = v
	}
	if h.path != "/api/2/households" {
		body["made"], body["now"] = h.id.Time(), now // older each time it is sent
	}
	var told any
	return p.v.ask(ctx, p.token, http.MethodPost, h.path, body, &told)
}

// write makes a visit, and perhaps amendments, a withdrawal and a household:
// on the phone first.
func (p *phone) write() {
	id, s := newID(), note{van: p.v.id, worker: p.worker, n: p.next}
	p.next++
	p.book.send(id, s)
	p.keep(id, "/api/2/visits", map[string]any{"visit": map[string]any{"place": s.place(), "outcome": "met", "by": "梅"}})
	last := id
	for n := range rand.IntN(3) {
		words := fmt.Sprintf("%s 改%d", s.place(), n+1)
		entry := newID()
		p.book.say(entry, saying{kind: ark.KindAmend, about: id, words: words})
		p.keep(entry, "/api/2/visits/"+id.String()+"/amend",
			map[string]any{"visit": map[string]any{"place": words, "outcome": "no-answer", "by": "梅"}, "why": "改", "after": last})
		last = entry
	}
	if rand.IntN(4) == 0 {
		entry := newID()
		p.book.say(entry, saying{kind: ark.KindWithdraw, about: id})
		p.keep(entry, "/api/2/visits/"+id.String()+"/withdraw", map[string]any{"why": "记错了"})
	}
	if rand.IntN(4) == 0 {
		entry, home := newID(), newID()
		words := fmt.Sprintf("%s 敲门", s.place())
		p.book.say(entry, saying{kind: ark.KindHousehold, about: home, words: words})
		p.keep(entry, "/api/2/households", map[string]any{"now_household": map[string]any{"id": home, "note": words,
			"place": map[string]any{"compound": "翠苑一区", "building": fmt.Sprint(p.worker), "room": fmt.Sprint(s.n)}}})
	}
}

func (p *phone) keep(id ark.ID, path string, body map[string]any) {
	p.queue = append(p.queue, handIn{id: id, path: path, body: body})
}

// compare holds what the vans say of visits against the book: each as it was
// last said, and at the hub. It asks for the newest few of each phone.
func (p *phones) compare(t testing.TB, b *book) {
	t.Helper()
	for _, one := range p.all {
		for _, id := range b.newest(one, 5) {
			var told struct {
				State     string
				Last      ark.ID
				Withdrawn bool
				Visit     struct{ Place string }
			}
			if status := one.v.ask(t.Context(), one.token, http.MethodGet, "/api/2/visits/"+id.String(), nil, &told); status != http.StatusOK {
				t.Errorf("%s answers %d for visit %s", one.v.id, status, id)
				continue
			}
			place, last, withdrawn := b.asLastSaid(id)
			if told.Visit.Place != place || told.Last != last || told.Withdrawn != withdrawn || told.State != "hub" {
				t.Errorf("%s says %+v of a visit; want %q, withdrawn %v, at the hub", one.v.id, told, place, withdrawn)
			}
		}
	}
}

// newest are the newest visits of a phone.
func (b *book) newest(p *phone, most int) (ids []ark.ID) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for i := len(b.order) - 1; i >= 0 && len(ids) < most; i-- {
		if n := b.sent[b.order[i]]; n.van == p.v.id && n.worker == p.worker {
			ids = append(ids, b.order[i])
		}
	}
	return ids
}

// asLastSaid is a visit as the crew last said it.
func (b *book) asLastSaid(id ark.ID) (place string, last ark.ID, withdrawn bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	place, last = b.sent[id].place(), id
	if s := b.amended[id]; s != nil {
		place = s.words
	}
	if entry, changed := b.last[id]; changed {
		last, withdrawn = entry, b.said[entry].kind == ark.KindWithdraw
	}
	return place, last, withdrawn
}
