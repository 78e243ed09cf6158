package sound

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"io"
	"log/slog"
	"math"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"syscall"
	"testing"
	"time"

	"ark"
	"ark/agent"
	"ark/internal/hearing"
)

type lockedBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (l *lockedBuffer) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

func (l *lockedBuffer) len() int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Len()
}

func (l *lockedBuffer) samples() []int16 {
	l.mu.Lock()
	defer l.mu.Unlock()
	return toSamples(l.b.Bytes())
}

func toSamples(b []byte) []int16 {
	s := make([]int16, len(b)/2)
	for i := range s {
		s[i] = int16(binary.LittleEndian.Uint16(b[2*i:]))
	}
	return s
}

// noise is a recording that no other is like.
func noise(seed uint64, length time.Duration) []int16 {
	rng := rand.New(rand.NewPCG(seed, 1))
	s := make([]int16, int(length.Seconds()*ark.SampleRate))
	v := 0.0
	for i := range s {
		v = 0.7*v + 0.3*(rng.Float64()*2-1)
		s[i] = int16(v * 20000)
	}
	return s
}

// library writes recordings and opens them.
func library(t testing.TB, lengths ...time.Duration) (*Library, agent.Program, [][]int16) {
	t.Helper()
	dir := t.TempDir()
	a := ark.Announcement{ID: "test", Version: 1}
	files := map[ark.Hash][]byte{}
	var all [][]int16
	p := agent.Program{Broadcast: ark.ID{1}}
	for i, d := range lengths {
		s := noise(uint64(i+1), d)
		data := WAV(s)
		h := ark.HashOf(data)
		files[h] = data
		all = append(all, s)
		lang := ark.Language([]string{"cmn-Hans-CN", "yue-Hant-HK", "en"}[i%3])
		a.Recordings = append(a.Recordings, ark.Recording{Language: lang, Content: h, Frames: int64(len(s))})
		p.Segments = append(p.Segments, agent.Segment{Language: lang, Content: h, Frames: int64(len(s)), Gap: 50 * time.Millisecond})
	}
	if err := WriteLibrary(dir, []ark.Announcement{a}, files); err != nil {
		t.Fatal(err)
	}
	l, err := OpenLibrary(dir)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(l.Close)
	return l, p, all
}

var began = time.Now()

func mono() time.Duration { return time.Since(began) }

func start(t testing.TB, c Config) *Player {
	t.Helper()
	p, _ := startStoppable(t, c)
	return p
}

func startStoppable(t testing.TB, c Config) (p *Player, stop func()) {
	t.Helper()
	c.Mono, c.Log = mono, slog.New(slog.NewTextHandler(io.Discard, nil))
	if c.Buffer == 0 {
		c.Buffer = 20 * time.Millisecond
	}
	p = New(c)
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan struct{})
	go func() { p.Run(ctx); close(done) }()
	stop = func() { cancel(); <-done }
	t.Cleanup(stop)
	return p, stop
}

// next waits for the next event of a type.
func next[E agent.Event](t testing.TB, p *Player) E {
	t.Helper()
	enough := time.After(time.Minute)
	for {
		select {
		case e := <-p.Events():
			if want, ok := e.(E); ok {
				return want
			}
		case <-enough:
			var zero E
			t.Fatalf("no %T came", zero)
		}
	}
}

// all collects events up to the program's end.
func all(t testing.TB, p *Player) (started []agent.SegmentStarted, ended []agent.SegmentEnded) {
	t.Helper()
	enough := time.After(time.Minute)
	for {
		select {
		case e := <-p.Events():
			switch e := e.(type) {
			case agent.SegmentStarted:
				started = append(started, e)
			case agent.SegmentEnded:
				ended = append(ended, e)
			case agent.ProgramEnded:
				return started, ended
			}
		case <-enough:
			t.Fatal("the program does not end")
		}
	}
}

func awaitDevice(t testing.TB, p *Player, silent bool) {
	t.Helper()
	for p.State().Silent != silent {
		next[agent.SoundChanged](t, p)
	}
}

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
	p.Play(prog)
	started, ended := all(t, p)
	if len(started) != 1 || started[0].Silent || len(ended) != 1 || ended[0].Why != "" || ended[0].Consumed != int64(len(recs[0])) {
		t.Fatalf("%+v %+v; want all of it on the real device", started, ended)
	}
}

