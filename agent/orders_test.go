package agent

import (
	"fmt"
	"testing"
	"time"

	"ark"
)

func (s *stage) told(n byte) string {
	out := ""
	for _, o := range s.states {
		if o.Order == (ark.ID{n}) {
			out += fmt.Sprintf("%v %s;", o.State, o.Why)
		}
	}
	return out
}

func (s *stage) order(n byte, body any) {
	kind := map[string]ark.Kind{"ark.PlayNow": ark.KindPlayNow, "ark.Stop": ark.KindStop, "ark.Library": ark.KindLibrary, "ark.Plan": ark.KindPlan, "ark.Settings": ark.KindSettings}
	s.do(OrderArrived{ark.ID{n}, kind[fmt.Sprintf("%T", body)], body})
}

// A library that is ordered comes, and the order is done once it is held; a
// later one takes the place of an earlier one.
func TestALibraryComes(t *testing.T) {
	s := newStage()
	one, two := ark.Library{Version: 1, Manifest: ark.Hash{1}, Size: 10}, ark.Library{Version: 2, Manifest: ark.Hash{2}, Size: 10}
	s.order(1, one)
	s.order(2, two)
	if len(s.fetched) != 2 || s.told(1) != "cut replaced;" || s.told(2) != "" {
		t.Fatalf("fetched %+v, told %q and %q", s.fetched, s.told(1), s.told(2))
	}
	s.do(LibraryChanged{ark.LibraryState{Version: 1, Manifest: ark.Hash{1}, Stage: ark.LibraryHeld}}) // it was faster than the order
	s.do(LibraryChanged{ark.LibraryState{Version: 2, Manifest: ark.Hash{2}, Stage: ark.LibraryComing, Held: 1}})
	s.do(LibraryChanged{ark.LibraryState{Version: 2, Manifest: ark.Hash{2}, Stage: ark.LibraryFailed, Why: ark.WhyDiskFull, Held: 1}})
	if s.told(2) != "" || s.Status(s.now).Library.Why != ark.WhyDiskFull {
		t.Errorf("told %q before it is held; pages say %+v", s.told(2), s.Status(s.now).Library)
	}
	s.do(LibraryChanged{ark.LibraryState{Version: 2, Manifest: ark.Hash{2}, Stage: ark.LibraryHeld, Held: 2}})
	if s.told(2) != "finished ;" || len(s.lib) != 4 {
		t.Errorf("told %q, %d states recorded", s.told(2), len(s.lib))
	}
	again := newStage()
	again.do(Resumed{Kept: s.kept})
	if len(again.fetched) != 1 || again.fetched[0] != two {
		t.Errorf("after a restart it is looked through: %+v", again.fetched)
	}
}

// The progress of a library is recorded once a minute, whatever the fetcher
// tells.
func TestProgressOfALibraryIsRecordedNowAndThen(t *testing.T) {
	s := newStage()
	for i := range 600 {
		s.do(LibraryChanged{ark.LibraryState{Version: 1, Stage: ark.LibraryComing, Have: int64(i), Want: 600}})
		s.now.Mono += time.Second
	}
	if n := len(s.lib); n != 10 {
		t.Errorf("%d records in ten minutes", n)
	}
}

// A link that comes and goes for an hour fills no card, and how it stands in
// the end is recorded.
func TestALibraryThatFlapsIsRecordedNowAndThen(t *testing.T) {
	s := newStage()
	state := ark.LibraryState{Version: 1, Manifest: ark.Hash{1}}
	for i := range 1800 {
		state.Stage, state.Why = ark.LibraryComing, ""
		if i%2 == 1 {
			state.Stage, state.Why = ark.LibraryFailed, ark.WhyUnreachable
		}
		s.do(LibraryChanged{state})
		s.pass(2 * time.Second)
	}
	if len(s.lib) < 60 || len(s.lib) > 80 {
		t.Errorf("%d states recorded in an hour", len(s.lib))
	}
	s.pass(time.Minute)
	if last := s.lib[len(s.lib)-1]; last.Stage != ark.LibraryFailed || last.Why != ark.WhyUnreachable {
		t.Errorf("the last that was recorded is %+v", last)
	}
}

// An order to play what a library may bring waits for it, for as long as it
// is worth doing.
func TestAnOrderWaitsForALibrary(t *testing.T) {
	rows := []struct {
		name string
		do   func(s *stage)
		want string
		runs string
	}{
		{"it comes", func(s *stage) {
			s.shelf["new"] = message("new", ark.ClassRoutine)
			s.do(LibraryChanged{ark.LibraryState{Version: 1, Manifest: ark.Hash{1}, Stage: ark.LibraryHeld}})
			s.finish(1)
		}, "accepted missing;", "accepted, started, finished"},
		{"it comes without it", func(s *stage) {
			s.do(LibraryChanged{ark.LibraryState{Version: 1, Manifest: ark.Hash{1}, Stage: ark.LibraryHeld}})
		}, "accepted missing;", "failed missing"},
		{"it comes too late", func(s *stage) { s.pass(61 * time.Second) }, "accepted missing;expired missing;", ""},
		{"a stop meanwhile", func(s *stage) { s.press("stop") }, "accepted missing;cut stopped;", ""},
	}
	for _, row := range rows {
		s := newStage()
		s.order(1, ark.Library{Version: 1, Manifest: ark.Hash{1}, Size: 10})
		s.order(2, ark.PlayNow{Announcement: "new", NotAfter: s.now.Wall + 60_000})
		row.do(s)
		if got := s.told(2); got != row.want || s.history("new") != row.runs {
			t.Errorf("%s: told %q, runs %q", row.name, got, s.history("new"))
		}
		if len(s.hoping) > 0 {
			t.Errorf("%s: it still waits", row.name)
		}
	}
	s := newStage()
	s.order(2, ark.PlayNow{Announcement: "new"})
	if got := s.history("new"); got != "failed missing" {
		t.Errorf("no library is coming: %q", got)
	}
}

