// Package console is the staff's pages: visits and broadcasts as they come
// in, how every van is, and what the office asks of vans. Pages are whole
// without script; with it they stay fresh by themselves. A small JSON API
// shows the same to machines, under the same session.
package console

import (
	"context"
	"embed"
	"log/slog"
	"net/http"
	"sync"
	"time"

	"ark"
	"ark/hub"
	"ark/internal/web"
)

//go:embed templates assets
var own embed.FS

// Accounts are the people who may come in.
type Accounts interface {
	// Verify answers nil, hub.ErrWrongPassword or hub.ErrTooManyTries; from is
	// the address that asks.
	Verify(ctx context.Context, name, password, from string) error
	// Set changes a password, or answers hub.ErrPassword; all sessions of the
	// account end but keep.
	Set(ctx context.Context, name, password, keep string) error
	// Least is how many characters the password of an account needs.
	Least(a hub.Account) int
}

// Book is where accounts, sessions and tokens are kept.
type Book interface {
	hub.AccountBook
	hub.SessionBook
	hub.TokenBook
}

// Config is what the pages need.
type Config struct {
	Accounts      Accounts
	Book          Book
	Views         hub.Views
	Watch         hub.Watch
	Commander     hub.Commander
	Announcements func() []ark.Announcement // what there is to play
	Library       hub.Library               // these five may be nil: then their pages are not there
	Plans         hub.Plans
	AsRun         hub.AsRunLog
	Studio        hub.Studio
	Blobs         hub.Blobs
	Roster        hub.Roster // so may these
	Register      hub.Register
	Reviews       hub.Reviews // with Attachments, Roster and Blobs: the pages of visits
	Attachments   hub.Attachments
	HashPIN       func(pin string) (verifier string, err error) // hub.ErrPIN
	Takes         string                                        // folder for uploads and for recordings that nobody saved yet; empty: the system\'s
	Now           func() time.Time
	Zone          *time.Location
	Log           *slog.Logger
}

// Console serves the pages.
type Console struct {
	c        Config
	site     *web.Site
	sessions sessions
	streams  chan struct{} // a place for each live page
	beat     time.Duration // how often a stream shows that it lives
	write    time.Duration // how long one write of a stream may take
	once     once          // forms that were posted
	removed  removed       // items that were taken out of the plan
	drafts   *drafts       // announcements that are being edited
	spools   chan struct{} // a place for each form that brings files
	planning sync.Mutex    // held from a look at the plan or the settings until they are changed
}

// New makes the pages.
func New(c Config) (*Console, error) {
	p := &Console{c: c, streams: make(chan struct{}, maxStreams), beat: beatEvery, write: writeLimit,
		once: once{seen: map[string]bool{}}, drafts: newDrafts(c.Now), spools: make(chan struct{}, maxSpools)}
	p.sessions = newSessions(c.Book, p.unseated)
	var err error
	p.site, err = web.New(own, texts, p.funcs, c.Log)
	return p, err
}

// Close lets go of what was edited and not saved.
func (c *Console) Close() { c.drafts.close() }

// Handler is all routes. Those through in need a session.
func (c *Console) Handler() http.Handler {
	m := http.NewServeMux()
	m.Handle("GET /login", c.session(c.showLogin))
	m.Handle("POST /login", c.session(c.login))
	m.Handle("POST /logout", c.session(c.logout))
	m.HandleFunc("POST /lang", web.ChooseLang)
	m.Handle("GET /assets/", c.site.Assets())

	m.Handle("GET /{$}", c.in(c.showVisits))
	if c.has("reviews") {
		c.visitRoutes(m)
	}
	m.Handle("GET /broadcasts", c.in(c.showBroadcasts))
	m.Handle("GET /broadcasts.csv", c.in(c.writeCSV))
	m.Handle("GET /broadcasts/timeline", c.in(c.showTimeline))
	m.Handle("GET /vans", c.in(c.showVans))
	m.Handle("GET /vans/{id}", c.in(c.showVan))
	m.Handle("GET /orders", c.in(c.showOrders))
	m.Handle("GET /orders/{at}", c.in(c.showGroup))
	m.Handle("GET /orders/of/{id}", c.in(c.findOrder))
	m.Handle("GET /play", c.in(c.showPlay))
	m.Handle("POST /play", c.in(c.play))
	m.Handle("POST /stop", c.in(c.stop))
	if c.c.Plans != nil {
		c.planRoutes(m)
	}
	if c.has("crew") {
		c.crewRoutes(m)
	}
	if c.has("households") {
		c.householdRoutes(m)
	}
	m.Handle("GET /password", c.in(c.showPassword))
	m.Handle("POST /password", c.in(c.changePassword))
	m.HandleFunc("GET /events", c.events)

	m.Handle("GET /api/1/visits", c.in(c.tellVisits))
	m.Handle("GET /api/1/broadcasts", c.in(c.tellBroadcasts))
	m.Handle("GET /api/1/vans", c.in(c.tellVans))
	m.Handle("GET /api/1/orders", c.in(c.tellOrders))
	c.routesOfLibrary(m)
	m.Handle("/", c.in(c.lost))
	return web.Guard(m)
}

// planRoutes are those of the plan and the settings.
func (c *Console) planRoutes(m *http.ServeMux) {
	m.Handle("GET /schedule", c.in(c.showSchedule))
	m.Handle("POST /schedule", c.in(c.setPlan))
	m.Handle("GET /schedule/new", c.in(c.newPlan))
	m.Handle("GET /schedule/{id}", c.in(c.editPlan))
	m.Handle("POST /schedule/{id}/pause", c.in(c.pausePlan))
	m.Handle("POST /schedule/{id}/remove", c.in(c.removePlan))
	m.Handle("POST /schedule/{id}/restore", c.in(c.restorePlan))
	m.Handle("GET /api/1/plan", c.in(c.tellPlan))
	m.Handle("GET /api/1/settings", c.in(c.tellSettings))
	m.Handle("GET /settings", c.in(c.showSettings))
	m.Handle("POST /settings", c.in(c.setSettings))
	m.Handle("GET /settings/{van}", c.in(c.showSettings))
	m.Handle("POST /settings/{van}", c.in(c.setSettings))
}

func (c *Console) lost(w http.ResponseWriter, r *http.Request) {
	c.site.Page(w, r, http.StatusNotFound, "lost.html", c.frame(r, ""))
}

// unread answers for a page whose matter cannot be read just now.
func (c *Console) unread(w http.ResponseWriter, r *http.Request, err error) {
	if r.Context().Err() == nil {
		c.c.Log.Error("a page cannot be read", "page", r.URL.Path, "err", err)
	}
	c.site.Page(w, r, http.StatusServiceUnavailable, "unread.html", c.frame(r, ""))
}

// frame is what every page shows around its own matter.
type frame struct {
	Here  string    // which page this is; it is also what the page watches
	Staff hub.Staff // who is signed in; its zero value: nobody
	Nav   []navGroup
	Said  string // what the last form did
	Quiet bool   // the page does not change by itself
}

func (c *Console) frame(r *http.Request, here string) frame {
	s := staffOf(r)
	return frame{Here: here, Staff: s, Nav: c.navOf(s), Said: c.said(r)}
}
