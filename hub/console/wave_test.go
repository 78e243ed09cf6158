package console

import (
	"bytes"
	"errors"
	"strings"
	"testing"

	"ark"
)

// A wave shows where a recording is loud; what is no recording is not drawn.
func TestWave(t *testing.T) {
	samples := make([]int16, ark.SampleRate)
	for i := ark.SampleRate / 2; i < len(samples); i++ {
		samples[i] = -32768
	}
	var file bytes.Buffer
	size, err := writeWAV(&file, samples)
	must(t, err)
	if size != int64(file.Len()) || size != 44+2*ark.SampleRate {
		t.Errorf("it says %d bytes and has %d", size, file.Len())
	}
	w, err := readWave(bytes.NewReader(file.Bytes()))
	must(t, err)
	for i, want := range map[int]uint8{0: 0, columns/2 - 1: 0, columns / 2: 255, columns - 1: 255} {
		if w[i] != want {
			t.Errorf("column %d is %d, want %d", i, w[i], want)
		}
	}
	if s := string(w.svg()); strings.Count(s, "M") != columns || strings.Contains(s, "NaN") {
		t.Errorf("got %s", s)
	}
	for _, garbage := range [][]byte{nil, []byte("RIFF"), []byte("RIFF0000WAVE"), file.Bytes()[:60], bytes.Repeat([]byte("RIFF0000WAVE"), 40), append(file.Bytes()[:40:40], 0xff, 0xff, 0xff, 0xff)} {
		if _, err := readWave(bytes.NewReader(garbage)); !errors.Is(err, errWAV) {
			t.Errorf("%d bytes: got %v", len(garbage), err)
		}
	}
	if w, err := readWave(bytes.NewReader(wavHeader(0))); err != nil || w[0] != 0 {
		t.Errorf("no samples: %v", err)
	}
}
