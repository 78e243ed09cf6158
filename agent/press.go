package agent

import (
	"time"

	"ark"
)

// A button is good for mostPresses deeds at once and for one more each
// newPress: a contact that chatters for a day must not fill the card. Stop
// and volume keep no records and are not counted.
const (
	mostPresses = 500
	newPress    = 5 * time.Second
)

// alikeFor is for how long refusals of the same button for the same reason
// are counted in place of being recorded.
const alikeFor = 10 * time.Second

// presses is what a button has done of late.
type presses struct {
	spent   int           // deeds that are not forgotten yet
	since   time.Duration // up to when they are
	refused map[string]*alike
}

// alike is refusals for one reason.
type alike struct {
	at   time.Duration // of the one that was recorded
	more int           // not recorded since
}

func (b *Brain) pressesOf(button Button) *presses {
	p := b.presses[button]
	if p == nil {
		p = &presses{refused: map[string]*alike{}}
		b.presses[button] = p
	}
	return p
}

// takes tells whether the button may do one more deed that leaves a record.
func (p *presses) takes(now time.Duration) bool {
	if n := int((now - p.since) / newPress); n > 0 {
		p.spent = max(p.spent-n, 0)
		p.since += time.Duration(n) * newPress
	}
	if p.spent >= mostPresses {
		return false
	}
	p.spent++
	return true
}

func (b *Brain) pressed(now ark.Stamp, e Pressed) []Action {
	m, known := b.rules.Buttons[e.Button]
	asked := e.At
	switch {
	case !known:
		return nil
	case m.Hold && !m.Talk && !e.Long:
		b.holding = e.Button
		return nil
	case m.Hold && !m.Talk:
		b.holding = ""
		asked = min(e.At+b.rules.Long, now.Mono) // it counts from the moment at which it had been held for long enough
	case e.Long:
		return nil
	}
	switch t := (ark.Trigger{Button: string(e.Button), Line: e.Line}); {
	case m.Stop:
		return b.stop(now)
	case m.Louder:
		return b.adjust(b.rules.Step)
	case m.Softer:
		return b.adjust(-b.rules.Step)
	case m.Test:
		t.Test = true
		return b.offer(now, b.testRun(now, t, asked))
	case m.Talk:
		t.Talk = true
		return b.offer(now, b.newRun(now, ark.Announcement{Title: talkTitle}, t, asked))
	default:
		return b.announce(now, m, t, asked)
	}
}

// talkTitle names live voice in records.
var talkTitle = ark.Text{Zh: "现场喊话", En: "Live voice"}

// announce begins a button's announcement, or does what the button's rule
// says while it is under way.
func (b *Brain) announce(now ark.Stamp, m Meaning, t ark.Trigger, asked time.Duration) []Action {
	if mine := b.underWay(t.Button); mine != nil {
		switch {
		case m.Again == AgainStop && mine.sounding:
			return b.finish(mine, ark.WhyStopped)
		case m.Again == AgainStop:
			return b.drop(now, mine, ark.WhyStopped)
		case m.Again == AgainIgnore, mine != b.front && mine != b.bed, mine.began == 0:
			return nil // one that is about to begin needs no new beginning
		}
		return b.restart(now, mine, m, t, asked)
	}
	a, found := b.rules.Find(m.Announcement)
	if !found {
		a = ark.Announcement{ID: m.Announcement} // the tone tells whoever pressed
	}
	return b.offer(now, b.newRun(now, a, t, asked))
}

// restart begins a button's announcement again in place of itself.
func (b *Brain) restart(now ark.Stamp, mine *run, m Meaning, t ark.Trigger, asked time.Duration) []Action {
	a, found := b.rules.Find(m.Announcement)
	if !found {
		a = mine.a
	}
	r := b.newRun(now, a, t, asked)
	if why := b.against(now, r); why != "" {
		return b.refuse(now, r, why)
	}
	mine.cut, mine.why = ark.AfterCutDefault, ark.WhyReplaced
	return b.begin(now, r, mine)
}

// underWay is the broadcast of a button's announcement that has not ended.
func (b *Brain) underWay(button string) *run {
	for _, r := range b.runs {
		if r.Trigger.Button == button && (r.why == "" || r.cut != ark.AfterCutDefault) {
			return r
		}
	}
	return nil
}

// released ends talk, and what was not held for long enough.
func (b *Brain) released(now ark.Stamp, button Button) []Action {
	if b.holding == button {
		b.holding = ""
	}
	r := b.front
	if r == nil || !r.Trigger.Talk || r.Trigger.Button != string(button) || r.why != "" {
		return nil
	}
	r.over = true
	return b.finish(r, ark.WhyStopped)
}

// refuse makes the record of a broadcast that does not come about. Presses
// that are refused alike are recorded now and then.
func (b *Brain) refuse(now ark.Stamp, r *run, why string) []Action {
	if button := r.Trigger.Button; button != "" {
		p := b.pressesOf(Button(button))
		last := p.refused[why]
		if last != nil && now.Mono-last.at < alikeFor {
			last.more++
			b.note(now, r, why)
			return nil
		}
		if last != nil {
			r.Alike = last.more
		}
		p.refused[why] = &alike{at: now.Mono}
	}
	b.note(now, r, why)
	r.Recordings = nil
	return b.end(now, r, ark.BroadcastFailed, why)
}

// note shows a refusal on the pages.
func (b *Brain) note(now ark.Stamp, r *run, why string) {
	told := r.AsRun
	told.State, told.Why, told.EndedAt = ark.BroadcastFailed, why, now.Wall
	b.refused, b.refusal = &told, now.Mono
}
