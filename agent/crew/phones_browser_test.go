package crew

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"testing"

	"ark/internal/browser"
)

// The pages that the van renders itself keep the elder rules on the smallest
// phone. Their pills and notices always have words, so they need no drawing.
func TestElderRulesOfThePages(t *testing.T) {
	p := browser.Open(t, browser.Options{Width: 320, Height: 640})
	b := newBench(t, t.TempDir())
	b.enrolled()
	b.submit("/visits", filled(newID(1).String()))
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/rules.js" {
			http.ServeFile(w, r, "testdata/screens/rules.js")
			return
		}
		b.pages.ServeHTTP(w, r)
	}))
	defer server.Close()
	for _, path := range []string{"/plain", "/panel", "/panel/phones", "/panel/sure?button=alarm"} {
		for _, lang := range []string{"zh", "en"} {
			p.Go(server.URL + path)
			if browser.Value[string](p, "document.documentElement.lang.slice(0, 2)") != lang {
				p.Submit("header form button")
			}
			if path == "/panel/phones" {
				p.Submit("form[action='/panel/phones'] button")
				p.Await("document.querySelector('.code')")
				p.Click(".strike summary")
			}
			browser.Value[bool](p, "(document.head.append(Object.assign(document.createElement('script'), { src: '/rules.js' })), true)")
			p.Await("window.rules")
			for _, fault := range browser.Value[[]string](p, "window.rules(18)") {
				if !strings.Contains(fault, "a colour without a drawing") {
					t.Errorf("%s (%s): %s", path, lang, fault)
				}
			}
			if os.Getenv("ARK_SHOTS") != "" {
				p.Shot(fmt.Sprintf("van%s-%s", strings.NewReplacer("/", "-", "?", "-", "=", "-").Replace(path), lang))
			}
		}
	}
	if faults := p.Faults(); len(faults) > 0 {
		t.Errorf("the pages complained: %q", faults)
	}
}
