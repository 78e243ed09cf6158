package console

import (
	"context"
	"errors"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"time"

	"ark/hub"
	"ark/internal/web"
)

// Bounds of what programs ask for by a token, and of who shows wrong ones.
const (
	callsAtOnce = 60              // of one token; then one as each has passed
	callsEvery  = time.Second / 5 // so that is how many a second in the long run
	maxCallers  = 4096            // that are remembered
	wrongAtOnce = 20              // wrong tokens of one address
)

type staffKey struct{}

// api is in for the API: a program shows a token (RFC 6750), and everybody else
// has a session. What it says of errors it says in the language that is asked
// for.
func (c *Console) api(h route) http.Handler {
	session := c.in(h)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Language", web.LangOf(r).Tag())
		scheme, word, _ := strings.Cut(r.Header.Get("Authorization"), " ")
		if !strings.EqualFold(scheme, "Bearer") {
			session.ServeHTTP(w, r)
			return
		}
		if staff, ok := c.bearer(w, r, strings.TrimSpace(word)); ok {
			ctx := context.WithValue(r.Context(), staffKey{}, staff)
			c.enter(w, c.seat(r.WithContext(ctx)), h)
		}
	})
}

// bearer finds for whom a token asks; false: it has answered.
func (c *Console) bearer(w http.ResponseWriter, r *http.Request, word string) (s hub.Staff, ok bool) {
	from, now := client(r), c.c.Now()
	if wait := c.wrong.wait(from, now); wait > 0 {
		tellWait(w, wait)
		return s, false
	}
	s, err := c.c.Accounts.Bearer(r.Context(), word, from)
	switch {
	case errors.Is(err, hub.ErrNotThere):
		c.wrong.take(from, now)
		w.Header().Set("WWW-Authenticate", `Bearer error="invalid_token"`)
		tellError(w, http.StatusUnauthorized, "not-signed-in")
		return s, false
	case err != nil:
		c.untold(w, "token", err)
		return s, false
	}
	if wait := c.calls.take(s.Name+"\x00"+s.Token, now); wait > 0 {
		tellWait(w, wait)
		return s, false
	}
	return s, true
}

// tellWait answers to who asks too much.
func tellWait(w http.ResponseWriter, wait time.Duration) {
	w.Header().Set("Retry-After", strconv.Itoa(int((wait+time.Second-1)/time.Second)))
	tellError(w, http.StatusTooManyRequests, "wait")
}

// turns are how often each of many may do something: so often at once, and
// once more as each pause has passed.
type turns struct {
	atOnce int
	every  time.Duration

	mu   sync.Mutex
	free map[string]time.Time // when all turns are back
}

func newTurns(atOnce int, every time.Duration) *turns {
	return &turns{atOnce: atOnce, every: every, free: map[string]time.Time{}}
}

// wait is how long somebody has to wait for the next turn; 0: not at all.
func (t *turns) wait(who string, now time.Time) time.Duration {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.waits(who, now)
}

func (t *turns) waits(who string, now time.Time) time.Duration {
	spent := max(t.free[who].Sub(now), 0)
	if most := time.Duration(t.atOnce) * t.every; spent > most { // the clock was set back
		spent = most
	}
	return max(spent-time.Duration(t.atOnce-1)*t.every, 0)
}

// take takes a turn, or answers how long to wait for it.
func (t *turns) take(who string, now time.Time) time.Duration {
	t.mu.Lock()
	defer t.mu.Unlock()
	if wait := t.waits(who, now); wait > 0 {
		return wait
	}
	if _, known := t.free[who]; !known && len(t.free) >= maxCallers {
		t.forget(now)
	}
	from := t.free[who]
	if from.Before(now) || from.Sub(now) > time.Duration(t.atOnce)*t.every {
		from = now
	}
	t.free[who] = from.Add(t.every)
	return 0
}

// forget forgets those who have all their turns, or everybody.
func (t *turns) forget(now time.Time) {
	for who, at := range t.free {
		if !at.After(now) {
			delete(t.free, who)
		}
	}
	if len(t.free) >= maxCallers {
		clear(t.free)
	}
}
