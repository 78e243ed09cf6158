package main

import (
	"context"
	"crypto/ed25519"
	"crypto/rand"
	"crypto/tls"
	"encoding/binary"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"

	"ark"
	firmwareconfig "ark/firmware-config"
	"ark/hub"
	"ark/hub/blobs"
	"ark/hub/console"
	"ark/hub/desk"
	"ark/hub/endpoint"
	"ark/hub/identity"
	"ark/hub/ingest"
	"ark/hub/store"
	"ark/hub/studio"
	"ark/internal/process"
)

// office is all parts of a hub, joined.
type office struct {
	config   firmwareconfig.Hub
	log      *slog.Logger
	devices  *identity.Devices
	accounts *identity.Accounts
	store    *store.Store
	ingest   *ingest.Ingest
	presence *hub.Presence
	console  *console.Console
	blobs    *blobs.Dir
	counter  *blobs.Counter
	standing *hub.Office
	studio   *studio.Studio
	link     *endpoint.Endpoint
	vans     net.Listener // the link's
	fetches  net.Listener // the counter's, plain TCP
	pages    net.Listener
	errands  net.Listener // nil: none are taken
	server   *http.Server
	forVans  *tls.Config
}

// Connections to the console, in all and of one address: an office may be
// behind one.
const (
	mostGuests = 2048
	guestsEach = 512
)

// Connections of vans that fetch: two of each van, and many may share an
// address.
const (
	mostFetching = 1024
	fetchingEach = 256
)

// openOffice opens what the hub keeps and its ports, and joins the parts.
func openOffice(ctx context.Context, c firmwareconfig.Hub, log *slog.Logger) (o *office, err error) {
	o = &office{config: c, log: log}
	defer func() {
		if err != nil {
			o.close()
		}
	}()
	if o.forVans, err = identity.HubTLS(c.CA); err != nil {
		return o, err
	}
	timeKey, err := identity.TimeKey(c.CA)
	if err != nil {
		return o, err
	}
	if o.devices, err = identity.OpenDevices(c.CA); err != nil {
		return o, err
	}
	if err := os.MkdirAll(c.Data, 0o700); err != nil {
		return o, fmt.Errorf("make data folder: %w", err)
	}
	for _, port := range []struct {
		name, at string
		into     *net.Listener
	}{{"mqtt", c.MQTT, &o.vans}, {"blobs", c.Blobs, &o.fetches}, {"console", c.Console, &o.pages}} {
		if *port.into, err = process.Listen(port.at); err != nil {
			return o, fmt.Errorf("%s: %w", port.name, err)
		}
	}
	log.Info("the database is opened and looked through; the first time after an upgrade this may take minutes")
	if o.store, err = store.Open(ctx, databaseOf(c), random, time.Now); err != nil {
		return o, err
	}
	if err := o.openAccounts(ctx); err != nil {
		return o, err
	}
	if o.blobs, err = blobs.Open(filepath.Join(c.Data, "blobs"), time.Now); err != nil {
		return o, err
	}
	if err := seed(ctx, o.store, o.blobs); err != nil {
		log.Error("the hub has no announcements yet; its next start tries again", "err", err) // visits matter more
	}
	return o, o.join(ctx, timeKey)
}

// join makes the parts and tells them of each other.
func (o *office) join(ctx context.Context, timeKey ed25519.PrivateKey) error {
	c, log := o.config, o.log
	o.ingest = ingest.New(ingest.Config{Journals: o.store, Orders: o.store, TimeKey: timeKey, Now: time.Now, Round: round, Log: log,
		Send: func(van ark.VanID, c ark.Channel, payload []byte) bool { return o.link.Send(van, c, payload) }})
	o.presence = hub.NewPresence(o.ingest, o.store, o.store, o.store, o.admitted, time.Now)
	o.link = endpoint.New(endpoint.Config{Listener: o.vans, TLS: o.forVans, Gate: o.devices, Arrivals: o.presence, Log: log})
	o.standing = hub.NewOffice(hub.OfficeConfig{
		Library:   o.store,
		Plans:     o.store,
		Blobs:     o.blobs,
		Standing:  o.ingest,
		Commander: o.ingest,
		Roster:    o.store,
		Register:  o.store,
		Reviews:   o.store,
		Appended:  o.ingest.Appended,
		Watch:     o.presence,
		Admitted:  o.admitted,
		Log:       log,
	})
	o.counter = blobs.NewCounter(blobs.Config{Blobs: o.blobs, Gate: o.devices, Attachments: o.store, Log: log,
		Disk: func() (free, total int64) { return process.Free(c.Data) }})
	o.studio = studio.Open(ctx, "")
	if err := o.furnish(); err != nil {
		return err
	}
	o.pages = process.Crowd(o.pages, mostGuests, guestsEach)
	o.server = process.Server(o.routes(), log)
	return nil
}

