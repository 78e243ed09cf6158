package console

import (
	"context"
	"errors"
	"net/http"
	"net/netip"
	"net/url"
	"strings"
	"time"

	"github.com/alexedwards/scs/v2"

	"ark/hub"
)

// How long a session lasts: a working day, and a pause inside it. What pages
// fetch by themselves does not count as use.
const (
	sessionIdle = 4 * time.Hour
	sessionLife = 16 * time.Hour
)

// What a session holds.
const (
	keyName   = "name"
	keyProved = "proved" // when the person last proved who they are; Unix seconds
	keyFirst  = "first"  // token under which it began, if the person has proved since who they are: what is edited goes on
	keySaid   = "said"   // for the next page that a person sees
)

// sessions are one book of sessions with two managers: where a request came
// over TLS its cookie never goes without.
type sessions struct {
	*scs.SessionManager // for plain HTTP
	tls                 *scs.SessionManager
}

// newSessions does not use scs.New: that starts a goroutine for a store which
// we do not use, and nobody would wait for it.
func newSessions(book hub.SessionBook, failed func(http.ResponseWriter, *http.Request, error)) sessions {
	plain := scs.SessionManager{
		IdleTimeout: sessionIdle, Lifetime: sessionLife, Codec: seatCodec{}, Store: seats{book}, ErrorFunc: failed,
		Cookie: scs.SessionCookie{Name: "ark-session", Path: "/", HttpOnly: true, SameSite: http.SameSiteLaxMode},
	}
	tls := plain
	tls.Cookie.Secure, tls.Cookie.Name = true, "__Host-ark-session" // browsers then hold it to this host and to TLS
	return sessions{&plain, &tls}
}

// of is the manager for a request.
func (s sessions) of(r *http.Request) *scs.SessionManager {
	if r.TLS != nil || proxied(r) && r.Header.Get("X-Forwarded-Proto") == "https" {
		return s.tls
	}
	return s.SessionManager
}

// proxied tells whether a request comes from this machine, where a proxy may
// say whose it is.
func proxied(r *http.Request) bool {
	at, err := netip.ParseAddrPort(r.RemoteAddr)
	return err == nil && at.Addr().Unmap().IsLoopback()
}

type accountKey struct{}

// accountOf is the account of whoever is signed in, or the zero account.
func accountOf(r *http.Request) hub.Account {
	a, _ := r.Context().Value(accountKey{}).(hub.Account)
	return a
}

// nameOf is who is signed in, or empty.
func nameOf(r *http.Request) string { return accountOf(r).Name }

// staffOf is whoever is signed in, or has a token, or the zero Staff.
func staffOf(r *http.Request) hub.Staff {
	if s, ok := r.Context().Value(staffKey{}).(hub.Staff); ok { // a program
		return s
	}
	a := accountOf(r)
	if a.Name == "" {
		return hub.Staff{}
	}
	return a.Staff(client(r))
}

// load finds the session of a request, and the account as it is now.
func (c *Console) load(r *http.Request) (*http.Request, error) {
	token := ""
	if cookie, err := r.Cookie(c.sessions.of(r).Cookie.Name); err == nil {
		token = cookie.Value
	}
	ctx, err := c.sessions.Load(r.Context(), token)
	if err != nil {
		return r, err
	}
	if name := c.sessions.GetString(ctx, keyName); name != "" {
		a, err := c.c.Book.Account(ctx, name)
		if err != nil && !errors.Is(err, hub.ErrNotThere) {
			return r, err
		}
		if err == nil && !a.Out(c.c.Now()) {
			ctx = context.WithValue(ctx, accountKey{}, a)
		}
	}
	return r.WithContext(ctx), nil
}

// unseated answers where a session cannot be read or kept.
func (c *Console) unseated(w http.ResponseWriter, r *http.Request, err error) {
	if forMachines(r) {
		c.c.Log.Error("a session cannot be kept", "err", err)
		tellError(w, http.StatusServiceUnavailable, "store")
		return
	}
	c.unread(w, r, err)
}

// forMachines tells a request of the API from one for a page.
func forMachines(r *http.Request) bool { return strings.HasPrefix(r.URL.Path, "/api/") }

// byItself tells a request that a page makes by itself from one that a person
// makes.
func byItself(r *http.Request) bool { return r.Header.Get("Sec-Fetch-Dest") == "empty" }

// session gives a handler the session, if there is one, and keeps it.
func (c *Console) session(h http.HandlerFunc) http.Handler {
	load := func(w http.ResponseWriter, r *http.Request) {
		r, err := c.load(r)
		if err != nil {
			c.sessions.ErrorFunc(w, r, err)
			return
		}
		h(w, c.seat(r))
	}
	keep, keepTLS := c.sessions.LoadAndSave(http.HandlerFunc(load)), c.sessions.tls.LoadAndSave(http.HandlerFunc(load))
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if byItself(r) && r.Method == http.MethodGet {
			load(w, r)
			return
		}
		if c.sessions.of(r) == c.sessions.tls {
			keepTLS.ServeHTTP(w, r)
			return
		}
		keep.ServeHTTP(w, r)
	})
}

// in lets only those in who are signed in and have the role; others are asked
// to sign in, and then come back to what they wanted, or are told that it is
// not for them.
func (c *Console) in(h route) http.Handler {
	return c.session(func(w http.ResponseWriter, r *http.Request) {
		switch {
		case accountOf(r).Fresh && !whileFresh(h.pattern):
			c.fresh(w, r)
		case c.unfactored(accountOf(r)) && !whileUnfactored(h.pattern):
			c.enrol(w, r)
		case nameOf(r) != "":
			c.enter(w, r, h)
		case forMachines(r):
			tellError(w, http.StatusUnauthorized, "not-signed-in")
		case r.Method == http.MethodGet && r.URL.Path != "/":
			http.Redirect(w, r, "/login?next="+url.QueryEscape(r.URL.RequestURI()), http.StatusSeeOther)
		default:
			http.Redirect(w, r, "/login", http.StatusSeeOther)
		}
	})
}

// whileFresh tells the pages on which a password of one's own is made.
func whileFresh(pattern string) bool {
	_, path, _ := strings.Cut(pattern, " ")
	return path == "/password" || path == "/confirm" || strings.HasPrefix(path, "/confirm/")
}

// fresh asks for a password of one's own, where somebody else knows it.
func (c *Console) fresh(w http.ResponseWriter, r *http.Request) {
	if forMachines(r) {
		tellError(w, http.StatusForbidden, "password")
		return
	}
	http.Redirect(w, r, "/password", http.StatusSeeOther)
}

// enter lets somebody who is signed in through to a route, if they have the
// role.
func (c *Console) enter(w http.ResponseWriter, r *http.Request, h route) {
	switch err := desk(r.Context()).Enter(r.Context(), h.pattern, h.role); {
	case err == nil:
		h.do(w, r)
	case forMachines(r):
		c.untold(w, "page", err)
	default:
		c.unread(w, r, err)
	}
}

// say keeps a sentence for the next page that this person sees.
func (c *Console) say(r *http.Request, sentence string) {
	c.sessions.Put(r.Context(), keySaid, sentence)
}

func (c *Console) said(r *http.Request) string {
	if nameOf(r) == "" {
		return ""
	}
	return c.sessions.PopString(r.Context(), keySaid)
}
