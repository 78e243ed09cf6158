package console

import (
	"errors"
	"fmt"
	"net/http"

	"ark"
	"ark/hub"
	"ark/internal/web"
)

type toldVisit struct {
	Position    hub.Position     `json:"position"`
	ID          ark.ID           `json:"id"`
	Van         ark.VanID        `json:"van"`
	At          ark.UnixMilli    `json:"at"`      // when the van wrote it down
	Trusted     bool             `json:"trusted"` // whether at can be believed
	Made        ark.UnixMilli    `json:"made"`
	Doubtful    bool             `json:"doubtful"` // made may be wrong
	Received    int64            `json:"received"`
	Last        ark.ID           `json:"last"`               // the newest entry about it: what a review speaks of
	State       string           `json:"state"`              // new, approved, returned or rejected
	Reviewed    hub.Position     `json:"reviewed,omitempty"` // its newest review
	Assigned    string           `json:"assigned,omitempty"`
	Comments    int              `json:"comments,omitempty"`
	Changed     int64            `json:"changed,omitempty"`
	Amended     int              `json:"amended,omitempty"`
	Withdrawn   bool             `json:"withdrawn,omitempty"`
	Place       string           `json:"place"`
	Where       ark.Place        `json:"where,omitzero"`
	Household   ark.ID           `json:"household,omitzero"`
	Person      string           `json:"person,omitempty"`
	Outcome     string           `json:"outcome"`
	Services    []ark.Service    `json:"services,omitempty"`
	Needs       []ark.Need       `json:"needs,omitempty"`
	Need        string           `json:"need,omitempty"`
	Note        string           `json:"note,omitempty"`
	Return      bool             `json:"return,omitempty"`
	Form        int64            `json:"form"`
	Answers     []ark.Answer     `json:"answers,omitempty"`
	Consent     []ark.Consent    `json:"consent,omitempty"`
	Geo         *ark.Geo         `json:"geo,omitempty"`
	Attachments []ark.Attachment `json:"attachments,omitempty"`
	By          string           `json:"by,omitempty"`
	Member      ark.ID           `json:"member,omitzero"`
	Phone       ark.ID           `json:"phone,omitzero"`
}

func tellOne(v hub.Visit) toldVisit {
	return toldVisit{Position: v.Position, ID: v.ID, Van: v.Van, At: v.At.Wall, Trusted: v.At.Trusted, Made: v.MadeAt(v.At), Doubtful: v.Doubtful(v.At),
		Received: v.Received.UnixMilli(), Last: v.Last, State: v.State.String(), Reviewed: v.Reviewed, Assigned: v.Assigned, Comments: v.Comments, Changed: v.Changed, Amended: v.Amended, Withdrawn: v.Withdrawn, Place: v.Place, Where: v.Where,
		Household: v.Household, Person: v.Person, Outcome: v.Outcome.String(), Services: v.Services, Needs: v.Needs, Need: v.Need, Note: v.Note,
		Return: v.Return, Form: v.Form, Answers: v.Answers, Consent: v.Consent, Geo: v.Geo, Attachments: v.Attachments, By: v.By, Member: v.Member, Phone: v.Phone}
}

// toldVisits is a page of visits.
type toldVisits struct {
	Visits []toldVisit `json:"visits"`
	Next   string      `json:"next,omitempty"`
}

