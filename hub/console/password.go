package console

import (
	"errors"
	"fmt"
	"net/http"

	"ark/hub"
)

// passwordPage changes one's own password.
type passwordPage struct {
	frame
	Least   int    // characters
	Fresh   bool   // somebody else knows the present one
	Trouble string // what to do now
	Field   string // the field to mend
	Tokens  int    // of programs, which may end with the old password
}

// passwordPage is that page for whoever is signed in; key is of what to do
// now.
func (c *Console) passwordPage(w http.ResponseWriter, r *http.Request, status int, key, field string) {
	p := passwordPage{frame: c.frame(r, "account"), Least: c.c.Accounts.Least(accountOf(r)), Fresh: accountOf(r).Fresh, Field: field}
	own, err := desk(r.Context()).OwnTokens(r.Context())
	if err != nil {
		c.unread(w, r, err)
		return
	}
	p.Tokens = len(own)
	switch key {
	case "":
	case "password.length":
		p.Trouble = fmt.Sprintf(c.site.Text(r, key), p.Least)
	default:
		p.Trouble = c.site.Text(r, key)
	}
	c.site.Page(w, r, status, "password.html", p)
}

func (c *Console) showPassword(w http.ResponseWriter, r *http.Request) {
	c.passwordPage(w, r, http.StatusOK, "", "")
}

func (c *Console) changePassword(w http.ResponseWriter, r *http.Request) {
	r.Body = http.MaxBytesReader(w, r.Body, maxForm)
	name, fresh := nameOf(r), r.PostFormValue("new")
	refuse := func(status int, key, field string) {
		c.passwordPage(w, r, status, key, field)
	}
	if fresh != r.PostFormValue("again") {
		refuse(http.StatusUnprocessableEntity, "password.differ", "again")
		return
	}
	err := c.c.Accounts.Verify(r.Context(), name, r.PostFormValue("old"), client(r))
	if err == nil {
		err = desk(r.Context()).SetOwnPassword(r.Context(), fresh, "")
	}
	if err == nil && r.PostFormValue("tokens") == "end" {
		_, err = desk(r.Context()).EndOwnTokens(r.Context())
	}
	switch {
	case errors.Is(err, hub.ErrWrongPassword):
		refuse(http.StatusUnprocessableEntity, "password.wrong", "old")
		return
	case errors.Is(err, hub.ErrTooManyTries):
		refuse(http.StatusTooManyRequests, "login.wait", "old")
		return
	case errors.Is(err, hub.ErrPassword):
		refuse(http.StatusUnprocessableEntity, "password.length", "new")
		return
	case err != nil:
		c.c.Log.Error("a password cannot be kept", "err", err)
		refuse(http.StatusServiceUnavailable, ours(err, "password.ours"), "")
		return
	}
	if err := c.begin(r, name, true); err != nil { // all other sessions of this account have ended
		c.sessions.ErrorFunc(w, r, err)
		return
	}
	c.say(r, c.site.Text(r, "password.done"))
	http.Redirect(w, r, "/account", http.StatusSeeOther)
}
