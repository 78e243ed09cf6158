package studio

import (
	"fmt"
	"slices"
	"strings"
	"testing"
)

// Each format against FFmpeg's decoder: the same samples, at the same place.
func TestDecodersAgreeWithFFmpeg(t *testing.T) {
	soft := slices.Clone(speeches()[0]) // a lossy codec's overshoot is no matter of decoding
	for i := range soft {
		soft[i] /= 2
	}
	speech := pcm16(soft, 48000, 1)
	for _, c := range []struct {
		name   string
		args   string
		format string
		rate   int
		db     float64 // by how much the difference must be softer
		slack  int     // frames by which the length may differ
	}{
		{"WAV 8 bit", "-c:a pcm_u8 -f wav", "WAV", 48000, 90, 0},
		{"WAV 16 bit", "-c:a pcm_s16le -f wav", "WAV", 48000, 90, 0},
		{"WAV 24 bit 6 channels", "-af pan=6c|c0=c0|c1=0.5*c0|c2=c0|c3=0.2*c0|c4=c0|c5=0.7*c0 -c:a pcm_s24le -f wav", "WAV", 48000, 90, 0},
		{"WAV 32 bit", "-c:a pcm_s32le -f wav", "WAV", 48000, 90, 0},
		{"WAV float", "-c:a pcm_f32le -f wav", "WAV", 48000, 90, 0},
		{"WAV double stereo", "-ac 2 -c:a pcm_f64le -f wav", "WAV", 48000, 90, 0},
		{"WAV A-law", "-c:a pcm_alaw -f wav", "WAV", 48000, 90, 0},
		{"WAV µ-law", "-c:a pcm_mulaw -f wav", "WAV", 48000, 90, 0},
		{"WAV µ-law of a telephone", "-ar 8000 -c:a pcm_mulaw -f wav", "WAV", 8000, 33, 1},
		{"WAV 44.1 kHz", "-ar 44100 -c:a pcm_s16le -f wav", "WAV", 44100, 60, 1},
		{"WAV with size unknown", "-c:a pcm_s16le -f wav -seekable 0", "WAV", 48000, 90, 0},
		{"FLAC", "-c:a flac -f flac", "FLAC", 48000, 90, 0},
		{"FLAC stereo", "-ac 2 -c:a flac -f flac", "FLAC", 48000, 90, 0},
		{"FLAC 24 bit 96 kHz", "-ar 96000 -sample_fmt s32 -c:a flac -f flac", "FLAC", 96000, 60, 1},
		{"MP3 mono", "-c:a libmp3lame -b:a 64k -f mp3", "MP3", 48000, 55, 0},
		{"MP3 stereo 44.1 kHz", "-ac 2 -ar 44100 -c:a libmp3lame -b:a 128k -f mp3", "MP3", 44100, 50, 2},
		{"MP3 variable", "-c:a libmp3lame -q:a 4 -f mp3", "MP3", 48000, 55, 0},
		{"MP3 MPEG-2", "-ar 22050 -c:a libmp3lame -b:a 32k -f mp3", "MP3", 22050, 50, 2},
		{"MP3 MPEG-2 padded", "-ar 22050 -c:a libmp3lame -b:a 24k -f mp3", "MP3", 22050, 50, 2},
		{"MP3 MPEG-2 padded stereo", "-ac 2 -ar 22050 -c:a libmp3lame -b:a 80k -f mp3", "MP3", 22050, 50, 2},
		{"MP3 MPEG-2 variable", "-ar 22050 -c:a libmp3lame -q:a 3 -f mp3", "MP3", 22050, 50, 2},
		{"MP3 24 kHz", "-ar 24000 -c:a libmp3lame -b:a 64k -f mp3", "MP3", 24000, 35, 2}, // next to 12 kHz each resampler has its own slope
		{"MP3 without headers", "-c:a libmp3lame -b:a 96k -write_xing 0 -id3v2_version 0 -f mp3", "MP3", 48000, 55, 3000},
		{"Opus SILK", "-ar 16000 -c:a libopus -b:a 12k -application voip -f ogg", "Opus", 48000, 30, 400},
		{"Opus hybrid", "-c:a libopus -b:a 24k -application voip -f ogg", "Opus", 48000, 30, 400},
		{"Opus CELT", "-c:a libopus -b:a 96k -application audio -f ogg", "Opus", 48000, 50, 400},
		{"Opus stereo", "-ac 2 -c:a libopus -b:a 64k -f ogg", "Opus", 48000, 40, 400},
		{"Opus 60 ms", "-c:a libopus -b:a 32k -frame_duration 60 -f ogg", "Opus", 48000, 30, 400},
		{"WebM", "-c:a libopus -b:a 64k -f webm", "Opus", 48000, 40, 1300},
		{"WebM live", "-ac 2 -c:a libopus -b:a 64k -f webm -live 1", "Opus", 48000, 40, 1300},
		{"Matroska", "-c:a libopus -b:a 64k -f matroska", "Opus", 48000, 40, 1300},
	} {
		t.Run(c.name, func(t *testing.T) {
			file := ffmpeg(t, speech, strings.Fields(c.args)...)
			got, seen := mixed(t, file)
			ours := c.rate
			if seen.format != c.format || seen.rate != ours {
				t.Errorf("it is taken for %s of %d Hz, want %s of %d", seen.format, seen.rate, c.format, ours)
			}
			var from []string
			if c.format == "Opus" {
				from = []string{"-c:a", "libopus"} // the reference: FFmpeg's own differs
			}
			want := highPass(floats(ffmpegFrom(t, from, file, "-af", fmt.Sprintf("pan=mono|c0=%s,aresample=48000:filter_size=64:phase_shift=10:cutoff=0.94", average(seen.channels)), "-f", "f32le")))
			if d := len(got) - len(want); d > c.slack || d < -c.slack {
				t.Errorf("%d frames, FFmpeg has %d", len(got), len(want))
			}
			if db := apart(got, want); db < c.db {
				t.Errorf("what differs from FFmpeg is %.1f dB softer, want %.0f", db, c.db)
			}
		})
	}
}

// average is FFmpeg's word for the mean of all channels.
func average(channels int) string {
	var terms []string
	for c := range channels {
		terms = append(terms, fmt.Sprintf("%.6f*c%d", 1/float64(channels), c))
	}
	return strings.Join(terms, "+")
}
