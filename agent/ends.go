package agent

import (
	"time"

	"ark"
)

func (b *Brain) segmentStarted(now ark.Stamp, e SegmentStarted) []Action {
	r := b.runs[e.Broadcast]
	if r == nil || !r.sounding || e.Segment < 0 || e.Segment >= len(r.slots) && !r.Trigger.Talk {
		return nil
	}
	r.Silent = r.Silent || e.Silent
	b.mute(r, e.Segment, e.Silent)
	if row := r.rowOf(e.Segment); row != nil {
		row.State, row.StartedAt = ark.BroadcastStarted, now.Wall
	}
	if !e.Silent {
		b.told.lastSound = now.Wall
	}
	r.Tone = r.Tone || r.tone
	if r.began != 0 {
		return nil
	}
	r.began = max(e.At, 1)
	if r.StartedAt == 0 {
		r.StartedAt = now.Wall
		r.LatencyMS = max(e.At-r.asked, 0).Milliseconds()
		b.told.count(r)
	} else if r.Why == "" {
		return nil // the next of several pieces
	}
	r.State, r.Why = ark.BroadcastStarted, ""
	return []Action{r.record()}
}

// rowOf is the row of a segment; nil: it is no recording.
func (r *run) rowOf(segment int) *ark.AsRunRecording {
	if row := r.rowAt(segment); row >= 0 {
		return &r.Recordings[row]
	}
	return nil
}

func (r *run) rowAt(segment int) int {
	if segment < 0 || segment >= len(r.slots) {
		return -1
	}
	return r.slots[segment]
}

// mute notes that a segment begins which nobody can hear: finished is said
// only of what a device consumed that is not muted.
func (b *Brain) mute(r *run, segment int, silent bool) {
	switch {
	case silent:
		r.notHeard(r.rowAt(segment), ark.WhyNoCard)
	case b.sound.Muted:
		r.notHeard(r.rowAt(segment), ark.WhyMuted)
	}
}

// muted notes that the card was muted while it sounds.
func (b *Brain) muted() {
	for _, r := range b.sounding() {
		if r.began == 0 {
			continue
		}
		r.deaf = ark.WhyMuted
		for i := range r.Recordings {
			if r.Recordings[i].State == ark.BroadcastStarted {
				r.notHeard(i, ark.WhyMuted)
			}
		}
	}
}

func (b *Brain) segmentEnded(now ark.Stamp, e SegmentEnded) {
	r := b.runs[e.Broadcast]
	if r == nil || !r.sounding || e.Segment < 0 || e.Segment >= len(r.slots) && !r.Trigger.Talk {
		return
	}
	row := r.rowOf(e.Segment)
	if row == nil {
		switch {
		case r.Trigger.Talk:
			r.broken, r.Summed = e.Why, e.Consumed
		case e.Why != "":
			r.broken = e.Why
		case r.Trigger.Test:
			r.heard = true
		case e.Segment+1 < len(r.slots):
			r.chimed = r.slots[e.Segment+1]
		}
		return
	}
	row.Frames, row.Consumed, row.Why = e.Frames, min(e.Consumed, e.Frames), e.Why
	row.State, row.EndedAt = stateOf(e.Why), now.Wall
	switch e.Why {
	case "":
		r.heard = true
	case ark.WhyMissing, ark.WhyDamaged:
		r.flaw = e.Why
	}
}

// stateOf is how something ended, by its reason.
func stateOf(why string) ark.BroadcastState {
	switch why {
	case "":
		return ark.BroadcastFinished
	case ark.WhyStopped, ark.WhyReplaced, ark.WhyInterrupted, ark.WhyQuiet, ark.WhyTooLong, ark.WhyNotValid:
		return ark.BroadcastCut
	}
	return ark.BroadcastFailed
}

// programEnded decides what becomes of a broadcast whose program is over.
func (b *Brain) programEnded(now ark.Stamp, e ProgramEnded) []Action {
	r := b.runs[e.Broadcast]
	if r == nil || !r.sounding {
		return nil
	}
	b.takeBack(now, r)
	if r.Trigger.Talk || r.Trigger.Test || r.tone {
		state, why := r.wordless()
		return b.end(now, r, state, why)
	}
	place, broken := r.unfinished()
	whole := place < 0
	switch {
	case whole && !r.heard && !r.bed() && r.why == "": // nothing was to be had
		return b.begin(now, r, nil)
	case whole && !r.heard:
		return b.end(now, r, ark.BroadcastFailed, ark.WhyNoRecording)
	case whole && !r.more():
		return b.end(now, r, ark.BroadcastFinished, r.flaw)
	case r.cut != ark.AfterCutDefault:
		return b.again(now, r, place)
	case r.why != "":
		return b.end(now, r, stateOf(r.why), r.why)
	case !whole:
		return b.end(now, r, stateOf(broken), broken)
	}
	r.laid, r.pause = false, r.a.Rest()
	return b.begin(now, r, nil)
}

