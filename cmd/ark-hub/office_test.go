package main

import (
	"bytes"
	"context"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	firmwareconfig "ark/firmware-config"
	"ark/hub/identity"
)

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// newHub makes an authority and a hub.toml in a folder.
func newHub(t *testing.T) (config string) {
	t.Helper()
	dir := t.TempDir()
	_, err := identity.InitCA(filepath.Join(dir, "ca"), []string{"127.0.0.1"}, time.Now())
	must(t, err)
	config = filepath.Join(dir, "hub.toml")
	must(t, os.WriteFile(config, []byte("mqtt = \"127.0.0.1:0\"\nconsole = \"127.0.0.1:0\"\nblobs = \"127.0.0.1:0\"\ndata = \"hub\"\nca = \"ca\"\n"), 0o600))
	return config
}

// A hub with all its parts: machines are answered, people are asked to sign
// in, and it ends at once although a page listens.
func TestAWholeHub(t *testing.T) {
	config, err := firmwareconfig.LoadHub(newHub(t))
	must(t, err)
	config.Map = firmwareconfig.Map{Tiles: "https://tiles.example.org/{z}/{x}/{y}.png", TilesFrom: "© somebody"}
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	o, err := openOffice(ctx, config, slog.New(slog.DiscardHandler))
	must(t, err)
	var said bytes.Buffer
	must(t, o.firstAccount(ctx, &said, true))
	password := strings.TrimSuffix(strings.Fields(said.String()[strings.Index(said.String(), "password ")+9:])[0], ",")
	ended := make(chan error, 1)
	go func() { ended <- o.run(ctx) }()
	base := "http://" + o.pages.Addr().String()
	client := &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	get := func(path, cookie string) *http.Response {
		t.Helper()
		r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, base+path, nil)
		must(t, err)
		r.Header.Set("Cookie", cookie)
		res, err := client.Do(r)
		must(t, err)
		t.Cleanup(func() { res.Body.Close() })
		return res
	}
	for path, want := range map[string]int{"/healthz": 200, "/readyz": 200, "/metrics": 200, "/vans": 303, "/login": 200, "/api/1/vans": 401} {
		if got := get(path, "").StatusCode; got != want {
			t.Errorf("%s: got %d, want %d", path, got, want)
		}
	}
	post := func(path, cookie string, form url.Values) (next string) {
		t.Helper()
		r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, base+path, strings.NewReader(form.Encode()))
		must(t, err)
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		r.Header.Set("Cookie", cookie)
		res, err := client.Do(r)
		must(t, err)
		res.Body.Close()
		if res.StatusCode != http.StatusSeeOther {
			t.Fatalf("%s: %d", path, res.StatusCode)
		}
		return strings.SplitN(res.Header.Get("Set-Cookie"), ";", 2)[0]
	}
	cookie := post("/login", "", url.Values{"name": {"admin"}, "password": {password}})
	if at := get("/map", cookie).Header.Get("Location"); at != "/password" {
		t.Errorf("whoever came in with a printed password is led to %q, not to making one of their own", at)
	}
	const own = "correct horse battery staple"
	cookie = post("/password", cookie, url.Values{"old": {password}, "new": {own}, "again": {own}})
	if policy := get("/map", cookie).Header.Get("Content-Security-Policy"); !strings.Contains(policy, " https://tiles.example.org;") {
		t.Errorf("the map may not show the tiles of hub.toml: %s", policy)
	}
	stream := get("/events", cookie)
	if stream.StatusCode != http.StatusOK {
		t.Fatalf("a live page: %d", stream.StatusCode)
	}
	cancel()
	must(t, <-ended)
	if _, err := io.Copy(io.Discard, stream.Body); err != nil { // as when it had to be waited for
		t.Errorf("the live page's stream did not end by itself: %v", err)
	}
}

// Passwords that would go over a network in plain words are warned of.
func TestAPlainConsoleIsWarnedOf(t *testing.T) {
	for _, c := range []struct {
		ip, cert string
		want     bool
	}{{"0.0.0.0", "", true}, {"::", "", true}, {"192.0.2.7", "", true}, {"192.0.2.7", "console.pem", false}, {"127.0.0.1", "", false}, {"::1", "", false}} {
		var log bytes.Buffer
		o := &office{config: firmwareconfig.Hub{ConsoleCert: c.cert}, log: slog.New(slog.NewTextHandler(&log, nil))}
		o.warnOfPlain(&net.TCPAddr{IP: net.ParseIP(c.ip), Port: 8088})
		if got := strings.Contains(log.String(), "plain HTTP"); got != c.want {
			t.Errorf("%+v: %q", c, log.String())
		}
	}
}
