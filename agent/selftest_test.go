package agent

import (
	"testing"
	"time"

	"ark"
)

// weekly is a stage whose self-test is on Mondays at 8:30.
func weekly(t *testing.T, clock string) *stage {
	t.Helper()
	s := newStage()
	s.at(t, "Asia/Shanghai", clock)
	s.settings.TestDay, s.settings.TestAt = 1, 8*60+30
	s.do(Tick{})
	return s
}

func TestTheWeeklySelfTest(t *testing.T) {
	s := weekly(t, "2026-11-23 08:29:59")
	if len(s.played) > 0 {
		t.Fatal("too soon")
	}
	s.pass(time.Second)
	p := s.top()
	if p == nil || languages(p.Program) != "check" || !p.Listen || p.Gain != float64(s.Brain.rules.Least-s.Brain.rules.Full)/10 {
		t.Fatalf("%+v", p)
	}
	s.sound(p, 1)
	s.do(Heard{Broadcast: p.Broadcast, Result: ark.HeardYes})
	s.fade()
	if len(s.tests) != 1 || s.tests[0].Result != ark.HeardYes || !s.tests[0].Consumed || s.tests[0].Why != "" || s.tests[0].At != s.now.Wall || s.tests[0].Broadcast != p.Broadcast {
		t.Errorf("%+v", s.tests)
	}
	if last := s.records[len(s.records)-1]; !last.Trigger.Test || last.State != ark.BroadcastFinished || last.Heard != ark.HeardYes {
		t.Errorf("%+v", last)
	}
	s.run(24 * time.Hour)
	if len(s.tests) != 1 || s.Status(s.now).SelfTest.Result != ark.HeardYes {
		t.Errorf("%d tests in a week", len(s.tests))
	}
	s.now.Wall += 6 * 24 * 3600_000
	s.do(Tick{})
	s.hear()
	if len(s.tests) != 2 {
		t.Errorf("%d tests in two weeks", len(s.tests))
	}
}

func TestWhenTheWeeklySelfTestIs(t *testing.T) {
	rows := []struct {
		name  string
		clock string
		do    func(s *stage)
		want  int
	}{
		{"on its day, the van was off before", "2026-11-23 15:00:00", func(*stage) {}, 1},
		{"the day after", "2026-11-24 08:30:00", func(*stage) {}, 0},
		{"in quiet hours, and after them", "2026-11-23 08:29:00", func(s *stage) {
			s.settings.Rules.Quiet = []ark.Span{{From: 8 * 60, To: 10 * 60}}
			s.run(time.Hour)
			if len(s.tests) > 0 {
				t.Error("in quiet hours")
			}
			s.run(time.Hour)
		}, 1},
		{"quiet until the day is over", "2026-11-23 08:29:00", func(s *stage) {
			s.settings.Rules.Quiet = []ark.Span{{From: 8 * 60, To: 1 * 60}}
			s.run(18 * time.Hour)
		}, 0},
		{"while something sounds, and after it", "2026-11-23 08:29:59", func(s *stage) {
			s.press("routine")
			s.sound(s.top(), 0)
			s.pass(time.Minute)
			if len(s.played) != 1 {
				t.Error("it did not wait")
			}
			s.run(time.Minute)
		}, 1},
		{"cut, and begun again later that day", "2026-11-23 08:29:59", func(s *stage) {
			s.pass(time.Second)
			s.sound(s.top(), 0)
			s.press("routine")
			s.fade()
			s.hear()
			s.run(10 * time.Minute)
		}, 2},
		{"with a clock that nobody trusts", "2026-11-23 08:29:00", func(s *stage) { s.now.Trusted = false; s.run(time.Hour) }, 0},
	}
	for _, row := range rows {
		s := weekly(t, row.clock)
		row.do(s)
		s.hear()
		if len(s.tests) != row.want {
			t.Errorf("%s: %d results %+v, want %d", row.name, len(s.tests), s.tests, row.want)
		}
	}
}

// A restart on the day does not make the test twice, and knows its result.
func TestARestartOnTheDayOfTheSelfTest(t *testing.T) {
	s := weekly(t, "2026-11-23 08:30:00")
	s.hear()
	r := newStage()
	r.now, r.zone = s.now, s.zone
	r.do(Resumed{Kept: s.kept})
	r.settings.TestDay, r.settings.TestAt = 1, 8*60+30
	r.run(time.Minute)
	if len(r.played) != 0 || r.Status(r.now).SelfTest == nil {
		t.Errorf("%d programs after a restart; result %+v", len(r.played), r.Status(r.now).SelfTest)
	}
}

func TestResultsOfASelfTest(t *testing.T) {
	rows := []struct {
		name     string
		why      string // of the segment
		silent   bool
		muted    bool
		heard    ark.Hearing
		consumed bool
		want     string
	}{
		{"nothing listens", "", false, false, ark.HeardUnknown, true, ""},
		{"heard", "", false, false, ark.HeardYes, true, ""},
		{"not heard", "", false, false, ark.HeardNo, true, ark.WhyUnheard},
		{"no device", "", true, false, ark.HeardUnknown, false, ark.WhyNoCard},
		{"muted", "", false, true, ark.HeardUnknown, true, ark.WhyMuted},
		{"it stalls", ark.WhyStalled, false, false, ark.HeardUnknown, false, ark.WhyStalled},
	}
	for _, row := range rows {
		s := newStage()
		s.hardware(SoundState{Device: "test", Muted: row.muted})
		s.press("test")
		p := s.top()
		s.do(SegmentStarted{Broadcast: p.Broadcast, Silent: row.silent, At: s.now.Mono})
		s.do(SegmentEnded{Broadcast: p.Broadcast, Frames: 100, Consumed: 100, Why: row.why})
		s.do(Heard{Broadcast: p.Broadcast, Result: row.heard})
		s.do(ProgramEnded{Broadcast: p.Broadcast})
		if len(s.tests) != 1 || s.tests[0].Why != row.want || s.tests[0].Consumed != row.consumed || s.tests[0].Result != row.heard || s.tests[0].Device != "test" {
			t.Errorf("%s: %+v", row.name, s.tests)
		}
	}
}
