package sound

import (
	"encoding/binary"
	"math"
	"slices"
)

// source gives frames of 48 kHz, mono, 16 bit, little-endian, to whoever
// mixes them. It never waits: where fewer frames than asked for are there, or
// none any more, it gives those, as whole frames, and says how many bytes
// they are.
type source interface{ read(b []byte) int }

// mixer adds up voices into one stream that never passes the ceiling. It adds
// no delay: a frame that is read from it was read from its sources for that.
// It knows neither time nor device, and is one goroutine's.
type mixer struct {
	voices []*voice
	sum    []float32 // of the frames that are being read; holds the sum of 256 voices at 0 dB exactly
	limit  limiter
}

// voice is a source in the mixer, and how loud it is there.
type voice struct {
	source
	gain   float32 // a factor, not dB; where a ramp is under way, the one that it comes to
	rise   float32 // how much the ramp under way changes the factor in all
	length int     // of the ramp under way, in frames
	left   int     // frames of it still to come; 0: there is none
}

// add lets a source sound from the next frame on, until it is removed. One
// that gives nothing takes nothing from the others.
func (m *mixer) add(s source, dB float64) *voice {
	v := &voice{source: s, gain: factor(dB)}
	m.voices = append(m.voices, v)
	return v
}

// remove takes a voice out. After the last one what sounds next has nothing
// to do with what sounded before, and the limiter is at rest.
func (m *mixer) remove(v *voice) {
	m.voices = slices.DeleteFunc(m.voices, func(o *voice) bool { return o == v })
	if len(m.voices) == 0 {
		m.limit = limiter{}
	}
}

// ramp brings the voice to another loudness, in a straight line of amplitude
// over the next frames that it gives: the last of them has it. It goes on
// from where a ramp under way has come to.
func (v *voice) ramp(dB float64, frames int) {
	to, at := factor(dB), v.now()
	v.gain, v.rise, v.length, v.left = to, to-at, frames, frames
}

// now is the factor that the voice has come to.
func (v *voice) now() float32 {
	if v.left == 0 {
		return v.gain
	}
	return v.gain - v.rise*(float32(v.left)/float32(v.length))
}

// factor is what a sample is multiplied with: 20 dB are ten times the
// amplitude, minus infinity is silence.
func factor(dB float64) float32 { return float32(math.Pow(10, dB/20)) }

// read fills b with the sum of the voices as far as one of them has frames.
// With one voice at 0 dB whose samples keep to the ceiling it gives exactly
// what the source gives.
func (m *mixer) read(b []byte) (n int) {
	b = b[:len(b)&^1]
	m.sum = slices.Grow(m.sum[:0], len(b)/2)[:len(b)/2]
	clear(m.sum)
	for _, v := range m.voices {
		got := v.read(b) // b holds one voice after the other, and then their sum
		v.mix(m.sum, b[:got])
		n = max(n, got)
	}
	for i, x := range m.sum[:n/2] {
		binary.LittleEndian.PutUint16(b[2*i:], uint16(m.limit.frame(x)))
	}
	return n
}

func (v *voice) mix(sum []float32, b []byte) {
	gain := v.now()
	for i := range len(b) / 2 {
		if v.left > 0 {
			v.left--
			gain = v.now()
		}
		sum[i] += gain * float32(int16(binary.LittleEndian.Uint16(b[2*i:])))
	}
}
