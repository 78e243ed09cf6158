package studio

import (
	"fmt"
	"math"
	"testing"

	"ark"
)

// resampled brings a sine of amplitude 1 from rate to 48 kHz, in blocks of odd
// sizes.
func resampled(rate int, hz float64, seconds float64) []float32 {
	in := make([]float32, int(seconds*float64(rate)))
	for i := range in {
		in[i] = float32(math.Sin(2 * math.Pi * hz * float64(i) / float64(rate)))
	}
	r := newResampler(rate)
	var out []float32
	for n := 1; len(in) > 0; n = n*3%1021 + 1 {
		n = min(n, len(in))
		out = r.add(out, in[:n])
		in = in[n:]
	}
	return r.end(out)
}

// fit is how strong a sine is in the middle of x, and what is left of x
// without it, both in dB.
func fit(x []float32, hz float64) (level, rest float64) {
	x = x[len(x)/4 : len(x)*3/4]
	var sc, ss, cc, xs, xc float64
	for i, v := range x {
		s, c := math.Sincos(2 * math.Pi * hz * float64(i) / ark.SampleRate)
		ss, cc, sc = ss+s*s, cc+c*c, sc+s*c
		xs, xc = xs+float64(v)*s, xc+float64(v)*c
	}
	d := ss*cc - sc*sc
	a, b := (xs*cc-xc*sc)/d, (xc*ss-xs*sc)/d
	sum := 0.0
	for i, v := range x {
		s, c := math.Sincos(2 * math.Pi * hz * float64(i) / ark.SampleRate)
		e := float64(v) - a*s - b*c
		sum += e * e
	}
	return decibel(math.Hypot(a, b)), decibel(math.Sqrt(2*sum/float64(len(x))) + 1e-12)
}

var rates = []int{4000, 8000, 11025, 12000, 16000, 22050, 24000, 32000, 44100, 47999, 48000, 64000, 88200, 96000, 176400, 191999, 192000}

// The pass-band: level within ±0.01 dB, and nothing else above -85 dB, such
// as an image.
func TestTheResamplerLetsPass(t *testing.T) {
	for _, rate := range rates {
		half := float64(min(rate, ark.SampleRate)) / 2
		for _, part := range []float64{0.01, 0.1, 0.3, 0.5, 0.7, 0.8, 0.87} {
			level, rest := fit(resampled(rate, part*half, 0.5), part*half)
			if math.Abs(level) > 0.01 || rest > -85 {
				t.Errorf("%d Hz: a tone of %.0f Hz has %+.3f dB, and the rest %.1f dB", rate, part*half, level, rest)
			}
		}
	}
}

// The stop-band: what the lower rate cannot hold is gone, not folded.
func TestTheResamplerStops(t *testing.T) {
	for _, rate := range []int{64000, 88200, 96000, 176400, 191999, 192000} {
		for _, hz := range []float64{24010, 26000, 30000, 31900, 43000, 70000, 90000} {
			if hz >= float64(rate)/2 {
				continue
			}
			_, level := fit(resampled(rate, hz, 0.5), 1000)
			if level > -85 {
				t.Errorf("%d Hz: a tone of %.0f Hz is left with %.1f dB", rate, hz, level)
			}
		}
	}
}

func TestTheResamplerKeepsLengthAndPlace(t *testing.T) {
	for _, rate := range rates {
		t.Run(fmt.Sprint(rate), func(t *testing.T) {
			hz := float64(min(rate, ark.SampleRate)) / 20
			got := resampled(rate, hz, 0.25)
			if want := int(math.Ceil(float64(int(0.25*float64(rate))) * ark.SampleRate / float64(rate))); len(got) != want {
				t.Errorf("%d frames, want %d", len(got), want)
			}
			for i := len(got) / 4; i < len(got)/2; i++ {
				if want := math.Sin(2 * math.Pi * hz * float64(i) / ark.SampleRate); math.Abs(float64(got[i])-want) > 2e-3 {
					t.Fatalf("frame %d is %.5f, want %.5f: it is delayed", i, got[i], want)
				}
			}
		})
	}
	for _, n := range []int{1, 2, 3, 100} {
		r := newResampler(8000)
		if got := len(r.end(r.add(nil, make([]float32, n)))); got != 6*n {
			t.Errorf("%d frames of 8 kHz give %d, want %d", n, got, 6*n)
		}
	}
}
