package ark

import (
	"fmt"
	"time"
)

// Policy is how hard a sender tries. It is data, so that a test can turn
// hours into nothing.
type Policy struct {
	Window     int             // frames in flight, at least 1
	Repeat     []time.Duration // silence before the first, second … repeat; the last one stays
	Duplicates int             // equal receipts in a row that mean "something is missing"
}

// DefaultPolicy fills a slow mobile link and is gentle with a dead one.
var DefaultPolicy = Policy{
	Window:     8,
	Repeat:     []time.Duration{2 * time.Second, 4 * time.Second, 8 * time.Second, 15 * time.Second, 30 * time.Second},
	Duplicates: 4,
}

// Sender decides what of one incarnation of a journal to send next, and
// learns from receipts how far it was committed. It holds no entries: whoever
// drives it reads them from the journal.
//
// The invariants: acked never rises but by a receipt of this round whose
// digest equals the journal's own; nothing above last is ever asked for.
type Sender struct {
	policy Policy
	inc    Incarnation
	base   Cursor // entries up to here are no longer kept
	acked  Cursor // the receiver has committed up to here
	last   Cursor // the journal reaches to here

	up       bool
	round    uint32
	heard    bool  // a receipt of this round came
	sent     Seq   // highest sent since acked was last established
	flights  []Seq // last Seq of each frame in flight
	probed   bool  // a question is out
	attempt  int
	deadline time.Duration // when silence has lasted too long; only while something is out
	same     int           // equal receipts in a row
	recover  Seq           // after sending again: what must be receipted before equal receipts mean anything
	lost     Seq           // first entry that the receiver lacks and we no longer have; 0: none
	plain    bool
	refused  Refusal
}

// NewSender starts from what the journal's store knows: base ≤ acked ≤ last.
func NewSender(p Policy, inc Incarnation, base, acked, last Cursor) *Sender {
	if p.Window < 1 || len(p.Repeat) == 0 || p.Duplicates < 1 {
		panic("ark: a policy without window, repeats or duplicates")
	}
	return &Sender{policy: p, inc: inc, base: base, acked: acked, last: last, sent: acked.Seq}
}

// Ask is what to send next.
type Ask struct {
	From     Seq    // entries from here on, as many as fit a frame; 0: none, only a question
	LostFrom Seq    // copy into the frame, with the digest before its First
	Round    uint32 // copy into the frame
	Plain    bool   // do not compress
}

// Connected begins a round. round is a random number: receipts of earlier
// connections must not pass for answers to this one.
func (s *Sender) Connected(round uint32, now time.Duration) {
	s.up = true
	s.begin(round)
	s.attempt, s.deadline, s.refused, s.plain = 0, now, RefusedNot, false
}

// Disconnected stops sending.
func (s *Sender) Disconnected() { s.up = false }

func (s *Sender) begin(round uint32) {
	s.round, s.heard = max(round, 1), false // 0 is what a receiver answers that could not read the round
	s.rewind()
	s.recover = 0 // answers to what was sent before are of another round
}

// rewind forgets what is in flight: all after acked is sent again. What was
// not lost is then answered twice, with equal receipts; were those taken for
// signs of a loss, each repeat would breed the next (RFC 6582, 3.2).
func (s *Sender) rewind() {
	s.recover = max(s.recover, s.sent+1)
	s.sent = max(s.acked.Seq, s.base.Seq)
	s.flights, s.same, s.probed = s.flights[:0], 0, false
}

// Appended tells that the journal has grown, durably.
func (s *Sender) Appended(last Cursor) { s.last = last }

// Pruned tells that entries up to base are no longer kept. Only what was
// acked may go.
func (s *Sender) Pruned(base Cursor) {
	if base.Seq > s.acked.Seq || base.Seq < s.base.Seq {
		panic("ark: pruned what the receiver may still need")
	}
	s.base = base
}

// Next says what to send now, if anything. After a frame is on its way, call
// Sent. A frame that could not be made or sent is simply not reported.
func (s *Sender) Next(now time.Duration) (Ask, bool) {
	if !s.up {
		return Ask{}, false
	}
	if s.waiting() && now >= s.deadline {
		mark("sender-repeats")
		s.attempt++
		s.rewind()
	}
	if s.refused != RefusedNot && s.waiting() {
		return Ask{}, false // one frame at a time until the receiver can use them again
	}
	ask := Ask{Round: s.round, Plain: s.plain}
	if s.sent == s.base.Seq {
		ask.LostFrom = s.lost // only the frame after the loss may speak of it
	}
	switch {
	case s.sent < s.last.Seq && len(s.flights) < s.policy.Window:
		ask.From = s.sent + 1
		return ask, true
	case (!s.heard || ask.LostFrom != 0) && !s.waiting():
		return ask, true
	}
	return Ask{}, false
}

// waiting tells whether an answer is due.
func (s *Sender) waiting() bool { return s.probed || len(s.flights) > 0 }

// Wake is when silence will have lasted too long; false: nothing is awaited.
func (s *Sender) Wake() (time.Duration, bool) { return s.deadline, s.up && s.waiting() }

// Sent tells that a frame as asked for is on its way, up to and with to. For
// a question, to is 0.
func (s *Sender) Sent(to Seq, now time.Duration) {
	if !s.waiting() {
		s.deadline = now + s.patience()
	}
	if to == 0 {
		s.probed = true
		return
	}
	s.sent = to
	s.flights = append(s.flights, to)
}

