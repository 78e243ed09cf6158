package console

import (
	"bytes"
	"context"
	"crypto/rand"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"ark"
	"ark/hub"
	"ark/hub/blobs"
	desks "ark/hub/desk"
	"ark/hub/identity"
	"ark/hub/ingest"
	"ark/hub/store"
	"ark/hub/studio"
)

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

const (
	staff    = "林老师"
	password = "a good password"
)

// bench is a hub without vans: real store, accounts, ingest and pages.
type bench struct {
	t        testing.TB
	store    *store.Store
	accounts *identity.Accounts
	presence *hub.Presence
	ingest   *ingest.Ingest
	parts    desks.Config // of everybody's desk
	console  *Console
	handler  http.Handler
	server   *httptest.Server
	stop     func()      // what a signal does
	down     atomic.Bool // every request breaks
	deaf     atomic.Bool // live streams break
	log      *lines
	admitted []ark.VanID // vans with a certificate; set before anybody asks

	mu  sync.Mutex
	now time.Time
	at  map[ark.VanID]ark.Cursor
	inc map[ark.VanID]ark.Incarnation
}

// lines is a log that a test reads.
type lines struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (l *lines) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

func (l *lines) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}

func random(b []byte) { rand.Read(b) }

func newBench(t testing.TB) *bench {
	t.Helper()
	return newBenchAt(t, filepath.Join(t.TempDir(), "hub.db"))
}

// newBenchAt is newBench on a database of either kind.
func newBenchAt(t testing.TB, database string) *bench {
	t.Helper()
	b := &bench{t: t, now: time.Date(2026, 11, 24, 6, 30, 0, 0, time.UTC), admitted: []ark.VanID{"van-1", "van-2"}, at: map[ark.VanID]ark.Cursor{}, inc: map[ark.VanID]ark.Incarnation{}}
	var err error
	b.store, err = store.Open(t.Context(), database, random, b.clock)
	must(t, err)
	b.ingest = ingest.New(ingest.Config{Journals: b.store, Orders: b.store, Now: b.clock, Round: func() uint32 { return 1 }, Log: slog.New(slog.DiscardHandler),
		Send: func(ark.VanID, ark.Channel, []byte) bool { return true }})
	b.presence = hub.NewPresence(b.ingest, b.store, b.store, b.store, func() []ark.VanID { return b.admitted }, b.clock)
	b.serve()
	t.Cleanup(func() { b.store.Close() })
	return b
}

// accountsFile holds the account of staff. Its hash is a cheap one: with that
// of a real account (64 MiB, three passes) to sign in took most of the tests'
// time.
const accountsFile = `{"` + staff + `": {"salt": "9c6mmGn1LyPc3bpfqLUTnw==", "hash": "+t3ay9rfAr3i2pv9VH4Hm58JjzukrfJK+KrBBs5gmLg=", "time": 1, "memory": 64, "threads": 1}}`

// serve serves the pages for staff.
func (b *bench) serve() {
	b.t.Helper()
	b.log = &lines{}
	var err error
	dir := b.t.TempDir()
	must(b.t, os.WriteFile(filepath.Join(dir, "accounts.json"), []byte(accountsFile), 0o600))
	b.accounts = identity.NewAccounts(b.store, b.clock)
	_, err = b.accounts.Adopt(b.t.Context(), dir)
	must(b.t, err)
	zone, err := time.LoadLocation("Asia/Shanghai")
	must(b.t, err)
	kept, err := blobs.Open(b.t.TempDir(), b.clock)
	must(b.t, err)
	b.parts = desks.Config{
		Audit:       b.store,
		AuditLog:    b.store,
		Fleet:       b.store,
		Views:       b.presence,
		Finder:      b.store,
		AsRun:       b.store,
		Register:    b.store,
		Roster:      b.store,
		Reviews:     b.store,
		Team:        b.store,
		SavedViews:  b.store,
		Attachments: b.store,
		Overviews:   b.store,
		Blobs:       kept,
		Library:     b.store,
		Plans:       b.store,
		Commander:   b.ingest,
		Accounts:    b.store,
		Doorkeeper:  b.accounts,
		Now:         b.clock,
		Log:         slog.New(slog.DiscardHandler),
	}
	b.console, err = New(Config{
		Accounts: b.accounts,
		Book:     b.store,
		Desk:     func(s hub.Staff) Desk { return desks.New(b.parts).For(s) },
		Audit:    b.store,
		Watch:    b.presence,
		HashPIN:  identity.HashPIN,
		Studio:   studio.Open(b.t.Context(), dir),
		Now:      b.clock,
		Zone:     zone,
		Log:      slog.New(slog.NewTextHandler(io.MultiWriter(b.log, b.t.Output()), nil)),
		Announcements: func() []ark.Announcement {
			return []ark.Announcement{{ID: "welcome", Title: ark.Text{Zh: "方舟到了", En: "The van is here"}}, {ID: "services", Title: ark.Text{Zh: "今日便民服务", En: "Services today"}},
				{ID: "water", Title: ark.Text{Zh: "停水通知", En: "Water will be off"}}}
		},
	})
	must(b.t, err)
	b.handler = b.console.Handler()
	ctx, cancel := context.WithCancel(context.Background())
	b.server = httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if b.down.Load() || b.deaf.Load() && r.URL.Path == "/events" {
			panic(http.ErrAbortHandler) // the connection breaks
		}
		b.handler.ServeHTTP(w, r)
	}))
	b.server.Config.BaseContext = func(net.Listener) context.Context { return ctx } // as process.Serve has it
	b.server.Start()
	b.stop = cancel
	b.t.Cleanup(func() { cancel(); b.server.Close() })
}

