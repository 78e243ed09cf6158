package sound

import (
	"encoding/binary"
	"math"
	"sync"

	"ark"
)

// chime is the sound before an announcement, made by calculation: two struck
// tones a major third apart, E5 and C5, each dying away, at -9 dBFS.
var chime = sync.OnceValue(func() []byte {
	const (
		second = ark.SampleRate
		length = second * 13 / 10
		level  = 0.35 * 32767
	)
	out := make([]byte, 2*length)
	for i := range length {
		v := strike(i, 659.26) + strike(i-second*45/100, 523.25)
		tail := min(1, float64(length-i)/(second/50))
		binary.LittleEndian.PutUint16(out[2*i:], uint16(int16(level*tail*v)))
	}
	return out
})

// strike is a tone struck at frame 0, with two softer overtones.
func strike(i int, hz float64) float64 {
	if i < 0 {
		return 0
	}
	t := float64(i) / ark.SampleRate
	attack := math.Min(1, t/0.004)
	w := 2 * math.Pi * hz * t
	return attack * (math.Exp(-4*t)*math.Sin(w) + 0.3*math.Exp(-7*t)*math.Sin(2*w) + 0.1*math.Exp(-11*t)*math.Sin(3*w)) / 1.2
}
