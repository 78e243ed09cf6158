package agent

import (
	"slices"
	"time"

	"ark"
)

// mostRows is how many recordings a record names and a program holds, whole
// rounds of them; what goes on longer is given to the loudspeaker piece by
// piece, and the rounds of the pieces before are summed up in the record.
const mostRows = 64

// run is a broadcast under way.
type run struct {
	ark.AsRun
	a           ark.Announcement
	rank        ark.Rank
	order       uint64        // of asking
	asked       time.Duration // monotonic time of the request
	waited      bool          // the loudspeaker was not free at once
	notAfter    ark.UnixMilli // not worth beginning after; 0: always
	by, grounds string        // of an exemption

	sounding bool          // the loudspeaker has it
	laid     bool          // Recordings is laid out for the rounds to come
	until    int           // the round after those that are laid out
	row      int           // of Recordings, from which the next program begins
	chime    bool          // that program begins with the chime
	slots    []int         // of the program: a segment's row; -1: it has none
	chimed   int           // the row whose chime was consumed; -1: none
	tone     bool          // it is the built-in tone: there is nothing else to say
	pause    time.Duration // silence before the next program, a repeat

	deaf    string         // why nobody could hear some of it, though it sounded to its end; empty: nothing is known against it
	unheard map[int]string // rows that nobody could hear, and why: there was no card, or it was muted
	heard   bool           // a recording was consumed to its end
	flaw    string         // why one was not to be had
	broken  string         // why a segment without a row did not sound
	began   time.Duration  // monotonic time of the program's first sample; 0: not yet
	spent   time.Duration  // in programs before this one
	why     string         // for which it is to end; empty: it is not
	hushed  bool           // the loudspeaker was told so
	cut     ark.AfterCut   // what becomes of it then; 0: it is over
	over    bool           // of talk: the button was let go
}

func (r *run) bed() bool { return r.rank == ark.RankMusic }

// exempt tells whether quiet hours do not hold it back.
func (r *run) exempt() bool { return r.Class.Emergency() || r.Trigger.Talk }

func (r *run) record() Record {
	body := r.AsRun
	body.Recordings = slices.Clone(r.Recordings[:r.worthTelling()])
	for i, why := range r.unheard {
		if i >= len(body.Recordings) {
			continue
		}
		if why == ark.WhyMuted && r.Heard == ark.HeardYes {
			continue // an ear knows better than a mixer's word
		}
		rec := &body.Recordings[i]
		if why == ark.WhyNoCard {
			rec.Consumed = 0 // what passed the time is no device
		}
		if rec.State == ark.BroadcastFinished {
			rec.State, rec.Why = ark.BroadcastFailed, why
		}
	}
	return Record{Kind: ark.KindBroadcast, Body: body}
}

// worthTelling is how many rows a record names: all of them; of music that
// goes round until it is stopped, the rounds up to the one that began last.
func (r *run) worthTelling() int {
	if r.a.Repeats != ark.RepeatForever {
		return len(r.Recordings)
	}
	round, n := -1, 0
	for i, rec := range r.Recordings {
		if i <= r.row || rec.StartedAt != 0 {
			round = max(round, rec.Round)
		}
	}
	for n < len(r.Recordings) && r.Recordings[n].Round <= round {
		n++
	}
	return n
}

// notHeard notes that a row sounds so that nobody can hear it; a row below 0 is
// none.
func (r *run) notHeard(row int, why string) {
	r.deaf = why
	if row < 0 {
		return
	}
	if r.unheard == nil {
		r.unheard = map[int]string{}
	}
	r.unheard[row] = why
}

// end makes the last record of a run that the loudspeaker does not have.
func (b *Brain) end(now ark.Stamp, r *run, state ark.BroadcastState, why string) []Action {
	delete(b.runs, r.Broadcast)
	if state == ark.BroadcastFinished && r.deaf != "" && !(r.deaf == ark.WhyMuted && r.Heard == ark.HeardYes) {
		state, why = ark.BroadcastFailed, r.deaf
	}
	r.State, r.Why, r.EndedAt = state, why, now.Wall
	for i := range r.Recordings {
		if rec := &r.Recordings[i]; !rec.State.Ended() {
			rec.State, rec.Why = state, why
		}
	}
	out := []Action{r.record()}
	if r.Trigger.Test && r.slots != nil { // it was begun
		out = append(out, b.tested(now, r)...)
	}
	return out
}

