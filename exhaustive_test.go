package ark

import (
	"crypto/sha256"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"ark/internal/skip"
)

// budget is what may still happen in the small world. Messages may be lost
// as they like: one that is never delivered is lost.
type budget struct {
	appends, crashes, repeats int
}

// TestEverySmallHistory walks every history of a small world: three entries,
// two crashes of either end, two repeats (a message delivered twice, or a
// silence), any order of delivery, any loss. States that were seen are not
// walked again. From every one, with the faults off, all must arrive.
func TestEverySmallHistory(t *testing.T) {
	left, least := budget{3, 2, 2}, 100_000
	if skip.Quick() {
		left, least = budget{2, 1, 1}, 500
	}
	w := newWorld(Policy{Window: 2, Repeat: []time.Duration{time.Second}, Duplicates: 2}, t.Fatalf)
	w.batch = func() int { return 1 }
	w.connectVan()
	w.pump()
	walk := walker{seen: map[[16]byte]bool{}}
	walk.from(w, left, nil)
	t.Logf("%d states, %d steps between them, %d deepest", len(walk.seen), walk.steps, walk.deepest)
	if len(walk.seen) < least {
		t.Errorf("%d states were walked, want at least %d", len(walk.seen), least)
	}
}

// connectVan connects the van's journal alone: orders would only multiply
// the states.
func (w *world) connectVan() {
	w.conns++
	w.conn = w.conns
	w.van().connect(w.newRound(w.van()), true)
	w.hub.receivers = map[Incarnation]*Receiver{}
}

type walker struct {
	seen           map[[16]byte]bool
	steps, deepest int
}

// from walks all that can follow. path is what led here, for those who read
// of a failure.
func (k *walker) from(w *world, left budget, path []string) {
	w.tidy()
	key := w.key(left)
	if k.seen[key] {
		return
	}
	k.seen[key] = true
	k.deepest = max(k.deepest, len(path))
	k.settles(w, path)
	for _, next := range following(w, left) {
		k.steps++
		c := w.copy()
		path := append(path[:len(path):len(path)], next.name)
		c.fatalf = func(format string, args ...any) {
			w.fatalf("%s\nafter %s", fmt.Sprintf(format, args...), strings.Join(path, ", "))
		}
		next.do(c)
		c.pump()
		c.checker.always()
		c.fatalf = w.fatalf
		k.from(c, next.left, path)
	}
}

// settles insists that all arrives once the faults are off.
func (k *walker) settles(w *world, path []string) {
	c := w.copy()
	c.fatalf = func(format string, args ...any) {
		w.fatalf("%s\nwith the faults off after %s", fmt.Sprintf(format, args...), strings.Join(path, ", "))
	}
	for steps := 0; !c.van().sender.Settled(); steps++ {
		if steps > 40 {
			c.fatalf("not settled after %d steps: %s", steps, c.van())
		}
		c.pump()
		if len(c.flying) > 0 {
			c.deliver(c.pick(0, false), false, true)
		} else if at, waiting := c.van().sender.Wake(); waiting {
			c.van().now = max(c.van().now, at)
		}
		c.checker.always()
	}
	c.checker.equal(c.van(), c.hub)
	c.checker.arrived(nil, c.hub)
	c.checker.whole(c.hub)
}

// event is one way to go on.
type event struct {
	name string
	left budget
	do   func(w *world)
}

