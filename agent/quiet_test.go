package agent

import (
	"testing"
	"time"

	"ark"
)

// at sets the stage's clock, in the zone of its settings.
func (s *stage) at(t *testing.T, zone, clock string) {
	t.Helper()
	z, err := time.LoadLocation(zone)
	if err != nil {
		t.Fatal(err)
	}
	when, err := time.ParseInLocation("2006-01-02 15:04:05", clock, z)
	if err != nil {
		t.Fatal(err)
	}
	s.zone, s.settings.Zone = z, zone
	s.now.Wall = ark.Milli(when)
}

func night() ark.Neighbours { return ark.Neighbours{Quiet: []ark.Span{{From: 22 * 60, To: 6 * 60}}} }

func TestQuietHours(t *testing.T) {
	rows := []struct {
		clock string
		quiet bool
		until string // empty: they do not hold
	}{
		{"2026-11-25 21:59:59", false, ""},
		{"2026-11-25 22:00:00", true, "2026-11-26 06:00"},
		{"2026-11-25 23:59:59", true, "2026-11-26 06:00"},
		{"2026-11-26 00:00:00", true, "2026-11-26 06:00"},
		{"2026-11-26 05:59:59", true, "2026-11-26 06:00"},
		{"2026-11-26 06:00:00", false, ""},
		{"2026-03-29 01:59:59", true, "2026-03-29 06:00"}, // the clocks are put forward in this night
		{"2026-03-29 05:59:59", true, "2026-03-29 06:00"},
		{"2026-10-25 02:30:00", true, "2026-10-25 06:00"}, // and back in this one
		{"2026-10-25 06:00:00", false, ""},
	}
	for _, zone := range []string{"Europe/Berlin", "Asia/Shanghai"} {
		for _, row := range rows {
			s := newStage()
			s.settings.Rules = night()
			s.at(t, zone, row.clock)
			s.press("routine")
			want := ""
			if row.quiet {
				want = "failed quiet"
			}
			if got := s.history("routine"); got != want {
				t.Errorf("%s %s: %q, want %q", zone, row.clock, got, want)
			}
			st, until := s.Status(s.now), ""
			if st.QuietUntil != 0 {
				until = st.QuietUntil.Time().In(s.zone).Format("2006-01-02 15:04")
			}
			if st.Quiet != row.quiet || until != row.until {
				t.Errorf("%s %s: pages say %v until %q", zone, row.clock, st.Quiet, until)
			}
		}
	}
}

// Quiet hours that begin while something sounds or waits end it, to the
// second; emergencies and talk go on, and their exemption is recorded.
func TestQuietHoursBegin(t *testing.T) {
	rows := []struct {
		sounds, waits Button
		want          string
		exempt        string
	}{
		{"routine", "", "started, cut quiet", ""},
		{"scheduled", "", "started, cut quiet", ""},
		{"music", "", "started, cut quiet", ""},
		{"local", "", "started, finished", "emergency"},
		{"upper", "", "started, finished", "emergency"},
		{"local", "routine", "started, finished", "emergency"},
	}
	for _, row := range rows {
		s := newStage()
		s.settings.Rules = night()
		s.at(t, "Asia/Shanghai", "2026-11-25 21:59:58")
		s.press(row.sounds)
		s.sound(s.top(), 0)
		if row.waits != "" {
			s.press(row.waits)
		}
		at, ok := s.Wake(s.now)
		if !ok || at != s.now.Mono+2*time.Second {
			t.Errorf("%s: to be woken at %v, want in 2 s of %v", row.sounds, at, s.now.Mono)
		}
		s.pass(at - s.now.Mono)
		s.fade()
		s.finish(3)
		if got := s.history(ark.AnnouncementID(row.sounds)); got != row.want {
			t.Errorf("%s: %q, want %q", row.sounds, got, row.want)
		}
		if end := s.said(t, ark.AnnouncementID(row.sounds)); end.Exempt != row.exempt || row.exempt != "" && end.ExemptBy != string(row.sounds) {
			t.Errorf("%s: exempt %q by %q", row.sounds, end.Exempt, end.ExemptBy)
		}
		if row.waits != "" && s.history(ark.AnnouncementID(row.waits)) != "accepted, failed quiet" {
			t.Errorf("what waited: %q", s.history(ark.AnnouncementID(row.waits)))
		}
	}
}

