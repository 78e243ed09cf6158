package hearing

import (
	"math"
	"slices"
)

const (
	piece = 9600   // 200 ms at 48 kHz
	drift = 48_000 // as far as all gaps together may have moved a piece
	same  = 0.9    // a vowel of another recording reaches about 0.6
)

// Follow finds a recording that may have been interrupted by short gaps, as a
// busy sound card makes them: piece by piece, each near the place where the
// whole is most likely. at is where it begins, share how much of it was found
// in order. Silent pieces do not count: they prove nothing.
func Follow(heard, recording []int16) (at int, share float64) {
	at, share, _ = follow(heard, recording)
	return at, share
}

// Level is how much louder, in dB, a recording was heard than it is: the
// median over its pieces. NaN: it was not heard.
func Level(heard, recording []int16) float64 {
	_, _, levels := follow(heard, recording)
	if len(levels) == 0 {
		return math.NaN()
	}
	slices.Sort(levels)
	return levels[len(levels)/2]
}

func follow(heard, recording []int16) (at int, share float64, levels []float64) {
	around, _ := Locate(heard, recording)
	loud, found, after := 0, 0, 0
	for from := 0; from+piece <= len(recording); from += piece {
		p := recording[from : from+piece]
		if quiet(p) {
			continue
		}
		loud++
		begin := max(around+from-drift, after)
		end := min(around+from+piece+drift, len(heard))
		if begin+piece > end {
			continue
		}
		i, score := Locate(heard[begin:end], p)
		if score < same {
			continue
		}
		if found++; found == 1 {
			at = begin + i - from
		}
		after = begin + i + piece/2 // pieces must not lie on each other
		levels = append(levels, level(heard[begin+i:begin+i+piece], p))
	}
	if loud == 0 {
		return 0, 0, nil
	}
	return at, float64(found) / float64(loud), levels
}

// level is by how many dB h is louder than what of r is in it: the factor
// that fits best (least squares).
func level(h, r []int16) float64 {
	var hr, rr float64
	for i := range r {
		hr += float64(h[i]) * float64(r[i])
		rr += float64(r[i]) * float64(r[i])
	}
	return 20 * math.Log10(hr/rr)
}

// quiet tells that a piece is softer than -50 dBFS on average.
func quiet(p []int16) bool {
	sum := 0.0
	for _, v := range p {
		sum += float64(v) * float64(v)
	}
	return sum/float64(len(p)) < 100*100
}
