package agent

import (
	"time"

	"ark"
)

// Wake is when the brain next has to be told that time has passed, by the
// monotonic clock, other than by the Tick of each second; false: there is
// nothing that is due at a time of its own.
func (b *Brain) Wake(now ark.Stamp) (at time.Duration, ok bool) {
	sooner := func(t time.Duration) {
		if t > now.Mono && (!ok || t < at) {
			at, ok = t, true
		}
	}
	for _, r := range b.sounding() {
		if limit, bounded := r.limit(); bounded {
			sooner(limit)
		}
	}
	if !now.Trusted {
		return at, ok
	}
	wall := func(t ark.UnixMilli) { sooner(now.Mono + time.Duration(t-now.Wall)*time.Millisecond) }
	for _, r := range b.waiting {
		if r.notAfter != 0 {
			wall(r.notAfter + 1)
		}
	}
	if s := &b.schedule; s.coming != nil {
		wall(ark.Milli(s.coming.Due))
	}
	n := b.settings.At(b.place)
	if turn := nextTurn(now.Wall.Time().In(b.zone), n.Quiet, n.Caps); !turn.IsZero() {
		wall(ark.Milli(turn))
	}
	return at, ok
}
