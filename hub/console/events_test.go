package console

import (
	"bufio"
	"context"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"ark"
	"ark/hub"
)

// stream opens a live stream and returns its messages, "event data". The
// channel closes when the stream ends.
func (p *person) stream() <-chan string {
	p.t.Helper()
	r, err := http.NewRequestWithContext(p.t.Context(), http.MethodGet, p.b.server.URL+"/events", nil)
	must(p.t, err)
	res, err := p.client.Do(r)
	must(p.t, err)
	if res.StatusCode != http.StatusOK || res.Header.Get("Content-Type") != "text/event-stream" {
		p.t.Fatalf("got %d of %s", res.StatusCode, res.Header.Get("Content-Type"))
	}
	heard := make(chan string, 100)
	go func() {
		defer close(heard)
		defer res.Body.Close()
		event := ""
		for lines := bufio.NewScanner(res.Body); lines.Scan(); {
			if name, ok := strings.CutPrefix(lines.Text(), "event: "); ok {
				event = name
			}
			if data, ok := strings.CutPrefix(lines.Text(), "data: "); ok {
				heard <- strings.TrimSpace(event + " " + data)
			}
		}
	}()
	return heard
}

// next is the next message that is no beat, or "" when the stream has ended.
func next(t *testing.T, heard <-chan string) string {
	t.Helper()
	limit := time.After(time.Minute)
	for {
		select {
		case m := <-heard:
			if m != "beat" {
				return m
			}
		case <-limit:
			t.Fatal("nothing was heard")
		}
	}
}

func TestAStreamTellsWhatChanged(t *testing.T) {
	b := newBench(t)
	heard := b.signedIn().stream()
	if m := <-heard; m != "beat" {
		t.Fatalf("got %q first, want a beat", m)
	}
	b.deliver("van-1", true, ark.Visit{Place: "1幢", Outcome: ark.Met})
	if m := next(t, heard); m != "change visits vans" {
		t.Errorf("after a visit: %q", m)
	}
	b.presence.Present("van-1", true)
	if m := next(t, heard); m != "change vans" {
		t.Errorf("after a van came: %q", m)
	}
	for range 50 { // a storm
		b.deliver("van-1", true, ark.Visit{Place: "2幢", Outcome: ark.Met})
	}
	_, err := b.ingest.Order(t.Context(), []ark.VanID{"van-2"}, ark.KindStop, ark.Stop{})
	must(t, err)
	messages := 0
	for m := ""; !strings.Contains(m, "orders"); messages++ {
		m = next(t, heard)
	}
	if messages > 25 {
		t.Errorf("51 changes made %d messages", messages)
	}
}

func TestStreamsEndWithTheHub(t *testing.T) {
	b := newBench(t)
	heard := b.signedIn().stream()
	<-heard
	b.stop()
	if m := next(t, heard); m != "" {
		t.Errorf("got %q, want the end", m)
	}
}

func TestAStreamEndsWithItsSession(t *testing.T) {
	b := newBench(t)
	b.console.beat = 10 * time.Millisecond
	p := b.signedIn()
	heard := p.stream()
	<-heard
	if m := <-heard; m != "beat" {
		t.Fatalf("got %q, want a beat", m)
	}
	p.post("/logout")
	if m := next(t, heard); m != "" {
		t.Errorf("got %q, want the end", m)
	}
}

// Over HTTP/2, which browsers speak as soon as there is TLS, a deadline that
// passes would end the stream although nobody writes.
func TestAStreamOutlivesItsWriteLimit(t *testing.T) {
	b := newBench(t)
	b.console.beat, b.console.write = 500*time.Millisecond, 100*time.Millisecond
	b.server.Close()
	b.server = httptest.NewUnstartedServer(b.handler)
	b.server.EnableHTTP2 = true
	ctx, cancel := context.WithCancel(t.Context())
	b.server.Config.BaseContext = func(net.Listener) context.Context { return ctx }
	b.server.StartTLS()
	defer b.server.Close()
	defer cancel()
	p := b.person()
	p.client.Transport = b.server.Client().Transport
	p.post("/login", "name", staff, "password", password)
	heard := p.stream()
	for range 3 {
		if m := <-heard; m != "beat" {
			t.Fatalf("got %q, want a beat", m)
		}
	}
}

func TestStreamsAreBounded(t *testing.T) {
	b := newBench(t)
	b.console.streams.most = 1
	p := b.signedIn()
	<-p.stream()
	p.get("/events").wants(t, http.StatusServiceUnavailable)
}

// One account's pages leave room for those of others, and get their own back.
func TestStreamsAreBoundedForEachAccount(t *testing.T) {
	b := newDesk(t)
	b.console.beat = 50 * time.Millisecond
	lin := b.signedIn()
	var own []<-chan string
	for range maxStreamsOf {
		own = append(own, lin.stream())
	}
	if a := lin.get("/events"); a.status != http.StatusTooManyRequests || a.head.Get("Retry-After") == "" || !strings.Contains(a.body, "close some") {
		t.Errorf("one more: %d %s", a.status, a.body)
	}
	<-b.as("shen", hub.Everything, hub.RoleReader).stream()
	lin.post("/logout")
	for _, heard := range own {
		next(t, heard)
	}
	<-b.signedIn().stream()
}
