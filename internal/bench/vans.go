package main

import (
	"bufio"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"sync"
	"sync/atomic"
	"time"

	"ark"
	"ark/agent"
	"ark/agent/store"
	"ark/agent/uplink"
	"ark/internal/invented"
	"ark/internal/rig"
)

// held is a van's journal of which the uplink sees only the first entry until
// it is let go, and that tells when it was receipted: the first entry, which
// makes a van one that is connected and settled, and then all.
type held struct {
	*store.Store
	first         ark.Cursor
	free          atomic.Bool
	changed       chan struct{}
	settled, done chan struct{}
	once          [2]sync.Once
}

// State is uplink.Journal's.
func (h *held) State() (inc ark.Incarnation, base, acked, last ark.Cursor, err error) {
	inc, base, acked, last, err = h.Store.State()
	if !h.free.Load() {
		last = h.first
	}
	return inc, base, acked, last, err
}

// Changed is uplink.Journal's.
func (h *held) Changed() <-chan struct{} { return h.changed }

func (h *held) letGo() {
	h.free.Store(true)
	h.changed <- struct{}{}
}

// Acked is uplink.Journal's.
func (h *held) Acked(ctx context.Context, c ark.Cursor) error {
	err := h.Store.Acked(ctx, c)
	h.once[0].Do(func() { close(h.settled) })
	if _, _, _, last, _ := h.Store.State(); c.Seq == last.Seq {
		h.once[1].Do(func() { close(h.done) })
	}
	return err
}

// runVans is the other process of the ingest figure: vans that connect, and
// then send filled journals. Arguments: the folder with a folder for each van's certificate,
// the hub's address, how many vans, how many visits each.
func runVans(args []string) error {
	dir, hub := args[0], args[1]
	count, err := strconv.Atoi(args[2])
	if err != nil {
		return err
	}
	each, err := strconv.Atoi(args[3])
	if err != nil {
		return err
	}
	journals := make([]*held, count)
	clients := make([]*uplink.Client, count)
	for n := range count {
		if journals[n], err = fillJournal(filepath.Join(dir, vanName(n)), invented.Visits(uint64(n+1), each)); err != nil {
			return err
		}
		clients[n] = newUplink(filepath.Join(dir, vanName(n)), vanName(n), hub, journals[n])
	}
	fmt.Println("ready")
	in := bufio.NewScanner(os.Stdin)
	in.Scan()
	ctx, cancel := context.WithCancel(context.Background())
	var running sync.WaitGroup
	began := time.Now()
	for _, c := range clients {
		running.Go(func() { c.Run(ctx) })
	}
	for _, j := range journals {
		<-j.settled
	}
	fmt.Println("settled", time.Since(began).Nanoseconds())
	in.Scan()
	began = time.Now()
	for _, j := range journals {
		j.letGo()
	}
	for _, j := range journals {
		<-j.done
	}
	fmt.Println("done", time.Since(began).Nanoseconds())
	in.Scan() // the end of input
	cancel()
	running.Wait()
	return nil
}

func fillJournal(dir string, visits []ark.Visit) (*held, error) {
	s := store.New(store.Config{Dir: dir, Clock: agent.NewClock(time.Time{}), Random: rig.Random, Release: "bench", Log: rig.Log})
	if err := s.Open(context.Background()); err != nil {
		return nil, err
	}
	_, _, _, first, err := s.State() // a new journal tells of its beginning
	if err != nil {
		return nil, err
	}
	records := make([]agent.Record, len(visits))
	for i, v := range visits {
		records[i] = agent.Record{Kind: ark.KindVisit, Body: v}
	}
	h := &held{Store: s, first: first, changed: make(chan struct{}, 1), settled: make(chan struct{}), done: make(chan struct{})}
	return h, s.Append(context.Background(), records...)
}

func newUplink(dir, van, hub string, j *held) *uplink.Client {
	identity := &uplink.Identity{CAFile: filepath.Join(dir, "ca.pem"), CertFile: filepath.Join(dir, "cert.pem"), KeyFile: filepath.Join(dir, "key.pem"),
		ServerName: "localhost"}
	return uplink.New(uplink.Config{Van: ark.VanID(van), Hub: hub, TLS: identity.TLS, Journal: j, Orders: j.Store,
		Arrived: func([]agent.OrderArrived) {}, Clock: agent.NewClock(time.Time{}), Random: rig.Random, Log: rig.Log})
}
