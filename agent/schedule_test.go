package agent

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"ark"
)

const everyDay = 127

func item(n byte, id ark.AnnouncementID, at string, grace int) ark.PlanItem {
	clock, err := time.Parse(time.TimeOnly, at)
	if err != nil {
		panic(err)
	}
	return ark.PlanItem{ID: ark.ID{n}, Announcement: id, Weekdays: everyDay, At: clock.Hour()*3600 + clock.Minute()*60 + clock.Second(), Grace: grace}
}

// planned is a stage that knows since when it has a plan.
func planned(t *testing.T, zone, clock string, items ...ark.PlanItem) *stage {
	t.Helper()
	s := newStage()
	s.at(t, zone, clock)
	s.do(OrderArrived{ark.ID{1}, ark.KindPlan, ark.Plan{Version: 1, Zone: zone, Items: items}})
	s.do(Tick{})
	return s
}

// starts are the announcements that were begun by the plan, and those that
// were missed.
func (s *stage) starts() string {
	var all []string
	seen := map[ark.ID]bool{}
	for _, r := range s.records {
		switch {
		case r.Trigger.Schedule.IsZero() || seen[r.Broadcast]:
			continue
		case r.State == ark.BroadcastExpired, r.State == ark.BroadcastFailed:
			all = append(all, fmt.Sprintf("%s %s", r.Announcement, r.Why))
		case r.State == ark.BroadcastStarted:
			all = append(all, string(r.Announcement))
		default:
			continue
		}
		seen[r.Broadcast] = true
	}
	return strings.Join(all, ", ")
}

// run lets time pass second by second, and what sounds sound.
func (s *stage) run(d time.Duration) {
	for end := s.now.Mono + d; s.now.Mono < end; {
		at, ok := s.Wake(s.now)
		if !ok || at > s.now.Mono+time.Second {
			at = s.now.Mono + time.Second
		}
		s.pass(at - s.now.Mono)
		s.hear()
	}
}

// hear lets what is on the loudspeaker come to its end at once.
func (s *stage) hear() {
	mono := s.now.Mono
	s.finish(20)
	s.now.Mono = mono
}

func TestAStartIsExactToTheSecond(t *testing.T) {
	s := planned(t, "Asia/Shanghai", "2026-11-25 08:29:58", item(1, "routine", "08:30:00", 0))
	s.now.Wall += 300 // between two seconds
	at, ok := s.Wake(s.now)
	if !ok || at-s.now.Mono != 1700*time.Millisecond {
		t.Fatalf("to be woken in %v, want 1.7 s", at-s.now.Mono)
	}
	if next := s.Status(s.now).Next; next == nil || next.At != s.now.Wall+1700 || next.Title.Zh != "routine" {
		t.Errorf("pages say next: %+v", next)
	}
	s.pass(at - s.now.Mono - time.Millisecond)
	if len(s.played) != 0 {
		t.Error("begun too soon")
	}
	s.pass(time.Millisecond)
	if len(s.played) != 1 {
		t.Fatal("not begun")
	}
	s.finish(1)
	if r := s.said(t, "routine"); r.Trigger.Schedule != (ark.ID{1}) || r.Trigger.Due != r.RequestedAt || r.State != ark.BroadcastFinished {
		t.Errorf("%+v", r)
	}
	if next := s.Status(s.now).Next; next == nil || next.At.Time().In(s.zone).Format("2006-01-02 15:04:05") != "2026-11-26 08:30:00" {
		t.Errorf("pages say next: %+v", next)
	}
}

