package studio

import (
	"context"
	"math"
)

// Bounds of normalising, in dB.
const (
	mostGain     = 40.0 // more brings up nothing but noise
	quietGain    = 30.0 // from here on the noise is heard
	mostLimiting = 9.0  // what the limiter may take off the highest peak: clear speech needs up to 8
	nearEnough   = 0.05 // LU
	heardSofter  = 0.3  // LU: what is said
	margin       = 0.1  // other meters of true peak have other filters
	rounds       = 10
)

// mastered is what normalising gives.
type mastered struct {
	samples            []int16
	loudness, peak     float64 // LUFS, dBTP
	before, peakBefore float64
	gain               float64 // dB
	peaky              bool    // the limit keeps it softer than the target
}

// normalise brings x (48 kHz mono) to the target in LUFS, with no true peak
// above limit in dBTP.
func normalise(ctx context.Context, x []float32, target, limit float64) (mastered, error) {
	m := mastered{before: loudness(x), peakBefore: truePeak(x)}
	most := limit + mostLimiting - m.peakBefore
	m.gain = min(target-m.before, mostGain)
	ceiling := limit - margin
	for range rounds {
		if m.gain > most {
			m.gain, m.peaky = most, true
		}
		m.samples = render(x, linear(m.gain), linear(ceiling), m.samples)
		if err := ctx.Err(); err != nil {
			return m, err
		}
		m.loudness, m.peak = loudness(m.samples), truePeak(m.samples)
		if m.peak > limit-margin/2 {
			ceiling -= m.peak - (limit - margin)
			continue
		}
		off := target - m.loudness
		if math.Abs(off) <= nearEnough || m.peaky || m.gain >= mostGain {
			break
		}
		m.gain = min(m.gain+off, mostGain)
	}
	m.peaky = m.peaky && m.loudness < target-heardSofter
	return m, nil
}
