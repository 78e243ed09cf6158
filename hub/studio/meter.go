package studio

import (
	"math"

	"ark"
)

// Gates of ITU-R BS.1770-4, annex 1.
const (
	absoluteGate = -70.0 // LUFS
	relativeGate = -10.0 // LU
)

// hop is the step of the gating blocks, 100 ms; a block is blockHops of them,
// 400 ms with an overlap of 75 %.
const (
	hop       = ark.SampleRate / 10
	blockHops = 4
)

// biquad is a second-order filter, a0 = 1.
type biquad struct{ b0, b1, b2, a1, a2, z1, z2 float64 }

func (f *biquad) run(x float64) float64 {
	y := f.b0*x + f.z1
	f.z1 = f.b1*x - f.a1*y + f.z2
	f.z2 = f.b2*x - f.a2*y
	return y
}

// meter measures the loudness of mono sound at 48 kHz by ITU-R BS.1770-4: one
// channel with weight 1, as `ffmpeg -af ebur128` takes a mono file.
type meter struct {
	shelf, pass biquad
	hops        []float64 // sums of squares after weighting
	sum         float64   // of the hop under way
	n           int       // its frames
}

// newMeter has the coefficients of BS.1770-4, tables 1 and 2, for 48 kHz.
func newMeter() *meter {
	return &meter{
		shelf: biquad{b0: 1.53512485958697, b1: -2.69169618940638, b2: 1.19839281085285, a1: -1.69065929318241, a2: 0.73248077421585},
		pass:  biquad{b0: 1, b1: -2, b2: 1, a1: -1.99004745483398, a2: 0.99007225036621},
	}
}

func (m *meter) add(x float32) {
	y := m.pass.run(m.shelf.run(float64(x)))
	m.sum += y * y
	if m.n++; m.n == hop {
		m.hops = append(m.hops, m.sum)
		m.sum, m.n = 0, 0
	}
}

// loudness is integrated, in LUFS, and minus infinity where all is gated. What
// is shorter than a block, for which the standard has no word, is one block.
func (m *meter) loudness() float64 {
	var blocks []float64
	for i := blockHops; i <= len(m.hops); i++ {
		sum := 0.0
		for _, h := range m.hops[i-blockHops : i] {
			sum += h
		}
		blocks = append(blocks, sum/(blockHops*hop))
	}
	if frames := len(m.hops)*hop + m.n; len(blocks) == 0 && frames > 0 {
		sum := m.sum
		for _, h := range m.hops {
			sum += h
		}
		blocks = append(blocks, sum/float64(frames))
	}
	return lufs(gated(blocks, lufs(gated(blocks, absoluteGate))+relativeGate))
}

// gated is the mean power of the blocks above both this gate and the absolute
// one.
func gated(blocks []float64, gate float64) float64 {
	sum, n := 0.0, 0
	for _, p := range blocks {
		if l := lufs(p); l > gate && l > absoluteGate {
			sum += p
			n++
		}
	}
	if n == 0 {
		return 0
	}
	return sum / float64(n)
}

func lufs(power float64) float64 { return -0.691 + 10*math.Log10(power) }

// loudness measures sound as a whole.
func loudness[T int16 | float32](x []T) float64 {
	m, scale := newMeter(), scaleOf[T]()
	for _, v := range x {
		m.add(float32(v) * scale)
	}
	return m.loudness()
}

// scaleOf brings a sample to full scale 1.
func scaleOf[T int16 | float32]() float32 {
	var zero T
	if _, ok := any(zero).(int16); ok {
		return 1.0 / (1 << 15)
	}
	return 1
}

func decibel(x float64) float64 { return 20 * math.Log10(x) }
func linear(db float64) float64 { return math.Pow(10, db/20) }
