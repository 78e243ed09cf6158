package crew

import (
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"ark/internal/web"
)

// odd is a van that answers what a test wants: the real one never says that a
// version is gone, or lets a hotel's page answer in its place. It keeps visits
// in memory.
type odd struct {
	*testing.T
	app  shell
	addr string

	mu     sync.Mutex
	server *httptest.Server
	kept   map[string]string         // what is on the card, by the id of its entry
	heard  []string                  // method and path of each request of the API
	states map[string]map[string]any // what is said of visits; else that they are on the van
	answer func(w http.ResponseWriter, r *http.Request, body string) bool
	api    []int
	area   []map[string]any
	news   chan struct{} // closed, and another made, at each request
}

func newOdd(t *testing.T) *odd {
	t.Helper()
	o := &odd{T: t, kept: map[string]string{}, states: map[string]map[string]any{}, api: []int{1, 2}, news: make(chan struct{})}
	var err error
	if o.app, err = newShell(own); err != nil {
		t.Fatal(err)
	}
	o.start()
	t.Cleanup(o.stop)
	return o
}

// start serves, under the address of the first time.
func (o *odd) start() {
	o.Helper()
	if o.addr == "" {
		o.addr = "127.0.0.1:0"
	}
	l, err := net.Listen("tcp", o.addr)
	if err != nil {
		o.Fatal(err)
	}
	o.addr = l.Addr().String()
	o.server = httptest.NewUnstartedServer(o)
	o.server.Listener.Close()
	o.server.Listener = l
	o.server.Start()
}

func (o *odd) stop() {
	o.server.CloseClientConnections()
	o.server.Close()
}

func (o *odd) url() string { return "http://" + o.addr }

// set changes how it answers.
func (o *odd) set(f func()) {
	o.mu.Lock()
	defer o.mu.Unlock()
	f()
}

// holds is what is on the card.
func (o *odd) holds() map[string]string {
	o.mu.Lock()
	defer o.mu.Unlock()
	all := map[string]string{}
	for id, body := range o.kept {
		all[id] = body
	}
	return all
}

// until waits until something holds, which a request brings about.
func (o *odd) until(what string, holds func() bool) {
	o.Helper()
	late := time.After(time.Minute)
	for {
		o.mu.Lock()
		ok, news := holds(), o.news
		o.mu.Unlock()
		if ok {
			return
		}
		select {
		case <-news:
		case <-late:
			o.Fatalf("waited in vain: %s; heard %q", what, o.heard)
		}
	}
}

func (o *odd) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if r.URL.Path == "/blank" {
		web.AllowApp(w)
		w.Header().Set("Content-Type", "text/html")
		fmt.Fprint(w, "<!doctype html><title>blank</title><body>")
		return
	}
	if !strings.HasPrefix(r.URL.Path, "/api/") {
		o.app.ServeHTTP(w, r)
		return
	}
	var raw json.RawMessage
	json.NewDecoder(r.Body).Decode(&raw) // what is no JSON stays empty
	o.mu.Lock()
	defer o.mu.Unlock()
	o.heard = append(o.heard, r.Method+" "+r.URL.Path)
	defer func() { close(o.news); o.news = make(chan struct{}) }()
	if o.answer != nil && o.answer(w, r, string(raw)) {
		return
	}
	status, body := o.say(r, raw)
	web.JSON(w, status, body)
}

func (o *odd) say(r *http.Request, raw json.RawMessage) (int, any) {
	switch path := r.URL.Path; {
	case path == "/api/2/hello":
		return 200, map[string]any{"van": "van-1", "api": o.api, "app": o.app.hash, "time": time.Now().UnixMilli(), "trusted": true}
	case path == "/api/2/phones":
		return 201, map[string]any{"token": strings.Repeat("A", 43), "phone": "x", "van": "van-1"}
	case path == "/api/2/start":
		return 200, map[string]any{"van": "van-1", "crew": []any{map[string]any{"id": "m1", "name": "小李", "pin": true}, map[string]any{"id": "m2", "name": "小王"}}, "form": map[string]any{"version": 0}}
	case path == "/api/2/states":
		states, missing := map[string]any{}, []string{}
		for id := range strings.SplitSeq(r.URL.Query().Get("ids"), ",") {
			switch s, said := o.states[id]; {
			case said:
				states[id] = s
			case o.kept[id] != "":
				states[id] = map[string]any{"state": "van", "last": id}
			default:
				missing = append(missing, id)
			}
		}
		return 200, map[string]any{"states": states, "missing": missing}
	case path == "/api/2/area":
		return 200, map[string]any{"version": 1, "households": o.area}
	case r.Method == http.MethodPost && (strings.HasPrefix(path, "/api/2/visits") || path == "/api/2/households" || path == "/api/1/visits"):
		var h struct{ ID string }
		json.Unmarshal(raw, &h) // an empty id is refused below
		if h.ID == "" {
			return 400, map[string]any{"error": "json"}
		}
		o.kept[h.ID] = string(raw)
		return 201, map[string]any{"id": h.ID, "saved": true}
	}
	return 404, map[string]any{"error": "not-there"}
}
