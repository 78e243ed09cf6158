package studio

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math"

	"ark"
	"ark/hub"
)

// survey is what one reading of a source shows besides its samples.
type survey struct {
	longest        int // frames that are taken
	format         string
	rate, channels int
	power          [maxChannel]float64 // sum of squares of each channel
	mixed          float64             // and of their average
	flats          int                 // flat tops at full scale, as clipping leaves them
	run            [maxChannel]int     // how long the present one is
	last           [maxChannel]float32
}

// A flat top is this many equal samples at full scale; a sine of full scale
// has them only below some 200 Hz, and speech hardly ever.
const (
	flatRun      = 4
	flatLevel    = 0.9995
	clippedFlats = 5
)

// cancelled is how much softer than its loudest channel an average must be, in
// dB, for that channel to be taken instead: two channels of opposite phase, or
// a voice on one channel of many.
const cancelled = 10

// mixdown reads a source whole: mono, 48 kHz, without what is below hearing,
// and at most so many frames of it.
func mixdown(ctx context.Context, in *input, longest int) ([]float32, survey, error) {
	mono, seen, err := readThrough(ctx, in, longest, -1)
	if err != nil {
		return nil, seen, err
	}
	loudest := 0
	for c := range seen.channels {
		if seen.power[c] > seen.power[loudest] {
			loudest = c
		}
	}
	if seen.channels > 1 && seen.mixed < seen.power[loudest]*math.Pow(10, -cancelled/10.0) {
		again, _, err := readThrough(ctx, in, longest, loudest)
		return again, seen, err
	}
	return mono, seen, nil
}

// readThrough decodes everything and keeps one channel, or the average of all
// (channel -1).
func readThrough(ctx context.Context, in *input, longest, channel int) (mono []float32, seen survey, err error) {
	r, err := in.rewind(ctx)
	if err != nil {
		return nil, seen, err
	}
	defer func() {
		if p := recover(); p != nil {
			err = refuse(hub.RefusedDamaged, "the decoder gave up: %v", p)
		}
		if err != nil && r.err != nil {
			err = r.err
		} else if err != nil {
			err = refusal(err)
		}
	}()
	s, err := openStream(r)
	if err != nil {
		return nil, seen, err
	}
	seen = survey{longest: longest, format: s.format, rate: s.rate, channels: s.channels}
	mono, err = seen.collect(ctx, s, channel)
	if err == nil && len(mono) == 0 {
		err = refuse(hub.RefusedEmpty, "no sound in it")
	}
	return mono, seen, err
}

func (v *survey) collect(ctx context.Context, s stream, channel int) ([]float32, error) {
	rs := newResampler(s.rate)
	var mono, mix []float32
	for {
		block, err := s.next()
		if errors.Is(err, io.EOF) {
			mono = rs.end(mono)
			return highPass(mono), v.fits(mono)
		}
		if err != nil {
			return nil, err
		}
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		if len(block)%s.channels != 0 {
			return nil, fmt.Errorf("%s: %d samples for %d channels", s.format, len(block), s.channels)
		}
		if mix, err = v.mix(mix[:0], block, channel); err != nil {
			return nil, err
		}
		if mono = rs.add(mono, mix); len(mono) > v.longest+ark.SampleRate {
			return nil, v.fits(mono)
		}
	}
}

func (v *survey) fits(mono []float32) error {
	if len(mono) > v.longest {
		return refuse(hub.RefusedLong, "longer than %v", frames(v.longest))
	}
	return nil
}

// mix appends the frames of block to mix, one sample each. What is no number
// would silence the whole recording.
func (v *survey) mix(mix, block []float32, channel int) ([]float32, error) {
	for f := 0; f < len(block); f += v.channels {
		sum := float32(0)
		for c, x := range block[f : f+v.channels] {
			sum += x
			v.power[c] += float64(x) * float64(x)
			v.flat(c, x)
		}
		if !(sum <= maxWord && sum >= -maxWord) {
			return nil, fmt.Errorf("%s: a sample of %v", v.format, sum)
		}
		sum /= float32(v.channels)
		v.mixed += float64(sum) * float64(sum)
		if channel >= 0 {
			sum = block[f+channel]
		}
		mix = append(mix, sum)
	}
	return mix, nil
}

// flat counts the flat tops of a channel.
func (v *survey) flat(c int, x float32) {
	if x < flatLevel && x > -flatLevel {
		v.run[c] = 0
		return
	}
	if x != v.last[c] {
		v.run[c] = 0
	}
	v.last[c] = x
	if v.run[c]++; v.run[c] == flatRun {
		v.flats++
	}
}

// highPass takes off what is below hearing, in place: a constant offset and
// its drift. First order, -3 dB at 8 Hz. It begins as if the first sample had
// lasted for ever, so an offset is gone from the start without a thump.
func highPass(x []float32) []float32 {
	if len(x) == 0 {
		return x
	}
	pole := 1 - 2*math.Pi*8/ark.SampleRate
	before, y := float64(x[0]), 0.0
	for i, v := range x {
		y = float64(v) - before + pole*y
		before = float64(v)
		x[i] = float32(y)
	}
	return x
}
