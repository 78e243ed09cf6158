package console

import (
	"context"
	"errors"
	"net/http"
	"strconv"
	"strings"
	"time"

	"ark/hub"
	"ark/internal/web"
)

// Bounds of what programs ask for by a token, and of who shows wrong ones.
const (
	callsAtOnce = 60              // of one token; then one as each has passed
	callsEvery  = time.Second / 5 // so that is how many a second in the long run
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
	if wait := c.wrong.Wait(from, now); wait > 0 {
		tellWait(w, wait)
		return s, false
	}
	s, err := c.c.Accounts.Bearer(r.Context(), word, from)
	switch {
	case errors.Is(err, hub.ErrNotThere):
		c.wrong.Take(from, now)
		w.Header().Set("WWW-Authenticate", `Bearer error="invalid_token"`)
		tellError(w, http.StatusUnauthorized, "not-signed-in")
		return s, false
	case err != nil:
		c.untold(w, "token", err)
		return s, false
	}
	if wait := c.calls.Take(s.Name+"\x00"+s.Token, now); wait > 0 {
		tellWait(w, wait)
		return s, false
	}
	return s, true
}

// tellWait answers to who asks too much.
func tellWait(w http.ResponseWriter, wait time.Duration) {
	askLater(w, wait)
	tellError(w, http.StatusTooManyRequests, "wait")
}

// askLater says in the head of an answer when to ask again.
func askLater(w http.ResponseWriter, wait time.Duration) {
	w.Header().Set("Retry-After", strconv.Itoa(int((wait+time.Second-1)/time.Second)))
}
