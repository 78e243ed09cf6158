package browser

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
)

func TestMain(m *testing.M) { Share(m) }

// Pages that need nothing of their own share a browser, and nothing that it
// keeps; one with a profile has another, which ends and leaves the rest alone.
func TestWhatIsShared(t *testing.T) {
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "text/html")
		fmt.Fprint(w, "<!doctype html><p>here</p>")
	}))
	defer s.Close()
	process := func(p *Page) int { return chromedp.FromContext(p.ctx).Browser.Process().Pid }
	keeps := func(p *Page) string {
		return Value[string](p, "JSON.stringify([document.cookie, localStorage.getItem('name')])")
	}
	a, b := Open(t, Phone), Open(t, Phone)
	other := Phone
	other.Profile = t.TempDir()
	c := Open(t, other)
	for _, p := range []*Page{a, b, c} {
		p.Go(s.URL)
	}
	Value[bool](a, "(document.cookie = 'name=方舟', localStorage.setItem('name', '方舟'), true)")
	tab := a.Tab()
	tab.Go(s.URL)
	if keeps(a) == `["",null]` || keeps(tab) != keeps(a) || keeps(b) != `["",null]` || keeps(c) != `["",null]` {
		t.Errorf("one keeps %s, its tab %s, another %s, one of its own %s", keeps(a), keeps(tab), keeps(b), keeps(c))
	}
	if process(a) != process(b) || process(a) == process(c) {
		t.Errorf("processes %d, %d and %d", process(a), process(b), process(c))
	}
	c.Kill()
	b.Go(s.URL)
}

// The browser asks for the language it was told, types, submits, waits for
// what a script brings, and hears when a script fails.
func TestPage(t *testing.T) {
	m := http.NewServeMux()
	m.HandleFunc("GET /", func(w http.ResponseWriter, r *http.Request) {
		fmt.Fprintf(w, `<!doctype html><p>%s</p><form method=post><input id=name name=name><button>go</button></form>
			<script>setTimeout(() => { document.body.append("later"); throw new Error("on purpose") }, 50)</script>`, r.Header.Get("Accept-Language"))
	})
	m.HandleFunc("POST /", func(w http.ResponseWriter, r *http.Request) { fmt.Fprintf(w, "hello %s", r.PostFormValue("name")) })
	s := httptest.NewServer(m)
	defer s.Close()
	p := Open(t, Options{Width: 390, Height: 800, Lang: "en"})
	p.Go(s.URL)
	if text := p.Text(); !strings.HasPrefix(text, "en") {
		t.Errorf("got %q, want the page in English", text)
	}
	if w := Value[int](p, "innerWidth"); w != 390 {
		t.Errorf("got a width of %d, want 390", w)
	}
	p.AwaitText("later")
	p.Type("#name", "方舟")
	p.Submit("button")
	if got := p.Text(); got != "hello 方舟" {
		t.Errorf("got %q after submitting", got)
	}
	p.Await("true")
	if f := p.Faults(); len(f) != 1 || !strings.Contains(f[0], "on purpose") {
		t.Errorf("got faults %q, want the one on purpose", f)
	}
}
