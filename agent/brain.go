package agent

import (
	"slices"
	"time"

	"ark"
)

// healthEvery is how often a health entry is written without a reason;
// mostChanges is how many more are written between because something changed:
// a loose plug must not fill the card.
const (
	healthEvery = 10 * time.Minute
	mostChanges = 12
)

// Brain decides. It is a pure function over its own state: no I/O, no clock,
// no goroutine.
type Brain struct {
	rules    Rules
	runs     map[ark.ID]*run // broadcasts that have not ended
	current  ark.ID          // the one that the loudspeaker was last given
	doubtful []OrderArrived  // orders that wait for a trusted clock
	trusted  bool            // the journal says that the clock is trusted
	lamps    map[Lamp]bool
	sound    SoundState
	panel    PanelState
	stuck    []Button
	disk     int64
	cardOut  bool          // the card does not keep what it is given
	last     ark.UnixMilli // when a device last consumed speech
	healthAt time.Duration // when health was last written as a matter of course
	changes  int           // health written since then
	health   ark.Health
}

// run is a broadcast under way.
type run struct {
	ark.AsRun
	asked     time.Duration // monotonic time of the request
	segments  []int         // index into Recordings by segment; -1: the chime
	beginning bool          // nothing has sounded yet
}

// NewBrain makes a brain that has seen nothing.
func NewBrain(r Rules) *Brain {
	return &Brain{rules: r.filled(), runs: map[ark.ID]*run{}, lamps: map[Lamp]bool{}, healthAt: -healthEvery}
}

// Handle decides what an event means.
func (b *Brain) Handle(now ark.Stamp, e Event) []Action {
	var out []Action
	switch e := e.(type) {
	case Pressed:
		out = b.pressed(now, e)
	case OrderArrived:
		out = b.order(now, e)
	case Resumed:
		out = b.resume(now, e)
	case SegmentStarted:
		out = b.segmentStarted(now, e)
	case SegmentEnded:
		b.segmentEnded(e)
	case ProgramEnded:
		out = b.programEnded(now, e)
	case SoundChanged:
		b.sound = e.State
	case PanelChanged:
		b.panel = e.State
	case Stuck:
		b.stuck = slices.DeleteFunc(b.stuck, func(s Button) bool { return s == e.Button })
		if e.Stuck {
			b.stuck = append(b.stuck, e.Button)
		}
	case TimeLearned:
		out = b.timeLearned(e)
	case DiskChanged:
		b.disk = e.Free
	case CardChanged:
		b.cardOut = e.Out
	case Tick:
		if now.Trusted && !b.trusted { // nobody told: the system's own clock was set
			out = b.timeLearned(TimeLearned{Wall: now.Wall, Source: "ntp"})
		}
		out = append(out, b.reconsider(now)...)
	}
	out = append(out, b.light()...)
	return append(out, b.tellHealth(now)...)
}

// timeLearned lets the hub correct what the same boot wrote before.
func (b *Brain) timeLearned(e TimeLearned) []Action {
	b.trusted = true
	return []Action{Record{Kind: ark.KindClock, Body: ark.Clock{Wall: e.Wall, Source: e.Source, Step: e.Step.Milliseconds()}}}
}

func (b *Brain) pressed(now ark.Stamp, e Pressed) []Action {
	m, known := b.rules.Buttons[e.Button]
	switch {
	case !known || e.Long:
		return nil
	case m.Stop:
		return b.stop()
	}
	return b.broadcast(now, m.Announcement, ark.Trigger{Button: string(e.Button)}, e.At)
}

// stop ends what sounds; its record follows when it has ended.
func (b *Brain) stop() []Action {
	if _, sounding := b.runs[b.current]; !sounding {
		return nil
	}
	return []Action{Hush{b.current, ark.WhyStopped}}
}

// broadcast begins a broadcast. The newest wins: whatever sounds is cut.
func (b *Brain) broadcast(now ark.Stamp, id ark.AnnouncementID, t ark.Trigger, asked time.Duration) []Action {
	r := &run{asked: asked, beginning: true, AsRun: ark.AsRun{Broadcast: b.rules.NewID(now.Wall), Announcement: id, Trigger: t, State: ark.BroadcastAccepted}}
	a, found := b.rules.Find(id)
	if !found {
		r.State, r.Why, r.EndedAt = ark.BroadcastFailed, ark.WhyMissing, now.Wall
		return []Action{r.record()}
	}
	r.Version, r.Title = a.Version, a.Title
	p := b.program(r, a)
	var out []Action
	if _, sounding := b.runs[b.current]; sounding {
		out = append(out, Hush{b.current, ark.WhyReplaced})
	}
	b.runs[r.Broadcast], b.current = r, r.Broadcast
	out = append(out, Play{Program: p})
	if !t.Order.IsZero() {
		out = append(out, r.record()) // the hub waits to hear of it
	}
	return out
}

