package agent

import (
	"slices"
	"strings"
	"testing"
	"time"

	"ark"
)

// stage is a bench with a loudspeaker that does as it is told, one announcement
// of each class and a button for each.
type stage struct {
	*bench
	open    []*program
	shelf   map[ark.AnnouncementID]ark.Announcement
	turns   []Turn
	kept    map[string][]byte
	fetched []ark.Library
	tests   []ark.SelfTest
	lib     []ark.LibraryState
}

// program is what the loudspeaker has.
type program struct {
	Program
	at  int    // the segment that sounds, or is next
	on  bool   // it sounds
	why string // it is to end
}

func message(id ark.AnnouncementID, class ark.Class) ark.Announcement {
	return ark.Announcement{ID: id, Version: 1, Class: class, Title: ark.Text{Zh: string(id)}, Recordings: []ark.Recording{
		{Language: "zh", Content: ark.HashOf([]byte(id + "zh")), Frames: 2 * ark.SampleRate},
		{Language: "en", Content: ark.HashOf([]byte(id + "en")), Frames: 3 * ark.SampleRate}}}
}

// kinds are the things that want the loudspeaker, the highest rank first.
var kinds = []string{"talk", "upper", "local", "scheduled", "routine", "music", "test"}

func newStage() *stage {
	s := &stage{bench: newBench(), shelf: map[ark.AnnouncementID]ark.Announcement{}, kept: map[string][]byte{}}
	s.Brain.rules.Find = func(id ark.AnnouncementID) (ark.Announcement, bool) { a, ok := s.shelf[id]; return a, ok }
	s.Brain.rules.Zone = time.LoadLocation
	s.settings.Rules = ark.Neighbours{}
	for i, class := range []ark.Class{ark.ClassEmergencyUpper, ark.ClassEmergencyLocal, ark.ClassScheduled, ark.ClassRoutine, ark.ClassMusic} {
		for _, more := range []string{"", "2"} {
			id := ark.AnnouncementID(kinds[i+1] + more)
			s.shelf[id] = message(id, class)
			s.rules.Buttons[Button(id)] = Meaning{Announcement: id}
		}
	}
	for _, more := range []Button{"", "2"} {
		s.rules.Buttons["talk"+more] = Meaning{Talk: true}
		s.rules.Buttons["test"+more] = Meaning{Test: true}
	}
	s.rules.Buttons["louder"], s.rules.Buttons["softer"] = Meaning{Louder: true}, Meaning{Softer: true}
	return s
}

// do lets the brain decide, and the loudspeaker and the card take it.
func (s *stage) do(e Event) []Action {
	out := s.Handle(s.now, e)
	for _, a := range out {
		switch a := a.(type) {
		case Play:
			s.end(a.Instead, a.Why)
			s.open = append(s.open, &program{Program: a.Program})
			s.played = append(s.played, a.Program)
		case Hush:
			s.end(a.Broadcast, a.Why)
		case Turn:
			s.turns = append(s.turns, a)
		case Keep:
			s.kept[a.Key] = a.Value
		case Fetch:
			s.fetched = append(s.fetched, a.Library)
		case Record:
			s.take(a)
		}
	}
	return out
}

func (s *stage) take(r Record) {
	switch body := r.Body.(type) {
	case ark.AsRun:
		s.records = append(s.records, body)
	case ark.Health:
		s.health = append(s.health, body)
	case ark.OrderState:
		s.states = append(s.states, body)
	case ark.SelfTest:
		s.tests = append(s.tests, body)
	case ark.LibraryState:
		s.lib = append(s.lib, body)
	}
}

func (s *stage) end(id ark.ID, why string) {
	for _, p := range s.open {
		if p.Broadcast == id && p.why == "" {
			p.why = why
		}
	}
}

func (s *stage) press(b Button) []Action {
	return s.do(Pressed{Button: b, At: s.now.Mono})
}

// pass lets time pass, with a tick at its end.
func (s *stage) pass(d time.Duration) {
	s.now.Mono, s.now.Wall = s.now.Mono+d, s.now.Wall+ark.UnixMilli(d/time.Millisecond)
	s.do(Tick{})
}

// sound lets the segments of a program begin and end, up to n of them or until
// the brain has it end, and half of the one after.
func (s *stage) sound(p *program, n int) {
	for range n {
		s.startSegment(p)
		if p.why != "" || p.at >= len(p.Segments) {
			return
		}
		s.now.Mono += time.Duration(p.Segments[p.at].Frames) * time.Second / ark.SampleRate
		s.do(SegmentEnded{Broadcast: p.Broadcast, Segment: p.at, Frames: p.Segments[p.at].Frames, Consumed: p.Segments[p.at].Frames})
		p.at, p.on = p.at+1, false
	}
	s.startSegment(p)
}

func (s *stage) startSegment(p *program) {
	if p.why != "" || p.on || p.at >= max(len(p.Segments), 1) {
		return
	}
	p.on = true
	s.do(SegmentStarted{Broadcast: p.Broadcast, Segment: p.at, At: s.now.Mono})
}

// fade ends the programs that were told to end, and those that are done.
func (s *stage) fade() {
	for {
		i := slices.IndexFunc(s.open, func(p *program) bool { return p.why != "" || p.at >= len(p.Segments) && !p.Talk })
		if i < 0 {
			return
		}
		p := s.open[i]
		s.open = slices.Delete(s.open, i, i+1)
		for ; p.at < len(p.Segments); p.at++ {
			consumed := int64(0)
			if p.on {
				consumed, p.on = p.Segments[p.at].Frames/2, false
			}
			s.do(SegmentEnded{Broadcast: p.Broadcast, Segment: p.at, Frames: p.Segments[p.at].Frames, Consumed: consumed, Why: p.why})
		}
		s.do(ProgramEnded{Broadcast: p.Broadcast, At: s.now.Mono})
	}
}

// finish lets all that sounds come to its end, and what follows it, for as
// many programs.
func (s *stage) finish(programs int) {
	for range programs {
		s.fade()
		if len(s.open) == 0 {
			return
		}
		p := s.open[0]
		if p.Talk {
			return
		}
		s.sound(p, len(p.Segments))
		s.fade()
	}
}

// top is the program that was begun last.
func (s *stage) top() *program {
	if len(s.open) == 0 {
		return nil
	}
	return s.open[len(s.open)-1]
}

// history is what the records say of one announcement: states and reasons.
func (s *stage) history(id ark.AnnouncementID) string {
	var all []string
	for _, r := range s.records {
		if r.Announcement == id {
			all = append(all, strings.TrimSpace(r.State.String()+" "+r.Why))
		}
	}
	return strings.Join(all, ", ")
}

// said is the last record of an announcement.
func (s *stage) said(t *testing.T, id ark.AnnouncementID) ark.AsRun {
	t.Helper()
	for _, r := range slices.Backward(s.records) {
		if r.Announcement == id {
			return r
		}
	}
	t.Fatalf("no record of %s", id)
	return ark.AsRun{}
}

// languages are what a program sounds, in its order.
func languages(p Program) string {
	var all []string
	for _, s := range p.Segments {
		switch s.Sound {
		case SoundRecording:
			all = append(all, string(s.Language))
		case SoundChime:
			all = append(all, "chime")
		case SoundTone:
			all = append(all, "tone")
		case SoundCheck:
			all = append(all, "check")
		}
	}
	return strings.Join(all, " ")
}
