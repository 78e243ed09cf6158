package console

import (
	"context"
	"net/http"
	"strings"
	"sync"
	"time"

	"ark/hub"
)

// Bounds of the live streams.
const (
	maxStreams   = 200
	maxStreamsOf = 20                     // of these, of one account
	beatEvery    = 15 * time.Second       // a page that hears nothing for longer than two of them opens another stream
	calm         = 400 * time.Millisecond // at most one message in this time for each page
	writeLimit   = 10 * time.Second
)

// streams counts the live pages. Those that find no place go on without: they
// fetch themselves every few seconds.
type streams struct {
	mu           sync.Mutex
	all          int
	of           map[string]int // by account
	most, mostOf int
}

// enter gives an account's page a place, to leave later; else leave is nil, and
// status and busy say why there is none.
func (s *streams) enter(name string) (leave func(), status int, busy string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case s.of[name] >= s.mostOf:
		return nil, http.StatusTooManyRequests, "too many live pages of this account: close some"
	case s.all >= s.most:
		return nil, http.StatusServiceUnavailable, "too many live pages"
	}
	s.all++
	s.of[name]++
	return func() {
		s.mu.Lock()
		defer s.mu.Unlock()
		s.all--
		if s.of[name]--; s.of[name] == 0 {
			delete(s.of, name)
		}
	}, 0, ""
}

// changes gathers what has changed since it was last told.
type changes struct {
	mu    sync.Mutex
	sum   hub.Change
	taken bool // files of visits went on
	awake chan struct{}
}

// went notes that files of visits went on.
func (c *changes) went() {
	c.mu.Lock()
	c.taken = true
	c.mu.Unlock()
	select {
	case c.awake <- struct{}{}:
	default: // somebody will look already
	}
}

func (c *changes) add(ch hub.Change) {
	c.mu.Lock()
	c.sum.Visits = c.sum.Visits || ch.Visits
	c.sum.Broadcasts = c.sum.Broadcasts || ch.Broadcasts
	c.sum.Vans = c.sum.Vans || ch.Vans
	c.sum.Orders = c.sum.Orders || ch.Orders
	c.sum.Library = c.sum.Library || ch.Library
	c.sum.Plans = c.sum.Plans || ch.Plans
	c.sum.People = c.sum.People || ch.People
	c.sum.Households = c.sum.Households || ch.Households
	c.mu.Unlock()
	select {
	case c.awake <- struct{}{}:
	default: // somebody will look already
	}
}

// take is what has changed, as words for pages.
func (c *changes) take() string {
	c.mu.Lock()
	sum, taken := c.sum, c.taken
	c.sum, c.taken = hub.Change{}, false
	c.mu.Unlock()
	var words []string
	for _, w := range []struct {
		word    string
		changed bool
	}{{"visits", sum.Visits}, {"broadcasts", sum.Broadcasts}, {"vans", sum.Vans}, {"orders", sum.Orders}, {"library", sum.Library}, {"plans", sum.Plans},
		{"people", sum.People}, {"households", sum.Households}, {"exports", taken}} {
		if w.changed {
			words = append(words, w.word)
		}
	}
	return strings.Join(words, " ")
}

// events is a stream of server-sent events (HTML, 9.2) that tells what has
// changed, never how it is now: pages fetch themselves anew. It lasts until
// the page goes, the session ends or the hub stops. It is not inside session:
// it neither keeps a session alive nor changes it.
func (c *Console) events(w http.ResponseWriter, r *http.Request) {
	r, err := c.load(r)
	if err != nil || nameOf(r) == "" {
		http.Error(w, "not signed in", http.StatusUnauthorized)
		return
	}
	if a := accountOf(r); a.Fresh || c.unfactored(a) {
		http.Error(w, "not before the password is changed, or the second factor is there", http.StatusForbidden)
		return
	}
	leave, status, busy := c.streams.enter(nameOf(r))
	if leave == nil {
		w.Header().Set("Retry-After", "60")
		http.Error(w, busy, status)
		return
	}
	defer leave()
	told := &changes{awake: make(chan struct{}, 1)}
	defer c.c.Watch.Changes(told.add)()
	defer c.exports.watch(told.went)()
	w.Header().Set("Content-Type", "text/event-stream")
	w.Header().Set("Cache-Control", "no-store")
	w.Header().Set("X-Accel-Buffering", "no") // a proxy must not hold it back
	control := http.NewResponseController(w)
	send := func(event, data string) bool {
		// Each write has its own deadline; a connection that can have none goes without. It is lifted afterwards:
		// in HTTP/2 one that passes ends the stream, also while nothing is written.
		control.SetWriteDeadline(time.Now().Add(c.write))
		defer control.SetWriteDeadline(time.Time{})
		if _, err := w.Write([]byte("event: " + event + "\ndata: " + data + "\n\n")); err != nil {
			return false
		}
		return control.Flush() == nil
	}
	if send("beat", "") {
		c.stream(r, told, send)
	}
}

// stream sends what changes until it cannot.
func (c *Console) stream(r *http.Request, told *changes, send func(event, data string) bool) {
	beat := time.NewTicker(c.beat)
	defer beat.Stop()
	rest := time.NewTimer(0)
	defer rest.Stop()
	resting, pending := true, false
	for ok := true; ok; {
		select {
		case <-r.Context().Done():
			return
		case <-told.awake:
			pending = true
		case <-rest.C:
			resting = false
		case <-beat.C:
			if !c.stillIn(r) {
				return
			}
			ok = send("beat", "")
		}
		if ok && pending && !resting {
			ok, pending, resting = send("change", told.take()), false, true
			rest.Reset(calm)
		}
	}
}

// stillIn asks for a request's session anew.
func (c *Console) stillIn(r *http.Request) bool {
	anew, err := c.load(r.Clone(context.Background()))
	return err == nil && nameOf(anew) != ""
}
