package console

import (
	"fmt"
	"net/http"
	"strconv"
	"sync"
	"time"

	"ark"
	"ark/hub"
	"ark/internal/web"
)

// troubles adds to a van's page what a technician can do something about.
func (c *Console) troubles(r *http.Request, p *vanPage) (err error) {
	p.Held = p.Van.Held
	if !p.Staff.Is(hub.RoleTechnician) {
		return nil
	}
	if p.Van.Quarantined > 0 {
		if p.Held, err = desk(r.Context()).Quarantine(r.Context(), p.Van.ID); err != nil {
			return err
		}
	}
	if p.Van.Forks+p.Van.Gaps == 0 {
		return nil
	}
	if p.Breaks, err = desk(r.Context()).Breaks(r.Context(), p.Van.ID); err == nil && len(p.Breaks) > 0 {
		p.Looked = p.Breaks[0].At.UnixMilli()
	}
	return err
}

// tryAgain has what of a van is in quarantine read anew.
func (c *Console) tryAgain(w http.ResponseWriter, r *http.Request) {
	van := ark.VanID(r.PathValue("id"))
	released, left, err := desk(r.Context()).TryAgain(r.Context(), van)
	if err != nil {
		c.unread(w, r, err)
		return
	}
	c.say(r, fmt.Sprintf(c.site.Text(r, "van.tried"), released, left))
	http.Redirect(w, r, "/vans/"+string(van), http.StatusSeeOther)
}

// seeBreaks notes that somebody has looked into a van's breaks, those that the
// page showed.
func (c *Console) seeBreaks(w http.ResponseWriter, r *http.Request) {
	r.Body = http.MaxBytesReader(w, r.Body, maxForm)
	van := ark.VanID(r.PathValue("id"))
	upTo, err := strconv.ParseInt(r.FormValue("upto"), 10, 64)
	if err != nil {
		c.lost(w, r)
		return
	}
	if err := desk(r.Context()).SeeBreaks(r.Context(), van, time.UnixMilli(upTo)); err != nil {
		c.unread(w, r, err)
		return
	}
	c.say(r, c.site.Text(r, "van.looked"))
	http.Redirect(w, r, "/vans/"+string(van), http.StatusSeeOther)
}

// illCounts remembers how many vans need somebody, as each person sees it: it
// stands beside every page.
type illCounts struct {
	mu sync.Mutex
	at map[string]illCount
}

type illCount struct {
	n  int
	at time.Time
}

// Bounds of illCounts.
const (
	illFor    = 15 * time.Second
	maxCounts = 1000 // people
)

// illVans is how many vans need somebody; 0 also where that cannot be read.
func (c *Console) illVans(r *http.Request) int {
	s, now := staffOf(r), c.c.Now()
	if !s.Is(hub.RoleReader) {
		return 0
	}
	c.ills.mu.Lock()
	known, ok := c.ills.at[s.Name]
	c.ills.mu.Unlock()
	if ok && now.Sub(known.at) < illFor && !now.Before(known.at) {
		return known.n
	}
	vans, err := desk(r.Context()).Vans(r.Context())
	var newest int64
	if err == nil {
		newest, err = desk(r.Context()).LibraryVersion(r.Context())
	}
	if err != nil {
		return 0
	}
	n := 0
	for _, v := range vans {
		if ill(c.remarks(web.Zh, v, newest)) {
			n++
		}
	}
	c.ills.mu.Lock()
	defer c.ills.mu.Unlock()
	if c.ills.at == nil || len(c.ills.at) >= maxCounts {
		c.ills.at = map[string]illCount{}
	}
	c.ills.at[s.Name] = illCount{n, now}
	return n
}
