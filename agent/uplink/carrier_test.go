package uplink_test

import (
	"bytes"
	"context"
	"crypto/tls"
	"errors"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"ark"
	"ark/agent"
	"ark/agent/uplink"
	"ark/hub/blobs"
	"ark/internal/rig"
	"ark/internal/testca"
)

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// road is a van with attachments, a hub that takes them, and what lies between.
type road struct {
	t       *testing.T
	ca      *testca.CA
	book    *rig.Attachments
	hub     *rig.HubAttachments
	blobs   *blobs.Dir
	at      string // where the hub's blobs lie
	link    *rig.Link
	files   string // the van's
	waiting atomic.Uint64
	close   func()
}

func newRoad(t *testing.T) *road {
	r := &road{t: t, ca: testca.New(t), book: rig.NewAttachments(), at: t.TempDir(), files: t.TempDir()}
	r.hub = r.book.Hub()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	must(t, err)
	r.link = rig.NewLink(t, listener.Addr().String())
	r.serve(listener)
	t.Cleanup(func() { r.close() })
	return r
}

func (r *road) serve(l net.Listener) {
	dir, err := blobs.Open(r.at, time.Now)
	must(r.t, err)
	r.blobs = dir
	counter := blobs.NewCounter(blobs.Config{Blobs: dir, Gate: &rig.Gate{}, Attachments: r.hub, Log: rig.Log})
	server := &http.Server{Handler: counter, ReadHeaderTimeout: 10 * time.Second, ReadTimeout: 30 * time.Second}
	done := make(chan struct{})
	go func() { defer close(done); server.Serve(tls.NewListener(l, r.ca.Hub(r.t))) }()
	r.close = func() { server.Close(); <-done }
}

// add puts an attachment on the van, whose visit is at the hub.
func (r *road) add(n int, seed byte) (ark.Hash, []byte) {
	r.t.Helper()
	data := make([]byte, n)
	rand.NewChaCha8([32]byte{seed}).Read(data)
	h := ark.HashOf(data)
	must(r.t, os.WriteFile(filepath.Join(r.files, h.String()), data, 0o600))
	r.book.Name(agent.Owed{Content: h, Size: int64(n), Type: "image/jpeg"})
	must(r.t, r.book.Arrived(r.t.Context(), h, int64(n)))
	return h, data
}

// carry runs a carrier until the test or stop ends it.
func (r *road) carry(budget int64) (c *uplink.Carrier, stop func()) {
	van := r.ca.Van(r.t, "van-1")
	c = uplink.NewCarrier(uplink.CarrierConfig{Hub: r.link.Addr, TLS: func() (*tls.Config, error) { return van.Clone(), nil }, Clock: agent.NewClock(time.Time{}),
		Attachments: r.book, Content: func(h ark.Hash) (*os.File, error) { return os.Open(filepath.Join(r.files, h.String())) },
		Remove: func(ctx context.Context, h ark.Hash) error {
			return errors.Join(os.Remove(filepath.Join(r.files, h.String())), r.book.Removed(ctx, h))
		},
		Waiting: r.waiting.Load, Budget: budget, Random: rig.Random, Log: rig.Log,
		Tries: uplink.FetchTries{First: 10 * time.Millisecond, Most: 50 * time.Millisecond, Stall: 10 * time.Second, Room: 20 * time.Millisecond}})
	ctx, cancel := context.WithCancel(context.Background())
	var running sync.WaitGroup
	running.Go(func() { c.Run(ctx) })
	stop = sync.OnceFunc(func() { cancel(); running.Wait() })
	r.t.Cleanup(stop)
	return c, stop
}

func (r *road) here(h ark.Hash) bool {
	r.t.Helper()
	where, err := r.book.Where(r.t.Context(), []ark.Hash{h})
	must(r.t, err)
	return where[h].AtHub
}

// arrives waits until content is at the hub, and compares it.
func (r *road) arrives(h ark.Hash, data []byte) {
	r.t.Helper()
	rig.Await(r.t, "an attachment at the hub", func() bool { return r.here(h) })
	b, err := r.blobs.Open(h)
	must(r.t, err)
	defer b.Close()
	got, err := io.ReadAll(b)
	must(r.t, err)
	if !bytes.Equal(got, data) {
		r.t.Error("something else came")
	}
}

func (r *road) held(c *uplink.Carrier) string {
	r.t.Helper()
	l, err := c.Load(r.t.Context())
	must(r.t, err)
	return l.Held
}

func TestTheSmallestGoesFirst(t *testing.T) {
	r := newRoad(t)
	large, all := r.add(300_000, 1)
	small, few := r.add(1000, 2)
	middle, some := r.add(100_000, 3)
	r.carry(0)
	r.arrives(large, all)
	r.arrives(small, few)
	r.arrives(middle, some)
	if got := r.hub.Order(); !slices.Equal(got, []ark.Hash{small, middle, large}) {
		t.Errorf("order: %v", got)
	}
}

