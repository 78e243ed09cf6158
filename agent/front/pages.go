package front

import (
	"crypto/tls"
	"crypto/x509"
	"html/template"
	"net/http"
	"strings"
	"sync"
	"time"

	"ark"
	"ark/internal/qr"
	"ark/internal/web"
)

// page is what both pages show.
type page struct {
	Van     ark.VanID
	Path    string // of this page
	Address string // of the crew's app
	Plain   string // of the page on port 80
	Secure  bool   // this page came over TLS
	Window  bool   // and is shown inside another program
	Big     bool
	Guides  []guide
	Guide   guide // of this phone
	Chain   chainView
	AppCode template.HTML // the app's address as a QR code
	Code    template.HTML // this page's
	Print   []string      // fingerprint of what phones install, in groups; nil: there is nothing to install
}

// chainView is how the certificate stands.
type chainView struct {
	Serving string // public, house, over or none
	Until   string
	Days    int   // left
	Public  State // why the public one is not served; empty: it is, or there is none
}

// chainOf says how certificates stand at a time: pure, for the page.
func chainOf(public, house *tls.Certificate, name string, now time.Time, say func(time.Time) string) chainView {
	v := chainView{Serving: "none"}
	chosen := Choose(public, house, name, now)
	if state := Judge(public, name, now); state != Good && state != Absent {
		v.Public = state
	}
	if chosen == nil || chosen.Leaf == nil {
		return v
	}
	v.Until, v.Days = say(chosen.Leaf.NotAfter), int(chosen.Leaf.NotAfter.Sub(now).Hours()/24)
	switch {
	case now.After(chosen.Leaf.NotAfter):
		v.Serving = "over"
	case chosen == house:
		v.Serving = "house"
	default:
		v.Serving = "public"
	}
	return v
}

func (f *Front) page(r *http.Request) page {
	l := web.LangOf(r)
	public, trouble := f.public.now()
	house, _ := f.house.now()
	p := page{Van: f.c.Van, Path: "/", Address: f.Address(), Plain: f.plainAddress(), Secure: r.TLS != nil, Window: inWindow(r.UserAgent()),
		Big: r.URL.Query().Has("big"), Guides: guides, Guide: guideOf(r.PathValue("platform"), r.UserAgent())}
	switch platform := r.PathValue("platform"); {
	case platform == p.Guide.ID:
		p.Path = "/join/" + platform
	case strings.HasPrefix(r.URL.Path, "/join"): // whatever else was asked for is not repeated
		p.Path = "/join"
	}
	p.Chain = chainOf(public, house, f.c.Name, f.c.Now(), func(t time.Time) string { return t.In(f.c.Zone).Format(texts.In(l, "chain.day")) })
	if trouble != nil && p.Chain.Public == "" && p.Chain.Serving != "public" {
		p.Chain.Public = Broken
	}
	p.AppCode, p.Code = f.codes.of(p.Address+"/", texts.In(l, "door.code")), f.codes.of(p.Plain+p.Path, texts.In(l, "join.code"))
	if root, err := readRoot(f.c.HouseCA); err == nil {
		p.Print = fingerprint(root)
	}
	return p
}

// codes are addresses as QR codes: drawn once, for drawing is most of what a
// page costs, and whoever passes by may ask for it. The addresses are few.
type codes struct {
	mu    sync.Mutex
	drawn map[[2]string]template.HTML // by address and label
}

// of is the code of an address. One that is too long to draw is written out
// beside it anyway.
func (c *codes) of(address, label string) template.HTML {
	c.mu.Lock()
	defer c.mu.Unlock()
	key := [2]string{address, label}
	svg, drawn := c.drawn[key]
	if !drawn {
		svg, _ = qr.SVG(address, label)
		c.drawn[key] = svg
	}
	return svg
}

// door is the page on port 80.
func (f *Front) door(w http.ResponseWriter, r *http.Request) {
	f.site.Page(w, r, http.StatusOK, "door.html", f.page(r))
}

// join is the page that leads through installing the certificate.
func (f *Front) join(w http.ResponseWriter, r *http.Request) {
	f.site.Page(w, r, http.StatusOK, "join.html", f.page(r))
}

// seal is the picture that a page without TLS asks for: it comes only to a
// browser that trusts the van.
func (f *Front) seal(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Type", "image/svg+xml")
	w.Header().Set("Cache-Control", "no-store")
	w.Header().Set("Cross-Origin-Resource-Policy", "cross-origin")
	w.Write([]byte(`<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 1 1"/>`))
}

// probe is a service worker that does nothing: a browser takes it only where
// the certificate is trusted, and not where a warning was clicked away.
func (f *Front) probe(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Type", "text/javascript")
	w.Header().Set("Cache-Control", "no-store")
	w.Write([]byte("// it does nothing: that it may be here is the answer\n"))
}

// giveCA gives the house's certificate as Android, HarmonyOS and Windows
// install it.
func (f *Front) giveCA(w http.ResponseWriter, r *http.Request) {
	f.giveRoot(w, r, "application/x-x509-ca-cert", "ark-house-ca.crt", func(root *x509.Certificate) []byte { return root.Raw })
}

// giveProfile gives it as iOS does.
func (f *Front) giveProfile(w http.ResponseWriter, r *http.Request) {
	f.giveRoot(w, r, "application/x-apple-aspen-config", "", mobileConfig)
}

func (f *Front) giveRoot(w http.ResponseWriter, r *http.Request, kind, name string, body func(*x509.Certificate) []byte) {
	root, err := readRoot(f.c.HouseCA)
	if err != nil {
		f.c.Log.Warn("a phone asked for the certificate to install", "err", err)
		http.Error(w, texts.In(web.LangOf(r), "join.lack"), http.StatusNotFound)
		return
	}
	w.Header().Set("Content-Type", kind)
	w.Header().Set("X-Content-Type-Options", "nosniff")
	w.Header().Set("Cache-Control", "no-store")
	if name != "" {
		w.Header().Set("Content-Disposition", `attachment; filename="`+name+`"`)
	}
	w.Write(body(root)) // an error means that nobody listens any more
}
