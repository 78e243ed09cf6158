package main

import (
	"context"
	"crypto/ed25519"
	"crypto/rand"
	"encoding/base64"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"os/exec"
	"time"

	"golang.org/x/sync/errgroup"

	"ark"
	"ark/agent"
	"ark/agent/crew"
	"ark/agent/files"
	"ark/agent/front"
	"ark/agent/households"
	"ark/agent/panel"
	"ark/agent/sound"
	"ark/agent/store"
	"ark/agent/uplink"
	firmwareconfig "ark/firmware-config"
	"ark/internal/process"
)

// van is all parts of one, joined.
type van struct {
	config        firmwareconfig.Agent
	profile       firmwareconfig.Profile
	log           *slog.Logger
	clock         *agent.Clock
	store         *store.Store
	finder        *finder
	announcements *sound.Library
	player        *sound.Player
	shell         *agent.Shell
	sim           *panel.Sim
	gpio          *panel.GPIO // nil: the profile names no lines
	uplink        *uplink.Client
	fetcher       *uplink.Fetcher
	carrier       *uplink.Carrier
	files         *files.Files
	pages         http.Handler
	front         *front.Front // nil: the van has no name by which phones find it
}

// newVan opens the card and joins the parts. Only a mistake in the
// configuration or a second agent on the same database is an error; whatever
// else is wrong, the van does without.
func newVan(ctx context.Context, c firmwareconfig.Agent, p firmwareconfig.Profile, log *slog.Logger) (*van, error) {
	release, built := process.Build()
	floor := built
	if c.Born.After(floor) {
		floor = c.Born
	}
	timeKey, err := base64.StdEncoding.DecodeString(c.TimeKey)
	if err != nil || len(timeKey) != ed25519.PublicKeySize {
		return nil, fmt.Errorf("time_key: 不是 32 字节的 base64 公钥 / not the base64 of a 32-byte public key")
	}
	v := &van{config: c, profile: p, log: log.With("van", c.Van), clock: agent.NewClock(floor)}
	zone, err := time.LoadLocation(c.Zone)
	if err != nil {
		return nil, fmt.Errorf("load time zone: %w", err)
	}
	v.finder = newFinder(v.log)
	v.store = store.New(store.Config{Dir: c.Data, Clock: v.clock, Random: random, Release: release, Log: v.log, Zone: zone, Households: v.finder.changed})
	if err := v.store.Open(ctx); err != nil {
		return nil, err
	}
	if at, err := v.store.Trusted(ctx); err == nil && at > 0 {
		v.clock.Raise(at.Time())
	}
	v.announcements = v.openLibrary()
	v.player = sound.New(sound.Config{Library: v.announcements, Command: v.speaker(), Buffer: v.buffer(), Card: c.Sound.Card, Input: input(c.Sound.Input),
		Listener: input(c.Sound.Listen), Mono: v.clock.Mono, Log: v.log})
	v.joinPanels()
	v.joinShell(release)
	v.joinFetcher()
	v.joinFiles()
	v.uplink = uplink.New(uplink.Config{Van: c.Van, Hub: c.Hub, TLS: v.identity().TLS, Journal: v.store, Orders: v.store,
		Arrived: v.shell.Give, Clock: v.clock, TimeKey: timeKey, Random: random, Log: v.log,
		Learned: func(at ark.UnixMilli, step time.Duration) {
			v.shell.Tell(agent.TimeLearned{Wall: at, Source: "hub", Step: step})
		}})
	return v, v.joinPages(zone)
}

func (v *van) joinPages(zone *time.Location) error {
	pages, err := crew.New(crew.Config{Van: v.config.Van, Visits: v.store, Status: v.shell.Status, Sync: v.uplink.Sync, Fault: v.store.Fault,
		Buttons: v.buttons, Panel: v.sim, Long: v.long(), Card: v.config.Sound.Card, NewID: newID, Now: v.clock.Now, Random: random, Zone: zone, Names: v.names(), Address: v.address,
		Logbook: v.store, People: v.store, Register: v.store, Attachments: v.store, Finder: v.finder, Words: households.Words,
		Place: func(place string) bool { return v.shell.Tell(agent.PlaceChosen{Place: place}) }, Files: v.files, Load: v.carrier.Load, Log: v.log})
	if err != nil {
		return fmt.Errorf("make pages: %w", err)
	}
	v.pages = pages.Handler()
	return v.joinFront(zone)
}

// buttons are the profile's, with what the library calls their announcements
// now.
func (v *van) buttons() (all []crew.Button) {
	meanings := v.meanings()
	for _, b := range v.profile.Buttons {
		a, _ := v.announcements.Find(b.Announcement) // without a title the button still has its name
		all = append(all, crew.Button{Meaning: meanings[agent.Button(b.Name)], Name: agent.Button(b.Name), Title: a.Title, Class: a.Class})
	}
	return all
}

func (v *van) long() time.Duration { return time.Duration(v.profile.LongPressMS) * time.Millisecond }

func random(b []byte) { rand.Read(b) } // it never fails, see crypto/rand

func newID(at ark.UnixMilli) ark.ID {
	var b [10]byte
	random(b[:])
	return ark.NewID(at, b)
}

// speaker makes the loudspeaker process, unless the van is to be silent.
func (v *van) speaker() func() *exec.Cmd {
	if v.config.Sound.Silent {
		return nil
	}
	return sound.Speaker(v.buffer())
}

// input opens an ALSA device to hear by; nil where there is none.
func input(device string) func(context.Context) (io.ReadCloser, error) {
	if device == "" {
		return nil
	}
	return sound.Capture(sound.Recorder(device))
}

