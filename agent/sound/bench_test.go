package sound

import (
	"bytes"
	"context"
	"encoding/binary"
	"io"
	"log/slog"
	"math/rand/v2"
	"sync"
	"testing"
	"time"

	"ark"
	"ark/agent"
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
	var all [][]int16
	for i, d := range lengths {
		all = append(all, noise(uint64(i+1), d))
	}
	l, p := recorded(t, all...)
	return l, p, all
}

// recorded writes samples as recordings and opens them.
func recorded(t testing.TB, recordings ...[]int16) (*Library, agent.Program) {
	t.Helper()
	dir := t.TempDir()
	a := ark.Announcement{ID: "test", Version: 1}
	files := map[ark.Hash][]byte{}
	p := agent.Program{Broadcast: ark.ID{1}}
	for i, s := range recordings {
		data := ark.EncodeWAV(s)
		h := ark.HashOf(data)
		files[h] = data
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
	return l, p
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