// furnish makes the pages for staff, of what join has joined.
func (o *office) furnish() error {
	c := o.config
	zone, err := time.LoadLocation(c.Zone)
	if err != nil {
		return fmt.Errorf("zone: %w", err)
	}
	organisation, err := o.organisation()
	if err != nil {
		return err
	}
	strict, err := strictTransport(c)
	if err != nil {
		return err
	}
	desks := o.desks()
	o.console, err = console.New(console.Config{
		Accounts:      o.accounts,
		Book:          o.store,
		Desk:          func(s hub.Staff) console.Desk { return desks.For(s) },
		Audit:         o.store,
		Address:       c.ConsoleAddress,
		Organisation:  organisation,
		NeedsSecond:   needsSecond(c.SecondFactor),
		Strict:        strict,
		Watch:         o.presence,
		HashPIN:       identity.HashPIN,
		Announcements: o.announcements,
		Studio:        o.studio,
		Takes:         c.Data,
		Tiles:         console.Tiles{URL: c.Map.Tiles, From: c.Map.TilesFrom},
		Outline:       filepath.Join(c.Data, "outline.geojson"),
		Now:           time.Now,
		Zone:          zone,
		Log:           o.log,
	})
	return err
}

// desks are what those who are signed in can do.
func (o *office) desks() *desk.Desks {
	data := o.config.Data
	return desk.New(desk.Config{
		Audit:       o.store,
		AuditLog:    markedLog{o.store, data, time.Now, o.log},
		Fleet:       o.store,
		Views:       o.presence,
		Finder:      o.store,
		AsRun:       o.store,
		Register:    o.store,
		Roster:      o.store,
		Reviews:     o.standing,
		Team:        o.store,
		SavedViews:  o.store,
		Attachments: o.store,
		Overviews:   o.store,
		Blobs:       o.blobs,
		Library:     o.store,
		Plans:       o.store,
		Commander:   o.standing,
		Accounts:    o.store,
		Doorkeeper:  o.accounts,
		Now:         time.Now,
		Log:         o.log,
		AuditHeads:  func() ([]hub.AuditHead, error) { return readHeads(filepath.Join(data, headsFile)) },
	})
}

func (o *office) close() {
	if o.store != nil {
		o.store.Close()
	}
	for _, l := range []net.Listener{o.vans, o.fetches, o.pages, o.errands} {
		if l != nil {
			l.Close()
		}
	}
}

// admitted are the vans that hold a certificate to come in with.
func (o *office) admitted() (vans []ark.VanID) {
	for _, r := range o.devices.List() {
		if !r.Revoked {
			vans = append(vans, r.Van)
		}
	}
	return vans
}

func random(b []byte) { rand.Read(b) } // it never fails, see crypto/rand

func round() uint32 {
	var b [4]byte
	random(b[:])
	return binary.BigEndian.Uint32(b[:])
}

// warnOfPlain says so where passwords and visits would go over a network
// without TLS.
func (o *office) warnOfPlain(at net.Addr) {
	if tcp, ok := at.(*net.TCPAddr); o.config.ConsoleCert == "" && ok && !tcp.IP.IsLoopback() {
		o.log.Warn("the console speaks plain HTTP to other machines, and who listens on the way reads passwords and visits: set console_cert, or listen on 127.0.0.1 behind a proxy",
			"console", at.String())
	}
}

// run runs all parts until ctx ends: first the vans go, whose frames wait for
// commits, then ingest, and the database last.
func (o *office) run(ctx context.Context) error {
	defer o.store.Close()
	defer o.console.Close()
	committing, stopCommitting := context.WithCancel(context.WithoutCancel(ctx))
	var committer sync.WaitGroup
	committer.Go(func() { o.ingest.Run(committing) }) // it ends only with its context
	defer committer.Wait()
	defer stopCommitting()
	g, ctx := errgroup.WithContext(ctx)
	g.Go(func() error { return o.link.Run(ctx) })
	g.Go(func() error { return process.Serve(ctx, o.server, o.pages, o.config.ConsoleCert, o.config.ConsoleKey) })
	g.Go(func() error { return o.serveBlobs(ctx) })
	g.Go(func() error { return o.serveErrands(ctx) })
	g.Go(func() error { return o.standing.Run(ctx) })
	g.Go(func() error { return o.blobs.Run(ctx, o.store.Needed, o.log) })
	g.Go(func() error {
		if err := o.counter.Mend(ctx); err != nil && ctx.Err() == nil {
			o.log.Error("attachments that are here may be missing on pages; the next start tries again", "err", err)
		}
		return nil
	})
	g.Go(func() error {
		return o.devices.Watch(ctx, o.link.Disconnect, func(err error) { o.log.Error("the list of devices cannot be read", "err", err) })
	})
	g.Go(func() error {
		if err := o.store.Check(ctx); err != nil && ctx.Err() == nil {
			o.log.Error("the database is damaged: stop the hub and put a backup in its place; the vans send again what it lacks", "err", err)
		}
		return nil
	})
	g.Go(func() error {
		return keepHeads(ctx, o.store, filepath.Join(o.config.Data, headsFile), headsEvery, o.log)
	})
	g.Go(func() error { return o.store.Follow(ctx, o.log) })
	g.Go(func() error {
		if err := o.store.CatchUp(ctx); err != nil && ctx.Err() == nil {
			o.log.Error("broadcasts of an older release count for no language; the next start tries again", "err", err)
		}
		return nil
	})
	g.Go(func() error { return process.Alive(ctx, o.log, func() error { return o.store.Ping(ctx) }) })
	o.warnOfPlain(o.pages.Addr())
	o.log.Info("the hub runs", "vans", o.link.Addr().String(), "blobs", o.fetches.Addr().String(), "console", o.pages.Addr().String())
	return g.Wait()
}
