package uplink

import (
	"context"
	"errors"
	"fmt"
	"time"

	"ark"
)

// journalLine is the van journal on its way.
type journalLine struct {
	sender *ark.Sender
	last   ark.Cursor
	nonce  [8]byte       // the question for the time; zero: it was answered
	asked  time.Duration // when it first went out; zero: it has not
}

// begin makes the sender of the live incarnation.
func (s *session) begin() error {
	inc, base, acked, last, err := s.c.Journal.State()
	if err != nil {
		return fmt.Errorf("%w: %w", errCard, err)
	}
	s.journal.last = last
	s.journal.sender = ark.NewSender(s.c.Tries.Policy, inc, base, acked, last)
	s.journal.sender.Connected(s.round(), s.c.Clock.Mono())
	s.c.Random(s.journal.nonce[:])
	s.journal.asked = 0
	return nil
}

// grown follows the journal: it has grown, or another incarnation began.
func (s *session) grown() error {
	inc, base, _, last, err := s.c.Journal.State()
	if err != nil {
		return fmt.Errorf("%w: %w", errCard, err)
	}
	if inc != s.journal.sender.Incarnation() {
		return s.begin()
	}
	s.journal.last = last
	s.journal.sender.Appended(last)
	if base.Seq <= s.journal.sender.Acked().Seq {
		s.journal.sender.Pruned(base)
	}
	return nil
}

// send sends what the sender asks for.
func (s *session) send(ctx context.Context) error {
	for {
		ask, ok := s.journal.sender.Next(s.c.Clock.Mono())
		if !ok {
			return nil
		}
		f, data, err := s.frame(ctx, ask)
		if err != nil {
			return fmt.Errorf("make frame: %w: %w", errCard, err)
		}
		s.publish(ark.Journal, data)
		to := ark.Seq(0)
		if ask.From > 0 {
			to = f.Last()
		}
		s.journal.sender.Sent(to, s.c.Clock.Mono())
	}
}

// frame makes the frame that is asked for, with as many entries as fit.
func (s *session) frame(ctx context.Context, ask ark.Ask) (f ark.Frame, data []byte, err error) {
	last := s.journal.last
	f = ark.Frame{Incarnation: s.journal.sender.Incarnation(), First: last.Seq + 1, Prev: last.Digest.Key(), Round: ask.Round}
	prev := last.Digest
	if ask.From > 0 {
		// No more than the sender knows of: a receipt for what was appended since would look like another history.
		known := int(min(last.Seq-ask.From+1, frameEntries))
		if prev, f.Entries, err = s.c.Journal.Entries(ctx, ask.From, known, frameBytes); err != nil {
			return f, nil, err
		}
		f.First, f.Prev = ask.From, prev.Key()
	}
	if ask.LostFrom > 0 {
		f.LostFrom, f.Lost = ask.LostFrom, prev
	}
	f.AskTime = s.question()
	for {
		f.Ahead = uint64(max(last.Seq, f.Last()) - f.Last())
		data, err = ark.EncodeFrame(f, ask.Plain)
		if !errors.Is(err, ark.ErrTooBig) || len(f.Entries) < 2 {
			return f, data, err
		}
		f.Entries = f.Entries[:len(f.Entries)/2]
	}
}

// heard takes a receipt.
func (s *session) heard(ctx context.Context, r ark.Receipt) error {
	if r.Time != nil {
		s.believe(*r.Time)
	}
	heard, err := s.journal.sender.Received(r, s.c.Clock.Mono(), s.c.Journal.Digest)
	if err != nil {
		return err
	}
	switch heard {
	case ark.HeardProgress, ark.HeardRegress:
		s.setFault("")
		acked := s.journal.sender.Acked()
		if heard == ark.HeardRegress {
			s.c.Log.Warn("the hub was restored from an older backup: sending again", "from", acked.Seq+1)
		}
		if err := s.c.Journal.Acked(ctx, acked); err != nil {
			s.c.Log.Warn("a receipt could not be noted on the card; the hub will tell it again", "err", err)
		}
	case ark.HeardFork:
		s.c.Log.Error("the hub holds another history of this journal: a cloned or restored card; a new incarnation begins")
		if err := s.c.Journal.Rebegin(ctx); err != nil {
			return err
		}
		return s.begin()
	case ark.HeardRefusal:
		if why := s.journal.sender.Refused(); why != ark.RefusedNot {
			s.setFault(faultOfRefusal(why))
			s.c.Log.Warn("the hub cannot take what is sent", "why", why.String())
		}
	}
	return nil
}

// question is the one for the time that a frame carries. A frame that is sent
// again carries the same one, and the answer may be to the first of them: one
// that was out for too long is put anew.
func (s *session) question() (nonce [8]byte) {
	j, now := &s.journal, s.c.Clock.Mono()
	if j.nonce == [8]byte{} || s.c.TimeKey == nil {
		return nonce
	}
	if j.asked != 0 && now-j.asked > maxTrip {
		s.c.Random(j.nonce[:])
		j.asked = 0
	}
	if j.asked == 0 {
		j.asked = now
	}
	return j.nonce
}

// maxTrip is the longest round trip after which a word of time still counts.
const maxTrip = 10 * time.Second

// believe takes the hub's signed word of time, if it answers our question.
func (s *session) believe(w ark.TimeWord) {
	trip := s.c.Clock.Mono() - s.journal.asked
	if w.Nonce != s.journal.nonce || s.journal.nonce == [8]byte{} || trip > maxTrip {
		return
	}
	if err := w.Verify(s.c.TimeKey, s.c.Van); err != nil {
		s.c.Log.Warn("a word of time is not the hub's", "err", err)
		return
	}
	s.journal.nonce = [8]byte{}
	was := s.c.Clock.Now().Trusted
	now := w.Wall + ark.UnixMilli(trip.Milliseconds()/2)
	step := s.c.Clock.Learn(now)
	if (!was || step.Abs() > 2*time.Second) && s.c.Learned != nil {
		s.c.Learned(now, step)
	}
}
