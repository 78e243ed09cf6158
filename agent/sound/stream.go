package sound

import (
	"slices"
	"time"

	"ark"
	"ark/agent"
)

// stream is what the device is given while anything sounds, from the first
// sound until nothing does, and what it has consumed of it.
type stream struct {
	line     mixer // of what the device was given
	consumed int64 // frames of it
	base     int64 // the frame that the device counts from: another had those before
	begun    bool  // the device was given frames
	all      bool  // and was told that nothing follows
	closing  bool  // and is past changing anything
	moved    time.Time
	step     int64 // frames that the device last consumed at once
	trial    *trial
	late     int64 // how often in a row a trial came too late
}

// trial is another course of the stream that the device was asked to take in
// place of what it has not yet read.
type trial struct {
	line *mixer
	cues []cue
}

// firstChunk and the size of chunk are how much is mixed at once: little at
// first, so that a press is heard soon.
const firstChunk = 2 * block

// splitMost is how many frames go with a split: as many as a message holds,
// with room for its head.
const splitMost = maxMessage/2 - block

// soon is how many frames pass until the device has a message: 2 ms.
const soon = ark.SampleRate / 500

func (s *stage) buffer() int64 { return int64(s.c.Buffer.Seconds() * ark.SampleRate) }

// lead is how far the device is kept ahead: three buffers or a quarter of a
// second, so that a busy processor is not heard. It costs nothing at either
// end: the first frame does not wait for the others, and a cut drops them.
func (s *stage) lead() int64 { return max(3*s.buffer(), ark.SampleRate/4) }

// command takes what the brain wants; obey does it.
func (s *stage) command(a agent.Action) {
	c := cue{Action: a}
	if play, ok := a.(agent.Play); ok {
		c.show = s.prepare(play.Program)
	}
	if _, turns := a.(agent.Turn); !turns {
		s.hurry()
	}
	s.cues = append(s.cues, c)
}

// obey brings what was commanded into the stream: before it begins as it is,
// later by a split as near to what is heard as can be.
func (s *stage) obey() {
	switch {
	case s.trial != nil || len(s.cues) == 0 || s.closing || s.all && s.consumed >= s.line.at:
		return // until the device has answered, or has told that the stream is over
	case !s.begun:
		for _, c := range s.cues {
			s.line.take(c, 0)
		}
		s.cues = nil
		s.progress(s.c.Mono())
		return
	}
	from, changed := s.nearest(), int64(never)
	next := s.line.clone()
	for _, c := range s.cues {
		changed = min(changed, next.take(c, from))
	}
	if changed >= s.line.at && (!s.all || changed == never) {
		s.line.voices, s.cues = next.voices, nil
		s.progress(s.c.Mono()) // of what never begins
		s.feed()
		return
	}
	s.split(from, next)
}

// nearest is the first frame at which the stream can still be changed, or so
// it seems: what oto holds for the device's next buffer is gone, and as much as
// the device takes at a time if it is about to. A loaded machine needs more,
// as the last trial told.
func (s *stage) nearest() int64 {
	b, passed := s.buffer(), int64(time.Since(s.moved).Seconds()*ark.SampleRate)
	from := s.consumed + b + soon/2 + s.late*b/2
	if passed+soon > s.step {
		from += min(max(s.step, passed), b)
	}
	return min(from, s.line.at)
}

// split asks the device to take the stream by the voices of next from a frame
// on.
func (s *stage) split(from int64, next *mixer) {
	voices := next.voices
	next.voices = s.line.voices
	next.rewind(from)
	next.voices = voices
	b := s.long[:2*min(max(s.ready(next)-from, 0), splitMost)]
	next.mix(b)
	s.trial, s.cues = &trial{next, s.cues}, nil
	if s.device.split(from-s.base, b) != nil {
		s.lost(ark.WhyDeviceLost)
	}
}

// answered is the device's word on a split.
func (s *stage) answered(r report) {
	if s.owed > 0 { // of a stream that was over by then
		s.owed--
		return
	}
	t := s.trial
	if t == nil {
		return
	}
	s.trial = nil
	if r.kind == repLate {
		s.late++
		s.closing = r.frames == closed
		s.cues = append(t.cues, s.cues...)
		return
	}
	t.line.voices = slices.DeleteFunc(t.line.voices, func(v voice) bool { return v.show.over })
	t.line.raw, t.line.sum = s.line.raw, s.line.sum
	s.line, s.all, s.late = *t.line, false, 0
	s.progress(s.c.Mono()) // of what never begins
	s.feed()
}