// Quiet hours that begin in the rest between two rounds leave the next round
// out; what was interrupted does not go on in them.
func TestQuietHoursBetweenRounds(t *testing.T) {
	s := newStage()
	s.settings.Rules = night()
	edit(s, "routine", func(a *ark.Announcement) { a.Repeats, a.RestMillis = 1, 60_000 })
	s.at(t, "Asia/Shanghai", "2026-11-25 21:59:30")
	s.press("routine")
	s.sound(s.top(), 1)
	p := s.top()
	s.do(SegmentEnded{Broadcast: p.Broadcast, Segment: 1, Frames: p.Segments[1].Frames, Consumed: p.Segments[1].Frames})
	p.at, p.on = 2, false // the rest
	s.pass(30 * time.Second)
	s.fade()
	if got := s.history("routine"); got != "started, cut quiet" || len(s.played) != 1 {
		t.Errorf("%q after %d programs", got, len(s.played))
	}

	s = newStage()
	s.settings.Rules = night()
	s.at(t, "Asia/Shanghai", "2026-11-25 21:59:59")
	s.press("scheduled")
	s.sound(s.top(), 1)
	s.press("local")
	s.fade()
	s.pass(2 * time.Second)
	s.finish(2)
	if got := s.history("scheduled"); got != "started, started interrupted, cut quiet" {
		t.Errorf("what was to go on: %q", got)
	}
}

func TestAnExemptionSaysWhoAndWhy(t *testing.T) {
	s := newStage()
	s.settings.Rules = night()
	s.at(t, "Asia/Shanghai", "2026-11-25 23:00:00")
	s.do(OrderArrived{ark.ID{9}, ark.KindPlayNow, ark.PlayNow{Announcement: "upper", By: "wang", Why: "台风红色预警"}})
	s.finish(1)
	if r := s.said(t, "upper"); r.State != ark.BroadcastFinished || r.Exempt != "台风红色预警" || r.ExemptBy != "wang" || r.Trigger.By != "wang" {
		t.Errorf("%+v", r)
	}
	s.press("talk")
	if r := s.Status(s.now).Playing; r.Exempt != "talk" || r.ExemptBy != "talk" {
		t.Errorf("%+v", r)
	}
	s = newStage()
	s.press("upper")
	if r := s.Status(s.now).Playing; r.Exempt != "" {
		t.Errorf("by day nothing stands against it: %+v", r)
	}
}

// A place has its own quiet hours, and none is kept by a clock that nobody
// trusts: pages say that nobody knows.
func TestPlacesAndUntrustedClocks(t *testing.T) {
	s := newStage()
	s.settings.Places = []ark.PlaceRules{{Name: "学校", Neighbours: ark.Neighbours{Quiet: []ark.Span{{From: 8 * 60, To: 12 * 60}}}}}
	s.at(t, "Asia/Shanghai", "2026-11-25 09:00:00")
	s.press("routine")
	s.sound(s.top(), 0)
	s.do(PlaceChosen{"学校"})
	s.fade()
	if got := s.history("routine"); got != "started, cut quiet" || string(s.kept[keyPlace]) != "学校" {
		t.Errorf("%q; kept %q", got, s.kept)
	}
	if st := s.Status(s.now); st.Place != "学校" || len(st.Places) != 1 || !st.Quiet || st.QuietBlind {
		t.Errorf("%+v", st)
	}
	again := NewBrain(s.Brain.rules)
	if again.Handle(s.now, Resumed{Kept: s.kept}); again.Status(s.now).Place != "学校" {
		t.Errorf("after a restart the van stands at %q", again.Status(s.now).Place)
	}
	s.now.Trusted = false
	s.press("routine2")
	if st := s.Status(s.now); len(s.played) != 2 || st.Quiet || !st.QuietBlind {
		t.Errorf("with an untrusted clock: %d programs, %+v", len(s.played), st)
	}
}
