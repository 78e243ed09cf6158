package ark

// Limits of a receiver for entries that came before their predecessors.
const (
	maxHeldFrames = 32
	maxHeldBytes  = 256 << 10
)

// Receiver takes the frames of one incarnation and says which entries to
// commit next. It holds back what came too early, within bounds; what does
// not fit is forgotten and comes again.
//
// The order of use is Take …, then either Commit or Rollback, then Receipt.
// The invariants: what Take hands out continues what was handed out before,
// without a gap that is not named; Receipt never speaks of what Commit has
// not confirmed.
type Receiver struct {
	inc       Incarnation
	committed Cursor
	taken     Cursor
	held      map[Seq]Frame
	heldBytes int
	pending   map[Seq]Digest // of what is taken and not committed
	round     uint32
}

// NewReceiver starts from what is durably committed: inc.Start() for an
// incarnation never heard of.
func NewReceiver(inc Incarnation, committed Cursor) *Receiver {
	return &Receiver{inc: inc, committed: committed, taken: committed, held: map[Seq]Frame{}, pending: map[Seq]Digest{}}
}

// Taken is what to commit because of a frame.
type Taken struct {
	Entries []TakenEntry
	Gaps    []Gap // entries that the sender no longer has
	Fork    *Fork // the frame, or one that had been held back, is of another history; nothing of it was taken
}

// TakenEntry is one entry at its place.
type TakenEntry struct {
	Cursor Cursor // after it
	Raw    []byte // as EncodeEntry made it; DecodeEntry tells whether it can be understood
}

// Gap is a run of entries lost for ever at the sender.
type Gap struct{ From, To Seq }

// Fork says where a frame departs from what is committed.
type Fork struct {
	Incarnation Incarnation
	At          Seq      // the first place known to differ
	Theirs      FrameKey // the digest there by the frame
}

// Take takes a frame of this incarnation. digest gives the committed digest
// at a Seq up to the committed one, and false where it is not known (in a
// gap, say). An error is digest's.
func (r *Receiver) Take(f Frame, digest func(Seq) (Digest, bool, error)) (Taken, error) {
	r.round = f.Round
	var t Taken
	f, fork, err := r.compare(f, digest)
	if err != nil || fork != nil {
		t.Fork = fork
		return t, err
	}
	if f.First <= r.taken.Seq || (len(f.Entries) == 0 && f.LostFrom == 0) {
		mark("receiver-has-it")
		return t, nil
	}
	if r.hold(f) {
		r.advance(&t)
	}
	return t, nil
}

// compare holds a frame against what is taken, wherever the two overlap, and
// cuts off what is there already. Where the overlap cannot be compared, the
// frame stays as it was and is of no use: the receipt settles the matter.
func (r *Receiver) compare(f Frame, digest func(Seq) (Digest, bool, error)) (Frame, *Fork, error) {
	before := f.First - 1
	if before > r.taken.Seq {
		return f, nil, nil // nothing to compare yet
	}
	d, known, err := r.digestAt(before, digest)
	if err != nil || !known {
		return f, nil, err
	}
	if d.Key() != f.Prev {
		mark("receiver-fork")
		return f, &Fork{f.Incarnation, before, f.Prev}, nil
	}
	c, n := Cursor{before, d}, 0
	for ; n < len(f.Entries) && c.Seq < r.taken.Seq; n++ {
		c = c.Next(f.Entries[n])
	}
	d, known, err = r.digestAt(c.Seq, digest)
	if err != nil || !known {
		return f, nil, err
	}
	if d != c.Digest {
		mark("receiver-fork-inside")
		return f, &Fork{f.Incarnation, c.Seq, c.Digest.Key()}, nil
	}
	f.First, f.Prev, f.Entries, f.LostFrom = c.Seq+1, d.Key(), f.Entries[n:], 0
	return f, nil, nil
}

func (r *Receiver) digestAt(at Seq, digest func(Seq) (Digest, bool, error)) (Digest, bool, error) {
	switch {
	case at == r.taken.Seq:
		return r.taken.Digest, true, nil
	case at == 0:
		return r.inc.Start().Digest, true, nil
	case at > r.committed.Seq:
		d, known := r.pending[at]
		return d, known, nil
	}
	return digest(at)
}

// hold keeps a frame until its turn. False: there is no room.
func (r *Receiver) hold(f Frame) bool {
	if old, ok := r.held[f.First]; ok {
		if len(old.Entries) >= len(f.Entries) && (f.LostFrom == 0 || old.LostFrom != 0) {
			return true
		}
		r.drop(f.First)
	}
	size := 0
	for _, raw := range f.Entries {
		size += len(raw)
	}
	next := r.taken.Seq + 1
	early := f.First > next && (f.LostFrom == 0 || f.LostFrom > next) // what continues always has room
	if early && (len(r.held) >= maxHeldFrames || r.heldBytes+size > maxHeldBytes) {
		mark("receiver-full")
		return false
	}
	if early {
		mark("receiver-holds")
	}
	r.held[f.First] = f
	r.heldBytes += size
	return true
}

func (r *Receiver) drop(first Seq) {
	for _, raw := range r.held[first].Entries {
		r.heldBytes -= len(raw)
	}
	delete(r.held, first)
}

// advance takes all that now continues, whatever order it came in.
func (r *Receiver) advance(t *Taken) {
	for {
		next, found := r.continuing()
		if !found {
			return
		}
		f := r.held[next]
		r.drop(next)
		r.take(f, t)
	}
}

// continuing finds a held frame that continues what is taken, and forgets
// those that cannot any more. Of several that name a loss it is the one that
// names the shortest.
func (r *Receiver) continuing() (Seq, bool) {
	next := r.taken.Seq + 1
	if _, ok := r.held[next]; ok {
		return next, true
	}
	least := Seq(0)
	for first, f := range r.held {
		switch {
		case first < next:
			r.drop(first)
		case f.LostFrom != 0 && f.LostFrom <= next && (least == 0 || first < least):
			least = first
		}
	}
	return least, least != 0
}

// take adds a frame that continues what is taken. One that was held and turns
// out to belong to another history adds nothing; the receipt tells its sender.
func (r *Receiver) take(f Frame, t *Taken) {
	if f.First > r.taken.Seq+1 {
		mark("receiver-gap")
		t.Gaps = append(t.Gaps, Gap{r.taken.Seq + 1, f.First - 1})
		r.taken = Cursor{f.First - 1, f.Lost}
		r.pending[r.taken.Seq] = r.taken.Digest
	}
	if f.Prev != r.taken.Digest.Key() {
		mark("receiver-held-fork")
		t.Fork = &Fork{f.Incarnation, r.taken.Seq, f.Prev}
		return
	}
	for _, raw := range f.Entries {
		r.taken = r.taken.Next(raw)
		r.pending[r.taken.Seq] = r.taken.Digest
		t.Entries = append(t.Entries, TakenEntry{r.taken, raw})
	}
}

// Commit tells that all that was taken is durable.
func (r *Receiver) Commit() {
	r.committed = r.taken
	clear(r.pending)
}

// Rollback tells that what was taken since the last Commit is not durable. It
// will come again.
func (r *Receiver) Rollback() {
	r.taken = r.committed
	clear(r.pending)
}

// Committed is up to where this end has the journal.
func (r *Receiver) Committed() Cursor { return r.committed }

// Receipt answers the last frame.
func (r *Receiver) Receipt() Receipt {
	return Receipt{Incarnation: r.inc, Cursor: r.committed, Round: r.round}
}

// Taken is up to where the journal will be once all that was taken is
// committed.
func (r *Receiver) Taken() Cursor { return r.taken }
