package console

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"

	"ark"
	"ark/hub"
	"ark/internal/web"
)

// Up to how many visits are counted for a page. Those that words, needs or
// services find have to be looked at one by one.
const (
	countMost  = 10_000
	countMarks = 2000
	countWords = 500
)

// visitsPage is a page of the visits that a query chooses.
type visitsPage struct {
	frame
	Path   string // of the page
	Query  visitQuery
	Visits []hub.Visit
	Count  int
	Many   bool // there are more than were counted
	visitList
	OlderAt string
	NewerAt string // the pages after and before this one; empty: there is none
	Trouble string // key of why nothing was looked for
	Judges  bool   // whoever looks may judge
	People  []colleague
	Load    reviewLoad
	Views   []savedView
	Shares  bool   // whoever looks may share views
	Key     string // of the form that judges several
	Options visitOptions
	Chips   []chip
	words   visitWords
	asOf    string // a word for how visits stood when the list was made
}

// showVisits shows the list that the address asks for. Where it asks for
// nothing, not even with a question mark, that is the one that whoever looks
// wants to see first.
func (c *Console) showVisits(w http.ResponseWriter, r *http.Request) {
	p := c.visitsAsked(r)
	if web.Renews(r) && len(p.Query.Faults) == 0 {
		c.renewVisits(w, r, p)
		return
	}
	if r.URL.RawQuery == "" && !r.URL.ForceQuery {
		if home := c.home(r); home != "/" {
			http.Redirect(w, r, home, http.StatusSeeOther)
			return
		}
	}
	if !c.seek(w, r, &p) {
		return
	}
	c.answerVisits(w, r, &p, c.list(r, &p), func(status int) {
		p.frame, p.Key = c.frame(r, "visits"), c.once.key()
		var err error
		if p.Views, err = savedViews(r.Context(), p.Staff.Name, strings.TrimPrefix(p.Query.Plain(), "?")); err == nil && p.Shares && p.Trouble == "" {
			p.Load, err = c.reviewLoad(r, p.asOf, slices.Clone(p.People))
		}
		if err != nil {
			c.unread(w, r, err)
			return
		}
		c.site.Page(w, r, status, "visits.html", p)
	})
}

// visitsAsked is an empty page of the visits that a request asks for.
func (c *Console) visitsAsked(r *http.Request) visitsPage {
	p := visitsPage{Path: r.URL.Path, Query: visitQueryOf(r.URL.Query(), c.c.Zone)}
	p.Shares = staffOf(r).Is(hub.RoleReviewer)
	p.Judges = p.Shares && !p.Query.Filter.Withdrawn
	return p
}

// seek reads what there is to ask for; false: it has answered.
func (c *Console) seek(w http.ResponseWriter, r *http.Request, p *visitsPage) (ok bool) {
	err := c.choose(r, p)
	if err == nil {
		p.People, err = c.people(r, ark.Place{})
	}
	if err != nil {
		c.unread(w, r, err)
		return false
	}
	if query := p.Options.plain(r.URL.Query(), p.Query); query != "" {
		http.Redirect(w, r, p.Path+query, http.StatusSeeOther)
		return false
	}
	if len(p.Query.Faults) > 0 {
		p.Trouble = "find.faults"
	}
	return true
}

// choose reads what visits can be chosen by, and says what they are chosen by.
func (c *Console) choose(r *http.Request, p *visitsPage) error {
	choices, err := desk(r.Context()).VisitChoices(r.Context(), p.Query.Known.Has("place"))
	if err == nil {
		p.Options, err = c.visitOptions(r.Context(), web.LangOf(r), choices)
	}
	p.Chips = p.Options.chips(p.Query)
	return err
}

// answerVisits answers with a page that was filled, or says why it was not.
func (c *Console) answerVisits(w http.ResponseWriter, r *http.Request, p *visitsPage, err error, answer func(status int)) {
	status := http.StatusOK
	if errors.Is(err, hub.ErrSearch) {
		p.Trouble, err = "find.short", nil
	}
	if err != nil {
		c.unread(w, r, err)
		return
	}
	if p.Trouble != "" {
		status = http.StatusBadRequest
	}
	answer(status)
}

