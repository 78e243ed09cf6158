// Package crew is the crew's pages, served by the van itself: log a visit,
// see where the last ones are, press the panel's buttons, and read what is
// wrong. Its JSON API is for phones that keep visits while they are out of
// reach.
package crew

import (
	"embed"
	"fmt"
	"html/template"
	"log/slog"
	"net/http"
	"sync"
	"time"

	"ark"
	"ark/agent"
	"ark/internal/web"
)

//go:embed templates assets
var own embed.FS

// Config is what the pages need.
type Config struct {
	Van     ark.VanID
	Visits  agent.Visits
	Status  func() (agent.Status, []time.Duration)
	Sync    func() agent.Sync
	Fault   func() error    // of the card; nil: it keeps what it is given
	Buttons func() []Button // in the profile's order
	Panel   Panel
	Long    time.Duration           // how long a button that must be held is held
	Place   func(place string) bool // where the crew says the van stands; false: the van is too busy
	Card    string                  // id of the sound card that must be there; empty: any
	NewID   func(ark.UnixMilli) ark.ID
	Now     func() ark.Stamp
	Zone    *time.Location
	Names   []string // DNS names of these pages, beside local ones
	Log     *slog.Logger
}

// Crew serves the pages.
type Crew struct {
	c     Config
	site  *web.Site
	flood *flood // of visits
	rush  *flood // of presses

	mu   sync.Mutex
	held map[agent.Button]time.Duration // when a page last said that it holds a button, monotonic
}

// New makes the pages.
func New(c Config) (*Crew, error) {
	w := &Crew{c: c, flood: newFlood(phoneBurst, phoneEvery), rush: newFlood(pressBurst, pressEvery), held: map[agent.Button]time.Duration{}}
	var err error
	w.site, err = web.New(own, texts, w.funcs, c.Log)
	return w, err
}

// Handler is all routes.
func (c *Crew) Handler() http.Handler {
	m := http.NewServeMux()
	m.HandleFunc("GET /{$}", c.showVisits)
	m.HandleFunc("GET /visits", c.showVisits) // where a refused form leaves the browser
	m.HandleFunc("POST /visits", c.logVisit)
	m.HandleFunc("GET /panel", c.showPanel)
	m.HandleFunc("POST /panel", c.press)
	m.HandleFunc("GET /panel/sure", c.askSure)
	m.HandleFunc("POST /panel/sure", c.sure)
	m.HandleFunc("POST /panel/down", c.down)
	m.HandleFunc("POST /panel/up", c.up)
	m.HandleFunc("POST /panel/place", c.choosePlace)
	m.HandleFunc("POST /lang", web.ChooseLang)
	m.HandleFunc("POST /api/1/visits", c.takeVisit)
	m.HandleFunc("GET /api/1/state", c.tellState)
	m.Handle("GET /assets/", c.site.Assets())
	m.HandleFunc("/", c.lost)
	return c.underOurName(web.Guard(m))
}

func (c *Crew) lost(w http.ResponseWriter, r *http.Request) {
	c.site.Page(w, r, http.StatusNotFound, "lost.html", c.frame(""))
}

// frame is what every page shows around its own matter.
type frame struct {
	Van    ark.VanID
	Here   string // which page this is
	Sync   agent.Sync
	Status agent.Status
	Card   string // stable word for trouble with the card; empty: none
}

func (c *Crew) frame(here string) frame {
	status, _ := c.c.Status()
	return frame{Van: c.c.Van, Here: here, Sync: c.c.Sync(), Status: status, Card: cardWord(c.c.Fault())}
}

func (c *Crew) funcs(l web.Lang) template.FuncMap {
	return template.FuncMap{
		"clock":    func(at ark.Stamp) string { return at.Wall.Time().In(c.c.Zone).Format("15:04") },
		"day":      func(at ark.Stamp) string { return at.Wall.Time().In(c.c.Zone).Format(texts.In(l, "visit.day")) },
		"outcomes": func() []ark.Outcome { return ark.Outcomes },
		"services": func() []ark.Service { return ark.Services },
		"say":      func(t ark.Text) string { return l.Of(t.Zh, t.En) },
		"fault":    func(word string) string { return texts.Known(l, "fault.", word) },
		"why":      func(word string) string { return texts.Known(l, "why.", word) },
		"wires":    func(word string) string { return texts.Known(l, "wires.", word) },
		"label":    func(field string) string { return texts.Known(l, "visit.", field) },
		"tongue":   func(tag ark.Language) string { return texts.Known(l, "tongue.", string(tag)) },
		"service":  func(s ark.Service) string { return texts.Known(l, "service.", string(s)) },
		"ill":      func(word string) string { return texts.Known(l, "ill.", word) },
		"health":   soundWord,
		"db":       decibels,
		"share":    share,
		"left":     func(d time.Duration) string { return leftIn(l, d) },
		"moment":   func(at ark.UnixMilli) string { return c.moment(l, at) },
	}
}

// leftIn is a time to go, roughly.
func leftIn(l web.Lang, d time.Duration) string {
	n := int(d.Round(time.Second).Seconds())
	if n < 60 {
		return fmt.Sprintf(texts.In(l, "now.seconds"), n)
	}
	return fmt.Sprintf(texts.In(l, "now.minutes"), n/60, n%60)
}

// moment is a time as people say it: with its day unless that is today.
func (c *Crew) moment(l web.Lang, at ark.UnixMilli) string {
	now, then := c.c.Now().Wall.Time().In(c.c.Zone), at.Time().In(c.c.Zone)
	clock := then.Format("15:04")
	switch ark.DateOf(then) {
	case ark.DateOf(now):
		return clock
	case ark.DateOf(now.AddDate(0, 0, 1)):
		return fmt.Sprintf(texts.In(l, "moment.tomorrow"), clock)
	}
	return then.Format(texts.In(l, "visit.day")) + " " + clock
}
