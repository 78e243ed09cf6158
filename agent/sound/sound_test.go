package sound

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"testing"
	"time"

	"ark"
	"ark/agent"
	"ark/internal/hearing"
)

// Both devices pass the same suite.
func TestDevices(t *testing.T) {
	t.Run("silent", func(t *testing.T) {
		deviceSuite(t, func(t *testing.T, l *Library) *Player { return start(t, Config{Library: l}) })
	})
	t.Run("pulse", func(t *testing.T) {
		server := startPulse(t)
		deviceSuite(t, func(t *testing.T, l *Library) *Player {
			p := start(t, Config{Library: l, Command: server.speaker(t)})
			awaitDevice(t, p, false)
			return p
		})
	})
}

// A press while the device is still being opened waits for it: it is heard,
// and not counted off in silence.
func TestAPressAtTheStartIsHeard(t *testing.T) {
	server := startPulse(t)
	l, prog, recs := library(t, 200*time.Millisecond)
	p := start(t, Config{Library: l, Command: server.speaker(t)})
	p.Play(agent.Play{Program: prog})
	started, ended := all(t, p)
	if len(started) != 1 || started[0].Silent || len(ended) != 1 || ended[0].Why != "" || ended[0].Consumed != int64(len(recs[0])) {
		t.Fatalf("%+v %+v; want all of it on the real device", started, ended)
	}
}

// Without a device the same press is counted off in silence, and soon.
func TestAPressWithoutADeviceStillEnds(t *testing.T) {
	l, prog, recs := library(t, 100*time.Millisecond)
	p := start(t, Config{Library: l, Command: func() *exec.Cmd { return exec.Command("/bin/false") }})
	p.Play(agent.Play{Program: prog})
	for p.State().Device != "silent" {
		next[agent.SoundChanged](t, p)
	}
	started, ended := all(t, p)
	if len(started) != 1 || !started[0].Silent || len(ended) != 1 || ended[0].Consumed != int64(len(recs[0])) {
		t.Fatalf("%+v %+v; want all of it on the silent device", started, ended)
	}
}

func deviceSuite(t *testing.T, open func(*testing.T, *Library) *Player) {
	const ms = time.Millisecond
	t.Run("whole", func(t *testing.T) {
		l, prog, recs := library(t, 200*ms, 300*ms, 250*ms)
		p := open(t, l)
		before := time.Now()
		p.Play(agent.Play{Program: prog})
		started, ended := all(t, p)
		if took := time.Since(before); took < 800*ms {
			t.Errorf("900 ms of sound took %v", took)
		}
		if len(started) != 3 || len(ended) != 3 {
			t.Fatalf("%d begun, %d ended", len(started), len(ended))
		}
		for i, e := range ended {
			if e.Segment != i || e.Why != "" || e.Consumed != int64(len(recs[i])) || e.Frames != e.Consumed {
				t.Errorf("segment %d: %+v, want %d frames", i, e, len(recs[i]))
			}
		}
	})
	t.Run("hush", func(t *testing.T) {
		l, prog, _ := library(t, 5*time.Second, time.Second)
		p := open(t, l)
		p.Play(agent.Play{Program: prog})
		next[agent.SegmentStarted](t, p)
		before := time.Now()
		p.Hush(agent.Hush{Broadcast: prog.Broadcast, Why: ark.WhyStopped})
		_, ended := all(t, p)
		if took := time.Since(before); took > 2*time.Second {
			t.Errorf("a hush took %v", took)
		}
		if len(ended) != 2 || ended[0].Why != ark.WhyStopped || ended[0].Consumed == 0 || ended[0].Consumed >= ended[0].Frames || ended[1].Consumed != 0 {
			t.Errorf("%+v", ended)
		}
	})
	t.Run("replaced", func(t *testing.T) {
		l, first, _ := library(t, 5*time.Second)
		p := open(t, l)
		second := agent.Program{Broadcast: ark.ID{2}, Segments: []agent.Segment{{Sound: agent.SoundChime}}} // the chime alone
		p.Play(agent.Play{Program: first})
		next[agent.SegmentStarted](t, p)
		p.Play(agent.Play{Program: second})
		if e := next[agent.SegmentEnded](t, p); e.Broadcast != first.Broadcast || e.Why != ark.WhyReplaced {
			t.Fatalf("%+v", e)
		}
		next[agent.ProgramEnded](t, p)
		_, ended := all(t, p)
		if len(ended) != 1 || ended[0].Broadcast != second.Broadcast || ended[0].Why != "" || ended[0].Consumed != int64(len(chime())/2) {
			t.Fatalf("%+v", ended)
		}
	})
	t.Run("missing", func(t *testing.T) {
		l, prog, _ := library(t, 100*ms, 100*ms)
		prog.Segments[0].Content = ark.Hash{9}
		p := open(t, l)
		p.Play(agent.Play{Program: prog})
		started, ended := all(t, p)
		if len(started) != 1 || started[0].Segment != 1 || ended[0].Why != ark.WhyMissing || ended[1].Why != "" || ended[1].Consumed != ended[1].Frames {
			t.Fatalf("%+v %+v", started, ended)
		}
	})
	t.Run("nothing", func(t *testing.T) {
		l, prog, _ := library(t, 100*ms)
		prog.Segments[0].Content = ark.Hash{9}
		p := open(t, l)
		p.Play(agent.Play{Program: prog})
		if started, ended := all(t, p); len(started) != 0 || len(ended) != 1 {
			t.Fatalf("%+v %+v", started, ended)
		}
	})
}

