package sound

import (
	"encoding/binary"
	"math"
	"sync"

	"ark"
)

// alarm is what sounds where there is nothing else to say, made by
// calculation: three tones of 800 Hz, half a second each with as much between
// them, at -6 dBFS.
var alarm = sync.OnceValue(func() []byte {
	const (
		half  = ark.SampleRate / 2
		ramp  = ark.SampleRate / 50 // so that no tone begins or ends with a click
		times = 3
		level = 0.5 * 32767
	)
	out := make([]byte, 2*(2*times-1)*half)
	for n := range times {
		for i := range half {
			edge := min(1, float64(i)/ramp, float64(half-1-i)/ramp)
			v := level * edge * math.Sin(2*math.Pi*800*float64(i)/ark.SampleRate)
			binary.LittleEndian.PutUint16(out[2*(2*n*half+i):], uint16(int16(v)))
		}
	}
	return out
})
