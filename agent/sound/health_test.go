package sound

import (
	"os/exec"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"ark"
	"ark/agent"
)

// trouble is what is done to a sound server, and how it is undone.
type trouble struct {
	name string
	do   func(*pulse, *testing.T)
	undo func(*pulse, *testing.T)
	why  []string // as which the player may tell of it
}

var troubles = []trouble{
	{"frozen", (*pulse).freeze, (*pulse).thaw, []string{ark.WhyStalled}},
	{"killed", func(p *pulse, _ *testing.T) { p.kill() }, (*pulse).restart, []string{ark.WhyDeviceLost, ark.WhyStalled}},
	{"sink unloaded", (*pulse).unload, (*pulse).load, []string{ark.WhyDeviceLost, ark.WhyStalled, ark.WhyNoCard}},
}

func (p *pulse) freeze(*testing.T) { p.cmd.Process.Signal(syscall.SIGSTOP) }
func (p *pulse) thaw(*testing.T)   { p.cmd.Process.Signal(syscall.SIGCONT) }

func (p *pulse) restart(t *testing.T) {
	t.Helper()
	cmd := exec.Command(p.cmd.Path, p.cmd.Args[1:]...)
	cmd.Env = p.cmd.Env
	p.cmd = cmd
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	for deadline := time.Now().Add(time.Minute); p.answers() != nil; {
		if time.Now().After(deadline) {
			t.Fatal("the sound server does not start again")
		}
	}
}

func (p *pulse) unload(t *testing.T) { p.say(t, "unload-module", "module-null-sink") }
func (p *pulse) load(t *testing.T) {
	p.say(t, "load-module", "module-null-sink", "sink_name=null", "rate=48000", "channels=1", "norewinds=1")
}

func (p *pulse) say(t *testing.T, words ...string) {
	t.Helper()
	if out, err := p.tool("pactl", words...).CombinedOutput(); err != nil {
		t.Fatalf("pactl %s: %v: %s", strings.Join(words, " "), err, out)
	}
}

// What goes wrong while nothing sounds is noticed as well, and healed once it
// can be: the press after it is heard.
func TestTroubleAtRest(t *testing.T) {
	for _, tr := range troubles {
		t.Run(tr.name, func(t *testing.T) {
			server := startPulse(t)
			l, prog, _ := library(t, 300*time.Millisecond)
			p := start(t, Config{Library: l, Command: server.speaker(t)})
			awaitDevice(t, p, false)
			began := time.Now()
			tr.do(server, t)
			awaitDevice(t, p, true)
			t.Logf("%s at rest, noticed after %v", tr.name, time.Since(began))
			if why := p.State().Fault; !slices.Contains(tr.why, why) {
				t.Errorf("the fault is %q, want one of %q", why, tr.why)
			}
			began = time.Now()
			tr.undo(server, t)
			awaitDevice(t, p, false)
			t.Logf("%s at rest, replaced %v after it could be", tr.name, time.Since(began))
			heardWhole(t, p, prog)
		})
	}
}

// What goes wrong under a recording is told truthfully: no frame is called
// consumed that was not, and the next press is heard.
func TestTroubleUnderARecording(t *testing.T) {
	for _, tr := range troubles {
		t.Run(tr.name, func(t *testing.T) {
			server := startPulse(t)
			l, prog, _ := library(t, 10*time.Second)
			p := start(t, Config{Library: l, Command: server.speaker(t)})
			awaitDevice(t, p, false)
			p.Play(agent.Play{Program: prog})
			next[agent.SegmentStarted](t, p)
			began := time.Now()
			tr.do(server, t)
			e := next[agent.SegmentEnded](t, p)
			took := time.Since(began)
			t.Logf("%s under a recording, noticed after %v", tr.name, took)
			if !slices.Contains(tr.why, e.Why) || e.Consumed == 0 || e.Consumed >= e.Frames {
				t.Errorf("it ended %+v, want one of %q and a part", e, tr.why)
			}
			next[agent.ProgramEnded](t, p)
			awaitDevice(t, p, true)
			began = time.Now()
			tr.undo(server, t)
			awaitDevice(t, p, false)
			t.Logf("%s under a recording, replaced %v after it could be", tr.name, time.Since(began))
			prog.Segments[0].Content, prog.Segments[0].Sound = ark.Hash{}, agent.SoundChime
			heardWhole(t, p, prog)
		})
	}
}

func heardWhole(t *testing.T, p *Player, prog agent.Program) {
	t.Helper()
	p.Play(agent.Play{Program: prog})
	started, ended := all(t, p)
	if len(started) != len(prog.Segments) || started[0].Silent || ended[0].Why != "" || ended[0].Consumed != ended[0].Frames {
		t.Errorf("then it was not heard: %+v %+v", started, ended)
	}
}