// Starts that the van missed: made up for only within their grace, the newest
// of each, and the others told of once.
func TestMissedStarts(t *testing.T) {
	rows := []struct {
		name  string
		off   time.Duration // after 08:00:00
		items []ark.PlanItem
		want  string
	}{
		{"within the grace", time.Hour, []ark.PlanItem{item(1, "routine", "08:55:00", 300)}, "routine"},
		{"at its edge", time.Hour, []ark.PlanItem{item(1, "routine", "08:50:00", 600)}, "routine"},
		{"a second beyond", time.Hour, []ark.PlanItem{item(1, "routine", "08:49:59", 600)}, "routine missed"},
		{"no grace", time.Hour, []ark.PlanItem{item(1, "routine", "08:59:00", 0)}, "routine missed"},
		{"no grace, late by as much as a loop may be", time.Hour, []ark.PlanItem{item(1, "routine", "08:59:58", 0)}, "routine"},
		{"off for days: one word of each item", 5 * 24 * time.Hour, []ark.PlanItem{item(1, "routine", "08:30:00", 600), item(2, "music", "12:00:00", 600)}, "routine missed, music missed"},
		{"off for days: the newest within its grace", 5 * 24 * time.Hour, []ark.PlanItem{item(1, "routine", "07:55:00", 600)}, "routine"},
		{"nothing was due", time.Minute, []ark.PlanItem{item(1, "routine", "08:30:00", 600)}, ""},
		{"an announcement that is not held", time.Hour, []ark.PlanItem{item(1, "gone", "09:00:00", 600)}, "gone missing"},
	}
	for _, row := range rows {
		s := planned(t, "Asia/Shanghai", "2026-11-25 08:00:00", row.items...)
		off := restarted(t, s)
		off.now.Mono += row.off
		off.now.Wall += ark.UnixMilli(row.off / time.Millisecond)
		off.do(Tick{})
		off.hear()
		off.run(3 * time.Second)
		if got := off.starts(); got != row.want {
			t.Errorf("%s: %q, want %q", row.name, got, row.want)
		}
		off.records = nil
		again := restarted(t, off) // a restart within the grace repeats nothing
		again.run(3 * time.Second)
		if got := again.starts(); got != "" {
			t.Errorf("%s: after another restart %q", row.name, got)
		}
	}
}

// restarted is a van that knows what was kept.
func restarted(t *testing.T, s *stage) *stage {
	t.Helper()
	r := newStage()
	r.now, r.shelf, r.kept = s.now, s.shelf, s.kept
	r.do(Resumed{Kept: s.kept})
	if r.schedule.plan.Version != s.schedule.plan.Version {
		t.Fatal("the plan was not kept")
	}
	r.settings = s.settings
	r.zone = s.zone
	return r
}

// However many starts were missed, no burst of sound follows.
func TestNoBurstAfterPowerOn(t *testing.T) {
	var items []ark.PlanItem
	for i := range 100 {
		items = append(items, item(byte(i+1), "routine", fmt.Sprintf("08:%02d:%02d", 30+i/10, i%10), 3600))
	}
	s := planned(t, "Asia/Shanghai", "2026-11-25 08:00:00", items...)
	off := restarted(t, s)
	off.now.Wall += 3600_000
	off.do(Tick{})
	if n := len(off.waiting); n > mostQueued || len(off.records) > 100+mostQueued {
		t.Errorf("%d wait, %d records", n, len(off.records))
	}
}

func TestTheClockJumps(t *testing.T) {
	day := func() *stage {
		return planned(t, "Asia/Shanghai", "2026-11-25 08:00:00", item(1, "routine", "08:30:00", 600), item(2, "scheduled", "09:15:00", 0))
	}
	rows := []struct {
		name string
		do   func(s *stage)
		want string
	}{
		{"it does not", func(s *stage) { s.run(2 * time.Hour) }, "routine, scheduled"},
		{"back by an hour after a start", func(s *stage) {
			s.run(40 * time.Minute)
			s.now.Wall -= 3600_000
			s.run(3 * time.Hour)
		}, "routine, scheduled"},
		{"on by an hour over a start", func(s *stage) {
			s.run(20 * time.Minute)
			s.now.Wall += 3600_000
			s.run(2 * time.Hour)
		}, "routine missed, scheduled missed"},
		{"on and back by an hour", func(s *stage) {
			s.run(20 * time.Minute)
			s.now.Wall += 3600_000
			s.run(time.Minute)
			s.now.Wall -= 3600_000
			s.run(2 * time.Hour)
		}, "routine missed, scheduled missed"},
		{"to 1970 and back", func(s *stage) {
			s.run(40 * time.Minute)
			was := s.now.Wall
			s.now.Wall = 0
			s.run(time.Minute)
			s.now.Wall = was + 60_000
			s.run(2 * time.Hour)
		}, "routine, scheduled"},
		{"to 1970, trusted by nobody, and back", func(s *stage) {
			s.run(29 * time.Minute)
			was := s.now.Wall
			s.now.Wall, s.now.Trusted = 0, false
			s.run(2 * time.Minute)
			s.now.Wall, s.now.Trusted = was+120_000, true
			s.run(2 * time.Hour)
		}, "routine, scheduled"},
	}
	for _, row := range rows {
		s := day()
		row.do(s)
		if got := s.starts(); got != row.want {
			t.Errorf("%s: %q, want %q", row.name, got, row.want)
		}
	}
}