// findVisits reads a page, and how many there are in all, unless the query has
// a fault. The page stands as of a word already, and is on record.
func (c *Console) findVisits(r *http.Request, p *visitsPage) (err error) {
	if p.Trouble != "" {
		return nil
	}
	ctx, q := r.Context(), p.Query
	most := countMost
	switch {
	case q.Filter.Text != "":
		most = countWords
	case q.Filter.Need != "" || q.Filter.Service != "":
		most = countMarks
	}
	key := fmt.Sprint(q.with(keyOrder, ""), q.Filter.Box, p.asOf)
	if p.Count, err = c.counts.of(ctx, key, func(ctx context.Context) (int, error) { return desk(ctx).CountVisits(ctx, q.Filter, most+1) }); err != nil {
		return err
	}
	if p.Many = p.Count > most; p.Many {
		p.Count = most
	}
	if p.Visits, err = desk(ctx).FindVisits(ctx, q.Filter, q.page()); err != nil {
		return err
	}
	more := len(p.Visits) > shown
	switch {
	case more && q.Up:
		p.Visits = p.Visits[1:]
	case more:
		p.Visits = p.Visits[:shown]
	}
	if len(p.Visits) == 0 {
		p.First = q.At.Position == 0
		return nil
	}
	p.First = q.At.Position == 0 || q.Up && !more
	if !p.First {
		p.NewerAt = q.with(keyAbove, q.atOf(p.Visits[0]))
	}
	if more || q.Up {
		p.OlderAt = q.with(keyBelow, q.atOf(p.Visits[len(p.Visits)-1]))
	}
	return nil
}

func saidOf(visits []hub.Visit) []ark.Visit {
	said := make([]ark.Visit, len(visits))
	for i, v := range visits {
		said[i] = v.Visit
	}
	return said
}

// Back is the query of this very page.
func (p visitsPage) Back() string {
	return p.Query.with(keyBelow, p.Query.Known.Get(keyBelow), keyAbove, p.Query.Known.Get(keyAbove))
}

// Tabs are the states of review that the page can be held to; empty: all.
func (p visitsPage) Tabs() []string { return []string{"", "new", "returned", "approved", "rejected"} }

// TabAt is the address of a tab.
func (p visitsPage) TabAt(state string) string { return p.Query.with("state", state) }

// OrderAt is the address of the same visits in an order.
func (p visitsPage) OrderAt(order string) string { return p.Query.with(keyOrder, order) }

// Hidden are the parts of the query that the form has no field for.
func (p visitsPage) Hidden() map[string]string {
	parts := map[string]string{}
	for _, key := range []string{"state", "household", "box", keyOrder} {
		if v := p.Query.Known.Get(key); v != "" {
			parts[key] = v
		}
	}
	return parts
}

// Value is a part of the query as its field shows it, also one that was not
// understood.
func (p visitsPage) Value(key string) string {
	for _, f := range p.Query.Faults {
		if f.Key == key {
			return f.Value
		}
	}
	return p.Query.Known.Get(key)
}

// Kept tells whether the list is a view already that was kept.
func (p visitsPage) Kept() bool {
	return slices.ContainsFunc(p.Views, func(v savedView) bool { return v.Here })
}

// Stranger is the person to whom the visits that are asked for were given, where
// that is none of People; empty: it is one of them, or nobody is asked for.
func (p visitsPage) Stranger() string {
	name := p.Value("assigned")
	if name == hub.AssignedNobody || slices.ContainsFunc(p.People, func(k colleague) bool { return k.Value == name }) {
		return ""
	}
	return name
}

// Wrong tells whether a part of the query was not understood.
func (p visitsPage) Wrong(key string) bool {
	return slices.ContainsFunc(p.Query.Faults, func(f queryFault) bool { return f.Key == key })
}

// Search tells whether words are looked for, which is what most often finds
// nothing.
func (p visitsPage) Search() bool { return p.Query.Filter.Text != "" }

// Services are what was done at the door.
func (p visitsPage) Services(v hub.Visit) []string { return p.words.services(v.Visit) }

// Needs are a visit's needs, each in a line.
func (p visitsPage) Needs(v hub.Visit) (lines []string) {
	for _, n := range v.Needs {
		lines = append(lines, p.words.need(p.words.forms[v.Form], n))
	}
	if v.Need != "" {
		lines = append(lines, v.Need)
	}
	return lines
}
