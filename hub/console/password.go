package console

import (
	"errors"
	"net/http"

	"ark/hub"
)

// passwordPage changes one's own password.
type passwordPage struct {
	frame
	Trouble string // key of what to do now
	Field   string // the field to mend
}

func (c *Console) showPassword(w http.ResponseWriter, r *http.Request) {
	c.site.Page(w, r, http.StatusOK, "password.html", passwordPage{frame: c.frame(r, "password")})
}

func (c *Console) changePassword(w http.ResponseWriter, r *http.Request) {
	r.Body = http.MaxBytesReader(w, r.Body, maxForm)
	name, fresh := nameOf(r), r.PostFormValue("new")
	refuse := func(status int, key, field string) {
		c.site.Page(w, r, status, "password.html", passwordPage{frame: c.frame(r, "password"), Trouble: key, Field: field})
	}
	if fresh != r.PostFormValue("again") {
		refuse(http.StatusUnprocessableEntity, "password.differ", "again")
		return
	}
	err := c.c.Accounts.Verify(name, r.PostFormValue("old"), client(r))
	if err == nil {
		err = c.c.Accounts.Set(name, fresh)
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
		refuse(http.StatusServiceUnavailable, "password.ours", "")
		return
	}
	if err := c.begin(r, name); err != nil { // all other sessions of this account have ended
		c.sessions.ErrorFunc(w, r, err)
		return
	}
	c.say(r, c.site.Text(r, "password.done"))
	http.Redirect(w, r, "/password", http.StatusSeeOther)
}