// With a clock that nobody trusts no start is begun, and the reason is told.
func TestNoStartByAnUntrustedClock(t *testing.T) {
	s := planned(t, "Asia/Shanghai", "2026-11-25 08:29:00", item(1, "routine", "08:30:00", 0))
	s.now.Trusted = false
	s.run(5 * time.Minute)
	if st := s.Status(s.now); len(s.played) > 0 || st.PlanBlocked != ark.WhyUntrusted || st.Next != nil {
		t.Errorf("%d programs, pages say %q, next %+v", len(s.played), st.PlanBlocked, st.Next)
	}
	if h := s.health[len(s.health)-1]; h.Plan != ark.WhyUntrusted {
		t.Errorf("health says %q", h.Plan)
	}
}

// A mark that is far ahead is of a clock that was wrong: the van begins anew
// from now.
func TestAMarkInTheFuture(t *testing.T) {
	s := planned(t, "Asia/Shanghai", "2026-11-25 08:00:00", item(1, "routine", "08:30:00", 0))
	s.kept[keyDone] = []byte("4000000000000")
	s = restarted(t, s)
	s.run(time.Hour)
	if got := s.starts(); got != "routine" {
		t.Errorf("%q", got)
	}
}

// A plan says nothing of the time before it came.
func TestANewPlan(t *testing.T) {
	s := planned(t, "Asia/Shanghai", "2026-11-25 08:30:30", item(1, "routine", "08:30:00", 600))
	s.run(time.Minute)
	s.do(OrderArrived{ark.ID{2}, ark.KindPlan, ark.Plan{Version: 2, Zone: "Asia/Shanghai", Items: []ark.PlanItem{item(3, "scheduled", "08:31:00", 600)}}})
	s.run(time.Minute)
	if got := s.starts(); got != "" {
		t.Errorf("%q", got)
	}
	for zone, why := range map[string]string{"Mars/Olympus": ark.WhyZone, "": ark.WhyGarbled} {
		s.do(OrderArrived{ark.ID{3}, ark.KindPlan, ark.Plan{Version: 3, Zone: zone}})
		if last := s.states[len(s.states)-1]; last.State != ark.BroadcastFailed || last.Why != why || s.Status(s.now).Plan != 2 {
			t.Errorf("zone %q: %+v, plan %d", zone, last, s.Status(s.now).Plan)
		}
	}
}

// The nights in which the clocks change: a start in the hour that is skipped
// comes an hour later, one in the hour that comes twice comes once.
func TestStartsWhenTheClocksChange(t *testing.T) {
	rows := []struct{ zone, from, at, want string }{
		{"Europe/Berlin", "2026-03-29 01:59:00", "02:30:00", "03:30:00"},
		{"Europe/Berlin", "2026-10-25 01:59:00", "02:30:00", "02:30:00"},
		{"Europe/Berlin", "2026-10-25 01:59:00", "03:00:00", "03:00:00"},
		{"Asia/Shanghai", "2026-03-29 01:59:00", "02:30:00", "02:30:00"},
	}
	for _, row := range rows {
		s := planned(t, row.zone, row.from, item(1, "routine", row.at, 0))
		s.run(4 * time.Hour)
		var got []string
		for _, r := range s.records {
			if r.State == ark.BroadcastStarted {
				got = append(got, r.StartedAt.Time().In(s.zone).Format(time.TimeOnly))
			}
		}
		if strings.Join(got, " ") != row.want {
			t.Errorf("%s %s: begun at %v, want once at %s", row.zone, row.at, got, row.want)
		}
	}
}

// The plan respects quiet hours as all else does.
func TestAStartInQuietHours(t *testing.T) {
	s := planned(t, "Asia/Shanghai", "2026-11-25 21:59:50", item(1, "routine", "22:00:00", 0), item(2, "local", "22:00:01", 0))
	s.settings.Rules = night()
	s.run(time.Minute)
	if got := s.starts(); got != "routine quiet, local" {
		t.Errorf("%q", got)
	}
}

// A new plan that comes while the clock is an hour back begins nothing that
// was begun.
func TestANewPlanAfterTheClockWasPutBack(t *testing.T) {
	s := planned(t, "Asia/Shanghai", "2026-11-25 08:00:00", item(1, "routine", "08:30:00", 600))
	s.run(40 * time.Minute)
	s.now.Wall -= 3600_000
	s.do(OrderArrived{ark.ID{2}, ark.KindPlan, ark.Plan{Version: 2, Zone: "Asia/Shanghai", Items: []ark.PlanItem{item(1, "routine", "08:30:00", 600)}}})
	s.run(2 * time.Hour)
	if got := s.starts(); got != "routine" {
		t.Errorf("%q", got)
	}
}
