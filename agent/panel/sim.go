package panel

import (
	"bufio"
	"context"
	"io"
	"strings"
	"sync"
	"time"
	"unicode"

	"ark/agent"
)

// Sim is a panel without wires: keys of a terminal and the buttons of the
// panel page. Its presses are clean, so they need no settling.
type Sim struct {
	mono   func() time.Duration
	known  map[agent.Button]bool
	keys   []Key
	events chan agent.Event

	mu    sync.Mutex
	lamps map[agent.Lamp]bool
}

// Key is a key of the keyboard and the button that it presses.
type Key struct {
	Rune   rune
	Button agent.Button
}

// NewSim makes a panel with the buttons of a profile.
func NewSim(buttons []agent.Button, mono func() time.Duration) *Sim {
	s := &Sim{mono: mono, known: map[agent.Button]bool{}, events: make(chan agent.Event, 64), lamps: map[agent.Lamp]bool{}}
	taken := map[rune]bool{}
	for _, b := range buttons {
		s.known[b] = true
		for _, r := range strings.ToLower(string(b)) {
			if !taken[r] {
				taken[r] = true
				s.keys = append(s.keys, Key{r, b})
				break
			}
		}
	}
	return s
}

// KeyList is which key presses which button: the first letter of its name
// that is not taken, so 1, 2, 3 and s.
func (s *Sim) KeyList() []Key { return s.keys }

// Press presses and releases a button. False: there is no such button.
func (s *Sim) Press(b agent.Button) bool {
	if !s.known[b] {
		return false
	}
	at := s.mono()
	for _, e := range []agent.Event{agent.Pressed{Button: b, At: at}, agent.Released{Button: b, At: at}} {
		select {
		case s.events <- e:
		default: // nobody listens
		}
	}
	return true
}

// Events are the presses.
func (s *Sim) Events() <-chan agent.Event { return s.events }

// Light sets a lamp.
func (s *Sim) Light(l agent.Lamp, on bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.lamps[l] = on
}

// Lit tells whether a lamp is on.
func (s *Sim) Lit(l agent.Lamp) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.lamps[l]
}

// Keys presses a button for each key that is read and has one. It returns
// when r ends; it cannot be stopped while r waits.
func (s *Sim) Keys(ctx context.Context, r io.Reader) {
	keys := bufio.NewReader(r)
	for ctx.Err() == nil {
		c, _, err := keys.ReadRune()
		if err != nil {
			return
		}
		for _, k := range s.keys {
			if k.Rune == unicode.ToLower(c) {
				s.Press(k.Button)
			}
		}
	}
}
