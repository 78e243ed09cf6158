package console

import (
	"context"
	"errors"
	"net/http"
	"net/netip"
	"net/url"
	"strconv"
	"strings"

	"ark/hub"
	"ark/internal/crowd"
)

const maxForm = 64 << 10 // bytes of a posted form

// loginPage asks for name and password.
type loginPage struct {
	frame
	Typed   string // the name that was typed
	Next    string // where to go afterwards
	Trouble string // key of what to do now; empty: nothing was tried

	Key          bool   // one can sign in with a passkey here
	Organisation string // name of the organisation's sign-in; empty: there is none
}

func (c *Console) loginPage(w http.ResponseWriter, r *http.Request, status int, p loginPage) {
	if p.Key = c.keysHinder(r) == ""; c.c.Organisation != nil {
		p.Organisation = c.c.Organisation.Name()
	}
	c.site.Page(w, r, status, "login.html", p)
}

func (c *Console) showLogin(w http.ResponseWriter, r *http.Request) {
	next := onwards(r.URL.Query().Get("next"))
	if nameOf(r) != "" {
		http.Redirect(w, r, next, http.StatusSeeOther)
		return
	}
	c.loginPage(w, r, http.StatusOK, loginPage{Next: next})
}

func (c *Console) login(w http.ResponseWriter, r *http.Request) {
	r.Body = http.MaxBytesReader(w, r.Body, maxForm)
	name, password := strings.TrimSpace(r.PostFormValue("name")), r.PostFormValue("password")
	p := loginPage{Typed: name, Next: onwards(r.PostFormValue("next"))}
	refuse := func(status int, key string) {
		p.Trouble = key
		c.loginPage(w, r, status, p)
	}
	if name == "" || password == "" || len(name) > 64 {
		refuse(http.StatusUnprocessableEntity, "login.empty")
		return
	}
	err := c.c.Accounts.Verify(r.Context(), name, password, client(r))
	switch {
	case errors.Is(err, hub.ErrWrongPassword):
		c.c.Log.Warn("somebody typed a wrong name or password")
		c.tried(r, name, "password")
		refuse(http.StatusUnauthorized, "login.wrong")
	case errors.Is(err, hub.ErrTooManyTries):
		c.c.Log.Warn("somebody tried too many passwords")
		refuse(http.StatusTooManyRequests, "login.wait")
	case err != nil:
		c.c.Log.Error("a password cannot be judged", "err", err)
		refuse(http.StatusServiceUnavailable, "login.ours")
	default:
		c.passed(w, r, name, p.Next)
	}
}

// passed goes on from a password that was right: to the second step where
// there is one.
func (c *Console) passed(w http.ResponseWriter, r *http.Request, name, next string) {
	a, err := c.c.Book.Account(r.Context(), name)
	if err == nil && a.Second() {
		word, err := c.c.Accounts.Pend(a)
		if err != nil {
			c.sessions.ErrorFunc(w, r, err)
			return
		}
		c.hold(w, r, cookieStep, word)
		http.Redirect(w, r, "/login/second?next="+url.QueryEscape(next), http.StatusSeeOther)
		return
	}
	if err == nil {
		err = c.signIn(r, name, "password", true)
	}
	if err != nil {
		c.sessions.ErrorFunc(w, r, err)
		return
	}
	http.Redirect(w, r, next, http.StatusSeeOther)
}

// begin begins a session under a new token, whatever there was before. proved
// is whether the person has shown just now that it is they.
func (c *Console) begin(r *http.Request, name string, proved bool) error {
	if err := c.sessions.Clear(r.Context()); err != nil {
		return err
	}
	if err := c.sessions.RenewToken(r.Context()); err != nil {
		return err
	}
	c.sessions.Put(r.Context(), keyName, name)
	if proved {
		c.sessions.Put(r.Context(), keyProved, strconv.FormatInt(c.c.Now().Unix(), 10))
	}
	n := hub.Session{Account: name, From: client(r), Agent: r.UserAgent()}
	if _, _, err := c.sessions.Commit(context.WithValue(r.Context(), beginning{}, n)); err != nil {
		return err
	}
	return c.c.Book.SawAccount(r.Context(), name, c.c.Now())
}

// proved notes that whoever is signed in has just proved anew who they are: the
// session goes on under a new token, as after a sign-in.
func (c *Console) proved(r *http.Request) error {
	first := c.owner(r)
	if err := c.begin(r, nameOf(r), true); err != nil {
		return err
	}
	c.sessions.Put(r.Context(), keyFirst, first)
	return nil
}

func (c *Console) logout(w http.ResponseWriter, r *http.Request) {
	if name := nameOf(r); name != "" {
		d := c.signInDeed(r, name, "", hub.OutcomeAllowed)
		d.Verb, d.Detail = hub.VerbSignOut, nil
		if err := c.c.Audit.Note(r.Context(), d); err != nil { // whoever wants to leave leaves
			c.c.Log.Error("a sign-out is not on record", "err", err)
		}
	}
	if err := c.sessions.Destroy(r.Context()); err != nil {
		c.sessions.ErrorFunc(w, r, err)
		return
	}
	http.Redirect(w, r, "/login", http.StatusSeeOther)
}

// onwards is a path on this server, or the first page.
func onwards(next string) string {
	u, err := url.Parse(next)
	if err != nil || u.IsAbs() || u.Host != "" || !strings.HasPrefix(next, "/") || strings.HasPrefix(next, "//") || strings.Contains(next, `\`) {
		return "/"
	}
	return next
}

// client is the address that asks; behind a proxy on this machine, the one
// that the proxy names; of IPv6 its network (crowd.Home).
func client(r *http.Request) string {
	if proxied(r) {
		hops := strings.Split(r.Header.Get("X-Forwarded-For"), ",")
		hop := strings.TrimSpace(hops[len(hops)-1])
		if at, err := netip.ParseAddr(hop); err == nil {
			return crowd.Home(at).String()
		}
		if at, err := netip.ParseAddrPort(hop); err == nil { // some proxies write the port too
			return crowd.Home(at.Addr()).String()
		}
	}
	at, err := netip.ParseAddrPort(r.RemoteAddr)
	if err != nil {
		return r.RemoteAddr
	}
	return crowd.Home(at.Addr()).String()
}
