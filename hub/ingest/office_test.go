package ingest

import (
	"context"
	"crypto/ed25519"
	"crypto/rand"
	"fmt"
	"io"
	"log/slog"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"ark"
	"ark/hub"
	"ark/hub/store"
)

// office is an ingest over a real store, without a link: what it sends is
// kept.
type office struct {
	*Ingest
	store *store.Store
	key   ed25519.PublicKey
	path  string
	stop  func()
	mu    sync.Mutex
	sent  map[ark.VanID]chan message
}

type message struct {
	channel ark.Channel
	payload []byte
}

func random(b []byte) { rand.Read(b) }

func open(t testing.TB, path string, wrap func(hub.Journals) hub.Journals) *office {
	t.Helper()
	s, err := store.Open(t.Context(), path, random, time.Now)
	if err != nil {
		t.Fatal(err)
	}
	pub, priv, err := ed25519.GenerateKey(nil)
	if err != nil {
		t.Fatal(err)
	}
	o := &office{store: s, key: pub, path: path, sent: map[ark.VanID]chan message{}}
	var journals hub.Journals = s
	if wrap != nil {
		journals = wrap(s)
	}
	o.Ingest = New(Config{Journals: journals, Orders: s, Send: o.send, TimeKey: priv, Now: time.Now,
		Round: func() uint32 { return 7 }, Log: slog.New(slog.NewTextHandler(io.Discard, nil))})
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan struct{})
	go func() { o.Run(ctx); close(done) }()
	var once sync.Once
	o.stop = func() { once.Do(func() { cancel(); <-done; s.Close() }) }
	t.Cleanup(o.stop)
	return o
}

func (o *office) inbox(van ark.VanID) chan message {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.sent[van] == nil {
		o.sent[van] = make(chan message, 1000)
	}
	return o.sent[van]
}

func (o *office) send(van ark.VanID, c ark.Channel, payload []byte) bool {
	o.inbox(van) <- message{c, payload}
	return true
}

// testVan is the van's side of a journal, in memory.
type testVan struct {
	t       testing.TB
	id      ark.VanID
	inc     ark.Incarnation
	raws    [][]byte
	cursors []ark.Cursor
}

func newVan(t testing.TB, id ark.VanID, inc byte) *testVan {
	v := &testVan{t: t, id: id, inc: ark.NewIncarnation([16]byte{inc})}
	v.cursors = []ark.Cursor{v.inc.Start()}
	return v
}

func (v *testVan) last() ark.Cursor { return v.cursors[len(v.cursors)-1] }

func entryID(n int) ark.ID {
	return ark.NewID(1_790_000_000_000, [10]byte{5: byte(n >> 16), 6: byte(n >> 8), 7: byte(n), 9: 1})
}

func (v *testVan) add(id ark.ID, k ark.Kind, body any) {
	v.t.Helper()
	encoded, err := ark.EncodeBody(k, body)
	if err != nil {
		v.t.Fatal(err)
	}
	v.addRaw(ark.Entry{ID: id, Kind: k, At: ark.Stamp{Wall: id.Time(), Trusted: true}, Body: encoded})
}

func (v *testVan) addRaw(e ark.Entry) {
	v.t.Helper()
	raw, err := ark.EncodeEntry(e)
	if err != nil {
		v.t.Fatal(err)
	}
	v.raws = append(v.raws, raw)
	v.cursors = append(v.cursors, v.last().Next(raw))
}

func (v *testVan) visit(n int) {
	v.t.Helper()
	v.add(entryID(n), ark.KindVisit, ark.Visit{Place: fmt.Sprintf("%d室", n), Outcome: ark.Met})
}

// frame makes one of the entries from … to.
func (v *testVan) frame(from, to ark.Seq) ark.Frame {
	return ark.Frame{Incarnation: v.inc, First: from, Prev: v.cursors[from-1].Digest.Key(), Entries: v.raws[from-1 : to], Round: 1}
}

// give hands a frame to the office and returns its receipt.
func (v *testVan) give(o *office, f ark.Frame) ark.Receipt {
	v.t.Helper()
	data, err := ark.EncodeFrame(f, false)
	if err != nil {
		v.t.Fatal(err)
	}
	return v.giveRaw(o, data)
}

func (v *testVan) giveRaw(o *office, data []byte) ark.Receipt {
	v.t.Helper()
	if err := o.Arrived(context.Background(), v.id, ark.Journal, data); err != nil {
		v.t.Fatal(err)
	}
	enough := time.After(10 * time.Second)
	for {
		select {
		case m := <-o.inbox(v.id):
			if m.channel != ark.JournalReceipt {
				continue
			}
			r, err := ark.DecodeReceipt(m.payload)
			if err != nil {
				v.t.Fatal(err)
			}
			return r
		case <-enough:
			v.t.Fatal("no receipt")
		}
	}
}

func (o *office) visits(t testing.TB) []hub.Visit {
	t.Helper()
	all, err := o.store.Visits(t.Context(), hub.Page{Limit: 500})
	if err != nil {
		t.Fatal(err)
	}
	return all
}

func (o *office) van(t testing.TB, id ark.VanID) hub.Van {
	t.Helper()
	all, err := o.store.Vans(t.Context(), hub.Everything)
	if err != nil {
		t.Fatal(err)
	}
	for _, v := range all {
		if v.ID == id {
			return v
		}
	}
	t.Fatalf("van %s is not known", id)
	return hub.Van{}
}

// await asks again and again until ok.
func await(t testing.TB, what string, ok func() bool) {
	t.Helper()
	deadline := time.After(30 * time.Second)
	tick := time.NewTicker(2 * time.Millisecond)
	defer tick.Stop()
	for !ok() {
		select {
		case <-deadline:
			t.Fatalf("waited in vain: %s", what)
		case <-tick.C:
		}
	}
}

func path(t testing.TB) string { return filepath.Join(t.TempDir(), "hub.db") }
