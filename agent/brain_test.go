package agent

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"ark"
)

var welcome = ark.Announcement{ID: "welcome", Version: 3, Title: ark.Text{Zh: "服务方舟到了"}, Chime: true, GapMillis: 500,
	Recordings: []ark.Recording{{Language: "cmn-Hans-CN", Content: ark.Hash{1}, Frames: 100}, {Language: "yue-Hant-HK", Content: ark.Hash{2}, Frames: 200},
		{Language: "en", Content: ark.Hash{3}, Frames: 300}}}

// bench is a brain with a log of what it asked for.
type bench struct {
	*Brain
	now     ark.Stamp
	log     []string
	records []ark.AsRun
	states  []ark.OrderState
	health  []ark.Health
	played  []Program
	nextID  byte
}

func newBench() *bench {
	b := &bench{now: ark.Stamp{Wall: 1_790_000_000_000, Mono: time.Hour, Trusted: true}}
	b.Brain = NewBrain(Rules{
		Buttons: map[Button]Meaning{"1": {Announcement: "welcome"}, "2": {Announcement: "gone"}, "stop": {Stop: true}},
		Find:    func(id ark.AnnouncementID) (ark.Announcement, bool) { return welcome, id == "welcome" },
		NewID: func(at ark.UnixMilli) ark.ID {
			b.nextID++
			return ark.NewID(at, [10]byte{9: b.nextID})
		},
	})
	b.settings.TestDay = 0 // a test asks for its own
	b.do(SoundChanged{SoundState{Device: "test", Mic: true}})
	b.log = nil
	return b
}

func (b *bench) do(e Event) {
	for _, a := range b.Handle(b.now, e) {
		switch a := a.(type) {
		case Play:
			b.played = append(b.played, a.Program)
			b.log = append(b.log, fmt.Sprintf("play %d", len(a.Program.Segments)))
		case Hush:
			b.log = append(b.log, "hush "+a.Why)
		case Light:
			b.log = append(b.log, fmt.Sprintf("%s %v", a.Lamp, a.On))
		case Record:
			switch body := a.Body.(type) {
			case ark.AsRun:
				b.records = append(b.records, body)
				b.log = append(b.log, strings.TrimSpace(body.State.String()+" "+body.Why))
			case ark.Health:
				b.health = append(b.health, body)
			case ark.OrderState:
				b.states = append(b.states, body)
				b.log = append(b.log, "order "+strings.TrimSpace(body.State.String()+" "+body.Why))
			}
		}
	}
}

func (b *bench) last() Program { return b.played[len(b.played)-1] }

// hear lets the loudspeaker sound all of the newest program; why names what
// happens to each segment.
func (b *bench) hear(why ...string) {
	p := b.last()
	for i, s := range p.Segments {
		w := ""
		if i < len(why) {
			w = why[i]
		}
		consumed := s.Frames
		if w != "" {
			consumed = 0
		} else {
			b.do(SegmentStarted{Broadcast: p.Broadcast, Segment: i, At: b.now.Mono})
		}
		b.do(SegmentEnded{Broadcast: p.Broadcast, Segment: i, Frames: s.Frames, Consumed: consumed, Why: w})
	}
	b.do(ProgramEnded{Broadcast: p.Broadcast})
}

func (b *bench) want(t *testing.T, want ...string) {
	t.Helper()
	if got, w := strings.Join(b.log, ", "), strings.Join(want, ", "); got != w {
		t.Errorf("got  %s\nwant %s", got, w)
	}
}

func TestAPressIsHeardInAllLanguages(t *testing.T) {
	b := newBench()
	b.do(Pressed{Button: "1", At: b.now.Mono})
	b.now.Mono += 15 * time.Millisecond
	b.hear()
	b.want(t, "play 4", "ready false", "playing true", "started", "finished", "ready true", "playing false")
	p := b.last()
	for i, want := range []Segment{{Sound: SoundChime, Gap: 500 * time.Millisecond},
		{Language: "cmn-Hans-CN", Content: ark.Hash{1}, Frames: 100, Gap: 500 * time.Millisecond},
		{Language: "yue-Hant-HK", Content: ark.Hash{2}, Frames: 200, Gap: 500 * time.Millisecond},
		{Language: "en", Content: ark.Hash{3}, Frames: 300}} {
		if p.Segments[i] != want {
			t.Errorf("segment %d: %+v, want %+v", i, p.Segments[i], want)
		}
	}
	if b.records[0].LatencyMS != 15 {
		t.Errorf("latency %d ms, want 15", b.records[0].LatencyMS)
	}
	end := b.records[1]
	for i, rec := range end.Recordings {
		if rec.State != ark.BroadcastFinished || rec.Consumed != welcome.Recordings[i].Frames {
			t.Errorf("recording %d: %+v", i, rec)
		}
	}
	if end.Trigger.Button != "1" || end.Version != 3 || end.Title.Zh == "" {
		t.Errorf("record %+v", end)
	}
}

