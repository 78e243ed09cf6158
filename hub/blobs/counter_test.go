package blobs

import (
	"bytes"
	"crypto/tls"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"ark"
	"ark/internal/testca"
)

type gate struct {
	mu      sync.Mutex
	revoked map[string]bool
}

func (g *gate) Admit(_ ark.VanID, serial string) bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	return !g.revoked[serial]
}

func (g *gate) revoke(c *tls.Config) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.revoked[testca.Serial(c)] = true
}

// stand is a counter with real TLS before it.
type stand struct {
	t       *testing.T
	dir     *Dir
	ca      *testca.CA
	gate    *gate
	counter *Counter
	addr    string
}

func newStand(t *testing.T, l Limits) *stand {
	t.Helper()
	s := &stand{t: t, dir: open(t, t.TempDir(), time.Now), ca: testca.New(t), gate: &gate{revoked: map[string]bool{}}}
	s.counter = NewCounter(Config{Blobs: s.dir, Gate: s.gate, Limits: l})
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	must(t, err)
	server := &http.Server{Handler: s.counter, ReadHeaderTimeout: 10 * time.Second}
	done := make(chan struct{})
	go func() {
		defer close(done)
		server.Serve(tls.NewListener(listener, s.ca.Hub(t)))
	}()
	t.Cleanup(func() { server.Close(); <-done })
	s.addr = listener.Addr().String()
	return s
}

func (s *stand) put(data []byte) string {
	s.t.Helper()
	h, _, err := s.dir.Put(s.t.Context(), bytes.NewReader(data), 1<<30)
	must(s.t, err)
	return h.String()
}

func (s *stand) client(cfg *tls.Config) *http.Client {
	tr := &http.Transport{TLSClientConfig: cfg}
	s.t.Cleanup(tr.CloseIdleConnections)
	return &http.Client{Transport: tr, Timeout: 30 * time.Second}
}

func (s *stand) get(c *http.Client, method, path string, head ...string) (*http.Response, error) {
	r, err := http.NewRequestWithContext(s.t.Context(), method, "https://"+s.addr+path, nil)
	must(s.t, err)
	for i := 0; i+1 < len(head); i += 2 {
		r.Header.Set(head[i], head[i+1])
	}
	return c.Do(r)
}

func TestVansAreGivenWhatThereIs(t *testing.T) {
	s := newStand(t, Limits{})
	data := content(100_000, 1)
	name := s.put(data)
	van := s.client(s.ca.Van(t, "van-1"))
	etag := `"` + name + `"`
	for what, c := range map[string]struct {
		method, path string
		head         []string
		status       int
		body         []byte
	}{
		"whole":                 {"GET", "/blobs/" + name, nil, 200, data},
		"the rest":              {"GET", "/blobs/" + name, []string{"Range", "bytes=99000-", "If-Range", etag}, 206, data[99000:]},
		"of something else":     {"GET", "/blobs/" + name, []string{"Range", "bytes=99000-", "If-Range", `"x"`}, 200, data},
		"many ranges":           {"GET", "/blobs/" + name, []string{"Range", "bytes=0-1,2-3"}, 200, data},
		"beyond the end":        {"GET", "/blobs/" + name, []string{"Range", "bytes=100000-"}, 416, nil},
		"what is not there":     {"GET", "/blobs/" + strings.Repeat("0", 64), nil, 404, nil},
		"no hash":               {"GET", "/blobs/x", nil, 404, nil},
		"upper case":            {"GET", "/blobs/" + strings.ToUpper(name), nil, 404, nil},
		"the list":              {"GET", "/blobs/", nil, 404, nil},
		"a way out":             {"GET", "/blobs/..%2f..%2fhub.db", nil, 404, nil},
		"anything else":         {"GET", "/", nil, 404, nil},
		"nothing is taken":      {"PUT", "/blobs/" + name, nil, 405, nil},
		"nothing can be struck": {"DELETE", "/blobs/" + name, nil, 405, nil},
	} {
		res, err := s.get(van, c.method, c.path, c.head...)
		if err != nil {
			t.Errorf("%s: %v", what, err)
			continue
		}
		body, err := io.ReadAll(res.Body)
		res.Body.Close()
		if res.StatusCode != c.status || c.body != nil && !bytes.Equal(body, c.body) {
			t.Errorf("%s: %d with %d bytes, %v", what, res.StatusCode, len(body), err)
		}
	}
	if got := s.counter.Stats().Requests.Load(); got != 5 {
		t.Errorf("%d requests counted", got)
	}
}

