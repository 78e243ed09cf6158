package sound

import (
	"context"
	"io"
	"log/slog"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"ark"
	"ark/agent"
)

// soakFor is how long a day is: the short form finds what is wrong at once,
// the long one what adds up. `make soak-sound` asks for the long one.
func soakFor(t *testing.T) time.Duration {
	t.Helper()
	word := os.Getenv("ARK_SOAK")
	if word == "" {
		return 20 * time.Minute
	}
	d, err := time.ParseDuration(word)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// A day of announcements, music, cuts, hushes and devices that die, freeze or
// do not open. At its end every program has ended once, nothing was called
// played that was not, nothing took longer than it is long, and nothing grew.
func TestSoak(t *testing.T) {
	length := soakFor(t)
	l, prog, _ := library(t, 3*time.Second, 2*time.Second, 4*time.Second)
	began := time.Now()
	synctest.Test(t, func(t *testing.T) {
		d := newDay(t, l, prog)
		ctx, cancel := context.WithCancel(context.Background())
		var parts sync.WaitGroup
		parts.Go(func() { d.player.Run(ctx) })
		parts.Go(d.listen)
		d.live(length)
		cancel()
		parts.Wait()
		d.judge()
	})
	t.Logf("%v in %v", length, time.Since(began).Round(time.Second))
}

// day is a player and what is known of all that it was asked for.
type day struct {
	t            *testing.T
	player       *Player
	studio       *studio
	rng          *rand.Rand
	began        time.Time
	prog         agent.Program
	mu           sync.Mutex
	plays        map[ark.ID]*asked
	whole, cut   int
	restarts     int
	worst        time.Duration // by which a whole program took longer or shorter than it is long
	early, at    weight
	earlyIsKnown bool
}

// asked is what was told of one program.
type asked struct {
	program agent.Program
	began   time.Duration
	begun   bool
	ends    []int // of each segment
	wrong   bool  // a segment did not finish
	ended   int
}

// weight is what a process may gain over a day.
type weight struct {
	heap       uint64
	goroutines int
	files      int
}

func weigh() (w weight) {
	var m runtime.MemStats
	runtime.GC()
	runtime.GC() // what finalizers let go of
	runtime.ReadMemStats(&m)
	files, _ := filepath.Glob("/proc/self/fd/*") // a fixed pattern
	return weight{m.HeapAlloc, runtime.NumGoroutine(), len(files)}
}

func newDay(t *testing.T, l *Library, prog agent.Program) *day {
	began := time.Now()
	d := &day{t: t, studio: &studio{}, rng: rand.New(rand.NewPCG(1, 2)), began: began, prog: prog, plays: map[ark.ID]*asked{}}
	d.player = New(Config{Library: l, Buffer: 20 * time.Millisecond, Mono: func() time.Duration { return time.Since(began) },
		Command: func() *exec.Cmd { return &exec.Cmd{Env: []string{"HOME=/"}} }, // no sound server
		proc:    t.TempDir(), Log: slog.New(slog.NewTextHandler(io.Discard, nil))})
	d.player.start = d.studio.start
	d.prog.Segments = append([]agent.Segment{{Sound: agent.SoundChime, Gap: 400 * time.Millisecond}}, prog.Segments...)
	return d
}

// live lets things happen, one every three minutes or so.
func (d *day) live(length time.Duration) {
	for d.mono() < length {
		time.Sleep(time.Duration(d.rng.ExpFloat64() * float64(100*time.Second)))
		d.happen()
		d.mu.Lock()
		if !d.earlyIsKnown && d.mono() > length/10 {
			d.early, d.earlyIsKnown = weigh(), true
		}
		d.mu.Unlock()
	}
	time.Sleep(5 * time.Minute) // all of it comes to its end
	d.at = weigh()
}

func (d *day) mono() time.Duration { return time.Since(d.began) }

func (d *day) happen() {
	soon := func() { time.Sleep(time.Duration(d.rng.Int64N(int64(8 * time.Second)))) }
	switch n := d.rng.IntN(20); {
	case n < 10:
		d.play(false, ark.ID{}, "")
	case n < 13:
		d.play(true, ark.ID{}, "")
	case n < 15: // an emergency
		cut := d.play(false, ark.ID{}, "")
		soon()
		d.play(false, cut, ark.WhyReplaced)
	case n < 17:
		id := d.play(false, ark.ID{}, "")
		soon()
		d.player.Turn(agent.Turn{Broadcast: id, Gain: -12})
		soon()
		d.player.Hush(agent.Hush{Broadcast: id, Why: ark.WhyStopped})
	default:
		if d.rng.IntN(2) == 0 {
			d.play(false, ark.ID{}, "")
			soon()
		}
		if d.rng.IntN(3) == 0 {
			d.studio.refuseNext(d.rng.IntN(4))
		}
		if d.rng.IntN(2) == 0 {
			d.studio.trouble((*fakeSpeaker).kill)
		} else {
			d.studio.trouble(func(f *fakeSpeaker) { f.freeze(time.Duration(d.rng.Int64N(int64(20 * time.Second)))) })
		}
	}
}

// play asks for a program under a new id.
func (d *day) play(bed bool, instead ark.ID, why string) ark.ID {
	d.mu.Lock()
	n := len(d.plays) + 1
	p := d.prog
	p.Broadcast, p.Bed = ark.ID{byte(n >> 16), byte(n >> 8), byte(n)}, bed
	if bed {
		p.Segments = nil
		for range 10 {
			p.Segments = append(p.Segments, d.prog.Segments[1:]...)
		}
	}
	d.plays[p.Broadcast] = &asked{program: p, ends: make([]int, len(p.Segments))}
	d.mu.Unlock()
	d.player.Play(agent.Play{Program: p, Instead: instead, Why: why})
	return p.Broadcast
}

// listen keeps the book until the player has ended.
func (d *day) listen() {
	for e := range d.player.Events() {
		d.mu.Lock()
		switch e := e.(type) {
		case agent.SegmentStarted:
			if p := d.plays[e.Broadcast]; !p.begun {
				p.begun, p.began = true, e.At
			}
		case agent.SegmentEnded:
			p := d.plays[e.Broadcast]
			p.ends[e.Segment]++
			p.wrong = p.wrong || e.Why != ""
			if e.Consumed > e.Frames || e.Why == "" && e.Consumed != e.Frames || p.ended > 0 {
				d.t.Errorf("%+v, %d ends", e, p.ended)
			}
		case agent.ProgramEnded:
			d.ended(d.plays[e.Broadcast], e)
		case agent.SoundChanged:
			d.restarts = e.State.Restarts
		}
		d.mu.Unlock()
	}
}

func (d *day) ended(p *asked, e agent.ProgramEnded) {
	if p.ended++; p.wrong || !p.begun {
		d.cut++
		return
	}
	d.whole++
	long := time.Duration(0)
	for i, s := range p.program.Segments {
		frames := s.Frames
		if s.Sound == agent.SoundChime {
			frames = int64(len(chime()) / 2)
		}
		if p.ends[i] == 1 {
			long += time.Duration(frames)*time.Second/ark.SampleRate + s.Gap
		}
	}
	if off := (e.At - p.began - long).Abs(); off > d.worst && !p.program.Bed { // music goes over to another device where it is
		d.worst = off
	}
}

func (d *day) judge() {
	for id, p := range d.plays {
		for i, n := range p.ends {
			if n != 1 {
				d.t.Errorf("segment %d of %v ended %d times", i, id, n)
			}
		}
		if p.ended != 1 {
			d.t.Errorf("%v ended %d times", id, p.ended)
		}
	}
	d.t.Logf("%d programs: %d whole, %d not; %d loudspeaker processes, %d replaced; %v sounded", len(d.plays), d.whole, d.cut,
		d.studio.begun, d.restarts, (time.Duration(d.studio.total/ark.SampleRate) * time.Second))
	d.t.Logf("a program was off its length by %v at most", d.worst)
	d.t.Logf("after a tenth: %d kB, %d goroutines, %d files; at the end: %d kB, %d, %d", d.early.heap>>10, d.early.goroutines, d.early.files,
		d.at.heap>>10, d.at.goroutines, d.at.files)
	if d.whole == 0 || d.cut == 0 || d.restarts == 0 {
		d.t.Error("nothing happened")
	}
	if d.worst > 60*time.Millisecond {
		d.t.Errorf("a program was off by %v", d.worst)
	}
	book := uint64(len(d.plays)) * 4 << 10 // what this test keeps itself
	if d.at.heap > d.early.heap+4<<20+book || d.at.goroutines > d.early.goroutines+8 || d.at.files > d.early.files+4 {
		d.t.Error("it grew")
	}
}
