package console

import (
	"fmt"
	"net/http"
	"slices"

	"ark"
	"ark/hub"
	"ark/internal/web"
)

// visitRoutes are those of visits.
func (c *Console) visitRoutes() []route {
	return []route{
		{"GET /{$}", hub.RoleReader, c.showVisits},
		{"GET /overview", hub.RoleReader, c.showOverview},
		{"GET /map", hub.RoleReader, c.showMap},
		{"GET /map/clusters", hub.RoleReader, c.tellClusters},
		{"GET /map/outline", hub.RoleReader, c.tellOutline},
		{"POST /bulk", hub.RoleReviewer, c.judgeMany},
		{"GET /bulk/{key}", hub.RoleReviewer, c.showBulk},
		{"POST /bulk/{key}/undo", hub.RoleReviewer, c.undoMany},
		{"GET /api/1/visits", hub.RoleReader, c.tellVisits},
		{"GET /visits/choices", hub.RoleReader, c.tellChoices},
		{"GET /visits/{id}", hub.RoleReader, c.showVisit},
		{"GET /visits/{id}/show", hub.RoleReader, unrevealed},
		{"POST /visits/{id}/show", hub.RoleReviewer, c.revealVisit},
		{"GET /visits/{id}/entries", hub.RoleTechnician, unrevealed},
		{"POST /visits/{id}/entries", hub.RoleTechnician, c.revealEntries},
		{"POST /visits/{id}/review", hub.RoleReviewer, c.reviewVisit},
		{"GET /visits/{id}/review", hub.RoleReader, c.showVisit}, // a form that was refused keeps itself fresh
		{"GET /visits/{id}/files/{hash}", hub.RoleReader, c.showFile},
		{"GET /api/1/visits/{id}", hub.RoleReader, c.tellVisit},
		{"POST /api/1/visits/{id}/review", hub.RoleReviewer, c.takeReview},
	}
}

// visitPage is a visit with all that became of it.
type visitPage struct {
	frame
	Visit   hub.Visit
	Facts   []fact // as it is now
	Made    []fact // who, when and with what it was written down
	Doubts  []string
	Files   []visitFile
	Story   []moment // the newest first
	Origins []origin // where each fact comes from
	Entries []entryAt
	Again   *again // it was judged before, and amended since; nil: it was not
	People  []colleague
	Hidden  bool   // something is masked
	Shown   bool   // nothing is: whoever looks has asked for it
	Key     string // of the form
	Comment string // that was typed and not kept
	Fault   string // key of what was wrong with it
	Words   string // to colleagues, that were typed and not kept

	ThreadFault, AssignFault string // keys of what was wrong with the other forms
}

// saying is an entry about a visit, and what it changed.
type saying struct {
	hub.VisitEdition
	First   bool
	By      string
	Doubt   bool
	Changes []difference
}

// RevealAt is where a visit is shown as it is.
func (p visitPage) RevealAt() string { return "/visits/" + p.Visit.ID.String() + "/show" }

// veiled tells whether something in it is masked.
func (s saying) veiled() bool {
	return veiled(s.Why) || slices.ContainsFunc(s.Changes, func(d difference) bool { return veiled(d.Their + d.Mine) })
}

func (c *Console) showVisit(w http.ResponseWriter, r *http.Request) {
	p, ok := c.visitPage(w, r)
	if ok {
		c.answerVisit(w, r, http.StatusOK, p)
	}
}

func (c *Console) answerVisit(w http.ResponseWriter, r *http.Request, status int, p visitPage) {
	web.AllowListening(w)
	c.site.Page(w, r, status, "visit.html", p)
}

// visitPage reads the visit that a request names; false: it has answered.
func (c *Console) visitPage(w http.ResponseWriter, r *http.Request) (p visitPage, ok bool) {
	v, ok := c.visitOf(w, r)
	if !ok {
		return p, false
	}
	p, err := c.pageOf(r, v)
	if err != nil {
		c.unread(w, r, err)
		return p, false
	}
	p.frame, p.Key = c.frame(r, "visits"), c.once.key()
	return p, true
}

// revealVisit shows one as it is, once: it is on record who asked for it.
func (c *Console) revealVisit(w http.ResponseWriter, r *http.Request) {
	r.Body = http.MaxBytesReader(w, r.Body, maxForm)
	id, err := ark.ParseID(r.PathValue("id"))
	if err != nil {
		c.lost(w, r)
		return
	}
	v, err := desk(r.Context()).RevealVisit(r.Context(), id, r.PostFormValue("reason"))
	if err != nil {
		c.unread(w, r, err)
		return
	}
	p, err := c.pageOf(r, v)
	if err != nil {
		c.unread(w, r, err)
		return
	}
	p.frame, p.Key, p.Shown, p.Hidden = c.frame(r, ""), c.once.key(), true, false // it would mask itself again if it watched
	c.answerVisit(w, r, http.StatusOK, p)
}

// visitOf is the visit that a request names; false: it has answered.
func (c *Console) visitOf(w http.ResponseWriter, r *http.Request) (v hub.VisitRecord, ok bool) {
	id, err := ark.ParseID(r.PathValue("id"))
	if err != nil {
		c.lost(w, r)
		return v, false
	}
	v, err = desk(r.Context()).VisitRecord(r.Context(), id)
	if err != nil {
		c.unread(w, r, err)
	}
	return v, err == nil
}

func (c *Console) pageOf(r *http.Request, v hub.VisitRecord) (p visitPage, err error) {
	p = visitPage{Visit: v.Visit}
	said := []ark.Visit{v.Visit.Visit}
	for _, e := range v.Editions {
		said = append(said, e.Visit)
	}
	words, err := c.visitWords(r.Context(), web.LangOf(r), said...)
	if err != nil {
		return p, err
	}
	if words.phones, err = desk(r.Context()).VanPhones(r.Context()); err != nil {
		return p, err
	}
	p.Facts, p.Made, p.Doubts = words.facts(v.Visit.Visit), words.made(v.Visit), words.doubts(v.Visit)
	if p.Files, err = visitFiles(r.Context(), v); err != nil {
		return p, err
	}
	if staffOf(r).Is(hub.RoleReviewer) {
		if p.People, err = c.people(r, v.Where); err != nil {
			return p, err
		}
	}
	p.Origins, p.Entries = words.origins(v), words.entries(v)
	p.Story, p.Again = words.story(v, nameOf(r), c.c.Now()), words.again(v)
	p.Hidden = slices.ContainsFunc(p.Facts, func(f fact) bool { return veiled(f.Value) }) || slices.ContainsFunc(p.Story, moment.veiled)
	return p, nil
}

// reviewTone is the colour of a state of review.
func reviewTone(s ark.ReviewState) string {
	switch s {
	case ark.ReviewApproved:
		return "ok"
	case ark.ReviewReturned:
		return "warn"
	case ark.ReviewRejected:
		return "bad"
	}
	return "plain"
}

// spot is a place on Earth as people compare it: in degrees.
func spot(g ark.Geo) string {
	const unit = 1e7
	return fmt.Sprintf("%.5f, %.5f ± %d m", float64(g.Lat)/unit, float64(g.Lon)/unit, g.Acc)
}
