package crew

import (
	"io/fs"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"testing/fstest"

	"ark/internal/browser"
	"ark/internal/web"
)

// appTexts reads the app's texts: one key a line, in Chinese and English.
func appTexts(t *testing.T) web.Texts {
	t.Helper()
	line := regexp.MustCompile(`(?m)^  ("[^"]+"): \[("(?:[^"\\]|\\.)*"), ("(?:[^"\\]|\\.)*")\],$`)
	all := web.Texts{}
	for _, name := range []string{"app/texts.js", "app/texts-form.js"} {
		data, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		for n, l := range strings.Split(string(data), "\n") {
			if !strings.HasPrefix(l, `  "`) {
				continue
			}
			m := line.FindStringSubmatch(l)
			if m == nil {
				t.Fatalf("%s:%d is not a key with two texts: %s", name, n+1, l)
			}
			var parts [3]string
			for i := range parts {
				if parts[i], err = strconv.Unquote(m[i+1]); err != nil {
					t.Fatalf("%s:%d: %v", name, n+1, err)
				}
			}
			if _, twice := all[parts[0]]; twice {
				t.Errorf("%s:%d: %s stands twice", name, n+1, parts[0])
			}
			all[parts[0]] = [2]string{parts[1], parts[2]}
		}
	}
	if len(all) < 100 {
		t.Fatalf("only %d texts were found", len(all))
	}
	return all
}

// Each text that the app uses is there in both languages, and none is there in
// vain.
func TestAppTexts(t *testing.T) {
	all := appTexts(t)
	all["error.ours"] = [2]string{"-", "-"} // of the pages that Check was made for
	sources := fstest.MapFS{}
	err := fs.WalkDir(os.DirFS("app/ui"), ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		data, err := os.ReadFile(filepath.Join("app/ui", name))
		sources[name+".html"] = &fstest.MapFile{Data: data} // Check reads templates
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, fault := range all.Check(sources, "") {
		t.Error(fault)
	}
}

// No source of the app is longer than a reader can hold in mind, none makes
// markup of data, and none needs a browser that phones of a few years ago do
// not have: an iPhone 7 ends at iOS 15.8, and one such word keeps the whole
// file from being read.
func TestAppSources(t *testing.T) {
	young := regexp.MustCompile(`\(\?<[=!]|\.(toSorted|toReversed|toSpliced|withResolvers|groupBy|isWellFormed|isSubsetOf)\(|AbortSignal\.any|Array\.fromAsync|URL\.canParse|static \{|/v[;,)]`)
	markup := regexp.MustCompile(`innerHTML|outerHTML|insertAdjacentHTML|document\.write|eval\(|new Function`)
	err := fs.WalkDir(os.DirFS("app"), ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || !strings.HasSuffix(name, ".js") {
			return err
		}
		data, err := os.ReadFile(filepath.Join("app", name))
		if n := strings.Count(string(data), "\n"); n > 350 {
			t.Errorf("%s has %d lines", name, n)
		}
		if m := markup.FindString(string(data)); m != "" {
			t.Errorf("%s makes markup or code of text: %s", name, m)
		}
		if m := young.FindString(string(data)); m != "" {
			t.Errorf("%s needs a newer browser than Safari 15.4 and Chrome 98: %s", name, m)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

// screens is the app with a double of its engine, in a browser.
type screens struct {
	*browser.Page
	t     *testing.T
	url   string
	loads int
}

// openScreens serves the app's own files, and in the place of core/ark.js a
// double that holds everything in memory.
func openScreens(t *testing.T, o browser.Options) *screens {
	t.Helper()
	p := browser.Open(t, o)
	m := http.NewServeMux()
	m.HandleFunc("GET /{$}", func(w http.ResponseWriter, r *http.Request) { http.ServeFile(w, r, "app/index.html") })
	m.HandleFunc("GET /manifest.webmanifest", func(w http.ResponseWriter, r *http.Request) { http.ServeFile(w, r, "app/manifest.webmanifest") })
	m.Handle("GET /app/", http.StripPrefix("/app/", http.FileServer(http.Dir("app"))))
	m.Handle("GET /app/core/", http.StripPrefix("/app/core/", http.FileServer(http.Dir("testdata/screens"))))
	m.HandleFunc("GET /axe.js", func(w http.ResponseWriter, r *http.Request) { http.ServeFile(w, r, axeAt) })
	m.HandleFunc("GET /rules.js", func(w http.ResponseWriter, r *http.Request) { http.ServeFile(w, r, "testdata/screens/rules.js") })
	s := httptest.NewServer(web.Guard(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		web.AllowApp(w)
		m.ServeHTTP(w, r)
	})))
	t.Cleanup(s.Close)
	return &screens{Page: p, t: t, url: s.URL}
}

// at opens a screen anew, without drafts: as is how the double begins.
func (s *screens) at(as, hash string) {
	s.t.Helper()
	if s.loads > 0 {
		browser.Value[bool](s.Page, "(sessionStorage.clear(), true)")
	}
	s.loads++
	s.Go(s.url + "/?as=" + as + "&n=" + strconv.Itoa(s.loads) + hash)
	s.ready()
}

func (s *screens) ready() {
	s.t.Helper()
	s.Await("'ready' in document.documentElement.dataset && document.querySelector('h1')")
}

// speak chooses the language and the size of the letters, for the screens that
// are opened from now on.
func (s *screens) speak(lang string, size int) {
	s.t.Helper()
	if s.loads == 0 {
		s.at("", "#/help")
	}
	browser.Value[bool](s.Page, "(localStorage.setItem('ark-lang', '"+lang+"'), localStorage.setItem('ark-size', '"+strconv.Itoa(size)+"'), true)")
}

// truth fails the test where an expression is not true.
func (s *screens) truth(expression, otherwise string) {
	s.t.Helper()
	if !browser.Value[bool](s.Page, "!!("+expression+")") {
		s.t.Errorf("%s: %s is not true", otherwise, expression)
	}
}

func (s *screens) noFaults() {
	s.t.Helper()
	if faults := s.Faults(); len(faults) > 0 {
		s.t.Errorf("the app complained: %q", faults)
	}
}