func (v *van) buffer() time.Duration {
	return time.Duration(v.config.Sound.BufferMS) * time.Millisecond
}

func (v *van) joinPanels() {
	mono := v.clock.Mono
	long := v.long()
	var buttons []panel.SimButton
	var lines []panel.ButtonLine
	var lamps []panel.LampLine
	for _, b := range v.profile.Buttons {
		buttons = append(buttons, panel.SimButton{Button: agent.Button(b.Name), Hold: b.Hold, Talk: b.Talk})
		if b.Line != "" {
			lines = append(lines, panel.ButtonLine{Button: agent.Button(b.Name), Line: b.Line, ActiveHigh: b.ActiveHigh})
		}
	}
	for _, l := range v.profile.Lamps {
		if l.Line != "" {
			lamps = append(lamps, panel.LampLine{Lamp: agent.Lamp(l.Name), Line: l.Line, ActiveLow: l.ActiveLow})
		}
	}
	v.sim = panel.NewSim(panel.SimConfig{Buttons: buttons, Long: long, Mono: mono})
	if len(lines)+len(lamps) > 0 {
		v.gpio = panel.New(panel.Config{Chip: v.profile.Chip, Buttons: lines, Lamps: lamps, Long: long, Mono: mono, Log: v.log})
	}
}

func (v *van) joinShell(release string) {
	panels := []agent.Panel{v.sim}
	if v.gpio != nil {
		panels = append(panels, v.gpio)
	}
	brain := agent.NewBrain(v.rules(release))
	v.shell = agent.NewShell(agent.Parts{Brain: brain, Now: v.clock.Now, Speaker: v.player, Panels: panels, Recorder: v.store,
		DiskFree: v.diskFree, Heat: process.Heat, Pages: v.pagesUntil, Card: v.store.Fault, Fetch: func(l ark.Library) { v.fetcher.Want(l) }, Log: v.log})
}

// rules are what the brain goes by: what the profile says, and the library.
func (v *van) rules(release string) agent.Rules {
	scale := v.profile.Volume
	return agent.Rules{Buttons: v.meanings(), Find: v.announcements.Find, Missing: v.announcements.Missing, NewID: newID, Zone: time.LoadLocation, Release: release,
		Settings: v.profile.Settings(v.config.Zone), Long: v.long(),
		Lead: time.Duration(v.profile.Amplifier.LeadMS) * time.Millisecond,
		Full: firmwareconfig.Level(scale.FullDB), Calibrated: scale.Calibrated != "", Least: firmwareconfig.Level(scale.LeastDB),
		Step: firmwareconfig.Level(scale.StepDB), First: firmwareconfig.Level(scale.FirstDB)}
}

// meanings are what the profile's buttons do.
func (v *van) meanings() map[agent.Button]agent.Meaning {
	all := map[agent.Button]agent.Meaning{}
	again := map[string]agent.Again{"restart": agent.AgainRestart, "stop": agent.AgainStop}
	for _, b := range v.profile.Buttons {
		all[agent.Button(b.Name)] = agent.Meaning{Announcement: b.Announcement, Again: again[b.Again], Stop: b.Stop,
			Louder: b.Louder, Softer: b.Softer, Test: b.Test, Talk: b.Talk, Hold: b.Hold}
	}
	return all
}

func (v *van) diskFree() int64 {
	free, _ := process.Free(v.config.Data)
	return free
}

// run runs all parts until ctx ends. The store ends last: what the others
// still say is kept.
func (v *van) run(ctx context.Context) error {
	unfinished, err := v.store.Unfinished(ctx)
	if err != nil {
		v.log.Error("broadcasts that were under way are not known", "err", err)
	}
	orders, err := v.store.ToDo(ctx)
	if err != nil {
		v.log.Error("orders to do are not known", "err", err)
	}
	kept, err := v.store.Kept(ctx)
	if err != nil {
		v.log.Error("what was kept is not known: plan, settings and volume", "err", err)
	}
	storing, stopStoring := context.WithCancel(context.WithoutCancel(ctx))
	var keeper errgroup.Group
	keeper.Go(func() error { return v.store.Run(storing) })
	defer keeper.Wait()
	defer stopStoring()
	g, ctx := errgroup.WithContext(ctx)
	g.Go(func() error { return v.player.Run(ctx) })
	g.Go(func() error {
		return v.shell.Run(ctx, agent.Resumed{Unfinished: unfinished, Orders: orders, Kept: kept})
	})
	g.Go(func() error { return v.finder.run(ctx, v.store.Opened(), v.store) })
	g.Go(func() error { return v.uplink.Run(ctx) })
	g.Go(func() error { return v.fetcher.Run(ctx) })
	g.Go(func() error { return v.carrier.Run(ctx) })
	g.Go(func() error { return v.files.Run(ctx) })
	g.Go(func() error { return v.announcements.Run(ctx, v.log) })
	g.Go(func() error { return v.sim.Run(ctx) })
	if v.gpio != nil {
		g.Go(func() error { return v.gpio.Run(ctx) })
	}
	v.serveAll(ctx, g)
	g.Go(func() error { return process.Alive(ctx, v.log, v.healthy) })
	defer v.serveKeys(ctx)()
	return g.Wait()
}

// healthy is whether the van's loop turns. That a card is broken is no reason
// to be restarted: the loudspeaker works without one.
func (v *van) healthy() error {
	if still := v.clock.Mono() - v.shell.Turn(); still > 15*time.Second {
		return fmt.Errorf("the loop has stood still for %v", still)
	}
	return nil
}
