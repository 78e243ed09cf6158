package crew

import (
	"errors"
	"mime"
	"net/http"
	"slices"
	"strings"

	"ark"
	"ark/agent"
)

// Limits of a request with a visit.
const (
	maxForm = 256 << 10 // bytes: a text far over its limit is still read, so that it can be shown again for cutting
	shown   = 30        // visits on the page
)

// visitsPage is the page on which visits are logged and seen.
type visitsPage struct {
	frame
	ID      ark.ID       // of the visit in the form: the same form sent twice is one visit
	Draft   ark.Visit    // what was typed
	Trouble string       // key of why it was not saved; empty: nothing was tried
	Field   string       // name of the field to mend, if one
	Saved   *agent.Visit // the visit that was just saved; nil: none
	Recent  []agent.Visit
	All     bool // Recent is everybody's, not only this browser's
	Unread  bool // the last visits cannot be read just now
}

func (c *Crew) showVisits(w http.ResponseWriter, r *http.Request) {
	p := visitsPage{ID: c.c.NewID(c.c.Now().Wall)}
	if by, err := r.Cookie("by"); err == nil {
		p.Draft.By = unescape(by.Value)
	}
	c.visitsPage(w, r, http.StatusOK, p)
}

func (c *Crew) visitsPage(w http.ResponseWriter, r *http.Request, status int, p visitsPage) {
	p.frame = c.frame("visits")
	var err error
	if p.Recent, p.All, err = c.recent(r); err != nil {
		c.c.Log.Error("the last visits cannot be read", "err", err)
		p.Unread = true
	}
	if saved, err := ark.ParseID(r.URL.Query().Get("saved")); err == nil {
		// The card is asked: an address by itself proves nothing.
		if i := slices.IndexFunc(p.Recent, func(v agent.Visit) bool { return v.ID == saved }); i >= 0 {
			p.Saved = &p.Recent[i]
		}
	}
	c.site.Page(w, r, status, "visits.html", p)
}

func (c *Crew) logVisit(w http.ResponseWriter, r *http.Request) {
	status, key := readForm(w, r)
	v := typed(r)
	id, err := ark.ParseID(r.PostForm.Get("id"))
	if err != nil {
		id = c.c.NewID(c.c.Now().Wall)
	}
	field := ""
	if status == http.StatusOK {
		if err = c.save(r, id, v); err != nil {
			status, key, field = trouble(err)
		}
	}
	if errors.Is(err, agent.ErrTaken) {
		id = c.c.NewID(c.c.Now().Wall) // somebody went back and changed a saved form: the next try is a visit of its own
	}
	if status != http.StatusOK {
		c.visitsPage(w, r, status, visitsPage{ID: id, Draft: v, Trouble: key, Field: field})
		return
	}
	http.SetCookie(w, &http.Cookie{Name: "by", Value: escape(v.By), Path: "/", MaxAge: 12 * 3600, HttpOnly: true, SameSite: http.SameSiteLaxMode})
	rememberOwn(w, r, id)
	http.Redirect(w, r, "/plain?saved="+id.String(), http.StatusSeeOther)
}

// readForm reads a posted form; a status other than 200 and the key of a
// sentence say what is wrong with it. What could be read is kept.
func readForm(w http.ResponseWriter, r *http.Request) (status int, key string) {
	if kind, _, err := mime.ParseMediaType(r.Header.Get("Content-Type")); err != nil || kind != "application/x-www-form-urlencoded" {
		return http.StatusUnsupportedMediaType, "trouble.json"
	}
	r.Body = http.MaxBytesReader(w, r.Body, maxForm)
	var large *http.MaxBytesError
	switch err := r.ParseForm(); {
	case errors.As(err, &large):
		return http.StatusRequestEntityTooLarge, "trouble.long"
	case err != nil:
		return http.StatusBadRequest, "trouble.text"
	}
	return http.StatusOK, ""
}

