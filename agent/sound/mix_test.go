package sound

import (
	"math"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"
)

// tone is a source of frames that a test knows, no more than burst of them at
// a time, where burst is not 0.
type tone struct {
	samples []int16
	burst   int
}

func (s *tone) read(b []byte) int {
	n := min(len(b)/2, len(s.samples))
	if s.burst > 0 {
		n = min(n, s.burst)
	}
	copy(b, toBytes(s.samples[:n]))
	s.samples = s.samples[n:]
	return 2 * n
}

func toBytes(s []int16) []byte { return WAV(s)[44:] }

func constant(v int16, frames int) []int16 { return slices.Repeat([]int16{v}, frames) }

// drain reads a mixer to its end, in chunks of the sizes that size gives.
func drain(m *mixer, size func() int) (out []int16) {
	for {
		b := make([]byte, size())
		n := m.read(b)
		if n == 0 {
			return out
		}
		out = append(out, toSamples(b[:n])...)
	}
}

func at(size int) func() int { return func() int { return size } }

// within draws samples up to a level.
func within(level int16) *rapid.Generator[[]int16] {
	return rapid.SliceOfN(rapid.Int16Range(-level, level), 0, 3000)
}

func TestOneVoiceIsExact(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		want := within(ceiling).Draw(t, "samples")
		chunk := rapid.IntRange(2, 900) // odd ones too: half a frame is never asked for
		var m mixer
		m.add(&tone{samples: want}, 0)
		got := drain(&m, func() int { return chunk.Draw(t, "chunk") })
		if !slices.Equal(got, want) {
			t.Fatalf("%d frames came out of %d, or others", len(got), len(want))
		}
	})
}

// Nothing is held back: the first read gives all that there is.
func TestMixingAddsNoDelay(t *testing.T) {
	var m mixer
	m.add(&tone{samples: constant(7, 10)}, 0)
	b := make([]byte, 4096)
	if n := m.read(b); n != 20 || toSamples(b)[0] != 7 {
		t.Errorf("the first read gave %d bytes, of 20", n)
	}
}

func TestARampIsAStraightLineOfItsLength(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		dB := rapid.SampledFrom([]float64{0, -6, -12, -40, math.Inf(-1), 3})
		from, to := dB.Draw(t, "from"), dB.Draw(t, "to")
		frames := rapid.IntRange(0, 2000).Draw(t, "frames")
		const level, before = 10000, 100
		var m mixer
		v := m.add(&tone{samples: constant(level, before+frames+200)}, from)
		got := toSamples(readAll(&m, 2*before))
		v.ramp(to, frames)
		chunk := rapid.IntRange(2, 400)
		got = append(got, drain(&m, func() int { return chunk.Draw(t, "chunk") })...)
		a, z := level*math.Pow(10, from/20), level*math.Pow(10, to/20)
		for i, x := range got {
			part := min(max(float64(i-before+1)/max(float64(frames), 1), 0), 1)
			if want := a + (z-a)*part; math.Abs(float64(x)-want) > 0.51 {
				t.Fatalf("frame %d is %d, want %.1f", i, x, want)
			}
			if i > 0 && float64(x-got[i-1])*(z-a) < 0 {
				t.Fatalf("frame %d goes back from %d to %d", i, got[i-1], x)
			}
		}
	})
}

// A ramp that is overtaken by another goes on from where it is: no click.
func TestARampOvertaken(t *testing.T) {
	var m mixer
	v := m.add(&tone{samples: constant(20000, 1000)}, 0)
	v.ramp(math.Inf(-1), 200)
	got := toSamples(readAll(&m, 200)) // 100 frames: half way
	v.ramp(0, 100)
	got = append(got, toSamples(readAll(&m, 400))...)
	for i, want := range map[int]int16{99: 10000, 100: 10100, 199: 20000, 299: 20000} {
		if got[i] != want {
			t.Errorf("frame %d is %d, want %d", i, got[i], want)
		}
	}
}

func readAll(m *mixer, bytes int) []byte {
	b := make([]byte, bytes)
	return b[:m.read(b)]
}

// Voices that end, or have nothing for a while, leave the others as they are.
func TestVoicesAreTheirOwn(t *testing.T) {
	long := noise(1, 50*time.Millisecond)
	var m mixer
	short := m.add(&tone{samples: constant(50, 300)}, 0)
	m.add(&tone{samples: long}, 0)
	m.add(&tone{samples: constant(1, 40), burst: 4}, 0)
	got := drain(&m, at(200))
	for i, want := range long {
		if i < 300 {
			want += 50
		}
		if i < 1000 && i%100 < 4 {
			want++
		}
		if got[i] != want {
			t.Fatalf("frame %d is %d, want %d", i, got[i], want)
		}
	}
	if len(got) != len(long) {
		t.Errorf("%d frames, want %d", len(got), len(long))
	}
	m.remove(short)
	if len(m.voices) != 2 || slices.Contains(m.voices, short) {
		t.Error("another voice was removed")
	}
}

func TestMixingAllocatesNothing(t *testing.T) {
	l, prog, _ := library(t, 2*time.Second)
	var m mixer
	m.add(newReel(prog, l.samples), 0)
	v := m.add(newReel(prog, l.samples), -10)
	b := make([]byte, 2048)
	m.read(b)
	if n := testing.AllocsPerRun(50, func() { v.ramp(-20, 100); m.read(b) }); n != 0 {
		t.Errorf("%v allocations for a read", n)
	}
}

func BenchmarkMix(b *testing.B) {
	samples := noise(1, 170*time.Millisecond)
	var m mixer
	buf := make([]byte, 16<<10)
	for b.Loop() {
		v := m.add(&tone{samples: samples}, 0)
		m.read(buf)
		m.remove(v)
	}
}
