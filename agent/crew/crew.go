// Package crew is the crew's pages, served by the van itself: log a visit,
// see where the last ones are, press the panel's buttons, and read what is
// wrong. Its JSON API is for phones that keep visits while they are out of
// reach.
package crew

import (
	"context"
	"embed"
	"fmt"
	"html/template"
	"log/slog"
	"net/http"
	"net/netip"
	"sync"
	"time"

	"ark"
	"ark/agent"
	"ark/internal/web"
)

//go:embed templates assets app
var own embed.FS

// Config is what the pages need.
type Config struct {
	Van     ark.VanID
	Visits  agent.Visits // of the pages that work without script
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
	Random  func([]byte) // fills with random bytes, and never fails
	Zone    *time.Location
	Names   []string // DNS names of these pages, beside local ones
	Log     *slog.Logger

	// What version 2 of the API speaks to.
	Logbook     agent.Logbook
	People      agent.People
	Register    agent.Register
	Finder      agent.Finder
	Words       func(ark.Household) string // what Finder looks in, for phones out of reach
	Attachments agent.Attachments
	Load        func(context.Context) (agent.Load, error) // what there is to carry to the hub; nil: nothing ever
	Files       http.Handler                              // of attachments, at /api/2/files; it is given requests of enrolled phones only. nil: none
	Address     func() string                             // the van's own, such as https://van-1.example; empty: whatever a browser came under
}

// Crew serves the pages.
type Crew struct {
	c     Config
	site  *web.Site
	app   shell
	flood *flood[netip.Addr] // of visits
	rush  *flood[netip.Addr] // of presses

	guesses  *flood[netip.Addr] // of enrolment codes
	logs     *flood[ark.ID]     // of what phones hand in
	searches *flood[ark.ID]
	asks     *flood[ark.ID] // of whatever else they ask
	areas    *flood[ark.ID]
	arriving *flood[ark.ID] // of attachments, in parts

	invitation invitation
	people     people
	pins       *queue // each takes 19 MB of the van's memory for a moment
	large      *queue // answers of some 50 MB at the most
	finds      *queue // searches: each may take a core for a while

	mu   sync.Mutex
	held map[agent.Button]time.Duration // when a page last said that it holds a button, monotonic
}

// New makes the pages.
func New(c Config) (*Crew, error) {
	if c.Address == nil {
		c.Address = func() string { return "" }
	}
	w := &Crew{c: c, held: map[agent.Button]time.Duration{}, pins: newQueue(1), large: newQueue(mostLarge), finds: newQueue(mostFinds), people: newPeople(),
		flood: newCrowded(phoneBurst, phoneEvery), rush: newCrowded(pressBurst, pressEvery), guesses: newFlood[netip.Addr](guessBurst, guessEvery),
		logs: newFlood[ark.ID](phoneBurst, phoneEvery), searches: newFlood[ark.ID](searchBurst, searchEvery), asks: newFlood[ark.ID](askBurst, askEvery),
		areas: newFlood[ark.ID](areaBurst, areaEvery), arriving: newFlood[ark.ID](arrivingBurst, arrivingEvery)}
	var err error
	if w.app, err = newShell(own); err != nil {
		return nil, err
	}
	w.site, err = web.New(own, texts, w.funcs, c.Log)
	return w, err
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
		"held":     func(word string) string { return texts.Known(l, "held.", word) },
		"ill":      func(word string) string { return texts.Known(l, "ill.", word) },
		"health":   soundWord,
		"db":       decibels,
		"share":    share,
		"left":     func(d time.Duration) string { return leftIn(l, d) },
		"long":     func(d time.Duration) string { return longIn(l, d) },
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

// longIn is for how long something is good, in words to be read from afar:
// in whole minutes, the last one in tens of seconds.
func longIn(l web.Lang, d time.Duration) string {
	if d > time.Minute {
		return fmt.Sprintf(texts.In(l, "phones.minutes"), int(d.Minutes()))
	}
	return fmt.Sprintf(texts.In(l, "phones.seconds"), int((d+10*time.Second-1)/(10*time.Second))*10)
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
