package studio

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"ark"
)

// part is a tone of EBU Tech 3341: its level in dBFS (peak), and how long.
type part struct{ level, seconds float64 }

func parts(list ...part) (out []float32) {
	for _, p := range list {
		out = append(out, tone(1000, linear(p.level), p.seconds)...)
	}
	return out
}

// EBU Tech 3341 (2016), table 1, cases 1 to 5: integrated loudness within
// ±0.1 LU. Its signals are stereo with the same on both sides; the one channel
// here is 3.01 LU softer. Case 6 needs five channels, 7 and 8 recorded
// programmes, and 9 to 14 are about what is shown while something plays.
func TestEBUTech3341Loudness(t *testing.T) {
	for i, c := range []struct {
		signal []float32
		want   float64
	}{
		{parts(part{-23, 20}), -23},
		{parts(part{-33, 20}), -33},
		{parts(part{-36, 10}, part{-23, 60}, part{-36, 10}), -23},
		{parts(part{-72, 10}, part{-36, 10}, part{-23, 60}, part{-36, 10}, part{-72, 10}), -23},
		{parts(part{-26, 20}, part{-20, 20.1}, part{-26, 20}), -23},
	} {
		want := c.want - 10*math.Log10(2)
		if got := loudness(c.signal); math.Abs(got-want) > 0.1 {
			t.Errorf("case %d: %.2f LUFS, want %.2f ±0.1", i+1, got, want)
		}
	}
}

// Cases 15 to 19: true peak within +0.2 and -0.4 dB.
func TestEBUTech3341TruePeak(t *testing.T) {
	for i, c := range []struct{ part, phase, amplitude, want float64 }{
		{4, 0, 0.50, -6.0},
		{4, 45, 0.50, -6.0},
		{6, 60, 0.50, -6.0},
		{8, 67.5, 0.50, -6.0},
		{4, 45, 1.41, +3.0},
	} {
		x := make([]float32, ark.SampleRate)
		for n := range x {
			x[n] = float32(c.amplitude * math.Sin(2*math.Pi*float64(n)/c.part+c.phase*math.Pi/180))
		}
		soften(x)
		if got := truePeak(x); got > c.want+0.2 || got < c.want-0.4 {
			t.Errorf("case %d: %.2f dBTP, want %.1f", 15+i, got, c.want)
		}
	}
}

// soften has a signal come up and go down within 10 ms, as the standard says:
// what lies around a hard edge is another for each filter.
func soften(x []float32) []float32 {
	for n := range 480 {
		x[n] *= float32(n) / 480
		x[len(x)-1-n] *= float32(n) / 480
	}
	return x
}

// signals are the demonstration recordings, and what is unlike speech.
func signals() map[string][]int16 {
	all := map[string][]int16{}
	for i, s := range speeches() {
		all[fmt.Sprintf("recording %d", i)] = s
	}
	r := rand.New(rand.NewPCG(1, 2))
	noise := make([]float32, 8*ark.SampleRate)
	for i := range noise {
		noise[i] = float32(r.NormFloat64() * 0.05)
	}
	bursts := slices.Clone(noise)
	for i := range bursts {
		if i/ark.SampleRate%3 == 1 {
			bursts[i] *= 0.003
		}
	}
	sweep := make([]float32, 10*ark.SampleRate)
	for i := range sweep {
		s := float64(i) / ark.SampleRate
		sweep[i] = float32(0.3 * math.Sin(2*math.Pi*20*10/math.Log(900)*(math.Pow(900, s/10)-1)))
	}
	for name, x := range map[string][]float32{
		"noise": noise, "bursts": bursts, "sweep": sweep,
		"50 Hz": tone(50, 0.5, 5), "100 Hz": tone(100, 0.25, 5), "3 kHz": tone(3000, 0.1, 3), "10 kHz": tone(10000, 0.7, 3),
		"12 kHz between samples": tone(12000.3, 0.9, 3), "soft": tone(440, 0.001, 3),
		"short": tone(700, 0.3, 0.45), "steps": parts(part{-40, 3}, part{-20, 2}, part{-31, 3}),
	} {
		all[name] = rounded(soften(x))
	}
	return all
}

func TestTheMeterAgreesWithFFmpeg(t *testing.T) {
	all := signals()
	if len(all) < 20 {
		t.Fatalf("%d signals, want 20 or more", len(all))
	}
	for name, samples := range all {
		loud, peak := judged(t, pcm16(samples, ark.SampleRate, 1))
		if got := loudness(samples); math.Abs(got-loud) > 0.1 {
			t.Errorf("%s: %.2f LUFS, FFmpeg measures %.1f", name, got, loud)
		}
		if got := truePeak(samples); math.Abs(got-peak) > 0.2 {
			t.Errorf("%s: %.2f dBTP, FFmpeg measures %.1f", name, got, peak)
		}
	}
}

func TestWhatIsShorterThanABlockIsMeasuredAsOne(t *testing.T) {
	long, short := loudness(tone(1000, 0.1, 4)), loudness(tone(1000, 0.1, 0.2))
	if math.Abs(long-short) > 0.2 {
		t.Errorf("0.2 s of a tone have %.2f LUFS, 4 s have %.2f", short, long)
	}
	if got := loudness(make([]int16, ark.SampleRate)); !math.IsInf(got, -1) {
		t.Errorf("silence has %v LUFS", got)
	}
	if got := loudness[int16](nil); !math.IsInf(got, -1) {
		t.Errorf("nothing has %v LUFS", got)
	}
}