// tellVisits lists visits by the filter of the page of visits, the newest
// first. What is not understood is refused, cursors too: a program that asks on
// with a wrong one would begin anew and never know.
func (c *Console) tellVisits(w http.ResponseWriter, r *http.Request) {
	q, limit := visitQueryOf(r.URL.Query(), c.c.Zone), wanted(r).Limit
	before, ok := cursorOf(r, "before")
	if !ok || q.Up || before != 0 && (q.At.Position != 0 || q.Order != hub.ByArrival) {
		tellError(w, http.StatusBadRequest, "cursor")
		return
	}
	if before != 0 {
		q.At.Position = hub.Position(before)
	}
	var faults []string
	for _, f := range q.Faults {
		faults = append(faults, f.Key)
	}
	if len(faults) > 0 {
		tellError(w, http.StatusBadRequest, "query", faults...)
		return
	}
	rows, err := desk(r.Context()).FindVisits(r.Context(), q.Filter, hub.VisitPage{Order: q.Order, After: q.At, Limit: limit + 1})
	if errors.Is(err, hub.ErrSearch) {
		tellError(w, http.StatusBadRequest, "query", "q")
		return
	}
	if err != nil {
		c.untold(w, "visits", err)
		return
	}
	told := toldVisits{Visits: []toldVisit{}}
	if len(rows) > limit {
		rows = rows[:limit]
		told.Next = r.URL.Path + q.with(keyBelow, q.atOf(rows[limit-1])) + fmt.Sprintf("&limit=%d", limit)
	}
	for _, v := range rows {
		told.Visits = append(told.Visits, tellOne(v))
	}
	web.JSON(w, http.StatusOK, told)
}

type toldEdition struct {
	Entry     ark.ID        `json:"entry"`
	Kind      string        `json:"kind"` // visit, amend or withdraw
	At        ark.UnixMilli `json:"at"`
	Trusted   bool          `json:"trusted"`
	Received  int64         `json:"received"`
	Why       string        `json:"why,omitempty"`
	By        string        `json:"by,omitempty"`
	Withdrawn bool          `json:"withdrawn,omitempty"`
	Visit     *toldVisit    `json:"visit,omitempty"` // as this entry says it
}

type toldReview struct {
	N       hub.Position  `json:"n"` // the newest is the visit's reviewed
	Entry   ark.ID        `json:"entry"`
	State   string        `json:"state"`
	Comment string        `json:"comment,omitempty"`
	By      string        `json:"by,omitempty"`
	At      ark.UnixMilli `json:"at"`
	Held    bool          `json:"held"` // the van has it
}

type toldComment struct {
	N     int64         `json:"n"`
	By    string        `json:"by"`
	At    ark.UnixMilli `json:"at"`
	Words string        `json:"words,omitempty"`
	Gone  bool          `json:"gone,omitempty"` // it was taken back
}

type toldAssignment struct {
	To string        `json:"to,omitempty"` // absent: to nobody
	By string        `json:"by"`
	At ark.UnixMilli `json:"at"`
}

// tellVisit answers with a visit, its history, and which of its attachments
// are here.
func (c *Console) tellVisit(w http.ResponseWriter, r *http.Request) {
	id, err := ark.ParseID(r.PathValue("id"))
	if err != nil {
		tellError(w, http.StatusNotFound, "not-there")
		return
	}
	v, err := desk(r.Context()).VisitRecord(r.Context(), id)
	var files []visitFile
	if err == nil {
		files, err = visitFiles(r.Context(), v)
	}
	if err != nil {
		c.untold(w, "visit", err)
		return
	}
	told := tellOne(v.Visit)
	editions, reviews, here := []toldEdition{}, []toldReview{}, map[string]bool{}
	for _, e := range v.Editions {
		one := toldEdition{e.Entry, e.Kind.String(), e.At.Wall, e.At.Trusted, e.Received.UnixMilli(), e.Why, e.By, e.Withdrawn, nil}
		if !e.Withdrawn {
			said := tellOne(hub.Visit{Position: v.Position, Visit: e.Visit, ID: v.ID, Van: v.Van, At: e.At, Received: e.Received, Last: e.Entry})
			one.Visit, one.By = &said, e.Visit.By
		}
		editions = append(editions, one)
	}
	for _, x := range v.Reviews {
		reviews = append(reviews, toldReview{x.Position, x.Entry, x.State.String(), x.Comment, x.By, x.At, x.Held})
	}
	given, thread := []toldAssignment{}, []toldComment{}
	for _, a := range v.Given {
		given = append(given, toldAssignment(a))
	}
	for _, k := range v.Thread {
		thread = append(thread, toldComment{k.N, k.By, k.At, k.Words, k.Gone})
	}
	for _, f := range files {
		here[f.Content.String()] = f.Here
	}
	web.JSON(w, http.StatusOK, map[string]any{"visit": told, "editions": editions, "reviews": reviews, "assignments": given, "comments": thread, "here": here})
}
