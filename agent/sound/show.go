package sound

import (
	"time"

	"ark"
	"ark/agent"
)

// show is a program on its way, and what was told of it.
type show struct {
	agent.Program
	track   track
	frames  int64 // its length; endless: until it is hushed
	reel    *reel
	talk    *talk      // in place of a reel's
	started int        // pieces whose start was told
	told    int        // pieces whose end was told
	ear     *listening // nil: nobody listens, or not yet
	over    bool       // it was told that it is over
}

// prepare makes a program ready to sound. Nothing of it waits for anything.
func (s *stage) prepare(p agent.Program) *show {
	if p.Talk && s.c.Input != nil {
		t := startTalk(s.c.Input, s.talked, s.c.Log, &s.talks)
		return &show{Program: p, track: t, frames: endless, talk: t}
	}
	r := newReel(p, s.c.Library.samples)
	if p.Talk {
		r = &reel{pieces: []piece{{why: ark.WhyNoMic}}}
	}
	for i, pc := range r.pieces {
		if pc.why != "" && !p.Talk {
			s.c.Log.Warn("a recording cannot be played; the others are", "broadcast", p.Broadcast, "language", p.Segments[i].Language,
				"recording", p.Segments[i].Content, "why", pc.why)
		}
	}
	return &show{Program: p, track: r, frames: r.total, reel: r}
}

// progress tells what became of programs by the frames that were consumed.
func (s *stage) progress(at time.Duration) {
	for i := 0; i < len(s.line.voices); {
		v := s.line.voices[i]
		s.tellPieces(v, at)
		if v.end > v.start && s.consumed < v.end {
			i++
			continue
		}
		s.line.voices = append(s.line.voices[:i], s.line.voices[i+1:]...)
		s.finish(v, v.why)
	}
}

// heard is how many of a voice's own frames the device has consumed.
func (s *stage) heard(v voice) int64 {
	return min(max(s.consumed-v.start, 0), v.end-v.start)
}

// tellPieces tells which segments have begun and which are over.
func (s *stage) tellPieces(v voice, at time.Duration) {
	n, heard := v.show, s.heard(v)
	if n.talk != nil {
		if first, _ := n.talk.state(); n.started == 0 && first >= 0 && heard > first {
			n.started = 1
			s.tell(agent.SegmentStarted{Broadcast: n.Broadcast, At: at, Silent: s.child == nil})
		}
		return
	}
	for i, p := range n.reel.pieces {
		if p.why != "" {
			if i == n.told {
				s.endPiece(v, i, p.why)
			}
			continue
		}
		if i >= n.started && heard > p.start {
			if n.started == 0 { // the first frame waited for neither
				s.watch.glance()
				n.ear = s.listen(n, p.start)
			}
			n.started = i + 1
			s.tell(agent.SegmentStarted{Broadcast: n.Broadcast, Segment: i, At: at, Silent: s.child == nil})
		}
		if i == n.told && heard >= p.end() && v.end > v.start {
			s.endPiece(v, i, "")
		}
	}
}

func (s *stage) endPiece(v voice, i int, why string) {
	p := v.show.reel.pieces[i]
	v.show.told = i + 1
	if why == "" && p.unread {
		why = ark.WhyDamaged
		s.c.Log.Error("the card could not give all of a recording", "broadcast", v.show.Broadcast, "segment", i)
	}
	frames := p.frames()
	if p.why != "" && i < len(v.show.Segments) {
		frames = v.show.Segments[i].Frames
	}
	s.tell(agent.SegmentEnded{Broadcast: v.show.Broadcast, Segment: i, Frames: frames,
		Consumed: min(max(s.heard(v)-p.start, 0), p.frames()), Why: why})
}

// finish tells that a program is over: by itself, by a cut or because of
// trouble.
func (s *stage) finish(v voice, why string) {
	n := v.show
	n.over = true
	if n.talk != nil {
		s.finishTalk(v, why)
		return
	}
	for i := n.told; i < len(n.reel.pieces); i++ {
		p := n.reel.pieces[i]
		w := p.why
		if w == "" && (s.heard(v) < p.end() || v.end <= v.start) {
			if w = why; w == "" {
				w = ark.WhyDeviceLost // it said that it was over, and it was not
			}
		}
		s.endPiece(v, i, w)
	}
	s.settle(n, why == "" && n.frames > 0 && s.heard(v) >= n.frames)
}

// finishTalk tells of live voice as of one segment, whose length is what was
// said.
func (s *stage) finishTalk(v voice, why string) {
	v.show.talk.stop()
	first, _ := v.show.talk.state()
	said := int64(0)
	if first >= 0 {
		said = max(s.heard(v)-first, 0)
	}
	s.tell(agent.SegmentEnded{Broadcast: v.show.Broadcast, Frames: said, Consumed: said, Why: why})
	s.tell(agent.ProgramEnded{Broadcast: v.show.Broadcast, At: s.c.Mono()})
}
