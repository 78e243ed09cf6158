package console

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math"

	"ark"
)

// errWAV says that content is not a WAV as vans keep it.
var errWAV = errors.New("not a 16-bit WAV")

// wavHead is how many bytes stand before the samples in a file of ours.
const wavHead = 44

// wavHeader begins a WAV file of 48 kHz, mono, 16 bit (RIFF, as Microsoft's
// multimedia specification of 1991 has it): the one kind that vans play.
func wavHeader(frames int) []byte {
	n := uint32(2 * frames)
	out := append(make([]byte, 0, wavHead), "RIFF"...)
	out = binary.LittleEndian.AppendUint32(out, wavHead-8+n)
	out = append(out, "WAVEfmt "...)
	for _, v := range []uint32{16, 1 | 1<<16, ark.SampleRate, 2 * ark.SampleRate, 2 | 16<<16} {
		out = binary.LittleEndian.AppendUint32(out, v)
	}
	out = append(out, "data"...)
	return binary.LittleEndian.AppendUint32(out, n)
}

// writeWAV writes samples as a WAV file and answers its size in bytes.
func writeWAV(w io.Writer, samples []int16) (int64, error) {
	if _, err := w.Write(wavHeader(len(samples))); err != nil {
		return 0, err
	}
	part := make([]byte, 0, 64<<10)
	for rest := samples; len(rest) > 0; {
		n := min(len(rest), cap(part)/2)
		part = part[:0]
		for _, s := range rest[:n] {
			part = binary.LittleEndian.AppendUint16(part, uint16(s))
		}
		if _, err := w.Write(part); err != nil {
			return 0, err
		}
		rest = rest[n:]
	}
	return int64(wavHead + 2*len(samples)), nil
}

// columns is how fine a waveform is drawn.
const columns = 320

// wave is the greatest sample of each column of a recording, 0 to 255.
type wave [columns]uint8

// add takes one sample, the i-th of n.
func (w *wave) add(i, n int, s int16) {
	level := uint8(min(255, abs(int(s))>>7))
	if at := int64(i) * columns / int64(n); level > w[at] {
		w[at] = level
	}
}

func abs(n int) int {
	if n < 0 {
		return -n
	}
	return n
}

// readWave draws a WAV file of ours.
func readWave(r io.Reader) (*wave, error) {
	n, err := findSamples(r)
	if err != nil {
		return nil, err
	}
	w, part := &wave{}, make([]byte, 64<<10)
	for i := 0; i < n; {
		got, err := io.ReadFull(r, part[:min(len(part), 2*(n-i))])
		for at := 0; at+1 < got; at += 2 {
			w.add(i, n, int16(binary.LittleEndian.Uint16(part[at:])))
			i++
		}
		if err != nil {
			return nil, fmt.Errorf("%w: it is cut short", errWAV)
		}
	}
	return w, nil
}

// findSamples reads up to the samples and says how many there are.
func findSamples(r io.Reader) (int, error) {
	head := make([]byte, 12)
	if _, err := io.ReadFull(r, head); err != nil || string(head[:4]) != "RIFF" || string(head[8:]) != "WAVE" {
		return 0, fmt.Errorf("%w: no RIFF header", errWAV)
	}
	for range 16 { // chunks before the samples
		if _, err := io.ReadFull(r, head[:8]); err != nil {
			break
		}
		size := int64(binary.LittleEndian.Uint32(head[4:8]))
		if string(head[:4]) == "data" {
			if size > 2*ark.MaxRecordingFrames {
				break
			}
			return int(size / 2), nil
		}
		if _, err := io.CopyN(io.Discard, r, size+size%2); err != nil {
			break
		}
	}
	return 0, fmt.Errorf("%w: no samples", errWAV)
}

// svg draws a wave: one line for each column, on a scale of loudness that
// shows speech well (the square root of the sample).
func (w *wave) svg() []byte {
	var b bytes.Buffer
	fmt.Fprintf(&b, `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %d 64" preserveAspectRatio="none"><path stroke="#0b5d57" stroke-width="2" d="`, 3*columns)
	for i, level := range w {
		half := math.Max(0.7, 31*math.Sqrt(float64(level)/255))
		fmt.Fprintf(&b, "M%d %.1fv%.1f", 3*i+1, 32-half, 2*half)
	}
	b.WriteString(`"/></svg>`)
	return b.Bytes()
}
