// Package web is what the van's pages and the hub's have in common: two
// languages, templates, assets under fingerprinted names, one look, and the
// headers that keep a browser safe. Pages work without script; script only
// keeps them fresh.
package web

import (
	"bytes"
	"embed"
	"encoding/json"
	"fmt"
	"html/template"
	"io/fs"
	"log/slog"
	"net/http"
	"net/url"
	"regexp"
	"strings"
)

//go:embed assets
var shared embed.FS

// Site renders the pages of one program.
type Site struct {
	texts  Texts
	pages  map[Lang]*template.Template
	assets assets
	log    *slog.Logger
}

// New parses templates/*.html and takes assets/* of own, for each language.
// Templates have t (a text by its key) and asset (an asset's address); funcs
// adds to them what the program needs, given the language.
func New(own fs.FS, texts Texts, funcs func(Lang) template.FuncMap, log *slog.Logger) (*Site, error) {
	s := &Site{texts: texts, pages: map[Lang]*template.Template{}, log: log}
	var err error
	if s.assets, err = readAssets(shared, own); err != nil {
		return nil, err
	}
	for _, l := range Langs {
		t := template.New("").Funcs(template.FuncMap{
			"t":     func(key string) string { return texts.In(l, key) },
			"lang":  func() string { return l.Tag() },
			"asset": s.assets.address,
		}).Funcs(funcs(l))
		if s.pages[l], err = t.ParseFS(own, "templates/*.html"); err != nil {
			return nil, fmt.Errorf("parse templates: %w", err)
		}
	}
	return s, nil
}

// Text is a text in the language of a request.
func (s *Site) Text(r *http.Request, key string) string { return s.texts.In(LangOf(r), key) }

// Page answers with a page. It is rendered whole before a byte is sent, so
// that a mistake in a template never shows half a page.
func (s *Site) Page(w http.ResponseWriter, r *http.Request, status int, name string, data any) {
	var b bytes.Buffer
	if err := s.pages[LangOf(r)].ExecuteTemplate(&b, name, data); err != nil {
		s.log.Error("a page cannot be rendered", "page", name, "err", err)
		http.Error(w, s.Text(r, "error.ours"), http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(status)
	b.WriteTo(w) // an error means that nobody listens any more
}

// Part is one of the templates alone, for a page to take in as it is.
func (s *Site) Part(l Lang, name string, data any) (template.HTML, error) {
	var b strings.Builder
	if err := s.pages[l].ExecuteTemplate(&b, name, data); err != nil {
		return "", fmt.Errorf("render %s: %w", name, err)
	}
	return template.HTML(b.String()), nil
}

// Renews tells that fresh.js asks: it takes the parts with data-fresh out of the
// answer and throws the rest away, so that a page need not make it.
func Renews(r *http.Request) bool { return r.Header.Get("Ark-Fresh") != "" }

// JSON answers with a body for machines.
func JSON(w http.ResponseWriter, status int, body any) {
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(status)
	json.NewEncoder(w).Encode(body) // an error means that nobody listens any more
}

// Assets serves the assets; they never change under one name.
func (s *Site) Assets() http.Handler { return s.assets }

// policy lets a page use what comes from its own server, and nothing inline.
const policy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; form-action 'self'; " +
	"frame-ancestors 'none'; base-uri 'none'"

// Origin is the origin of an address, which may have {words} in its path; empty:
// it is none of http or https.
func Origin(address string) string {
	u, err := url.Parse(address)
	if err != nil || u.Scheme != "https" && u.Scheme != "http" || !host.MatchString(u.Host) {
		return ""
	}
	return u.Scheme + "://" + u.Host
}

var host = regexp.MustCompile(`^[A-Za-z0-9.-]+(:[0-9]+)?$`)

// AllowPictures lets one page show pictures from another origin; empty: from
// none. It is called before the page is answered with.
func AllowPictures(w http.ResponseWriter, origin string) {
	if origin != "" {
		w.Header().Set("Content-Security-Policy", strings.Replace(policy, "img-src 'self' data:", "img-src 'self' data: "+origin, 1))
	}
}

// AllowListening lets one page play what comes from its own server. It is
// called before the page is answered with.
func AllowListening(w http.ResponseWriter) {
	w.Header().Set("Content-Security-Policy", policy+"; media-src 'self'")
}

// AllowSound lets one page use the browser's microphone and play what comes
// from its own server. It is called before the page is answered with.
func AllowSound(w http.ResponseWriter) {
	w.Header().Set("Content-Security-Policy", policy+"; media-src 'self'")
	w.Header().Set("Permissions-Policy", "camera=(), microphone=(self), geolocation=()")
}

// AllowApp lets one page be an app that a browser installs: a service worker, a
// manifest, pictures and sound that its own script made, and camera,
// microphone and place for whoever agrees. It is called before the page is
// answered with.
func AllowApp(w http.ResponseWriter) {
	own := strings.Replace(policy, "img-src 'self' data:", "img-src 'self' data: blob:", 1)
	w.Header().Set("Content-Security-Policy", own+"; worker-src 'self'; manifest-src 'self'; font-src 'self'; media-src 'self' blob:")
	w.Header().Set("Permissions-Policy", "camera=(self), microphone=(self), geolocation=(self)")
}

// Guard sets the headers that keep a browser safe and refuses what another
// site makes a browser send.
func Guard(h http.Handler) http.Handler {
	guarded := http.NewCrossOriginProtection().Handler(h)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		head := w.Header()
		head.Set("Content-Security-Policy", policy)
		head.Set("X-Content-Type-Options", "nosniff")
		head.Set("Referrer-Policy", "same-origin")
		head.Set("Cross-Origin-Opener-Policy", "same-origin")
		head.Set("Permissions-Policy", "camera=(), microphone=(), geolocation=()")
		guarded.ServeHTTP(w, r)
	})
}
