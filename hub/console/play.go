package console

import (
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"ark"
	"ark/hub"
)

// spans are for how long a "play now" may be worth doing.
var spans = []time.Duration{5 * time.Minute, 15 * time.Minute, time.Hour}

// everyVan stands in a form for all vans.
const everyVan = "*"

// maxReason is the most characters of the reason for an emergency.
const maxReason = 200

// manyChoices is from how many on a list has a box to search in.
const manyChoices = 12

// playPage asks what to play, where, and until when it is worth doing.
type playPage struct {
	frame
	Key     string // of this form
	Classes []class
	Search  bool // there are many announcements
	Vans    []playVan
	Filter  bool // there are many vans
	Spans   []time.Duration

	Chosen  ark.AnnouncementID
	For     []string // ids of vans, or everyVan
	Span    time.Duration
	Why     string // the reason for an emergency
	Trouble string // key of what to do now

	What  hub.Edition // of the page that asks once more
	Unfit int         // vans there on which it will perhaps not be heard
	Deaf  bool        // it will be heard on none of them
}

// playVan is a van with what stands in the way of its being heard.
type playVan struct {
	hub.Van
	Obstacles []obstacle
}

func (c *Console) showPlay(w http.ResponseWriter, r *http.Request) {
	p := playPage{Key: c.once.key(), Span: spans[0], Chosen: ark.AnnouncementID(r.URL.Query().Get("announcement")), For: r.URL.Query()["van"]}
	c.playPage(w, r, http.StatusOK, p)
}

func (c *Console) playPage(w http.ResponseWriter, r *http.Request, status int, p playPage) {
	k, err := c.catalog(r.Context())
	if err != nil {
		c.unread(w, r, err)
		return
	}
	if p.Vans, err = c.playVans(r, k, nil); err != nil {
		c.unread(w, r, err)
		return
	}
	p.frame = c.frame(r, "play")
	p.Classes, p.Spans = k.Classes(c.c.Now()), spans
	p.Search, p.Filter = len(k.List) > manyChoices, len(p.Vans) > manyChoices
	if len(p.For) == 0 && p.Trouble == "" && len(p.Vans) == 1 {
		p.For = []string{string(p.Vans[0].ID)}
	}
	c.site.Page(w, r, status, "play.html", p)
}

// playVans are the vans to which an order can come, with what stands in the
// way of an announcement; e nil: of any.
func (c *Console) playVans(r *http.Request, k catalog, e *hub.Edition) ([]playVan, error) {
	vans, err := c.playable(r)
	if err != nil {
		return nil, err
	}
	u, err := c.rules(r.Context(), vans)
	if err != nil {
		return nil, err
	}
	all := make([]playVan, len(vans))
	for i, v := range vans {
		all[i] = playVan{v, obstaclesOf(v, u.Of(v.ID), k.Version, e, c.c.Now())}
	}
	return all, nil
}

// playable are the vans to which an order can come: those that may connect.
func (c *Console) playable(r *http.Request) ([]hub.Van, error) {
	vans, err := desk(r.Context()).Vans(r.Context())
	return slices.DeleteFunc(vans, func(v hub.Van) bool { return !v.Admitted && !v.Here }), err
}

func (c *Console) play(w http.ResponseWriter, r *http.Request) {
	r.Body = http.MaxBytesReader(w, r.Body, maxForm)
	p := playPage{Chosen: ark.AnnouncementID(r.PostFormValue("announcement")), For: r.PostForm["van"], Key: r.PostForm.Get("key"),
		Why: strings.TrimSpace(r.PostForm.Get("why"))}
	minutes, _ := strconv.Atoi(r.PostForm.Get("minutes")) // checked below
	p.Span = time.Duration(minutes) * time.Minute
	k, err := c.catalog(r.Context())
	if err != nil {
		c.unread(w, r, err)
		return
	}
	vans, err := c.playable(r)
	if err != nil {
		c.unread(w, r, err)
		return
	}
	to := chosen(vans, p.For)
	p.What = k.ByID[p.Chosen]
	if p.Trouble = playTrouble(p, len(to), c.c.Now()); p.Trouble != "" {
		c.playPage(w, r, http.StatusUnprocessableEntity, p)
		return
	}
	if !p.What.Class.Emergency() {
		p.Why = ""
	}
	if r.PostForm.Get("sure") != "yes" && c.confirmPlay(w, r, k, p, to) {
		return
	}
	c.doPlay(w, r, p, to)
}

// playTrouble is the key of what is wrong with a form for so many vans.
func playTrouble(p playPage, vans int, now time.Time) string {
	urgent := p.What.Class.Emergency()
	switch {
	case p.What.ID == "" || p.What.Withdrawn || !p.What.Valid(ark.Milli(now)):
		return "play.noAnnouncement"
	case vans == 0:
		return "play.noVan"
	case !slices.Contains(spans, p.Span):
		return "play.noSpan"
	case urgent && p.Why == "":
		return "play.noReason"
	case urgent && (utf8.RuneCountInString(p.Why) > maxReason || !utf8.ValidString(p.Why)):
		return "play.longReason"
	}
	return ""
}

// confirmPlay asks once more before an emergency sounds, and before an order
// of which it is known that no van will be heard. False: there is nothing to
// ask.
func (c *Console) confirmPlay(w http.ResponseWriter, r *http.Request, k catalog, p playPage, to []ark.VanID) (asked bool) {
	vans, err := c.playVans(r, k, &p.What)
	if err != nil {
		c.unread(w, r, err)
		return true
	}
	p.Deaf = true
	for _, v := range vans {
		if !slices.Contains(to, v.ID) {
			continue
		}
		p.Vans = append(p.Vans, v)
		if len(v.Obstacles) > 0 {
			p.Unfit++
		}
		p.Deaf = p.Deaf && slices.ContainsFunc(v.Obstacles, func(o obstacle) bool { return o.Bad })
	}
	if !p.Deaf && !p.What.Class.Emergency() {
		return false
	}
	p.frame = c.frame(r, "play")
	c.site.Page(w, r, http.StatusOK, "confirm.html", p)
	return true
}

func (c *Console) doPlay(w http.ResponseWriter, r *http.Request, p playPage, to []ark.VanID) {
	body := ark.PlayNow{Announcement: p.Chosen, NotAfter: ark.Milli(c.c.Now().Add(p.Span)), Why: p.Why}
	ids, err := c.order(r, p.Key, to, func() ([]ark.ID, error) { return desk(r.Context()).Play(r.Context(), to, body) }, "play.done")
	if err != nil {
		p.Trouble = ours(err, "play.ours")
		c.playPage(w, r, http.StatusServiceUnavailable, p)
		return
	}
	http.Redirect(w, r, c.groupOf(r.Context(), ids), http.StatusSeeOther)
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

// order makes an order once for each form, and says what was done. The ids
// are those of the orders; none where the form came before.
func (c *Console) order(r *http.Request, key string, to []ark.VanID, make func() ([]ark.ID, error), done string) ([]ark.ID, error) {
	if !c.once.first(key) {
		return nil, nil
	}
	ids, err := make()
	if err != nil {
		if !errors.Is(err, hub.ErrUncertain) {
			c.once.forget(key)
		}
		c.c.Log.Error("an order was not made", "what", done, "err", err)
		return nil, err
	}
	c.c.Log.Info("an order was made", "what", done, "vans", len(to))
	c.say(r, fmt.Sprintf(c.site.Text(r, done), len(to)))
	return ids, nil
}
