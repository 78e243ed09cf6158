package console

import (
	"context"
	"errors"
	"net/http"
	"net/url"

	"ark/hub"
)

// Organisation is the organisation's sign-in.
type Organisation interface {
	// Name is what people call it.
	Name() string
	// Begin is the address to go to, and the word to bring back. again: also who
	// is signed in there must prove it anew, and Finish insists on that.
	Begin(ctx context.Context, again bool) (address, word string, err error)
	// Finish is whose account comes back. hub.ErrNotThere: nothing was begun to
	// which this is an answer; hub.ErrWrongCode, hub.ErrNotAllowed.
	Finish(ctx context.Context, word, state, code string) (a hub.Account, again bool, err error)
}

// toOrganisation sends a browser to the organisation's sign-in.
func (c *Console) toOrganisation(w http.ResponseWriter, r *http.Request) {
	if c.crowded(r) {
		c.loginPage(w, r, http.StatusTooManyRequests, loginPage{Trouble: "login.wait"})
		return
	}
	if r.Header.Get("Sec-Fetch-Site") == "cross-site" { // a link of somebody else's signs nobody in: a person presses our button
		http.Redirect(w, r, "/login?next="+url.QueryEscape(onwards(r.URL.Query().Get("next"))), http.StatusSeeOther)
		return
	}
	again := nameOf(r) != ""
	address, word, err := c.c.Organisation.Begin(r.Context(), again)
	if err != nil {
		c.c.Log.Error("the organisation's sign-in cannot be reached", "err", err)
		c.loginPage(w, r, http.StatusServiceUnavailable, loginPage{Trouble: "login.away"})
		return
	}
	c.hold(w, r, cookieKey, word)
	c.hold(w, r, cookieNext, url.QueryEscape(onwards(r.URL.Query().Get("next"))))
	http.Redirect(w, r, address, http.StatusSeeOther)
}

// strange says what to do where the organisation's sign-in gave no answer that
// lets somebody in.
func (c *Console) strange(w http.ResponseWriter, r *http.Request, err error) {
	status, key := http.StatusServiceUnavailable, "login.away"
	switch {
	case errors.Is(err, hub.ErrNotAllowed):
		status, key = http.StatusForbidden, "login.unknown"
	case errors.Is(err, hub.ErrWrongCode), errors.Is(err, hub.ErrNotThere):
		status, key = http.StatusUnauthorized, "login.again"
	}
	c.c.Log.Warn("the organisation's sign-in let nobody in", "err", err)
	c.loginPage(w, r, status, loginPage{Trouble: key})
}

// cookieNext is where to go when a person is back.
const cookieNext = "ark-next"

// fromOrganisation is where they come back. A sign-in there may be hours old:
// it lets people in, and what asks for a fresh proof asks them once more.
func (c *Console) fromOrganisation(w http.ResponseWriter, r *http.Request) {
	if c.crowded(r) {
		c.loginPage(w, r, http.StatusTooManyRequests, loginPage{Trouble: "login.wait"})
		return
	}
	next, _ := url.QueryUnescape(c.peek(r, cookieNext)) // what cannot be read is the first page
	q := r.URL.Query()
	a, again, err := c.c.Organisation.Finish(r.Context(), c.held(w, r), q.Get("state"), q.Get("code"))
	if err == nil && again && a.Name != nameOf(r) {
		err = hub.ErrWrongCode
	}
	if err != nil {
		c.miss(r, a.Name, "oidc", err)
		c.strange(w, r, err)
		return
	}
	if again {
		err = c.proved(r)
	} else {
		err = c.signIn(r, a.Name, "oidc", false)
	}
	if err != nil {
		c.sessions.ErrorFunc(w, r, err)
		return
	}
	http.Redirect(w, r, onwards(next), http.StatusSeeOther)
}
