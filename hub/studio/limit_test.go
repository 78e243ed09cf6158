package studio

import (
	"math"
	"math/rand/v2"
	"testing"

	"ark"
	"ark/hub"
)

// Whatever comes, no true peak passes the limit.
func TestTheLimitHoldsForAnything(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 4))
	clicks := tone(300, 0.02, 2)
	for range 40 {
		clicks[r.IntN(len(clicks))] = float32(r.Float64()*2 - 1)
	}
	square := tone(997, 1, 1)
	for i, v := range square {
		square[i] = float32(math.Copysign(0.9, float64(v)))
	}
	edge := tone(200, 0.5, 1)
	edge[0], edge[len(edge)-1] = 1, -1
	for name, x := range map[string][]float32{
		"clicks": clicks, "square": square, "edges": edge,
		"between samples": tone(11999, 0.99, 1), "nearly half the rate": tone(23000, 0.9, 1),
		"one loud word": append(tone(500, 0.01, 3), tone(500, 0.9, 0.02)...),
	} {
		m, err := normalise(t.Context(), x, DefaultTarget, DefaultPeak)
		if err != nil {
			t.Fatal(err)
		}
		_, peak := judged(t, pcm16(m.samples, ark.SampleRate, 1))
		if m.peak > DefaultPeak || peak > DefaultPeak {
			t.Errorf("%s: %.2f dBTP, FFmpeg measures %.1f", name, m.peak, peak)
		}
	}
}

// What needs no limiting is multiplied, and nothing else.
func TestWithoutPeaksTheLimiterOnlyMultiplies(t *testing.T) {
	x := tone(440, 0.1, 0.5)
	for i, got := range render(x, envelop(x), 2, 0.9, nil) {
		if want := int16(math.Round(float64(x[i]*2) * 32768)); got != want {
			t.Fatalf("sample %d is %d, want %d", i, got, want)
		}
	}
}

// One peak: the gain is down when it comes, moves without a step, and is back
// a while later.
func TestTheLimiterLooksAheadAndLetsGo(t *testing.T) {
	x := make([]float32, ark.SampleRate)
	for i := range x {
		x[i] = 0.25
	}
	const at = 20_000
	for i := at - 20; i <= at+20; i++ {
		x[i] = 1
	}
	got := render(x, envelop(x), 1, 0.5, nil)
	for i := 1; i < len(got); i++ {
		if i >= at-30 && i <= at+30 {
			continue
		}
		if step := math.Abs(float64(got[i]) - float64(got[i-1])); step > 60 {
			t.Errorf("a step of %.0f at sample %d", step, i)
		}
	}
	if v := got[at]; v < 14500 || v > 16384 {
		t.Errorf("the peak is %d, want close below 16384 less what its edges overshoot", v)
	}
	if early, late := got[at-3*ahead], got[at+ark.SampleRate/2]; early < 8150 || late < 8150 {
		t.Errorf("%d before and %d after, want 8192: it takes off more than it must", early, late)
	}
}

func TestNormalisingKnowsItsBounds(t *testing.T) {
	for _, c := range []struct {
		name   string
		signal []float32
		loud   float64 // LUFS, within 0.3
		word   string
	}{
		{"a second", tone(1000, 0.2, 1), -16, ""},
		{"a tenth of a second", tone(1000, 0.2, 0.1), -16, ""},
		{"one period", tone(1000, 0.2, 0.001), -16, ""},
		{"too loud", tone(1000, 0.9, 1), -16, ""},
		{"soft", tone(1000, 0.005, 1), -16, hub.WarnQuiet},
		{"close to silence", tone(1000, 0.001, 1), -23, hub.WarnQuiet},
		{"a hammer", hammer(), -37, hub.WarnPeaky},
	} {
		take := mustTake(t, encoded(c.signal, ark.SampleRate, 1), hub.TakeOptions{})
		near := 0.3
		if c.word == hub.WarnPeaky {
			near = 1
		}
		if math.Abs(take.Loudness-c.loud) > near || take.Warning != c.word || take.Peak > DefaultPeak {
			t.Errorf("%s: %.2f LUFS, %.2f dBTP, warning %q; want %.1f LUFS, warning %q", c.name, take.Loudness, take.Peak, take.Warning, c.loud, c.word)
		}
	}
}

// hammer is far between peaks: nothing may bring it to the target.
func hammer() []float32 {
	x := tone(200, 0.001, 4)
	for i := 0; i < len(x); i += ark.SampleRate / 2 {
		for k := range 30 {
			x[i+k] = float32(0.9 * math.Exp(-float64(k)/6) * math.Cos(float64(k)))
		}
	}
	return x
}

func TestTheTargetCanBeChosen(t *testing.T) {
	take := mustTake(t, pcm16(speeches()[0], ark.SampleRate, 1), hub.TakeOptions{Target: -23, Peak: -3})
	if math.Abs(take.Loudness+23) > 0.3 || take.Peak > -3 {
		t.Errorf("%.2f LUFS, %.2f dBTP; want -23 and at most -3", take.Loudness, take.Peak)
	}
}

func TestClippingIsSaid(t *testing.T) {
	x := tone(200, 2, 1)
	for i := range x {
		x[i] = max(-1, min(1, x[i]))
	}
	if take := mustTake(t, encoded(x, ark.SampleRate, 1), hub.TakeOptions{}); take.Warning != hub.WarnClipped {
		t.Errorf("warning %q, want %q", take.Warning, hub.WarnClipped)
	}
	if take := mustTake(t, encoded(tone(400, 1, 1), ark.SampleRate, 1), hub.TakeOptions{}); take.Warning != "" {
		t.Errorf("a tone at full scale: warning %q", take.Warning)
	}
}