func TestOnlyAdmittedCertificatesAreServed(t *testing.T) {
	s := newStand(t, Limits{})
	name := s.put(content(1000, 1))
	own, foreign := s.ca.Van(t, "van-1"), testca.New(t).Van(t, "van-1")
	foreign.RootCAs = own.RootCAs
	none := own.Clone()
	none.Certificates = nil
	old := own.Clone()
	old.MaxVersion, old.MinVersion = tls.VersionTLS12, tls.VersionTLS12
	for what, cfg := range map[string]*tls.Config{"another authority's": foreign, "no certificate": none, "expired": s.ca.Expired(t, "van-1"), "TLS 1.2": old} {
		if res, err := s.get(s.client(cfg), "GET", "/blobs/"+name); err == nil {
			res.Body.Close()
			t.Errorf("%s: answered with %d", what, res.StatusCode)
		}
	}
	van := s.client(own)
	for step, want := range []int{200, 403} { // on the same connection
		res, err := s.get(van, "GET", "/blobs/"+name)
		must(t, err)
		io.Copy(io.Discard, res.Body)
		res.Body.Close()
		if res.StatusCode != want {
			t.Errorf("step %d: %d, want %d", step, res.StatusCode, want)
		}
		s.gate.revoke(own)
	}
	if strange, err := s.get(s.client(s.ca.Van(t, "Van 1")), "GET", "/blobs/"+name); err != nil || strange.StatusCode != 403 {
		t.Errorf("a name that is no van's: %v, %v", strange, err)
	}
}

// A download is ended when its certificate is revoked.
func TestRevokedInTheMiddle(t *testing.T) {
	s := newStand(t, Limits{})
	name := s.put(content(64<<20, 1))
	cfg := s.ca.Van(t, "van-1")
	res, err := s.get(s.client(cfg), "GET", "/blobs/"+name)
	must(t, err)
	defer res.Body.Close()
	_, err = io.ReadFull(res.Body, make([]byte, 1000))
	must(t, err)
	s.gate.revoke(cfg)
	if n, err := io.Copy(io.Discard, res.Body); err == nil {
		t.Errorf("%d bytes more came, to the end", n)
	}
}

func TestTooManyAtATime(t *testing.T) {
	s := newStand(t, Limits{All: 3, Stall: 10 * time.Second})
	name := s.put(content(32<<20, 1))
	try := func(van string) (status int, done func()) {
		res, err := s.get(s.client(s.ca.Van(t, van)), "GET", "/blobs/"+name)
		must(t, err)
		return res.StatusCode, func() { res.Body.Close() }
	}
	var held []func()
	for i, c := range []struct {
		van  string
		want int
	}{{"van-1", 200}, {"van-1", 200}, {"van-1", 503}, {"van-2", 200}, {"van-3", 503}} {
		got, done := try(c.van)
		if got != c.want {
			t.Errorf("download %d, of %s: %d, want %d", i, c.van, got, c.want)
		}
		held = append(held, done)
	}
	for _, done := range held {
		done()
	}
	for range 500 { // their places are given back
		got, done := try("van-3")
		done()
		if got == 200 {
			return
		}
	}
	t.Error("no place is given back")
}

// Who takes nothing for too long is left; who takes little is not.
func TestOnlyAStalledDownloadEnds(t *testing.T) {
	s := newStand(t, Limits{Stall: 300 * time.Millisecond})
	name := s.put(content(64<<20, 1))
	res, err := s.get(s.client(s.ca.Van(t, "van-1")), "GET", "/blobs/"+name)
	must(t, err)
	defer res.Body.Close()
	deadline := time.After(20 * time.Second)
	tick := time.NewTicker(10 * time.Millisecond)
	defer tick.Stop()
	for { // nobody reads: the place must become free
		s.counter.downloads.mu.Lock()
		all := s.counter.downloads.all
		s.counter.downloads.mu.Unlock()
		if all == 0 {
			break
		}
		select {
		case <-deadline:
			t.Fatal("a stalled download keeps its place")
		case <-tick.C:
		}
	}
	if n, err := io.Copy(io.Discard, res.Body); err == nil {
		t.Error(fmt.Sprint("it came whole: ", n))
	}
}