// following lists the ways to go on.
func following(w *world, left budget) (all []event) {
	add := func(left budget, name string, do func(w *world)) {
		if left.appends >= 0 && left.crashes >= 0 && left.repeats >= 0 {
			all = append(all, event{name, left, do})
		}
	}
	one, crash, repeat := left, left, left
	one.appends--
	crash.crashes--
	repeat.repeats--
	add(one, "append", func(w *world) { w.van().append(1, KindHealth, healthBody); w.van().commit() })
	both := one
	both.crashes--
	add(both, "append, crash, kept", func(w *world) {
		e := w.van()
		e.append(1, KindHealth, healthBody)
		e.commit()
		e.restart()
		w.connectVan()
	})
	add(crash, "van crashes", func(w *world) { w.van().restart(); w.connectVan() })
	add(crash, "hub crashes, the link stays", func(w *world) { w.hub.restart() })
	add(crash, "hub crashes, the link breaks", func(w *world) { w.hub.restart(); w.connectVan() })
	if at, waiting := w.van().sender.Wake(); waiting {
		add(repeat, "silence", func(w *world) { w.van().now = max(w.van().now, at) })
	}
	for i, m := range w.flying {
		if slices.ContainsFunc(w.flying[:i], func(o message) bool { return w.text(o) == w.text(m) }) {
			continue // the same as another
		}
		add(left, "deliver "+w.text(m), func(w *world) { w.deliver(w.pick(i, false), false, true) })
		add(repeat, "deliver and keep "+w.text(m), func(w *world) { w.deliver(w.pick(i, true), false, true) })
	}
	return all
}

func (e *end) restart() {
	e.stop()
	e.now = 0
}

// copy is a world that goes its own way from here.
func (w *world) copy() *world {
	c := *w
	c.flying, c.rounds = slices.Clone(w.flying), maps.Clone(w.rounds)
	c.checker = w.checker.copy(&c)
	c.hub = w.hub.copy(&c)
	c.vans = []*end{w.van().copy(&c)}
	return &c
}

func (c *checker) copy(w *world) *checker {
	d := *c
	d.w = w
	d.truth, d.promised, d.said, d.places = maps.Clone(c.truth), maps.Clone(c.promised), maps.Clone(c.said), maps.Clone(c.places)
	return &d
}

func (e *end) copy(w *world) *end {
	c := *e
	c.w, c.disk = w, e.disk.clone()
	if e.sender != nil {
		s := *e.sender
		s.flights = slices.Clone(s.flights)
		c.sender = &s
	}
	c.receivers = make(map[Incarnation]*Receiver, len(e.receivers))
	for inc, r := range e.receivers {
		o := *r
		o.held, o.pending = maps.Clone(r.held), maps.Clone(r.pending)
		c.receivers[inc] = &o
	}
	return &c
}

// tidy forgets the messages that can have no effect any more, so that states
// that differ only in them are one: a receipt of an earlier round is ignored,
// and a frame of one brings only entries.
func (w *world) tidy() {
	have := w.hub.disk.in.cursor(w.van().disk.out.inc).Seq
	w.flying = slices.DeleteFunc(w.flying, func(m message) bool {
		return !w.current(m) && (m.receipt != nil || m.frame.Last() <= have)
	})
}

// current tells whether a message is of the van's present round.
func (w *world) current(m message) bool {
	if m.receipt != nil {
		return m.receipt.Round == w.van().sender.round
	}
	return m.frame.Round == w.van().sender.round
}

// key tells states apart: whatever could make a difference to what follows.
func (w *world) key(left budget) [16]byte {
	v, h, s := w.van(), w.hub, w.van().sender
	b := fmt.Appendf(nil, "%v %d %d %d %d|", left, v.disk.out.acked.Seq, v.disk.out.last().Seq, h.disk.in.cursor(v.disk.out.inc).Seq, s.acked.Seq)
	b = fmt.Appendf(b, "%v %d %v %v %d %d %d|", s.heard, s.sent, s.flights, s.probed, s.deadline-v.now, s.same, s.recover)
	for _, r := range h.receivers {
		b = fmt.Appendf(b, "%d %v|", r.taken.Seq, slices.Sorted(maps.Keys(r.held)))
	}
	var air []string
	for _, m := range w.flying {
		air = append(air, w.text(m))
	}
	slices.Sort(air)
	sum := sha256.Sum256(fmt.Append(b, air))
	return [16]byte(sum[:16])
}

func (w *world) text(m message) string {
	when := "of before"
	if w.current(m) {
		when = "of now"
	}
	if m.receipt != nil {
		return fmt.Sprintf("receipt %d %s", m.receipt.Cursor.Seq, when)
	}
	return fmt.Sprintf("frame %d+%d %s", m.frame.First, len(m.frame.Entries), when)
}
