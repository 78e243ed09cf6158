package studio

import (
	"fmt"
	"math"
	"strings"
	"testing"

	"ark"
	"ark/hub"
)

// uploads are twenty ways in which a recording reaches the office: format,
// rate, channels and level of the demonstration recordings.
var uploads = []struct {
	args string
	gain float64 // dB
}{
	{"-c:a pcm_s16le -f wav", 0},
	{"-c:a pcm_s16le -f wav", -25},
	{"-ar 8000 -c:a pcm_s16le -f wav", -6},
	{"-ar 11025 -c:a pcm_u8 -f wav", 0},
	{"-ar 44100 -ac 2 -c:a pcm_s24le -f wav", -12},
	{"-ar 96000 -c:a pcm_f32le -f wav", 12},
	{"-ar 192000 -ac 2 -c:a pcm_s32le -f wav", -3},
	{"-ar 8000 -c:a pcm_alaw -f wav", 0},
	{"-c:a flac -f flac", -18},
	{"-ar 44100 -ac 2 -c:a flac -f flac", -2},
	{"-ar 22050 -c:a flac -f flac", -9},
	{"-c:a libmp3lame -b:a 64k -f mp3", 0},
	{"-ar 44100 -ac 2 -c:a libmp3lame -b:a 192k -f mp3", -14},
	{"-ar 22050 -c:a libmp3lame -b:a 32k -f mp3", -4},
	{"-ar 16000 -c:a libmp3lame -b:a 24k -f mp3", -20},
	{"-c:a libmp3lame -q:a 5 -f mp3", 6},
	{"-c:a libopus -b:a 16k -f ogg", 0},
	{"-ac 2 -c:a libopus -b:a 96k -f ogg", -16},
	{"-c:a libopus -b:a 32k -f webm", -8},
	{"-ac 2 -c:a libopus -b:a 64k -f webm -live 1", 3},
}

func TestTwentyUploadsReachTheTarget(t *testing.T) {
	for i, u := range uploads {
		t.Run(fmt.Sprintf("%02d %s at %+.0f dB", i, u.args, u.gain), func(t *testing.T) {
			t.Parallel()
			source := pcm16(speeches()[i%len(speeches())], ark.SampleRate, 1)
			file := ffmpeg(t, source, append([]string{"-af", fmt.Sprintf("volume=%.1fdB", u.gain)}, strings.Fields(u.args)...)...)
			take := mustTake(t, file, hub.TakeOptions{Trim: i%2 == 0})
			loud, peak := judged(t, pcm16(take.Samples, ark.SampleRate, 1))
			t.Logf("%.1f LUFS, %.1f dBTP before; %.2f LUFS (FFmpeg: %.1f), %.2f dBTP (FFmpeg: %.1f) after; warning %q",
				take.Source.Loudness, take.Source.Peak, take.Loudness, loud, take.Peak, peak, take.Warning)
			if math.Abs(loud-DefaultTarget) > 0.5 || math.Abs(take.Loudness-DefaultTarget) > 0.3 {
				t.Errorf("%.2f LUFS, FFmpeg measures %.1f; want %.0f", take.Loudness, loud, DefaultTarget)
			}
			if peak > DefaultPeak || take.Peak > DefaultPeak {
				t.Errorf("%.2f dBTP, FFmpeg measures %.1f; want at most %.0f", take.Peak, peak, DefaultPeak)
			}
		})
	}
}
