package front

import (
	"crypto/tls"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"ark"
	"ark/agent"
	"ark/agent/crew"
	attached "ark/agent/files"
	"ark/agent/households"
	"ark/hub/identity"
	"ark/internal/browser"
	"ark/internal/rig"
	"ark/internal/testca"
)

// aboard is the crew's app of a van, with a real card behind it. All vans of
// the table share it: to phones they are their names.
type aboard struct {
	van     *rig.Van
	handler http.Handler
}

func goAboard(t *testing.T) *aboard {
	t.Helper()
	dir := t.TempDir()
	a := &aboard{van: rig.NewOffice(t).StartVan(t, "van-1", dir, rig.VanOptions{})}
	s := a.van.Store
	pages, err := crew.New(crew.Config{Van: "van-1", Visits: s, Logbook: s, People: s, Register: s, Attachments: s, Finder: households.New(), Words: households.Words,
		Files:  attached.New(attached.Config{Dir: dir + "/files", Attachments: s, Disk: func() (int64, int64) { return 1 << 40, 1 << 40 }, Keep: time.Hour, Now: time.Now, Log: rig.Log}),
		Status: func() (agent.Status, []time.Duration) { return agent.Status{}, nil }, Sync: a.van.Uplink.Sync, Fault: s.Fault,
		Buttons: func() []crew.Button { return nil }, Now: a.van.Clock.Now, Random: rig.Random, Zone: time.Local, Log: rig.Log,
		NewID: func(at ark.UnixMilli) ark.ID { var b [10]byte; rig.Random(b[:]); return ark.NewID(at, b) }})
	if err != nil {
		t.Fatal(err)
	}
	a.handler = pages.Handler()
	return a
}

var codeShown = regexp.MustCompile(`class="code"[^>]*>([^<]+)<`)

// code is an enrolment code, as it is read from the panel's page.
func (a *aboard) code(t *testing.T) string {
	t.Helper()
	ask := func(method string, cookies []*http.Cookie) *http.Response {
		r := httptest.NewRequest(method, "http://localhost/panel/phones", nil)
		r.RemoteAddr = "127.0.0.1:4711"
		for _, c := range cookies {
			r.AddCookie(c)
		}
		w := httptest.NewRecorder()
		a.handler.ServeHTTP(w, r)
		return w.Result()
	}
	page, err := io.ReadAll(ask("GET", ask("POST", nil).Cookies()).Body)
	if m := codeShown.FindSubmatch(page); err == nil && m != nil {
		return strings.ReplaceAll(string(m[1]), " ", "")
	}
	t.Fatalf("no code on the page:\n%s", page)
	return ""
}

// has tells whether visits with these places have come to the van.
func (a *aboard) has(t *testing.T, places ...string) bool {
	t.Helper()
	all, err := a.van.Store.Find(t.Context(), agent.VisitFilter{Limit: 1000})
	if err != nil {
		t.Fatal(err)
	}
	n := 0
	for _, v := range all {
		if slices.Contains(places, v.Visit.Place) {
			n++
		}
	}
	return n == len(places)
}

// served is a van's door as phones reach it: both of its ports.
type served struct {
	*Front
	name          string
	secure, plain *httptest.Server
}

// serve serves the door of a van whose certificates are in a folder.
func serve(t *testing.T, van ark.VanID, name, dir string, app http.Handler) *served {
	t.Helper()
	f, err := New(Config{Van: van, Name: name, HTTPS: ":443", HTTP: ":80", Public: Pair{dir + "/public.pem", dir + "/public-key.pem"},
		House: Pair{dir + "/pages.pem", dir + "/pages-key.pem"}, HouseCA: dir + "/pages-ca.pem", Now: time.Now, Zone: time.UTC, Log: quiet, App: app})
	if err != nil {
		t.Fatal(err)
	}
	s := &served{Front: f, name: name, secure: httptest.NewUnstartedServer(f.Secure()), plain: httptest.NewServer(f.Plain())}
	s.secure.TLS = f.TLS()
	s.secure.Config.ErrorLog = quietLog
	s.secure.StartTLS()
	t.Cleanup(func() { s.secure.Close(); s.plain.Close() })
	return s
}

// places are where a browser finds the van's name.
func (s *served) places(into map[string]string) {
	into[s.name+":443"] = s.secure.Listener.Addr().String()
	into[s.name+":80"] = s.plain.Listener.Addr().String()
}

// column is a certificate as a phone may meet it.
type column struct {
	name  string
	trust bool // the phone opens it
	chain func(name string) tls.Certificate
}

// The certificates that a phone may meet, when it comes for the first time and
// when it has the app already: what opens and what is handed in, and that
// nothing it holds is ever lost.
func TestCertificateTable(t *testing.T) {
	public, unknown, dir := testca.New(t), testca.New(t), t.TempDir()
	authority, err := identity.InitPages(dir, "ark.internal", time.Now())
	if err != nil {
		t.Fatal(err)
	}
	day := func(n int) time.Time { return time.Now().AddDate(0, 0, n) }
	columns := []column{
		{"good", true, func(name string) tls.Certificate { return public.Page(t, name, day(-1), day(40)) }},
		{"expired", false, func(name string) tls.Certificate { return public.Page(t, name, day(-40), day(-1)) }},
		{"not yet", false, func(name string) tls.Certificate { return public.Page(t, name, day(1), day(40)) }},
		{"unknown", false, func(name string) tls.Certificate { return unknown.Page(t, name, day(-1), day(40)) }},
		{"house", true, nil},
	}
	var all []*cell
	ship := goAboard(t)
	places := map[string]string{}
	for i, c := range columns {
		for _, installed := range []bool{false, true} {
			all = append(all, newCell(t, ship, c, installed, ark.VanID(fmt.Sprintf("van-%d-%t", i, installed)), authority, public))
			all[len(all)-1].places(places)
		}
	}
	p := browser.Open(t, browser.Options{Width: 390, Height: 844, Places: places, Trust: [][]byte{public.PEM(), authority.CertPEM()}})
	for _, c := range all {
		t.Run(fmt.Sprintf("%s, installed %v", c.column.name, c.installed), func(t *testing.T) { c.story(t, p) })
	}
}

