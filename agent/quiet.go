package agent

import (
	"slices"
	"time"

	"ark"
)

// quietAt tells whether these are quiet hours. With a clock that nobody
// trusts it is not known, and pages say so: what a person asks for is heard,
// and nothing starts by itself.
func (b *Brain) quietAt(now ark.Stamp) bool {
	return now.Trusted && b.settings.At(b.place).QuietAt(now.Wall.Time().In(b.zone))
}

// enforce ends what has no right to sound or to wait any more.
func (b *Brain) enforce(now ark.Stamp) []Action {
	out := b.tooLong(now)
	for _, r := range slices.Clone(b.waiting) {
		if r.notAfter != 0 && now.Trusted && now.Wall > r.notAfter && r.StartedAt == 0 {
			b.leave(r)
			out = append(out, b.end(now, r, ark.BroadcastExpired, "")...)
		}
	}
	if !b.quietAt(now) {
		return out
	}
	for _, r := range slices.Clone(b.waiting) {
		if !r.exempt() {
			out = append(out, b.drop(now, r, ark.WhyQuiet)...)
		}
	}
	for _, r := range b.sounding() {
		if !r.exempt() && (r.why == "" || r.cut != ark.AfterCutDefault) {
			out = append(out, b.finish(r, ark.WhyQuiet)...)
		}
	}
	return out
}

// quietUntil is when the quiet hours that hold at a time end; zero: no end
// is near.
func (b *Brain) quietUntil(local time.Time) ark.UnixMilli {
	n := b.settings.At(b.place)
	for t, i := local, 0; i < 2*len(n.Quiet)+1; i++ {
		if t = nextTurn(t, n.Quiet, nil); t.IsZero() || t.Sub(local) > 48*time.Hour {
			return 0
		}
		if !n.QuietAt(t) {
			return ark.Milli(t)
		}
	}
	return 0
}

// nextTurn is when a span next begins or ends; zero: there is none.
func nextTurn(local time.Time, spans []ark.Span, caps []ark.Cap) time.Time {
	var first time.Time
	for _, minute := range minutes(spans, caps) {
		for day := range 3 {
			at := time.Date(local.Year(), local.Month(), local.Day()+day, 0, minute, 0, 0, local.Location())
			if at.After(local) {
				if first.IsZero() || at.Before(first) {
					first = at
				}
				break
			}
		}
	}
	return first
}

func minutes(spans []ark.Span, caps []ark.Cap) []int {
	var all []int
	for _, s := range spans {
		all = append(all, s.From, s.To)
	}
	for _, c := range caps {
		all = append(all, c.Span.From, c.Span.To)
	}
	return all
}
