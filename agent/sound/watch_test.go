package sound

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"ark"
	"ark/agent"
)

// Texts of /proc/asound/cards as kernels write them.
const (
	piCards = ` 0 [Headphones     ]: bcm2835_headpho - bcm2835 Headphones
                      bcm2835 Headphones
 1 [vc4hdmi0       ]: vc4-hdmi - vc4-hdmi-0
                      vc4-hdmi-0
`
	usbCards = piCards + ` 2 [Device         ]: USB-Audio - USB Audio Device
                      C-Media Electronics Inc. USB Audio Device at usb-0000:01:00.0-1.3, full speed
`
	noCards = "--- no soundcards ---\n"
)

func TestCardIDs(t *testing.T) {
	for text, want := range map[string]string{"": "", noCards: "", piCards: "Headphones vc4hdmi0", usbCards: "Headphones vc4hdmi0 Device",
		"x [Not a card]: y\n 3 [": "", " 0 [" + strings.Repeat("x", 99) + "]: y\n": ""} {
		if got := strings.Join(cardIDs(text), " "); got != want {
			t.Errorf("of %q: %q, want %q", text, got, want)
		}
	}
}

// testdata/amixer holds what "amixer scontents" says of cards of each kind.
func TestCardMuted(t *testing.T) {
	files, err := filepath.Glob("testdata/amixer/*.txt")
	if err != nil || len(files) < 8 {
		t.Fatalf("%d texts, %v", len(files), err)
	}
	for _, f := range files {
		text, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		if got, want := cardMuted(string(text)), strings.HasSuffix(f, "-muted.txt"); got != want {
			t.Errorf("%s: muted %v, want %v", f, got, want)
		}
	}
	if cardMuted("") || cardMuted("Simple mixer control 'Master',0\n  Mono: Playback") {
		t.Error("a card that tells nothing is called muted")
	}
}

func TestSinkMuted(t *testing.T) {
	const full = "Volume: front-left: 65536 / 100% / 0.00 dB,   front-right: 65536 / 100% / 0.00 dB\n        balance 0.00\n"
	const left = "Volume: front-left: 65536 / 100% / 0.00 dB,   front-right: 0 /   0% / -inf dB\n        balance -1.00\n"
	const none = "Volume: front-left: 0 /   0% / -inf dB,   front-right: 0 /   0% / -inf dB\n        balance 0.00\n"
	for _, c := range []struct {
		mute, volume string
		want         bool
	}{{"Mute: no\n", full, false}, {"Mute: yes\n", full, true}, {"Mute: no\n", left, false}, {"Mute: no\n", none, true}, {"", "", false}} {
		if got := sinkMuted(c.mute, c.volume); got != c.want {
			t.Errorf("%q %q: %v, want %v", c.mute, c.volume, got, c.want)
		}
	}
}

func TestTheWordForWhatIsWrong(t *testing.T) {
	for _, c := range []struct {
		name    string
		seen    sight
		wanted  string
		silent  bool
		trouble string
		want    string
	}{
		{name: "all is well", seen: sight{cards: "Headphones", usable: true}, want: ""},
		{name: "nothing is known yet", silent: true, want: ""},
		{name: "a sound server plays, and there is no card", seen: sight{usable: true}, want: ""},
		{name: "no card", seen: sight{none: true}, silent: true, want: ark.WhyNoCard},
		{name: "no card under a recording", seen: sight{none: true}, silent: true, trouble: ark.WhyDeviceLost, want: ark.WhyNoCard},
		{name: "the wanted card is there", seen: sight{cards: "vc4hdmi0 Device"}, wanted: "Device", want: ""},
		{name: "another card is there", seen: sight{cards: "vc4hdmi0"}, wanted: "Device", silent: true, trouble: ark.WhyDeviceLost, want: ark.WhyWrongCard},
		{name: "no card at all, and one is wanted", seen: sight{none: true}, wanted: "Device", silent: true, want: ark.WhyNoCard},
		{name: "stalled", seen: sight{cards: "Device"}, silent: true, trouble: ark.WhyStalled, want: ark.WhyStalled},
		{name: "muted", seen: sight{cards: "Device", muted: true}, want: ark.WhyMuted},
		{name: "muted and stalled", seen: sight{cards: "Device", muted: true}, silent: true, trouble: ark.WhyStalled, want: ark.WhyStalled},
	} {
		if got := fault(c.seen, c.wanted, c.silent, c.trouble); got != c.want {
			t.Errorf("%s: %q, want %q", c.name, got, c.want)
		}
	}
}