func TestRules(t *testing.T) {
	order := func(k ark.Kind, body any) OrderArrived { return OrderArrived{ark.ID{1}, k, body} }
	soon, past := ark.UnixMilli(1_790_000_060_000), ark.UnixMilli(1_789_999_999_000)
	play := ark.PlayNow{Announcement: "welcome", NotAfter: soon}
	rows := []struct {
		name string
		do   func(b *bench)
		want []string
	}{
		{"long press adds nothing", func(b *bench) { b.do(Pressed{Button: "1", Long: true}) }, nil},
		{"unknown button", func(b *bench) { b.do(Pressed{Button: "9"}) }, nil},
		{"stop with nothing on", func(b *bench) { b.do(Pressed{Button: "stop"}) }, nil},
		{"missing announcement", func(b *bench) { b.do(Pressed{Button: "2"}) }, []string{"play 1", "ready false", "playing true"}},
		{"stop cuts", func(b *bench) {
			b.do(Pressed{Button: "1"})
			b.do(Pressed{Button: "stop"})
			b.hear("", ark.WhyStopped, ark.WhyStopped, ark.WhyStopped)
		}, []string{"play 4", "ready false", "playing true", "hush stopped", "started", "cut stopped", "ready true", "playing false"}},
		{"one recording missing, the others are heard", func(b *bench) {
			b.do(Pressed{Button: "1"})
			b.hear("", ark.WhyMissing)
		}, []string{"play 4", "ready false", "playing true", "started", "finished missing", "ready true", "playing false"}},
		{"none there", func(b *bench) {
			b.do(Pressed{Button: "1"})
			b.hear("", ark.WhyMissing, ark.WhyDamaged, ark.WhyMissing)
			b.hear() // the tone
		}, []string{"play 4", "ready false", "playing true", "started", "play 1", "failed no-recording", "ready true", "playing false"}},
		{"device stalls in the second language", func(b *bench) {
			b.do(Pressed{Button: "1"})
			b.hear("", "", ark.WhyStalled, ark.WhyStalled)
		}, []string{"play 4", "ready false", "playing true", "started", "failed stalled", "ready true", "playing false"}},
		{"an order is told from the start", func(b *bench) { b.do(order(ark.KindPlayNow, play)); b.hear() },
			[]string{"play 4", "accepted", "ready false", "playing true", "started", "finished", "ready true", "playing false"}},
		{"an order that came too late", func(b *bench) { b.do(order(ark.KindPlayNow, ark.PlayNow{Announcement: "welcome", NotAfter: past})) },
			[]string{"order expired"}},
		{"an order waits for a trusted clock", func(b *bench) {
			b.now.Trusted = false
			b.do(order(ark.KindPlayNow, play))
			b.do(Tick{})
			b.now.Trusted = true
			b.do(Tick{})
		}, []string{"play 4", "accepted", "ready false", "playing true"}},
		{"an order waits and is then too late", func(b *bench) {
			b.now.Trusted = false
			b.do(order(ark.KindPlayNow, play))
			b.now.Trusted, b.now.Wall = true, soon+1
			b.do(Tick{})
		}, []string{"order expired"}},
		{"stop order", func(b *bench) {
			b.do(Pressed{Button: "1"})
			b.do(order(ark.KindStop, ark.Stop{NotAfter: soon}))
		}, []string{"play 4", "ready false", "playing true", "hush stopped", "order finished"}},
		{"no sound device", func(b *bench) { b.do(SoundChanged{SoundState{Device: "silent", Silent: true}}) }, []string{"ready false", "fault true"}},
		{"stuck button", func(b *bench) { b.do(Stuck{"1", true}); b.do(Stuck{"1", false}) }, []string{"fault true", "fault false"}},
		{"after a crash", func(b *bench) {
			b.do(Resumed{Unfinished: []ark.AsRun{{Broadcast: ark.ID{7}, State: ark.BroadcastStarted, Trigger: ark.Trigger{Order: ark.ID{1}}}},
				Orders: []OrderArrived{order(ark.KindPlayNow, play), {ark.ID{2}, ark.KindStop, ark.Stop{}}}})
		}, []string{"failed restarted", "order finished"}},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			b := newBench()
			row.do(b)
			b.want(t, row.want...)
		})
	}
}

// A device that is being opened is no fault yet; one that comes and goes is
// told of, and does not fill the card.
func TestHealthIsTold(t *testing.T) {
	b := newBench()
	b.Brain, b.health = NewBrain(b.rules), nil
	b.do(SoundChanged{SoundState{Silent: true}})
	if len(b.health) != 0 || b.Status(b.now).Lamps[LampFault] {
		t.Errorf("before the device has told of itself: health %+v, lamps %v", b.health, b.Status(b.now).Lamps)
	}
	for i := range 2000 {
		silent := i%2 == 0
		b.do(SoundChanged{SoundState{Device: "x", Silent: silent}})
		b.now.Mono += 250 * time.Millisecond
	}
	if n := len(b.health); n > 1+mostChanges || b.health[0].Sound != "silent" || b.health[1].Sound != "ok" {
		t.Errorf("%d health entries in 500 s, the first %+v", n, b.health)
	}
	b.do(SoundChanged{SoundState{Device: "x", Fault: ark.WhyStalled}})
	b.now.Mono += healthEvery
	b.do(Tick{})
	if last := b.health[len(b.health)-1]; last.Sound != ark.WhyStalled {
		t.Errorf("what it came to is not told: %+v", last)
	}
}

