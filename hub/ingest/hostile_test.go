package ingest

import (
	"bytes"
	"context"
	"crypto/rand"
	"errors"
	"math"
	"runtime"
	"sync"
	"testing"
	"time"

	"ark"
	"ark/hub"
)

// A hostile van has a valid certificate. The tests here are its tries; each
// time another van is at work beside it and must not notice.

// beside runs f while another van logs visits, and insists that each of them
// was receipted in good time.
func beside(t *testing.T, o *office, f func()) {
	t.Helper()
	v := newVan(t, "van-good", 99)
	o.Present(v.id, true)
	stop := make(chan struct{})
	var worst time.Duration
	var good sync.WaitGroup
	good.Go(func() {
		for n := 1; ; n++ {
			select {
			case <-stop:
				return
			default:
			}
			v.visit(1_000_000 + n)
			began := time.Now()
			r := v.give(o, v.frame(ark.Seq(n), ark.Seq(n)))
			worst = max(worst, time.Since(began))
			if r.Cursor != v.last() {
				t.Errorf("the other van: receipt %+v, want %v", r, v.last())
				return
			}
		}
	})
	f()
	close(stop)
	good.Wait()
	t.Logf("the other van: %d visits, the slowest receipt after %v", len(v.raws), worst)
	if worst > 15*time.Second { // milliseconds, but for a machine whose disk is busy with other tests
		t.Errorf("the other van waited %v", worst)
	}
}

// bomb is a frame of a few bytes that unpacks to size bytes: a zstd frame
// (RFC 8878, 3.1.1) of run-length blocks, without its magic number.
func bomb(size int) []byte {
	const block = 128 << 10
	b := []byte{1, 1, 0x00, 0x50} // version, packing; no sizes told, a window of 1 MB
	for n := 0; n < size; n += block {
		header := uint32(block<<3 | 1<<1)
		if n+block >= size {
			header |= 1
		}
		b = append(b, byte(header), byte(header>>8), byte(header>>16), 'x')
	}
	return b
}

func TestTheRightRefusalForEach(t *testing.T) {
	o := open(t, path(t), nil)
	v, w := newVan(t, "van-1", 1), newVan(t, "van-2", 2)
	o.Present(v.id, true)
	o.Present(w.id, true)
	v.visit(1)
	w.visit(2)
	w.give(o, w.frame(1, 1))
	whole, err := ark.EncodeFrame(ark.Frame{Incarnation: ark.NewIncarnation([16]byte{7}), First: 1, Entries: v.raws}, true)
	if err != nil {
		t.Fatal(err)
	}
	stolen, _ := ark.EncodeFrame(w.frame(1, 1), true)
	rows := []struct {
		name string
		data []byte
		want ark.Refusal
	}{
		{"too big", make([]byte, ark.MaxFrame+1), ark.RefusedSize},
		{"empty", nil, ark.RefusedGarbage},
		{"one byte", []byte{1}, ark.RefusedGarbage},
		{"wrong version", []byte{9, 0, 1}, ark.RefusedVersion},
		{"wrong packing", []byte{1, 9, 1}, ark.RefusedVersion},
		{"garbage", []byte{1, 0, 0xff}, ark.RefusedGarbage},
		{"cut short", whole[:len(whole)-3], ark.RefusedGarbage},
		{"something after it", append(bytes.Clone(whole), 0), ark.RefusedGarbage},
		{"zstd of nothing", []byte{1, 1}, ark.RefusedGarbage},
		{"a bomb of 2 GB", bomb(2 << 30)[:ark.MaxFrame], ark.RefusedSize},
		{"a bomb of 2 MB", bomb(2 << 20), ark.RefusedSize},
		{"garbage, packed", bomb(1 << 10), ark.RefusedGarbage},
		{"another dictionary", []byte{1, 1, 0x23, 0xef, 0xbe, 0xad, 0xde, 0x01, 0x00, 0x00, 0x00}, ark.RefusedDictionary},
		{"another van's incarnation", stolen, ark.RefusedVan},
	}
	beside(t, o, func() {
		for _, row := range rows {
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			if r := v.giveRaw(o, row.data); r.Refusal != row.want || r.Cursor.Seq != 0 {
				t.Errorf("%s: refusal %q, want %q", row.name, r.Refusal, row.want)
			}
			if runtime.ReadMemStats(&after); after.TotalAlloc-before.TotalAlloc > 32<<20 { // the other van's included
				t.Errorf("%s made the hub allocate %d MB", row.name, (after.TotalAlloc-before.TotalAlloc)>>20)
			}
		}
	})
	if r := v.give(o, v.frame(1, 1)); r.Cursor != v.last() {
		t.Errorf("after all that an honest frame is answered %+v", r)
	}
	for _, x := range o.visits(t) {
		if x.Place == "1室" && x.Van != "van-1" || x.Place == "2室" && x.Van != "van-2" {
			t.Errorf("a visit of the wrong van: %+v", x)
		}
	}
}

