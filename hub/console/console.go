// Package console is the staff's pages: visits and broadcasts as they come
// in, how every van is, and what the office asks of vans. Pages are whole
// without script; with it they stay fresh by themselves. A small JSON API
// shows the same to machines, under the same session.
package console

import (
	"context"
	"embed"
	"errors"
	"log/slog"
	"net/http"
	"sync"
	"time"

	"ark"
	"ark/hub"
	"ark/internal/crowd"
	"ark/internal/web"
)

//go:embed templates assets
var own embed.FS

// Accounts are the people who may come in.
type Accounts interface {
	// Verify answers nil, hub.ErrWrongPassword or hub.ErrTooManyTries; from is
	// the address that asks.
	Verify(ctx context.Context, name, password, from string) error
	// Least is how many characters the password of an account needs.
	Least(a hub.Account) int
	// Pend is a word for a browser that has to go on to the second step, Pending
	// whose it is: hub.ErrNotThere. Second judges a code of the app or a recovery
	// code: hub.ErrWrongCode, hub.ErrTooManyTries.
	Pend(a hub.Account) (word string, err error)
	Pending(ctx context.Context, word string) (hub.Account, error)
	Second(ctx context.Context, name, code, from string) error
	// Entered notes that somebody has come in from an address with all that is
	// asked for.
	Entered(name, from string)
	// AskKey begins a proof by a passkey of an account, or of whoever has one;
	// Key judges the answer. OfferKey begins to make one.
	AskKey(ctx context.Context, name string, at hub.Site) (options []byte, word string, err error)
	Key(ctx context.Context, name, word string, answer []byte, at hub.Site, from string) (hub.Account, error)
	OfferKey(ctx context.Context, name string, at hub.Site) (options []byte, word string, err error)
	// NewApp is a secret for an app that makes codes, and the address for a QR
	// code of it.
	NewApp(name string) (secret, address string)
	// Bearer is for whom a token of the API asks. hub.ErrNotThere.
	Bearer(ctx context.Context, word, from string) (hub.Staff, error)
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
	Desk          func(hub.Staff) Desk // of the zero Staff: one that refuses everything
	Audit         hub.Audit            // of sign-ins; all else a desk puts on record
	Tiles         Tiles
	Outline       string // file of GeoJSON that is shown beneath visits on the map; need not be there
	Watch         hub.Watch
	Announcements func() []ark.Announcement // what vans bring along: it can be played until there is a library
	Studio        hub.Studio
	HashPIN       func(pin string) (verifier string, err error) // hub.ErrPIN
	Takes         string                                        // folder for uploads and for recordings that nobody saved yet; empty: the system\'s
	Address       string                                        // of the console as people type it, such as https://hub.example.org; empty: as each browser asks for it
	Organisation  Organisation                                  // nil: there is none
	NeedsSecond   func(hub.Account) bool                        // whether an account with a password must have a second factor; nil: none must
	Strict        bool                                          // browsers are told to come back by TLS alone
	Now           func() time.Time
	Zone          *time.Location
	Log           *slog.Logger
}

// Console serves the pages.
type Console struct {
	c         Config
	site      *web.Site
	sessions  sessions
	streams   streams       // live pages
	beat      time.Duration // how often a stream shows that it lives
	write     time.Duration // how long one write of a stream may take
	checks    *auditChecks
	ills      illCounts
	once      once          // forms that were posted
	removed   removed       // items that were taken out of the plan
	drafts    *drafts       // announcements that are being edited
	spools    chan struct{} // a place for each form that brings files
	calls     *crowd.Turns  // of tokens
	exports   exports       // files of visits
	wrong     *crowd.Turns  // of who shows wrong ones
	misses    *crowd.Turns  // of addresses from which sign-ins came to nothing
	outline   outline       // what lies beneath the visits on the map
	bulks     bulks         // what was made of many visits at once
	lists     recall[visitList]
	counts    recall[int]
	overviews recall[hub.Overview]
	loads     recall[hub.ReviewLoad]
	planning  sync.Mutex // held from a look at the plan or the settings until they are changed
}

