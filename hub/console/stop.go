package console

import (
	"net/http"
	"time"

	"ark"
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
	to := chosen(vans, []string{r.PostFormValue("van")})
	if len(to) == 0 {
		c.lost(w, r)
		return
	}
	body := ark.Stop{NotAfter: ark.Milli(c.c.Now().Add(stopWithin)), By: nameOf(r)}
	if !c.order(r, "", to, ark.KindStop, body, "stop.done") {
		c.site.Page(w, r, http.StatusServiceUnavailable, "unkept.html", c.frame(r, ""))
		return
	}
	http.Redirect(w, r, "/orders", http.StatusSeeOther)
}