// An order that waits for the loudspeaker for too long is not done.
func TestAnOrderExpiresInTheQueue(t *testing.T) {
	s := newStage()
	s.press("local")
	s.sound(s.top(), 0)
	s.order(1, ark.PlayNow{Announcement: "routine", NotAfter: s.now.Wall + 2000})
	at, _ := s.Wake(s.now)
	if at-s.now.Mono != 2001*time.Millisecond {
		t.Errorf("to be woken in %v", at-s.now.Mono)
	}
	s.pass(at - s.now.Mono)
	s.finish(2)
	if got := s.history("routine"); got != "accepted, expired" {
		t.Errorf("%q", got)
	}
}

func TestAStopOrderEndsAllAndDropsWhatWaits(t *testing.T) {
	s := newStage()
	s.press("local")
	s.order(1, ark.PlayNow{Announcement: "routine"})
	s.order(2, ark.Stop{})
	s.fade()
	if s.told(2) != "finished ;" || s.history("routine") != "accepted, cut stopped" || s.said(t, "local").State != ark.BroadcastCut || len(s.runs) > 0 {
		t.Errorf("told %q; %q; %+v", s.told(2), s.history("routine"), s.said(t, "local"))
	}
}

// Settings hold at once, over a restart, and what contradicts itself changes
// nothing.
func TestSettings(t *testing.T) {
	s := newStage()
	s.at(t, "Asia/Shanghai", "2026-11-25 23:00:00")
	s.press("routine")
	s.sound(s.top(), 0)
	set := ark.DefaultSettings()
	set.Places = []ark.PlaceRules{{Name: "广场"}}
	s.order(1, set)
	s.fade()
	if s.told(1) != "finished ;" || s.history("routine") != "started, cut quiet" {
		t.Errorf("told %q, %q", s.told(1), s.history("routine"))
	}
	bad := set
	bad.Zone = "Mars/Olympus"
	s.order(2, bad)
	bad.Zone, bad.TestDay = "Asia/Shanghai", 9
	s.order(3, bad)
	if s.told(2) != "failed unknown-zone;" || s.told(3) != "failed garbled;" || s.Status(s.now).Zone != "Asia/Shanghai" {
		t.Errorf("told %q, %q", s.told(2), s.told(3))
	}
	again := NewBrain(s.Brain.rules)
	again.Handle(s.now, Resumed{Kept: s.kept})
	if st := again.Status(s.now); len(st.Places) != 1 || !st.Quiet {
		t.Errorf("after a restart: %+v", st)
	}
	again.Handle(s.now, Resumed{Kept: map[string][]byte{keySettings: []byte("rubbish"), keyPlan: {1}, keyDone: []byte("x"), keyLibrary: {0xff}, keyPlace: []byte("\xffhere")}})
	if st := again.Status(s.now); st.Zone != "Asia/Shanghai" || st.Place != "" {
		t.Errorf("rubbish was kept: %+v", st)
	}
}

// However many orders wait for a clock or a library, memory is bounded and
// each is told of.
func TestOrdersThatWaitAreBounded(t *testing.T) {
	s := newStage()
	s.order(1, ark.Library{Version: 1, Manifest: ark.Hash{1}, Size: 10})
	for i := range 300 {
		s.now.Trusted = i%2 == 0
		s.do(OrderArrived{ark.ID{2, byte(i >> 8), byte(i)}, ark.KindPlayNow, ark.PlayNow{Announcement: "new"}})
	}
	if len(s.hoping) > mostDoubtful || len(s.doubtful) > mostDoubtful || len(s.states) != 100+50+50 {
		t.Errorf("%d and %d wait, %d told of", len(s.hoping), len(s.doubtful), len(s.states))
	}
}

// What was begun in time goes on after a cut, however late that is.
func TestAnOrderThatWasBegunDoesNotExpire(t *testing.T) {
	s := newStage()
	s.order(1, ark.PlayNow{Announcement: "scheduled", NotAfter: s.now.Wall + 2000})
	s.sound(s.top(), 0)
	s.press("local")
	s.fade()
	s.pass(time.Minute)
	s.finish(2)
	if got := s.history("scheduled"); got != "accepted, started, started interrupted, started, finished" {
		t.Errorf("%q", got)
	}
}
