package studio

import (
	"math"

	"ark"
)

// The limiter looks 5 ms ahead: the gain goes down in a straight line over
// them, is down when the peak comes, and comes back with a time constant of
// 50 ms.
const (
	ahead   = ark.SampleRate * 5 / 1000
	release = 0.050 // s
)

// limiter makes the gain that keeps true peaks at a ceiling.
type limiter struct {
	gain, ceiling float32
	need          []float32 // gain for each sample, a ring of ahead: what is to come
	held          []int     // indices of need that can still be the least, rising
	box           []float32 // the last gains, a ring of ahead
	sum           float64   // of box
	now           float32   // the last gain before smoothing
}

// render applies gain to x, keeps its true peaks, told by e, below ceiling
// (both as factors), and rounds to 16 bits. There is no dither: at this level the
// noise of any recording does that work. It writes over out where that is
// large enough.
func render(x []float32, e envelope, gain, ceiling float64, out []int16) []int16 {
	if cap(out) < len(x) {
		out = make([]int16, len(x))
	}
	out = out[:len(x)]
	l := &limiter{gain: float32(gain), ceiling: float32(ceiling), need: make([]float32, ahead), box: make([]float32, ahead), now: 1}
	before := float32(0)
	for j := range len(x) + ahead - 1 {
		here := e.at(j)
		l.push(j, max(here, before))
		before = here
		if i := j - ahead + 1; i >= 0 && i < len(x) {
			v := float64(x[i]*l.gain) * l.next(i) * (1 << 15)
			out[i] = int16(max(-1<<15, min(1<<15-1, math.Round(v))))
		}
	}
	return out
}

// push says what is to come at sample j.
func (l *limiter) push(j int, top float32) {
	need := float32(1)
	if top *= l.gain; top > l.ceiling {
		need = l.ceiling / top
	}
	for len(l.held) > 0 && l.need[l.held[len(l.held)-1]%ahead] >= need {
		l.held = l.held[:len(l.held)-1]
	}
	l.need[j%ahead] = need
	l.held = append(l.held, j)
}

// next is the gain for sample i. All that it averages are at most what i
// needs, so it is too.
func (l *limiter) next(i int) float64 {
	for l.held[0] < i {
		l.held = l.held[1:]
	}
	least := l.need[l.held[0]%ahead]
	l.now = min(least, l.now+(1-l.now)*releaseStep)
	if i == 0 {
		l.now = least
		for k := range l.box {
			l.box[k] = least
		}
		l.sum = float64(least) * ahead
	}
	l.sum += float64(l.now) - float64(l.box[i%ahead])
	l.box[i%ahead] = l.now
	return l.sum / ahead
}

var releaseStep = float32(1 - math.Exp(-1/(release*ark.SampleRate)))
