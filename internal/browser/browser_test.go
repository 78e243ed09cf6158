package browser

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

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