// typed is the visit in a form.
func typed(r *http.Request) ark.Visit {
	v := ark.Visit{Place: field(r, "place"), Person: field(r, "person"), Need: field(r, "need"), Note: field(r, "note"), By: field(r, "by")}
	v.Outcome, _ = ark.ParseOutcome(r.PostForm.Get("outcome")) // Check says what is missing
	for _, s := range r.PostForm["service"] {
		v.Services = append(v.Services, ark.Service(s))
	}
	return v
}

// errMany says that a phone logged more than people can.
var errMany = errors.New("too many visits from one phone")

// save checks a visit and makes it durable. Only its nil means saved.
func (c *Crew) save(r *http.Request, id ark.ID, v ark.Visit) error {
	if err := v.Check(); err != nil {
		return err
	}
	from, ok := phone(r)
	if ok && !c.flood.takes(from, c.c.Now().Mono) {
		return errMany
	}
	err := c.c.Visits.Log(r.Context(), id, v)
	if err != nil {
		if ok {
			c.flood.back(from)
		}
		c.c.Log.Error("a visit was not saved", "visit", id, "err", err)
	}
	return err
}

// field is a form's text, with the line ends and blanks that people do not
// mean taken off.
func field(r *http.Request, name string) string {
	return strings.TrimSpace(strings.ReplaceAll(r.PostForm.Get(name), "\r\n", "\n"))
}

// trouble says why a visit was not saved: an HTTP status, the key of the
// sentence, and the field to mend.
func trouble(err error) (status int, key, field string) {
	switch {
	case errors.Is(err, ark.ErrNoPlace):
		return http.StatusUnprocessableEntity, "trouble.place", "place"
	case errors.Is(err, ark.ErrNoOutcome):
		return http.StatusUnprocessableEntity, "trouble.outcome", "outcome"
	case errors.Is(err, ark.ErrTooLong):
		return http.StatusUnprocessableEntity, "trouble.long", fieldOf(err)
	case errors.Is(err, ark.ErrNotText):
		return http.StatusUnprocessableEntity, "trouble.text", fieldOf(err)
	case errors.Is(err, ark.ErrTooMany):
		return http.StatusUnprocessableEntity, "trouble.amount", ""
	case errors.Is(err, ark.ErrBadAttachment):
		return http.StatusUnprocessableEntity, "trouble.attached", "attachments"
	case errors.Is(err, ark.ErrNoSuchChoice):
		return http.StatusUnprocessableEntity, "trouble.choice", ""
	case errors.Is(err, ark.ErrForm):
		return http.StatusUnprocessableEntity, "trouble.form", formField(err)
	case errors.Is(err, errMany):
		return http.StatusTooManyRequests, "trouble.many", ""
	case errors.Is(err, agent.ErrTaken):
		return http.StatusConflict, "trouble.taken", ""
	case errors.Is(err, agent.ErrDiskFull):
		return http.StatusInsufficientStorage, "trouble.full", ""
	case errors.Is(err, agent.ErrReadOnly):
		return http.StatusInsufficientStorage, "trouble.readonly", ""
	}
	return http.StatusServiceUnavailable, "trouble.card", ""
}

// formField is the question that is not answered as it must be.
func formField(err error) string {
	var f *ark.FieldError
	errors.As(err, &f)
	if f == nil {
		return ""
	}
	return f.Field
}

// fieldOf is the form's field that Visit.Check names at the end of its error.
func fieldOf(err error) string {
	text := err.Error()
	switch name := text[strings.LastIndex(text, " ")+1:]; name {
	case "service":
		return "services"
	default:
		return name
	}
}

// cardWord is a stable word for trouble with the card.
func cardWord(err error) string {
	switch {
	case err == nil:
		return ""
	case errors.Is(err, agent.ErrDiskFull):
		return "card-full"
	case errors.Is(err, agent.ErrReadOnly):
		return "card-readonly"
	}
	return "card-broken"
}
