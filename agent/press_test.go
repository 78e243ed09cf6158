package agent

import (
	"testing"
	"time"

	"ark"
)

func TestTheSameButtonAgain(t *testing.T) {
	rows := []struct {
		name    string
		again   Again
		prepare func(s *stage)
		want    string // the history of the announcement
		plays   int
	}{
		{"ignore", AgainIgnore, nil, "started, finished", 1},
		{"restart", AgainRestart, nil, "started, cut replaced, started, finished", 2},
		{"stop", AgainStop, nil, "started, cut stopped", 1},
		{"ignore while it waits", AgainIgnore, func(s *stage) { s.press("scheduled") }, "accepted, started, finished", 2},
		{"restart while it waits", AgainRestart, func(s *stage) { s.press("scheduled") }, "accepted, started, finished", 2},
		{"stop while it waits", AgainStop, func(s *stage) { s.press("scheduled") }, "accepted, cut stopped", 1},
	}
	for _, row := range rows {
		s := newStage()
		s.rules.Buttons["routine"] = Meaning{Announcement: "routine", Again: row.again}
		if row.prepare != nil {
			row.prepare(s)
		}
		s.press("routine")
		s.sound(s.top(), 1)
		s.press("routine")
		s.fade()
		s.finish(3)
		if got := s.history("routine"); got != row.want || len(s.played) != row.plays {
			t.Errorf("%s: %q and %d programs, want %q and %d", row.name, got, len(s.played), row.want, row.plays)
		}
	}
}

// Before the first sample there is nothing to begin anew: ten presses at once
// are one.
func TestARestartWaitsForTheFirstSample(t *testing.T) {
	s := newStage()
	s.rules.Buttons["routine"] = Meaning{Announcement: "routine", Again: AgainRestart}
	for range 10 {
		s.press("routine")
	}
	if len(s.played) != 1 {
		t.Errorf("%d programs of ten presses at once", len(s.played))
	}
}

func TestHoldToConfirm(t *testing.T) {
	s := newStage()
	s.rules.Buttons["local"] = Meaning{Announcement: "local", Hold: true}
	pressed := s.now.Mono
	s.press("local")
	if st := s.Status(s.now); len(s.played) > 0 || st.Holding != "local" || st.Lamps[LampReady] {
		t.Fatalf("a short press of a button to be held: %d programs, holding %q, ready lamp %v", len(s.played), st.Holding, st.Lamps[LampReady])
	}
	s.do(Released{Button: "local", At: s.now.Mono})
	if st := s.Status(s.now); st.Holding != "" || !st.Lamps[LampReady] {
		t.Errorf("let go too soon: %+v", st)
	}
	s.press("local")
	s.now.Mono += 1030 * time.Millisecond
	s.do(Pressed{Button: "local", Line: "GPIO12", At: pressed, Long: true})
	if len(s.played) != 1 || s.Status(s.now).Holding != "" {
		t.Fatal("held for long enough, and nothing sounds")
	}
	s.now.Mono += 15 * time.Millisecond
	s.sound(s.top(), 0)
	if by := s.said(t, "local").Trigger; by.Button != "local" || by.Line != "GPIO12" {
		t.Errorf("it was asked for by %+v", by)
	}
	if ms := s.said(t, "local").LatencyMS; ms != 45 {
		t.Errorf("latency %d ms; want 45, from the moment at which it had been held for a second", ms)
	}
}

func TestTalk(t *testing.T) {
	rows := []struct {
		name string
		end  func(s *stage)
		want string
	}{
		{"let go", func(s *stage) { s.do(Released{Button: "talk"}) }, "finished"},
		{"another button let go", func(s *stage) { s.do(Released{Button: "talk2"}) }, ""},
		{"stuck", func(s *stage) { s.do(Stuck{Button: "talk", Stuck: true}) }, "finished"},
		{"held for ten minutes", func(s *stage) { s.pass(longestTalk - time.Second) }, ""},
		{"and longer", func(s *stage) { s.pass(longestTalk) }, "cut too-long"},
		{"stopped", func(s *stage) { s.press("stop") }, "cut stopped"},
		{"the device goes", func(s *stage) { s.top().why = ark.WhyDeviceLost }, "failed device-lost"},
		{"in quiet hours", func(s *stage) { s.settings.Rules.Quiet = []ark.Span{{}}; s.pass(time.Second) }, ""},
	}
	for _, row := range rows {
		s := newStage()
		s.press("talk")
		p := s.top()
		if !p.Talk || len(p.Segments) > 0 {
			t.Fatalf("%s: %+v", row.name, p.Program)
		}
		s.sound(p, 0)
		row.end(s)
		for _, o := range s.open {
			if o.why != "" {
				s.do(SegmentEnded{Broadcast: o.Broadcast, Consumed: 48000, Frames: 48000, Why: o.why})
			}
		}
		s.fade()
		last := s.records[len(s.records)-1]
		if got := ended(last); got != row.want || !last.Trigger.Talk || got != "" && last.Summed != 48000 {
			t.Errorf("%s: %q, want %q", row.name, got, row.want)
		}
	}
}

