package studio

import (
	"math"

	"ark"
)

// The filter of the resampler: a sinc under a Kaiser window. It lets pass what
// is below 0.88 of the lower of the two rates' halves within ±0.01 dB, and
// takes off 90 dB from that half on: 0 to 19.4 kHz out of 44.1 kHz.
const (
	sincTaps   = 96   // at the lower of the two rates
	sincCentre = 0.94 // middle of the transition, of half the lower rate
	kaiserBeta = 8.96 // 90 dB
	maxPhases  = 1024 // between these it interpolates: -118 dB
)

// resampler brings a mono stream to ark.SampleRate. The result is as long as
// the source and not delayed.
type resampler struct {
	up, down int // output k lies at input k*down/up
	phases   int
	taps     int
	table    []float32 // phases+1 rows of taps
	held     []float32 // input that is still needed; the first is input number base
	base     int
	in, out  int // frames so far
}

func newResampler(rate int) *resampler {
	g := gcd(rate, ark.SampleRate)
	r := &resampler{up: ark.SampleRate / g, down: rate / g}
	if r.up == r.down {
		return r
	}
	narrow := min(1, float64(ark.SampleRate)/float64(rate))
	r.taps = 4 * int(math.Ceil(sincTaps/narrow/4)) // dot takes four at a time
	r.phases = min(r.up, maxPhases)
	r.base = 1 - r.taps/2
	r.held = make([]float32, r.taps/2-1)
	r.table = make([]float32, 0, (r.phases+1)*r.taps)
	for p := range r.phases + 1 {
		r.table = append(r.table, sincRow(float64(p)/float64(r.phases), r.taps, sincCentre*narrow/2)...)
	}
	return r
}

// sincRow is what weighs the inputs around a point that lies frac after the
// middle two's first; cutoff in cycles for each input. The sum is 1.
func sincRow(frac float64, taps int, cutoff float64) []float32 {
	row, sum := make([]float64, taps), 0.0
	for j := range row {
		t := frac + float64(taps/2-1-j)
		row[j] = 2 * cutoff * sinc(2*cutoff*t) * kaiser(t/float64(taps/2))
		sum += row[j]
	}
	out := make([]float32, taps)
	for j, v := range row {
		out[j] = float32(v / sum)
	}
	return out
}

func sinc(x float64) float64 {
	if x == 0 {
		return 1
	}
	return math.Sin(math.Pi*x) / (math.Pi * x)
}

// kaiser is the window over -1 … 1.
func kaiser(x float64) float64 {
	if x <= -1 || x >= 1 {
		return 0
	}
	return bessel(kaiserBeta*math.Sqrt(1-x*x)) / kaiserTop
}

var kaiserTop = bessel(kaiserBeta)

// bessel is the modified Bessel function of the first kind and order 0.
func bessel(x float64) float64 {
	sum, term := 1.0, 1.0
	for k := 1; term > sum*1e-12; k++ {
		term *= (x / 2 / float64(k)) * (x / 2 / float64(k))
		sum += term
	}
	return sum
}

func gcd(a, b int) int {
	for b != 0 {
		a, b = b, a%b
	}
	return a
}

// add appends to out what can be made of the input so far.
func (r *resampler) add(out, input []float32) []float32 {
	r.in += len(input)
	if r.table == nil {
		return append(out, input...)
	}
	r.held = append(r.held, input...)
	for {
		at := r.out * r.down
		first := at/r.up - (r.taps/2 - 1) - r.base
		if first+r.taps > len(r.held) {
			used := min(first, len(r.held))
			r.held = r.held[:copy(r.held, r.held[used:])]
			r.base += used
			return out
		}
		out = append(out, r.at(r.held[first:first+r.taps], at%r.up))
		r.out++
	}
}

// at is the sample that lies part/up after the middle of window.
func (r *resampler) at(window []float32, part int) float32 {
	if r.phases == r.up {
		return dot(window, r.table[part*r.taps:])
	}
	where := float64(part) / float64(r.up) * float64(r.phases)
	p := int(where)
	a, b := dot(window, r.table[p*r.taps:]), dot(window, r.table[(p+1)*r.taps:])
	return a + (b-a)*float32(where-float64(p))
}

func dot(x, weights []float32) float32 {
	var a, b, c, d float32
	for len(x) >= 4 && len(weights) >= 4 {
		a += x[0] * weights[0]
		b += x[1] * weights[1]
		c += x[2] * weights[2]
		d += x[3] * weights[3]
		x, weights = x[4:], weights[4:]
	}
	return a + b + (c + d)
}

// end appends what is left.
func (r *resampler) end(out []float32) []float32 {
	if r.table == nil {
		return out
	}
	length := (r.in*r.up + r.down - 1) / r.down
	before := len(out) - r.out
	out = r.add(out, make([]float32, r.taps))
	return out[:before+min(length, r.out)]
}
