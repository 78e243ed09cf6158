package console

import (
	"encoding/json"
	"errors"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"ark"
	"ark/hub"
	"ark/internal/web"
)

// teamRoutes are those of what staff share among them.
func (c *Console) teamRoutes() []route {
	return []route{
		{"POST /visits/{id}/assign", hub.RoleReviewer, c.assignVisit},
		{"GET /visits/{id}/assign", hub.RoleReader, c.showVisit}, // a form that was refused keeps itself fresh
		{"POST /visits/{id}/comment", hub.RoleReviewer, c.commentVisit},
		{"GET /visits/{id}/comment", hub.RoleReader, c.showVisit},
		{"POST /visits/{id}/comment/{n}/back", hub.RoleReviewer, c.uncommentVisit},
		{"POST /api/1/visits/{id}/assign", hub.RoleReviewer, c.takeAssignment},
		{"POST /api/1/visits/{id}/comments", hub.RoleReviewer, c.takeComment},
		{"POST /api/1/visits/{id}/comments/{n}/back", hub.RoleReviewer, c.takeCommentBack},
	}
}

// midnight is when today began in the office.
func (c *Console) midnight() time.Time {
	now := c.c.Now().In(c.c.Zone)
	return time.Date(now.Year(), now.Month(), now.Day(), 0, 0, 0, 0, c.c.Zone)
}

// waiting is how many visits wait for whoever looks, as far as mostWaiting.
func (c *Console) waiting(r *http.Request) int {
	if !staffOf(r).Is(hub.RoleReviewer) {
		return 0
	}
	n, err := desk(r.Context()).Waiting(r.Context(), mostWaiting)
	if err != nil {
		return 0 // the page itself says that nothing can be read
	}
	return n
}

// mostWaiting is up to how many visits are counted beside every page.
const mostWaiting = 1000

// assign gives a visit to somebody; fault is the key of why it was not done.
func (c *Console) assign(r *http.Request, visit ark.ID, to, was string) (fault string, status int) {
	err := desk(r.Context()).SetAssigned(r.Context(), visit, to, was)
	switch {
	case err == nil:
		return "", http.StatusOK
	case errors.Is(err, hub.ErrStale):
		return "assign.given", http.StatusConflict
	case errors.Is(err, hub.ErrInvalid):
		return "assign.nobody", http.StatusUnprocessableEntity
	case errors.Is(err, hub.ErrNotThere):
		return "assign.gone", http.StatusNotFound
	}
	c.c.Log.Error("a visit is not assigned", "err", err)
	return ours(err, "review.ours"), http.StatusServiceUnavailable
}

// formOf reads a form about a visit. False: it has answered; so it has where
// the form came before, by a second tap.
func (c *Console) formOf(w http.ResponseWriter, r *http.Request) (v hub.VisitRecord, back string, ok bool) {
	r.Body = http.MaxBytesReader(w, r.Body, maxForm)
	if v, ok = c.visitOf(w, r); !ok {
		return v, "", false
	}
	back = "/visits/" + v.ID.String()
	if !c.once.first(r.PostFormValue("key")) {
		http.Redirect(w, r, back, http.StatusSeeOther)
		return v, back, false
	}
	return v, back, true
}

// again shows a visit's page again with what was wrong with a form on it. One
// that may have been kept does not come again.
func (c *Console) again(w http.ResponseWriter, r *http.Request, status int, fault string, change func(p *visitPage)) {
	if fault != unsure {
		c.once.forget(r.PostFormValue("key"))
	}
	p, ok := c.visitPage(w, r)
	if !ok {
		return
	}
	change(&p)
	c.answerVisit(w, r, status, p)
}

// assignVisit takes the form of a visit's page that gives it to somebody.
func (c *Console) assignVisit(w http.ResponseWriter, r *http.Request) {
	v, back, ok := c.formOf(w, r)
	if !ok {
		return
	}
	to := r.PostForm.Get("to")
	if r.PostForm.Get("do") == bulkMine {
		to = nameOf(r)
	}
	if fault, status := c.assign(r, v.ID, to, r.PostForm.Get("was")); fault != "" {
		c.again(w, r, status, fault, func(p *visitPage) { p.AssignFault = fault })
		return
	}
	http.Redirect(w, r, back, http.StatusSeeOther)
}

// comment keeps a word to colleagues; fault is the key of why it was not kept.
func (c *Console) comment(r *http.Request, visit ark.ID, words string) (fault string, status int) {
	words = strings.TrimSpace(strings.ReplaceAll(words, "\r\n", "\n"))
	err := desk(r.Context()).AddComment(r.Context(), visit, words)
	switch {
	case err == nil:
		return "", http.StatusOK
	case errors.Is(err, hub.ErrInvalid):
		return "comment.bad", http.StatusUnprocessableEntity
	case errors.Is(err, hub.ErrFull):
		return "comment.full", http.StatusUnprocessableEntity
	case errors.Is(err, hub.ErrNotThere):
		return "assign.gone", http.StatusNotFound
	}
	c.c.Log.Error("a comment is not kept", "err", err)
	return ours(err, "review.ours"), http.StatusServiceUnavailable
}

