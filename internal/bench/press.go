package main

import (
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"sync/atomic"
	"time"

	"ark"
	"ark/agent"
	"ark/agent/sound"
	"ark/firmware-config/demo"
	"ark/internal/rig"
)

const (
	presses     = 100
	rivals      = 20 // runs of each other player
	soundBuffer = 20 * time.Millisecond
)

// press is how long it takes from a press to the first sample: by the word of
// the loudspeaker process, and as heard at the sink's monitor. Other players
// are started anew for each sound, as a script would.
func press(t *bench) []figure {
	p := startPulse(t)
	v := startVoice(t, p)
	heard := p.listen(t)
	told, monitor := v.press(t, heard)
	v.end()
	file := filepath.Join(t.TempDir(), "sound.wav")
	t.check(os.WriteFile(file, ark.EncodeWAV(beep()), 0o644))
	limit := millis(soundBuffer) + 10
	return []figure{
		figure{Name: "press to first sample, p99", Value: millis(percentile(told, 0.99)), Unit: "ms"}.most(limit),
		{Name: "  median", Value: millis(percentile(told, 0.5)), Unit: "ms"},
		{Name: "  heard at the sink's monitor, p99", Value: millis(percentile(monitor, 0.99)), Unit: "ms"},
		{Name: "  paplay, started to heard there, p99", Value: rival(t, heard, p.tool("paplay", file)), Unit: "ms"},
		{Name: "  aplay, started to heard there, p99", Value: rival(t, heard, p.tool("aplay", "-q", "-D", "pulse", file)), Unit: "ms"},
	}
}

// hand is a panel whose presses are settled at once: the 30 ms for which a
// level must stay are the hand's and no player's, and the others have no
// buttons at all.
type hand struct {
	events chan agent.Event
	mono   func() time.Duration
}

func (h hand) press(b agent.Button)       { h.events <- agent.Pressed{Button: b, At: h.mono()} }
func (h hand) Events() <-chan agent.Event { return h.events }
func (h hand) Light(agent.Lamp, bool)     {}

// voice is a van's panel, brain and loudspeaker.
type voice struct {
	panel  hand
	mono   func() time.Duration
	began  time.Time
	events chan agent.Event         // of the loudspeaker, after the shell has them
	child  atomic.Pointer[exec.Cmd] // the loudspeaker process that was made last
	end    func()
}

func startVoice(t *bench, p *pulse) *voice {
	list, files, err := demo.Announcements(ark.EncodeWAV)
	t.check(err)
	return startVoiceOf(t, p, list, files)
}

// startVoiceOf has the first of the announcements on button 1.
func startVoiceOf(t *bench, p *pulse, list []ark.Announcement, files map[ark.Hash][]byte) *voice {
	dir := t.TempDir()
	t.check(sound.WriteLibrary(dir, list, files))
	library, err := sound.OpenLibrary(dir)
	t.check(err)
	self, err := os.Executable()
	t.check(err)
	v := &voice{began: time.Now(), events: make(chan agent.Event, 1024)}
	v.mono = func() time.Duration { return time.Since(v.began) }
	player := sound.New(sound.Config{Library: library, Buffer: soundBuffer, Mono: v.mono, Log: rig.Log,
		Command: func() *exec.Cmd {
			c := p.tool(self, "speaker")
			v.child.Store(c)
			return c
		}})
	v.panel = hand{make(chan agent.Event, 2), v.mono}
	brain := agent.NewBrain(agent.Rules{Find: library.Find, NewID: newID, Release: "bench",
		Buttons: map[agent.Button]agent.Meaning{"1": {Announcement: list[0].ID}, "stop": {Stop: true}}})
	shell := agent.NewShell(agent.Parts{Brain: brain, Now: func() ark.Stamp { return ark.Stamp{Wall: ark.Milli(time.Now()), Mono: v.mono()} },
		Speaker: tee{player, split(player.Events(), v.events)}, Panels: []agent.Panel{v.panel}, Recorder: nowhere{}, Log: rig.Log})
	ctx, cancel := context.WithCancel(context.Background())
	var parts sync.WaitGroup
	parts.Go(func() { player.Run(ctx) })
	parts.Go(func() { shell.Run(ctx, agent.Resumed{}) })
	v.end = sync.OnceFunc(func() { cancel(); parts.Wait() })
	t.Cleanup(v.end)
	v.await(t, "the sound device", func(e agent.Event) bool {
		s, ok := e.(agent.SoundChanged)
		return ok && !s.State.Silent
	})
	return v
}

