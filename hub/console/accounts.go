package console

import (
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"ark/hub"
)

// accountsPage is all accounts, for administrators.
type accountsPage struct {
	frame
	Accounts []hub.Account
}

func (c *Console) showAccounts(w http.ResponseWriter, r *http.Request) {
	all, err := desk(r.Context()).Accounts(r.Context())
	if err != nil {
		c.unread(w, r, err)
		return
	}
	c.site.Page(w, r, http.StatusOK, "accounts.html", accountsPage{c.frame(r, "accounts"), all})
}

// onePage is one account, to be made or changed.
type onePage struct {
	frame
	Account  hub.Account // as it is; its zero value: a new one
	Name     string      // as typed
	Display  string
	Mail     string
	Disabled bool
	Rights   rightsForm
	Version  int64
	Sessions []hub.Session
	Tokens   []hub.Token
	Trouble  string // key of what to do now
	Password string // that was just made, to be handed over
}

func (c *Console) showNewAccount(w http.ResponseWriter, r *http.Request) {
	c.onePage(w, r, http.StatusOK, onePage{Rights: rightsFormOf([]hub.Role{hub.RoleReader}, hub.Sight{})})
}

// onePage shows an account, new where it has no name.
func (c *Console) onePage(w http.ResponseWriter, r *http.Request, status int, p onePage) {
	if name := p.Account.Name; name != "" {
		var err error
		if p.Sessions, err = desk(r.Context()).SessionsOf(r.Context(), name); err == nil {
			p.Tokens, err = desk(r.Context()).TokensOf(r.Context(), name)
		}
		if err != nil {
			c.unread(w, r, err)
			return
		}
	}
	p.frame = c.frame(r, "accounts")
	p.Rights.May, p.Rights.Known = p.Staff, c.knownPlaces(r)
	c.site.Page(w, r, status, "one.html", p)
}

// oneOf is the page of an account as it is.
func oneOf(a hub.Account) onePage {
	return onePage{Account: a, Name: a.Name, Display: a.Display, Mail: a.Mail, Disabled: a.Disabled, Rights: rightsFormOf(a.Roles, a.Sight), Version: a.Version}
}

// readOne is the page as it was typed.
func readOne(r *http.Request) onePage {
	p := onePage{Rights: readRights(r), Name: strings.TrimSpace(r.PostFormValue("name")), Display: strings.TrimSpace(r.PostFormValue("display")),
		Mail: strings.ToLower(strings.TrimSpace(r.PostFormValue("mail"))), Disabled: r.PostFormValue("disabled") == "yes"}
	p.Version, _ = strconv.ParseInt(r.PostFormValue("version"), 10, 64) // what is none is an old one
	return p
}

// accountTrouble is what to do where an account cannot be kept so.
func (c *Console) accountTrouble(err error) (status int, key string) {
	for _, known := range []struct {
		err    error
		status int
		key    string
	}{{hub.ErrTaken, http.StatusConflict, "accounts.taken"}, {hub.ErrStale, http.StatusConflict, "accounts.stale"}, {hub.ErrLastAdministrator, http.StatusUnprocessableEntity, "account.last"},
		{hub.ErrInvalid, http.StatusUnprocessableEntity, "accounts.bad"}, {hub.ErrFull, http.StatusUnprocessableEntity, "accounts.full"}} {
		if errors.Is(err, known.err) {
			return known.status, known.key
		}
	}
	c.c.Log.Error("an account cannot be kept", "err", err)
	return http.StatusServiceUnavailable, ours(err, "form.ours")
}

func (c *Console) makeAccount(w http.ResponseWriter, r *http.Request) {
	r.Body = http.MaxBytesReader(w, r.Body, maxForm)
	p := readOne(r)
	roles, sight, trouble := p.Rights.rights()
	if p.Trouble = trouble; trouble != "" {
		c.onePage(w, r, http.StatusUnprocessableEntity, p)
		return
	}
	password, err := desk(r.Context()).MakeAccount(r.Context(), hub.Account{Name: p.Name, Display: p.Display, Mail: p.Mail, Roles: roles, Sight: sight})
	if errors.Is(err, hub.ErrNotAllowed) {
		c.unread(w, r, err)
		return
	}
	if err != nil {
		var status int
		status, p.Trouble = c.accountTrouble(err)
		c.onePage(w, r, status, p)
		return
	}
	c.handed(w, r, p.Name, password)
}

