package console

import (
	"errors"
	"fmt"
	"net/http"
	"strconv"

	"ark"
	"ark/hub"
	"ark/internal/web"
)

// maxFormForm bounds the bytes of the form that makes a form: questions in two
// languages.
const maxFormForm = 512 << 10

// formPage is what visits are asked, to be changed.
type formPage struct {
	frame
	Tab     string
	Version int64 // as it is now; 0: the one in the program
	Form    formForm
	Bad     troubles
	Trouble string // key of what is wrong with all of it
	Types   []ark.FieldType
}

func (c *Console) showForm(w http.ResponseWriter, r *http.Request) {
	f, err := c.form(r)
	if err != nil {
		c.unread(w, r, err)
		return
	}
	c.formPage(w, r, http.StatusOK, formPage{Version: f.Version, Form: formFormOf(f, web.LangOf(r))})
}

// form is what visits are asked now.
func (c *Console) form(r *http.Request) (ark.Form, error) {
	f, err := desk(r.Context()).Form(r.Context())
	if err == nil && f.Version == 0 {
		f = ark.DefaultForm()
	}
	return f, err
}

func (c *Console) formPage(w http.ResponseWriter, r *http.Request, status int, p formPage) {
	p.frame, p.Tab = c.frame(r, "crew"), "form"
	p.Types = []ark.FieldType{ark.FieldText, ark.FieldNumber, ark.FieldYesNo, ark.FieldOne, ark.FieldMany, ark.FieldDate}
	p.Form = p.Form.blank()
	c.site.Page(w, r, status, "form.html", p)
}

// setForm keeps what was posted as a new version. What was typed stays where
// it cannot be kept; where somebody was faster, the next press of the button
// is meant.
func (c *Console) setForm(w http.ResponseWriter, r *http.Request) {
	r.Body = http.MaxBytesReader(w, r.Body, maxFormForm)
	now, err := c.form(r)
	if err != nil {
		c.unread(w, r, err)
		return
	}
	r.PostFormValue("from") // reads the form
	typed := readFormForm(r.PostForm)
	p := formPage{Version: now.Version, Form: typed}
	f, bad := typed.form(now)
	if p.Bad = bad; len(bad) > 0 {
		c.formPage(w, r, http.StatusUnprocessableEntity, p)
		return
	}
	if err := f.Check(); err != nil {
		p.Trouble = "form.bad"
		if errors.Is(err, ark.ErrTooBig) {
			p.Trouble = "form.large"
		}
		c.formPage(w, r, http.StatusUnprocessableEntity, p)
		return
	}
	from, err := strconv.ParseInt(typed.From, 10, 64)
	if err != nil {
		from = -1
	}
	switch made, err := desk(r.Context()).SetForm(r.Context(), f, from); {
	case errors.Is(err, hub.ErrStale):
		p.Trouble = "form.stale"
		p.Form.From = strconv.FormatInt(now.Version, 10)
		c.formPage(w, r, http.StatusConflict, p)
	case refused(err):
		c.unread(w, r, err)
	case err != nil:
		c.c.Log.Error("the form cannot be kept", "err", err)
		p.Trouble = ours(err, "form.ours")
		c.formPage(w, r, http.StatusServiceUnavailable, p)
	default:
		c.say(r, fmt.Sprintf(c.site.Text(r, "form.kept"), made.Version))
		http.Redirect(w, r, "/form", http.StatusSeeOther)
	}
}
