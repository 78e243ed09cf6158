package studio

import "ark"

// True peak by ITU-R BS.1770-4, annex 2: the greatest magnitude of the sound
// at four times its rate. The filter is longer than the annex's 12 taps for
// each phase: it reads a tone of up to 20 kHz within 0.05 dB of what four
// points in a sample can show.
const (
	peakPhases = 4
	peakTaps   = 32
	peakReach  = peakTaps / 2
	peakChunk  = 64
)

// peakRows are the weights of the points 1/4, 2/4 and 3/4 after a sample, and
// peakMost the most by which such a point can pass the samples around it.
var peakRows, peakMost = makePeakRows()

func makePeakRows() (rows [peakPhases - 1][]float32, most float32) {
	for p := range rows {
		rows[p] = sincRow(float64(p+1)/peakPhases, peakTaps, 0.5)
		sum := float32(0)
		for _, w := range rows[p] {
			sum += max(w, -w)
		}
		most = max(most, sum)
	}
	return rows, most
}

// between gives into[i] the greatest magnitude of the sound from sample from+i
// up to, but not including, the next. Chunks that stay below floor, whatever
// lies between their samples, are told as floor.
func between[T int16 | float32](x []T, from int, into []float32, floor float32) {
	window := make([]float32, peakChunk+peakTaps)
	scale := scaleOf[T]()
	for at := 0; at < len(into); at += peakChunk {
		n := min(peakChunk, len(into)-at)
		first, top := from+at-(peakReach-1), float32(0)
		for i := range window {
			window[i] = 0
			if k := first + i; k >= 0 && k < len(x) {
				window[i] = float32(x[k]) * scale
				top = max(top, window[i], -window[i])
			}
		}
		for i := range n {
			if top*peakMost <= floor {
				into[at+i] = floor
				continue
			}
			into[at+i] = pointsAt(window[i : i+peakTaps])
		}
	}
}

func pointsAt(window []float32) float32 {
	top := max(window[peakReach-1], -window[peakReach-1])
	for _, row := range peakRows {
		v := dot(window, row)
		top = max(top, v, -v)
	}
	return top
}

// truePeak is in dBTP.
func truePeak[T int16 | float32](x []T) float64 {
	top := float32(1e-9)
	var found [ark.SampleRate / 10]float32
	for at := 0; at < len(x); at += len(found) {
		part := found[:min(len(found), len(x)-at)]
		between(x, at, part, top)
		for _, v := range part {
			top = max(top, v)
		}
	}
	return decibel(float64(top))
}

// envelope is between of sound as a whole, in two bytes for each sample,
// rounded up: normalising goes over it several times.
type envelope struct {
	tops []uint16
	unit float32 // what 1 stands for
	peak float64 // dBTP
}

func envelop(x []float32) envelope {
	top := float32(1e-9)
	for _, v := range x {
		top = max(top, v, -v)
	}
	e := envelope{tops: make([]uint16, len(x)), unit: top * peakMost / 65000}
	var found [hop]float32
	highest := float32(1e-9)
	for at := 0; at < len(x); at += hop {
		part := found[:min(hop, len(x)-at)]
		between(x, at, part, top/20) // 26 dB below the peak no limiter works
		for i, v := range part {
			highest = max(highest, v)
			e.tops[at+i] = uint16(v/e.unit) + 1
		}
	}
	e.peak = decibel(float64(max(highest, top)))
	return e
}

// at is how high the sound is from sample i up to the next.
func (e envelope) at(i int) float32 {
	if i >= len(e.tops) {
		return 0
	}
	return float32(e.tops[i]) * e.unit
}
