package main

import (
	"bytes"
	"context"
	"crypto/tls"
	"encoding/json"
	"os/exec"
	"path/filepath"
	"time"

	"ark"
	"ark/agent"
	"ark/agent/uplink"
	"ark/internal/invented"
	"ark/internal/rig"
)

// The visits of the wire figures, of a seed on which no dictionary was
// trained.
const (
	wireVisits = 5000
	wireAlone  = 500 // of them sent one by one
	wireBatch  = 50
	wireSeed   = 4_000_000
)

// wire is how many bytes a visit costs between van and hub, read off a real
// connection inside its TLS: all MQTT packets of both directions, with their
// headers and topics, from the frame to its receipt.
func wire(t *bench) []figure {
	entries := invented.Entries(wireSeed, wireVisits)
	var all, lines bytes.Buffer
	for i, v := range invented.Visits(wireSeed, wireVisits) {
		raw, err := ark.EncodeEntry(entries[i])
		t.check(err)
		all.Write(raw)
		line, err := json.Marshal(jsonVisit(entries[i], v))
		t.check(err)
		lines.Write(append(line, '\n'))
	}
	xz := float64(min(squeeze(t, all.Bytes()), squeeze(t, lines.Bytes()))) / wireVisits
	alone, aloneBack := carried(t, entries[:wireAlone], 1)
	batch, batchBack := carried(t, entries, wireBatch)
	inBatch := figure{Name: "bytes of a visit in a batch of 50, sent", Value: batch, Unit: "B"}.against(xz)
	return []figure{
		figure{Name: "bytes of a visit alone, sent", Value: alone, Unit: "B"}.most(160),
		{Name: "  and received: PUBACK and receipt", Value: aloneBack, Unit: "B"},
		inBatch.want("<= 2 x xz -9e of all", *inBatch.Ratio <= 2),
		{Name: "  and received: PUBACK and receipt", Value: batchBack, Unit: "B"},
		{Name: "  a visit as JSON", Value: float64(lines.Len()) / wireVisits, Unit: "B"},
	}
}

// jsonVisit is an entry as a plain JSON interface would have it.
func jsonVisit(e ark.Entry, v ark.Visit) any {
	return struct {
		ID       string        `json:"id"`
		At       time.Time     `json:"at"`
		Trusted  bool          `json:"trusted"`
		Boot     string        `json:"boot"`
		Mono     int64         `json:"mono_ms"`
		Place    string        `json:"place"`
		Person   string        `json:"person,omitempty"`
		Outcome  string        `json:"outcome"`
		Services []ark.Service `json:"services,omitempty"`
		Need     string        `json:"need,omitempty"`
		Note     string        `json:"note,omitempty"`
		By       string        `json:"by,omitempty"`
	}{e.ID.String(), e.At.Wall.Time().UTC(), e.At.Trusted, e.At.Boot.String(), e.At.Mono.Milliseconds(), v.Place, v.Person, v.Outcome.String(),
		v.Services, v.Need, v.Note, v.By}
}

func squeeze(t *bench, data []byte) int {
	xz := exec.Command("xz", "-9e", "-c")
	xz.Stdin = bytes.NewReader(data)
	out, err := xz.Output()
	t.check(err)
	return len(out)
}

// carried lets a van send entries in batches, each once the one before was
// receipted, and counts what an entry cost up and down.
func carried(t *bench, entries []ark.Entry, batch int) (up, down float64) {
	office := rig.NewOffice(t)
	hub := office.StartHub(t, filepath.Join(t.TempDir(), "hub.db"))
	defer hub.Stop()
	cfg := office.CA.Van(t, "van-1")
	tap := startTap(t, office.TLS, cfg, office.Addr)
	j := newMemory()
	client := uplink.New(uplink.Config{Van: "van-1", Hub: tap.addr, TLS: func() (*tls.Config, error) { return cfg.Clone(), nil },
		Journal: j, Orders: noOrders{}, Arrived: func([]agent.OrderArrived) {}, Clock: agent.NewClock(time.Time{}), TimeKey: office.TimePub,
		Random: rig.Random, Log: rig.Log})
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan struct{})
	go func() { client.Run(ctx); close(done) }()
	defer func() { cancel(); <-done }()
	j.add(t, entries[:1]) // the first frame of a connection also asks for the time
	j.await(t)
	entries = entries[1:]
	sent := len(entries) / batch * batch
	up0, down0 := tap.counts()
	for at := 0; at < sent; at += batch {
		j.add(t, entries[at:at+batch])
		j.await(t)
	}
	up1, down1 := tap.counts()
	return float64(up1-up0) / float64(sent), float64(down1-down0) / float64(sent)
}