func (b *bench) clock() time.Time {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.now
}

func (b *bench) pass(d time.Duration) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.now = b.now.Add(d)
}

// deliver commits entries of a van as they would come in a frame, and returns
// their ids.
func (b *bench) deliver(van ark.VanID, trusted bool, bodies ...any) (ids []ark.ID) {
	b.t.Helper()
	b.mu.Lock()
	defer b.mu.Unlock()
	if _, ok := b.inc[van]; !ok {
		b.inc[van] = ark.NewIncarnation([16]byte([]byte((string(van) + strings.Repeat("x", 16))[:16])))
		b.at[van] = b.inc[van].Start()
	}
	d := hub.Delivery{Van: van, Incarnation: b.inc[van], At: b.now}
	for _, body := range bodies {
		var r [10]byte
		random(r[:])
		e := ark.Entry{ID: ark.NewID(ark.Milli(b.now), r), Kind: kindOf(body), At: ark.Stamp{Wall: ark.Milli(b.now), Boot: ark.BootID{1}, Trusted: trusted}}
		var err error
		e.Body, err = ark.EncodeBody(e.Kind, body)
		must(b.t, err)
		raw, err := ark.EncodeEntry(e)
		must(b.t, err)
		b.at[van] = b.at[van].Next(raw)
		f := hub.Fact{Cursor: b.at[van], Raw: raw}
		hub.Understand(&f, van)
		d.Facts = append(d.Facts, f)
		ids = append(ids, e.ID)
	}
	d.UpTo = b.at[van]
	_, err := b.store.Commit(context.Background(), []hub.Delivery{d})
	must(b.t, err)
	must(b.t, b.store.Found(context.Background()))
	return ids
}

func kindOf(body any) ark.Kind {
	switch body.(type) {
	case ark.Visit:
		return ark.KindVisit
	case ark.AsRun:
		return ark.KindBroadcast
	case ark.OrderState:
		return ark.KindOrderState
	case ark.Health:
		return ark.KindHealth
	case ark.Begun:
		return ark.KindBegun
	case ark.LibraryState:
		return ark.KindLibraryState
	case ark.SelfTest:
		return ark.KindSelfTest
	case ark.Phone:
		return ark.KindPhone
	case ark.HouseholdEdit:
		return ark.KindHousehold
	case ark.Amend:
		return ark.KindAmend
	case ark.Withdrawal:
		return ark.KindWithdraw
	}
	panic("no such kind")
}

// person is somebody with a browser that runs no script.
type person struct {
	t      testing.TB
	b      *bench
	client *http.Client
	token  string // with which they ask; empty: none
}

func (b *bench) person() *person {
	jar, err := cookiejar.New(nil)
	must(b.t, err)
	return &person{b.t, b, &http.Client{Jar: jar, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}, ""}
}

// signedIn is somebody who has signed in.
func (b *bench) signedIn() *person {
	b.t.Helper()
	p := b.person()
	if a := p.post("/login", "name", staff, "password", password); a.status != http.StatusSeeOther || a.to != "/" {
		b.t.Fatalf("signing in: %d to %q", a.status, a.to)
	}
	return p
}

type answer struct {
	status   int
	to, body string
	head     http.Header
	trailer  http.Header
}

func (p *person) do(r *http.Request) answer {
	p.t.Helper()
	if p.token != "" {
		r.Header.Set("Authorization", "Bearer "+p.token)
	}
	res, err := p.client.Do(r)
	must(p.t, err)
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	must(p.t, err)
	a := answer{res.StatusCode, res.Header.Get("Location"), string(body), res.Header, res.Trailer}
	p.describes(r, a)
	return a
}

func (p *person) get(path string, heads ...string) answer {
	p.t.Helper()
	r, err := http.NewRequestWithContext(p.t.Context(), http.MethodGet, p.b.server.URL+path, nil)
	must(p.t, err)
	for i := 0; i+1 < len(heads); i += 2 {
		r.Header.Set(heads[i], heads[i+1])
	}
	return p.do(r)
}

func (p *person) post(path string, fields ...string) answer {
	p.t.Helper()
	form := url.Values{}
	for i := 0; i+1 < len(fields); i += 2 {
		form.Add(fields[i], fields[i+1])
	}
	r, err := http.NewRequestWithContext(p.t.Context(), http.MethodPost, p.b.server.URL+path, strings.NewReader(form.Encode()))
	must(p.t, err)
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	return p.do(r)
}

func (a answer) wants(t testing.TB, status int, texts ...string) {
	t.Helper()
	if a.status != status {
		t.Fatalf("got status %d, want %d:\n%s", a.status, status, a.body)
	}
	for _, text := range texts {
		if !strings.Contains(a.body, text) {
			t.Errorf("the page lacks %q:\n%s", text, a.body)
		}
	}
}
