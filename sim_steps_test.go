package ark

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"time"
)

// step is one thing that happens to a world: an op, and a number that decides
// all else about it.
type step struct {
	op  uint8 // index of ops
	arg uint16
}

// String is a line of regressions_test.go.
func (s step) String() string { return fmt.Sprintf("%d %s", s.arg, ops[s.op].name) }

// op is one sort of step.
type op struct {
	name   string
	weight int
	do     func(w *world, r *rand.Rand)
}

// ops are what can happen. A weight says how often, of all weights together.
var ops = []op{
	{"deliver", 40, func(w *world, r *rand.Rand) { w.someMessage(r, false, w.oddly) }},
	{"deliver in order", 30, func(w *world, r *rand.Rand) {
		if len(w.flying) > 0 {
			w.oddly(w.pick(0, false), r)
		}
	}},
	{"double", 6, func(w *world, r *rand.Rand) { w.someMessage(r, true, w.oddly) }},
	{"lose", 8, func(w *world, r *rand.Rand) { w.someMessage(r, false, func(message, *rand.Rand) {}) }},
	{"mangle", 3, func(w *world, r *rand.Rand) { w.someMessage(r, false, w.mangle) }},
	{"append", 26, func(w *world, r *rand.Rand) { w.append(r) }},
	{"commit", 8, func(w *world, r *rand.Rand) { w.some(r).commit() }},
	{"commit what came", 6, func(w *world, r *rand.Rand) { w.some(r).flush() }},
	{"tick", 8, func(w *world, r *rand.Rand) { w.tick(r) }},
	{"connect", 8, func(w *world, r *rand.Rand) { w.connect(r.IntN(3) > 0) }},
	{"cut", 2, func(w *world, r *rand.Rand) { w.cut(); w.clearAir(r) }},
	{"crash", 5, func(w *world, r *rand.Rand) { w.crash(r) }},
	{"disk full or not", 2, func(w *world, r *rand.Rand) { e := w.some(r); e.full = !e.full }},
	{"prune", 8, func(w *world, r *rand.Rand) { w.prune(r) }},
	{"image", 6, func(w *world, r *rand.Rand) { w.image(r) }},
	{"restore", 5, func(w *world, r *rand.Rand) { w.restore(r) }},
	{"clone", 4, func(w *world, r *rand.Rand) { w.clone(r) }},
	{"swap cards", 6, func(w *world, r *rand.Rand) { w.swap(r) }},
	{"two cards at once", 4, func(w *world, r *rand.Rand) { w.race(r) }},
	{"release", 1, func(w *world, r *rand.Rand) { e := w.some(r); e.release = 2; e.disk.in.release(2) }},
	{"old or not", 1, func(w *world, r *rand.Rand) { e := w.some(r); e.old = !e.old }},
}

// do makes one step happen, and checks what must always be true.
func (w *world) do(s step) {
	r := rand.New(rand.NewPCG(uint64(s.arg), uint64(s.op)))
	w.batch = func() int { return 1 + r.IntN(3) }
	ops[s.op].do(w, r)
	w.pump()
	w.checker.always()
}

// some is the van or the hub.
func (w *world) some(r *rand.Rand) *end {
	if r.IntN(3) == 0 {
		return w.hub
	}
	return w.van()
}

func (w *world) someMessage(r *rand.Rand, leave bool, then func(message, *rand.Rand)) {
	if n := len(w.flying); n > 0 {
		then(w.pick(r.IntN(n), leave), r)
	}
}

// oddly delivers as it comes about.
func (w *world) oddly(m message, r *rand.Rand) {
	w.deliver(m, r.IntN(8) == 0, r.IntN(2) == 0)
}

