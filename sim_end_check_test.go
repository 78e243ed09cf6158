package ark

import "slices"

// settle takes the faults away and lets both ends talk, in order and without
// loss, until both journals are settled. It fails when that takes more
// messages than bound allows: a protocol that is only safe may be stuck.
func (w *world) settle() {
	for _, e := range []*end{w.van(), w.hub} {
		e.full = false
		e.commit()
		e.flush()
	}
	if w.conn == 0 {
		w.connect(true)
	}
	bound, steps := w.bound(), 0
	for ; !w.settled(); steps++ {
		if steps > bound {
			w.fatalf("not settled after %d steps: van %s, hub %s", steps, w.van(), w.hub)
		}
		w.pump()
		if len(w.flying) > 0 {
			w.deliver(w.pick(0, false), false, true)
		} else if !w.settled() {
			w.wait()
		}
		if w.conn == 0 {
			w.connect(true)
		}
		w.checker.always()
	}
	w.report("settled after %d of at most %d steps", steps, bound)
}

// drain lets the last words of old connections arrive. A frame from a card
// that was replaced since may be among them; the next round finds out.
func (w *world) drain() {
	for len(w.flying) > 0 {
		w.deliver(w.pick(0, false), false, true)
	}
}

// bound is how many messages and silences it may take to settle: two for
// each message that still flies (each may be answered), three for each entry
// kept (it is sent again after a restored backup and once more after a fork,
// and receipted), a window repeated for each silence, and some questions.
func (w *world) bound() int {
	van, hub := w.van(), w.hub
	return 2*len(w.flying) + 3*(len(van.disk.out.records)+len(hub.disk.out.records)) + 4*(van.policy.Window+hub.policy.Window) + 40
}

func (w *world) settled() bool {
	v, h := w.van().sender, w.hub.sender
	return v != nil && h != nil && v.Settled() && h.Settled()
}

// wait lets time pass until one of the ends is out of patience.
func (w *world) wait() {
	for _, e := range []*end{w.van(), w.hub} {
		if at, waiting := e.sender.Wake(); waiting {
			e.now = max(e.now, at)
			return
		}
	}
	w.fatalf("nothing flies, nobody waits, and it is not settled: van %s, hub %s", w.van(), w.hub)
}

// end settles with every copy of the card in turn, and then looks whether all
// that was ever called saved is where it belongs.
func (w *world) end() {
	for i := range w.vans {
		if i > 0 {
			w.cut()
			w.active = (w.active + 1) % len(w.vans)
		}
		w.settle() // on the connection that there is
		w.drain()
		w.connect(true)
		w.settle()
		w.checker.equal(w.van(), w.hub)
		w.checker.equal(w.hub, w.van())
		w.checker.arrived(w.hub, w.van())
		w.checker.whole(w.van())
	}
	for range w.vans {
		w.checker.arrived(nil, w.hub)
	}
	w.checker.whole(w.hub)
}

// equal insists that a settled journal is committed at the other end, to the
// last entry and with the same digest.
func (c *checker) equal(from, to *end) {
	if have, want := to.disk.in.cursor(from.disk.out.inc), from.disk.out.last(); have != want {
		c.w.fatalf("%s is settled at %v, and %s has %v", from.name, want, to.name, have)
	}
}

// arrived insists that all that was called saved by an end (by nil: by any
// copy of the van) is committed at to, or is said to be lost.
func (c *checker) arrived(from, to *end) {
	have := map[ID]bool{}
	for _, l := range to.disk.in.lives {
		for _, r := range l.records {
			have[r.id] = true
		}
	}
	for id, by := range c.said {
		if (from == nil) == (by == c.w.hub) {
			continue
		}
		if !have[id] && !c.thrown[id] && !c.told(to.disk.in, have, id) {
			c.w.fatalf("%s said it had saved %s %v, and %s neither has it nor says it is lost", by.name, id, c.places[id], to.name)
		}
	}
}

// told tells whether it is said that an entry is lost: in a gap, or by the
// first entry of the incarnation that followed.
func (c *checker) told(d inDisk, have map[ID]bool, id ID) bool {
	for _, p := range c.places[id] {
		for _, g := range d.lives[p.inc].gaps {
			if g.From <= p.seq && p.seq <= g.To || p.seq < g.From && otherHistory(d, p, id) {
				return true
			}
		}
		for _, b := range c.begun[p.inc] {
			if p.seq <= b.pruned && (have[b.id] || c.thrown[b.id] || c.told(d, have, b.id)) {
				return true
			}
		}
	}
	return false
}

// otherHistory tells whether an end holds another entry at a place. With a gap
// after it that is a fork which nobody can see any more: the sender had pruned
// what it would have been compared with, and the gap is all that can be said.
func otherHistory(d inDisk, p place, id ID) bool {
	rs := d.lives[p.inc].records
	i := slices.IndexFunc(rs, func(r record) bool { return r.cursor.Seq == p.seq })
	return i >= 0 && rs[i].id != id
}

// whole walks all that an end committed: places without gaps but the named,
// digests over it, and each entry applied once or in quarantine.
func (c *checker) whole(e *end) {
	seen := map[ID]bool{}
	for inc, l := range e.disk.in.lives {
		at, gaps := inc.Start(), l.gaps
		for _, r := range l.records {
			after := at.Seq
			for after+1 != r.cursor.Seq && len(gaps) > 0 && gaps[0].From == after+1 { // one may follow another: more was pruned meanwhile
				after, gaps = gaps[0].To, gaps[1:]
			}
			if after+1 != r.cursor.Seq || after == at.Seq && at.Next(r.raw) != r.cursor {
				c.w.fatalf("%s: %s: entry %d stands after %d with another digest; gaps %v", e.name, inc, r.cursor.Seq, at.Seq, l.gaps)
			}
			at = r.cursor
			seen[r.id] = true
			_, held := e.disk.in.quarantine[place{inc, at.Seq}]
			if n := e.disk.in.applied[r.id]; n != 1 && !held || n != 0 && held {
				c.w.fatalf("%s: entry %s was applied %d times, in quarantine: %v", e.name, r.id, n, held)
			}
		}
		if at != l.cursor && (len(gaps) == 0 || gaps[len(gaps)-1].To != l.cursor.Seq) {
			c.w.fatalf("%s: %s: the cursor is %v, the last entry %v", e.name, inc, l.cursor, at)
		}
	}
	for id := range e.disk.in.applied {
		if !seen[id] {
			c.w.fatalf("%s: applied %s, which it does not hold", e.name, id)
		}
	}
}
