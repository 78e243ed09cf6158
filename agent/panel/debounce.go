package panel

import (
	"time"

	"ark/agent"
)

// Timing of a button.
const (
	stableFor  = 30 * time.Millisecond  // how long a level must stay to count
	bouncing   = 100 * time.Millisecond // the longest that a press is taken to bounce
	stuckAfter = 60 * time.Second       // longer than a hand would hold
)

// button makes events of a line's raw levels. It is pure: levels and times in,
// events out. A long press is held all the while: whatever interrupts it, even
// for a moment, begins it anew, so that a loose contact never makes one.
type button struct {
	name  agent.Button
	line  string        // of a wire
	long  time.Duration // how long a long press is
	down  bool          // the settled level
	raw   bool          // the level last seen
	since time.Duration // of the raw level
	first time.Duration // first edge of the press or release that is settling
	stir  bool          // the raw level has left the settled one
	at    time.Duration // when the settled press began
	told  bool          // the long press was told
	stuck bool
}

// edge takes the line's level after an edge.
func (b *button) edge(down bool, now time.Duration) {
	if down == b.raw { // there and back, too quick to see: the line is not at rest
		b.since = now
		return
	}
	b.level(down, now)
}

// level takes the line's level.
func (b *button) level(down bool, now time.Duration) {
	if down == b.raw {
		return
	}
	b.raw, b.since = down, now
	if down != b.down && !b.stir {
		b.stir, b.first = true, now
	}
}

// settle tells what follows from time passing, and when to ask again; zero:
// only after an edge.
func (b *button) settle(now time.Duration) (events []agent.Event, again time.Duration) {
	if b.stir && now-b.since >= stableFor {
		b.stir = false
		if b.raw != b.down {
			events = append(events, b.turn())
			if b.stuck && !b.down {
				b.stuck = false
				events = append(events, agent.Stuck{Button: b.name})
			}
		}
	}
	if b.down && !b.stir && !b.told && now-b.since >= b.long {
		b.told = true
		events = append(events, agent.Pressed{Button: b.name, Line: b.line, At: b.at, Long: true})
	}
	if b.down && !b.stuck && now-b.at >= stuckAfter {
		b.stuck = true
		events = append(events, agent.Stuck{Button: b.name, Stuck: true})
	}
	return events, b.again(now)
}

func (b *button) turn() agent.Event {
	b.down = b.raw
	at := b.first
	if b.since-at > bouncing { // noise went before it
		at = b.since
	}
	if !b.down {
		return agent.Released{Button: b.name, At: at}
	}
	b.at, b.told = at, false
	return agent.Pressed{Button: b.name, Line: b.line, At: at}
}

func (b *button) again(now time.Duration) time.Duration {
	next := time.Duration(0)
	sooner := func(at time.Duration) {
		if left := max(at-now, time.Millisecond); next == 0 || left < next {
			next = left
		}
	}
	if b.stir {
		sooner(b.since + stableFor)
	}
	if b.down && !b.stir && !b.told {
		sooner(b.since + b.long)
	}
	if b.down && !b.stuck {
		sooner(b.at + stuckAfter)
	}
	return next
}
