package sound

import (
	"bytes"
	"math"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"ark"
	"ark/agent"
	"ark/firmware-config/demo"
)

func TestSumsKeepToTheCeiling(t *testing.T) {
	levels := []int16{-32768, -32767, -30000, 0, 12345, 30000, 32766, 32767}
	rapid.Check(t, func(t *rapid.T) {
		var m mixer
		sum := make([]float64, 4000)
		for range rapid.IntRange(1, 4).Draw(t, "voices") {
			s := rapid.SliceOfN(rapid.SampledFrom(levels), 1, len(sum)).Draw(t, "samples")
			add(&m, s, rapid.SampledFrom([]float64{0, 6, 40, -3}).Draw(t, "dB"))
			for i, x := range s {
				sum[i] += float64(m.voices[len(m.voices)-1].factor(0)) * float64(x)
			}
		}
		for i, v := range drain(&m, at(512)) {
			if v > ceiling || v < -ceiling {
				t.Fatalf("frame %d is %d", i, v)
			}
			if float64(v)*sum[i] < 0 {
				t.Fatalf("frame %d is %d, of %.0f: it wrapped", i, v, sum[i])
			}
		}
	})
}

// A loud sum is turned down before it is cut: after its first peak the wave
// has its shape, and after the loudness all is as it was within a second.
func TestTheLimiterTurnsDown(t *testing.T) {
	loud := make([]int16, 4800)
	for i := range loud {
		loud[i] = int16(30000 * math.Sin(2*math.Pi*float64(i)/96)) // 500 Hz
	}
	soft := constant(1000, 2*ark.SampleRate)
	var m mixer
	add(&m, slices.Concat(loud, soft), 0)
	add(&m, loud, 0)
	got := drain(&m, at(960))
	for i := 96; i < len(loud); i++ {
		if want := ceiling * float64(loud[i]) / 30000; math.Abs(float64(got[i])-want) > 0.015*ceiling {
			t.Fatalf("frame %d is %d, want about %.0f: the wave has another shape", i, got[i], want)
		}
	}
	quiet := got[len(loud):]
	if !slices.IsSorted(quiet) || quiet[0] > 500 || quiet[release] < 800 {
		t.Errorf("after the loudness it is at %d, after 100 ms at %d, of 1000", quiet[0], quiet[release])
	}
	if !slices.Equal(quiet[2*ark.SampleRate-10:], constant(1000, 10)) || m.limit.hold != 0 {
		t.Error("the limiter does not come to rest")
	}
}

// The demonstration recordings and the chime keep to the ceiling, so that
// they sound exactly as they are.
func TestTheDemonstrationPassesUnchanged(t *testing.T) {
	list, files, err := demo.Announcements(ark.EncodeWAV)
	if err != nil {
		t.Fatal(err)
	}
	for _, a := range list {
		const gap = 400 * time.Millisecond
		p := agent.Program{Segments: []agent.Segment{{Sound: agent.SoundChime, Gap: gap}}}
		want := slices.Concat(chime(), make([]byte, 2*ark.SampleRate*gap/time.Second))
		for _, r := range a.Recordings {
			p.Segments = append(p.Segments, agent.Segment{Language: r.Language, Content: r.Content, Frames: r.Frames})
			want = append(want, files[r.Content][44:]...)
		}
		var m mixer
		r := newReel(p, func(h ark.Hash) (lent, string) { return lent{samples: files[h][44:]}, "" })
		m.voices = []voice{{show: &show{}, track: r, end: r.total}}
		if got := toBytes(drain(&m, at(1000))); !bytes.Equal(got, want) {
			t.Errorf("%s comes out changed: %d bytes of %d", a.ID, len(got), len(want))
		}
	}
}
