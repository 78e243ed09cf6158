package panel

import (
	"context"
	"sync"
	"time"

	"ark/agent"
)

// Sim is a panel without wires: the buttons of the panel page and keys of a
// terminal. It behaves as wires do, for what it is told are levels, and they
// go through the same debouncing, long presses and stuck-button watch.
type Sim struct {
	c    SimConfig
	keys []Key
	told teller
	turn chan struct{} // a level changed

	mu    sync.Mutex
	lines map[agent.Button]*simLine
}

// SimConfig says which buttons there are.
type SimConfig struct {
	Buttons []SimButton
	Long    time.Duration // a long press
	Mono    func() time.Duration
}

// SimButton is a button. What it is for matters only to the keys of a
// terminal, which tells no release.
type SimButton struct {
	Button agent.Button
	Hold   bool // it must be held: its key is pressed twice
	Talk   bool // it is held while somebody speaks: its key begins and ends
}

// simLine is a button's line: a level, and when it ends by itself.
type simLine struct {
	button
	until time.Duration
}

// How long a simulated button stays down.
const (
	// Lease is how long after the last Down a button goes up by itself: the
	// page that holds it says so every half second, and a phone that is
	// gone holds nothing.
	Lease = 2 * time.Second
	// TalkFor is the longest that Switch leaves a button down.
	TalkFor = 30 * time.Second

	tapFor   = 2 * stableFor // of a short press
	holdMore = 2 * stableFor // beyond the long press
)

// NewSim makes a panel; Run makes events of its levels.
func NewSim(c SimConfig) *Sim {
	s := &Sim{c: c, told: newTeller(), turn: make(chan struct{}, 1), lines: map[agent.Button]*simLine{}}
	for _, b := range c.Buttons {
		s.lines[b.Button] = &simLine{button: button{name: b.Button, long: c.Long}}
	}
	s.keys = keysOf(c.Buttons)
	return s
}

// Down holds a button down, or goes on holding it, until Up or until Lease has
// passed. False: there is no such button.
func (s *Sim) Down(b agent.Button) bool { return s.hold(b, Lease) }

// Up lets a button go.
func (s *Sim) Up(b agent.Button) bool {
	return s.change(b, func(l *simLine, now time.Duration) { l.level(false, now) })
}

// Press is a short press.
func (s *Sim) Press(b agent.Button) bool { return s.hold(b, tapFor) }

// Hold is a long press.
func (s *Sim) Hold(b agent.Button) bool { return s.hold(b, s.c.Long+holdMore) }

// Switch holds a button down for TalkFor; if it is down, it lets it go.
func (s *Sim) Switch(b agent.Button) bool {
	return s.change(b, func(l *simLine, now time.Duration) {
		l.level(!l.raw, now)
		l.until = now + TalkFor
	})
}

func (s *Sim) hold(b agent.Button, most time.Duration) bool {
	return s.change(b, func(l *simLine, now time.Duration) {
		if !l.raw {
			l.until = 0
		}
		l.level(true, now)
		l.until = max(l.until, now+most)
	})
}

func (s *Sim) change(b agent.Button, level func(*simLine, time.Duration)) bool {
	s.mu.Lock()
	l, known := s.lines[b]
	if known {
		level(l, s.c.Mono())
	}
	s.mu.Unlock()
	select {
	case s.turn <- struct{}{}:
	default: // Run knows already
	}
	return known
}

// Run makes events of the levels until ctx ends.
func (s *Sim) Run(ctx context.Context) error {
	next := time.NewTimer(0)
	defer next.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-s.turn:
		case <-next.C:
		}
		events, again := s.settle()
		for _, e := range events {
			s.told.tell(ctx, e)
		}
		if next.Stop(); again > 0 {
			next.Reset(again)
		}
	}
}

// settle is what follows from time passing, in all lines.
func (s *Sim) settle() (events []agent.Event, again time.Duration) {
	s.mu.Lock()
	defer s.mu.Unlock()
	now := s.c.Mono()
	for _, b := range s.c.Buttons {
		l := s.lines[b.Button]
		if l.raw && now >= l.until {
			l.level(false, now)
		}
		more, soon := l.settle(now)
		events = append(events, more...)
		if l.raw && (soon == 0 || l.until-now < soon) {
			soon = l.until - now
		}
		if soon > 0 && (again == 0 || soon < again) {
			again = soon
		}
	}
	return events, again
}

// Events are the presses.
func (s *Sim) Events() <-chan agent.Event { return s.told.events }

// Light does nothing: the page shows the lamps as the brain tells of them.
func (s *Sim) Light(agent.Lamp, bool) {}
