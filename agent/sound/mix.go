package sound

import (
	"encoding/binary"
	"math"
	"slices"

	"ark"
)

// track is what a voice sounds: frames of 48 kHz, mono, 16 bit,
// little-endian, any of which can be read again.
type track interface {
	// read fills b with the frames from one on; where it has none, with silence.
	read(b []byte, from int64)
}

// endless is the end of a track that goes on until it is hushed.
const endless = math.MaxInt64

// voice is a program in the stream: where it lies there, and how loud it is.
type voice struct {
	show       *show
	track      track
	start, end int64  // frames of the stream; end: the first that is no longer its own
	gain       curve  // as it was asked for
	duck       curve  // of a bed: how much speech pushes it down
	fade       curve  // 0 at its end, where it was cut
	why        string // it was cut, and why
}

// mixer adds up voices into one stream that never passes the ceiling. A frame
// of the stream depends on the voices alone, and on what the limiter had to do
// before: so the stream can be mixed again from any frame that is not yet
// consumed, and is the same as far as the voices are. It knows neither time
// nor device, adds no delay, and is one goroutine's.
type mixer struct {
	voices []voice
	at     int64 // the next frame
	state
	marks []mark    // what the state was, oldest first
	raw   []byte    // a voice's frames
	sum   []float32 // of the frames that are being mixed; holds the sum of 256 voices at 0 dB exactly
}

// state is what a mixer takes from one frame to the next.
type state struct {
	limit limiter
	mute  int64 // frames for which there was something to sound, and silence came out
}

type mark struct {
	at int64
	state
}

// block is how many frames are mixed at once; a mark stands before each.
const block = 1024

// mostMute is for how long silence may come out though there is something to
// sound.
const mostMute = ark.SampleRate / 2

// clone is a mixer that goes its own way from here on.
func (m *mixer) clone() *mixer {
	return &mixer{voices: slices.Clone(m.voices), at: m.at, state: m.state, marks: slices.Clone(m.marks)}
}

// end is the frame after the last that has anything to sound.
func (m *mixer) end() (end int64) {
	for _, v := range m.voices {
		end = max(end, v.end)
	}
	return end
}

// mix fills b with the next frames of the stream. One voice alone whose
// samples keep to the ceiling comes out exactly as it is.
func (m *mixer) mix(b []byte) {
	for b = b[:len(b)&^1]; len(b) > 0; {
		n := min(len(b), 2*block)
		m.marks = append(m.marks, mark{m.at, m.state})
		m.mixBlock(b[:n])
		b = b[n:]
	}
}

func (m *mixer) mixBlock(b []byte) {
	m.sum = slices.Grow(m.sum[:0], block)[:len(b)/2]
	m.raw = slices.Grow(m.raw[:0], 2*block)[:len(b)]
	clear(m.sum)
	due, came := false, false
	for i := range m.voices {
		due = m.voices[i].mix(m.sum, m.raw, m.at) || due
	}
	for i, x := range m.sum {
		y := m.limit.frame(x)
		came = came || y != 0
		binary.LittleEndian.PutUint16(b[2*i:], uint16(y))
	}
	m.at += int64(len(m.sum))
	switch {
	case came:
		m.mute = 0
	case due:
		m.mute += int64(len(m.sum))
	}
}

// mix adds the voice's part to the frames of the stream from one on. due: it
// has something there that can be heard.
func (v *voice) mix(sum []float32, raw []byte, at int64) (due bool) {
	from, to := max(at, v.start), min(at+int64(len(sum)), v.end)
	if from >= to {
		return false
	}
	sum, raw = sum[from-at:to-at], raw[:2*(to-from)]
	v.track.read(raw, from-v.start)
	gain := v.factor(from)
	steady := v.gain.steady(from, to) && v.duck.steady(from, to) && v.fade.steady(from, to)
	for i := range sum {
		if !steady {
			gain = v.factor(from + int64(i))
		}
		x := float32(int16(binary.LittleEndian.Uint16(raw[2*i:])))
		due = due || x*gain >= 2 || x*gain <= -2
		sum[i] += gain * x
	}
	return due
}

// factor is what the voice's sample at a frame of the stream is multiplied
// with.
func (v *voice) factor(frame int64) float32 {
	return v.gain.at(frame) * v.duck.at(frame) * v.fade.at(frame)
}

// rewind goes back to a frame of the stream, which forget has not let go, to
// mix it again.
func (m *mixer) rewind(to int64) {
	if to >= m.at {
		return
	}
	i := len(m.marks) - 1
	for i > 0 && m.marks[i].at > to {
		i--
	}
	m.at, m.state = m.marks[i].at, m.marks[i].state
	m.marks = m.marks[:i]
	for m.at < to {
		m.mix(make([]byte, 2*min(to-m.at, block)))
	}
}

// forget lets go of what is needed only to mix frames again that the device
// has consumed.
func (m *mixer) forget(consumed int64) {
	n := 0
	for n+1 < len(m.marks) && m.marks[n+1].at <= consumed {
		n++
	}
	m.marks = slices.Delete(m.marks, 0, n)
}
