package console

import (
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"time"

	"ark"
	"ark/hub"
)

// spans are for how long a "play now" may be worth doing.
var spans = []time.Duration{5 * time.Minute, 15 * time.Minute, time.Hour}

// everyVan stands in a form for all vans.
const everyVan = "*"

// playPage asks what to play, where, and until when it is worth doing.
type playPage struct {
	frame
	Key           string // of this form
	Announcements []ark.Announcement
	Vans          []hub.Van
	Spans         []time.Duration

	Chosen  ark.AnnouncementID
	For     []string // ids of vans, or everyVan
	Span    time.Duration
	Trouble string // key of what to do now
}

func (c *Console) showPlay(w http.ResponseWriter, r *http.Request) {
	p := playPage{Key: c.once.key(), Span: spans[0], Chosen: ark.AnnouncementID(r.URL.Query().Get("announcement")), For: r.URL.Query()["van"]}
	c.playPage(w, r, http.StatusOK, p)
}

func (c *Console) playPage(w http.ResponseWriter, r *http.Request, status int, p playPage) {
	vans, err := c.playable(r)
	if err != nil {
		c.unread(w, r, err)
		return
	}
	p.frame = c.frame(r, "play")
	p.Vans, p.Announcements, p.Spans = vans, c.c.Announcements(), spans
	if len(p.For) == 0 && p.Trouble == "" && len(vans) == 1 {
		p.For = []string{string(vans[0].ID)}
	}
	c.site.Page(w, r, status, "play.html", p)
}

// playable are the vans to which an order can come: those that may connect.
func (c *Console) playable(r *http.Request) ([]hub.Van, error) {
	vans, err := c.c.Views.Vans(r.Context())
	return slices.DeleteFunc(vans, func(v hub.Van) bool { return !v.Admitted && !v.Here }), err
}

func (c *Console) play(w http.ResponseWriter, r *http.Request) {
	r.Body = http.MaxBytesReader(w, r.Body, maxForm)
	p := playPage{Chosen: ark.AnnouncementID(r.PostFormValue("announcement")), For: r.PostForm["van"], Key: r.PostForm.Get("key")}
	minutes, _ := strconv.Atoi(r.PostForm.Get("minutes")) // checked below
	p.Span = time.Duration(minutes) * time.Minute
	vans, err := c.playable(r)
	if err != nil {
		c.unread(w, r, err)
		return
	}
	to := chosen(vans, p.For)
	switch known := func(a ark.Announcement) bool { return a.ID == p.Chosen }; {
	case !slices.ContainsFunc(c.c.Announcements(), known):
		p.Trouble = "play.noAnnouncement"
	case len(to) == 0:
		p.Trouble = "play.noVan"
	case !slices.Contains(spans, p.Span):
		p.Trouble = "play.noSpan"
	}
	if p.Trouble != "" {
		c.playPage(w, r, http.StatusUnprocessableEntity, p)
		return
	}
	order := ark.PlayNow{Announcement: p.Chosen, NotAfter: ark.Milli(c.c.Now().Add(p.Span)), By: nameOf(r)}
	if !c.order(r, p.Key, to, ark.KindPlayNow, order, "play.done") {
		p.Trouble = "play.ours"
		c.playPage(w, r, http.StatusServiceUnavailable, p)
		return
	}
	http.Redirect(w, r, "/orders", http.StatusSeeOther)
}

// chosen are the vans that a form names, each once.
func chosen(vans []hub.Van, names []string) (to []ark.VanID) {
	for _, v := range vans {
		if slices.Contains(names, everyVan) || slices.Contains(names, string(v.ID)) {
			to = append(to, v.ID)
		}
	}
	return to
}

// order makes an order once for each form, and says what was done. False: it
// could not be kept.
func (c *Console) order(r *http.Request, key string, to []ark.VanID, kind ark.Kind, body any, done string) bool {
	if !c.once.first(key) {
		return true
	}
	if _, err := c.c.Commander.Order(r.Context(), to, kind, body); err != nil {
		c.once.forget(key)
		c.c.Log.Error("an order was not made", "kind", kind.String(), "err", err)
		return false
	}
	c.c.Log.Info("an order was made", "kind", kind.String(), "vans", len(to))
	c.say(r, fmt.Sprintf(c.site.Text(r, done), len(to)))
	return true
}
