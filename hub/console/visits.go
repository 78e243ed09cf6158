package console

import (
	"net/http"

	"ark/hub"
)

// visitsPage is the visits, newest first.
type visitsPage struct {
	frame
	pager
	Visits []hub.Visit
}

func (c *Console) showVisits(w http.ResponseWriter, r *http.Request) {
	rows, err := c.c.Views.Visits(r.Context(), asked(r, shown+1))
	if err != nil {
		c.unread(w, r, err)
		return
	}
	p := visitsPage{frame: c.frame(r, "visits")}
	p.Visits, p.pager = cut(r, rows, func(v hub.Visit) hub.Position { return v.Position })
	c.site.Page(w, r, http.StatusOK, "visits.html", p)
}