// append writes entries, a few of them such as this release does not
// understand, and mostly commits them at once.
func (w *world) append(r *rand.Rand) {
	e := w.some(r)
	e.wall += UnixMilli(r.Int64N(100_000))
	if r.IntN(10) == 0 {
		e.wall = UnixMilli(r.Int64N(4_000_000_000_000)) // the clock jumps: 1970, or a century ahead
	}
	n := 1 + r.IntN(3)
	if r.IntN(16) == 0 {
		n += 50
	}
	switch r.IntN(8) {
	case 0:
		e.append(1, kindOfTomorrow, []byte{0xa0})
	case 1:
		e.append(1, KindVisit, []byte{0xa0}) // a visit without a place
	default:
		e.append(n, KindHealth, healthBody)
	}
	if r.IntN(4) > 0 {
		e.commit()
	}
}

var healthBody = mustMode(EncodeBody(KindHealth, Health{Sound: "ok", Panel: "ok"}))

// tick lets time pass, at each end as it likes: a suspended van sleeps long.
func (w *world) tick(r *rand.Rand) {
	for _, e := range []*end{w.van(), w.hub} {
		e.now += []time.Duration{0, time.Millisecond, time.Second, 20 * time.Second, 1000 * time.Hour}[r.IntN(5)]
	}
}

// clearAir loses what flies, or leaves it for later.
func (w *world) clearAir(r *rand.Rand) {
	w.flying = slices.DeleteFunc(w.flying, func(message) bool { return r.IntN(3) == 0 })
}

func (w *world) crash(r *rand.Rand) {
	e := w.some(r)
	e.crash(r)
	w.cut()
	w.clearAir(r)
	e.disk.in.release(e.release)
	if r.IntN(2) == 0 {
		w.connect(true)
	}
}

// prune forgets entries that were receipted long enough ago.
func (w *world) prune(r *rand.Rand) {
	e := w.some(r)
	o := &e.disk.out
	if e.full || o.acked.Seq <= o.base.Seq {
		return
	}
	w.checker.gone(o.inc, o.prune(o.base.Seq+1+Seq(r.Uint64N(uint64(o.acked.Seq-o.base.Seq)))))
	if s := e.sender; s != nil && o.base.Seq <= s.Acked().Seq {
		s.Pruned(o.base)
	}
}

// image copies a disk.
func (w *world) image(r *rand.Rand) {
	e := w.some(r)
	if len(w.images) < 8 {
		w.images = append(w.images, image{e == w.hub, e.disk.clone()})
	}
}

// restore puts an older image in place of a disk.
func (w *world) restore(r *rand.Rand) {
	if len(w.images) == 0 {
		return
	}
	i := w.images[r.IntN(len(w.images))]
	e := w.van()
	if i.hub {
		e = w.hub
	}
	e.stop()
	w.checker.replaced(e, i.disk)
	e.disk = i.disk.clone()
	e.disk.in.release(e.release)
	w.cut()
	w.clearAir(r)
	w.connect(true)
}

// clone makes a second card of the van's, or of an image of it; both go on.
func (w *world) clone(r *rand.Rand) {
	if len(w.vans) > 2 {
		return
	}
	from := w.van().disk
	for _, i := range w.images {
		if !i.hub && r.IntN(3) == 0 {
			from = i.disk
		}
	}
	e := newEnd(w, fmt.Sprintf("copy %d of the van", len(w.vans)), w.van().policy)
	e.disk, e.release = from.clone(), w.van().release
	e.disk.in.release(e.release)
	w.vans = append(w.vans, e)
}

// swap puts another copy of the card into the van.
func (w *world) swap(r *rand.Rand) {
	w.van().commit()
	w.van().stop()
	w.cut()
	w.clearAir(r)
	w.active = r.IntN(len(w.vans))
	w.connect(true)
}

// race has two copies of a card speak at once: what the one sent is still in
// the air when the other is in the van.
func (w *world) race(r *rand.Rand) {
	w.clone(r)
	for range 2 {
		w.van().append(1+r.IntN(3), KindHealth, healthBody)
		w.van().commit()
		if w.conn == 0 {
			w.connect(true)
		}
		w.pump()
		w.van().stop()
		w.active = (w.active + 1) % len(w.vans)
		w.connect(true)
	}
}
