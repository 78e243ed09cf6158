package sound

import (
	"cmp"
	"slices"

	"ark"
	"ark/agent"
)

// cue is something that the stream must do from some frame on: an
// agent.Play, agent.Hush or agent.Turn.
type cue struct {
	agent.Action
	show *show // of a Play
}

const (
	fadeFrames = ark.SampleRate / 50     // of a cut: 20 ms
	turnFrames = ark.SampleRate / 10     // of a Turn: 100 ms
	duckFrames = ark.SampleRate * 3 / 10 // from full to ducked: 300 ms
	duckDepth  = -15                     // dB
)

var ducked = factor(duckDepth)

// never is after every frame.
const never = endless

// take lets the stream do what a cue says from a frame on, and tells from
// which frame on the stream is another than it was.
func (m *mixer) take(c cue, from int64) (changed int64) {
	changed = never
	switch a := c.Action.(type) {
	case agent.Play:
		changed = m.play(c.show, a, from)
	case agent.Hush:
		for i := range m.voices {
			if v := &m.voices[i]; v.show.Broadcast == a.Broadcast && v.cut(from, a.Why) {
				changed = from
			}
		}
		m.follow(from)
	case agent.Turn:
		for i := range m.voices {
			if v := &m.voices[i]; v.show.Broadcast == a.Broadcast && v.why == "" && v.end > from {
				v.gain = v.gain.to(factor(a.Gain), max(from, v.start), turnFrames)
				changed = from
			}
		}
	}
	if _, turned := c.Action.(agent.Turn); changed <= from && !turned {
		m.duck(from)
	}
	return changed
}

// play lets a program begin. At most one that is no bed sounds: another is
// cut, whether the brain said so or not. A bed that replaces nothing waits for
// the one that sounds to be over, and follows it without a gap.
func (m *mixer) play(s *show, a agent.Play, from int64) (changed int64) {
	why := cmp.Or(a.Why, ark.WhyReplaced)
	changed = never
	v := voice{show: s, track: s.track, start: from, gain: level(factor(s.Gain)), duck: level(1)}
	if s.Bed && m.speech(from) != nil {
		v.duck = level(ducked)
	}
	for i := range m.voices {
		o := &m.voices[i]
		named := !a.Instead.IsZero() && o.show.Broadcast == a.Instead
		if named || o.show.Bed == s.Bed && (!s.Bed || o.start > from) {
			if o.cut(from, why) {
				changed = from
			}
		} else if s.Bed && o.show.Bed && o.why == "" && o.end > from {
			v.start, v.duck = o.end, o.duck
		}
	}
	v.end = v.start + min(s.frames, endless-v.start)
	m.voices = append(m.voices, v)
	return min(changed, v.start)
}

// cut ends a voice with a fade that begins at a frame. False: it is over by
// then anyway.
func (v *voice) cut(from int64, why string) bool {
	switch {
	case v.why != "" || v.end <= from+fadeFrames && v.start < from:
		return false
	case v.start >= from:
		v.end = v.start
	default:
		v.fade, v.end = v.fade.to(0, from, fadeFrames), from+fadeFrames
	}
	v.why = why
	return true
}

// follow lets a bed that waits begin when the one before it ends.
func (m *mixer) follow(from int64) {
	for i := range m.voices {
		v := &m.voices[i]
		if !v.show.Bed || v.why != "" || v.start <= from {
			continue
		}
		start := from
		for _, o := range m.voices[:i] {
			if o.show.Bed && o.end > start {
				start = o.end
			}
		}
		v.start, v.end = start, start+v.end-v.start
	}
}

// speech is what sounds at a frame or begins there, is no bed and is not
// being cut; nil: nothing is.
func (m *mixer) speech(at int64) *voice {
	i := slices.IndexFunc(m.voices, func(v voice) bool { return !v.show.Bed && v.why == "" && v.end > at })
	if i < 0 {
		return nil
	}
	return &m.voices[i]
}

// duck pushes the beds down from a frame on if there is speech, and lets them
// come up again at its end; if there is none, at once.
func (m *mixer) duck(from int64) {
	speech := m.speech(from)
	for i := range m.voices {
		v := &m.voices[i]
		if !v.show.Bed || v.end <= from {
			continue
		}
		now, to := v.duck.at(from-1), float32(1)
		if speech != nil {
			to = ducked
		}
		v.duck = v.duck.to(to, from, int64(duckFrames*max(to-now, now-to)/(1-ducked)))
		if speech != nil && speech.end < endless {
			v.duck = v.duck.to(1, speech.end, duckFrames)
		}
	}
}
