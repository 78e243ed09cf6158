package crew

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"ark"
	"ark/agent"
	"ark/agent/households"
	"ark/agent/store"
)

// bench is the crew's pages on a real store, and a browser without script.
type bench struct {
	testing.TB
	store  *store.Store
	server *httptest.Server
	crew   *Crew
	pages  http.Handler // that the server serves
	client *http.Client
	clock  *agent.Clock

	mu      sync.Mutex
	status  agent.Status
	sync    agent.Sync
	pressed []string // what the panel was told, in words
	place   string
	passed  time.Duration // since the bench was made, beside real time
	stands  ark.Stamp     // where the clock stands; zero: it goes

	logbook agent.Logbook // nil: the store
	index   *households.Index
	quiet   *slog.Logger

	load    agent.Load
	loadErr error
}

// now is the bench's clock: real time, and what pass let pass.
func (b *bench) now() ark.Stamp {
	b.mu.Lock()
	defer b.mu.Unlock()
	at := b.clock.Now()
	if b.stands != (ark.Stamp{}) {
		at = b.stands
	}
	at.Mono += b.passed
	at.Wall += ark.UnixMilli(b.passed.Milliseconds())
	return at
}

func (b *bench) pass(d time.Duration) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.passed += d
}

// buttons are those of the bench.
func buttons() []Button {
	return []Button{{Name: "1", Title: ark.Text{Zh: "服务方舟到了", En: "The ark is here"}, Meaning: agent.Meaning{Announcement: "welcome"}},
		{Name: "alarm", Title: ark.Text{Zh: "紧急疏散", En: "Leave the building"}, Class: ark.ClassEmergencyLocal, Meaning: agent.Meaning{Announcement: "evacuate", Hold: true}},
		{Name: "9", Meaning: agent.Meaning{Announcement: "gone"}},
		{Name: "stop", Meaning: agent.Meaning{Stop: true}}, {Name: "louder", Meaning: agent.Meaning{Louder: true}},
		{Name: "softer", Meaning: agent.Meaning{Softer: true}}, {Name: "test", Meaning: agent.Meaning{Test: true}},
		{Name: "talk", Meaning: agent.Meaning{Talk: true}}}
}

func newID(at ark.UnixMilli) ark.ID {
	var b [10]byte
	rand.Read(b[:])
	return ark.NewID(at, b)
}

func newBench(t testing.TB, dir string) *bench {
	t.Helper()
	b := &bench{TB: t, clock: agent.NewClock(time.Time{})}
	quiet := slog.New(slog.NewTextHandler(io.Discard, nil))
	b.quiet, b.index = quiet, households.New()
	b.store = store.New(store.Config{Dir: dir, Clock: b.clock, Random: func(p []byte) { rand.Read(p) }, Release: "test", Log: quiet,
		Households: func(changed []ark.Household, removed []ark.ID) {
			for _, h := range changed {
				if err := b.index.Add(h); err != nil {
					t.Error(err)
				}
			}
			for _, id := range removed {
				b.index.Remove(id)
			}
		}})
	if err := b.store.Open(t.Context()); err != nil {
		t.Fatal(err)
	}
	b.server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { b.pages.ServeHTTP(w, r) }))
	b.restart()
	jar, _ := cookiejar.New(nil) // it never fails without options
	b.client = &http.Client{Jar: jar}
	t.Cleanup(func() {
		b.server.Close()
		b.store.Run(t.Context()) // which has ended: it closes the store
	})
	return b
}

// restart makes the pages anew on the same card.
func (b *bench) restart() {
	b.Helper()
	if b.logbook == nil {
		b.logbook = b.store
	}
	pages, err := New(Config{Van: "van-1", Visits: b.store, Status: b.tellStatus, Sync: b.tellSync, Fault: b.store.Fault, Panel: hand{b},
		Buttons: buttons, Long: time.Second, Place: b.choose, Card: "Device", NewID: newID, Now: b.now, Random: func(p []byte) { rand.Read(p) },
		Zone: time.FixedZone("CST", 8*3600), Log: b.quiet, Logbook: b.logbook, People: b.store, Register: b.store, Attachments: b.store,
		Finder: b.index, Words: households.Words, Load: func(context.Context) (agent.Load, error) { return b.load, b.loadErr }})
	if err != nil {
		b.Fatal(err)
	}
	b.crew, b.pages = pages, pages.Handler()
}

