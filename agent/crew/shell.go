package crew

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io/fs"
	"maps"
	"net/http"
	"path"
	"slices"
	"strings"
	"time"

	"ark/internal/web"
)

// appTypes are the kinds of files that the app has; others in its folder are
// not served.
var appTypes = map[string]string{".html": "text/html; charset=utf-8", ".js": "text/javascript; charset=utf-8", ".css": "text/css; charset=utf-8",
	".svg": "image/svg+xml", ".png": "image/png", ".webmanifest": "application/manifest+json", ".woff2": "font/woff2", ".txt": "text/plain; charset=utf-8"}

// shell serves the crew's app. Its files keep their names, since its modules
// import each other by them; the fingerprint of all of them together names the
// app, and the service worker, which holds a whole app or none, goes by it.
type shell struct {
	files map[string]appFile // by address
	hash  string
}

type appFile struct {
	kind string
	tag  string // the ETag
	data []byte
}

// newShell reads the app from the folder app.
func newShell(own fs.FS) (shell, error) {
	s := shell{files: map[string]appFile{}}
	err := fs.WalkDir(own, "app", func(name string, d fs.DirEntry, err error) error {
		kind := appTypes[path.Ext(name)]
		if err != nil || d.IsDir() || kind == "" {
			return err
		}
		data, err := fs.ReadFile(own, name)
		if err != nil {
			return err
		}
		s.add(appAddress(name), kind, data)
		return nil
	})
	if err != nil {
		return s, fmt.Errorf("read app: %w", err)
	}
	s.preload()
	s.sum()
	return s, nil
}

// preload names all modules in the app's page, so that a browser asks for them
// at once and not for each when the one before it names it: on a cheap phone
// that is half of the start.
func (s *shell) preload() {
	page, ok := s.files["/"]
	if !ok {
		return
	}
	var links strings.Builder
	for _, at := range slices.Sorted(maps.Keys(s.files)) {
		if strings.HasPrefix(at, "/app/") && path.Ext(at) == ".js" {
			fmt.Fprintf(&links, "<link rel=\"modulepreload\" href=\"%s\">\n", at)
		}
	}
	s.add("/", page.kind, bytes.Replace(page.data, []byte("</head>"), []byte(links.String()+"</head>"), 1))
}

// appAddress is where a file of the app is served.
func appAddress(name string) string {
	switch name {
	case "app/index.html":
		return "/"
	case "app/sw.js", "app/manifest.webmanifest":
		return strings.TrimPrefix(name, "app")
	}
	return "/" + name
}

func (s *shell) add(at, kind string, data []byte) {
	sum := sha256.Sum256(data)
	s.files[at] = appFile{kind, `"` + hex.EncodeToString(sum[:8]) + `"`, data}
}

// sum makes the fingerprint of all files and tells the service worker of it: a
// browser takes a worker anew when a byte of it is another.
func (s *shell) sum() {
	all := slices.Sorted(maps.Keys(s.files))
	h := sha256.New()
	for _, at := range all {
		fmt.Fprintln(h, at, s.files[at].tag)
	}
	s.hash = hex.EncodeToString(h.Sum(nil)[:8])
	worker, ok := s.files["/sw.js"]
	if !ok {
		return
	}
	about, _ := json.Marshal(map[string]any{"hash": s.hash, "files": slices.DeleteFunc(all, func(at string) bool { return at == "/sw.js" })}) // strings only
	s.add("/sw.js", worker.kind, fmt.Appendf(nil, "self.ARK_APP = %s;\n%s", about, worker.data))
}

// ServeHTTP serves a file of the app. Browsers ask each time whether they have
// the newest; what they may do without asking is the service worker's.
func (s shell) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	f, ok := s.files[r.URL.Path]
	if !ok {
		http.NotFound(w, r)
		return
	}
	web.AllowApp(w)
	w.Header().Set("Content-Type", f.kind)
	w.Header().Set("Cache-Control", "no-cache")
	w.Header().Set("ETag", f.tag)
	w.Header().Set("X-Ark-App", s.hash)
	http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(f.data))
}
