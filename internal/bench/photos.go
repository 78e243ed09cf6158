package main

import (
	"bytes"
	"context"
	"crypto/tls"
	"fmt"
	"math/rand/v2"
	"net"
	"net/http"
	"path/filepath"
	"sync"
	"time"

	"ark"
	"ark/agent"
	"ark/agent/files"
	"ark/agent/uplink"
	"ark/hub"
	"ark/hub/blobs"
	"ark/internal/invented"
	"ark/internal/process"
	"ark/internal/rig"
	"ark/internal/uploads"
)

// The photos of the figures. In short they go over a link of 10 MB/s that is
// cut every second; in full (-full) over one of 2 MB/s, every 20 s.
const (
	photoCount, photoSize = 100, 2 << 20
	photosEach            = 4 // of one visit
	shortRate, fullRate   = 10 << 20, 2 << 20
	shortCut, fullCut     = time.Second, 20 * time.Second
	pieceOfPhone          = 256 << 10
)

// photos is what photos cost on a bad link, on both hops: bytes that were sent
// by bytes that are theirs. Words go first on the way to the hub.
func photos(t *bench) []figure {
	rate, cut := int64(shortRate), shortCut
	if full {
		rate, cut = fullRate, fullCut
	}
	office := rig.NewOffice(t)
	h := office.StartHub(t, filepath.Join(t.TempDir(), "hub.db"))
	words, carried, wifi := rig.NewLink(t, office.Addr), rig.NewLink(t, serveFiles(t, office, h)), (*rig.Link)(nil)
	van := office.StartVan(t, "van-1", t.TempDir(), rig.VanOptions{Addr: words.Addr})
	carrier, folder, end := carry(t, office, van, carried.Addr)
	wifi = rig.NewLink(t, serveVan(t, folder))
	for _, l := range []*rig.Link{words, carried, wifi} {
		l.Limit(rate)
		l.CutEvery(t, cut)
	}
	began := time.Now()
	phone := &http.Client{Transport: &http.Transport{DisableCompression: true}}
	early := 0
	for i, v := range invented.Visits(7, photoCount/photosEach) {
		var all []uint64
		for n := range photosEach {
			seed := uint64(i*photosEach + n)
			data := photo(seed)
			v.Attachments = append(v.Attachments, ark.Attachment{Content: ark.HashOf(data), Size: int64(len(data)), Type: "image/jpeg", Role: ark.RolePhoto})
			all = append(all, seed)
		}
		id := newID(ark.UnixMilli(time.Now().UnixMilli()))
		t.check(van.Store.Log(context.Background(), id, v))
		for _, seed := range all {
			upload(t, phone, wifi.Addr, photo(seed))
		}
		here, err := h.Store.Here(context.Background(), contents(v))
		t.check(err)
		if _, err := h.Store.VisitRecord(context.Background(), hub.Everything, id); err != nil && len(here) > 0 {
			early++
		}
	}
	rig.Await(t, "all photos at the hub", func() bool {
		l, err := carrier.Load(context.Background())
		return err == nil && l.Files == 0
	})
	took := time.Since(began)
	end()
	need := float64(photoCount * photoSize)
	note := fmt.Sprintf("%d photos of 2 MiB, %.0f s; the links carried %d MB/s and were cut every %v: %d and %d connections with something on them.",
		photoCount, took.Seconds(), rate>>20, cut, wifi.Cuts(), carried.Cuts())
	first := figure{Name: "photos: bytes sent by phones, by bytes needed", Value: float64(wifi.Sent()) / 1e6, Unit: "MB", Note: note}.against(need / 1e6)
	second := figure{Name: "  and by the van", Value: float64(carried.Sent()) / 1e6, Unit: "MB"}.against(need / 1e6)
	return []figure{first.want("<= 1.1 x", *first.Ratio <= 1.1), second.want("<= 1.1 x", *second.Ratio <= 1.1),
		figure{Name: "  photos at the hub before their visit", Value: float64(early), Unit: "visits"}.most(0)}
}