func ended(r ark.AsRun) string {
	if !r.State.Ended() {
		return ""
	}
	if r.Why == "" {
		return r.State.String()
	}
	return r.State.String() + " " + r.Why
}

func TestTalkWithoutAMicrophone(t *testing.T) {
	s := newStage()
	s.hardware(SoundState{Device: "test"})
	s.press("talk")
	if r := s.records[0]; r.Why != ark.WhyNoMic || !r.Trigger.Talk || len(s.played) > 0 {
		t.Errorf("%+v", r)
	}
}

func (s *stage) hardware(state SoundState) { s.do(SoundChanged{state}) }

// A person at the van decides: the stop button ends emergencies too, and all
// that waits, and it is recorded.
func TestStopEndsAll(t *testing.T) {
	s := newStage()
	for _, b := range []Button{"music", "upper", "local", "routine", "scheduled"} {
		s.press(b)
		s.fade()
	}
	s.sound(s.top(), 1)
	s.press("stop")
	s.fade()
	s.finish(3)
	if len(s.open) > 0 || len(s.waiting) > 0 || len(s.runs) > 0 {
		t.Errorf("%d programs, %d wait, %d under way", len(s.open), len(s.waiting), len(s.runs))
	}
	for _, id := range []ark.AnnouncementID{"music", "upper", "local", "routine", "scheduled"} {
		if r := s.said(t, id); r.State != ark.BroadcastCut || r.Why != ark.WhyStopped {
			t.Errorf("%s: %v %s", id, r.State, r.Why)
		}
	}
	if r := s.said(t, "upper"); r.Cuts != 0 {
		t.Errorf("%+v", r)
	}
}

// A contact that chatters for hours grows neither memory nor the card without
// bound, whatever its button does, and Stop still stops.
func TestHoursOfChatter(t *testing.T) {
	for _, again := range []Again{AgainIgnore, AgainRestart, AgainStop} {
		s := newStage()
		s.rules.Buttons["routine"] = Meaning{Announcement: "routine", Again: again}
		written := 0
		for range 2 * 3600 * 4 {
			s.now.Mono += 250 * time.Millisecond
			s.now.Wall += 250
			for _, b := range []Button{"routine", "louder", "softer"} {
				s.press(b)
				s.do(Released{Button: b})
			}
			s.do(Tick{})
			if len(s.open) > 0 {
				s.sound(s.top(), 0)
			}
			s.fade()
			written += len(s.records)
			s.records, s.turns, s.played, s.health = s.records[:0], s.turns[:0], s.played[:0], s.health[:0]
		}
		if written > 8000 {
			t.Errorf("again %d: %d records of two hours of chatter", again, written)
		}
		if n := len(s.runs) + len(s.waiting) + len(s.presses) + len(s.presses["routine"].refused); n > 10 {
			t.Errorf("again %d: %d things in memory", again, n)
		}
	}
}

// Only a press that found the loudspeaker free tells how quick the van is: not
// one that waited, and not a beginning after a cut.
func TestWhichPressesAreCounted(t *testing.T) {
	s := newStage()
	s.press("scheduled")
	s.now.Mono += 12 * time.Millisecond
	s.sound(s.top(), 0)
	s.press("routine") // it waits
	s.press("local")
	s.now.Mono += 18 * time.Millisecond
	s.finish(5)
	s.hardware(SoundState{Device: "silent", Silent: true})
	s.press("routine2")
	s.do(SegmentStarted{Broadcast: s.top().Broadcast, At: s.now.Mono, Silent: true})
	counted := int64(0)
	for _, n := range s.Brain.told.presses {
		counted += n
	}
	if got := s.Brain.told.latest; len(got) != 2 || got[0] != 12*time.Millisecond || got[1] != 18*time.Millisecond || counted != 2 {
		t.Errorf("%v, %d in the histogram; want 12 and 18 ms", got, counted)
	}
}
