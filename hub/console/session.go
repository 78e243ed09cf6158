package console

import (
	"context"
	"log/slog"
	"net/http"
	"net/netip"
	"net/url"
	"time"

	"github.com/alexedwards/scs/v2"
)

// How long a session lasts: a working day, and a pause inside it. What pages
// fetch by themselves does not count as use.
const (
	sessionIdle = 4 * time.Hour
	sessionLife = 16 * time.Hour
)

// What a session holds.
const (
	keyName = "name"
	keyMark = "mark" // Accounts.Mark when it began
	keySaid = "said" // for the next page that a person sees
)

// sessions are one memory of sessions with two managers: where a request came
// over TLS its cookie never goes without.
type sessions struct {
	*scs.SessionManager // for plain HTTP
	tls                 *scs.SessionManager
}

// newSessions does not use scs.New: that starts a goroutine for a store which
// we do not use, and nobody would wait for it.
func newSessions(m *memory, log *slog.Logger) sessions {
	plain := scs.SessionManager{
		IdleTimeout: sessionIdle, Lifetime: sessionLife, HashTokenInStore: true, Codec: scs.GobCodec{}, Store: m,
		Cookie: scs.SessionCookie{Name: "ark-session", Path: "/", HttpOnly: true, SameSite: http.SameSiteLaxMode},
		ErrorFunc: func(w http.ResponseWriter, _ *http.Request, err error) {
			log.Error("a session cannot be kept", "err", err)
			http.Error(w, "session", http.StatusInternalServerError)
		},
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

type nameKey struct{}

// nameOf is who is signed in, or empty.
func nameOf(r *http.Request) string {
	name, _ := r.Context().Value(nameKey{}).(string)
	return name
}

// load finds the session of a request. A session ends when its account's
// password changes.
func (c *Console) load(r *http.Request) (*http.Request, error) {
	token := ""
	if cookie, err := r.Cookie(c.sessions.of(r).Cookie.Name); err == nil {
		token = cookie.Value
	}
	ctx, err := c.sessions.Load(r.Context(), token)
	if err != nil {
		return r, err
	}
	name := c.sessions.GetString(ctx, keyName)
	if name != "" && c.c.Accounts.Mark(name) == c.sessions.GetString(ctx, keyMark) {
		ctx = context.WithValue(ctx, nameKey{}, name)
	}
	return r.WithContext(ctx), nil
}

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
		h(w, r)
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

// in lets only those in who are signed in; others are asked to sign in, and
// then come back to what they wanted.
func (c *Console) in(h http.HandlerFunc) http.Handler {
	return c.session(func(w http.ResponseWriter, r *http.Request) {
		switch {
		case nameOf(r) != "":
			h(w, r)
		case len(r.URL.Path) > 5 && r.URL.Path[:5] == "/api/":
			tellError(w, http.StatusUnauthorized, "not-signed-in")
		case r.Method == http.MethodGet && r.URL.Path != "/":
			http.Redirect(w, r, "/login?next="+url.QueryEscape(r.URL.RequestURI()), http.StatusSeeOther)
		default:
			http.Redirect(w, r, "/login", http.StatusSeeOther)
		}
	})
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
