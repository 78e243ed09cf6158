package main

import (
	"bufio"
	"context"
	"crypto/tls"
	"fmt"
	"io"
	"net/http"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"ark"
	"ark/agent"
	"ark/agent/store"
	"ark/agent/uplink"
	"ark/internal/rig"
)

const (
	livePages   = 200
	liveVisits  = 15
	liveEvery   = 2 * time.Second // between two visits: five times as many as 300 vans bring on a busy day
	liveLimit   = 1000.0          // ms
	livePatient = time.Minute
)

// liveVan is a van with a card of its own, that tells when a receipt came.
type liveVan struct {
	*store.Store
	receipts chan time.Time
}

// Acked is uplink.Journal's.
func (v *liveVan) Acked(ctx context.Context, c ark.Cursor) error {
	at := time.Now()
	err := v.Store.Acked(ctx, c)
	v.receipts <- at
	return err
}

// startLiveVan connects a van to the hub, and waits until its journal is
// receipted so far.
func startLiveVan(h *consoleHub) *liveVan {
	t, id := h.t, fmt.Sprintf("bench-%d", time.Now().Unix())
	dir := filepath.Join(h.dir, id)
	program(t, "arkctl", "--dir", filepath.Join(h.dir, "ca"), "van", "add", id, "--hub", h.vans, "--profile", "desk", "--silent", "--data", filepath.Join(dir, "data"), "--out", dir)
	identity := &uplink.Identity{CAFile: filepath.Join(dir, "ca.pem"), CertFile: filepath.Join(dir, "van.pem"), KeyFile: filepath.Join(dir, "van-key.pem"), ServerName: "127.0.0.1"}
	_, err := identity.TLS()
	t.check(err)
	v := &liveVan{Store: store.New(store.Config{Dir: t.TempDir(), Clock: agent.NewClock(time.Time{}), Random: rig.Random, Release: "bench", Log: rig.Log}), receipts: make(chan time.Time, 10)}
	t.check(v.Open(context.Background()))
	client := uplink.New(uplink.Config{Van: ark.VanID(id), Hub: h.vans, TLS: func() (*tls.Config, error) { return identity.TLS() }, Journal: v, Orders: v.Store,
		Arrived: func([]agent.OrderArrived) {}, Clock: agent.NewClock(time.Time{}), Random: rig.Random, Log: rig.Log})
	ctx, cancel := context.WithCancel(context.Background())
	var parts sync.WaitGroup
	parts.Go(func() { client.Run(ctx) })
	t.Cleanup(func() { cancel(); parts.Wait() })
	v.receipt(t)
	return v
}

// receipt is when the next receipt came.
func (v *liveVan) receipt(t *bench) time.Time {
	select {
	case at := <-v.receipts:
		return at
	case <-time.After(livePatient):
		t.Fatal("no receipt of the hub")
	}
	return time.Time{}
}

// livePage is the newest visits, open in a browser: it hears that something
// changed and fetches itself anew, as console.js does.
type livePage struct {
	h     *consoleHub
	http  *http.Client
	shown chan sight
}

// sight is that a page shows a visit.
type sight struct {
	words string
	at    time.Time
}

// run lasts until ctx ends.
func (p *livePage) run(ctx context.Context, ready func()) error {
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, p.h.address("/events"), nil)
	if err != nil {
		return err
	}
	res, err := p.http.Do(r)
	if err != nil {
		return err
	}
	defer res.Body.Close()
	if res.StatusCode != http.StatusOK {
		return fmt.Errorf("a live page: %s", res.Status)
	}
	for in := bufio.NewScanner(res.Body); in.Scan(); {
		if strings.HasPrefix(in.Text(), "event: beat") {
			ready()
		}
		words, is := strings.CutPrefix(in.Text(), "data: ")
		if !is || !strings.Contains(words, "visits") {
			continue
		}
		if err := p.renew(ctx); err != nil {
			return err
		}
	}
	return nil
}

func (p *livePage) renew(ctx context.Context) error {
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, p.h.address("/"), nil)
	if err != nil {
		return err
	}
	r.Header.Set("Sec-Fetch-Dest", "empty") // as a browser marks what a page asks for by itself
	r.Header.Set("Ark-Fresh", "1")          // as fresh.js does
	res, err := p.http.Do(r)
	if err != nil {
		return err
	}
	defer res.Body.Close()
	page, err := io.ReadAll(res.Body)
	if err != nil {
		return err
	}
	if res.StatusCode != http.StatusOK {
		return fmt.Errorf("a live page fetches itself: %s", res.Status)
	}
	at := time.Now()
	if _, rest, is := strings.Cut(string(page), livePlace); is {
		number, _, _ := strings.Cut(rest, "幢")
		p.shown <- sight{livePlace + number + "幢", at}
	}
	return nil
}

// livePlace is where visits are that a page waits for, before a number.
const livePlace = "新到小区"

// live is how long it takes from a van's receipt of a visit until each of two
// hundred open pages shows it: real streams over TLS, a connection each.
func live(h *consoleHub) figure {
	t := h.t
	van := startLiveVan(h)
	ctx, cancel := context.WithCancel(context.Background())
	shown, failed := make(chan sight, livePages*liveVisits), make(chan error, livePages)
	var pages, ready sync.WaitGroup
	ready.Add(livePages)
	staff := make([]*http.Client, officeAccounts)
	for n := range staff {
		staff[n] = h.signedIn(accountOf(n + 1))
	}
	for n := range livePages {
		p := &livePage{h: h, http: h.browser(), shown: shown}
		p.http.Jar = staff[n%len(staff)].Jar
		pages.Go(func() {
			once := sync.OnceFunc(ready.Done)
			if err := p.run(ctx, once); err != nil && ctx.Err() == nil {
				failed <- err
				once()
			}
		})
	}
	defer pages.Wait()
	defer cancel()
	ready.Wait()
	var times []time.Duration
	for n := range liveVisits {
		words := fmt.Sprintf("%s%d幢", livePlace, time.Now().UnixMilli()%100_000) // a longer number is masked: it may be a telephone's
		t.check(van.Append(ctx, agent.Record{Kind: ark.KindVisit, Body: ark.Visit{Place: words + "1单元101室", Outcome: ark.Met, By: "王芳"}}))
		began := van.receipt(t)
		patience := time.After(livePatient)
		for seen := 0; seen < livePages; {
			select {
			case s := <-shown:
				if s.words == words {
					times, seen = append(times, max(s.at.Sub(began), 0)), seen+1
				}
			case err := <-failed:
				t.check(err)
			case <-patience:
				t.Fatalf("of visit %d %d pages know", n, seen)
			}
		}
		time.Sleep(time.Until(began.Add(liveEvery)))
	}
	return figure{Name: fmt.Sprintf("a new visit on %d open pages", livePages), Value: millis(percentile(times, 0.99)), Unit: "ms",
		Note: fmt.Sprintf("from the van's receipt; median %s ms", number(millis(percentile(times, 0.5))))}.most(liveLimit)
}
