// Package hearing judges for tests whether a recording is in what was heard.
package hearing

import (
	"math"
	"math/bits"
	"math/cmplx"
)

// Locate finds where in heard a recording is most like it, and how much: the
// normalised cross-correlation over the whole recording, 1 for the same. It
// looks coarsely first, at an eighth of the rate, then exactly around there.
func Locate(heard, recording []int16) (at int, score float64) {
	const coarse = 8
	h, r := thin(heard, coarse), thin(recording, coarse)
	if len(r) == 0 || len(h) < len(r) {
		return 0, 0
	}
	best := -1.0
	for i, s := range slide(h, r) {
		if s > best {
			best, at = s, i*coarse
		}
	}
	from, to := max(0, at-2*coarse), min(len(heard)-len(recording), at+2*coarse)
	exact := floats(recording)
	for i := from; i <= to; i++ {
		if s := alike(floats(heard[i:i+len(recording)]), exact); s > score {
			score, at = s, i
		}
	}
	return at, score
}

// slide is how much each place of h is like r: the cross-correlation by way
// of the Fourier transform, divided by the energies.
func slide(h, r []float64) []float64 {
	n := 1 << bits.Len(uint(len(h)+len(r)))
	a, b := make([]complex128, n), make([]complex128, n)
	for i, v := range h {
		a[i] = complex(v, 0)
	}
	energy := 0.0
	for i, v := range r {
		b[i] = complex(v, 0)
		energy += v * v
	}
	transform(a)
	transform(b)
	for i := range a { // conjugated, so that a second transform goes back
		a[i] = cmplx.Conj(a[i]) * b[i]
	}
	transform(a)
	out := make([]float64, len(h)-len(r)+1)
	window := 0.0
	for i := range len(r) {
		window += h[i] * h[i]
	}
	for i := range out {
		if d := energy * window; d > 1 {
			out[i] = real(a[i]) / float64(n) / math.Sqrt(d)
		}
		if i+len(r) < len(h) {
			window = max(0, window+h[i+len(r)]*h[i+len(r)]-h[i]*h[i])
		}
	}
	return out
}

// transform is the discrete Fourier transform in place (Cooley and Tukey,
// 1965); the length is a power of two.
func transform(x []complex128) {
	shift := 64 - bits.Len(uint(len(x)-1))
	for i := range x {
		if j := int(bits.Reverse64(uint64(i)) >> shift); j > i {
			x[i], x[j] = x[j], x[i]
		}
	}
	for size := 2; size <= len(x); size *= 2 {
		turn := make([]complex128, size/2)
		for k := range turn {
			turn[k] = cmplx.Rect(1, -2*math.Pi*float64(k)/float64(size))
		}
		for block := 0; block < len(x); block += size {
			low, high := x[block:block+size/2], x[block+size/2:block+size]
			for k, w := range turn {
				u, v := low[k], high[k]*w
				low[k], high[k] = u+v, u-v
			}
		}
	}
}

// thin averages groups of samples.
func thin(s []int16, by int) []float64 {
	out := make([]float64, len(s)/by)
	for i := range out {
		for j := range by {
			out[i] += float64(s[i*by+j])
		}
	}
	return out
}

func floats(s []int16) []float64 {
	out := make([]float64, len(s))
	for i, v := range s {
		out[i] = float64(v)
	}
	return out
}

func alike(a, b []float64) float64 {
	var ab, aa, bb float64
	for i := range a {
		ab += a[i] * b[i]
		aa += a[i] * a[i]
		bb += b[i] * b[i]
	}
	if aa == 0 || bb == 0 {
		return 0
	}
	return ab / math.Sqrt(aa*bb)
}