var office = ark.NewIncarnation([16]byte{1})

// order lets the van take an order from the hub.
func (b *bench) order(kind ark.Kind, body any) {
	b.Helper()
	raw, err := ark.EncodeBody(kind, body)
	if err != nil {
		b.Fatal(err)
	}
	if raw, err = ark.EncodeEntry(ark.Entry{ID: newID(1), Kind: kind, Body: raw}); err != nil {
		b.Fatal(err)
	}
	c, err := b.store.Hearing(b.Context(), office)
	if err != nil {
		b.Fatal(err)
	}
	c = c.Next(raw)
	if _, err = b.store.Take(b.Context(), office, ark.Taken{Entries: []ark.TakenEntry{{Cursor: c, Raw: raw}}}, c); err != nil {
		b.Fatal(err)
	}
}

func (b *bench) tellStatus() (agent.Status, []time.Duration) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.status, nil
}

func (b *bench) tellSync() agent.Sync {
	_, _, acked, last, _ := b.store.State()
	b.mu.Lock()
	defer b.mu.Unlock()
	s := b.sync
	s.Backlog = uint64(last.Seq - acked.Seq)
	return s
}

// hand is a panel that keeps what it was told.
type hand struct{ b *bench }

func (h hand) do(what string, b agent.Button) bool {
	h.b.mu.Lock()
	defer h.b.mu.Unlock()
	h.b.pressed = append(h.b.pressed, what+" "+string(b))
	return true
}

func (h hand) Press(b agent.Button) bool  { return h.do("press", b) }
func (h hand) Hold(b agent.Button) bool   { return h.do("hold", b) }
func (h hand) Switch(b agent.Button) bool { return h.do("switch", b) }
func (h hand) Down(b agent.Button) bool   { return h.do("down", b) }
func (h hand) Up(b agent.Button) bool     { return h.do("up", b) }

func (b *bench) choose(place string) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.place = place
	return true
}

// answered is what came back.
type answered struct {
	status int
	page   string
	at     string // the path that redirects led to
	header http.Header
}

func (b *bench) do(method, path, kind, body string, headers ...string) answered {
	b.Helper()
	r, err := http.NewRequestWithContext(b.Context(), method, b.server.URL+path, strings.NewReader(body))
	if err != nil {
		b.Fatal(err)
	}
	if kind != "" {
		r.Header.Set("Content-Type", kind)
	}
	for i := 0; i+1 < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	w, err := b.client.Do(r)
	if err != nil {
		b.Fatal(err)
	}
	defer w.Body.Close()
	page, err := io.ReadAll(w.Body)
	if err != nil {
		b.Fatal(err)
	}
	return answered{w.StatusCode, string(page), w.Request.URL.Path, w.Header}
}

func (b *bench) open(path string) answered { b.Helper(); return b.do("GET", path, "", "") }

const form = "application/x-www-form-urlencoded"

func (b *bench) submit(path string, fields url.Values) answered {
	b.Helper()
	return b.do("POST", path, form, fields.Encode())
}

// api sends a visit as a phone does.
func (b *bench) api(body string, headers ...string) (int, answer) {
	b.Helper()
	got := b.do("POST", "/api/1/visits", "application/json", body, headers...)
	var a answer
	if err := json.Unmarshal([]byte(got.page), &a); err != nil {
		b.Fatalf("%d %q: %v", got.status, got.page, err)
	}
	return got.status, a
}

func (b *bench) visits() []agent.Visit {
	b.Helper()
	all, err := b.store.Recent(b.Context(), 100)
	if err != nil {
		b.Fatal(err)
	}
	return all
}

var hidden = regexp.MustCompile(`name="id" value="([0-9a-f-]{36})"`)

// formID is the id of the visit that the page's form will log.
func (b *bench) formID(page string) string {
	b.Helper()
	m := hidden.FindStringSubmatch(page)
	if m == nil {
		b.Fatalf("no form with an id in %s", page)
	}
	return m[1]
}

// shows fails unless the page holds each text.
func (b *bench) shows(page string, texts ...string) {
	b.Helper()
	for _, text := range texts {
		if !strings.Contains(page, text) {
			b.Errorf("the page does not show %q:\n%s", text, page)
		}
	}
}
