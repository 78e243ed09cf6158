package sound

import (
	"fmt"
	"math"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"ark"
	"ark/agent"
)

// shown is a program of samples that a test knows.
func shown(n byte, bed bool, samples []int16) *show {
	return &show{Program: agent.Program{Broadcast: ark.ID{n}, Bed: bed}, track: tone(samples), frames: int64(len(samples))}
}

func play(s *show, instead byte) cue {
	a := agent.Play{Program: s.Program}
	if instead != 0 {
		a.Instead = ark.ID{instead}
	}
	return cue{Action: a, show: s}
}

func hush(n byte) cue { return cue{Action: agent.Hush{Broadcast: ark.ID{n}, Why: ark.WhyStopped}} }

// mixTo mixes up to a frame.
func mixTo(m *mixer, to int64) []int16 {
	b := make([]byte, 2*(to-m.at))
	m.mix(b)
	return toSamples(b)
}

// A program in place of another begins with the fade of it, which lasts for
// 20 ms; what it has before the cut and what the new one has after the fade
// are theirs alone.
func TestACutIsAFadeOf20ms(t *testing.T) {
	var m mixer
	m.take(play(shown(1, false, constant(10000, 48000)), 0), 0)
	got := mixTo(&m, 5000)
	if changed := m.take(play(shown(2, false, constant(-7000, 4000)), 1), 5000); changed != 5000 {
		t.Errorf("it changes the stream from frame %d on", changed)
	}
	got = append(got, mixTo(&m, m.end())...)
	if len(got) != 9000 {
		t.Fatalf("the stream has %d frames", len(got))
	}
	for i, v := range got {
		fade := 10000 * (1 - float64(i-4999)/fadeFrames)
		want := -7000 + math.Max(fade, 0)
		if i < 5000 {
			want = 10000
		}
		if math.Abs(float64(v)-want) > 1 {
			t.Fatalf("frame %d is %d, want %.0f", i, v, want)
		}
	}
	if m.voices[0].why != ark.WhyReplaced || m.voices[0].end != 5000+fadeFrames {
		t.Errorf("it ends at %d, %q", m.voices[0].end, m.voices[0].why)
	}
}

// What sounds beside what, and how a cue changes it.
func TestCues(t *testing.T) {
	second := constant(1000, ark.SampleRate)
	begin := []cue{play(shown(1, false, second), 0)}
	bed := []cue{play(shown(1, true, second), 0)}
	const at, faded = 9600, 9600 + fadeFrames
	for _, c := range []struct {
		name   string
		before []cue
		cues   []cue
		want   string // start-end why, of each voice
	}{
		{"hush", begin, []cue{hush(1)}, "0-10560 stopped"},
		{"hush of nobody", begin, []cue{hush(7)}, "0-48000"},
		{"two hushes", begin, []cue{hush(1), hush(1)}, "0-10560 stopped"},
		{"speech over a bed", bed, []cue{play(shown(2, false, second), 0)}, "0-48000, 9600-57600"},
		{"speech in place of a bed", bed, []cue{play(shown(2, false, second), 1)}, "0-10560 replaced, 9600-57600"},
		{"two at once, though the brain names none", begin, []cue{play(shown(2, false, second), 0)}, "0-10560 replaced, 9600-57600"},
		{"one that never begins", begin, []cue{play(shown(2, false, second), 1), hush(2)}, "0-10560 replaced, 9600-9600 stopped"},
		{"the next bed follows", bed, []cue{play(shown(2, true, second), 0)}, "0-48000, 48000-96000"},
		{"and waits alone", bed, []cue{play(shown(2, true, second), 0), play(shown(3, true, second), 0)},
			"0-48000, 48000-48000 replaced, 48000-96000"},
		{"it comes sooner after a hush", bed, []cue{play(shown(2, true, second), 0), hush(1)}, "0-10560 stopped, 10560-58560"},
		{"hush of what waits", bed, []cue{play(shown(2, true, second), 0), hush(2)}, "0-48000, 48000-48000 stopped"},
		{"a bed in place of another", bed, []cue{play(shown(2, true, second), 1)}, "0-10560 replaced, 9600-57600"},
		{"nothing to sound", begin, []cue{play(shown(2, false, nil), 1)}, "0-10560 replaced, 9600-9600"},
	} {
		var m mixer
		for _, b := range c.before {
			m.take(b, 0)
		}
		mixTo(&m, at)
		for _, x := range c.cues {
			m.take(x, at)
		}
		got := ""
		for i, v := range m.voices {
			if i > 0 {
				got += ", "
			}
			if got += fmt.Sprintf("%d-%d", v.start, v.end); v.why != "" {
				got += " " + v.why
			}
		}
		if got != c.want {
			t.Errorf("%s: %s, want %s", c.name, got, c.want)
		}
	}
	if faded != 10560 {
		t.Error("a fade is no longer of 20 ms")
	}
}

