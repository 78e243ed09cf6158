package sound

import (
	"encoding/binary"
	"math"
	"slices"

	"ark"
)

// mostSteps is as much of a program as is compared with what was heard of it:
// ten minutes.
const mostSteps = 10 * 60 * 50

// levels are how loud a stream of samples is, in steps of 20 ms: the root of
// the mean square.
type levels struct {
	all []float32
	sum float64
	n   int
}

// sample takes a sample, and tells whether a step is full by it.
func (l *levels) sample(x float64) bool {
	l.sum += x * x
	if l.n++; l.n < hop {
		return false
	}
	if len(l.all) < mostSteps {
		l.all = append(l.all, float32(math.Sqrt(l.sum/hop)))
	}
	l.sum, l.n = 0, 0
	return true
}

// add takes samples, little-endian 16 bit.
func (l *levels) add(b []byte) {
	for i := 0; i+1 < len(b); i += 2 {
		l.sample(float64(int16(binary.LittleEndian.Uint16(b[i:]))))
	}
}

// floors are how far under the loudest of what was sent its softer parts may
// lie and still be heard, in dB: in a quiet yard far, in a loud street little.
var floors = [...]float64{30, 18, 9}

// pieceSteps is how much is compared at a time, three seconds: in it there is
// enough to tell one thing from another, and it is short enough for a stutter
// to move what comes after it and not to hide it.
const pieceSteps = 150

// likeness is how well what was heard goes up and down as what was sent does:
// the mean over all pieces of the best correlation in dB, 1 for the same.
// known: there was enough of both to tell. The first second does not count:
// the input may still be opening.
func likeness(sent, heard []float32) (mean float64, known bool) {
	s, h := decibels(sent), decibels(heard)
	pieces := 0
	for from := 50; from+pieceSteps <= len(s); from += pieceSteps {
		if best, known := alike(s[from:from+pieceSteps], h, from); known {
			mean += best
			pieces++
		}
	}
	return mean / float64(max(pieces, 1)), pieces > 0
}

// alike is the best correlation of a piece that begins at a step of what was
// sent. What was heard may begin a second before that, as when an input opened
// slowly, or two after it, and stutters may make it longer by a tenth.
func alike(piece, heard []float64, at int) (best float64, known bool) {
	const soonest, latest = -50, 100
	s := make([]float64, len(piece))
	for _, floor := range floors {
		top := quantile(piece, 0.95)
		for i, x := range piece {
			s[i] = max(x, top-floor)
		}
		if quantile(s, 0.95)-quantile(s, 0.1) < 4 {
			continue // it hardly changes: whatever keeps on sounds like it
		}
		for from := max(at+soonest, 0); from <= at+at/10+latest && from+len(s) <= len(heard); from++ {
			known = true
			best = max(best, correlation(s, heard[from:from+len(s)]))
		}
	}
	return best, known
}

// decibels are levels in dB, drawn out a little as a room does.
func decibels(rms []float32) []float64 {
	dB := make([]float64, len(rms))
	for i := range rms {
		sum := 0.0
		for _, x := range rms[max(0, i-1):min(len(rms), i+2)] {
			sum += float64(x) * float64(x)
		}
		dB[i] = 10 * math.Log10(sum/3+9) // three steps of 16 bit are silence
	}
	return dB
}

func quantile(v []float64, q float64) float64 {
	v = slices.Clone(v)
	slices.Sort(v)
	return v[int(q*float64(len(v)-1))]
}

// correlation is Pearson's; 0 where one of the two does not change.
func correlation(a, b []float64) float64 {
	var sa, sb float64
	for i := range a {
		sa += a[i]
		sb += b[i]
	}
	ma, mb := sa/float64(len(a)), sb/float64(len(b))
	var ab, aa, bb float64
	for i := range a {
		x, y := a[i]-ma, b[i]-mb
		ab, aa, bb = ab+x*y, aa+x*x, bb+y*y
	}
	if aa == 0 || bb == 0 {
		return 0
	}
	return ab / math.Sqrt(aa*bb)
}

// The demonstration announcements reach 0.9 in noise that is 5 dB over them,
// and less than 0.5 in one another's place.
const (
	surelyHeard   = 0.7
	surelyUnheard = 0.6
)

// judge is the verdict on an announcement by its likeness.
func judge(likeness float64, known bool) ark.Hearing {
	switch {
	case !known:
		return ark.HeardUnknown
	case likeness >= surelyHeard:
		return ark.HeardYes
	case likeness < surelyUnheard:
		return ark.HeardNo
	}
	return ark.HeardUnknown
}
