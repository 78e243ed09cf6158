package main

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"time"

	"ark"
	"ark/firmware-config/demo"
	"ark/hub"
	"ark/hub/studio"
)

// tape is how long the recording is that the studio is given.
const tape = 3 * time.Minute

// take is how long the hub's studio needs for an MP3: decoding, 48 kHz,
// loudness, limiter. FFmpeg makes the file and does not take part.
func take(t *bench) []figure {
	list, files, err := demo.Announcements(ark.EncodeWAV)
	t.check(err)
	wav, mp3 := filepath.Join(t.TempDir(), "in.wav"), filepath.Join(t.TempDir(), "out.mp3")
	t.check(os.WriteFile(wav, files[list[0].Recordings[0].Content], 0o600))
	said, err := exec.Command("ffmpeg", "-nostdin", "-v", "error", "-stream_loop", "-1", "-i", wav, "-t", "180",
		"-ac", "2", "-ar", "44100", "-c:a", "libmp3lame", "-b:a", "128k", mp3).CombinedOutput()
	if err != nil {
		t.Fatalf("ffmpeg: %v: %s", err, said)
	}
	data, err := os.ReadFile(mp3)
	t.check(err)
	s := studio.Open(t.Context(), t.TempDir())
	var speeds []float64
	for range 3 {
		began := time.Now()
		got, err := s.Take(t.Context(), bytes.NewReader(data), hub.TakeOptions{Trim: true})
		t.check(err)
		if n := len(got.Samples); n < int(tape.Seconds()-2)*ark.SampleRate {
			t.Fatalf("the studio made %d frames of %v", n, tape)
		}
		speeds = append(speeds, tape.Seconds()/time.Since(began).Seconds())
	}
	speed := figure{Name: "3 minutes of MP3 taken into the library", Value: median(speeds), Unit: "x real time"}
	return []figure{speed.want(">= 20 x real time", speed.Value >= 20)}
}
