package console

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"

	"ark"
	"ark/hub"
	"ark/internal/web"
)

// visitRoutes are those of single visits.
func (c *Console) visitRoutes(m *http.ServeMux) {
	m.Handle("GET /visits/{id}", c.in(c.showVisit))
	m.Handle("POST /visits/{id}/review", c.in(c.reviewVisit))
	m.Handle("GET /visits/{id}/review", c.in(c.showVisit)) // a form that was refused keeps itself fresh
	m.Handle("GET /visits/{id}/files/{hash}", c.in(c.showFile))
	m.Handle("GET /api/1/visits/{id}", c.in(c.tellVisit))
	m.Handle("POST /api/1/visits/{id}/review", c.in(c.takeReview))
}

// visitPage is a visit with all that became of it.
type visitPage struct {
	frame
	Visit     hub.Visit
	Facts     []fact // as it is now
	Made      []fact // who, when and with what it was written down
	Doubts    []string
	Files     []visitFile
	Sayings   []saying // the newest first
	Household bool     // households have pages
	Key       string   // of the form
	Comment   string   // that was typed and not kept
	Fault     string   // key of what was wrong with it
}

// saying is an entry about a visit: what it changed, and what staff made of
// it.
type saying struct {
	hub.VisitEdition
	First   bool
	By      string
	Doubt   bool
	Changes []difference
	Reviews []hub.VisitReview // the newest first
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
	p, err := c.pageOf(r.Context(), web.LangOf(r), v)
	if err != nil {
		c.unread(w, r, err)
		return p, false
	}
	p.frame, p.Key = c.frame(r, "visits"), c.once.key()
	return p, true
}

// visitOf is the visit that a request names; false: it has answered.
func (c *Console) visitOf(w http.ResponseWriter, r *http.Request) (v hub.VisitRecord, ok bool) {
	id, err := ark.ParseID(r.PathValue("id"))
	if err != nil {
		c.lost(w, r)
		return v, false
	}
	v, err = c.c.Reviews.VisitRecord(r.Context(), hub.Everything, id)
	switch {
	case errors.Is(err, hub.ErrNotThere):
		c.lost(w, r)
	case err != nil:
		c.unread(w, r, err)
	}
	return v, err == nil
}

func (c *Console) pageOf(ctx context.Context, l web.Lang, v hub.VisitRecord) (p visitPage, err error) {
	p = visitPage{Visit: v.Visit, Household: c.has("households")}
	said := []ark.Visit{v.Visit.Visit}
	for _, e := range v.Editions {
		said = append(said, e.Visit)
	}
	words, err := c.visitWords(ctx, l, said...)
	if err != nil {
		return p, err
	}
	if words.phones, err = c.c.Roster.VanPhones(ctx, hub.Everything); err != nil {
		return p, err
	}
	p.Facts, p.Made, p.Doubts = words.facts(v.Visit.Visit), words.made(v.Visit), words.doubts(v.Visit)
	if p.Files, err = c.visitFiles(ctx, v); err != nil {
		return p, err
	}
	p.Sayings = words.sayings(v)
	return p, nil
}

// sayings are all entries about a visit, the newest first, each with what it
// changed of the one before.
func (t visitWords) sayings(v hub.VisitRecord) (all []saying) {
	for i, e := range v.Editions {
		s := saying{VisitEdition: e, First: i == 0, By: e.By, Doubt: !e.At.Trusted}
		if !e.Withdrawn {
			s.By, s.Doubt = e.Visit.By, e.Visit.Doubtful(e.At)
			if i > 0 {
				s.Changes = differences(t.all(v.Editions[i-1].Visit), t.all(e.Visit))
			}
		}
		for _, r := range v.Reviews {
			if r.Entry == e.Entry {
				s.Reviews = append(s.Reviews, r)
			}
		}
		slices.Reverse(s.Reviews)
		all = append(all, s)
	}
	slices.Reverse(all)
	return all
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