func TestBodiesThatFailTheirCheckAreQuarantined(t *testing.T) {
	o := open(t, path(t), nil)
	v := newVan(t, "van-1", 1)
	o.Present(v.id, true)
	v.add(entryID(1), ark.KindVisit, ark.Visit{Outcome: ark.Met}) // no place
	v.add(entryID(2), ark.KindVisit, ark.Visit{Place: "x", Outcome: 9})
	v.add(entryID(3), ark.KindBroadcast, ark.AsRun{Broadcast: entryID(9), State: 200})
	v.add(entryID(4), ark.KindOrderState, ark.OrderState{Order: entryID(9), State: ark.BroadcastCut, Why: "\x00"})
	v.addRaw(ark.Entry{ID: entryID(5), Kind: ark.KindVisit, Body: []byte{0x80}})
	v.raws = append(v.raws, []byte{0x01}) // not an entry at all
	v.cursors = append(v.cursors, v.last().Next([]byte{0x01}))
	v.visit(7)
	f := v.frame(1, 7)
	f.Ahead = math.MaxUint64
	if r := v.give(o, f); r.Cursor != v.last() {
		t.Fatalf("receipt %+v", r)
	}
	if got := o.van(t, v.id); got.Quarantined != 6 || o.Stats().Quarantined.Load() != 6 {
		t.Errorf("%d in quarantine, %d counted", got.Quarantined, o.Stats().Quarantined.Load())
	}
	if got := o.visits(t); len(got) != 1 || got[0].Place != "7室" {
		t.Errorf("visits %+v", got)
	}
}

func TestTenThousandIncarnations(t *testing.T) {
	o := open(t, path(t), nil)
	v := newVan(t, "van-1", 1)
	o.Present(v.id, true)
	beside(t, o, func() {
		var ended error
		n := 0
		for ; n < 10_000 && ended == nil; n++ {
			inc := ark.NewIncarnation([16]byte{1, byte(n >> 8), byte(n)})
			data, err := ark.EncodeFrame(ark.Frame{Incarnation: inc, First: 1, Prev: inc.Start().Digest.Key(), Round: 1}, true)
			if err != nil {
				t.Error(err)
				return
			}
			ended = o.Arrived(context.Background(), v.id, ark.Journal, data)
			<-o.inbox(v.id)
		}
		if n != hub.MaxIncarnations+maxRubbish || !errors.Is(ended, errRubbish) {
			t.Errorf("ended after %d incarnations with %v", n, ended)
		}
	})
	if got := o.van(t, v.id); got.Incarnations != hub.MaxIncarnations {
		t.Errorf("%d incarnations kept", got.Incarnations)
	}
	o.Present(v.id, false)
	o.Present(v.id, true)
	v.inc = ark.NewIncarnation([16]byte{1, 0, 5}) // one of those that are known
	v.cursors[0] = v.inc.Start()
	v.visit(1)
	if r := v.give(o, v.frame(1, 1)); r.Cursor != v.last() {
		t.Errorf("a known incarnation is answered %+v", r)
	}
}

func TestAnOldIncarnationIsOnlyOld(t *testing.T) {
	o := open(t, path(t), nil)
	a, b := newVan(t, "van-1", 1), newVan(t, "van-1", 2)
	o.Present(a.id, true)
	a.visit(1)
	b.visit(1) // the same visit, on the new card
	b.visit(2)
	a.give(o, a.frame(1, 1))
	b.give(o, b.frame(1, 2))
	a.visit(3)
	for range 2 {
		if r := a.give(o, a.frame(1, 2)); r.Cursor != a.last() || r.Incarnation != a.inc {
			t.Fatalf("the old card is answered %+v", r)
		}
	}
	if r := b.give(o, b.frame(2, 2)); r.Cursor != b.last() || len(o.visits(t)) != 3 {
		t.Errorf("the new card is answered %+v; %d visits", r, len(o.visits(t)))
	}
}

// A flood of frames that never continue fills neither memory nor the store,
// and slows nobody.
func TestFlood(t *testing.T) {
	o := open(t, path(t), nil)
	v := newVan(t, "van-1", 1)
	o.Present(v.id, true)
	for n := range 1000 {
		v.visit(n)
	}
	words := make([]byte, 40<<10)
	rand.Read(words)
	words[0], words[1], words[2] = 0x59, byte((len(words)-3)>>8), byte((len(words)-3)&0xff) // a CBOR byte string
	beside(t, o, func() {
		before := heap()
		for n := range 140 {
			f := v.frame(500, 500)
			f.First += ark.Seq(n)
			f.Entries = [][]byte{words}
			if n > 100 { // and under ever new incarnations
				f.Incarnation = ark.NewIncarnation([16]byte{byte(n)})
			}
			if n == 100 && heap()-before > 2<<20 {
				t.Errorf("frames that wait fill %d MB", (heap()-before)>>20)
			}
			if r := v.give(o, f); r.Cursor.Seq != 0 {
				t.Errorf("receipt %+v", r)
				return
			}
		}
		if grown := heap() - before; grown > 8<<20 {
			t.Errorf("the flood fills %d MB", grown>>20)
		}
	})
	if r := v.give(o, v.frame(1, 1000)); r.Cursor.Seq != 1000 {
		t.Errorf("after it, %+v", r)
	}
}

// A flood that is in order is kept, in everybody's commits, and the others'
// visits go along.
func TestAFloodInOrder(t *testing.T) {
	o := open(t, path(t), nil)
	v := newVan(t, "van-1", 1)
	o.Present(v.id, true)
	note := make([]byte, 1900)
	for n := range 1000 {
		for i := range note {
			note[i] = 'a' + byte((i*7+n*i)%26)
		}
		v.add(entryID(n), ark.KindVisit, ark.Visit{Place: "x", Outcome: ark.Met, Note: string(note)})
	}
	beside(t, o, func() {
		for from := ark.Seq(1); from < 1000; from += 20 {
			if r := v.give(o, v.frame(from, from+19)); r.Cursor != v.cursors[from+19] {
				t.Errorf("receipt %+v", r)
				return
			}
		}
	})
}

func heap() int64 {
	var m runtime.MemStats
	runtime.GC()
	runtime.GC() // pools let go in the second
	runtime.ReadMemStats(&m)
	return int64(m.HeapAlloc)
}
