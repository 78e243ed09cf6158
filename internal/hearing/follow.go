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
	f := follow(heard, recording)
	return f.at, f.share
}

// Until is how far a recording was heard: where in heard the last of its
// pieces ends that was found, and which frame of the recording that is. What
// is quiet after it counts as heard.
func Until(heard, recording []int16) (end, frame int) {
	f := follow(heard, recording)
	for f.frame+piece <= len(recording) && quiet(recording[f.frame:f.frame+piece]) {
		f.end, f.frame = f.end+piece, f.frame+piece
	}
	return f.end, f.frame
}

// Level is how much louder, in dB, a recording was heard than it is: the
// median over its pieces. NaN: it was not heard.
func Level(heard, recording []int16) float64 {
	levels := follow(heard, recording).levels
	if len(levels) == 0 {
		return math.NaN()
	}
	slices.Sort(levels)
	return levels[len(levels)/2]
}

// found is what was found of a recording.
type found struct {
	at, end int // in what was heard: of its first frame, after its last piece
	frame   int // of the recording, after its last piece
	share   float64
	levels  []float64 // of its pieces, dB
}

func follow(heard, recording []int16) (f found) {
	around, _ := Locate(heard, recording)
	loud, pieces, after := 0, 0, 0
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
		if pieces++; pieces == 1 {
			f.at = begin + i - from
		}
		f.end, f.frame = begin+i+piece, from+piece
		after = begin + i + piece/2 // pieces must not lie on each other
		f.levels = append(f.levels, level(heard[begin+i:begin+i+piece], p))
	}
	if loud > 0 {
		f.share = float64(pieces) / float64(loud)
	}
	return f
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
