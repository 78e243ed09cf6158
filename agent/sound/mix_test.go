package sound

import (
	"math"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"ark"
)

// tone is a track that a test knows.
type tone []int16

func (s tone) read(b []byte, from int64) {
	clear(b)
	copy(b, toBytes(s[min(from, int64(len(s))):]))
}

// add lets samples sound from the mixer's next frame on.
func add(m *mixer, samples []int16, dB float64) *voice {
	m.voices = append(m.voices, voice{show: &show{}, track: tone(samples), start: m.at, end: m.at + int64(len(samples)), gain: level(factor(dB))})
	return &m.voices[len(m.voices)-1]
}

func toBytes(s []int16) []byte { return ark.EncodeWAV(s)[44:] }

func constant(v int16, frames int) []int16 { return slices.Repeat([]int16{v}, frames) }

// drain mixes to the end, in chunks of the sizes that size gives.
func drain(m *mixer, size func() int) (out []int16) {
	for m.at < m.end() {
		b := make([]byte, 2*min(max(int64(size()/2), 1), m.end()-m.at))
		m.mix(b)
		out = append(out, toSamples(b)...)
	}
	return out
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
		add(&m, want, 0)
		got := drain(&m, func() int { return chunk.Draw(t, "chunk") })
		if !slices.Equal(got, want) {
			t.Fatalf("%d frames came out of %d, or others", len(got), len(want))
		}
	})
}

func TestARampIsAStraightLineOfItsLength(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		dB := rapid.SampledFrom([]float64{0, -6, -12, -40, math.Inf(-1), 3})
		from, to := dB.Draw(t, "from"), dB.Draw(t, "to")
		frames := rapid.IntRange(1, 2000).Draw(t, "frames")
		const level, before = 10000, 100
		var m mixer
		v := add(&m, constant(level, before+frames+200), from)
		v.gain = v.gain.to(factor(to), before, int64(frames))
		chunk := rapid.IntRange(2, 400)
		got := drain(&m, func() int { return chunk.Draw(t, "chunk") })
		a, z := level*math.Pow(10, from/20), level*math.Pow(10, to/20)
		for i, x := range got {
			part := min(max(float64(i-before+1)/float64(frames), 0), 1)
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
	c := level(1).to(0, 0, 200).to(1, 100, 100)
	for at, want := range map[int64]float32{-1: 1, 0: 0.995, 99: 0.5, 100: 0.505, 199: 1, 299: 1} {
		if got := c.at(at); math.Abs(float64(got-want)) > 1e-6 {
			t.Errorf("at frame %d it is %v, want %v", at, got, want)
		}
	}
}

// A curve that changes for months grows no longer than its memory.
func TestACurveForgets(t *testing.T) {
	c := level(1)
	for i := range int64(1000) {
		c = c.to(float32(i%2), i*ark.SampleRate, 100)
	}
	if len(c) > 30 {
		t.Errorf("it has %d points", len(c))
	}
	if c.steady(998*ark.SampleRate, 999*ark.SampleRate) || !c.steady(999*ark.SampleRate+100, endless) {
		t.Error("where it changes is wrong")
	}
}

// Voices that end leave the others as they are.
func TestVoicesAreTheirOwn(t *testing.T) {
	long := noise(1, 50*time.Millisecond)
	var m mixer
	add(&m, constant(50, 300), 0)
	add(&m, long, 0)
	got := drain(&m, at(200))
	for i, want := range long {
		if i < 300 {
			want += 50
		}
		if got[i] != want {
			t.Fatalf("frame %d is %d, want %d", i, got[i], want)
		}
	}
	if len(got) != len(long) {
		t.Errorf("%d frames, want %d", len(got), len(long))
	}
}

func TestMixingAllocatesNothing(t *testing.T) {
	l, prog, _ := library(t, 2*time.Second)
	var m mixer
	for _, dB := range []float64{0, -10} {
		r := newReel(prog, l.samples)
		m.voices = append(m.voices, voice{show: &show{}, track: r, end: r.total, gain: level(1).to(factor(dB), 0, 1000)})
	}
	b := make([]byte, 2048)
	m.mix(b)
	if n := testing.AllocsPerRun(50, func() { m.mix(b); m.forget(m.at) }); n != 0 {
		t.Errorf("%v allocations for a chunk", n)
	}
}

func BenchmarkMix(b *testing.B) {
	r := &reel{pieces: []piece{{lent: lent{samples: toBytes(noise(1, 170*time.Millisecond))}}}}
	buf := make([]byte, 16<<10)
	var m mixer
	for b.Loop() {
		m.at, m.marks = 0, m.marks[:0]
		m.voices = append(m.voices[:0], voice{show: &show{}, track: r, end: endless})
		m.mix(buf)
	}
}