// Presses and volume are told with the regular word of health, and write none
// of their own; where the van stands is worth one.
func TestHealthIsNotToldAtEachPress(t *testing.T) {
	s := newStage()
	s.pass(time.Second)
	before := len(s.health)
	for range 20 {
		s.press("routine")
		s.now.Mono += 12 * time.Millisecond
		s.finish(1)
		s.press("softer")
		s.pass(time.Second)
	}
	if n := len(s.health) - before; n != 0 {
		t.Errorf("%d health entries of 20 presses", n)
	}
	s.do(PlaceChosen{"南门"})
	if h := s.health[len(s.health)-1]; len(s.health) != before+1 || h.Place != "南门" || h.Presses[ark.PressBucket(12)] != 20 || h.Volume != h.Full-400 {
		t.Errorf("%d health entries, the last %+v", len(s.health)-before, h)
	}
	for _, bad := range []string{string(make([]byte, 10)), "\xff", strings.Repeat("x", ark.MaxPlace+1)} {
		if s.do(PlaceChosen{bad}); s.Status(s.now).Place != "南门" {
			t.Errorf("a place %q is taken", bad)
		}
	}
}

// What a lamp says is what a person would find: ready only where a press is
// heard, fault wherever the crew's page has something to say.
func TestLamps(t *testing.T) {
	rows := []struct {
		name   string
		events []Event
		want   string // ready and fault
	}{
		{"all is well", nil, "true false"},
		{"the device is being opened", []Event{SoundChanged{SoundState{Silent: true}}}, "true false"},
		{"no device", []Event{SoundChanged{SoundState{Silent: true, Device: "silent"}}}, "false true"},
		{"the device is lost", []Event{SoundChanged{SoundState{Device: "x", Fault: ark.WhyDeviceLost}}}, "false true"},
		{"no wires", []Event{PanelChanged{PanelState{Fault: ark.PanelNoChip}}}, "true true"},
		{"a stuck button", []Event{Stuck{Button: "1", Stuck: true}}, "true true"},
		{"loose again", []Event{Stuck{Button: "1", Stuck: true}, Stuck{Button: "1"}}, "true false"},
		{"the card is out", []Event{CardChanged{Out: true}}, "true true"},
		{"and back", []Event{CardChanged{Out: true}, CardChanged{}}, "true false"},
	}
	for _, row := range rows {
		b := newBench()
		for _, e := range row.events {
			b.do(e)
		}
		if lamps := b.Status(b.now).Lamps; fmt.Sprint(lamps[LampReady], lamps[LampFault]) != row.want {
			t.Errorf("%s: %v, want ready and fault %s", row.name, lamps, row.want)
		}
	}
}

// The hub corrects what a boot wrote before by the entry that says when the
// clock was known: once, whoever told it.
func TestATrustedClockIsToldOnce(t *testing.T) {
	for name, told := range map[string]bool{"by the hub": true, "by nobody: NTP": false} {
		b := newBench()
		b.now.Trusted = false
		clocks := 0
		count := func(e Event) {
			for _, a := range b.Handle(b.now, e) {
				if r, ok := a.(Record); ok && r.Kind == ark.KindClock {
					clocks++
				}
			}
		}
		count(Tick{})
		if clocks != 0 {
			t.Errorf("%s: a clock that nobody trusts was told", name)
		}
		b.now.Trusted = true
		if told {
			count(TimeLearned{Wall: b.now.Wall, Source: "hub"})
		}
		count(Tick{})
		count(Tick{})
		if clocks != 1 {
			t.Errorf("%s: told %d times, want once", name, clocks)
		}
	}
}

// How warm the processor is, is told with the regular word of health; that it
// became too hot at once.
func TestHeatIsTold(t *testing.T) {
	b := newBench()
	b.Brain, b.health = NewBrain(b.rules), nil
	b.do(SoundChanged{SoundState{Device: "x"}})
	for _, tenths := range []int{400, 799} {
		b.do(HeatChanged{tenths})
		b.now.Mono += time.Second
		b.do(Tick{})
	}
	if n := len(b.health); n != 1 {
		t.Fatalf("%d health entries of a processor that is warm", n)
	}
	for i, tenths := range []int{ark.Hot, ark.Hot + 40, 500} {
		b.do(HeatChanged{tenths})
		b.now.Mono += time.Second
		b.do(Tick{})
		if n, want := len(b.health), []int{2, 2, 3}[i]; n != want || i != 1 && b.health[n-1].Heat != tenths {
			t.Errorf("%d: %d health entries, want %d; the last %+v", tenths, n, want, b.health[n-1])
		}
	}
}