func TestWordsGoFirst(t *testing.T) {
	r := newRoad(t)
	h, data := r.add(1000, 1)
	r.waiting.Store(1)
	c, _ := r.carry(0)
	rig.Await(t, "words that wait", func() bool { return r.held(c) == agent.HeldText })
	if n := r.link.Sent(); n != 0 {
		t.Errorf("%d bytes were sent before the words", n)
	}
	r.waiting.Store(0)
	r.arrives(h, data)
}

// Words that come while a photo is on its way wait for no more than a piece.
func TestWordsThatComeMeanwhile(t *testing.T) {
	r := newRoad(t)
	h, data := r.add(4<<20, 1)
	r.link.Limit(2 << 20)
	c, _ := r.carry(0)
	rig.Await(t, "some of a photo", func() bool { return r.link.Sent() > 100_000 })
	r.waiting.Store(1)
	rig.Await(t, "words that wait", func() bool { return r.held(c) == agent.HeldText })
	if r.here(h) {
		t.Error("the photo was sent to its end")
	}
	r.waiting.Store(0)
	r.arrives(h, data)
}

func TestADayHasItsBudget(t *testing.T) {
	r := newRoad(t)
	h, data := r.add(500_000, 1)
	c, stop := r.carry(100_000)
	rig.Await(t, "the day's bytes used up", func() bool { return r.held(c) == agent.HeldBudget })
	l, err := r.book.Load(t.Context())
	must(t, err)
	if l.SentToday < 100_000 || l.SentToday > 300_000 || r.here(h) {
		t.Errorf("%d bytes of 100000, all of it there: %v", l.SentToday, r.here(h))
	}
	stop()
	r.book.NextDay()
	c, _ = r.carry(400_000)
	r.arrives(h, data)
	if l, err = r.book.Load(t.Context()); err != nil || l.SentToday > 400_000 {
		t.Errorf("%d bytes on the next day, %v: what was there was sent again", l.SentToday, err)
	}
}

// A line that is cut again and again brings it all the same, and little of it
// twice; also when the hub starts anew in the middle.
func TestOverALineThatIsCut(t *testing.T) {
	r := newRoad(t)
	h, data := r.add(5<<20, 1)
	r.link.CutAfter(600_000)
	r.carry(0)
	rig.Await(t, "half of it", func() bool { return r.link.Sent() > 2<<20 })
	r.link.SetDown(true)
	r.restart()
	r.link.SetDown(false)
	r.arrives(h, data)
	if ratio := float64(r.link.Sent()) / float64(len(data)); ratio > 1.3 || r.link.Cuts() < 5 {
		t.Errorf("%.2f times its bytes were sent, over %d cuts", ratio, r.link.Cuts())
	}
}

// restart ends the hub and begins it anew where it was.
func (r *road) restart() {
	r.t.Helper()
	r.close()
	listener, err := net.Listen("tcp", r.link.To())
	must(r.t, err)
	r.serve(listener)
}

// What the hub does not take keeps none of the others back, and is tried
// again.
func TestOneThatIsRefused(t *testing.T) {
	r := newRoad(t)
	h, data := r.add(1000, 1)
	strange := ark.HashOf([]byte("of another van"))
	must(t, os.WriteFile(filepath.Join(r.files, strange.String()), []byte("of another van"), 0o600))
	r.book.Name(agent.Owed{Content: strange, Size: 14, Type: "image/jpeg"})
	must(t, r.book.Arrived(t.Context(), strange, 14))
	r.hub.Refuse(strange, true)
	c, _ := r.carry(0)
	r.arrives(h, data)
	rig.Await(t, "a refusal", func() bool { return r.held(c) == agent.HeldRefused })
	if r.here(strange) {
		t.Error("it was taken")
	}
}

// What is damaged on the card is given up, loudly, and not sent again and
// again.
func TestDamagedOnTheCard(t *testing.T) {
	r := newRoad(t)
	bad, data := r.add(1000, 1)
	data[5]++
	must(t, os.WriteFile(filepath.Join(r.files, bad.String()), data, 0o600))
	gone, _ := r.add(2000, 2)
	must(t, os.Remove(filepath.Join(r.files, gone.String())))
	must(t, os.WriteFile(filepath.Join(r.files, gone.String()), nil, 0o600))
	h, data := r.add(3000, 3)
	r.carry(0)
	r.arrives(h, data)
	where, err := r.book.Where(t.Context(), []ark.Hash{bad, gone})
	must(t, err)
	if where[bad].OnVan || where[gone].OnVan || where[bad].AtHub || where[gone].AtHub {
		t.Errorf("%+v", where)
	}
}