// takeBack notes that the loudspeaker no longer has a broadcast.
func (b *Brain) takeBack(now ark.Stamp, r *run) {
	if r.sounding = false; r.began != 0 {
		r.spent += now.Mono - r.began
	}
	switch r {
	case b.front:
		b.front = nil
	case b.bed:
		b.bed = nil
	}
	b.lastEnd, b.sounded = now.Mono, true
}

// unfinished is the row of the first recording that did not sound to its end,
// though it was there; -1: there is none. why is the reason.
func (r *run) unfinished() (row int, why string) {
	for i, rec := range r.Recordings {
		switch {
		case rec.State == ark.BroadcastFinished, rec.Why == ark.WhyMissing, rec.Why == ark.WhyDamaged:
		case rec.Why == "" && r.why == "":
			return i, ark.WhyStopped // it never began: the program ended before it
		case rec.Why == "":
			return i, r.why
		default:
			return i, rec.Why
		}
	}
	return -1, ""
}

// wordless is how a broadcast without recordings ended.
func (r *run) wordless() (ark.BroadcastState, string) {
	switch {
	case r.tone && r.Version == 0:
		return ark.BroadcastFailed, ark.WhyMissing
	case r.tone:
		return ark.BroadcastFailed, ark.WhyNoRecording
	case r.over && r.State == ark.BroadcastStarted && (r.broken == "" || r.broken == r.why):
		return ark.BroadcastFinished, ""
	case r.why != "":
		return stateOf(r.why), r.why
	case r.broken == "" && !r.heard: // it ended before it began
		return ark.BroadcastCut, ark.WhyStopped
	}
	return stateOf(r.broken), r.broken
}

// again lets a broadcast that was cut wait to go on: from its beginning, or
// from that of the recording that was cut.
func (b *Brain) again(now ark.Stamp, r *run, place int) []Action {
	if b.full(r.rank) {
		return b.end(now, r, ark.BroadcastCut, ark.WhyReplaced)
	}
	switch {
	case r.cut == ark.AfterCutRestart:
		r.laid, r.until, r.Rounds, r.Summed, r.spent = false, 0, 0, 0, 0
	case place < 0:
		r.laid, r.pause = false, r.a.Rest()
	default:
		first := place == 0 || r.Recordings[place-1].Round != r.Recordings[place].Round
		r.chime = first && r.chimed != place
		r.row = place
	}
	r.Why = ark.WhyInterrupted
	if r.StartedAt == 0 {
		r.Why = "" // nothing of it was heard yet
	} else {
		r.Cuts++
	}
	b.wait(r)
	out := []Action{r.record()}
	for i := range r.unheard { // what sounds again may be heard
		if i >= r.row || !r.laid {
			delete(r.unheard, i)
		}
	}
	r.deaf = ""
	for _, why := range r.unheard {
		r.deaf = why
	}
	for i := r.row; i < len(r.Recordings); i++ { // the record has told; now they are to come
		if rec := &r.Recordings[i]; r.laid && rec.Why != ark.WhyMissing && rec.Why != ark.WhyDamaged {
			*rec = ark.AsRunRecording{Language: rec.Language, Content: rec.Content, Frames: rec.Frames, State: ark.BroadcastAccepted, Round: rec.Round, Loudness: rec.Loudness}
		}
	}
	return out
}

// tooLong ends what has reached its longest total length, and talk that
// nobody ends.
func (b *Brain) tooLong(now ark.Stamp) []Action {
	var out []Action
	for _, r := range b.sounding() {
		if at, bounded := r.limit(); bounded && r.why == "" && now.Mono >= at {
			out = append(out, b.finish(r, ark.WhyTooLong)...)
		}
	}
	return out
}

// longestTalk is how long a person may hold the microphone.
const longestTalk = 10 * time.Minute

// limit is when a program must end at the latest, monotonic; false: it may go
// on.
func (r *run) limit() (time.Duration, bool) {
	switch {
	case r.Trigger.Talk:
		return r.asked + longestTalk, true
	case r.began == 0:
		return 0, false
	}
	left, bounded := r.left()
	return r.began + left, bounded
}
