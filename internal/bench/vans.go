package main

import (
	"bufio"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"sync"
	"time"

	"ark"
	"ark/agent"
	"ark/agent/store"
	"ark/agent/uplink"
	"ark/internal/invented"
	"ark/internal/rig"
)

// drained is a van's journal that tells when all of it was receipted.
type drained struct {
	*store.Store
	done chan struct{}
	once sync.Once
}

// Acked is uplink.Journal's.
func (d *drained) Acked(ctx context.Context, c ark.Cursor) error {
	err := d.Store.Acked(ctx, c)
	if _, _, _, last, _ := d.Store.State(); c.Seq == last.Seq {
		d.once.Do(func() { close(d.done) })
	}
	return err
}

// runVans is the other process of the ingest figure: vans with filled
// journals. Arguments: the folder with a folder for each van's certificate,
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
	journals := make([]*drained, count)
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
		<-j.done
	}
	fmt.Println("done", time.Since(began).Nanoseconds())
	in.Scan() // the end of input
	cancel()
	running.Wait()
	return nil
}

func fillJournal(dir string, visits []ark.Visit) (*drained, error) {
	s := store.New(store.Config{Dir: dir, Clock: agent.NewClock(time.Time{}), Random: rig.Random, Release: "bench", Log: rig.Log})
	if err := s.Open(context.Background()); err != nil {
		return nil, err
	}
	records := make([]agent.Record, len(visits))
	for i, v := range visits {
		records[i] = agent.Record{Kind: ark.KindVisit, Body: v}
	}
	return &drained{Store: s, done: make(chan struct{})}, s.Append(context.Background(), records...)
}

func newUplink(dir, van, hub string, j *drained) *uplink.Client {
	identity := &uplink.Identity{CAFile: filepath.Join(dir, "ca.pem"), CertFile: filepath.Join(dir, "cert.pem"), KeyFile: filepath.Join(dir, "key.pem"),
		ServerName: "localhost"}
	return uplink.New(uplink.Config{Van: ark.VanID(van), Hub: hub, TLS: identity.TLS, Journal: j, Orders: j.Store,
		Arrived: func([]agent.OrderArrived) {}, Clock: agent.NewClock(time.Time{}), Random: rig.Random, Log: rig.Log})
}
