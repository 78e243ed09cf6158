package ark

import (
	"fmt"
	"math/rand/v2"
	"time"
)

// end is a van or the hub: a pure driver around a Sender for its own journal
// and a Receiver for each incarnation of the other's. What is not in disk
// dies with the process.
type end struct {
	w      *world
	name   string
	disk   disk
	policy Policy

	appended  []record // written, not yet durable: a crash keeps some first part
	sender    *Sender
	receivers map[Incarnation]*Receiver
	open      []taking // taken, not yet committed: one transaction
	now       time.Duration
	wall      UnixMilli
	full      bool // no room on the disk: every commit fails
	old       bool // knows no dictionary
	release   int  // which kinds it understands
}

// taking is what waits for the commit, and whom to answer.
type taking struct {
	r     *Receiver
	frame Frame
	taken Taken
	upTo  Cursor
}

func newEnd(w *world, name string, policy Policy) *end {
	e := &end{w: w, name: name, policy: policy, release: 1, wall: 1_790_000_000_000, receivers: map[Incarnation]*Receiver{}}
	inc := w.newIncarnation()
	e.disk = disk{outDisk{inc: inc, base: inc.Start(), acked: inc.Start()}, newInDisk()}
	return e
}

// String is for those who read why a history failed.
func (e *end) String() string {
	s := e.sender
	if s == nil {
		return e.name + " without a sender"
	}
	return fmt.Sprintf("%s: base %d acked %d last %d sent %d up %v heard %v probed %v flights %v attempt %d refused %q lost %d plain %v",
		e.name, s.base.Seq, s.acked.Seq, s.last.Seq, s.sent, s.up, s.heard, s.probed, s.flights, s.attempt, s.refused, s.lost, s.plain)
}

// append writes entries of a kind; they are saved only by commit.
func (e *end) append(n int, kind Kind, body []byte) {
	last := e.disk.out.last()
	if k := len(e.appended); k > 0 {
		last = e.appended[k-1].cursor
	}
	for range n {
		id := e.w.newID(e.wall)
		raw, err := EncodeEntry(Entry{ID: id, Kind: kind, Body: body, At: Stamp{Wall: e.wall, Mono: e.now}})
		if err != nil {
			e.w.fatalf("append: %v", err)
		}
		last = last.Next(raw)
		e.appended = append(e.appended, record{last, raw, id})
	}
}

// commit makes what was appended durable, and only then calls it saved.
func (e *end) commit() {
	if e.full {
		e.appended = nil // the crew reads "not saved"
		return
	}
	e.w.checker.durable(e, e.appended)
	e.w.checker.saved(e, e.appended)
	e.disk.out.records = append(e.disk.out.records, e.appended...)
	e.appended = nil
	if e.sender != nil {
		e.sender.Appended(e.disk.out.last())
	}
}

// crash ends the process: a first part of what was not yet durable is kept.
// The next process starts at once, and connects when it is told to.
func (e *end) crash(r *rand.Rand) {
	if n := r.IntN(len(e.appended) + 1); n > 0 && !e.full {
		e.w.checker.durable(e, e.appended[:n])
		e.disk.out.records = append(e.disk.out.records, e.appended[:n]...)
	}
	if r.IntN(2) == 0 && !e.full {
		e.keepOpen() // the commit went through, the receipt did not
	}
	e.stop()
	e.now = 0
}

// stop forgets all that lives in memory only.
func (e *end) stop() {
	e.appended, e.open, e.sender = nil, nil, nil
	e.receivers = map[Incarnation]*Receiver{}
}

// connect begins a round, with the sender that there is or a new one.
func (e *end) connect(round uint32, anew bool) {
	e.receivers, e.open = map[Incarnation]*Receiver{}, nil
	if e.sender == nil || anew {
		o := &e.disk.out
		e.sender = NewSender(e.policy, o.inc, o.base, o.acked, o.last())
	}
	e.sender.Connected(round, e.now)
}

func (e *end) disconnect() {
	if e.sender != nil {
		e.sender.Disconnected()
	}
}