// What is over before its fade would be is left alone: it is not cut.
func TestAHushAtTheVeryEnd(t *testing.T) {
	var m mixer
	m.take(play(shown(1, false, constant(1000, 5000)), 0), 0)
	got := mixTo(&m, 4500)
	if changed := m.take(hush(1), 4500); changed != never {
		t.Errorf("it changes the stream from frame %d on", changed)
	}
	if got = append(got, mixTo(&m, m.end())...); !slices.Equal(got, constant(1000, 5000)) || m.voices[0].why != "" {
		t.Errorf("%d frames came, or others, and %q", len(got), m.voices[0].why)
	}
}

// loudness is how loud samples are beside a constant.
func loudness(got []int16, of float64) float64 {
	sum := 0.0
	for _, v := range got {
		sum += float64(v) * float64(v)
	}
	return 20 * math.Log10(math.Sqrt(sum/float64(len(got)))/of)
}

// Speech pushes music down by 15 dB in 300 ms, and it comes up again in as
// long after the speech; two pieces of music go by the same rule.
func TestMusicDucksUnderSpeech(t *testing.T) {
	const ms = ark.SampleRate / 1000
	for _, beds := range []int{1, 2} {
		var m mixer
		m.take(play(shown(1, true, constant(8000, 1500*ms)), 0), 0)
		if beds == 2 {
			m.take(play(shown(3, true, constant(8000, 3500*ms)), 0), 0)
		} else {
			m.voices[0].end, m.voices[0].track = 5000*ms, tone(constant(8000, 5000*ms))
		}
		got := mixTo(&m, 1000*ms)
		m.take(play(shown(2, false, constant(0, 2000*ms)), 0), 1000*ms)
		got = append(got, mixTo(&m, 5000*ms)...)
		for _, part := range []struct{ from, to, dB float64 }{
			{0, 1000, 0}, {1300, 3000, -15}, {3300, 5000, 0},
			{1149.9, 1150.1, 20 * math.Log10((1+math.Pow(10, -0.75))/2)}, // half way down in amplitude
			{3149.9, 3150.1, 20 * math.Log10((1+math.Pow(10, -0.75))/2)},
		} {
			if dB := loudness(got[int(part.from*ms):int(part.to*ms)], 8000); math.Abs(dB-part.dB) > 0.2 {
				t.Errorf("%d beds, from %v to %v ms: %.2f dB, want %.2f", beds, part.from, part.to, dB, part.dB)
			}
		}
		for i := 1; i < len(got); i++ {
			if d := got[i] - got[i-1]; d > 2 || d < -2 {
				t.Fatalf("%d beds: from frame %d to the next it jumps by %d", beds, i-1, d)
			}
		}
	}
}

// A ramp that is under way when the speech is cut turns round where it is.
func TestADuckTurnsRound(t *testing.T) {
	var m mixer
	m.take(play(shown(1, true, constant(8000, ark.SampleRate)), 0), 0)
	m.take(play(shown(2, false, constant(0, ark.SampleRate)), 0), 4800)
	m.take(hush(2), 4800+duckFrames/2)
	got := mixTo(&m, ark.SampleRate)
	lowest := slices.Min(got)
	if at := slices.Index(got, lowest); math.Abs(float64(at-4800-duckFrames/2)) > 20 {
		t.Errorf("it is softest at frame %d", at)
	}
	if got[4800+duckFrames+10] != 8000 {
		t.Errorf("after as long as it went down it is %d", got[4800+duckFrames+10])
	}
}

