package console

import (
	"fmt"
	"net/http"

	"ark"
	"ark/hub"
	"ark/internal/web"
)

// vansPage is all vans by name.
type vansPage struct {
	frame
	Vans []hub.Van
	On   int // how many are connected
}

func (c *Console) showVans(w http.ResponseWriter, r *http.Request) {
	vans, err := c.c.Views.Vans(r.Context())
	if err != nil {
		c.unread(w, r, err)
		return
	}
	p := vansPage{frame: c.frame(r, "vans"), Vans: vans}
	for _, v := range vans {
		if v.Here {
			p.On++
		}
	}
	c.site.Page(w, r, http.StatusOK, "vans.html", p)
}

// short is enough of an incarnation to tell a van's few apart; the log has
// the whole.
func short(i ark.Incarnation) string { return i.String()[:8] }

// begun says why a journal began anew, where the one before it ended and what
// of it could not be read.
func (c *Console) begun(l web.Lang, b hub.Begun) string {
	why, rest := "van.rebegun", texts.In(l, "van.allRead")
	if b.Why == ark.BegunSalvage {
		why = "van.salvaged"
	}
	switch {
	case b.Unreadable > 0:
		rest = fmt.Sprintf(texts.In(l, "van.unreadable"), b.Unreadable)
	case b.Unreadable < 0:
		rest = texts.In(l, "van.unknownRead")
	}
	before := "?"
	if !b.Previous.IsZero() {
		before = short(b.Previous)
	}
	when := c.at(l, b.At.Wall.Time())
	if !b.At.Trusted {
		when = texts.In(l, "visit.doubt")
	}
	return fmt.Sprintf(texts.In(l, why), when, before, b.Ended) + rest
}
