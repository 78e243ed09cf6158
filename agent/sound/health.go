package sound

import (
	"time"

	"ark"
	"ark/agent"
)

// change changes the state, puts into it what the watch saw, and tells it if
// it is now another.
func (s *stage) change(f func(*agent.SoundState)) {
	s.mu.Lock()
	before, st := s.state, &s.state
	f(st)
	st.Cards, st.Muted = s.seen.cards, s.seen.muted
	st.Mic, st.Listening = s.c.Input != nil, s.c.Listener != nil && !s.deaf
	st.Fault = ""
	if s.c.Command != nil {
		st.Fault = fault(s.seen, s.c.Card, st.Silent, s.trouble)
	}
	after := *st
	s.mu.Unlock()
	before.LastAt = after.LastAt
	if before != after {
		s.tell(agent.SoundChanged{State: after})
	}
}

// barred tells that the wanted card is away while another is there, on which
// nobody would hear it.
func (s *stage) barred() bool {
	return s.c.Card != "" && sight{cards: s.watch.cards()}.missing(s.c.Card)
}

// see takes what the watch sees: a card that came is opened at once, one that
// went is let go of, before what takes its place sounds into nowhere.
func (s *stage) see(now sight) {
	before := s.seen
	s.seen = now
	if now.failed != "" && now.failed != before.failed {
		s.c.Log.Debug("whether the card is muted is not known", "err", now.failed)
	}
	switch {
	case now.missing(s.c.Card) && s.opening != nil:
		s.opening.close() // failed is told by its gone channel
	case now.missing(s.c.Card) && s.child != nil:
		s.lost(ark.WhyWrongCard)
	case now.usable && !before.usable && s.child == nil && s.opening == nil:
		s.retry = firstRetry
		s.open()
	}
	s.change(func(*agent.SoundState) {})
}

// frozen tells that a device at rest no longer asks for anything.
func (s *stage) frozen(now time.Time) bool {
	last := s.child.lastWord()
	for _, excuse := range []time.Time{s.adopted, s.stood} {
		if excuse.After(last) {
			last = excuse
		}
	}
	return now.Sub(last) > max(restAfter, 2*s.c.Buffer)
}
