package console

import (
	"errors"
	"net/http"

	"ark/hub"
)

// confirmPage asks who is signed in to prove anew who they are, by no less
// than what a sign-in asks for: a password alone does only where there is no
// second factor.
type confirmPage struct {
	frame
	Next         string
	Trouble      string // key of what to do now
	Password     bool   // can be proved by one
	Code         bool   // with a code of the app or a recovery code
	Key          bool   // by a passkey
	Organisation string // by its sign-in, of this name; empty: there is none
}

func (c *Console) confirmPage(w http.ResponseWriter, r *http.Request, status int, next, trouble string) {
	a := accountOf(r)
	p := confirmPage{frame: c.frame(r, "account"), Next: next, Trouble: trouble, Password: a.HasPassword && (!a.Second() || a.TOTP || a.Codes > 0),
		Code: a.Second(), Key: a.Passkeys > 0 && c.keysHinder(r) == ""}
	if a.Subject != "" && c.c.Organisation != nil {
		p.Organisation = c.c.Organisation.Name()
	}
	c.site.Page(w, r, status, "confirm-self.html", p)
}

func (c *Console) showConfirm(w http.ResponseWriter, r *http.Request) {
	c.confirmPage(w, r, http.StatusOK, onwards(r.URL.Query().Get("next")), "")
}

func (c *Console) confirm(w http.ResponseWriter, r *http.Request) {
	r.Body = http.MaxBytesReader(w, r.Body, maxForm)
	next := onwards(r.PostFormValue("next"))
	a, from := accountOf(r), client(r)
	err := c.c.Accounts.Verify(r.Context(), a.Name, r.PostFormValue("password"), from)
	if err == nil && a.Second() {
		err = c.c.Accounts.Second(r.Context(), a.Name, r.PostFormValue("code"), from)
	}
	if err == nil {
		err = c.proved(r)
	}
	switch {
	case errors.Is(err, hub.ErrWrongPassword):
		c.tried(r, a.Name, "confirm")
		c.confirmPage(w, r, http.StatusUnprocessableEntity, next, "prove.wrong")
	case errors.Is(err, hub.ErrWrongCode):
		c.tried(r, a.Name, "confirm code")
		c.confirmPage(w, r, http.StatusUnprocessableEntity, next, "second.wrong")
	case errors.Is(err, hub.ErrTooManyTries):
		c.confirmPage(w, r, http.StatusTooManyRequests, next, "login.wait")
	case err != nil:
		c.c.Log.Error("a proof cannot be judged", "err", err)
		c.confirmPage(w, r, http.StatusServiceUnavailable, next, "login.ours")
	default:
		http.Redirect(w, r, next, http.StatusSeeOther)
	}
}

// askOwnKey begins a proof by one of one's own passkeys.
func (c *Console) askOwnKey(w http.ResponseWriter, r *http.Request) {
	c.askKey(w, r, nameOf(r))
}

// confirmKey proves by one.
func (c *Console) confirmKey(w http.ResponseWriter, r *http.Request) {
	answer, ok := c.keyAnswer(w, r)
	if !ok {
		return
	}
	_, err := c.c.Accounts.Key(r.Context(), nameOf(r), c.held(w, r), answer, c.place(r), client(r))
	if errors.Is(err, hub.ErrWrongCode) {
		c.tried(r, nameOf(r), "confirm passkey")
	}
	if err == nil {
		err = c.proved(r)
	}
	if err != nil {
		c.keyTrouble(w, r, err)
		return
	}
	c.onwardsWith(w, r.URL.Query().Get("next"))
}
