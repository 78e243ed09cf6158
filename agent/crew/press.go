package crew

import (
	"net/http"
	"net/url"
	"slices"
	"time"

	"ark"
	"ark/agent"
)

// heldFor is how long the panel leaves a button down of which it hears no
// more.
const heldFor = 2 * time.Second

// button is the button that a request names; ok is false, and the request
// answered, where there is none or where the phone presses too much.
func (c *Crew) button(w http.ResponseWriter, r *http.Request) (b Button, ok bool) {
	r.Body = http.MaxBytesReader(w, r.Body, 1<<10)
	name := agent.Button(r.FormValue("button"))
	all := c.c.Buttons()
	i := slices.IndexFunc(all, func(b Button) bool { return b.Name == name })
	if i < 0 {
		c.lost(w, r)
		return b, false
	}
	if !c.calm(r, all[i]) {
		http.Error(w, c.site.Text(r, "panel.rush"), http.StatusTooManyRequests)
		return b, false
	}
	return all[i], true
}

// calm tells whether one more press may come from a phone. Stop is always
// obeyed, and to let go or to go on holding is no press.
func (c *Crew) calm(r *http.Request, b Button) bool {
	now := c.c.Now().Mono
	c.mu.Lock()
	defer c.mu.Unlock()
	last, held := c.held[b.Name]
	held = held && now-last < heldFor
	switch r.URL.Path {
	case "/panel/up":
		delete(c.held, b.Name)
		return true
	case "/panel/down":
		defer func() { c.held[b.Name] = now }()
		if held {
			return true
		}
	}
	from, far := phone(r)
	return r.Method == http.MethodGet || !far || b.Stop || c.rush.takes(from, now)
}

// press is a form's: a button that must be held is asked about first, and one
// to talk is switched.
func (c *Crew) press(w http.ResponseWriter, r *http.Request) {
	b, ok := c.button(w, r)
	switch {
	case !ok:
		return
	case b.Hold:
		http.Redirect(w, r, "/panel/sure?"+url.Values{"button": {string(b.Name)}}.Encode(), http.StatusSeeOther)
		return
	case b.Talk:
		c.c.Panel.Switch(b.Name)
	default:
		c.c.Panel.Press(b.Name)
	}
	http.Redirect(w, r, "/panel", http.StatusSeeOther)
}

// surePage asks whether a button that must be held is meant.
type surePage struct {
	frame
	Button Button
}

func (c *Crew) askSure(w http.ResponseWriter, r *http.Request) {
	b, ok := c.button(w, r)
	if !ok {
		return
	}
	if !b.Hold {
		c.lost(w, r)
		return
	}
	c.site.Page(w, r, http.StatusOK, "sure.html", surePage{c.frame("panel"), b})
}

func (c *Crew) sure(w http.ResponseWriter, r *http.Request) {
	b, ok := c.button(w, r)
	if !ok {
		return
	}
	c.c.Panel.Hold(b.Name)
	http.Redirect(w, r, "/panel", http.StatusSeeOther)
}

// down and up are what a script says of a finger.
func (c *Crew) down(w http.ResponseWriter, r *http.Request) {
	if b, ok := c.button(w, r); ok {
		c.c.Panel.Down(b.Name)
		w.WriteHeader(http.StatusNoContent)
	}
}

func (c *Crew) up(w http.ResponseWriter, r *http.Request) {
	if b, ok := c.button(w, r); ok {
		c.c.Panel.Up(b.Name)
		w.WriteHeader(http.StatusNoContent)
	}
}

// choosePlace takes the crew's word of where the van stands: one of the places
// that have rules of their own, or none.
func (c *Crew) choosePlace(w http.ResponseWriter, r *http.Request) {
	r.Body = http.MaxBytesReader(w, r.Body, 1<<10)
	place := r.PostFormValue("place")
	status, _ := c.c.Status()
	if place != "" && !slices.Contains(status.Places, place) || len(place) > 4*ark.MaxPlace {
		http.Error(w, c.site.Text(r, "place.unknown"), http.StatusUnprocessableEntity)
		return
	}
	from, far := phone(r)
	if far && !c.rush.takes(from, c.c.Now().Mono) || !c.c.Place(place) {
		http.Error(w, c.site.Text(r, "panel.rush"), http.StatusTooManyRequests)
		return
	}
	http.Redirect(w, r, "/panel", http.StatusSeeOther)
}
