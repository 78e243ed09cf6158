package agent

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"ark"
)

// The matrix of ranks: a row is what sounds, a column what is asked for. Cuts:
// in the same moment; beside: speech over music; waits; refused.
func TestTheMatrixOfRanks(t *testing.T) {
	matrix := map[string]string{
		//          talk    upper local scheduled routine music test
		"talk":      "refused waits waits waits waits waits refused",
		"upper":     "cuts cuts waits waits waits waits refused",
		"local":     "cuts cuts cuts waits waits waits refused",
		"scheduled": "cuts cuts cuts waits waits beside refused",
		"routine":   "cuts cuts cuts cuts waits beside refused",
		"music":     "hushes hushes hushes beside beside cuts refused",
		"test":      "cuts cuts cuts cuts cuts hushes refused",
	}
	for _, first := range kinds {
		for i, second := range kinds {
			want := strings.Fields(matrix[first])[i]
			t.Run(first+" then "+second, func(t *testing.T) {
				s := newStage()
				s.press(Button(first))
				s.sound(s.top(), 1)
				old := s.top().Broadcast
				asked := Button(second + "2")
				got := outcome(s, old, s.press(asked))
				if got != want {
					t.Errorf("%s, want %s", got, want)
				}
				if s.front != nil && s.front.bed() || s.bed != nil && !s.bed.bed() {
					t.Error("music is not a bed, or speech is")
				}
			})
		}
	}
}

// outcome is what a request came to.
func outcome(s *stage, old ark.ID, out []Action) string {
	played, hushed := false, false
	for _, a := range out {
		switch a := a.(type) {
		case Play:
			if played = true; a.Instead == old {
				return "cuts"
			}
		case Hush:
			hushed = hushed || a.Broadcast == old
		case Record:
			if run, ok := a.Body.(ark.AsRun); ok && run.State == ark.BroadcastFailed {
				return "refused"
			}
		}
	}
	switch {
	case played && hushed:
		return "hushes"
	case played:
		return "beside"
	case len(s.waiting) == 1:
		return "waits"
	}
	return fmt.Sprint("nothing: ", out)
}

// What becomes of what was cut in its second recording, by the rule of its
// class: not heard again, from its beginning, or from the recording that was
// cut.
func TestAfterACut(t *testing.T) {
	goesOn := map[ark.AfterCut]string{ark.AfterCutDrop: "", ark.AfterCutRestart: "zh en", ark.AfterCutResume: "en"}
	rows := []struct {
		class   string
		by      Button
		byClass ark.AfterCut // what it has of itself
	}{
		{"upper", "talk", ark.AfterCutRestart}, {"local", "upper", ark.AfterCutRestart}, {"scheduled", "local", ark.AfterCutResume},
		{"routine", "scheduled", ark.AfterCutDrop}, {"routine", "talk", ark.AfterCutDrop}, {"music", "local", ark.AfterCutResume},
	}
	for _, row := range rows {
		for _, rule := range []ark.AfterCut{ark.AfterCutDefault, ark.AfterCutDrop, ark.AfterCutRestart, ark.AfterCutResume} {
			t.Run(fmt.Sprint(row.class, " by ", row.by, " rule ", rule), func(t *testing.T) {
				s := newStage()
				want := goesOn[rule]
				if rule == ark.AfterCutDefault {
					want = goesOn[row.byClass]
				} else {
					s.settings.Classes = []ark.ClassRule{{Class: s.shelf[ark.AnnouncementID(row.class)].Class, AfterCut: rule}}
				}
				cutAndLetGo(s, Button(row.class), row.by)
				after := s.top()
				if after == nil {
					after = &program{}
				}
				if got := languages(after.Program); got != want {
					t.Fatalf("afterwards %q, want %q", got, want)
				}
				s.finish(1)
				wantHistory := "started, started interrupted, started, finished"
				if want == "" {
					wantHistory = "started, cut replaced"
				}
				if got := s.history(ark.AnnouncementID(row.class)); got != wantHistory {
					t.Errorf("records %q, want %q", got, wantHistory)
				}
				if end := s.said(t, ark.AnnouncementID(row.class)); want != "" && (end.Cuts != 1 || end.Recordings[1].Consumed != end.Recordings[1].Frames) {
					t.Errorf("the end: %+v", end)
				}
			})
		}
	}
}

// cutAndLetGo lets something be cut in its second recording, and that which
// cut it come to its end.
func cutAndLetGo(s *stage, what, by Button) {
	s.press(what)
	s.sound(s.top(), 1)
	s.press(by)
	s.fade()
	if s.top().Talk {
		s.sound(s.top(), 0)
		s.do(Released{Button: by})
		s.fade()
		return
	}
	s.finish(1)
}