// New makes the pages.
func New(c Config) (*Console, error) {
	if err := c.Tiles.check(); err != nil {
		return nil, err
	}
	p := &Console{c: c, streams: streams{of: map[string]int{}, most: maxStreams, mostOf: maxStreamsOf}, beat: beatEvery, write: writeLimit,
		checks: newAuditChecks(), once: once{seen: map[string]bool{}}, drafts: newDrafts(c.Now), spools: make(chan struct{}, maxSpools), outline: outline{path: c.Outline},
		calls: crowd.NewTurns(callsAtOnce, callsEvery), wrong: crowd.NewTurns(wrongAtOnce, callsEvery), misses: crowd.NewTurns(missesAtOnce, missesEvery)}
	p.sessions = newSessions(c.Book, p.unseated)
	var err error
	p.site, err = web.New(own, texts, p.funcs, c.Log)
	return p, err
}

// Close lets go of what was edited and not saved.
func (c *Console) Close() {
	c.checks.close()
	c.drafts.close()
}

func (c *Console) lost(w http.ResponseWriter, r *http.Request) {
	if forMachines(r) {
		tellError(w, http.StatusNotFound, "not-there")
		return
	}
	c.site.Page(w, r, http.StatusNotFound, "lost.html", c.frame(r, ""))
}

// unread answers for a page whose matter is not there, not for whoever asks,
// or cannot be read just now.
func (c *Console) unread(w http.ResponseWriter, r *http.Request, err error) {
	often := (*hub.WaitError)(nil)
	switch {
	case errors.Is(err, hub.ErrNotThere):
		c.lost(w, r)
		return
	case errors.Is(err, hub.ErrNotAllowed):
		c.denied(w, r, "denied.do")
		return
	case errors.Is(err, hub.ErrOutOfSight):
		c.denied(w, r, "denied.beyond")
		return
	case errors.Is(err, hub.ErrUncertain):
		c.uncertain(w, r, err)
		return
	case errors.As(err, &often):
		askLater(w, often.For)
		c.site.Page(w, r, http.StatusTooManyRequests, "often.html", c.frame(r, ""))
		return
	case r.Context().Err() == nil:
		c.c.Log.Error("a page cannot be read", "page", r.URL.Path, "err", err)
	}
	c.site.Page(w, r, http.StatusServiceUnavailable, "unread.html", c.frame(r, ""))
}

// uncertain says that something may have been kept, and to look.
func (c *Console) uncertain(w http.ResponseWriter, r *http.Request, err error) {
	c.c.Log.Error("it may have been kept, or not", "page", r.URL.Path, "err", err)
	c.site.Page(w, r, http.StatusServiceUnavailable, "unsure.html", c.frame(r, ""))
}

// unsure is the key of what is said of what may have been kept.
const unsure = "form.unsure"

// ours is the key of what is said where the hub could not keep something:
// otherwise, unless it may have kept it.
func ours(err error, otherwise string) string {
	if errors.Is(err, hub.ErrUncertain) {
		return unsure
	}
	return otherwise
}

// refused tells whether an error says that something is not there, or not for
// whoever asks: unread has the words.
func refused(err error) bool {
	return errors.Is(err, hub.ErrNotThere) || errors.Is(err, hub.ErrNotAllowed) || errors.Is(err, hub.ErrOutOfSight)
}

// deniedPage says that something is not for whoever asks, and what to do.
type deniedPage struct {
	frame
	Do string // key
}

func (c *Console) denied(w http.ResponseWriter, r *http.Request, do string) {
	c.site.Page(w, r, http.StatusForbidden, "denied.html", deniedPage{c.frame(r, ""), do})
}

// frame is what every page shows around its own matter.
type frame struct {
	Here  string    // which page this is; it is also what the page watches
	Staff hub.Staff // who is signed in; its zero value: nobody
	Nav   []navGroup
	Ill   int    // vans that need somebody
	Mine  int    // visits that wait for whoever looks
	Home  string // the list of visits that they see first
	Said  string // what the last form did
	Quiet bool   // the page does not change by itself
	Parts bool   // nobody asks for more than the parts with data-fresh
}

func (c *Console) frame(r *http.Request, here string) frame {
	s := staffOf(r)
	if web.Renews(r) {
		return frame{Here: here, Staff: s, Parts: true}
	}
	return frame{Here: here, Staff: s, Nav: c.navOf(s), Ill: c.illVans(r), Mine: c.waiting(r), Home: c.home(r), Said: c.said(r)}
}
