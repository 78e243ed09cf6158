package agent

import (
	"testing"

	"ark"
)

// Finished is said only of what a device consumed that was not muted.
func TestFinishedIsOnlySaidOfWhatCouldBeHeard(t *testing.T) {
	const all = 100
	for _, c := range []struct {
		name     string
		silent   bool
		before   bool // the card is muted before it begins
		within   bool // the card is muted while the first recording sounds
		heard    ark.Hearing
		state    ark.BroadcastState
		why      string
		consumed int64 // of the first recording
		second   ark.BroadcastState
	}{
		{name: "a device", state: ark.BroadcastFinished, consumed: all, second: ark.BroadcastFinished},
		{name: "no device", silent: true, state: ark.BroadcastFailed, why: ark.WhyNoCard, second: ark.BroadcastFailed},
		{name: "muted before", before: true, state: ark.BroadcastFailed, why: ark.WhyMuted, consumed: all, second: ark.BroadcastFailed},
		{name: "muted within, then no longer", within: true, state: ark.BroadcastFailed, why: ark.WhyMuted, consumed: all, second: ark.BroadcastFinished},
		{name: "muted, and heard", before: true, heard: ark.HeardYes, state: ark.BroadcastFinished, consumed: all, second: ark.BroadcastFinished},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := newStage()
			s.hardware(SoundState{Device: "test", Muted: c.before})
			s.press("routine")
			p := s.top()
			for i := range p.Segments {
				s.do(SegmentStarted{Broadcast: p.Broadcast, Segment: i, Silent: c.silent, At: s.now.Mono})
				if c.within && i == 0 {
					s.hardware(SoundState{Device: "test", Muted: true})
					s.hardware(SoundState{Device: "test"})
				}
				s.do(SegmentEnded{Broadcast: p.Broadcast, Segment: i, Frames: all, Consumed: all})
			}
			s.do(Heard{Broadcast: p.Broadcast, Result: c.heard})
			s.do(ProgramEnded{Broadcast: p.Broadcast})
			run := s.said(t, "routine")
			first, second := run.Recordings[0], run.Recordings[1]
			if run.State != c.state || run.Why != c.why || first.Consumed != c.consumed || first.State != c.state || first.Why != c.why || second.State != c.second {
				t.Errorf("%v %q, recordings %+v", run.State, run.Why, run.Recordings)
			}
		})
	}
}

// What was not heard and sounds again after a cut may be heard then.
func TestWhatIsSaidAgainMayBeHeard(t *testing.T) {
	s := newStage()
	s.press("scheduled")
	p := s.top()
	s.do(SegmentStarted{Broadcast: p.Broadcast, Segment: 0, At: s.now.Mono})
	s.hardware(SoundState{Device: "test", Muted: true})
	s.hardware(SoundState{Device: "test"})
	s.press("local")
	s.finish(5)
	if run := s.said(t, "scheduled"); run.State != ark.BroadcastFinished || run.Cuts != 1 {
		t.Errorf("%v %q after %d cuts, %+v; want finished", run.State, run.Why, run.Cuts, run.Recordings)
	}
}
