package crowd

import (
	"sync"
	"time"
)

// maxRemembered is of how many Turns remember what they did; of more, some
// begin anew.
const maxRemembered = 4096

// Turns bound how often each of many may do something: so often at once, and
// once more as each pause has passed.
type Turns struct {
	atOnce int
	every  time.Duration

	mu   sync.Mutex
	free map[string]time.Time // when all turns are back
}

// NewTurns gives each so many turns at once, and another as each pause passes.
func NewTurns(atOnce int, every time.Duration) *Turns {
	return &Turns{atOnce: atOnce, every: every, free: map[string]time.Time{}}
}

// Wait is how long somebody has to wait for the next turn; 0: not at all.
func (t *Turns) Wait(who string, now time.Time) time.Duration {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.waits(who, now)
}

func (t *Turns) waits(who string, now time.Time) time.Duration {
	most := now.Add(time.Duration(t.atOnce) * t.every)
	if t.free[who].After(most) { // the clock was set back
		t.free[who] = most
	}
	return max(max(t.free[who].Sub(now), 0)-time.Duration(t.atOnce-1)*t.every, 0)
}

// Take takes a turn, or answers how long to wait for it.
func (t *Turns) Take(who string, now time.Time) time.Duration {
	t.mu.Lock()
	defer t.mu.Unlock()
	if wait := t.waits(who, now); wait > 0 {
		return wait
	}
	if _, known := t.free[who]; !known && len(t.free) >= maxRemembered {
		t.forget(now)
	}
	from := t.free[who]
	if from.Before(now) {
		from = now
	}
	t.free[who] = from.Add(t.every)
	return 0
}

// forget forgets those who have all their turns, or everybody.
func (t *Turns) forget(now time.Time) {
	for who, at := range t.free {
		if !at.After(now) {
			delete(t.free, who)
		}
	}
	if len(t.free) >= maxRemembered {
		clear(t.free)
	}
}