// Without a device the same press is counted off in silence, and soon.
func TestAPressWithoutADeviceStillEnds(t *testing.T) {
	l, prog, recs := library(t, 100*time.Millisecond)
	p := start(t, Config{Library: l, Command: func() *exec.Cmd { return exec.Command("/bin/false") }})
	p.Play(prog)
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
		p.Play(prog)
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
		p.Play(prog)
		next[agent.SegmentStarted](t, p)
		before := time.Now()
		p.Hush(prog.Broadcast, ark.WhyStopped)
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
		second := agent.Program{Broadcast: ark.ID{2}, Segments: []agent.Segment{{}}} // the chime alone
		p.Play(first)
		next[agent.SegmentStarted](t, p)
		p.Play(second)
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
		p.Play(prog)
		started, ended := all(t, p)
		if len(started) != 1 || started[0].Segment != 1 || ended[0].Why != ark.WhyMissing || ended[1].Why != "" || ended[1].Consumed != ended[1].Frames {
			t.Fatalf("%+v %+v", started, ended)
		}
	})
	t.Run("nothing", func(t *testing.T) {
		l, prog, _ := library(t, 100*ms)
		prog.Segments[0].Content = ark.Hash{9}
		p := open(t, l)
		p.Play(prog)
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
	p.Play(prog)
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
	p.Play(prog)
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
	p.Play(prog)
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
	p.Play(prog)
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

func TestLibrarySortsOutTheBad(t *testing.T) {
	l, prog, _ := library(t, 50*time.Millisecond, 60*time.Millisecond, 70*time.Millisecond)
	dir := l.dir
	path := func(i int) string { return filepath.Join(dir, prog.Segments[i].Content.String()+".wav") }
	if err := os.Remove(path(0)); err != nil {
		t.Fatal(err)
	}
	data, err := os.ReadFile(path(1))
	if err != nil {
		t.Fatal(err)
	}
	data[100] ^= 1
	if err := os.WriteFile(path(1), data, 0o600); err != nil {
		t.Fatal(err)
	}
	l, err = OpenLibrary(dir)
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	for i, want := range []string{ark.WhyMissing, ark.WhyDamaged, ""} {
		if _, why := l.samples(prog.Segments[i].Content); why != want {
			t.Errorf("recording %d: %q, want %q", i, why, want)
		}
	}
}

func TestReelJoinsExactly(t *testing.T) {
	l, prog, recs := library(t, 30*time.Millisecond, 40*time.Millisecond)
	r := newReel(prog, l.samples)
	var got []byte
	buf := make([]byte, 1000) // not a divisor of anything
	for n := r.read(buf); n > 0; n = r.read(buf) {
		got = append(got, buf[:n]...)
	}
	gap := make([]int16, ark.SampleRate/20)
	want := append(append(append(append([]int16{}, recs[0]...), gap...), recs[1]...), gap...)
	have := toSamples(got)
	if int64(len(have)) != r.total || len(have) != len(want) {
		t.Fatalf("%d frames, want %d", len(have), len(want))
	}
	for i := range want {
		if have[i] != want[i] {
			t.Fatalf("frame %d is %d, want %d", i, have[i], want[i])
		}
	}
}

func TestChimeIsGentle(t *testing.T) {
	s := toSamples(chime())
	peak := 0.0
	for _, v := range s {
		peak = math.Max(peak, math.Abs(float64(v))/32768)
	}
	if peak < 0.1 || peak > 0.7 || s[0] != 0 || math.Abs(float64(s[len(s)-1])) > 100 {
		t.Fatalf("peak %.2f, from %d to %d", peak, s[0], s[len(s)-1])
	}
}

func TestWAVRefusals(t *testing.T) {
	good := WAV(noise(1, time.Millisecond))
	if _, err := parseWAV(good); err != nil {
		t.Fatal(err)
	}
	for name, change := range map[string]func([]byte) []byte{
		"empty": func(b []byte) []byte { return nil }, "cut": func(b []byte) []byte { return b[:50] },
		"stereo": func(b []byte) []byte { b[22] = 2; return b }, "rate": func(b []byte) []byte { b[24]++; return b },
		"8 bit": func(b []byte) []byte { b[34] = 8; return b }, "no data": func(b []byte) []byte { return b[:36] },
		"huge": func(b []byte) []byte { b[43] = 0xff; return b },
	} {
		if _, err := parseWAV(change(bytes.Clone(good))); !errors.Is(err, ErrWAV) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func FuzzParseWAV(f *testing.F) {
	f.Add(WAV(noise(1, time.Millisecond)))
	f.Fuzz(func(t *testing.T, data []byte) {
		samples, err := parseWAV(data)
		if err == nil && len(samples)%2 != 0 {
			t.Fatal("half a frame")
		}
	})
}