// A gain is what it says, from the first frame on, and a Turn is done in
// 100 ms.
func TestGains(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		dB := rapid.Float64Range(-45, 0)
		first, then := dB.Draw(t, "first"), dB.Draw(t, "then")
		s := shown(1, rapid.Bool().Draw(t, "bed"), noise(3, time.Second))
		s.Gain = first
		want := loudness(s.track.(tone), 1)
		var m mixer
		m.take(play(s, 0), 0)
		got := mixTo(&m, 20000)
		m.take(cue{Action: agent.Turn{Broadcast: ark.ID{1}, Gain: then}}, 20000)
		got = append(got, mixTo(&m, ark.SampleRate)...)
		for _, part := range []struct {
			samples []int16
			whole   tone
			dB      float64
		}{{got[:20000], s.track.(tone)[:20000], first}, {got[20000+turnFrames:], s.track.(tone)[20000+turnFrames:], then}} {
			if is := loudness(part.samples, 1) - loudness(part.whole, 1); math.Abs(is-part.dB) > 0.2 {
				t.Fatalf("%.2f dB, want %.2f (of %.1f)", is, part.dB, want)
			}
		}
	})
}

// However the stream is changed on its way, and from wherever it is mixed
// again: what comes before a change is bit for bit what came without it, and
// what comes after it is what a mixer says that was never rewound. Nothing
// passes the ceiling.
func TestMixedAgainItIsTheSame(t *testing.T) {
	tracks := [][]int16{noise(1, time.Second/2), noise(2, time.Second/3), noise(3, time.Second), constant(32767, 9000)}
	rapid.Check(t, func(t *rapid.T) {
		var line, plain mixer
		var sent, want []int16
		end := func() int64 { return min(line.end(), 3*ark.SampleRate) }
		for n := byte(1); n < 8; n++ {
			var c cue
			switch rapid.IntRange(0, 3).Draw(t, "what") {
			case 0:
				c = hush(rapid.ByteRange(1, n).Draw(t, "which"))
			case 1:
				c = cue{Action: agent.Turn{Broadcast: ark.ID{rapid.ByteRange(1, n).Draw(t, "which")}, Gain: rapid.Float64Range(-20, 0).Draw(t, "gain")}}
			default:
				c = play(shown(n, rapid.Bool().Draw(t, "bed"), rapid.SampledFrom(tracks).Draw(t, "track")), rapid.ByteRange(0, n).Draw(t, "instead"))
			}
			from := rapid.Int64Range(max(line.at-12000, plain.at), line.at).Draw(t, "from")
			next := line.clone()
			next.take(c, from)
			voices := next.voices
			next.voices = line.voices
			next.rewind(from)
			next.voices = voices
			line, sent = *next, sent[:from]

			want = append(want, mixTo(&plain, from)...)
			plain.voices = slices.Clone(voices)
			if n := rapid.Int64Range(0, 20000).Draw(t, "frames"); line.at < end() {
				sent = append(sent, mixTo(&line, min(line.at+n, end()))...)
			}
			line.forget(from - 5000)
		}
		if want = append(want, mixTo(&plain, line.at)...); !slices.Equal(want, sent) {
			t.Fatal("mixed again it is another")
		}
		if slices.Max(append(sent, 0)) > ceiling || slices.Min(append(sent, 0)) < -ceiling {
			t.Fatal("it passes the ceiling")
		}
	})
}

// A mix that is silence though there is something to sound is noticed.
func TestAMuteMixIsNoticed(t *testing.T) {
	var m mixer
	add(&m, constant(1000, 2*ark.SampleRate), 0)
	mixTo(&m, ark.SampleRate)
	if m.mute != 0 {
		t.Error("sound was taken for silence")
	}
	m.limit.hold = 1 // a limiter that has run wild
	wild := recovery
	recovery = 1
	defer func() { recovery = wild }()
	if mixTo(&m, 2*ark.SampleRate-block); m.mute <= mostMute {
		t.Errorf("noticed after %d frames only", m.mute)
	}
	m = mixer{}
	v := add(&m, constant(1000, 2*ark.SampleRate), -80)
	if mixTo(&m, v.end); m.mute != 0 {
		t.Error("what is too soft to be heard was taken for a mistake")
	}
	m = mixer{}
	v = add(&m, constant(0, 2*ark.SampleRate), 0)
	if mixTo(&m, v.end); m.mute != 0 {
		t.Error("a recording of silence was taken for a mistake")
	}
}
