package console

import (
	"net/http"

	"ark/hub"
)

// broadcastsPage is what was played, what was last told of first.
type broadcastsPage struct {
	frame
	pager
	Broadcasts []hub.Broadcast
}

func (c *Console) showBroadcasts(w http.ResponseWriter, r *http.Request) {
	rows, err := c.c.Views.Broadcasts(r.Context(), asked(r, shown+1))
	if err != nil {
		c.unread(w, r, err)
		return
	}
	p := broadcastsPage{frame: c.frame(r, "broadcasts")}
	p.Broadcasts, p.pager = cut(r, rows, func(b hub.Broadcast) hub.Position { return b.Position })
	c.site.Page(w, r, http.StatusOK, "broadcasts.html", p)
}