// A broadcast that waits to go on has not ended, and is told of as cut.
func TestARecordOfACutSaysHowFarItCame(t *testing.T) {
	s := newStage()
	s.press("scheduled")
	s.sound(s.top(), 1)
	s.press("local")
	s.fade()
	cut := s.said(t, "scheduled")
	if cut.State != ark.BroadcastStarted || cut.Why != ark.WhyInterrupted || cut.Cuts != 1 || cut.Recordings[0].State != ark.BroadcastFinished ||
		cut.Recordings[1].State != ark.BroadcastCut || cut.Recordings[1].Why != ark.WhyInterrupted || cut.Recordings[1].Consumed != cut.Recordings[1].Frames/2 {
		t.Errorf("%+v", cut)
	}
	if w := s.Status(s.now).Waiting; len(w) != 1 || w[0].Announcement != "scheduled" {
		t.Errorf("waiting: %+v", w)
	}
}

// Of equals each has its turn; of emergencies the newest has the first.
func TestTheOrderOfEquals(t *testing.T) {
	rows := []struct {
		name  string
		press []Button
		want  string
	}{
		{"routine in turn", []Button{"routine", "routine2", "1"}, "routine routine2 welcome"},
		{"the newest emergency, then the older from its beginning", []Button{"local", "local2"}, "local local2 local"},
		{"of emergencies that wait the newest", []Button{"upper", "local", "local2"}, "upper local2 local"},
		{"the highest of what waits", []Button{"upper", "routine", "scheduled", "local"}, "upper local scheduled routine"},
		{"speech, and music beneath it, after the emergency", []Button{"music", "local", "routine"}, "music local routine music"},
	}
	for _, row := range rows {
		s := newStage()
		s.shelf["welcome"] = welcome
		for _, b := range row.press {
			s.press(b)
		}
		s.finish(10)
		var got []string
		for _, p := range s.played {
			for _, r := range s.records {
				if r.Broadcast == p.Broadcast {
					got = append(got, string(r.Announcement))
					break
				}
			}
		}
		if g := strings.Join(got, " "); g != row.want {
			t.Errorf("%s: %s, want %s", row.name, g, row.want)
		}
	}
}

// A queue that is full refuses, says so, and costs neither memory nor records
// for each press.
func TestAFullQueue(t *testing.T) {
	s := newStage()
	for i := range 30 {
		id := ark.AnnouncementID(fmt.Sprint("r", i))
		s.shelf[id] = message(id, ark.ClassRoutine)
		s.rules.Buttons[Button(id)] = Meaning{Announcement: id}
		s.press(Button(id))
	}
	if len(s.waiting) != mostQueued {
		t.Errorf("%d wait, want %d", len(s.waiting), mostQueued)
	}
	if got := s.history("r20"); got != "failed busy" {
		t.Errorf("one that found it full: %q", got)
	}
	if r := s.Status(s.now).Refused; r == nil || r.Why != ark.WhyBusy || r.Announcement != "r29" {
		t.Errorf("the page says %+v", r)
	}
	before := len(s.records)
	for range 1000 {
		s.press("r20")
	}
	if n := len(s.records) - before; n != 0 {
		t.Errorf("%d records of 1000 presses that were refused alike", n)
	}
	s.pass(alikeFor)
	s.press("r20")
	if last := s.said(t, "r20"); last.Alike != 1000 {
		t.Errorf("the next record counts %d alike, want 1000", last.Alike)
	}
	s.pass(31 * time.Second)
	if s.Status(s.now).Refused != nil {
		t.Error("the page still speaks of what was refused long ago")
	}
}

// What was cut comes back from the loudspeaker a moment later: by then
// something lower may have begun, and is cut in its turn.
func TestWhatComesBackFromACutOutranks(t *testing.T) {
	s := newStage()
	s.press("upper")
	s.sound(s.top(), 0)
	s.press("talk")
	s.do(Released{Button: "talk"})
	s.press("local")
	s.fade()
	if s.front == nil || s.front.Announcement != "upper" || len(s.waiting) != 1 || s.waiting[0].Announcement != "local" {
		t.Errorf("the loudspeaker has %+v, %d wait", s.front, len(s.waiting))
	}
}

// Emergencies that cut one another do not pile up without bound.
func TestCutsDoNotPileUp(t *testing.T) {
	s := newStage()
	for i := range 40 {
		s.order(byte(i+1), ark.PlayNow{Announcement: "local"})
		s.sound(s.top(), 0)
		s.fade()
	}
	if len(s.waiting) != mostQueued {
		t.Errorf("%d wait to go on, want %d", len(s.waiting), mostQueued)
	}
	s.finish(100)
	if len(s.runs) > 0 {
		t.Errorf("%d never ended", len(s.runs))
	}
}
