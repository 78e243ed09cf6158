package agent

import (
	"slices"
	"time"

	"ark"
)

// mostQueued is how many broadcasts of one rank may wait for the loudspeaker.
const mostQueued = 8

// leadAfter is how long the loudspeaker must have been quiet for an amplifier
// to be asleep.
const leadAfter = 5 * time.Second

// newRun is a broadcast that is asked for.
func (b *Brain) newRun(now ark.Stamp, a ark.Announcement, t ark.Trigger, asked time.Duration) *run {
	b.asked++
	return &run{a: a, rank: ark.RankOf(a.Class, t), order: b.asked, asked: asked, AsRun: ark.AsRun{Broadcast: b.rules.NewID(now.Wall),
		Announcement: a.ID, Version: a.Version, Title: a.Title, Class: a.Class, Trigger: t, State: ark.BroadcastAccepted, RequestedAt: now.Wall}}
}

// offer lets a broadcast have the loudspeaker, wait for it, or neither. Of
// ranks that are equal the newest emergency cuts the older, and new music
// takes the place of the old; all else waits.
func (b *Brain) offer(now ark.Stamp, r *run) []Action {
	if why := b.against(now, r); why != "" {
		return b.refuse(now, r, why)
	}
	if r.bed() {
		return b.offerBed(now, r)
	}
	front := b.front
	higher := func(w *run) bool { return !w.bed() && w.rank >= r.rank && !(r.Class.Emergency() && w.rank == r.rank) }
	switch {
	case r.Trigger.Test && (front != nil || b.bed != nil || len(b.waiting) > 0):
		return b.refuse(now, r, ark.WhyBusy)
	case front != nil && front.why == "" && higher(front), slices.ContainsFunc(b.waiting, higher):
		if r.Trigger.Talk {
			return b.refuse(now, r, ark.WhyBusy)
		}
		return b.queue(now, r)
	}
	out := b.begin(now, r, front)
	if b.front == r && !r.Trigger.Order.IsZero() {
		out = append(out, r.record()) // the hub waits to hear of it
	}
	return out
}

// offerBed begins music, in the place of other music and of a self-test, or
// lets it wait while something sounds that it may not be under.
func (b *Brain) offerBed(now ark.Stamp, r *run) []Action {
	var out []Action
	for _, w := range slices.Clone(b.waiting) {
		if w.bed() {
			out = append(out, b.drop(now, w, ark.WhyReplaced)...)
		}
	}
	if b.front != nil && b.front.rank >= ark.RankEmergencyLocal {
		if b.bed != nil && b.bed.cut != ark.AfterCutDefault { // it is fading, and was to go on afterwards
			b.bed.why, b.bed.cut = ark.WhyReplaced, ark.AfterCutDefault
		}
		return append(out, b.queue(now, r)...)
	}
	if b.front != nil && b.front.rank == ark.RankTest {
		out = append(out, b.hush(b.front, ark.WhyReplaced)...)
	}
	if old := b.bed; old != nil { // not to go on after the new one
		if old.cut = ark.AfterCutDefault; old.why == "" || old.why == ark.WhyInterrupted {
			old.why = ark.WhyReplaced
		}
	}
	out = append(out, b.begin(now, r, b.bed)...)
	if b.bed == r && !r.Trigger.Order.IsZero() {
		out = append(out, r.record())
	}
	return out
}

// against is why a broadcast may not sound now; empty: nothing is.
func (b *Brain) against(now ark.Stamp, r *run) string {
	switch {
	case r.Trigger.Talk && !b.sound.Mic:
		return ark.WhyNoMic
	case !r.exempt() && b.quietAt(now):
		return ark.WhyQuiet
	case now.Trusted && !r.a.Valid(now.Wall):
		return ark.WhyNotValid
	case !r.waited && r.Trigger.Button != "" && !b.pressesOf(Button(r.Trigger.Button)).takes(now.Mono):
		return ark.WhyBusy
	}
	return ""
}

// queue lets a broadcast wait.
func (b *Brain) queue(now ark.Stamp, r *run) []Action {
	if b.full(r.rank) {
		return b.refuse(now, r, ark.WhyBusy)
	}
	b.wait(r)
	return []Action{r.record()}
}

func (b *Brain) full(rank ark.Rank) bool {
	n := 0
	for _, w := range b.waiting {
		if w.rank == rank {
			n++
		}
	}
	return n >= mostQueued
}

// wait puts a broadcast among those that wait: the highest rank first; of
// emergencies the newest, of all else the oldest.
func (b *Brain) wait(r *run) {
	b.runs[r.Broadcast] = r
	r.waited = true
	b.waiting = append(b.waiting, r)
	slices.SortStableFunc(b.waiting, func(x, y *run) int {
		switch {
		case x.rank != y.rank:
			return int(y.rank) - int(x.rank)
		case x.Class.Emergency():
			return int(y.order) - int(x.order)
		}
		return int(x.order) - int(y.order)
	})
}