func (s *Sender) patience() time.Duration {
	return s.policy.Repeat[min(s.attempt, len(s.policy.Repeat)-1)]
}

// Heard is what a receipt came to.
type Heard uint8

// What a receipt can come to.
const (
	HeardStale    Heard = iota // of another round or incarnation: ignored
	HeardNothing               // nothing new
	HeardProgress              // Acked rose: make it durable
	HeardRegress               // the receiver was restored from an older backup: Acked fell, all after it is sent again
	HeardFork                  // the receiver holds another history: begin a new incarnation with all entries after Acked
	HeardRefusal               // Refused says why
)

// Received takes a receipt. digest gives the journal's own digest at a Seq
// that it keeps (base ≤ seq ≤ last).
func (s *Sender) Received(r Receipt, now time.Duration, digest func(Seq) (Digest, error)) (Heard, error) {
	if r.Refusal != RefusedNot && s.up && (r.Round == s.round || r.Round == 0) {
		return s.refuse(r.Refusal, now), nil
	}
	if !s.up || r.Round != s.round || r.Incarnation != s.inc || r.Refusal != RefusedNot {
		mark("sender-stale")
		return HeardStale, nil
	}
	fork, err := s.differs(r.Cursor, digest)
	if err != nil {
		return HeardNothing, fmt.Errorf("read own digest: %w", err)
	}
	if fork {
		mark("sender-fork")
		s.up = false // nothing more of this incarnation
		return HeardFork, nil
	}
	s.refused, s.probed = RefusedNot, false
	if s.heard && r.Cursor.Seq < s.acked.Seq {
		// Out of order, or the receiver was restored behind our back. Ask
		// again in a new round: an answer to that cannot be an old one.
		mark("sender-doubts")
		s.begin(s.round + 1)
		s.deadline = now
		return HeardNothing, nil
	}
	return s.accept(r.Cursor, now), nil
}

// refuse waits before the next try, longer each time.
func (s *Sender) refuse(why Refusal, now time.Duration) Heard {
	mark("sender-refused")
	if why == RefusedDictionary && !s.plain {
		s.plain = true
		s.rewind()
		return HeardRefusal
	}
	s.refused = why
	if !s.waiting() {
		s.probed = true
	}
	s.deadline = max(s.deadline, now+s.patience())
	return HeardRefusal
}

func (s *Sender) differs(c Cursor, digest func(Seq) (Digest, error)) (bool, error) {
	switch {
	case c.Seq > s.last.Seq:
		mark("sender-fork-ahead")
		return true, nil
	case c.Seq == s.last.Seq:
		return c.Digest != s.last.Digest, nil
	case c.Seq == s.acked.Seq:
		return c.Digest != s.acked.Digest, nil
	case c.Seq == s.base.Seq:
		return c.Digest != s.base.Digest, nil
	case c.Seq < s.base.Seq:
		mark("sender-cannot-compare")
		return false, nil // no longer ours to compare; Frame.Lost will tell the receiver
	}
	own, err := digest(c.Seq)
	return own != c.Digest, err
}

// accept takes a cursor that agrees with the journal.
func (s *Sender) accept(c Cursor, now time.Duration) Heard {
	first := !s.heard
	s.heard = true
	before := s.acked
	s.acked = c
	s.miss(c)
	if c.Seq < before.Seq {
		mark("sender-regress")
		s.attempt = 0
		s.rewind()
		return HeardRegress
	}
	if c.Seq > before.Seq {
		s.landed(now)
		return HeardProgress
	}
	if s.same++; !first && len(s.flights) > 0 && s.same >= s.policy.Duplicates && s.acked.Seq >= s.recover {
		mark("sender-hurries")
		s.rewind()
	}
	return HeardNothing
}

// miss sees whether the receiver lacks what we no longer have. What was sent
// without saying so is sent again.
func (s *Sender) miss(c Cursor) {
	if c.Seq >= s.base.Seq {
		s.lost = 0
		return
	}
	if lost := c.Seq + 1; lost != s.lost {
		mark("sender-lost")
		s.lost = lost
		s.rewind()
	}
}

// landed drops the flights that were committed.
func (s *Sender) landed(now time.Duration) {
	s.attempt, s.same = 0, 0
	s.sent = max(s.sent, s.acked.Seq)
	kept := s.flights[:0]
	for _, to := range s.flights {
		if to > s.acked.Seq {
			kept = append(kept, to)
		}
	}
	s.flights = kept
	s.deadline = now + s.patience()
}

// Incarnation is the one that this sender serves.
func (s *Sender) Incarnation() Incarnation { return s.inc }

// Acked is up to where the receiver has the journal, by its own word.
func (s *Sender) Acked() Cursor { return s.acked }

// Backlog is the number of entries that the receiver does not have.
func (s *Sender) Backlog() uint64 { return uint64(s.last.Seq - s.acked.Seq) }

// Settled tells whether this round's receipt showed that both ends hold the
// same, to the last entry.
func (s *Sender) Settled() bool { return s.up && s.heard && s.acked == s.last }

// Refused is the receiver's last refusal, or RefusedNot.
func (s *Sender) Refused() Refusal { return s.refused }
