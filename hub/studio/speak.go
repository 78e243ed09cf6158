package studio

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os/exec"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"ark"
	"ark/hub"
)

// Limits of the synthesiser.
const (
	maxSpeech = 40 << 20 // bytes of its WAV: over ten minutes at 22.05 kHz
	maxTalk   = time.Minute
	pace      = "150" // words a minute
)

// voice is a language that a synthesiser speaks: espeak-ng's name of it, and
// the tag under which it is offered.
type voice struct {
	name string
	tag  ark.Language
}

// voices are those that can be understood. Of the dialects of Wu espeak-ng has
// none: they are recorded.
var voices = []voice{
	{"cmn-latn-pinyin", "cmn-Hans-CN"},
	{"yue", "yue-Hant-HK"},
	{"en-gb", "en"},
}

// findVoices asks espeak-ng, where it is installed, what it has.
func findVoices(ctx context.Context) (path string, found []voice) {
	path, err := exec.LookPath("espeak-ng")
	if err != nil {
		return "", nil
	}
	ctx, cancel := context.WithTimeout(ctx, 10*time.Second)
	defer cancel()
	list, err := exec.CommandContext(ctx, path, "--voices").Output()
	if err != nil {
		return "", nil
	}
	has := map[string]bool{}
	for line := range strings.Lines(string(list)) {
		if f := strings.Fields(line); len(f) > 1 {
			has[f[1]] = true
		}
	}
	for _, v := range voices {
		if has[v.name] {
			found = append(found, v)
		}
	}
	return path, found
}

// Voices are the languages that Speak can speak.
func (s *Studio) Voices() (tags []ark.Language) {
	for _, v := range s.voices {
		tags = append(tags, v.tag)
	}
	return tags
}

// voiceFor is by the tag's language, whatever its script and region.
func (s *Studio) voiceFor(l ark.Language) (voice, bool) {
	want := strings.ToLower(string(l))
	for from, to := range map[string]string{"zh-yue": "yue", "zh-wuu": "wuu", "zh-cmn": "cmn", "zh-hk": "yue", "zh-hant-hk": "yue"} {
		if want == from || strings.HasPrefix(want, from+"-") {
			want = to
		}
	}
	want, _, _ = strings.Cut(want, "-")
	if want == "zh" {
		want = "cmn"
	}
	for _, v := range s.voices {
		if has, _, _ := strings.Cut(string(v.tag), "-"); has == want {
			return v, true
		}
	}
	return voice{}, false
}

// Speak has espeak-ng say a text. The text goes to it on a pipe; no part of it
// is ever an argument, or comes near a shell.
func (s *Studio) Speak(ctx context.Context, text string, l ark.Language, o hub.TakeOptions) (hub.Take, error) {
	text, err := spoken(text)
	if err != nil {
		return hub.Take{}, err
	}
	v, ok := s.voiceFor(l)
	if !ok {
		return hub.Take{}, refuse(hub.RefusedNoVoice, "no voice for %s; there are %v", l, s.Voices())
	}
	leave, err := s.enter()
	if err != nil {
		return hub.Take{}, err
	}
	defer leave()
	return s.inTurn(ctx, func(ctx context.Context) (hub.Take, error) {
		wav, err := s.synthesise(ctx, v, text)
		if err != nil {
			return hub.Take{}, err
		}
		take, err := produce(ctx, &input{r: bytes.NewReader(wav), remove: func() {}}, s.longest, o)
		take.Machine, take.Source.Format = true, "speech"
		return take, err
	})
}

// spoken checks a text. Two square brackets would make espeak-ng take what
// follows for phonemes.
func spoken(text string) (string, error) {
	text = strings.TrimSpace(text)
	switch {
	case !utf8.ValidString(text):
		return "", refuse(hub.RefusedText, "not UTF-8")
	case utf8.RuneCountInString(text) > hub.MaxSpoken:
		return "", refuse(hub.RefusedText, "%d characters; at most %d", utf8.RuneCountInString(text), hub.MaxSpoken)
	case strings.ContainsFunc(text, func(r rune) bool { return unicode.IsControl(r) && !strings.ContainsRune("\n\r\t", r) }):
		return "", refuse(hub.RefusedText, "control characters")
	case !strings.ContainsFunc(text, func(r rune) bool { return unicode.IsLetter(r) || unicode.IsNumber(r) }):
		return "", refuse(hub.RefusedText, "nothing to say")
	}
	for strings.Contains(text, "[[") { // of three in a row the first round leaves two
		text = strings.ReplaceAll(text, "[[", "[ [")
	}
	return text, nil
}

var errSpeech = errors.New("more sound than is taken")

// speech collects what the synthesiser writes, up to a limit. It is no
// bytes.Buffer: that would be filled past it.
type speech struct {
	wav  []byte
	full bool
}

func (s *speech) Write(p []byte) (int, error) {
	if len(s.wav)+len(p) > maxSpeech {
		s.full = true
		return 0, errSpeech
	}
	s.wav = append(s.wav, p...)
	return len(p), nil
}

func (s *Studio) synthesise(ctx context.Context, v voice, text string) ([]byte, error) {
	ctx, cancel := context.WithTimeout(ctx, maxTalk)
	defer cancel()
	cmd := exec.CommandContext(ctx, s.synth, "-v", v.name, "-s", pace, "-b", "1", "--stdin", "--stdout")
	cmd.Stdin = strings.NewReader(text + "\n")
	cmd.Env = []string{"LC_ALL=C.UTF-8", "HOME=/nonexistent"}
	cmd.Dir = "/"
	cmd.WaitDelay = time.Second
	var out speech
	cmd.Stdout = &out
	err := cmd.Run()
	switch {
	case out.full: // what it was ended by is then of no interest
		return nil, refuse(hub.RefusedLong, "%v", errSpeech)
	case err != nil:
		return nil, fmt.Errorf("speak with espeak-ng: %w", err)
	}
	return out.wav, nil
}
