package sound

import (
	"cmp"
	"time"

	"ark"
	"ark/agent"
)

// show is a program that is sounding.
type show struct {
	reel     *reel
	voice    *voice // the reel in the mixer
	sent     int64  // frames given to the device
	consumed int64  // of them by the device
	all      bool   // the device was told that nothing follows
	hushed   string
	told     int // pieces whose end was told
	started  int // pieces whose start was told
	moved    time.Time
}

// lead is how far the device is kept ahead: three buffers or a quarter of a
// second, so that a busy processor is not heard. It costs nothing at either
// end: the first frame does not wait for the others, and a hush drops them.
func (s *stage) lead() int64 {
	return int64(max(3*s.c.Buffer, 250*time.Millisecond).Seconds() * ark.SampleRate)
}

func (s *stage) command(c agent.Action) {
	switch c := c.(type) {
	case agent.Hush:
		if s.now != nil && s.now.reel.broadcast == c.Broadcast {
			s.hush(c.Why)
		}
		if s.next != nil && s.next.Broadcast == c.Broadcast {
			s.refuse(*s.next, c.Why)
			s.next = nil
		}
	case agent.Play:
		if s.next != nil {
			s.refuse(*s.next, ark.WhyReplaced)
		}
		if s.now != nil {
			s.hush(cmp.Or(c.Why, ark.WhyReplaced))
		}
		s.next = &c.Program // begins once the present one has ended and the device is open
	}
}

// drop tells of all that sounds or waits that it came to an end.
func (s *stage) drop(why string) {
	s.abort(why)
	if s.next != nil {
		s.refuse(*s.next, why)
		s.next = nil
	}
	for _, c := range s.taken() {
		if play, ok := c.(agent.Play); ok {
			s.refuse(play.Program, why)
		}
	}
}

// refuse tells of a program that never began.
func (s *stage) refuse(p agent.Program, why string) {
	for i, seg := range p.Segments {
		s.tell(agent.SegmentEnded{Broadcast: p.Broadcast, Segment: i, Frames: seg.Frames, Why: why})
	}
	s.tell(agent.ProgramEnded{Broadcast: p.Broadcast, At: s.c.Mono()})
}

func (s *stage) begin(p agent.Program) {
	s.watch.glance()
	r := newReel(p, s.c.Library.samples)
	s.now = &show{reel: r, voice: s.mixer.add(r, 0), moved: time.Now()}
	for i, piece := range s.now.reel.pieces {
		if piece.why != "" {
			s.c.Log.Warn("a recording cannot be played; the others are", "broadcast", p.Broadcast, "language", p.Segments[i].Language,
				"recording", p.Segments[i].Content, "why", piece.why)
		}
	}
	if s.now.reel.total == 0 {
		s.over()
		return
	}
	s.feed()
}

func (s *stage) hush(why string) {
	if s.now.hushed != "" {
		return
	}
	s.now.hushed, s.now.all = why, true
	if s.device.hush() != nil {
		s.lost(ark.WhyDeviceLost)
	}
}

// feed keeps the device a little ahead. The program's frames are counted: no
// other voice makes it longer.
func (s *stage) feed() {
	n := s.now
	for !n.all && n.sent-n.consumed < s.lead() {
		want := min(2*min(s.lead()-(n.sent-n.consumed), n.reel.total-n.sent), int64(len(s.chunk)))
		m := s.mixer.read(s.chunk[:want])
		if m > 0 && s.device.write(s.chunk[:m]) != nil {
			s.lost(ark.WhyDeviceLost)
			return
		}
		n.sent += int64(m / 2)
		if n.sent >= n.reel.total {
			n.all = true
			if s.device.end() != nil {
				s.lost(ark.WhyDeviceLost)
				return
			}
		}
	}
}

// stalled tells that frames are due and none was consumed for too long. A
// device with a long buffer takes half of it at a time.
func (s *stage) stalled(now time.Time) bool {
	return now.Sub(s.now.moved) > max(stallAfter, 2*s.c.Buffer)
}

func (s *stage) report(r report) {
	n := s.now
	if n == nil {
		return
	}
	if r.consumed > n.consumed {
		n.consumed, n.moved = min(r.consumed, n.sent), time.Now()
		at := s.c.Mono()
		if s.child != nil {
			s.trouble = ""
		}
		s.change(func(st *agent.SoundState) { st.LastAt = at })
		s.tellProgress(at)
	}
	if r.ended {
		s.over()
		return
	}
	s.feed()
}

// tellProgress tells which segments have begun and which are over.
func (s *stage) tellProgress(at time.Duration) {
	n := s.now
	for i, p := range n.reel.pieces {
		if p.why != "" {
			if i == n.told {
				s.endPiece(i, p.why)
			}
			continue
		}
		if i >= n.started && n.consumed > p.start {
			n.started = i + 1
			s.tell(agent.SegmentStarted{Broadcast: n.reel.broadcast, Segment: i, At: at, Silent: s.child == nil})
		}
		if i == n.told && n.consumed >= p.end() {
			s.endPiece(i, "")
		}
	}
}

func (s *stage) endPiece(i int, why string) {
	n, p := s.now, s.now.reel.pieces[i]
	n.told = i + 1
	if why == "" && p.unread {
		why = ark.WhyDamaged
		s.c.Log.Error("the card could not give all of a recording", "broadcast", n.reel.broadcast, "segment", i)
	}
	s.tell(agent.SegmentEnded{Broadcast: n.reel.broadcast, Segment: i, Frames: p.frames(),
		Consumed: min(max(n.consumed-p.start, 0), p.frames()), Why: why})
}

// over ends the program that sounds, by its own end or by a hush.
func (s *stage) over() { s.finish(s.now.hushed) }

// abort ends it because of trouble, if one sounds.
func (s *stage) abort(why string) {
	if s.now != nil {
		s.finish(why)
	}
}

func (s *stage) finish(why string) {
	n := s.now
	for i := n.told; i < len(n.reel.pieces); i++ {
		p := n.reel.pieces[i]
		w := p.why
		if w == "" && n.consumed < p.end() {
			if w = why; w == "" {
				w = ark.WhyDeviceLost // it said that it was over, and it was not
			}
		}
		s.endPiece(i, w)
	}
	s.tell(agent.ProgramEnded{Broadcast: n.reel.broadcast, At: s.c.Mono()})
	s.mixer.remove(n.voice)
	s.now = nil
}
