package ark

import (
	"slices"
)

// checker holds a history against what must be true of every one. It keeps
// its own books and shares no code with Sender and Receiver.
type checker struct {
	w        *world
	truth    map[fact]bool             // what some disk really held, durably, in its journal
	promised map[fact]bool             // what some disk had committed of the other's journal, ever
	said     map[ID]*end               // called saved, and by whom
	thrown   map[ID]bool               // only on a disk that was replaced by an older image
	places   map[ID][]place            // where it stands in journals
	pruned   map[place]bool            // no longer kept by one who had a receipt for it
	begun    map[Incarnation][]rebegun // what followed an incarnation
	hubOlder bool                      // the hub's disk was replaced by an older image
	vanOlder bool                      // the van's was, or another card was put in
}

// fact is a place in a journal, with all that stands before it.
type fact struct {
	inc    Incarnation
	cursor Cursor
}

// rebegun is the begun entry of an incarnation that followed another.
type rebegun struct {
	id     ID
	pruned Seq
}

func newChecker(w *world) *checker {
	return &checker{w: w, truth: map[fact]bool{}, promised: map[fact]bool{}, said: map[ID]*end{}, thrown: map[ID]bool{},
		places: map[ID][]place{}, pruned: map[place]bool{}, begun: map[Incarnation][]rebegun{}}
}

// durable notes entries that are about to be on an end's disk.
func (c *checker) durable(e *end, rs []record) {
	for _, r := range rs {
		c.truth[fact{e.disk.out.inc, r.cursor}] = true
		c.places[r.id] = append(c.places[r.id], place{e.disk.out.inc, r.cursor.Seq})
	}
}

// saved notes what the crew was told to be saved.
func (c *checker) saved(e *end, rs []record) {
	for _, r := range rs {
		if c.said[r.id] == nil {
			c.said[r.id] = e
		}
	}
}

// replaced notes that a disk is about to be replaced by an older image.
func (c *checker) replaced(e *end, by disk) {
	have := map[ID]bool{}
	for _, r := range by.out.records {
		have[r.id] = true
	}
	c.hubOlder, c.vanOlder = c.hubOlder || e == c.w.hub, c.vanOlder || e != c.w.hub
	old := e.disk.out
	for id, places := range c.places {
		for _, p := range places {
			if p.inc == old.inc && p.seq <= old.last().Seq && !have[id] {
				c.thrown[id] = true
			}
		}
	}
}

func (c *checker) gone(inc Incarnation, rs []record) {
	for _, r := range rs {
		c.pruned[place{inc, r.cursor.Seq}] = true
	}
}

func (c *checker) rebegun(old outDisk, id ID) {
	c.begun[old.inc] = append(c.begun[old.inc], rebegun{id, old.base.Seq})
}

// asked holds a sender to its word: nothing above the journal's end.
func (c *checker) asked(e *end, ask Ask, f Frame) {
	if ask.From > e.disk.out.last().Seq || (ask.From > 0 && len(f.Entries) == 0) {
		c.w.fatalf("%s: asked to send from %d, and the journal ends at %d", e.name, ask.From, e.disk.out.last().Seq)
	}
	if !e.sender.up {
		c.w.fatalf("%s: a sender without a connection sends", e.name)
	}
}

