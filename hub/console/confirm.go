package console

import (
	"errors"
	"net/http"

	"ark/hub"
)

// confirmPage asks who is signed in to prove anew who they are.
type confirmPage struct {
	frame
	Next         string
	Trouble      string // key of what to do now
	Password     bool   // can be proved by one
	Key          bool   // by a passkey
	Organisation string // by its sign-in, of this name; empty: there is none
}

func (c *Console) confirmPage(w http.ResponseWriter, r *http.Request, status int, next, trouble string) {
	a := accountOf(r)
	p := confirmPage{frame: c.frame(r, "account"), Next: next, Trouble: trouble, Password: a.HasPassword, Key: a.Passkeys > 0 && c.keysHinder(r) == ""}
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
	switch err := c.c.Accounts.Verify(r.Context(), nameOf(r), r.PostFormValue("password"), client(r)); {
	case errors.Is(err, hub.ErrWrongPassword):
		c.tried(r, nameOf(r), "confirm")
		c.confirmPage(w, r, http.StatusUnprocessableEntity, next, "prove.wrong")
	case errors.Is(err, hub.ErrTooManyTries):
		c.confirmPage(w, r, http.StatusTooManyRequests, next, "login.wait")
	case err != nil:
		c.c.Log.Error("a password cannot be judged", "err", err)
		c.confirmPage(w, r, http.StatusServiceUnavailable, next, "login.ours")
	default:
		c.proved(r)
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
	if _, err := c.c.Accounts.Key(r.Context(), nameOf(r), c.held(w, r), answer, c.place(r), client(r)); err != nil {
		c.keyTrouble(w, r, err)
		return
	}
	c.proved(r)
	c.onwardsWith(w, r.URL.Query().Get("next"))
}
