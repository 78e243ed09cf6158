package console

import (
	"net/http"
	"strconv"
	"time"

	"ark"
	"ark/hub"
)

// stopWithin is how long a stop is worth doing. What is heard later was begun
// later.
const stopWithin = 5 * time.Minute

// stop ends what plays on the vans that a form names.
func (c *Console) stop(w http.ResponseWriter, r *http.Request) {
	r.Body = http.MaxBytesReader(w, r.Body, maxForm)
	vans, err := c.playable(r)
	if err != nil {
		c.unread(w, r, err)
		return
	}
	r.PostFormValue("van") // reads the form
	to := chosen(vans, r.PostForm["van"])
	if len(to) == 0 {
		c.lost(w, r)
		return
	}
	body := ark.Stop{NotAfter: ark.Milli(c.c.Now().Add(stopWithin))}
	if _, err := c.order(r, "", to, func() ([]ark.ID, error) { return desk(r.Context()).Stop(r.Context(), to, body) }, "stop.done"); err != nil {
		c.site.Page(w, r, http.StatusServiceUnavailable, "unkept.html", c.frame(r, ""))
		return
	}
	back := "/orders"
	if at, err := strconv.ParseInt(r.PostForm.Get("form"), 10, 64); err == nil && at > 0 {
		back = groupPath(hub.Position(at)) // it was stopped from the page of its form
	}
	http.Redirect(w, r, back, http.StatusSeeOther)
}
