package console

import (
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/url"
	"time"

	"ark/hub"
	"ark/internal/web"
)

// tried puts on record that a sign-in was refused, as far as that can be done.
func (c *Console) tried(r *http.Request, name, how string) {
	if err := c.c.Audit.Note(r.Context(), c.signInDeed(r, name, how, hub.OutcomeRefused)); err != nil {
		c.c.Log.Error("a refused sign-in is not on record", "err", err)
	}
}

func (c *Console) signInDeed(r *http.Request, name, how string, o hub.Outcome) hub.Deed {
	return hub.Deed{At: c.c.Now(), Who: name, From: client(r), Verb: hub.VerbSignIn, Object: hub.Object{Kind: hub.ObjectSession}, Detail: map[string]string{"how": how}, Outcome: o}
}

// signIn signs somebody in, once that is on record. proved is whether they
// have shown just now that it is they.
func (c *Console) signIn(r *http.Request, name, how string, proved bool) error {
	if err := c.c.Audit.Note(r.Context(), c.signInDeed(r, name, how, hub.OutcomeAllowed)); err != nil {
		return err
	}
	if err := c.begin(r, name, proved); err != nil {
		return err
	}
	c.c.Accounts.Entered(name, client(r))
	return nil
}

// Bounds of what strangers may begin and not finish from one address, by
// passkeys and at the organisation's: more is not even looked at, so that they
// fill neither the record nor the organisation's log. Wrong passwords and codes
// have bounds of their own.
const (
	missesAtOnce = 20
	missesEvery  = time.Minute
)

// crowded tells whether too many sign-ins from the address of a request came to
// nothing of late.
func (c *Console) crowded(r *http.Request) bool {
	return c.misses.Wait(client(r), c.c.Now()) > 0
}

// miss counts a sign-in that was refused. It goes on record where it was an
// answer to something that this hub had begun, and wrong.
func (c *Console) miss(r *http.Request, name, how string, err error) {
	wrong := errors.Is(err, hub.ErrWrongCode) || errors.Is(err, hub.ErrNotAllowed)
	if wrong || errors.Is(err, hub.ErrNotThere) {
		c.misses.Take(client(r), c.c.Now())
	}
	if wrong {
		c.tried(r, name, how)
	}
}

// secondPage asks for the second step of a sign-in.
type secondPage struct {
	frame
	Name    string
	Next    string
	Trouble string
	App     bool
	Key     bool
}

func (c *Console) secondPage(w http.ResponseWriter, r *http.Request, status int, a hub.Account, trouble string) {
	c.site.Page(w, r, status, "second.html", secondPage{Name: a.Name, Next: onwards(r.URL.Query().Get("next")), Trouble: trouble,
		App: a.TOTP, Key: a.Passkeys > 0 && c.keysHinder(r) == ""})
}

// pending is whose second step a browser is at; false: it was sent to the
// first.
func (c *Console) pending(w http.ResponseWriter, r *http.Request) (hub.Account, bool) {
	a, err := c.c.Accounts.Pending(r.Context(), c.peek(r, cookieStep))
	if err != nil {
		http.Redirect(w, r, "/login?next="+url.QueryEscape(onwards(r.URL.Query().Get("next"))), http.StatusSeeOther)
		return a, false
	}
	return a, true
}

func (c *Console) showSecond(w http.ResponseWriter, r *http.Request) {
	if a, ok := c.pending(w, r); ok {
		c.secondPage(w, r, http.StatusOK, a, "")
	}
}

func (c *Console) second(w http.ResponseWriter, r *http.Request) {
	a, ok := c.pending(w, r)
	if !ok {
		return
	}
	r.Body = http.MaxBytesReader(w, r.Body, maxForm)
	switch err := c.c.Accounts.Second(r.Context(), a.Name, r.PostFormValue("code"), client(r)); {
	case errors.Is(err, hub.ErrWrongCode):
		c.c.Log.Warn("somebody typed a wrong code")
		c.tried(r, a.Name, "code")
		c.secondPage(w, r, http.StatusUnauthorized, a, "second.wrong")
	case errors.Is(err, hub.ErrTooManyTries):
		c.secondPage(w, r, http.StatusTooManyRequests, a, "login.wait")
	case err != nil:
		c.c.Log.Error("a code cannot be judged", "err", err)
		c.secondPage(w, r, http.StatusServiceUnavailable, a, "login.ours")
	default:
		c.hold(w, r, cookieStep, "")
		if err := c.signIn(r, a.Name, "password code", true); err != nil {
			c.sessions.ErrorFunc(w, r, err)
			return
		}
		http.Redirect(w, r, onwards(r.URL.Query().Get("next")), http.StatusSeeOther)
	}
}

// Names of the cookies that a browser holds during a sign-in: what was sealed
// for its second step, and for a key or the organisation.
const (
	cookieStep = "ark-step"
	cookieKey  = "ark-key"
)