// photo is made-up content that begins and reads as a JPEG.
func photo(seed uint64) []byte {
	b := make([]byte, photoSize)
	rand.NewChaCha8([32]byte{1, byte(seed), byte(seed >> 8)}).Read(b)
	copy(b, "\xff\xd8\xff\xc0\x00\x11\x08\x04\x00\x06\x00\x03\x01\x11\x00\x02\x11\x01\x03\x11\x01\xff\xda")
	return b
}

func contents(v ark.Visit) (all []ark.Hash) {
	for _, a := range v.Attachments {
		all = append(all, a.Content)
	}
	return all
}

// upload brings a photo from a phone to the van, however often the link is
// cut.
func upload(t *bench, phone *http.Client, addr string, data []byte) {
	a := uploads.Announced{Hash: ark.HashOf(data), Size: int64(len(data)), Type: "image/jpeg"}
	client := uploads.Client{HTTP: phone, URL: "http://" + addr + files.Base}
	var last error
	for range 1000 {
		at, err := client.Announce(context.Background(), a)
		for err == nil && at < a.Size {
			n := min(pieceOfPhone, a.Size-at)
			at, err = client.Send(context.Background(), a, at, n, bytes.NewReader(data[at:at+n]))
		}
		if err == nil {
			return
		}
		last = err
	}
	t.check(fmt.Errorf("a photo does not get to the van: %w", last))
}

// serveVan serves a van's folder to one phone.
func serveVan(t *bench, folder *files.Files) (addr string) {
	phone := ark.Phone{ID: ark.ID{1}}
	return serve(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		folder.ServeHTTP(w, r.WithContext(agent.ByPhone(r.Context(), phone)))
	}), nil)
}

// serveFiles serves the hub's blobs to vans.
func serveFiles(t *bench, o *rig.Office, hub *rig.Hub) (addr string) {
	dir, err := blobs.Open(t.TempDir(), time.Now)
	t.check(err)
	return serve(t, blobs.NewCounter(blobs.Config{Blobs: dir, Gate: o.Gate, Attachments: hub.Store, Log: rig.Log}), o.TLS)
}

func serve(t *bench, h http.Handler, cfg *tls.Config) (addr string) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	t.check(err)
	addr = l.Addr().String()
	if cfg != nil {
		l = tls.NewListener(l, cfg)
	}
	server := process.Server(h, rig.Log)
	var serving sync.WaitGroup
	serving.Go(func() { server.Serve(l) })
	t.Cleanup(func() { server.Close(); serving.Wait() })
	return addr
}

// carry starts a van's carrier and its folder.
func carry(t *bench, o *rig.Office, van *rig.Van, hub string) (*uplink.Carrier, *files.Files, func()) {
	var carrier *uplink.Carrier
	folder := files.New(files.Config{Dir: t.TempDir(), Attachments: van.Store, Disk: func() (int64, int64) { return 0, 0 }, Keep: time.Hour, Now: time.Now,
		Arrived: func() { carrier.Wake() }, Log: rig.Log})
	cert := o.CA.Van(t, "van-1")
	carrier = uplink.NewCarrier(uplink.CarrierConfig{Hub: hub, TLS: func() (*tls.Config, error) { return cert.Clone(), nil }, Clock: van.Clock, Attachments: van.Store,
		Content: folder.Content, Remove: folder.Remove, Waiting: func() uint64 { return van.Uplink.Sync().Backlog }, Random: rig.Random, Log: rig.Log,
		Tries: uplink.FetchTries{First: 50 * time.Millisecond, Most: time.Second}})
	ctx, cancel := context.WithCancel(context.Background())
	var carrying sync.WaitGroup
	carrying.Go(func() { carrier.Run(ctx) })
	end := sync.OnceFunc(func() { cancel(); carrying.Wait() })
	t.Cleanup(end)
	return carrier, folder, end
}
