package sound

import (
	"math"

	"ark"
)

const (
	// ceiling is -1 dBFS: room for what a converter or an amplifier makes
	// between the samples.
	ceiling = 29204
	// release is the time constant of the limiter's return, 100 ms.
	release = ark.SampleRate / 10
)

// recovery is what is left of the limiter's hold after a frame.
var recovery = float32(math.Exp(-1.0 / release))

// limiter turns down what would pass the ceiling: at once, by exactly what is
// too much, and back slowly, so that it is heard as a softer voice and not as
// a rattle. It does not look ahead, as better ones do, since that would delay
// every press by as much for the sake of the rare loud sum; in its place the
// first peak of such a sum is cut flat, for part of one wave, and those after
// it are only softer.
type limiter struct {
	hold float32 // the share of the amplitude that is taken away; 0: at rest, nothing is changed
}

// frame limits one frame and rounds it.
func (l *limiter) frame(x float32) int16 {
	if l.hold > 0 || x > ceiling || x < -ceiling {
		x = l.turn(x)
	}
	return int16(int32(x+32768.5) - 32768) // conversion cuts off: above 0 it rounds
}

// turn turns a frame down.
func (l *limiter) turn(x float32) float32 {
	if l.hold *= recovery; l.hold < 1.0/(1<<16) {
		l.hold = 0 // less than half a step of 16 bit: what remains is not heard, and the way through is exact again
	}
	if size := max(x, -x); size*(1-l.hold) > ceiling {
		l.hold = 1 - ceiling/size
	}
	return max(-ceiling, min(x*(1-l.hold), ceiling)) // float32 may miss it by a little
}