// ready is up to which frame a line can and shall be mixed now.
func (s *stage) ready(m *mixer) int64 {
	to := min(s.consumed+s.lead(), m.end())
	for _, v := range m.voices {
		if v.show.talk == nil || v.end <= m.at {
			continue
		}
		b := s.buffer() // live voice: no later than need be, and silence before there is nothing at all
		have := v.start + v.show.talk.until(s.consumed+b-v.start)
		to = min(to, s.consumed+3*b, have)
	}
	return to
}

// feed keeps the device a little ahead.
func (s *stage) feed() {
	if s.trial != nil || !s.begun {
		return
	}
	for {
		n := min(s.ready(&s.line)-s.line.at, int64(len(s.chunk)/2))
		if s.line.at == s.base {
			n = min(n, firstChunk)
		}
		if n <= 0 {
			break
		}
		s.line.mix(s.chunk[:2*n])
		if s.device.write(s.chunk[:2*n]) != nil {
			s.lost(ark.WhyDeviceLost)
			return
		}
	}
	if !s.all && s.line.at >= s.line.end() {
		s.all = true
		if s.device.end() != nil {
			s.lost(ark.WhyDeviceLost)
		}
	}
}

// begin lets the stream begin if there is anything to sound.
func (s *stage) begin() {
	if s.begun || s.line.end() == 0 || s.holding() {
		return
	}
	s.begun, s.moved = true, time.Now()
	s.feed()
}

func (s *stage) report(r report) {
	if r.kind == repSplit || r.kind == repLate {
		s.answered(r)
		return
	}
	if !s.begun {
		return
	}
	if n := min(s.base+r.frames, s.line.at); n > s.consumed {
		s.consumed, s.moved, s.step = n, time.Now(), n-s.consumed
		at := s.c.Mono()
		if s.child != nil {
			s.trouble = s.dumb()
		}
		s.change(func(st *agent.SoundState) { st.LastAt = at })
		s.progress(at)
		s.recycle()
	}
	if r.kind == repEnded {
		s.over("")
		return
	}
	s.feed()
}

// dumb is what is wrong with a mix that is silence though there is something
// to sound; empty: nothing.
func (s *stage) dumb() string {
	if s.line.mute > mostMute {
		return ark.WhyNoOutput
	}
	return ""
}

// recycle lets go of what was consumed.
func (s *stage) recycle() {
	s.line.forget(s.consumed)
	for _, v := range s.line.voices {
		if t := v.show.talk; t != nil {
			t.skip(s.line.at-v.start, 4*s.buffer())
			t.forget(s.consumed - v.start)
		}
	}
}

// over ends the stream: by its own end, or because of trouble. What was not
// brought into it yet is for the next.
func (s *stage) over(why string) {
	if t := s.trial; t != nil {
		s.cues = append(t.cues, s.cues...)
		s.owed++
	}
	for _, v := range s.line.voices {
		if why != "" {
			v.why = why
		}
		s.finish(v, v.why)
	}
	s.stream = stream{}
}

// carryOver lets another device go on with the stream from where the present
// one is.
func (s *stage) carryOver() {
	if len(s.line.voices) == 0 { // only the end was awaited
		s.stream = stream{}
		return
	}
	s.line.rewind(s.consumed)
	s.base, s.all, s.closing, s.moved = s.consumed, false, false, time.Now()
	s.feed()
}

// stalled tells that frames are due and none was consumed for too long. A
// device with a long buffer takes half of it at a time.
func (s *stage) stalled(now time.Time) bool {
	return now.Sub(s.moved) > max(stallAfter, 2*s.c.Buffer)
}

// drop tells of all that sounds or waits that it came to an end.
func (s *stage) drop(why string) {
	s.over(why)
	s.hurry()
	for _, a := range s.taken() {
		s.command(a)
	}
	for _, c := range s.cues {
		if c.show != nil {
			s.finish(voice{show: c.show}, why)
		}
	}
	s.cues = nil
}