// commentVisit takes the form of a visit's page with a word to colleagues.
func (c *Console) commentVisit(w http.ResponseWriter, r *http.Request) {
	v, back, ok := c.formOf(w, r)
	if !ok {
		return
	}
	words := r.PostForm.Get("words")
	if fault, status := c.comment(r, v.ID, words); fault != "" {
		c.again(w, r, status, fault, func(p *visitPage) { p.ThreadFault, p.Words = fault, words })
		return
	}
	http.Redirect(w, r, back+"#thread", http.StatusSeeOther)
}

// uncommentVisit takes one of one's own comments back.
func (c *Console) uncommentVisit(w http.ResponseWriter, r *http.Request) {
	v, back, ok := c.formOf(w, r)
	if !ok {
		return
	}
	n, err := strconv.ParseInt(r.PathValue("n"), 10, 64)
	if err != nil {
		c.lost(w, r)
		return
	}
	err = desk(r.Context()).RemoveComment(r.Context(), v.ID, n)
	switch {
	case err == nil:
		c.say(r, c.site.Text(r, "comment.goneSaid"))
	case errors.Is(err, hub.ErrStale), errors.Is(err, hub.ErrNotThere):
		c.say(r, c.site.Text(r, "comment.late"))
	default:
		c.unread(w, r, err)
		return
	}
	http.Redirect(w, r, back+"#thread", http.StatusSeeOther)
}

// takeAssignment is assignVisit for machines.
func (c *Console) takeAssignment(w http.ResponseWriter, r *http.Request) {
	var body struct{ To, Was string }
	c.takeFor(w, r, &body, func(id ark.ID) (string, int) { return c.assign(r, id, body.To, body.Was) })
}

// takeComment is commentVisit for machines.
func (c *Console) takeComment(w http.ResponseWriter, r *http.Request) {
	var body struct{ Words string }
	c.takeFor(w, r, &body, func(id ark.ID) (string, int) { return c.comment(r, id, body.Words) })
}

// takeCommentBack is uncommentVisit for machines.
func (c *Console) takeCommentBack(w http.ResponseWriter, r *http.Request) {
	id, err := ark.ParseID(r.PathValue("id"))
	n, nerr := strconv.ParseInt(r.PathValue("n"), 10, 64)
	if err != nil || nerr != nil {
		tellError(w, http.StatusNotFound, "not-there")
		return
	}
	switch err := desk(r.Context()).RemoveComment(r.Context(), id, n); {
	case err == nil:
		c.tellVisit(w, r)
	case errors.Is(err, hub.ErrStale):
		tellError(w, http.StatusConflict, "late")
	default:
		c.untold(w, "comment", err)
	}
}

// takeFor reads what a program sends about a visit, does it, and answers with
// the visit.
func (c *Console) takeFor(w http.ResponseWriter, r *http.Request, body any, do func(id ark.ID) (fault string, status int)) {
	id, err := ark.ParseID(r.PathValue("id"))
	if err != nil {
		tellError(w, http.StatusNotFound, "not-there")
		return
	}
	if err := json.NewDecoder(http.MaxBytesReader(w, r.Body, maxForm)).Decode(body); err != nil {
		tellGarbage(w, err)
		return
	}
	switch fault, status := do(id); {
	case fault == "":
		c.tellVisit(w, r)
	case status == http.StatusNotFound:
		tellError(w, status, "not-there")
	default:
		_, word, _ := strings.Cut(fault, ".")
		tellError(w, status, word)
	}
}

// colleague is somebody to whom visits can be given.
type colleague struct {
	Value, Name string
	Me          bool
}

// people are those to whom visits at a place can be given; the zero place: any.
func (c *Console) people(r *http.Request, at ark.Place) (all []colleague, err error) {
	found, err := desk(r.Context()).Reviewers(r.Context())
	for _, p := range found {
		if at.Plain().Street != "" && !p.Sight.Sees(at) {
			continue
		}
		k := colleague{Value: p.Name, Name: p.Name, Me: p.Name == nameOf(r)}
		if p.Display != "" && p.Display != p.Name {
			k.Name = p.Display + "（" + p.Name + "）"
			if web.LangOf(r) == web.En {
				k.Name = p.Display + " (" + p.Name + ")"
			}
		}
		all = append(all, k)
	}
	if i := slices.IndexFunc(all, func(k colleague) bool { return k.Me }); i > 0 {
		me := all[i]
		all = slices.Insert(slices.Delete(all, i, i+1), 0, me)
	}
	return all, err
}
