package ark

import (
	"testing"
	"time"
)

// bench is a Sender of a journal of n entries, connected, with a clock.
type bench struct {
	*Sender
	t   *testing.T
	out outDisk
	now time.Duration
}

func newBench(t *testing.T, n int, p Policy, base Seq) *bench {
	w := newWorld(p, t.Fatalf)
	v := w.van()
	v.append(n, KindHealth, healthBody)
	v.commit()
	o := v.disk.out
	o.acked = o.last()
	if base > 0 {
		o.prune(base)
	}
	o.acked = o.base
	b := &bench{Sender: NewSender(p, o.inc, o.base, o.acked, o.last()), t: t, out: o}
	b.Connected(100, 0)
	return b
}

// send sends what there is, a frame for each entry, and returns the asks.
func (b *bench) send() (all []Ask) {
	for {
		ask, ok := b.Next(b.now)
		if !ok {
			return all
		}
		all = append(all, ask)
		b.Sent(ask.From, b.now)
	}
}

// hear takes a receipt for the journal's own history up to a place.
func (b *bench) hear(at Seq, round uint32) Heard {
	b.t.Helper()
	c := Cursor{Seq: at}
	if at == 0 {
		c = b.out.inc.Start()
	} else if d, err := b.out.digest(at); err == nil {
		c.Digest = d
	}
	return b.take(Receipt{Incarnation: b.out.inc, Cursor: c, Round: round})
}

func (b *bench) take(r Receipt) Heard {
	b.t.Helper()
	h, err := b.Received(r, b.now, b.out.digest)
	if err != nil {
		b.t.Fatal(err)
	}
	return h
}

var testPolicy = Policy{Window: 4, Repeat: []time.Duration{time.Second, 4 * time.Second}, Duplicates: 2}

func TestReceiptsThatAreNotForThisRound(t *testing.T) {
	other := newBench(t, 9, testPolicy, 0).out.inc
	other[15]++
	cases := []struct {
		name string
		r    Receipt
	}{
		{"of an earlier round", Receipt{Round: 99}},
		{"of another incarnation", Receipt{Round: 100, Incarnation: other}},
		{"of round 0", Receipt{Round: 0}},
		{"a refusal of an earlier round", Receipt{Round: 99, Refusal: RefusedStore}},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			b := newBench(t, 3, testPolicy, 0)
			b.send()
			if c.r.Incarnation.IsZero() {
				c.r.Incarnation = b.out.inc
			}
			c.r.Cursor = b.out.last()
			if h := b.take(c.r); h != HeardStale || b.Acked().Seq != 0 || b.Refused() != RefusedNot {
				t.Errorf("heard %v, receipted up to %d, refused %v", h, b.Acked().Seq, b.Refused())
			}
		})
	}
}

func TestWindowIsFilledAndNotOverfilled(t *testing.T) {
	b := newBench(t, 10, testPolicy, 0)
	if got := b.send(); len(got) != 4 || got[0].From != 1 || got[3].From != 4 {
		t.Fatalf("sent at once: %+v", got)
	}
	b.hear(2, 100)
	if got := b.send(); len(got) != 2 || got[0].From != 5 {
		t.Fatalf("sent after a receipt for 2: %+v", got)
	}
}

func TestSilenceRepeatsAndBacksOff(t *testing.T) {
	b := newBench(t, 2, testPolicy, 0)
	b.send()
	for i, patience := range []time.Duration{time.Second, 4 * time.Second, 4 * time.Second} {
		at, waiting := b.Wake()
		if !waiting || at-b.now != patience {
			t.Fatalf("repeat %d is due after %v, want %v", i, at-b.now, patience)
		}
		b.now = at - 1
		if got := b.send(); len(got) != 0 {
			t.Fatalf("repeat %d came early: %+v", i, got)
		}
		b.now = at
		if got := b.send(); len(got) != 2 || got[0].From != 1 {
			t.Fatalf("repeat %d: %+v, want all after the receipt", i, got)
		}
	}
	b.hear(1, 100)
	if at, _ := b.Wake(); at-b.now != time.Second {
		t.Fatalf("after a receipt the next repeat is due after %v", at-b.now)
	}
}

// TestRepeatBreedsNoRepeats: what was sent twice is receipted twice, and the
// equal receipts are no sign of a loss.
func TestRepeatBreedsNoRepeats(t *testing.T) {
	b := newBench(t, 40, testPolicy, 0)
	b.send()
	b.now = time.Second
	b.send() // the receipts were only late
	sent := 0
	for at := Seq(1); at <= 4; at++ {
		b.hear(at, 100)
		sent += len(b.send())
	}
	for range 4 {
		b.hear(4, 100)
		sent += len(b.send())
	}
	if sent > 4 {
		t.Errorf("%d frames were sent for 4 receipts and their doubles", sent)
	}
}