// handed shows an account whose password was just made.
func (c *Console) handed(w http.ResponseWriter, r *http.Request, name, password string) {
	a, err := desk(r.Context()).Account(r.Context(), name)
	if err != nil {
		c.unread(w, r, err)
		return
	}
	p := oneOf(a)
	p.Password = password
	c.onePage(w, r, http.StatusOK, p)
}

// one is the account that a request names; false: it was answered.
func (c *Console) one(w http.ResponseWriter, r *http.Request) (hub.Account, bool) {
	a, err := desk(r.Context()).Account(r.Context(), r.FormValue("name"))
	if errors.Is(err, hub.ErrNotThere) {
		c.lost(w, r)
		return a, false
	}
	if err != nil {
		c.unread(w, r, err)
	}
	return a, err == nil
}

func (c *Console) showOne(w http.ResponseWriter, r *http.Request) {
	if a, ok := c.one(w, r); ok {
		c.onePage(w, r, http.StatusOK, oneOf(a))
	}
}

func (c *Console) setOne(w http.ResponseWriter, r *http.Request) {
	r.Body = http.MaxBytesReader(w, r.Body, maxForm)
	a, ok := c.one(w, r)
	if !ok {
		return
	}
	p := readOne(r)
	p.Account = a
	roles, sight, trouble := p.Rights.rights()
	if p.Trouble = trouble; trouble != "" {
		c.onePage(w, r, http.StatusUnprocessableEntity, p)
		return
	}
	now := a
	now.Display, now.Mail, now.Disabled, now.Roles, now.Sight, now.Version = p.Display, p.Mail, p.Disabled, roles, sight, p.Version
	if err := desk(r.Context()).SetAccount(r.Context(), now); err != nil {
		var status int
		status, p.Trouble = c.accountTrouble(err)
		p.Version = a.Version // the next press of the button is meant
		c.onePage(w, r, status, p)
		return
	}
	c.oneDone(w, r, a.Name, "accounts.kept")
}

// oneDone goes back to an account: what was asked for is done.
func (c *Console) oneDone(w http.ResponseWriter, r *http.Request, name, done string) {
	c.say(r, fmt.Sprintf(c.site.Text(r, done), name))
	http.Redirect(w, r, "/accounts/one?name="+url.QueryEscape(name), http.StatusSeeOther)
}

func (c *Console) handPassword(w http.ResponseWriter, r *http.Request) {
	r.Body = http.MaxBytesReader(w, r.Body, maxForm)
	a, ok := c.one(w, r)
	if !ok {
		return
	}
	password, err := desk(r.Context()).HandPassword(r.Context(), a.Name)
	if err != nil {
		c.unread(w, r, err)
		return
	}
	c.handed(w, r, a.Name, password)
}

// changeOne does something with an account.
func (c *Console) changeOne(w http.ResponseWriter, r *http.Request, done string, change func(name string) error) {
	r.Body = http.MaxBytesReader(w, r.Body, maxForm)
	a, ok := c.one(w, r)
	if !ok {
		return
	}
	if err := change(a.Name); err != nil && !errors.Is(err, hub.ErrNotThere) {
		p := oneOf(a)
		var status int
		status, p.Trouble = c.accountTrouble(err)
		c.onePage(w, r, status, p)
		return
	}
	c.oneDone(w, r, a.Name, done)
}

func (c *Console) resetOne(w http.ResponseWriter, r *http.Request) {
	c.changeOne(w, r, "accounts.reset", func(name string) error { return desk(r.Context()).ResetProofs(r.Context(), name) })
}

func (c *Console) endSessionsOf(w http.ResponseWriter, r *http.Request) {
	c.changeOne(w, r, "accounts.ended", func(name string) error {
		_, err := desk(r.Context()).EndSessionsOf(r.Context(), name)
		return err
	})
}

func (c *Console) endTokenOf(w http.ResponseWriter, r *http.Request) {
	c.changeOne(w, r, "accounts.tokenEnded", func(name string) error {
		return desk(r.Context()).RemoveTokenOf(r.Context(), name, r.PostFormValue("id"))
	})
}
