package e2e

import (
	"context"
	"crypto/tls"
	"fmt"
	"math/rand/v2"
	"path/filepath"
	"strconv"
	"sync"
	"testing"
	"time"

	"ark"
	"ark/agent"
	agentstore "ark/agent/store"
	"ark/agent/uplink"
	"ark/internal/rig"
)

// tap is a van in this process, with the card of a real one, that listens to
// the hub's receipts.
type tap struct {
	uplink.Journal
	id    ark.VanID
	store *agentstore.Store
	sync  func() agent.Sync

	mu      sync.Mutex
	highest ark.Cursor // that any receipt spoke of
	fell    error      // a receipt took back what an earlier one had said
}

// Acked is uplink.Journal's.
func (p *tap) Acked(ctx context.Context, c ark.Cursor) error {
	p.mu.Lock()
	if c.Seq < p.highest.Seq {
		p.fell = fmt.Errorf("%s: the hub had receipted entry %d and now knows only %d", p.id, p.highest.Seq, c.Seq)
	}
	p.highest = c
	p.mu.Unlock()
	return p.Journal.Acked(ctx, c)
}

func (p *tap) heard() (ark.Cursor, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.highest, p.fell
}

// runTap runs a van's store and uplink in this process until stop.
func runTap(t *testing.T, v *van) *tap {
	t.Helper()
	clock := agent.NewClock(time.Time{})
	p := &tap{id: v.id}
	p.store = agentstore.New(agentstore.Config{Dir: v.data, Clock: clock, Random: rig.Random, Release: "test", Log: rig.Log})
	if err := p.store.Open(t.Context()); err != nil {
		t.Fatal(err)
	}
	p.Journal = p.store
	identity := &uplink.Identity{CAFile: filepath.Join(v.card, "ca.pem"), CertFile: filepath.Join(v.card, "van.pem"),
		KeyFile: filepath.Join(v.card, "van-key.pem"), ServerName: "127.0.0.1"}
	up := uplink.New(uplink.Config{Van: v.id, Hub: v.h.mqtt, TLS: func() (*tls.Config, error) { return identity.TLS() }, Journal: p,
		Orders: p.store, Arrived: func([]agent.OrderArrived) {}, Clock: clock, Random: rig.Random, Log: rig.Log,
		Tries: uplink.Tries{First: 10 * time.Millisecond, Most: 50 * time.Millisecond, KeepAlive: 30 * time.Second}})
	p.sync = up.Sync
	ctx, cancel := context.WithCancel(context.Background())
	var parts sync.WaitGroup
	parts.Go(func() { up.Run(ctx) })
	parts.Go(func() { p.store.Run(ctx) })
	t.Cleanup(func() { cancel(); parts.Wait() })
	return p
}

// log logs visits, one after the other, until quit; none while somebody holds
// day.
func (p *tap) log(t *testing.T, b *book, day *sync.RWMutex, quit <-chan struct{}) {
	for n := 0; ; n++ {
		id, s := newID(), note{van: p.id, n: n}
		b.send(id, s)
		day.RLock()
		err := p.store.Log(t.Context(), id, ark.Visit{Place: s.place(), Outcome: ark.Met})
		day.RUnlock()
		if err != nil {
			t.Error(err)
			return
		}
		b.save(id)
		select {
		case <-quit:
			return
		case <-time.After(4 * time.Millisecond):
		}
	}
}

// TestChaosPowerCutOfTheHub cuts the power of a hub that commits for three
// vans. Whatever it receipted must be on its disk after each cut. Every so
// many cuts another hub begins, because each check reads all it has.
func TestChaosPowerCutOfTheHub(t *testing.T) {
	slow(t)
	rng := random(t)
	all, saved := &disk{}, 0
	for n := range long(1, 10) {
		t.Run(strconv.Itoa(n), func(t *testing.T) {
			d, b := newDisk(t), newBook()
			cutHub(t, rng, d, b, long(12, 20))
			all.cuts, all.atRisk, all.lost = all.cuts+d.cuts, all.atRisk+d.atRisk, all.lost+d.lost
			saved += b.saved()
		})
	}
	if !t.Failed() && all.cuts > 0 {
		all.report(t, [2]string{"visits saved, and at the hub once", strconv.Itoa(saved)},
			[2]string{"receipts above what was on the disk", "0"})
	}
}

// cutHub is one hub and its cuts.
func cutHub(t *testing.T, rng *rand.Rand, d *disk, b *book, cuts int) {
	h := newFleet(t, 3, filepath.Join(d.dir, "hub"))
	d.mount()
	h.startHub()
	taps, quit := make([]*tap, len(h.vans)), make(chan struct{})
	var loggers sync.WaitGroup
	var day sync.RWMutex
	for i, v := range h.vans {
		taps[i] = runTap(t, v)
		loggers.Go(func() { taps[i].log(t, b, &day, quit) })
	}
	t.Cleanup(loggers.Wait)
	home := sync.OnceFunc(func() { close(quit) })
	t.Cleanup(home)
	for range cuts {
		if rng.IntN(5) > 0 { // else a start is interrupted
			awaitReceipts(t, taps)
		}
		pause(t.Context(), instant(rng, 1, 300))
		d.cut(h.hub, rng)
		day.Lock()
		ok := t.Run("cut-"+strconv.Itoa(d.cuts), func(t *testing.T) { wantReceipted(t, d, taps) })
		day.Unlock()
		if !ok {
			return
		}
		d.mount()
		h.startHub()
	}
	home()
	loggers.Wait()
	for _, p := range taps {
		rig.Await(t, "no backlog at "+string(p.id), func() bool { s := p.sync(); return s.Up && s.Backlog == 0 })
	}
	h.hub.stop()
	d.unmount()
	judgeHub(t, copyDB(t, filepath.Join(d.backing, "hub", "hub.db"))).compare(t, b)
	wantReceipted(t, d, taps)
}

// awaitReceipts waits until some van heard something new.
func awaitReceipts(t *testing.T, taps []*tap) {
	t.Helper()
	sum := func() (n ark.Seq) {
		for _, p := range taps {
			c, _ := p.heard()
			n += c.Seq
		}
		return n
	}
	had := sum()
	rig.Await(t, "a receipt", func() bool { return sum() != had })
}

// wantReceipted insists that the hub's disk, its power gone, holds what
// receipts spoke of.
func wantReceipted(t *testing.T, d *disk, taps []*tap) {
	t.Helper()
	db, err := intact(copyDB(t, filepath.Join(d.backing, "hub", "hub.db")))
	if err != nil {
		t.Fatalf("cut %d: %v", d.cuts, err)
	}
	defer db.Close()
	for _, p := range taps {
		said, fell := p.heard()
		if fell != nil {
			t.Fatalf("cut %d: %v", d.cuts, fell)
		}
		if said.Seq == 0 {
			continue
		}
		var digest []byte
		err := db.QueryRow(`SELECT e.digest FROM entries e JOIN incarnations i ON i.n = e.incarnation JOIN vans w ON w.n = i.van
			WHERE w.id = $1 AND e.seq = $2 AND i.seq >= $2`, p.id, said.Seq).Scan(&digest)
		if err != nil || ark.Digest(digest) != said.Digest {
			t.Fatalf("cut %d: %s has a receipt for entry %d, and the hub's disk does not hold it: %v", d.cuts, p.id, said.Seq, err)
		}
	}
}