func TestEqualReceiptsHurry(t *testing.T) {
	b := newBench(t, 40, testPolicy, 0)
	b.send()
	b.hear(1, 100)
	b.send()
	b.hear(1, 100) // 2 was lost, 3 and 4 are held
	b.hear(1, 100)
	if got := b.send(); len(got) == 0 || got[0].From != 2 {
		t.Errorf("after equal receipts: %+v, want 2 again at once", got)
	}
}

func TestReceiverRestoredFromABackup(t *testing.T) {
	b := newBench(t, 6, testPolicy, 0)
	b.send()
	b.hear(4, 100)
	if h := b.hear(2, 100); h != HeardNothing || b.Acked().Seq != 4 {
		t.Fatalf("a lower receipt in the same round: %v, receipted up to %d; it may only be late", h, b.Acked().Seq)
	}
	asks := b.send()
	if len(asks) == 0 || asks[0].Round == 100 {
		t.Fatalf("sent after doubts: %+v, want another round", asks)
	}
	if h := b.hear(2, asks[0].Round); h != HeardRegress || b.Acked().Seq != 2 || b.Backlog() != 4 {
		t.Fatalf("the same again in the new round: %v, receipted up to %d", h, b.Acked().Seq)
	}
	if got := b.send(); len(got) == 0 || got[0].From != 3 {
		t.Fatalf("sent after a restored backup: %+v, want 3 on", got)
	}
}

func TestLossIsSaidAtOnce(t *testing.T) {
	b := newBench(t, 20, testPolicy, 5)
	if got := b.send(); got[0].From != 6 || got[0].LostFrom != 0 {
		t.Fatalf("before a receipt: %+v", got[0])
	}
	b.hear(2, 100)
	b.saysLoss(b.send())

	again := newBench(t, 20, testPolicy, 5)
	acked := Cursor{Seq: 2, Digest: Digest{2}} // noted before it died
	again.Sender = NewSender(testPolicy, again.out.inc, again.out.base, acked, again.out.last())
	again.Connected(100, 0)
	again.send()
	again.take(Receipt{Incarnation: again.out.inc, Round: 100, Cursor: acked})
	again.saysLoss(again.send())
}

// saysLoss insists that what was sent begins with 6 and says once that 3 to 5
// are lost.
func (b *bench) saysLoss(got []Ask) {
	b.t.Helper()
	if len(got) == 0 || got[0].From != 6 || got[0].LostFrom != 3 {
		b.t.Fatalf("after a receipt for 2 of a journal kept from 6 on: %+v", got)
	}
	for _, ask := range got[1:] {
		if ask.LostFrom != 0 {
			b.t.Errorf("the loss is said again by the frame from %d", ask.From)
		}
	}
}

func TestForksAreSeen(t *testing.T) {
	cases := map[string]func(b *bench) Cursor{
		"ahead of the journal":     func(b *bench) Cursor { return Cursor{Seq: 7, Digest: Digest{1}} },
		"another end":              func(b *bench) Cursor { return Cursor{Seq: 6, Digest: Digest{1}} },
		"another entry in between": func(b *bench) Cursor { return Cursor{Seq: 4, Digest: Digest{1}} },
		"another base":             func(b *bench) Cursor { return Cursor{Seq: 2, Digest: Digest{1}} },
	}
	for name, cursor := range cases {
		t.Run(name, func(t *testing.T) {
			b := newBench(t, 6, testPolicy, 2)
			b.send()
			if h := b.take(Receipt{Incarnation: b.out.inc, Round: 100, Cursor: cursor(b)}); h != HeardFork {
				t.Fatalf("heard %v, want a fork", h)
			}
			if got := b.send(); len(got) != 0 {
				t.Errorf("sent after a fork: %+v", got)
			}
		})
	}
}

func TestRefusals(t *testing.T) {
	b := newBench(t, 10, testPolicy, 0)
	b.send()
	b.take(Receipt{Refusal: RefusedDictionary})
	if got := b.send(); len(got) != 4 || !got[0].Plain || got[0].From != 1 || b.Refused() != RefusedNot {
		t.Fatalf("after an unknown dictionary: %+v, want all again, plain", got)
	}
	b.take(Receipt{Incarnation: b.out.inc, Round: 100, Refusal: RefusedStore})
	if got := b.send(); len(got) != 0 || b.Refused() != RefusedStore {
		t.Fatalf("a full disk is sent at once: %+v", got)
	}
	at, _ := b.Wake()
	b.now = at
	if got := b.send(); len(got) != 1 {
		t.Fatalf("a full disk is asked with %d frames, want 1", len(got))
	}
	b.hear(1, 100)
	if got := b.send(); len(got) == 0 || b.Refused() != RefusedNot {
		t.Fatalf("after the disk has room: %+v", got)
	}
}