// program lays out an announcement: chime, then each language, gaps between.
func (b *Brain) program(r *run, a ark.Announcement) Program {
	p := Program{Broadcast: r.Broadcast}
	if a.Chime {
		p.Segments = append(p.Segments, Segment{Sound: SoundChime, Gap: a.Gap()})
		r.segments = append(r.segments, -1)
	}
	for i, rec := range a.Recordings {
		gap := a.Gap()
		if i == len(a.Recordings)-1 {
			gap = 0
		}
		p.Segments = append(p.Segments, Segment{Language: rec.Language, Content: rec.Content, Frames: rec.Frames, Gap: gap})
		r.segments = append(r.segments, i)
		r.Recordings = append(r.Recordings, ark.AsRunRecording{Language: rec.Language, Content: rec.Content, Frames: rec.Frames, State: ark.BroadcastAccepted})
	}
	return p
}

func (r *run) record() Record {
	body := r.AsRun
	body.Recordings = slices.Clone(r.Recordings)
	return Record{Kind: ark.KindBroadcast, Body: body}
}

func (b *Brain) segmentStarted(now ark.Stamp, e SegmentStarted) []Action {
	r := b.runs[e.Broadcast]
	if r == nil || e.Segment >= len(r.segments) {
		return nil
	}
	r.Silent = r.Silent || e.Silent
	if i := r.segments[e.Segment]; i >= 0 {
		r.Recordings[i].State = ark.BroadcastStarted
	}
	if !e.Silent {
		b.last = now.Wall
	}
	if !r.beginning {
		return nil
	}
	r.beginning = false
	r.State, r.StartedAt = ark.BroadcastStarted, now.Wall
	r.LatencyMS = max(e.At-r.asked, 0).Milliseconds()
	return []Action{r.record()}
}

func (b *Brain) segmentEnded(e SegmentEnded) {
	r := b.runs[e.Broadcast]
	if r == nil || e.Segment >= len(r.segments) {
		return
	}
	i := r.segments[e.Segment]
	if i < 0 {
		return
	}
	rec := &r.Recordings[i]
	rec.Frames, rec.Consumed, rec.Why = e.Frames, min(e.Consumed, e.Frames), e.Why
	rec.State = stateOf(e.Why)
}

// stateOf is how something ended, by its reason.
func stateOf(why string) ark.BroadcastState {
	switch why {
	case "":
		return ark.BroadcastFinished
	case ark.WhyStopped, ark.WhyReplaced:
		return ark.BroadcastCut
	}
	return ark.BroadcastFailed
}

func (b *Brain) programEnded(now ark.Stamp, e ProgramEnded) []Action {
	r := b.runs[e.Broadcast]
	if r == nil {
		return nil
	}
	delete(b.runs, e.Broadcast)
	r.State, r.Why = verdict(r.Recordings)
	r.EndedAt = now.Wall
	return []Action{r.record()}
}

// verdict sums a broadcast up. A missing or damaged recording does not fail
// it while others were heard to their end, but it is said.
func verdict(recs []ark.AsRunRecording) (ark.BroadcastState, string) {
	heard, flaw := false, ""
	for _, rec := range recs {
		switch {
		case rec.State == ark.BroadcastFinished:
			heard = true
		case rec.Why == ark.WhyMissing || rec.Why == ark.WhyDamaged:
			flaw = rec.Why
		default:
			return stateOf(orStopped(rec.Why)), orStopped(rec.Why)
		}
	}
	if !heard {
		return ark.BroadcastFailed, ark.WhyNoRecording
	}
	return ark.BroadcastFinished, flaw
}

// orStopped names what never began because the program ended before it.
func orStopped(why string) string {
	if why == "" {
		return ark.WhyStopped
	}
	return why
}

// resume tells how what was under way ended, then takes up what is to do.
func (b *Brain) resume(now ark.Stamp, e Resumed) []Action {
	var out []Action
	for _, u := range e.Unfinished {
		r := &run{AsRun: u}
		r.State, r.Why, r.EndedAt = ark.BroadcastFailed, ark.WhyRestarted, now.Wall
		for i := range r.Recordings {
			if rec := &r.Recordings[i]; !rec.State.Ended() {
				rec.State, rec.Why = ark.BroadcastFailed, ark.WhyRestarted
			}
		}
		out = append(out, r.record())
	}
	told := func(o OrderArrived) bool {
		return slices.ContainsFunc(e.Unfinished, func(u ark.AsRun) bool { return u.Trigger.Order == o.ID })
	}
	for _, o := range e.Orders {
		if !told(o) {
			out = append(out, b.order(now, o)...)
		}
	}
	return out
}
