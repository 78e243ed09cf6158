package console

import (
	"context"
	"net/http"
	"net/netip"
	"net/url"
	"strconv"
	"strings"
	"time"

	"ark/hub"
)

// accountDesk is what whoever is signed in can do with accounts: with all of
// them, and with their own.
type accountDesk interface {
	Accounts(ctx context.Context) ([]hub.Account, error)
	Account(ctx context.Context, name string) (hub.Account, error)
	MakeAccount(ctx context.Context, a hub.Account) (password string, err error)
	SetAccount(ctx context.Context, a hub.Account) error
	HandPassword(ctx context.Context, name string) (password string, err error)
	ResetProofs(ctx context.Context, name string) error
	SessionsOf(ctx context.Context, name string) ([]hub.Session, error)
	EndSessionsOf(ctx context.Context, name string) (int, error)
	TokensOf(ctx context.Context, name string) ([]hub.Token, error)
	RemoveTokenOf(ctx context.Context, name, id string) error

	SetOwnPassword(ctx context.Context, password, keep string) error
	SetOwnApp(ctx context.Context, secret, code string) error
	UnsetOwnApp(ctx context.Context) error
	NewOwnCodes(ctx context.Context) ([]string, error)
	AddOwnKey(ctx context.Context, called, word string, answer []byte, at hub.Site) error
	RemoveOwnKey(ctx context.Context, id []byte) error
	OwnKeys(ctx context.Context) ([]hub.Passkey, error)
	OwnSessions(ctx context.Context, key string) (all []hub.Session, own string, err error)
	EndOwnSessions(ctx context.Context, id, keep string) (int, error)
	OwnTokens(ctx context.Context) ([]hub.Token, error)
	MakeOwnToken(ctx context.Context, t hub.Token) (word string, err error)
	EndOwnTokens(ctx context.Context) (int, error)
	RemoveOwnToken(ctx context.Context, id string) error
}

// How long it counts that somebody has proved who they are: to open a page on
// which accounts, tokens or second factors are changed, and then to send its
// form.
const (
	provedToOpen = 15 * time.Minute
	provedToSend = 45 * time.Minute
)

// proven lets only those through who have proved lately who they are; others
// are asked to, and then come back. Who finds a browser that was left open
// changes nothing that would let them in again.
func (c *Console) proven(h http.HandlerFunc) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		most := provedToSend
		if r.Method == http.MethodGet {
			most = provedToOpen
		}
		if c.provedWithin(r, most) {
			h(w, r)
			return
		}
		next := r.URL.RequestURI()
		if r.Method != http.MethodGet {
			next = "/account"
			if from, err := url.Parse(r.Referer()); err == nil && from.Host == r.Host {
				next = onwards(from.RequestURI())
			}
		}
		http.Redirect(w, r, "/confirm?next="+url.QueryEscape(next), http.StatusSeeOther)
	}
}

// provenFor lets only those have a file who have proved lately who they are;
// others are asked to, and then come to the page that it is taken from. Who
// finds a browser that was left open takes nothing away.
func (c *Console) provenFor(page string, h http.HandlerFunc) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		if c.provedWithin(r, provedToOpen) {
			h(w, r)
			return
		}
		next := url.URL{Path: page, RawQuery: r.URL.RawQuery}
		http.Redirect(w, r, "/confirm?next="+url.QueryEscape(next.RequestURI()), http.StatusSeeOther)
	}
}

// provedWithin tells whether somebody has proved in the time until now who they
// are.
func (c *Console) provedWithin(r *http.Request, most time.Duration) bool {
	at, err := strconv.ParseInt(c.sessions.GetString(r.Context(), keyProved), 10, 64)
	return err == nil && c.c.Now().Sub(time.Unix(at, 0)) < most
}

// place is the hub as the browser found it: by what hub.toml says, else by what
// the browser asked for.
func (c *Console) place(r *http.Request) hub.Site {
	at := c.c.Address
	if at == "" {
		at = "http://" + r.Host
		if c.sessions.of(r) == c.sessions.tls {
			at = "https://" + r.Host
		}
	}
	u, err := url.Parse(at)
	if err != nil {
		return hub.Site{}
	}
	return hub.Site{Host: u.Hostname(), Origin: u.Scheme + "://" + u.Host}
}

// keysHinder is why there can be no passkeys here; empty: there can.
func (c *Console) keysHinder(r *http.Request) string {
	at := c.place(r)
	_, err := netip.ParseAddr(at.Host)
	switch {
	case err == nil:
		return "key.byNumber"
	case !strings.HasPrefix(at.Origin, "https://") && at.Host != "localhost":
		return "key.byPlain"
	}
	return ""
}
