package sound

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"ark"
	"ark/agent"
)

// puppet is a loudspeaker process that a test leads: it opens its device once
// a file is there, and consumes at once whatever it is given.
func puppet(file string) {
	for {
		if _, err := os.Stat(file); err == nil {
			break
		}
		time.Sleep(5 * time.Millisecond) // another process makes the file
	}
	say := func(kind byte, n int64) { os.Stdout.Write(binary.BigEndian.AppendUint64([]byte{kind}, uint64(n))) }
	say(repReady, 0)
	go func() { // as long as the process
		for n := range time.Tick(beatEvery) {
			say(repAlive, n.Unix())
		}
	}()
	if script, _ := os.ReadFile(file); bytes.Equal(script, []byte("die")) {
		return
	}
	in := bufio.NewReader(os.Stdin)
	var head [5]byte
	for frames := int64(0); ; {
		if _, err := io.ReadFull(in, head[:]); err != nil {
			return
		}
		payload := make([]byte, binary.BigEndian.Uint32(head[1:]))
		if _, err := io.ReadFull(in, payload); err != nil {
			return
		}
		switch head[0] {
		case msgSplit:
			if from := int64(binary.BigEndian.Uint64(payload)); from < frames {
				say(repLate, frames)
				continue
			}
			say(repSplit, frames)
			payload = payload[8:]
			fallthrough
		case msgSamples:
			frames += int64(len(payload) / 2)
			say(repConsumed, frames)
		case msgEnd:
			say(repEnded, frames)
			frames = 0
		}
	}
}

// puppets leads a puppet: pull writes the file that it waits for.
func puppets(t *testing.T) (command func() *exec.Cmd, pull func(script string), begun func() []time.Time) {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(t.TempDir(), "strings")
	var mu sync.Mutex
	var times []time.Time
	command = func() *exec.Cmd {
		mu.Lock()
		defer mu.Unlock()
		times = append(times, time.Now())
		c := exec.Command(self)
		c.Env = append(os.Environ(), "ARK_TEST_PUPPET="+file)
		return c
	}
	pull = func(script string) {
		if err := os.WriteFile(file+".new", []byte(script), 0o600); err != nil {
			t.Fatal(err)
		}
		if err := os.Rename(file+".new", file); err != nil {
			t.Fatal(err)
		}
	}
	begun = func() []time.Time {
		mu.Lock()
		defer mu.Unlock()
		return append([]time.Time(nil), times...)
	}
	return command, pull, begun
}

// A press while the device is being opened is heard, not played to nobody.
func TestAPressWaitsForTheDevice(t *testing.T) {
	command, pull, _ := puppets(t)
	l, prog, _ := library(t, 100*time.Millisecond)
	p := start(t, Config{Library: l, Command: command})
	if e := next[agent.SoundChanged](t, p); e.State.Device != "" {
		t.Errorf("before the device is open: %+v", e.State)
	}
	p.Play(agent.Play{Program: prog})
	pull("play")
	started, ended := all(t, p)
	if len(started) != 1 || started[0].Silent || ended[0].Why != "" || ended[0].Consumed != ended[0].Frames {
		t.Fatalf("%+v %+v", started, ended)
	}
}

// noneAtFirst is a command of which the first process finds no device.
func noneAtFirst(working func() *exec.Cmd) func() *exec.Cmd {
	var once sync.Once
	return func() *exec.Cmd {
		c := working()
		once.Do(func() { c = exec.Command("/bin/false") })
		return c
	}
}

// A device that appears while a program runs in silence is used after it.
func TestADeviceAppears(t *testing.T) {
	working, pull, _ := puppets(t)
	pull("play")
	command := noneAtFirst(working)
	l, prog, _ := library(t, 2500*time.Millisecond) // longer than the first pause before another try
	p := start(t, Config{Library: l, Command: command})
	for p.State().Device != silent {
		next[agent.SoundChanged](t, p)
	}
	p.Play(agent.Play{Program: prog})
	if e := next[agent.SegmentStarted](t, p); !e.Silent {
		t.Fatal("heard on a device that is not open")
	}
	if e := next[agent.SegmentEnded](t, p); e.Why != "" || e.Consumed != e.Frames {
		t.Fatalf("the program in silence ended %+v", e)
	}
	awaitDevice(t, p, false)
	p.Play(agent.Play{Program: prog})
	if started, _ := all(t, p); started[0].Silent {
		t.Fatal("the device is not used")
	}
}