// frame makes what the sender asked for, with at most n entries; false: it
// cannot be made any more.
func (e *end) frame(ask Ask, n int) (Frame, bool) {
	last := e.disk.out.last()
	f := Frame{Incarnation: e.sender.Incarnation(), First: last.Seq + 1, Prev: last.Digest.Key(), Round: ask.Round}
	prev := last.Digest
	if ask.From > 0 {
		var ok bool
		if prev, f.Entries, ok = e.disk.out.from(ask.From, n); !ok {
			return f, false
		}
		f.First, f.Prev = ask.From, prev.Key()
	}
	if ask.LostFrom > 0 {
		f.LostFrom, f.Lost = ask.LostFrom, prev
	}
	return f, true
}

// heard takes a receipt, as agent/uplink and hub/ingest do.
func (e *end) heard(r Receipt, note bool) {
	if e.sender == nil {
		return
	}
	heard, err := e.sender.Received(r, e.now, e.disk.out.digest)
	e.w.checker.heard(e, heard)
	switch {
	case err != nil:
		e.w.fatalf("%s: a receipt %v cannot be compared: %v", e.name, r.Cursor, err)
	case heard == HeardProgress && note, heard == HeardRegress:
		if !e.full {
			e.disk.out.acked = e.sender.Acked()
		}
	case heard == HeardFork:
		e.rebegin()
	}
}

// rebegin begins a new incarnation with all that is kept, under its old ids.
func (e *end) rebegin() {
	if e.full {
		e.w.cut()
		return
	}
	e.commit() // a transaction under way ends first
	old := e.disk.out
	inc := e.w.newIncarnation()
	e.disk.out = outDisk{inc: inc, base: inc.Start(), acked: inc.Start()}
	why := Begun{Why: BegunFork, Previous: old.inc, Ended: old.last().Seq, Digest: old.last().Digest, Receipted: old.acked.Seq, Pruned: old.base.Seq}
	body, err := EncodeBody(KindBegun, why)
	if err != nil {
		e.w.fatalf("rebegin: %v", err)
	}
	e.append(1, KindBegun, body)
	e.w.checker.rebegun(old, e.appended[0].id)
	last := e.appended[0].cursor
	for _, r := range old.records {
		last = last.Next(r.raw)
		e.appended = append(e.appended, record{last, r.raw, r.id})
	}
	e.sender = nil
	e.commit()
	e.connect(e.w.newRound(e), true)
}

// take hands a frame to its receiver, as agent/uplink and hub/ingest do. With
// later, the transaction stays open for more.
func (e *end) take(f Frame, later bool) {
	r := e.receivers[f.Incarnation]
	if r == nil {
		r = NewReceiver(f.Incarnation, e.disk.in.cursor(f.Incarnation))
		e.receivers[f.Incarnation] = r
	}
	taken, err := r.Take(f, func(at Seq) (Digest, bool, error) {
		d, ok := e.disk.in.digest(f.Incarnation, at)
		return d, ok, nil
	})
	if err != nil {
		e.w.fatalf("%s: take: %v", e.name, err)
	}
	if len(taken.Entries)+len(taken.Gaps) == 0 && taken.Fork == nil {
		e.reply(r) // nothing to commit: the receipt speaks of what is, whatever is open
		return
	}
	e.open = append(e.open, taking{r, f, taken, r.Taken()})
	if !later {
		e.flush()
	}
}

// flush commits what is open, then answers each frame; with a full disk the
// answer is that nothing was kept.
func (e *end) flush() {
	open := e.open
	if e.full {
		e.open = nil
		for _, t := range open {
			t.r.Rollback()
			e.w.answer(e, Receipt{Incarnation: t.frame.Incarnation, Cursor: t.r.Committed(), Round: t.frame.Round, Refusal: RefusedStore})
		}
		return
	}
	e.keepOpen()
	e.open = nil
	for _, t := range open {
		t.r.Commit()
	}
	for _, t := range open {
		e.reply(t.r)
	}
}

func (e *end) reply(r *Receiver) {
	receipt := r.Receipt()
	e.w.checker.receipt(e, receipt)
	e.w.answer(e, receipt)
}

// keepOpen is the transaction itself.
func (e *end) keepOpen() {
	for _, t := range e.open {
		e.w.checker.taken(e, t)
		e.disk.in.keep(t.frame.Incarnation, t.taken, t.upTo, e.release)
	}
}