// What was heard at the sink is each recording, whole and in order.
func TestEachRecordingIsHeard(t *testing.T) {
	server := startPulse(t)
	l, prog, recs := library(t, 700*time.Millisecond, 900*time.Millisecond, 800*time.Millisecond)
	// A buffer that outlasts whatever else a test machine does: what is judged
	// is which frames are played, not whether the machine keeps up.
	const buffer = 400 * time.Millisecond
	p := start(t, Config{Library: l, Command: server.speakerWith(t, buffer), Buffer: buffer})
	awaitDevice(t, p, false)
	stop := server.record(t)
	p.Play(agent.Play{Program: prog})
	if _, ended := all(t, p); ended[2].Why != "" {
		t.Fatalf("it was not played to its end: %+v", ended)
	}
	heard := stop()
	after := 0
	for i, rec := range recs {
		at, share := hearing.Follow(heard, rec) // a busy machine may leave gaps
		if share < 0.75 {
			t.Errorf("recording %d: only %.2f of it was heard", i, share)
		}
		if at < after {
			t.Errorf("recording %d at %d, before the end of the one before it at %d", i, at, after)
		}
		after = at + len(rec)
	}
}

func TestAStalledServerIsNoticed(t *testing.T) {
	server := startPulse(t)
	l, prog, _ := library(t, 5*time.Second)
	p := start(t, Config{Library: l, Command: server.speaker(t)})
	awaitDevice(t, p, false)
	p.Play(agent.Play{Program: prog})
	next[agent.SegmentStarted](t, p)
	server.cmd.Process.Signal(syscall.SIGSTOP)
	before := time.Now()
	e := next[agent.SegmentEnded](t, p)
	if took := time.Since(before); took > 4*time.Second { // the program would have lasted five
		t.Errorf("noticed after %v", took)
	}
	if e.Why != ark.WhyStalled || e.Consumed == 0 || e.Consumed >= e.Frames {
		t.Errorf("%+v", e)
	}
	awaitDevice(t, p, true)
	server.cmd.Process.Signal(syscall.SIGCONT)
	awaitDevice(t, p, false)
	if p.State().Restarts != 1 {
		t.Errorf("restarts: %d", p.State().Restarts)
	}
}

func TestALostServerIsNoticed(t *testing.T) {
	server := startPulse(t)
	l, prog, _ := library(t, 5*time.Second)
	p := start(t, Config{Library: l, Command: server.speaker(t)})
	awaitDevice(t, p, false)
	p.Play(agent.Play{Program: prog})
	next[agent.SegmentStarted](t, p)
	before := time.Now()
	server.kill()
	e := next[agent.SegmentEnded](t, p)
	if took := time.Since(before); took > 4*time.Second { // the program would have lasted five
		t.Errorf("noticed after %v", took)
	}
	if e.Why != ark.WhyDeviceLost && e.Why != ark.WhyStalled {
		t.Errorf("%+v", e)
	}
	awaitDevice(t, p, true)
}

func TestAKilledLoudspeakerProcessIsReplaced(t *testing.T) {
	server := startPulse(t)
	l, prog, _ := library(t, 5*time.Second)
	p := start(t, Config{Library: l, Command: server.speaker(t)})
	awaitDevice(t, p, false)
	p.Play(agent.Play{Program: prog})
	next[agent.SegmentStarted](t, p)
	killChildren(t)
	if e := next[agent.SegmentEnded](t, p); e.Why != ark.WhyDeviceLost {
		t.Errorf("%+v", e)
	}
	awaitDevice(t, p, true)
	awaitDevice(t, p, false)
}

// killChildren kills the loudspeaker processes of this test binary.
func killChildren(t *testing.T) {
	t.Helper()
	tasks, err := filepath.Glob("/proc/self/task/*/children")
	if err != nil {
		t.Fatal(err)
	}
	for _, task := range tasks {
		data, err := os.ReadFile(task)
		if err != nil {
			continue
		}
		for _, word := range bytes.Fields(data) {
			exe, err := os.Readlink("/proc/" + string(word) + "/exe")
			self, _ := os.Executable()
			if err == nil && exe == self {
				var pid int
				for _, c := range word {
					pid = pid*10 + int(c-'0')
				}
				syscall.Kill(pid, syscall.SIGKILL)
			}
		}
	}
}
