package studio

import (
	"math"
	"time"

	"ark"
)

// What is silence: 30 LU below the recording's own loudness, for all but
// clicks shorter than 30 ms. Of it 100 ms stay at each end, faded over 50 ms.
const (
	trimBelow  = 30.0
	trimStep   = ark.SampleRate / 100 // frames that are judged together
	trimRun    = 3                    // steps
	trimKeep   = ark.SampleRate / 10
	trimFading = ark.SampleRate / 20
)

// trim takes silence off both ends of sound of this loudness, and says how
// much. It fades what it keeps in place.
func trim(x []float32, loud float64) ([]float32, [2]time.Duration) {
	first, last := sounding(x, loud-trimBelow)
	if first < 0 {
		return x, [2]time.Duration{}
	}
	from, to := max(0, first-trimKeep), min(len(x), last+trimKeep)
	kept := x[from:to]
	for i := range min(trimFading, len(kept)/2) {
		g := float32(0.5 - 0.5*math.Cos(math.Pi*float64(i)/trimFading))
		if from > 0 {
			kept[i] *= g
		}
		if to < len(x) {
			kept[len(kept)-1-i] *= g
		}
	}
	return kept, [2]time.Duration{frames(from), frames(len(x) - to)}
}

// sounding is where sound above a loudness begins and ends, in frames; -1: it
// never is.
func sounding(x []float32, gate float64) (first, last int) {
	m := newMeter()
	first = -1
	run := 0
	for at := 0; at < len(x); at += trimStep {
		end := min(at+trimStep, len(x))
		sum := 0.0
		for _, v := range x[at:end] {
			y := m.pass.run(m.shelf.run(float64(v)))
			sum += y * y
		}
		if lufs(sum/float64(end-at)) < gate {
			run = 0
			continue
		}
		if run++; run < trimRun {
			continue
		}
		last = end
		if first < 0 {
			first = at - (trimRun-1)*trimStep
		}
	}
	return first, last
}
