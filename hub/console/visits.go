package console

import (
	"net/http"

	"ark"
	"ark/hub"
	"ark/internal/web"
)

// visitsPage is the visits, newest first.
type visitsPage struct {
	frame
	pager
	Visits []hub.Visit
	Only   string // a state of review; empty: all
	words  visitWords
}

func (c *Console) showVisits(w http.ResponseWriter, r *http.Request) {
	p := visitsPage{Only: r.URL.Query().Get("only")}
	state, known := reviewStates[p.Only]
	only := &state
	if !known && p.Only != ark.ReviewNone.String() {
		p.Only, only = "", nil
	}
	rows, err := desk(r.Context()).Visits(r.Context(), only, asked(r, shown+1))
	if err != nil {
		c.unread(w, r, err)
		return
	}
	p.frame = c.frame(r, "visits")
	p.Visits, p.pager = cut(r, rows, func(v hub.Visit) hub.Position { return v.Position })
	said := make([]ark.Visit, len(p.Visits))
	for i, v := range p.Visits {
		said[i] = v.Visit
	}
	if p.words, err = c.visitWords(r.Context(), web.LangOf(r), said...); err != nil {
		c.unread(w, r, err)
		return
	}
	c.site.Page(w, r, http.StatusOK, "visits.html", p)
}

// Tabs are the states that the page can be held to.
func (p visitsPage) Tabs() []string { return []string{"new", "returned", "approved", "rejected"} }

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
