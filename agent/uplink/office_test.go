package uplink

import (
	"bytes"
	"context"
	"crypto/rand"
	"crypto/tls"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"path/filepath"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"ark"
	"ark/agent"
	"ark/agent/sound"
	"ark/hub/blobs"
	"ark/internal/testca"
)

// office is a hub as a fetcher sees it: blobs behind real TLS. before, if set,
// may answer in its place.
type office struct {
	t       *testing.T
	ca      *testca.CA
	dir     *blobs.Dir
	counter *blobs.Counter
	addr    string
	hub     *tls.Config

	mu      sync.Mutex
	before  func(w http.ResponseWriter, r *http.Request) bool
	revoked bool
	bodies  atomic.Int64 // bytes that left, whoever wrote them
	server  *http.Server
	done    chan struct{}
}

func (o *office) Admit(ark.VanID, string) bool {
	o.mu.Lock()
	defer o.mu.Unlock()
	return !o.revoked
}

func newOffice(t *testing.T) *office {
	t.Helper()
	dir, err := blobs.Open(t.TempDir(), time.Now)
	check(t, err)
	o := &office{t: t, ca: testca.New(t), dir: dir}
	o.counter = blobs.NewCounter(blobs.Config{Blobs: dir, Gate: o})
	o.hub = o.ca.Hub(t)
	l, err := net.Listen("tcp", "127.0.0.1:0")
	check(t, err)
	o.addr = l.Addr().String()
	o.serve(l)
	t.Cleanup(func() { o.stop() })
	return o
}

func check(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func (o *office) serve(l net.Listener) {
	o.server = &http.Server{Handler: http.HandlerFunc(o.answer), ErrorLog: slog.NewLogLogger(slog.DiscardHandler, slog.LevelError)}
	o.done = make(chan struct{})
	go func() {
		defer close(o.done)
		o.server.Serve(tls.NewListener(l, o.hub))
	}()
}

// stop is the hub gone, in the middle of whatever it does.
func (o *office) stop() {
	o.server.Close()
	<-o.done
}

func (o *office) again() {
	o.t.Helper()
	for {
		l, err := net.Listen("tcp", o.addr)
		if err == nil {
			o.serve(l)
			return
		}
	}
}

func (o *office) set(before func(w http.ResponseWriter, r *http.Request) bool) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.before = before
}

func (o *office) answer(w http.ResponseWriter, r *http.Request) {
	o.mu.Lock()
	before := o.before
	o.mu.Unlock()
	w = counted{w, &o.bodies}
	if before == nil || !before(w, r) {
		o.counter.ServeHTTP(w, r)
	}
}

type counted struct {
	http.ResponseWriter
	n *atomic.Int64
}

func (c counted) Write(b []byte) (int, error) {
	n, err := c.ResponseWriter.Write(b)
	c.n.Add(int64(n))
	return n, err
}

func (c counted) Unwrap() http.ResponseWriter { return c.ResponseWriter }

// library makes a library with one recording of each length, in seconds.
func (o *office) publish(version int64, seconds ...int) (l ark.Library, m ark.Manifest) {
	o.t.Helper()
	m.Version = version
	for i, s := range seconds {
		samples := make([]int16, s*ark.SampleRate)
		for j := range samples {
			samples[j] = int16(j*7919+i*104729) ^ int16(version)
		}
		h, size, err := o.dir.Put(o.t.Context(), bytes.NewReader(ark.EncodeWAV(samples)), 1<<30)
		check(o.t, err)
		m.Announcements = append(m.Announcements, ark.Announcement{ID: ark.AnnouncementID(fmt.Sprint("a", i)), Version: int(version),
			Title: ark.Text{Zh: "甲"}, Recordings: []ark.Recording{{Language: "en", Content: h, Frames: int64(len(samples)), Size: size}}})
	}
	data, err := ark.EncodeManifest(m)
	check(o.t, err)
	h, size, err := o.dir.Put(o.t.Context(), bytes.NewReader(data), 1<<20)
	check(o.t, err)
	return ark.Library{Version: version, Manifest: h, Size: size}, m
}

// fetching is a van as a fetcher sees it.
type fetching struct {
	t       *testing.T
	dir     string
	shelf   *sound.Library
	fetcher *Fetcher
	told    chan ark.LibraryState
	stop    func()
}

func (o *office) van(dir string, change func(*FetcherConfig)) *fetching {
	o.t.Helper()
	own := ark.EncodeWAV(make([]int16, 100))
	check(o.t, sound.WriteLibrary(dir, []ark.Announcement{{ID: "own", Version: 1, Title: ark.Text{Zh: "自"},
		Recordings: []ark.Recording{{Language: "en", Content: ark.HashOf(own), Frames: 100}}}}, map[ark.Hash][]byte{ark.HashOf(own): own}))
	library, err := sound.OpenLibrary(dir)
	check(o.t, err)
	c := &fetching{t: o.t, dir: dir, shelf: library, told: make(chan ark.LibraryState, 1000)}
	van := o.ca.Van(o.t, "van-1")
	config := FetcherConfig{Hub: o.addr, TLS: func() (*tls.Config, error) { return van.Clone(), nil }, Shelf: library,
		Told: func(e agent.Event) bool { c.told <- e.(agent.LibraryChanged).State; return true }, Random: func(b []byte) { rand.Read(b) },
		Log: slog.New(slog.NewTextHandler(io.Discard, nil)), Tries: FetchTries{First: time.Millisecond, Most: 20 * time.Millisecond, Room: 10 * time.Millisecond}}
	if change != nil {
		change(&config)
	}
	c.fetcher = NewFetcher(config)
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan struct{})
	go func() { defer close(done); c.fetcher.Run(ctx) }()
	c.stop = sync.OnceFunc(func() { cancel(); <-done })
	o.t.Cleanup(c.stop)
	return c
}

// await waits for a word of the fetcher.
func (c *fetching) await(what string, ok func(ark.LibraryState) bool) ark.LibraryState {
	c.t.Helper()
	enough := time.After(30 * time.Second)
	for {
		select {
		case s := <-c.told:
			check(c.t, s.Check())
			if ok(s) {
				return s
			}
		case <-enough:
			c.t.Fatalf("waited in vain: %s", what)
		}
	}
}

func (c *fetching) holds(l ark.Library) {
	c.t.Helper()
	s := c.await(fmt.Sprintf("version %d held", l.Version), func(s ark.LibraryState) bool { return s.Stage == ark.LibraryHeld && s.Version == l.Version })
	if s.Manifest != l.Manifest || s.Held != l.Version || s.Have != s.Want || len(s.Missing) != 0 || c.shelf.Held() != l {
		c.t.Errorf("held: %+v, in use %+v", s, c.shelf.Held())
	}
	for _, a := range c.shelf.Announcements() {
		if !c.shelf.Whole(a.Recordings[0].Content) {
			c.t.Errorf("%s is not whole", a.ID)
		}
	}
	if parts, _ := filepath.Glob(filepath.Join(c.dir, "*.part")); len(parts) > 0 {
		c.t.Errorf("left over: %v", parts)
	}
}

func failed(why string) func(ark.LibraryState) bool {
	return func(s ark.LibraryState) bool { return s.Stage == ark.LibraryFailed && s.Why == why }
}

func waitUntil(t *testing.T, what string, ok func() bool) {
	t.Helper()
	enough := time.After(30 * time.Second)
	tick := time.NewTicker(2 * time.Millisecond)
	defer tick.Stop()
	for !ok() {
		select {
		case <-tick.C:
		case <-enough:
			t.Fatalf("waited in vain: %s", what)
		}
	}
}