// layOut lays out the next rounds of an announcement, whole ones; false: its
// longest total length leaves room for none.
func (b *Brain) layOut(r *run) bool {
	from := r.until
	if from > 0 {
		r.Rounds = from
		for i, rec := range r.Recordings {
			if r.unheard[i] != ark.WhyNoCard {
				r.Summed += rec.Consumed
			}
		}
	}
	r.unheard = nil
	r.Recordings, r.row, r.chime, r.laid = nil, 0, true, true
	left, bounded := r.left()
	for to := from + r.rounds(); r.until < to; r.until++ {
		if r.until > 0 {
			left -= r.a.Rest()
		}
		if bounded && left <= 0 {
			break
		}
		left -= r.a.Length()
		for _, rec := range r.a.Recordings {
			row := ark.AsRunRecording{Language: rec.Language, Content: rec.Content, Frames: rec.Frames, State: ark.BroadcastAccepted,
				Round: r.until, Loudness: rec.Loudness}
			if why := b.rules.Missing(rec.Content); why != "" {
				row.State, row.Why, r.flaw = ark.BroadcastFailed, why, why
			}
			r.Recordings = append(r.Recordings, row)
		}
	}
	return r.until > from
}

// rounds is how many rounds the next piece may have.
func (r *run) rounds() int {
	most := max(mostRows/max(len(r.a.Recordings), 1), 1)
	if r.a.Repeats == ark.RepeatForever { // as many as can be: only within a piece are the joins exact
		return most
	}
	return min(most, r.a.Repeats+1-r.until)
}

// left is how long it may still sound; false: there is no bound.
func (r *run) left() (time.Duration, bool) {
	return time.Duration(r.a.MaxSeconds)*time.Second - r.spent, r.a.MaxSeconds > 0
}

// more tells whether there are rounds after those that are laid out.
func (r *run) more() bool { return r.a.Repeats == ark.RepeatForever || r.until <= r.a.Repeats }

// program is what the loudspeaker is to sound of what is laid out; false:
// there is nothing.
func (b *Brain) program(r *run) (Program, bool) {
	p := Program{Broadcast: r.Broadcast, Bed: r.bed(), Talk: r.Trigger.Talk}
	p.Listen = r.Trigger.Test || b.sound.Listening && !p.Talk && !p.Bed
	r.slots, r.chimed = nil, -1
	switch {
	case p.Talk:
		return p, true
	case r.Trigger.Test:
		p.Segments, r.slots = []Segment{{Sound: SoundCheck}}, []int{-1}
		return p, true
	}
	b.segments(r, &p)
	if len(p.Segments) == 0 && !r.heard && !p.Bed {
		r.tone = true
		p.Segments, r.slots = []Segment{{Sound: SoundTone}}, []int{-1}
	}
	return p, len(p.Segments) > 0
}

// segments are the recordings from r.row on, each round after its chime, with
// the gaps between.
func (b *Brain) segments(r *run, p *Program) {
	round := -1
	add := func(s Segment, row int) {
		p.Segments, r.slots = append(p.Segments, s), append(r.slots, row)
	}
	for i := r.row; i < len(r.Recordings); i++ {
		rec := &r.Recordings[i]
		if rec.State.Ended() {
			continue
		}
		if n := len(p.Segments); n > 0 && rec.Round == round {
			p.Segments[n-1].Gap = r.a.Gap()
		} else if n > 0 {
			p.Segments[n-1].Gap = r.a.Rest()
		}
		if rec.Round != round && r.a.Chime && (round >= 0 || r.chime) {
			add(Segment{Sound: SoundChime, Gap: r.a.Gap()}, -1)
		}
		round = rec.Round
		add(Segment{Language: rec.Language, Content: rec.Content, Frames: rec.Frames}, i)
	}
}
