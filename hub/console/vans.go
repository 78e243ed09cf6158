package console

import (
	"net/http"

	"ark/hub"
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
