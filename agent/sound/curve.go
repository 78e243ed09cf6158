package sound

import (
	"math"
	"slices"

	"ark"
)

// curve is a factor over the frames of a stream: straight lines of amplitude
// between its points, and level before the first and after the last. Without
// points it is 1. It is a value: what changes it makes another.
type curve []point

type point struct {
	at     int64 // a frame of the stream
	factor float32
}

// remembered is how many frames of a curve are kept behind a change of it:
// no device is ever that far behind.
const remembered = 10 * ark.SampleRate

// level is a curve that does not change.
func level(factor float32) curve { return curve{{0, factor}} }

// at is the factor of a frame.
func (c curve) at(frame int64) float32 {
	after := len(c)
	for after > 0 && c[after-1].at > frame {
		after--
	}
	switch {
	case len(c) == 0:
		return 1
	case after == 0:
		return c[0].factor
	case after == len(c):
		return c[after-1].factor
	}
	from, to := c[after-1], c[after]
	return from.factor + (to.factor-from.factor)*(float32(frame-from.at)/float32(to.at-from.at))
}

// steady tells whether the factor is the same for all frames from one up to,
// without, another.
func (c curve) steady(from, to int64) bool {
	for i, p := range c {
		if p.at > from && p.at < to || i > 0 && c[i-1].at <= from && p.at > from && p.factor != c[i-1].factor {
			return false
		}
	}
	return true
}

// to goes to another factor from a frame on, in a straight line: the last of
// so many frames has it. What was to come from there on is forgotten.
func (c curve) to(factor float32, from, frames int64) curve {
	at := c.at(from - 1)
	kept := slices.DeleteFunc(slices.Clone(c), func(p point) bool { return p.at >= from-1 })
	for len(kept) > 1 && kept[1].at <= from-remembered {
		kept = kept[1:]
	}
	return append(kept, point{from - 1, at}, point{from - 1 + max(frames, 1), factor})
}

// factor is what a sample is multiplied with: 20 dB are ten times the
// amplitude, minus infinity is silence.
func factor(dB float64) float32 { return float32(math.Pow(10, dB/20)) }