// hold has the browser hold a word; empty: no longer.
func (c *Console) hold(w http.ResponseWriter, r *http.Request, name, word string) {
	age := 600
	if word == "" {
		age = -1
	}
	secure := c.sessions.of(r) == c.sessions.tls
	if secure {
		name = "__Host-" + name
	}
	http.SetCookie(w, &http.Cookie{Name: name, Value: word, Path: "/", MaxAge: age, HttpOnly: true, Secure: secure, SameSite: http.SameSiteLaxMode})
}

// peek is the word that the browser holds.
func (c *Console) peek(r *http.Request, name string) string {
	if c.sessions.of(r) == c.sessions.tls {
		name = "__Host-" + name
	}
	if cookie, err := r.Cookie(name); err == nil {
		return cookie.Value
	}
	return ""
}

// held is the word for a key, which the browser then holds no longer.
func (c *Console) held(w http.ResponseWriter, r *http.Request) string {
	word := c.peek(r, cookieKey)
	c.hold(w, r, cookieKey, "")
	return word
}

// askKey tells a browser to ask for a passkey.
func (c *Console) askKey(w http.ResponseWriter, r *http.Request, name string) {
	if c.hindered(w, r) {
		return
	}
	options, word, err := c.c.Accounts.AskKey(r.Context(), name, c.place(r))
	c.keyOptions(w, r, options, word, err)
}

// hindered says so where there can be no passkeys.
func (c *Console) hindered(w http.ResponseWriter, r *http.Request) bool {
	key := c.keysHinder(r)
	if key != "" {
		web.JSON(w, http.StatusUnprocessableEntity, map[string]string{"error": c.site.Text(r, key)})
	}
	return key != ""
}

func (c *Console) keyOptions(w http.ResponseWriter, r *http.Request, options []byte, word string, err error) {
	if err != nil {
		c.keyTrouble(w, r, err)
		return
	}
	c.hold(w, r, cookieKey, word)
	web.JSON(w, http.StatusOK, json.RawMessage(options))
}

// keyAnswer is what a browser says of a key; false: it was answered.
func (c *Console) keyAnswer(w http.ResponseWriter, r *http.Request) ([]byte, bool) {
	answer, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxForm))
	if err != nil {
		tellError(w, http.StatusBadRequest, "too-large")
		return nil, false
	}
	return answer, true
}

// keyTrouble says what to do where a key did not do.
func (c *Console) keyTrouble(w http.ResponseWriter, r *http.Request, err error) {
	status, key := http.StatusServiceUnavailable, "login.ours"
	switch {
	case errors.Is(err, hub.ErrWrongCode), errors.Is(err, hub.ErrNotThere), errors.Is(err, hub.ErrTaken):
		status, key = http.StatusUnauthorized, "key.wrong"
	case errors.Is(err, hub.ErrTooManyTries):
		status, key = http.StatusTooManyRequests, "login.wait"
	case errors.Is(err, hub.ErrFull):
		status, key = http.StatusUnprocessableEntity, "key.full"
	default:
		c.c.Log.Error("a passkey cannot be judged", "err", err)
	}
	web.JSON(w, status, map[string]string{"error": c.site.Text(r, key)})
}

// onwardsWith tells a page's script where to go now.
func (c *Console) onwardsWith(w http.ResponseWriter, next string) {
	web.JSON(w, http.StatusOK, map[string]string{"to": onwards(next)})
}

// askAnyKey begins a sign-in with a passkey: of whose second step it is, else
// of whoever has one.
func (c *Console) askAnyKey(w http.ResponseWriter, r *http.Request) {
	name := ""
	if r.URL.Query().Get("step") == "second" {
		a, err := c.c.Accounts.Pending(r.Context(), c.peek(r, cookieStep))
		if err != nil {
			c.keyTrouble(w, r, err)
			return
		}
		name = a.Name
	}
	c.askKey(w, r, name)
}

// enterByKey signs in with one.
func (c *Console) enterByKey(w http.ResponseWriter, r *http.Request) {
	if c.crowded(r) {
		c.keyTrouble(w, r, hub.ErrTooManyTries)
		return
	}
	answer, ok := c.keyAnswer(w, r)
	if !ok {
		return
	}
	name, how := "", "passkey"
	if r.URL.Query().Get("step") == "second" {
		a, err := c.c.Accounts.Pending(r.Context(), c.peek(r, cookieStep))
		if err != nil {
			c.keyTrouble(w, r, err)
			return
		}
		name, how = a.Name, "password passkey"
	}
	a, err := c.c.Accounts.Key(r.Context(), name, c.held(w, r), answer, c.place(r), client(r))
	if err != nil {
		c.miss(r, name, how, err)
		c.keyTrouble(w, r, err)
		return
	}
	if err := c.signIn(r, a.Name, how, true); err != nil {
		c.keyTrouble(w, r, err)
		return
	}
	c.onwardsWith(w, r.URL.Query().Get("next"))
}
