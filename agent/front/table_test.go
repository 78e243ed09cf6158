package front

import (
	"crypto/tls"
	"embed"
	"fmt"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"ark"
	"ark/hub/identity"
	"ark/internal/browser"
	"ark/internal/testca"
)

//go:embed testdata
var testdata embed.FS

// logbook is what has come to a van.
type logbook struct {
	mu  sync.Mutex
	got []string
}

func (b *logbook) handler(t *testing.T) http.Handler {
	app, err := fs.Sub(testdata, "testdata")
	if err != nil {
		t.Fatal(err)
	}
	m := http.NewServeMux()
	m.HandleFunc("POST /log/{id}", func(w http.ResponseWriter, r *http.Request) {
		b.mu.Lock()
		defer b.mu.Unlock()
		b.got = append(b.got, r.PathValue("id"))
		w.WriteHeader(http.StatusCreated)
	})
	m.HandleFunc("GET /{$}", func(w http.ResponseWriter, r *http.Request) { http.ServeFileFS(w, r, app, "app.html") })
	m.Handle("GET /", http.FileServerFS(app))
	return m
}

func (b *logbook) list() []string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return slices.Clone(b.got)
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
	places := map[string]string{}
	for i, c := range columns {
		for _, installed := range []bool{false, true} {
			all = append(all, newCell(t, c, installed, ark.VanID(fmt.Sprintf("van-%d-%t", i, installed)), authority, public))
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
	book      logbook
	installed bool
	dir       string
	good      tls.Certificate // that the phone has met before
	house     identity.Page
}

func newCell(t *testing.T, c column, installed bool, van ark.VanID, authority *identity.Pages, public *testca.CA) *cell {
	t.Helper()
	page, err := authority.NewPage(van, time.Now())
	if err != nil {
		t.Fatal(err)
	}
	cl := &cell{column: c, installed: installed, dir: t.TempDir(), house: page}
	cl.good = public.Page(t, page.Name, time.Now().Add(-time.Hour), time.Now().Add(24*time.Hour))
	cl.served = serve(t, van, page.Name, cl.dir, cl.book.handler(t))
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
	held := func() []string { return browser.Outcome[[]string](p, "held()") }
	sync := func() string { return browser.Outcome[string](p, "sync()") }
	// The phone has been here before and holds one visit that is in the van, and one that is not.
	c.show(t, &c.good)
	p.Go(url)
	p.Await("window.ready")
	if c.installed {
		browser.Outcome[bool](p, "install().then(() => true)")
	}
	browser.Outcome[bool](p, "log('1').then(() => true)")
	if got := sync(); got != "in" {
		t.Fatalf("at first: %s", got)
	}
	browser.Outcome[bool](p, "log('2').then(() => true)")
	// Now it meets the certificate.
	if c.chain == nil {
		c.show(t, nil)
	} else {
		chain := c.chain(c.served.name)
		c.show(t, &chain)
	}
	p.Go("about:blank")
	err := p.Try(url)
	if opens := err == nil; opens != (c.trust || c.installed) {
		t.Errorf("opens: %v (%v)", opens, err)
	}
	if err != nil && !strings.Contains(err.Error(), "ERR_CERT_") {
		t.Errorf("refused for another reason: %v", err)
	}
	if err == nil {
		p.Await("window.ready")
		browser.Outcome[bool](p, "log('3').then(() => true)")
		want := map[bool]string{true: "in", false: "away"}[c.trust]
		if got := sync(); got != want {
			t.Errorf("handed in: %s, want %s", got, want)
		}
		now := map[bool][]string{true: {"1 van", "2 van", "3 van"}, false: {"1 van", "2", "3"}}[c.trust]
		if diff := cmp.Diff(now, held()); diff != "" {
			t.Error("the phone holds (-want +got)\n" + diff)
		}
	}
	// And then a good one again, from the other authority than at first.
	c.show(t, nil)
	p.Go("about:blank")
	p.Go(url)
	p.Await("window.ready")
	if got := sync(); got != "in" {
		t.Errorf("afterwards: %s", got)
	}
	want := []string{"1 van", "2 van"}
	if c.trust || c.installed {
		want = append(want, "3 van")
	}
	if diff := cmp.Diff(want, held()); diff != "" {
		t.Error("the phone holds at the end (-want +got)\n" + diff)
	}
	if got := c.book.list(); !slices.Equal(got, []string{"1", "2", "3"}[:len(want)]) {
		t.Errorf("the van has %v", got)
	}
	if c.installed && !browser.Value[bool](p, "navigator.serviceWorker.controller !== null") {
		t.Error("the app is not installed any more")
	}
}
