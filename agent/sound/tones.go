package sound

import (
	"encoding/binary"
	"math"
	"sync"

	"ark"
)

// The tones of a self-test. Their frequencies are no multiples of each other,
// nor of 50 or 60 Hz, and lie where a small horn and a cheap microphone are
// best; their order is neither up nor down, so that nothing which sweeps or
// keeps on is taken for them.
var checkTones = []float64{1723, 673, 2621, 1067}

const (
	toneFrames  = ark.SampleRate * 2 / 5 // 400 ms
	toneGap     = ark.SampleRate / 10    // 100 ms after each
	toneLead    = ark.SampleRate / 2     // half a second before the first: whoever listens is there by then
	checkFrames = toneLead + 4*(toneFrames+toneGap)
	checkLevel  = 0.18 * 32767 // -15 dBFS: how loud it is heard is the program's gain
)

// checkSound is what a self-test sounds.
var checkSound = sync.OnceValue(func() []byte {
	out := make([]byte, 2*checkFrames)
	for k, hz := range checkTones {
		from := toneLead + k*(toneFrames+toneGap)
		for i := range toneFrames {
			edge := math.Min(1, float64(min(i, toneFrames-1-i))/(ark.SampleRate/100)) // 10 ms: no click
			v := checkLevel * edge * math.Sin(2*math.Pi*hz*float64(i)/ark.SampleRate)
			binary.LittleEndian.PutUint16(out[2*(from+i):], uint16(int16(v)))
		}
	}
	return out
})

// What is heard is looked at in steps of 20 ms, tones through a window of two.
const (
	hop    = ark.SampleRate / 50
	window = 2 * hop
)

// noTone stands for a window in which none of the tones is.
const noTone = -1

// whichTone tells which of the tones is in a window of samples: the one that
// is 10 dB over what is to both sides of it, 6 dB over the other tones, and a
// thousandth of all there is. How loud it is does not matter.
func whichTone(w []float64) int8 {
	total := 0.0
	for _, x := range w {
		total += x * x
	}
	if total < window { // less than a step of 16 bit
		return noTone
	}
	best, second, at := 0.0, 0.0, noTone
	for k, hz := range checkTones {
		switch p := goertzel(w, hz); {
		case p > best:
			best, second, at = p, best, k
		case p > second:
			second = p
		}
	}
	const beside = 120 // Hz: beyond the main lobe of the window, which is 50 Hz to each side
	sides := max(goertzel(w, checkTones[at]-beside), goertzel(w, checkTones[at]+beside))
	if best < 10*sides || best < 4*second || best < total*window/4/1000 {
		return noTone
	}
	return int8(at)
}

// goertzel is the power of one frequency in a window, through Hann's weights
// (G. Goertzel, Am. Math. Monthly 65, 1958).
func goertzel(w []float64, hz float64) float64 {
	c := 2 * math.Cos(2*math.Pi*hz/ark.SampleRate)
	var s1, s2 float64
	for i, x := range w {
		s1, s2 = x*hann[i]+c*s1-s2, s1
	}
	return s1*s1 + s2*s2 - c*s1*s2
}

var hann = func() (h [window]float64) {
	for i := range h {
		h[i] = 0.5 - 0.5*math.Cos(2*math.Pi*(float64(i)+0.5)/window)
	}
	return h
}()

// tonesHeard tells whether the tones of a self-test are in what was heard, one
// entry for each step: each of them for most of its time, in their order and
// at their distances, however late.
func tonesHeard(heard []int8) ark.Hearing {
	const each, every = toneFrames / hop, (toneFrames + toneGap) / hop
	const all = 3*every + each
	if len(heard) < all {
		return ark.HeardUnknown // nothing that could be judged was recorded
	}
	for from := 0; from+all <= len(heard); from++ {
		least := each
		for k := range checkTones {
			n := 0
			for _, tone := range heard[from+k*every : from+k*every+each] {
				if int(tone) == k {
					n++
				}
			}
			least = min(least, n)
		}
		if least >= each*6/10 {
			return ark.HeardYes
		}
	}
	return ark.HeardNo
}
