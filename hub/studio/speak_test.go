package studio

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"ark"
	"ark/hub"
	"ark/internal/skip"
)

func TestSpeech(t *testing.T) {
	skip.WithoutTools(t, "espeak-ng")
	s := Open(t.Context(), t.TempDir())
	if want := []ark.Language{"cmn-Hans-CN", "yue-Hant-HK", "en"}; !slices.Equal(s.Voices(), want) {
		t.Fatalf("voices %v, want %v", s.Voices(), want)
	}
	lengths := map[int]bool{}
	for _, c := range []struct {
		language ark.Language
		text     string
	}{
		{"cmn-Hans-CN", "停水通知：今天下午两点到五点停水，请提前储水。"},
		{"zh-CN", "居民朋友们好！\n服务方舟开到了小区门口。"},
		{"yue-Hant-HK", "停水通知：今日下晝兩點至五點停水，請預先儲水。"},
		{"en", "Notice: no water from two until five. -- `rm -rf /` $(id) [[w'eIR@n]] <b>bold</b>"},
		{"en-US", "--version"},
	} {
		take, err := s.Speak(t.Context(), c.text, c.language, hub.TakeOptions{Trim: true})
		if err != nil {
			t.Errorf("%s: %v", c.language, err)
			continue
		}
		if !take.Machine || take.Source.Format != "speech" || take.Source.Rate != 22050 || len(take.Samples) < ark.SampleRate/2 {
			t.Errorf("%s: %d frames, machine %v, %+v", c.language, len(take.Samples), take.Machine, take.Source)
		}
		if take.Loudness < -16.5 || take.Loudness > -15.5 || take.Peak > -1 {
			t.Errorf("%s: %.1f LUFS, %.1f dBTP", c.language, take.Loudness, take.Peak)
		}
		lengths[len(take.Samples)] = true
	}
	if len(lengths) != 5 {
		t.Errorf("of five texts only %d sound different", len(lengths))
	}
}

func TestWhatCannotBeSpoken(t *testing.T) {
	s := newStudio(t.TempDir())
	s.voices = voices
	for _, c := range []struct {
		language ark.Language
		text     string
		want     string
	}{
		{"en", "", hub.RefusedText},
		{"en", " \n\t ", hub.RefusedText},
		{"en", "?!…", hub.RefusedText},
		{"en", "bell \a", hub.RefusedText},
		{"en", "zero \x00", hub.RefusedText},
		{"en", "broken \xff", hub.RefusedText},
		{"en", strings.Repeat("字", hub.MaxSpoken+1), hub.RefusedText},
		{"wuu-CN-x-hangzhou", "侬好", hub.RefusedNoVoice},
		{"zh-wuu", "侬好", hub.RefusedNoVoice},
		{"fr", "bonjour", hub.RefusedNoVoice},
		{"", "hello", hub.RefusedNoVoice},
	} {
		if _, err := s.Speak(t.Context(), c.text, c.language, hub.TakeOptions{}); err == nil || word(t, err) != c.want {
			t.Errorf("%q in %s: %v, want %s", c.text, c.language, err, c.want)
		}
	}
	s.voices = nil
	if _, err := s.Speak(t.Context(), "hello", "en", hub.TakeOptions{}); err == nil || word(t, err) != hub.RefusedNoVoice || s.Voices() != nil {
		t.Errorf("without a synthesiser: %v, voices %v", err, s.Voices())
	}
}

// However many brackets stand in a row, none begins phonemes.
func TestNoTextIsPhonemes(t *testing.T) {
	for n := range 9 {
		if text, err := spoken("a" + strings.Repeat("[", n) + "w'eIR@n]]"); err != nil || strings.Contains(text, "[[") {
			t.Errorf("%d brackets: %q, %v", n, text, err)
		}
	}
}

// synthesiser puts a script in the place of espeak-ng.
func synthesiser(t *testing.T, script string) *Studio {
	t.Helper()
	s := newStudio(t.TempDir())
	s.voices, s.synth = voices, filepath.Join(t.TempDir(), "synth")
	if err := os.WriteFile(s.synth, []byte("#!/bin/sh\n"+script), 0o700); err != nil {
		t.Fatal(err)
	}
	return s
}

func TestASynthesiserThatMisbehaves(t *testing.T) {
	for name, c := range map[string]struct{ script, want string }{
		"writes without end": {"exec /bin/cat /dev/zero", hub.RefusedLong},
		"writes nothing":     {"exec /bin/cat >/dev/null", hub.RefusedEmpty},
		"writes rubbish":     {"echo this is no WAV", hub.RefusedUnknown},
	} {
		if _, err := synthesiser(t, c.script).Speak(t.Context(), "hello", "en", hub.TakeOptions{}); err == nil || word(t, err) != c.want {
			t.Errorf("one that %s: %v, want %s", name, err, c.want)
		}
	}
	if _, err := synthesiser(t, "exit 3").Speak(t.Context(), "hello", "en", hub.TakeOptions{}); err == nil || !strings.Contains(err.Error(), "exit status 3") {
		t.Errorf("one that fails: %v", err)
	}
	// The text comes on a pipe and nowhere else.
	s := synthesiser(t, `echo "$@" >"$0.args"; /bin/cat >"$0.text"`)
	s.Speak(t.Context(), "$(id) [[x]] 你好", "cmn-Hans-CN", hub.TakeOptions{})
	args, _ := os.ReadFile(s.synth + ".args")
	text, _ := os.ReadFile(s.synth + ".text")
	if got, want := string(args), "-v cmn-latn-pinyin -s 150 -b 1 --stdin --stdout\n"; got != want {
		t.Errorf("arguments %q, want %q", got, want)
	}
	if got, want := string(text), "$(id) [ [x]] 你好\n"; got != want {
		t.Errorf("text %q, want %q", got, want)
	}
}