// Music does not wait for its end: it goes over to a device that appears,
// without a frame lost or doubled.
func TestMusicGoesOverToADevice(t *testing.T) {
	working, pull, _ := puppets(t)
	pull("play")
	command := noneAtFirst(working)
	l, prog, _ := library(t, time.Minute)
	p := start(t, Config{Library: l, Command: command})
	for p.State().Device != silent {
		next[agent.SoundChanged](t, p)
	}
	prog.Bed = true
	p.Play(agent.Play{Program: prog})
	if e := next[agent.SegmentStarted](t, p); !e.Silent {
		t.Fatal("heard on a device that is not open")
	}
	if e := next[agent.SegmentEnded](t, p); e.Why != "" || e.Consumed != e.Frames { // puppets take all at once
		t.Fatalf("it ended %+v", e)
	}
	if p.State().Silent {
		t.Fatal("the device is not used")
	}
}

// A device that dies as soon as it is open is not opened again and again.
func TestADyingDeviceIsLeftAlone(t *testing.T) {
	command, pull, begun := puppets(t)
	pull("die")
	l, _, _ := library(t, 100*time.Millisecond)
	p := start(t, Config{Library: l, Command: command})
	for len(begun()) < 3 {
		next[agent.SoundChanged](t, p)
	}
	if times := begun(); times[2].Sub(times[0]) < firstRetry+2*firstRetry {
		t.Fatalf("three processes in %v", times[2].Sub(times[0]))
	}
}

// What a dead process left behind and still holds its pipes keeps nobody.
func TestAnHeirOfThePipesKeepsNobody(t *testing.T) {
	d, err := startChild(exec.Command("sh", "-c", "sleep 20 & echo $! >&2; exec sleep 20"))
	if err != nil {
		t.Fatal(err)
	}
	for d.said.line() == "" {
		time.Sleep(time.Millisecond) // the shell says it when the heir lives
	}
	heir := d.said.line()
	closed := make(chan struct{})
	go func() { d.close(); close(closed) }()
	select {
	case <-closed:
	case <-time.After(10 * time.Second):
		t.Error("close waits for the heir")
	}
	exec.Command("kill", heir).Run()
	<-closed
}

// A burst of programs: each is told to have ended, once.
func TestNoProgramIsForgotten(t *testing.T) {
	l, prog, _ := library(t, 100*time.Millisecond, 100*time.Millisecond)
	p := start(t, Config{Library: l})
	const n = 500
	for i := range n {
		prog.Broadcast = ark.ID{1, byte(i >> 8), byte(i)}
		p.Play(agent.Play{Program: prog})
	}
	ended := map[ark.ID]int{}
	for range n {
		ended[next[agent.ProgramEnded](t, p).Broadcast]++
	}
	if len(ended) != n {
		t.Fatalf("%d programs ended, want %d", len(ended), n)
	}
}

// At the end of Run it is told how far the device had come, and then nothing
// more.
func TestTheEndIsTold(t *testing.T) {
	l, prog, _ := library(t, 5*time.Second)
	p, stop := startStoppable(t, Config{Library: l})
	p.Play(agent.Play{Program: prog})
	next[agent.SegmentStarted](t, p)
	waits := prog
	waits.Broadcast = ark.ID{2}
	p.Play(agent.Play{Program: waits})
	stop()
	_, ended := all(t, p)
	if len(ended) != 1 || (ended[0].Why != ark.WhyRestarted && ended[0].Why != ark.WhyReplaced) || ended[0].Consumed == 0 || ended[0].Consumed >= ended[0].Frames {
		t.Fatalf("%+v", ended)
	}
	if _, ended = all(t, p); len(ended) != 1 || ended[0].Broadcast != waits.Broadcast || ended[0].Why != ark.WhyRestarted || ended[0].Consumed != 0 {
		t.Fatalf("what waited: %+v", ended)
	}
	if e, more := <-p.Events(); more {
		t.Fatalf("then came %+v", e)
	}
}

// A card that fails under a recording costs that recording, not the program.
func TestACardThatFailsUnderARecording(t *testing.T) {
	l, prog, _ := library(t, 200*time.Millisecond, 100*time.Millisecond)
	if err := os.Truncate(filepath.Join(l.dir, prog.Segments[0].Content.String()+".wav"), 4096); err != nil {
		t.Fatal(err)
	}
	r, buf := newReel(prog, l.samples), bytes.Repeat([]byte{0x55}, 9600)
	r.read(buf, 0)
	if !bytes.Equal(buf[8192:], make([]byte, len(buf)-8192)) || !r.pieces[0].unread {
		t.Error("what cannot be read is not silence")
	}
	p := start(t, Config{Library: l})
	p.Play(agent.Play{Program: prog})
	_, ended := all(t, p)
	if len(ended) != 2 || ended[0].Why != ark.WhyDamaged || ended[1].Why != "" || ended[1].Consumed != ended[1].Frames {
		t.Fatalf("%+v", ended)
	}
}