func TestWhatPlays(t *testing.T) {
	dir := t.TempDir()
	for _, c := range []struct {
		env  []string
		want bool
	}{{nil, false}, {[]string{"PULSE_SERVER=unix:/x"}, true}, {[]string{"PULSE_SERVER=unix:/x", "PULSE_SERVER="}, false}, {[]string{"XDG_RUNTIME_DIR=" + dir}, false}} {
		if got := pulseServer(c.env); got != c.want {
			t.Errorf("%q: %v, want %v", c.env, got, c.want)
		}
	}
}

// cardFile is a kernel's word on cards that a test writes.
func cardFile(t *testing.T) (dir string, write func(string)) {
	t.Helper()
	dir = t.TempDir()
	return dir, func(text string) {
		file := filepath.Join(dir, "cards")
		if err := os.WriteFile(file+".new", []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		if err := os.Rename(file+".new", file); err != nil {
			t.Fatal(err)
		}
	}
}

func awaitState(t *testing.T, p *Player, is func(agent.SoundState) bool) {
	t.Helper()
	for !is(p.State()) {
		next[agent.SoundChanged](t, p)
	}
}

// The wanted card is pulled out under a recording and comes back: meanwhile
// nothing sounds on the other one.
func TestTheWantedCardAlone(t *testing.T) {
	command, pull, begun := puppets(t)
	pull("play")
	proc, write := cardFile(t)
	write(usbCards)
	l, prog, _ := library(t, 0)
	prog.Segments = []agent.Segment{{Sound: agent.SoundChime}}
	p := start(t, Config{Library: l, Command: command, Card: "Device", proc: proc})
	awaitDevice(t, p, false)
	write(piCards)
	awaitState(t, p, func(s agent.SoundState) bool { return s.Silent && s.Fault == ark.WhyWrongCard })
	before := len(begun())
	p.Play(agent.Play{Program: prog})
	if started, _ := all(t, p); len(started) != 1 || !started[0].Silent {
		t.Errorf("with the wanted card away: %+v", started)
	}
	if len(begun()) != before {
		t.Error("another card was opened")
	}
	write(noCards)
	awaitState(t, p, func(s agent.SoundState) bool { return s.Fault == ark.WhyNoCard })
	write(usbCards)
	awaitState(t, p, func(s agent.SoundState) bool {
		return !s.Silent && s.Fault == "" && s.Cards == "Headphones vc4hdmi0 Device"
	})
}

// A sink that is muted by hand is told at once, also at rest, and that it no
// longer is.
func TestAMutedSinkIsTold(t *testing.T) {
	server := startPulse(t)
	l, _, _ := library(t, 0)
	p := start(t, Config{Library: l, Command: server.speaker(t), proc: t.TempDir()})
	awaitDevice(t, p, false)
	muted := func(s agent.SoundState) bool { return s.Muted && s.Fault == ark.WhyMuted }
	heard := func(s agent.SoundState) bool { return !s.Muted && s.Fault == "" }
	first := time.Now()
	for _, words := range []struct {
		say []string
		is  func(agent.SoundState) bool
	}{
		{[]string{"set-sink-mute", "null", "1"}, muted}, {[]string{"set-sink-mute", "null", "0"}, heard},
		{[]string{"set-sink-volume", "null", "0%"}, muted}, {[]string{"set-sink-volume", "null", "80%"}, heard},
	} {
		began := time.Now()
		server.say(t, words.say...)
		awaitState(t, p, words.is)
		t.Logf("%v: noticed after %v", words.say, time.Since(began))
	}
	if took := time.Since(first); took > 2*mutedEvery { // looking now and then takes four times that
		t.Errorf("all four took %v", took)
	}
}
