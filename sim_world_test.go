package ark

import (
	"encoding/binary"
	"fmt"
	"math/rand/v2"
)

// world is one van and the hub with a link between them, and whatever copies
// of the van's card exist. Nothing in it happens by itself: do is told what.
// Both journals run in it at once, by the same code in opposite directions.
type world struct {
	hub     *end
	vans    []*end // copies of one card; vans[active] is in the van
	active  int
	conn    int // number of the connection; 0: there is none
	conns   int
	flying  []message // on the way, also from connections that are no more
	images  []image   // of disks
	checker *checker
	ids     uint64
	rounds  map[Incarnation]uint32
	sent    int // messages ever
	fatalf  func(format string, args ...any)
	report  func(format string, args ...any)
	batch   func() int // entries in the next frame
}

// message is a frame or a receipt on its way.
type message struct {
	toHub   bool
	conn    int
	frame   *Frame
	plain   bool
	receipt *Receipt
}

// image is a copy of a disk: a backup of the hub, or of a van's card.
type image struct {
	hub  bool
	disk disk
}

func newWorld(policy Policy, fatalf func(string, ...any)) *world {
	w := &world{fatalf: fatalf, report: func(string, ...any) {}, batch: func() int { return 2 }, rounds: map[Incarnation]uint32{}}
	w.checker = newChecker(w)
	w.hub = newEnd(w, "hub", policy)
	w.vans = []*end{newEnd(w, "van", policy)}
	return w
}

func (w *world) van() *end { return w.vans[w.active] }

// peer is the end at the other side of the link.
func (w *world) peer(e *end) *end {
	if e == w.hub {
		return w.van()
	}
	return w.hub
}

func (w *world) newIncarnation() Incarnation {
	w.ids++
	var r [16]byte
	binary.BigEndian.PutUint64(r[:], w.ids)
	return NewIncarnation(r)
}

func (w *world) newID(wall UnixMilli) ID {
	w.ids++
	var r [10]byte
	binary.BigEndian.PutUint64(r[2:], w.ids)
	return NewID(wall, r)
}

// newRound is never the same twice in one incarnation, as a random number of
// 32 bits hardly ever is. It is the same in others, to make it hard.
func (w *world) newRound(e *end) uint32 {
	w.rounds[e.disk.out.inc] += 1000
	return w.rounds[e.disk.out.inc]
}

// connect makes a connection; what flew in an earlier one may still arrive.
func (w *world) connect(anew bool) {
	w.conns++
	w.conn = w.conns
	w.van().connect(w.newRound(w.van()), anew)
	w.hub.connect(w.newRound(w.hub), anew)
}

// cut ends the connection.
func (w *world) cut() {
	w.conn = 0
	w.van().disconnect()
	w.hub.disconnect()
}

// pump sends what both senders want to send.
func (w *world) pump() {
	for _, e := range []*end{w.van(), w.hub} {
		for w.conn != 0 && e.sender != nil {
			ask, ok := e.sender.Next(e.now)
			if !ok {
				break
			}
			f, ok := e.frame(ask, max(w.batch(), 1))
			if !ok {
				w.cut() // the session ends; the next begins from what is kept
				break
			}
			w.checker.asked(e, ask, f)
			w.fly(message{toHub: e != w.hub, frame: &f, plain: ask.Plain})
			to := Seq(0)
			if ask.From > 0 {
				to = f.Last()
			}
			e.sender.Sent(to, e.now)
		}
	}
}

func (w *world) answer(from *end, r Receipt) {
	if w.conn != 0 {
		w.fly(message{toHub: from != w.hub, receipt: &r})
	}
}

func (w *world) fly(m message) {
	m.conn = w.conn
	w.flying = append(w.flying, m)
	w.sent++
}

// pick takes the i-th message out of the air, or leaves it there for another
// time.
func (w *world) pick(i int, leave bool) message {
	m := w.flying[i]
	if !leave {
		w.flying = append(w.flying[:i:i], w.flying[i+1:]...)
	}
	return m
}

// deliver hands a message to whom it is for. With later, the transaction it
// is committed in stays open; with note, a receipt is noted on the disk.
func (w *world) deliver(m message, later, note bool) {
	to := w.van()
	if m.toHub {
		to = w.hub
	}
	switch {
	case m.receipt != nil:
		to.heard(*m.receipt, note)
	case to.old && !m.plain:
		w.answer(to, Receipt{Refusal: RefusedDictionary})
	default:
		if w.sent%64 == 0 {
			m.frame = w.throughCodec(m)
		}
		to.take(*m.frame, later)
	}
}

func (w *world) throughCodec(m message) *Frame {
	data, err := EncodeFrame(*m.frame, m.plain)
	if err != nil {
		w.fatalf("encode: %v", err)
	}
	f, err := DecodeFrame(data)
	if err != nil {
		w.fatalf("decode: %v", err)
	}
	if fmt.Sprint(f) != fmt.Sprint(*m.frame) {
		w.fatalf("decoded %+v, want %+v", f, *m.frame)
	}
	return &f
}

// mangle delivers a message cut off, or with a byte of its head changed.
func (w *world) mangle(m message, r *rand.Rand) {
	to := w.van()
	if m.toHub {
		to = w.hub
	}
	if m.receipt != nil {
		data, err := EncodeReceipt(*m.receipt)
		if err != nil {
			w.fatalf("encode: %v", err)
		}
		if rc, err := DecodeReceipt(data[:r.IntN(len(data))]); err == nil {
			w.fatalf("half a receipt was decoded: %+v", rc)
		}
		return
	}
	data, err := EncodeFrame(*m.frame, m.plain)
	if err != nil {
		w.fatalf("encode: %v", err)
	}
	if r.IntN(2) == 0 {
		data = data[:r.IntN(len(data))]
	} else {
		data[r.IntN(2)] ^= 2 << r.IntN(6)
	}
	_, err = DecodeFrame(data)
	if err == nil {
		w.fatalf("a mangled frame was decoded")
	}
	w.answer(to, Receipt{Refusal: RefusalOf(err)})
}
