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
// above limit in dBTP. What the limiter takes off it gives back as gain, round
// by round.
func normalise(ctx context.Context, x []float32, target, limit float64) (mastered, error) {
	e := envelop(x)
	m := mastered{before: loudness(x), peakBefore: e.peak}
	most := min(mostGain, limit+mostLimiting-m.peakBefore)
	m.gain = target - m.before
	ceiling := limit - margin
	var last struct{ gain, loudness float64 }
	for range rounds {
		m.gain = min(m.gain, most)
		m.samples = render(x, e, linear(m.gain), linear(ceiling), m.samples)
		if err := ctx.Err(); err != nil {
			return m, err
		}
		m.loudness = loudness(m.samples)
		off := target - m.loudness
		if math.Abs(off) > nearEnough && (off < 0 || m.gain < most) {
			slope := (m.loudness - last.loudness) / (m.gain - last.gain) // of loudness over gain: less than 1 where it limits
			if last.loudness == 0 || !(slope > 0.3 && slope < 1) {
				slope = 1
			}
			last.gain, last.loudness = m.gain, m.loudness
			m.gain += off / slope
			continue
		}
		if m.peak = truePeak(m.samples); m.peak <= limit-margin/2 {
			break
		}
		ceiling -= m.peak - (limit - margin)
	}
	if m.peak = truePeak(m.samples); m.peak > limit { // the target gives way
		soften := linear(limit - margin - m.peak)
		for i, s := range m.samples {
			m.samples[i] = int16(float64(s) * soften)
		}
		m.loudness, m.peak = loudness(m.samples), truePeak(m.samples)
	}
	m.peaky = m.loudness < target-heardSofter && m.gain < mostGain
	return m, nil
}
