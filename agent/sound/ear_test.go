package sound

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"math"
	"math/rand/v2"
	"os"
	"os/exec"
	"slices"
	"strings"
	"testing"
	"time"

	"ark"
	"ark/agent"
	"ark/firmware-config/demo"
)

// An input gives what its process records, and says why it ended.
func TestAnInput(t *testing.T) {
	want := toBytes(noise(1, 1e9))
	file := t.TempDir() + "/samples"
	if err := os.WriteFile(file, want, 0o600); err != nil {
		t.Fatal(err)
	}
	in, err := Capture(func() *exec.Cmd {
		return exec.Command("sh", "-c", "cat "+file+"; echo first >&2; echo no such device >&2; exit 1")
	})(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	got, err := io.ReadAll(in)
	if err == nil || !strings.HasSuffix(err.Error(), "no such device") || !errors.Is(err, io.EOF) {
		t.Errorf("it ended by %v, want the process's last word", err)
	}
	if !bytes.Equal(got, want) {
		t.Errorf("%d bytes came, of %d, or others", len(got), len(want))
	}
	in.Close()
	if _, err := Capture(func() *exec.Cmd { return exec.Command("/no/such/program") })(t.Context()); err == nil {
		t.Error("an input without a program was opened")
	}
}

// Close ends a process that records for ever, and a Read that waits for it; so
// does the end of the context. No process is left behind.
func TestAnInputEnds(t *testing.T) {
	for _, by := range []string{"close", "context"} {
		ctx, cancel := context.WithCancel(t.Context())
		var cmd *exec.Cmd
		in, err := Capture(func() *exec.Cmd { cmd = exec.Command("sleep", "1000"); return cmd })(ctx)
		if err != nil {
			t.Fatal(err)
		}
		ended := make(chan error)
		go func() {
			_, err := in.Read(make([]byte, 2))
			ended <- err
		}()
		if by == "close" {
			in.Close()
		} else {
			cancel()
		}
		if err := <-ended; err == nil {
			t.Errorf("by %s: a read of nothing succeeded", by)
		}
		in.Close()
		cancel()
		if cmd.ProcessState == nil {
			t.Errorf("by %s: nobody waited for the process", by)
		}
	}
}

// room is what a microphone hears of a sound: later, softer, with echoes, and
// with noise that is snr dB under it.
func room(s []int16, late int, gain, snr float64, seed uint64) []int16 {
	rng := rand.New(rand.NewPCG(seed, 3))
	sum, power := make([]float64, late+len(s)+ark.SampleRate/2), 0.0
	for i, x := range s {
		v := gain * float64(x)
		power += v * v
		for echo, g := range []float64{1, 0.5, 0.3, 0.2} {
			if at := late + i + echo*1700; at < len(sum) {
				sum[at] += g * v
			}
		}
	}
	sigma, low := math.Sqrt(power/float64(len(s)))*math.Pow(10, -snr/20), 0.0
	out := make([]int16, len(sum))
	for i, x := range sum {
		low = 0.9*low + 0.436*rng.NormFloat64() // as much power as white noise, most of it low
		out[i] = int16(max(-32768, min(32767, x+sigma*low)))
	}
	return out
}

func levelsOf(s []int16) []float32 {
	var l levels
	l.add(toBytes(s))
	return l.all
}

func tonesOf(s []int16) ark.Hearing {
	l := listening{check: true}
	l.hear(toBytes(s))
	return tonesHeard(l.tones)
}

// demoRecordings are the demonstration's, by announcement and language.
func demoRecordings(t *testing.T) (all [][]int16) {
	t.Helper()
	list, files, err := demo.Announcements(ark.EncodeWAV)
	if err != nil {
		t.Fatal(err)
	}
	for _, a := range list {
		for _, r := range a.Recordings {
			all = append(all, toSamples(files[r.Content][44:]))
		}
	}
	return all
}

func TestTheTonesAreHeard(t *testing.T) {
	tones := toSamples(checkSound())
	if len(tones) != checkFrames {
		t.Fatalf("%d frames", len(tones))
	}
	for _, c := range []struct {
		name      string
		late      int
		gain, snr float64
	}{
		{"as sent", 0, 1, 60}, {"late", 2 * ark.SampleRate, 0.5, 30}, {"softly", 777, 0.003, 20},
		{"in noise as loud", 12_345, 0.3, 0}, {"in noise that is louder", 501, 0.3, -6}, {"too loud", 100, 12, 40},
	} {
		if got := tonesOf(room(tones, c.late, c.gain, c.snr, 1)); got != ark.HeardYes {
			t.Errorf("%s: %v, want heard", c.name, got)
		}
	}
}

// sine is a sum of tones.
func sine(length int, hz ...float64) []int16 {
	s := make([]int16, length)
	for i := range s {
		for _, f := range hz {
			s[i] += int16(6000 * math.Sin(2*math.Pi*f*float64(i)/ark.SampleRate))
		}
	}
	return s
}

func TestNothingElsePassesForTheTones(t *testing.T) {
	const long = 3 * ark.SampleRate
	tones := toSamples(checkSound())
	backwards, cut, swept := make([]int16, len(tones)), make([]int16, len(tones)), make([]int16, long)
	for i, x := range tones {
		backwards[len(tones)-1-i] = x
		if i < toneLead+3*(toneFrames+toneGap) {
			cut[i] = x
		}
	}
	for i := range swept {
		at := float64(i) / long
		swept[i] = int16(8000 * math.Sin(2*math.Pi*(500*at+1250*at*at)*long/ark.SampleRate))
	}
	music := []int16{}
	for i := range 60 {
		music = append(music, sine(ark.SampleRate/8, 440*math.Pow(2, float64(i*7%24)/12))...)
	}
	for name, s := range map[string][]int16{
		"silence": make([]int16, long), "noise": noise(4, 3*time.Second), "hum": sine(long, 50, 100, 150, 250, 700, 1050, 1700, 2600),
		"one tone for ever": sine(long, checkTones[0]), "all at once": sine(long, checkTones...), "backwards": backwards,
		"three of four": cut, "a sweep": swept, "music": music, "the chime": append(toSamples(chime()), make([]int16, long)...),
	} {
		if got := tonesOf(s); got != ark.HeardNo {
			t.Errorf("%s: %v, want not heard", name, got)
		}
	}
	for i, r := range demoRecordings(t)[:1] {
		if got := tonesOf(r); got != ark.HeardNo {
			t.Errorf("recording %d passes for the tones", i)
		}
	}
	if got := tonesOf(tones[:ark.SampleRate]); got != ark.HeardUnknown {
		t.Errorf("an input that ended early: %v", got)
	}
}

func TestAnAnnouncementIsHeard(t *testing.T) {
	recs := demoRecordings(t)
	var all [][]int16
	for i := 0; i+2 < len(recs); i += 3 {
		all = append(all, slices.Concat(toSamples(chime()), recs[i], recs[i+1], recs[i+2]))
	}
	for i, r := range all[:1] {
		sent := levelsOf(r)
		want := func(name string, heard []int16, want ark.Hearing) {
			best, known := likeness(sent, levelsOf(heard))
			if got := judge(best, known); got != want {
				t.Errorf("announcement %d, %s: %v by %.2f, want %v", i, name, got, best, want)
			}
		}
		for _, snr := range []float64{40, 0, -5} {
			want(fmt.Sprintf("%v dB over the noise", snr), room(r, 23_456, 0.05, snr, uint64(i)), ark.HeardYes)
		}
		want("the input opened late", r[ark.SampleRate*2/3:], ark.HeardYes)
		want("silence", make([]int16, len(r)+ark.SampleRate), ark.HeardNo)
		want("noise", noise(7, 20*time.Second), ark.HeardNo)
		want("another announcement", room(slices.Concat(all[(i+1)%len(all)], recs[0], recs[1]), 0, 0.3, 20, 1), ark.HeardNo)
	}
	if got := judge(likeness(levelsOf(sine(10*ark.SampleRate, 500)), levelsOf(noise(1, 15e9)))); got != ark.HeardUnknown {
		t.Errorf("what never changes: %v, want unknown", got)
	}
	if got := judge(likeness(levelsOf(noise(1, 1e9)), levelsOf(noise(1, 1e9)))); got != ark.HeardUnknown {
		t.Errorf("a second of sound: %v, want unknown", got)
	}
}

// listener hears what a sink of the server sounds.
func (p *pulse) listener(source string) func(context.Context) (io.ReadCloser, error) {
	return Capture(func() *exec.Cmd {
		c := Recorder("pulse:" + source)()
		c.Env = p.env()
		return c
	})
}

// hearing is what was told of a program, which must come before its end.
func hearingOf(t *testing.T, p *Player, id ark.ID) (result ark.Hearing) {
	t.Helper()
	for {
		e := <-p.Events()
		switch e := e.(type) {
		case agent.Heard:
			if e.Broadcast == id {
				result = e.Result
			}
		case agent.ProgramEnded:
			if e.Broadcast == id {
				return result
			}
		}
	}
}

// A self-test and an announcement through a real sound server, heard at its
// loopback; and not heard at that of another sink.
func TestHeardAtALoopback(t *testing.T) {
	server := startPulse(t)
	server.say(t, "load-module", "module-null-sink", "sink_name=other", "rate=48000", "channels=1", "norewinds=1")
	check := agent.Program{Broadcast: ark.ID{5}, Listen: true, Segments: []agent.Segment{{Sound: agent.SoundCheck}}}
	l, speech := demoProgram(t)
	for _, c := range []struct {
		source   string
		programs []agent.Program
		want     ark.Hearing
	}{{"null.monitor", []agent.Program{check, speech}, ark.HeardYes}, {"other.monitor", []agent.Program{check}, ark.HeardNo}} {
		// A buffer that outlasts what else a test machine does: of a stutter one
		// cannot say that it was heard.
		const buffer = 200 * time.Millisecond
		p := start(t, Config{Library: l, Command: server.speakerWith(t, buffer), Buffer: buffer, Listener: server.listener(c.source)})
		awaitDevice(t, p, false)
		for _, prog := range c.programs {
			p.Play(agent.Play{Program: prog})
			if got := hearingOf(t, p, prog.Broadcast); got != c.want {
				t.Errorf("%d segments heard at %s: %v, want %v", len(prog.Segments), c.source, got, c.want)
			}
		}
	}
}

// demoProgram is one announcement of the demonstration in its first language.
func demoProgram(t *testing.T) (*Library, agent.Program) {
	t.Helper()
	list, files, err := demo.Announcements(ark.EncodeWAV)
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	if err := WriteLibrary(dir, list, files); err != nil {
		t.Fatal(err)
	}
	l, err := OpenLibrary(dir)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(l.Close)
	p := agent.Program{Broadcast: ark.ID{6}, Segments: []agent.Segment{{Sound: agent.SoundChime}}}
	for _, r := range list[0].Recordings[:1] {
		p.Segments = append(p.Segments, agent.Segment{Language: r.Language, Content: r.Content, Frames: r.Frames})
	}
	return l, p
}

// An emergency does not wait for what an ear has to say of the program before
// it, and an input that does not open keeps nobody.
func TestNobodyWaitsForAnEar(t *testing.T) {
	command, pull, _ := puppets(t)
	pull("play")
	l, prog, _ := library(t, 0)
	prog.Segments = []agent.Segment{{Sound: agent.SoundCheck}}
	for name, open := range map[string]func(context.Context) (io.ReadCloser, error){
		"that hears nothing": func(context.Context) (io.ReadCloser, error) { r, _ := io.Pipe(); return r, nil },
		"that does not open": func(context.Context) (io.ReadCloser, error) { return nil, errors.New("busy") },
	} {
		p := start(t, Config{Library: l, Command: command, Listener: open, proc: t.TempDir()})
		awaitDevice(t, p, false)
		p.Play(agent.Play{Program: prog})
		next[agent.SegmentEnded](t, p)
		second := prog
		second.Broadcast = ark.ID{9}
		p.Play(agent.Play{Program: second})
		ended := map[ark.ID]int{}
		for range 2 {
			ended[next[agent.ProgramEnded](t, p).Broadcast]++
		}
		if ended[prog.Broadcast] != 1 || ended[second.Broadcast] != 1 {
			t.Errorf("an ear %s: %v", name, ended)
		}
	}
}
