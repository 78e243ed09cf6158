package studio

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"sync"
	"testing"

	"ark"
	"ark/firmware-config/demo"
	"ark/hub"
	"ark/internal/skip"
)

// encoded is a WAV of floating-point samples, interleaved.
func encoded(samples []float32, rate, channels int) []byte {
	out := wavOf(tagFloat, 4, len(samples), rate, channels)
	for _, s := range samples {
		out = le.AppendUint32(out, math.Float32bits(s))
	}
	return out
}

// pcm16 is a WAV of 16 bits.
func pcm16(samples []int16, rate, channels int) []byte {
	out := wavOf(tagPCM, 2, len(samples), rate, channels)
	for _, s := range samples {
		out = le.AppendUint16(out, uint16(s))
	}
	return out
}

// wavOf is the head of a WAV of n samples of so many bytes.
func wavOf(tag uint32, bytes, n, rate, channels int) []byte {
	out := le.AppendUint32([]byte("RIFF"), uint32(36+bytes*n))
	out = append(out, "WAVEfmt "...)
	for _, v := range []uint32{16, tag | uint32(channels)<<16, uint32(rate), uint32(bytes * channels * rate), uint32(bytes*channels) | uint32(8*bytes)<<16} {
		out = le.AppendUint32(out, v)
	}
	return le.AppendUint32(append(out, "data"...), uint32(bytes*n))
}

// tone is a sine at 48 kHz.
func tone(hz, amplitude, seconds float64) []float32 {
	out := make([]float32, int(math.Round(seconds*ark.SampleRate)))
	for i := range out {
		out[i] = float32(amplitude * math.Sin(2*math.Pi*hz*float64(i)/ark.SampleRate))
	}
	return out
}

// rounded is sound in 16 bits.
func rounded(x []float32) []int16 {
	out := make([]int16, len(x))
	for i, v := range x {
		out[i] = int16(math.Round(float64(v) * (1<<15 - 1)))
	}
	return out
}

// speeches are the demonstration recordings that speak, 48 kHz mono.
var speeches = sync.OnceValue(func() [][]int16 {
	list, files, err := demo.Announcements(func(s []int16) []byte { return pcm16(s, ark.SampleRate, 1) })
	if err != nil {
		panic(err)
	}
	var all [][]int16
	for _, a := range list {
		if a.Class == ark.ClassMusic {
			continue
		}
		for _, r := range a.Recordings {
			data := files[r.Content][44:]
			samples := make([]int16, len(data)/2)
			for i := range samples {
				samples[i] = int16(le.Uint16(data[2*i:]))
			}
			all = append(all, samples)
		}
	}
	return all
})

// put writes a file for another program to read.
func put(t testing.TB, data []byte) string {
	t.Helper()
	name := filepath.Join(t.TempDir(), "in")
	if err := os.WriteFile(name, data, 0o600); err != nil {
		t.Fatal(err)
	}
	return name
}

// ffmpeg converts what a file holds; args say into what.
func ffmpeg(t testing.TB, in []byte, args ...string) []byte {
	t.Helper()
	return ffmpegFrom(t, nil, in, args...)
}

// ffmpegFrom says before the file how it is to be read.
func ffmpegFrom(t testing.TB, before []string, in []byte, args ...string) []byte {
	t.Helper()
	skip.WithoutTools(t, "ffmpeg")
	out := filepath.Join(t.TempDir(), "out")
	cmd := exec.Command("ffmpeg", slices.Concat([]string{"-nostdin", "-v", "error", "-y"}, before, []string{"-i", put(t, in)}, args, []string{out})...)
	if said, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("ffmpeg %v: %v\n%s", args, err, said)
	}
	data, err := os.ReadFile(out)
	if err != nil {
		t.Fatal(err)
	}
	return data
}

var summary = regexp.MustCompile(`(?s)Integrated loudness:\s+I:\s+(\S+) LUFS.*True peak:\s+Peak:\s+(\S+) dBFS`)

// judged is what FFmpeg's meter says of a file: LUFS and dBTP.
func judged(t testing.TB, file []byte) (loud, peak float64) {
	t.Helper()
	skip.WithoutTools(t, "ffmpeg")
	said, err := exec.Command("ffmpeg", "-nostdin", "-hide_banner", "-i", put(t, file), "-af", "ebur128=peak=true", "-f", "null", "-").CombinedOutput()
	m := summary.FindSubmatch(said)
	if err != nil || m == nil {
		t.Fatalf("ffmpeg ebur128: %v\n%s", err, said)
	}
	loud, _ = strconv.ParseFloat(string(m[1]), 64)
	peak, _ = strconv.ParseFloat(string(m[2]), 64)
	return loud, peak
}

// open is a studio without voices: they take a while to be found.
func open(t testing.TB) *Studio { return newStudio(t.TempDir()) }

// mustTake takes what must be taken.
func mustTake(t testing.TB, file []byte, o hub.TakeOptions) hub.Take {
	t.Helper()
	take, err := open(t).Take(t.Context(), bytes.NewReader(file), o)
	if err != nil {
		t.Fatal(err)
	}
	return take
}

// word is the word of a refusal.
func word(t testing.TB, err error) string {
	t.Helper()
	r, ok := errors.AsType[*hub.Refusal](err)
	if !ok {
		t.Fatalf("%v is no refusal", err)
	}
	return r.Word
}

// mixed is what a file holds before normalising.
func mixed(t testing.TB, file []byte) ([]float32, survey) {
	t.Helper()
	mono, seen, err := mixdown(context.Background(), &input{r: bytes.NewReader(file), remove: func() {}}, ark.MaxRecordingFrames)
	if err != nil {
		t.Fatal(err)
	}
	return mono, seen
}

func floats(data []byte) []float32 {
	out := make([]float32, len(data)/4)
	for i := range out {
		out[i] = math.Float32frombits(binary.LittleEndian.Uint32(data[4*i:]))
	}
	return out
}

// apart is how much softer than the sound its difference to another is, in dB.
func apart(got, want []float32) float64 {
	n := min(len(got), len(want))
	signal, noise := 0.0, 1e-20
	for i := range n {
		d := float64(got[i] - want[i])
		signal += float64(want[i]) * float64(want[i])
		noise += d * d
	}
	return 10 * math.Log10(signal/noise)
}
