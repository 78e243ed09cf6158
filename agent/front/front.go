// Package front is the van's front door for phones: which certificate it
// shows them, the page on port 80 that tells what to do and answers their
// questions whether this Wi-Fi is any good, and the page that leads a phone
// through installing the house's certificate. The crew's app is behind it.
package front

import (
	"crypto/tls"
	"crypto/x509"
	"embed"
	"encoding/pem"
	"errors"
	"html/template"
	"log/slog"
	"net"
	"net/http"
	"net/netip"
	"strings"
	"time"

	"ark"
	"ark/internal/web"
)

//go:embed templates assets
var own embed.FS

// Config is what the door needs.
type Config struct {
	Van     ark.VanID
	Name    string           // DNS name under which phones open the van
	HTTPS   string           // address on which Secure is served, for the port; empty: it is not
	HTTP    string           // address on which Plain is served, for the port
	Public  Pair             // of an authority that phones know by themselves; zero, or no such files: none yet
	House   Pair             // of the house's authority for pages
	HouseCA string           // its certificate, PEM
	Now     func() time.Time // the van's best time
	Zone    *time.Location
	App     http.Handler // the crew's pages
	Log     *slog.Logger
}

// Front is the door.
type Front struct {
	c             Config
	site          *web.Site
	public, house files
	codes         codes
}

// New makes the door. Files that are missing or cannot be read are no error:
// the page says so, and they are looked for again.
func New(c Config) (*Front, error) {
	f := &Front{c: c, public: files{pair: c.Public}, house: files{pair: c.House}, codes: codes{drawn: map[[2]string]template.HTML{}}}
	var err error
	f.site, err = web.New(own, texts, funcs, c.Log)
	return f, err
}

// errNoChain is what a phone's handshake fails with where there is nothing to
// show.
var errNoChain = errors.New("the van has no certificate for its pages")

// chain is what to show a phone now.
func (f *Front) chain() *tls.Certificate {
	public, _ := f.public.now() // why a chain is not used, the page says
	house, _ := f.house.now()
	return Choose(public, house, f.c.Name, f.c.Now())
}

// Until is when the last of the door's certificates ends; zero: there is none
// for the van's name. The public one may end sooner: the house's takes its
// place then.
func (f *Front) Until() (last time.Time) {
	public, _ := f.public.now() // what cannot be read has no end, and the page says why
	house, _ := f.house.now()
	for _, c := range []*tls.Certificate{public, house} {
		switch Judge(c, f.c.Name, f.c.Now()) {
		case Good, NotYet, Expired:
			if c.Leaf.NotAfter.After(last) {
				last = c.Leaf.NotAfter
			}
		}
	}
	return last
}

// TLS is the door's side of TLS. Old phones speak 1.2 at most; what is older
// than that is refused. Sessions are not resumed, so that each connection
// shows the chain of now: a signature by P-256 costs a Pi some milliseconds,
// and a phone connects a few times an hour. HTTP/2 is not offered: see who
// serves.
func (f *Front) TLS() *tls.Config {
	return &tls.Config{MinVersion: tls.VersionTLS12, NextProtos: []string{"http/1.1"}, SessionTicketsDisabled: true,
		GetCertificate: func(*tls.ClientHelloInfo) (*tls.Certificate, error) {
			if c := f.chain(); c != nil {
				return c, nil
			}
			return nil, errNoChain
		}}
}

// Secure is what the van serves over TLS: the crew's pages, and how a phone
// comes to trust them. It never asks for Strict-Transport-Security: a phone
// would then be kept from the page that helps when the certificate is not good.
func (f *Front) Secure() http.Handler {
	m := http.NewServeMux()
	f.help(m)
	m.HandleFunc("GET /join/trusted.svg", f.seal)
	m.HandleFunc("GET /join/probe.js", f.probe)
	m.Handle("/", f.c.App)
	return m
}

// Plain is what the van serves without TLS: what to do, and nothing of
// anybody.
func (f *Front) Plain() http.Handler {
	m := http.NewServeMux()
	f.help(m)
	m.Handle("GET /{$}", f.guard(f.door))
	m.HandleFunc("/", f.elsewhere)
	return answerProbes(m)
}

// help are the pages that both serve.
func (f *Front) help(m *http.ServeMux) {
	m.Handle("GET /join", f.guard(f.join))
	m.Handle("GET /join/{platform}", f.guard(f.join))
	m.Handle("POST /join/lang", web.Guard(http.HandlerFunc(web.ChooseLang)))
	m.HandleFunc("GET /house-ca.crt", f.giveCA)
	m.HandleFunc("GET /house-ca.mobileconfig", f.giveProfile)
	for _, name := range []string{"base.css", "icon.svg", "front.css", "front.js"} {
		m.Handle("GET /assets/{sum}/"+name, f.site.Assets())
	}
}

// guard is web.Guard with leave for one picture more: the one by which a page
// that came without TLS sees whether this phone trusts the van.
func (f *Front) guard(page http.HandlerFunc) http.Handler {
	return web.Guard(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Security-Policy", "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' "+f.Address()+
			"; form-action 'self'; frame-ancestors 'none'; base-uri 'none'")
		if r.TLS == nil {
			w.Header().Del("Cross-Origin-Opener-Policy") // a browser heeds it over TLS alone, and complains
		}
		page(w, r)
	}))
}

// Address is where phones open the crew's app.
func (f *Front) Address() string { return "https://" + f.c.Name + portOf(f.c.HTTPS, "443") }

// plainAddress is where phones find out what to do.
func (f *Front) plainAddress() string { return "http://" + f.c.Name + portOf(f.c.HTTP, "80") }

func portOf(address, usual string) string {
	_, port, err := net.SplitHostPort(address)
	if err != nil || port == usual {
		return ""
	}
	return ":" + port
}

// elsewhere leads to the page whoever asked port 80 for anything else: by the
// van's name, or by whatever name the phone was told to find here. It never
// leads to the app, which would then open in a window that the phone shuts.
func (f *Front) elsewhere(w http.ResponseWriter, r *http.Request) {
	if r.Method != http.MethodGet && r.Method != http.MethodHead {
		http.Error(w, "请打开 / open "+f.plainAddress(), http.StatusMethodNotAllowed)
		return
	}
	to := f.plainAddress() + "/"
	if _, err := netip.ParseAddr(strings.Trim(hostOf(r.Host), "[]")); err == nil {
		to = "/" // a phone whose name server is another one knows the van by its number alone
	}
	w.Header().Set("Cache-Control", "no-store")
	http.Redirect(w, r, to, http.StatusFound)
}

// hostOf is the host of an address that may have a port.
func hostOf(address string) string {
	if host, _, err := net.SplitHostPort(address); err == nil {
		return host
	}
	return address
}

func parseRoot(data []byte) (*x509.Certificate, error) {
	block, _ := pem.Decode(data)
	if block == nil || block.Type != "CERTIFICATE" {
		return nil, errors.New("read certificate for phones: no certificate in the file")
	}
	return x509.ParseCertificate(block.Bytes)
}

func funcs(l web.Lang) template.FuncMap {
	return template.FuncMap{
		"say":   func(p pair) string { return l.Of(p[0], p[1]) },
		"cut":   func(address string) []string { return strings.SplitN(address, "//", 2) }, // a line may end there and at no hyphen of a name
		"state": func(s State) string { return texts.In(l, "state."+string(s)) },
	}
}