// taken holds what is about to be committed against the journals that exist:
// it continues what is committed, and every step of it was really there.
func (c *checker) taken(e *end, t taking) {
	inc := t.frame.Incarnation
	at := e.disk.in.cursor(inc)
	gaps := slices.Clone(t.taken.Gaps)
	for _, entry := range t.taken.Entries {
		if len(gaps) > 0 && gaps[0].From == at.Seq+1 {
			at.Seq, gaps = gaps[0].To, gaps[1:]
		}
		if entry.Cursor.Seq != at.Seq+1 {
			c.w.fatalf("%s: entry %d is committed after %d, and no gap is named", e.name, entry.Cursor.Seq, at.Seq)
		}
		at = entry.Cursor
		if !c.truth[fact{inc, at}] {
			c.w.fatalf("%s: committed at %d of %s what no journal holds there", e.name, at.Seq, inc)
		}
	}
	if len(gaps) > 0 && gaps[0].From == at.Seq+1 {
		at, gaps = Cursor{gaps[0].To, t.upTo.Digest}, gaps[1:]
	}
	if len(gaps) > 0 || at != t.upTo {
		c.w.fatalf("%s: the cursor moves to %v over %v, and the entries only to %v", e.name, t.upTo, gaps, at)
	}
	for _, g := range t.taken.Gaps {
		for s := g.From; s <= g.To; s++ {
			if !c.pruned[place{inc, s}] {
				c.w.fatalf("%s: entry %d of %s is called lost, and nobody pruned it", e.name, s, inc)
			}
		}
	}
	c.promised[fact{inc, at}] = true
	for _, entry := range t.taken.Entries {
		c.promised[fact{inc, entry.Cursor}] = true
	}
}

// receipt holds a receipt against the disk of whoever gives it.
func (c *checker) receipt(e *end, r Receipt) {
	if have := e.disk.in.cursor(r.Incarnation); r.Cursor != have {
		c.w.fatalf("%s: a receipt for %v, and %v is committed", e.name, r.Cursor, have)
	}
}

// heard sees that nobody cries wolf: only an older disk is a regress.
func (c *checker) heard(e *end, h Heard) {
	if h != HeardRegress {
		return
	}
	if e != c.w.hub && !c.hubOlder || e == c.w.hub && !c.vanOlder && len(c.w.vans) == 1 {
		c.w.fatalf("%s: believes the other's disk replaced by an older one, and it never was", e.name)
	}
}

// always is checked after every step.
func (c *checker) always() {
	for _, e := range []*end{c.w.van(), c.w.hub} {
		c.sender(e)
		for inc, r := range e.receivers {
			c.receiver(e, inc, r)
		}
	}
}

func (c *checker) sender(e *end) {
	s := e.sender
	if s == nil {
		return
	}
	o := &e.disk.out
	if s.Acked().Seq > o.last().Seq {
		c.w.fatalf("%s: receipted up to %d, and the journal ends at %d", e.name, s.Acked().Seq, o.last().Seq)
	}
	if own, err := o.digest(s.Acked().Seq); err == nil && own != s.Acked().Digest {
		c.w.fatalf("%s: receipted up to %d with another digest", e.name, s.Acked().Seq)
	}
	if a := s.Acked(); a.Seq > 0 && !c.promised[fact{o.inc, a}] && a != o.acked {
		c.w.fatalf("%s: takes %d for receipted, and nobody ever committed that", e.name, a.Seq)
	}
	if peer := c.w.peer(e); s.Settled() && peer.disk.in.cursor(o.inc).Seq < o.last().Seq {
		c.w.fatalf("%s: settled at %d, and %s has only %d", e.name, o.last().Seq, peer.name, peer.disk.in.cursor(o.inc).Seq)
	}
	if n := len(s.flights); n > s.policy.Window {
		c.w.fatalf("%s: %d frames in flight, at most %d", e.name, n, s.policy.Window)
	}
}

func (c *checker) receiver(e *end, inc Incarnation, r *Receiver) {
	if have := e.disk.in.cursor(inc); r.Committed() != have {
		c.w.fatalf("%s: believes %v committed, and it is %v", e.name, r.Committed(), have)
	}
	size := 0
	for _, f := range r.held {
		for _, raw := range f.Entries {
			size += len(raw)
		}
	}
	if size != r.heldBytes || size > maxHeldBytes || len(r.held) > maxHeldFrames {
		c.w.fatalf("%s: holds %d frames of %d bytes, counted as %d", e.name, len(r.held), size, r.heldBytes)
	}
}