// next begins what waits, as far as the loudspeaker is free for it. What
// comes back from a cut finds something lower on it, where that began before
// the loudspeaker had told of the cut.
func (b *Brain) next(now ark.Stamp) []Action {
	var out []Action
	for _, r := range slices.Clone(b.waiting) {
		if !b.free(r) || !b.leave(r) {
			continue
		}
		if why := b.against(now, r); why != "" {
			out = append(out, b.drop(now, r, why)...)
			continue
		}
		var instead *run
		if !r.bed() {
			instead = b.front
		}
		out = append(out, b.begin(now, r, instead)...)
	}
	return out
}

// free tells whether what waits may have the loudspeaker now.
func (b *Brain) free(r *run) bool {
	front := b.front
	if r.bed() {
		return b.bed == nil && (front == nil || front.rank < ark.RankEmergencyLocal && front.rank != ark.RankTest)
	}
	return front == nil || front.why == "" && front.rank < r.rank
}

// leave takes a broadcast from those that wait.
func (b *Brain) leave(r *run) bool {
	n := len(b.waiting)
	b.waiting = slices.DeleteFunc(b.waiting, func(w *run) bool { return w == r })
	return len(b.waiting) < n
}

// begin gives a broadcast to the loudspeaker, in the place of another or of
// none. What must not sound beside it gives way.
func (b *Brain) begin(now ark.Stamp, r *run, instead *run) []Action {
	if !r.laid && !b.layOut(r) {
		return b.end(now, r, ark.BroadcastCut, ark.WhyTooLong)
	}
	p, ok := b.program(r)
	if !ok {
		return b.end(now, r, ark.BroadcastFailed, ark.WhyNoRecording)
	}
	play := Play{}
	if instead != nil {
		play.Instead, play.Why = instead.Broadcast, b.giveWay(instead)
		instead.hushed = true
	}
	b.level(now, r)
	p.Gain = b.gain(r)
	p.Lead, r.spent, r.pause = r.pause, r.spent+r.pause, 0
	if b.front == nil && b.bed == nil && !p.Talk && (!b.sounded || now.Mono-b.lastEnd >= leadAfter) {
		p.Lead = max(p.Lead, b.rules.Lead)
	}
	b.runs[r.Broadcast] = r
	r.sounding, r.hushed, r.began, r.broken, r.why, r.cut = true, false, 0, "", "", ark.AfterCutDefault
	play.Program = p
	out := []Action{play}
	if r.bed() {
		b.bed = r
		return out
	}
	b.front = r
	if b.bed != nil && r.rank >= ark.RankEmergencyLocal {
		out = append(out, b.hush(b.bed, b.giveWay(b.bed))...)
	}
	return out
}

// giveWay decides what becomes of a broadcast that something of higher rank
// cuts, by its class, and says why it ends.
func (b *Brain) giveWay(r *run) string {
	if r.why != "" {
		return r.why // it is ending already
	}
	r.why = ark.WhyReplaced
	if r.Trigger.Talk || r.Trigger.Test || r.tone {
		return r.why
	}
	if after := b.settings.After(r.Class); after != ark.AfterCutDrop {
		r.why, r.cut = ark.WhyInterrupted, after
	}
	return r.why
}

// hush ends what the loudspeaker has; its record follows when it has ended.
func (b *Brain) hush(r *run, why string) []Action {
	if r.hushed {
		return nil
	}
	r.hushed, r.why = true, why
	return []Action{Hush{r.Broadcast, why}}
}

// finish ends what the loudspeaker has, for good.
func (b *Brain) finish(r *run, why string) []Action {
	r.cut = ark.AfterCutDefault
	if r.why != "" { // it is ending already, and does not go on
		r.why = why
		return nil
	}
	return b.hush(r, why)
}

// drop ends what waits.
func (b *Brain) drop(now ark.Stamp, r *run, why string) []Action {
	b.leave(r)
	state := ark.BroadcastFailed
	switch {
	case why == ark.WhyMissed:
		state = ark.BroadcastExpired
	case r.State == ark.BroadcastStarted, why == ark.WhyStopped, why == ark.WhyReplaced:
		state = ark.BroadcastCut
	}
	return b.end(now, r, state, why)
}

// stop ends all that sounds and drops all that waits, emergencies too: a
// person decided.
func (b *Brain) stop(now ark.Stamp) []Action {
	var out []Action
	for _, r := range slices.Clone(b.waiting) {
		out = append(out, b.drop(now, r, ark.WhyStopped)...)
	}
	for _, r := range b.sounding() {
		out = append(out, b.finish(r, ark.WhyStopped)...)
	}
	return append(out, b.forget()...)
}

// sounding is what the loudspeaker has: speech, music, and what fades out.
func (b *Brain) sounding() []*run {
	var all []*run
	for _, r := range b.runs {
		if r.sounding && r != b.front && r != b.bed {
			all = append(all, r)
		}
	}
	slices.SortFunc(all, func(x, y *run) int { return int(x.order) - int(y.order) })
	for _, r := range []*run{b.bed, b.front} {
		if r != nil {
			all = slices.Insert(all, 0, r)
		}
	}
	return all
}
