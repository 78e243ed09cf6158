package crew

import (
	"encoding/hex"
	"html/template"
	"net/http"
	"time"

	"ark"
	"ark/internal/qr"
)

// phonesPage is where a phone is enrolled and a lost one struck off.
type phonesPage struct {
	frame
	May    bool          // whoever looks at it stands in the van
	Code   string        // in two groups; empty: none is shown
	QR     template.HTML // the code as an address; drawn by this program, out of numbers
	Link   string
	Left   time.Duration
	Clear  bool // nothing is encrypted between phones and van: it has no name that a certificate could be for
	Taken  bool // a phone has just used the code
	Phones []ark.Phone
	Unread bool // they cannot be read just now
}

func (c *Crew) showPhones(w http.ResponseWriter, r *http.Request) {
	p := phonesPage{frame: c.frame("phones"), May: c.mayInvite(r), Clear: c.c.Address() == "" && r.TLS == nil}
	if !p.May {
		c.site.Page(w, r, http.StatusOK, "phones.html", p)
		return
	}
	var err error
	if browser, none := r.Cookie(inviteCookie); none == nil {
		var digits, word string
		if digits, word, p.Left, p.Taken = c.showing(browser.Value); digits != "" {
			p.Code, p.Link = digits[:codeDigits/2]+" "+digits[codeDigits/2:], c.link(r, word)
			if p.QR, err = qr.SVG(p.Link, c.site.Text(r, "phones.qr")); err != nil {
				c.c.Log.Error("the enrolment code cannot be drawn", "err", err)
			}
		}
	}
	if p.Phones, err = c.c.People.Phones(r.Context()); err != nil {
		c.c.Log.Error("the phones cannot be read", "err", err)
		p.Unread = true
	}
	c.site.Page(w, r, http.StatusOK, "phones.html", p)
}

// showCode makes a code that only this browser sees: if another one takes it
// away meanwhile, whoever stands in the van sees that theirs is gone.
func (c *Crew) showCode(w http.ResponseWriter, r *http.Request) {
	if c.mayInvite(r) {
		raw := make([]byte, 16)
		c.c.Random(raw)
		word := hex.EncodeToString(raw)
		c.invite(word)
		http.SetCookie(w, &http.Cookie{Name: inviteCookie, Value: word, Path: "/panel/phones", MaxAge: int(inviteFor.Seconds()), HttpOnly: true, SameSite: http.SameSiteStrictMode})
	}
	http.Redirect(w, r, "/panel/phones", http.StatusSeeOther)
}

// strikeHere strikes a phone off on the van's own page.
func (c *Crew) strikeHere(w http.ResponseWriter, r *http.Request) {
	r.Body = http.MaxBytesReader(w, r.Body, 1<<10)
	id, err := ark.ParseID(r.FormValue("phone"))
	if err != nil {
		c.lost(w, r)
		return
	}
	if c.mayInvite(r) {
		if err := c.c.People.Strike(r.Context(), id, struckAtVan); err != nil {
			c.c.Log.Error("a phone was not struck off", "phone", id, "err", err)
			c.refuse(w, r, err)
			return
		}
	}
	http.Redirect(w, r, "/panel/phones", http.StatusSeeOther)
}

// struckAtVan is by whom a phone was struck off where nobody signs in.
const struckAtVan = "面板 panel"