// cell is one certificate met by one kind of phone, at a van of its own.
type cell struct {
	column
	*served
	ship      *aboard
	installed bool
	dir       string
	good      tls.Certificate // that the phone has met before
	house     identity.Page
}

func newCell(t *testing.T, ship *aboard, c column, installed bool, van ark.VanID, authority *identity.Pages, public *testca.CA) *cell {
	t.Helper()
	page, err := authority.NewPage(van, time.Now())
	if err != nil {
		t.Fatal(err)
	}
	cl := &cell{column: c, ship: ship, installed: installed, dir: t.TempDir(), house: page}
	cl.good = public.Page(t, page.Name, time.Now().Add(-time.Hour), time.Now().Add(24*time.Hour))
	cl.served = serve(t, van, page.Name, cl.dir, ship.handler)
	return cl
}

// show makes the van show a chain from now on, on new connections and old.
func (c *cell) show(t *testing.T, chain *tls.Certificate) {
	t.Helper()
	for _, name := range []string{"public.pem", "public-key.pem", "pages.pem", "pages-key.pem"} {
		os.Remove(c.dir + "/" + name)
	}
	if chain == nil {
		for name, data := range map[string][]byte{"pages.pem": c.house.CertPEM, "pages-key.pem": c.house.KeyPEM} {
			if err := os.WriteFile(c.dir+"/"+name, data, 0o600); err != nil {
				t.Fatal(err)
			}
		}
	} else { // the van holds no house chain, so that it shows this one whatever it is
		testca.Write(t, c.dir+"/public.pem", c.dir+"/public-key.pem", *chain)
	}
	c.secure.CloseClientConnections()
}

func (c *cell) story(t *testing.T, p *browser.Page) {
	url := "https://" + c.served.name + "/"
	place := func(n int) string { return fmt.Sprintf("%s %d幢", c.served.name, n) }
	log := func(n int) {
		t.Helper()
		browser.Outcome[string](p, fmt.Sprintf(`(async () => { const d = await ark.draft(); d.visit = { ...d.visit, place: %q, outcome: "met" }; ark.keep(d); return ark.log(d); })()`, place(n)))
	}
	counts := func(when string, phone, van int) {
		t.Helper()
		if !browser.Outcome[bool](p, fmt.Sprintf(`new Promise((done) => { const look = () => { const { counts: n } = ark.state; if (n.phone === %d && n.van === %d) done(true); };
			ark.on("change", look); look(); ark.retry(); setTimeout(() => done(false), 15000); })`, phone, van)) {
			t.Errorf("%s the phone counts %s, want %d here and %d in the van", when, browser.Value[string](p, "JSON.stringify(ark.state.counts)"), phone, van)
		}
	}
	// The phone has been here before: one visit of it is in the van, and the app is installed or is not.
	c.show(t, &c.good)
	p.Go(url + map[bool]string{true: "", false: "blank"}[c.installed])
	c.awake(p)
	browser.Outcome[bool](p, fmt.Sprintf(`ark.enrol(%q, "1号手机").then(() => true)`, c.ship.code(t)))
	log(1)
	counts("at first", 0, 1)
	if c.installed {
		p.Await("navigator.serviceWorker.controller")
	}
	// Now it meets the certificate, with a visit in hand.
	if c.chain == nil {
		c.show(t, nil)
	} else {
		chain := c.chain(c.served.name)
		c.show(t, &chain)
	}
	log(2)
	p.Go("about:blank")
	err := p.Try(url)
	if opens := err == nil; opens != (c.trust || c.installed) {
		t.Errorf("opens: %v (%v)", opens, err)
	}
	if err != nil && !strings.Contains(err.Error(), "ERR_CERT_") {
		t.Errorf("refused for another reason: %v", err)
	}
	logged := 2
	if err == nil {
		c.awake(p)
		log(3)
		logged = 3
		if c.trust {
			counts("under this certificate", 0, 3)
		} else {
			counts("under this certificate", 2, 1)
		}
	}
	if !c.trust && (c.ship.has(t, place(2)) || c.ship.has(t, place(3))) {
		t.Error("a visit was handed in to a van that the phone does not trust")
	}
	// And then a good one again, from the other authority than at first.
	c.show(t, nil)
	p.Go("about:blank")
	p.Go(url)
	c.awake(p)
	counts("afterwards", 0, logged)
	for n := range logged {
		if !c.ship.has(t, place(n+1)) {
			t.Errorf("visit %d is not in the van, or twice", n+1)
		}
	}
}

// awake opens the app's engine, beside the one of the page.
func (c *cell) awake(p *browser.Page) {
	browser.Outcome[bool](p, fmt.Sprintf(`import("/app/core/ark.js").then(async (m) => { globalThis.ark = await m.open({ worker: %t }); return true; })`, c.installed))
}