// press presses, waits until it is heard, stops it and lets it be quiet.
func (v *voice) press(t *bench, heard <-chan time.Time) (told, monitor []time.Duration) {
	for range presses {
		time.Sleep(200*time.Millisecond + rand.N(50*time.Millisecond)) // quiet, and not in step with the device
		drain(heard)
		at := v.mono()
		v.panel.press("1")
		v.await(t, "the first sample", func(e agent.Event) bool {
			s, ok := e.(agent.SegmentStarted)
			if ok && s.Silent {
				t.Fatal("the device was lost")
			}
			if ok {
				told = append(told, s.At-at)
			}
			return ok
		})
		monitor = append(monitor, hear(t, heard, "ours").Sub(v.began)-at)
		v.panel.press("stop")
		v.await(t, "the end", func(e agent.Event) bool { _, ok := e.(agent.ProgramEnded); return ok })
	}
	return told, monitor
}

func (v *voice) await(t *bench, what string, found func(agent.Event) bool) {
	patience := time.After(20 * time.Second)
	for {
		select {
		case e := <-v.events:
			if found(e) {
				return
			}
		case <-patience:
			t.Fatalf("waited in vain for %s", what)
		}
	}
}

func hear(t *bench, heard <-chan time.Time, whom string) time.Time {
	select {
	case at := <-heard:
		return at
	case <-time.After(20 * time.Second):
		t.Fatalf("nothing was heard at the monitor of %s", whom)
		panic("not reached")
	}
}

// drain forgets what was heard before.
func drain(heard <-chan time.Time) {
	for len(heard) > 0 {
		<-heard
	}
}

// rival is the p99 of the time from a player's start to its sound, in ms.
func rival(t *bench, heard <-chan time.Time, player *exec.Cmd) float64 {
	var all []time.Duration
	for range rivals {
		time.Sleep(250 * time.Millisecond)
		drain(heard)
		c := exec.Command(player.Path, player.Args[1:]...)
		c.Env = player.Env
		began := time.Now()
		t.check(c.Start())
		all = append(all, hear(t, heard, player.Path).Sub(began))
		t.check(c.Wait())
	}
	return millis(percentile(all, 0.99))
}

// beep is a short sound that is loud from its first sample.
func beep() []int16 {
	s := make([]int16, ark.SampleRate/5)
	for i := range s {
		s[i] = int16(8000 - 16000*(i/50%2))
	}
	return s
}

// tee is a loudspeaker whose events somebody else hears too.
type tee struct {
	*sound.Player
	events <-chan agent.Event
}

func (s tee) Events() <-chan agent.Event { return s.events }

func split(in <-chan agent.Event, also chan<- agent.Event) <-chan agent.Event {
	out := make(chan agent.Event, 1024)
	go func() { // as long as the program
		for e := range in {
			out <- e
			also <- e
		}
	}()
	return out
}

// nowhere is a recorder that keeps nothing.
type nowhere struct{}

func (nowhere) Append(context.Context, ...agent.Record) error { return nil }
func (nowhere) Keep(context.Context, ...agent.Keep) error     { return nil }

func newID(at ark.UnixMilli) ark.ID {
	var b [10]byte
	rig.Random(b[:])
	return ark.NewID(at, b)
}

// runSpeaker is the loudspeaker process.
func runSpeaker([]string) error {
	if err := sound.Speak(os.Stdin, os.Stdout, soundBuffer); err != nil {
		return fmt.Errorf("speaker: %w", err)
	}
	return nil
}
