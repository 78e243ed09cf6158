// Package hearing judges for tests whether a recording is in what was heard.
package hearing

import "math"

// Locate finds where in heard a recording is most like it, and how much: the
// normalised cross-correlation over the whole recording, 1 for the same. It
// looks coarsely first, at an eighth of the rate, then exactly around there.
func Locate(heard, recording []int16) (at int, score float64) {
	const coarse = 8
	h, r := thin(heard, coarse), thin(recording, coarse)
	best := -1.0
	for i := 0; i+len(r) <= len(h); i++ {
		if s := alike(h[i:i+len(r)], r); s > best {
			best, at = s, i*coarse
		}
	}
	if best < 0 {
		return 0, 0
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
