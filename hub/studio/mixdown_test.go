package studio

import (
	"math"
	"slices"
	"testing"
	"time"

	"ark"
	"ark/hub"
)

func TestChannelsAreMixedAndNotCancelled(t *testing.T) {
	voice := tone(500, 0.4, 1)
	interleaved := func(gains ...float32) []float32 {
		var out []float32
		for _, v := range voice {
			for _, g := range gains {
				out = append(out, g*v)
			}
		}
		return out
	}
	for _, c := range []struct {
		name  string
		gains []float32
		want  float32 // of the voice
	}{
		{"mono", []float32{1}, 1},
		{"the same twice", []float32{1, 1}, 1},
		{"one side only", []float32{1, 0}, 0.5},
		{"unlike sides", []float32{1, 0.5}, 0.75},
		{"opposite phase", []float32{1, -1}, 1},
		{"nearly opposite, the right louder", []float32{-0.8, 1}, 1},
		{"one of eight", []float32{0, 0, 0, 1, 0, 0, 0, 0}, 1},
		{"six", []float32{0.5, 0.5, 1, 0, 0.2, 0.2}, 0.4},
	} {
		mono, seen := mixed(t, encoded(interleaved(c.gains...), ark.SampleRate, len(c.gains)))
		want := slices.Clone(voice)
		for i := range want {
			want[i] *= c.want
		}
		if db := apart(mono, highPass(want)); db < 80 || seen.channels != len(c.gains) {
			t.Errorf("%s: %d channels, %.1f dB from what is wanted", c.name, seen.channels, db)
		}
	}
}

func TestAnOffsetGoesWithoutAThump(t *testing.T) {
	x := tone(440, 0.2, 2)
	for i := range x {
		x[i] += 0.5
	}
	mono, _ := mixed(t, encoded(x, ark.SampleRate, 1))
	sum := 0.0
	for _, v := range mono {
		sum += float64(v)
	}
	if mean := sum / float64(len(mono)); math.Abs(mean) > 1e-3 {
		t.Errorf("an offset of %.4f is left", mean)
	}
	for i, v := range mono[:2000] {
		if math.Abs(float64(v)) > 0.25 {
			t.Fatalf("sample %d is %.2f", i, v)
		}
	}
}

func TestSilenceIsTrimmedOnRequest(t *testing.T) {
	speech := make([]float32, 0, 8*ark.SampleRate)
	hiss := func(seconds float64) {
		for i := range int(seconds * ark.SampleRate) {
			speech = append(speech, float32(0.0005*math.Sin(float64(i*i%977))))
		}
	}
	hiss(1.5)
	speech[1000] = 0.5 // a click is no speech
	speech = append(speech, tone(400, 0.3, 1)...)
	hiss(0.7) // a pause stays
	speech = append(speech, tone(400, 0.1, 1)...)
	hiss(2)
	file := encoded(speech, ark.SampleRate, 1)

	take := mustTake(t, file, hub.TakeOptions{Trim: true})
	for i, want := range []time.Duration{1400 * time.Millisecond, 1900 * time.Millisecond} {
		if d := take.Trimmed[i] - want; d.Abs() > 30*time.Millisecond {
			t.Errorf("end %d: %v trimmed, want %v", i, take.Trimmed[i], want)
		}
	}
	if got, want := frames(len(take.Samples))+take.Trimmed[0]+take.Trimmed[1], take.Source.Length; got != want {
		t.Errorf("what is left and what was trimmed make %v, the source has %v", got, want)
	}
	if take.Samples[0] != 0 || math.Abs(float64(take.Samples[len(take.Samples)-1])) > 1 {
		t.Errorf("it begins with %d and ends with %d: it is not faded", take.Samples[0], take.Samples[len(take.Samples)-1])
	}
	if take := mustTake(t, file, hub.TakeOptions{}); take.Trimmed != [2]time.Duration{} || frames(len(take.Samples)) != take.Source.Length {
		t.Errorf("%v trimmed without being asked", take.Trimmed)
	}
	if take := mustTake(t, encoded(tone(400, 0.3, 1), ark.SampleRate, 1), hub.TakeOptions{Trim: true}); take.Trimmed != [2]time.Duration{} || take.Samples[100] == 0 {
		t.Errorf("%v trimmed where there is no silence", take.Trimmed)
	}
}

func TestWaveform(t *testing.T) {
	samples := []int16{1, -5, 3, 0, 7, 2, -32768, 32767, 4}
	for _, c := range []struct {
		columns int
		want    [][2]int16
	}{
		{3, [][2]int16{{-5, 3}, {0, 7}, {-32768, 32767}}},
		{1, [][2]int16{{-32768, 32767}}},
		{0, [][2]int16{}},
		{-1, [][2]int16{}},
	} {
		if got := Waveform(samples, c.columns); !slices.Equal(got, c.want) {
			t.Errorf("%d columns: %v, want %v", c.columns, got, c.want)
		}
	}
	if got := Waveform(samples, 1000); len(got) != len(samples) {
		t.Errorf("%d columns of %d samples", len(got), len(samples))
	}
	if got := Waveform(nil, 10); len(got) != 0 {
		t.Errorf("%d columns of nothing", len(got))
	}
}
