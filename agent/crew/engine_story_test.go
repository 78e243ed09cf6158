package crew

import (
	"context"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"ark/agent"
	"ark/agent/files"
	"ark/agent/households"
	"ark/hub"
	"ark/internal/browser"
	"ark/internal/rig"
)

// outing is a van of real parts under one address, which is stopped and
// started under the phones that use it.
type outing struct {
	*testing.T
	office *rig.Office
	dir    string
	opt    rig.VanOptions
	addr   string

	van    *rig.Van
	crew   *Crew
	server *httptest.Server

	mu     sync.Mutex
	before func(*http.Request) // sees each request first, one at a time; it may panic
}

// set changes what the handler of requests reads.
func (o *outing) set(f func()) {
	o.mu.Lock()
	defer o.mu.Unlock()
	f()
}

func newOuting(t *testing.T) *outing {
	t.Helper()
	o := &outing{T: t, office: rig.NewOffice(t), dir: t.TempDir(), addr: "127.0.0.1:0"}
	o.opt.TLS = o.office.CA.Van(t, "van-1")
	o.start()
	t.Cleanup(o.stop)
	return o
}

func (o *outing) start() {
	o.Helper()
	o.van = o.office.StartVan(o.T, "van-1", o.dir, o.opt)
	kept := files.New(files.Config{Dir: filepath.Join(o.dir, "files"), Attachments: o.van.Store, Disk: func() (int64, int64) { return 1 << 40, 1 << 40 },
		Keep: time.Hour, Now: time.Now, Log: rig.Log})
	var err error
	o.crew, err = New(Config{Van: "van-1", Visits: o.van.Store, Logbook: o.van.Store, People: o.van.Store, Register: o.van.Store, Attachments: o.van.Store,
		Finder: households.New(), Words: households.Words, Files: kept, Status: func() (agent.Status, []time.Duration) { return agent.Status{}, nil },
		Sync: o.van.Uplink.Sync, Fault: o.van.Store.Fault, Buttons: func() []Button { return nil }, NewID: newID, Now: o.van.Clock.Now, Random: rig.Random,
		Zone: time.Local, Log: rig.Log})
	if err != nil {
		o.Fatal(err)
	}
	l, err := net.Listen("tcp", o.addr)
	if err != nil {
		o.Fatal(err)
	}
	o.addr = l.Addr().String()
	pages := o.crew.Handler()
	o.server = httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		o.set(func() {
			if o.before != nil {
				o.before(r)
			}
		})
		pages.ServeHTTP(w, r)
	}))
	o.server.Config.ErrorLog = slog.NewLogLogger(rig.Log.Handler(), slog.LevelError)
	o.server.Listener.Close()
	o.server.Listener = l
	o.server.Start()
}

func (o *outing) stop() {
	o.server.CloseClientConnections()
	o.server.Close()
	o.van.Stop()
}

func (o *outing) url() string { return "http://" + o.addr }

// onVan is how many visits are on the card.
func (o *outing) onVan() int {
	o.Helper()
	all, err := o.van.Store.Find(o.Context(), agent.VisitFilter{Limit: 1000})
	if err != nil {
		o.Fatal(err)
	}
	return len(all)
}

// onApp opens the app itself, from the van or from what the phone keeps of it,
// and a second engine beside its own to drive.
func onApp(p *browser.Page, url string) *browser.Page {
	p.Go(url + "/")
	browser.Outcome[bool](p, `import("/app/core/ark.js").then(async (m) => { globalThis.ark = await m.open(); return true; })`)
	return p
}

// The story of twenty visits, through all that happens to a phone and a van:
// each is at the hub once, and at every step the phone says where each is.
func TestTwentyVisits(t *testing.T) {
	o, phone := newOuting(t), browser.Phone
	phone.Profile = t.TempDir()
	a := onApp(browser.Open(t, phone), o.url())
	code, _ := o.crew.invite("")
	browser.Outcome[bool](a, fmt.Sprintf(`ark.enrol(%q, "1号手机").then(() => true)`, code))
	a.Await("navigator.serviceWorker.controller && ark.state.form")
	b := onApp(a.Tab(), o.url())
	logged := map[string]bool{}
	log := func(p *browser.Page, n int) {
		for range n {
			logged[logOne(p, fmt.Sprintf("%d幢", len(logged)+1))] = true
		}
	}

	// On the van's Wi-Fi, in both tabs.
	log(a, 3)
	log(b, 2)
	counted(a, 0, 5, 0)
	counted(b, 0, 5, 0)

	// In a stairwell; the app is opened anew there, from what the phone keeps.
	a.Cut()
	b.Cut()
	log(a, 3)
	log(b, 3)
	counted(a, 6, 5, 0)
	onApp(a, o.url())
	counted(a, 6, 5, 0)
	counted(b, 6, 5, 0)

	// Back on the Wi-Fi, where the van is off.
	o.stop()
	a.Mend()
	b.Mend()
	log(b, 2)
	counted(a, 8, 5, 0)
	o.start()
	counted(a, 0, 13, 0)
	counted(b, 0, 13, 0)

	// The van restarts and the browser is killed while both tabs hand in.
	for _, p := range []*browser.Page{a, b} {
		browser.Value[bool](p, `(globalThis.kept = [], [1, 2, 3].forEach(async (n) => { const d = await ark.draft(); d.visit = { place: n + "单元", outcome: "met" }; kept.push(await ark.log(d)); }), true)`)
	}
	o.stop()
	log(a, 1)
	for _, p := range []*browser.Page{a, b} {
		p.Await("kept.length === 3")
		for _, id := range browser.Value[[]string](p, "kept") {
			logged[id] = true
		}
	}
	a.Kill()
	o.start()
	a = onApp(browser.Open(t, phone), o.url())
	counted(a, 0, 20, 0)
	if n := o.onVan(); n != 20 || len(logged) != 20 {
		t.Fatalf("%d visits on the van, %d logged", n, len(logged))
	}

	// And the hub comes into reach.
	h := o.office.StartHub(t, filepath.Join(t.TempDir(), "hub.db"))
	counted(a, 0, 0, 20)
	arrived(t, h, logged)
	h.Stop()
}

// arrived makes sure that the hub has these visits, once each.
func arrived(t *testing.T, h *rig.Hub, logged map[string]bool) {
	t.Helper()
	all, err := h.Store.Visits(context.Background(), hub.Page{Limit: 100})
	if err != nil {
		t.Fatal(err)
	}
	seen := map[string]int{}
	for _, v := range all {
		seen[v.ID.String()]++
	}
	for id := range logged {
		if seen[id] != 1 {
			t.Errorf("visit %s is at the hub %d times", id, seen[id])
		}
	}
	if len(seen) != len(logged) {
		t.Errorf("%d visits at the hub, want %d", len(seen), len(logged))
	}
}
