package ark

import (
	"fmt"
	"slices"
	"testing"
)

// ear is a Receiver of a journal of n entries, over a disk that keeps all.
type ear struct {
	*Receiver
	t   *testing.T
	out outDisk
	in  inDisk
}

func newEar(t *testing.T, n int) *ear {
	out := newBench(t, n, testPolicy, 0).out
	return &ear{Receiver: NewReceiver(out.inc, out.inc.Start()), t: t, out: out, in: newInDisk()}
}

// frame is of the entries from … to.
func (e *ear) frame(from, to Seq) Frame {
	e.t.Helper()
	prev, raws, ok := e.out.from(from, int(to-from+1))
	if !ok {
		e.t.Fatalf("no entries from %d on", from)
	}
	return Frame{Incarnation: e.out.inc, First: from, Prev: prev.Key(), Entries: raws, Round: uint32(from)}
}

// hear takes a frame and says which entries are to be committed.
func (e *ear) hear(f Frame) (Taken, string) {
	e.t.Helper()
	taken, err := e.Take(f, func(at Seq) (Digest, bool, error) {
		d, ok := e.in.digest(e.out.inc, at)
		return d, ok, nil
	})
	if err != nil {
		e.t.Fatal(err)
	}
	var seqs []Seq
	for _, t := range taken.Entries {
		seqs = append(seqs, t.Cursor.Seq)
	}
	return taken, fmt.Sprint(seqs, taken.Gaps)
}

func (e *ear) commit(taken Taken) {
	e.in.keep(e.out.inc, taken, e.Taken(), 1)
	e.Commit()
}

func TestFramesInAnyOrder(t *testing.T) {
	type run struct{ from, to Seq }
	cases := []struct {
		name   string
		frames []run
		want   []string // what each brings
		end    Seq
	}{
		{"in order", []run{{1, 3}, {4, 4}}, []string{"[1 2 3] []", "[4] []"}, 4},
		{"backwards", []run{{5, 6}, {3, 4}, {1, 2}}, []string{"[] []", "[] []", "[1 2 3 4 5 6] []"}, 6},
		{"twice", []run{{1, 3}, {1, 3}}, []string{"[1 2 3] []", "[] []"}, 3},
		{"overlapping", []run{{1, 3}, {2, 5}}, []string{"[1 2 3] []", "[4 5] []"}, 5},
		{"held and overlapped", []run{{4, 6}, {1, 5}, {6, 8}}, []string{"[] []", "[1 2 3 4 5] []", "[6 7 8] []"}, 8},
		{"a longer one of the same place", []run{{3, 3}, {3, 5}, {1, 2}}, []string{"[] []", "[] []", "[1 2 3 4 5] []"}, 5},
		{"a hole", []run{{1, 2}, {4, 5}}, []string{"[1 2] []", "[] []"}, 2},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			e := newEar(t, 10)
			for i, r := range c.frames {
				taken, got := e.hear(e.frame(r.from, r.to))
				if got != c.want[i] {
					t.Errorf("frame %d-%d brings %s, want %s", r.from, r.to, got, c.want[i])
				}
				e.commit(taken)
			}
			want := Cursor{Seq: c.end}
			want.Digest, _ = e.out.digest(c.end)
			if r := e.Receipt(); r.Cursor != want || r.Round != uint32(c.frames[len(c.frames)-1].from) {
				t.Errorf("receipt %v of round %d, want %v", r.Cursor, r.Round, want)
			}
		})
	}
}

func TestReceiptSpeaksOfWhatIsCommitted(t *testing.T) {
	e := newEar(t, 10)
	e.hear(e.frame(1, 3))
	if got := e.Receipt().Cursor.Seq; got != 0 {
		t.Fatalf("a receipt for %d before the commit", got)
	}
	if _, got := e.hear(e.frame(2, 5)); got != "[4 5] []" {
		t.Fatalf("a frame over what is taken and not committed brings %s", got)
	}
	e.Rollback()
	if got := e.Receipt().Cursor.Seq; got != 0 {
		t.Fatalf("a receipt for %d after a rollback", got)
	}
	taken, got := e.hear(e.frame(1, 3))
	if got != "[1 2 3] []" {
		t.Fatalf("after a rollback the same frame brings %s", got)
	}
	e.commit(taken)
	if got := e.Receipt().Cursor.Seq; got != 3 {
		t.Fatalf("a receipt for %d after the commit of 3", got)
	}
}

func TestWhatComesEarlyIsHeldWithinBounds(t *testing.T) {
	e := newEar(t, 100)
	for at := Seq(100); at > 3; at-- {
		e.hear(e.frame(at, at))
		if len(e.held) > maxHeldFrames || e.heldBytes > maxHeldBytes {
			t.Fatalf("%d frames of %d bytes are held", len(e.held), e.heldBytes)
		}
	}
	if _, got := e.hear(e.frame(1, 2)); got != "[1 2] []" {
		t.Errorf("with the buffer full, what continues brings %s", got)
	}
	lost := e.frame(20, 21)
	lost.LostFrom = 3
	lost.Lost, _ = e.out.digest(19)
	if _, got := e.hear(lost); got != "[20 21] [{3 19}]" {
		t.Errorf("with the buffer full, a named loss brings %s: it would be said for ever", got)
	}
}

// TestShortestLossIsTaken: a sender that pruned meanwhile names more of a
// journal as lost than before, and what came before that is not thrown away.
func TestShortestLossIsTaken(t *testing.T) {
	for range 50 { // whatever the order of a map
		e := newEar(t, 60)
		for _, first := range []Seq{50, 30, 40, 20} {
			f := e.frame(first, first+1)
			f.LostFrom = 10
			f.Lost, _ = e.out.digest(first - 1)
			e.hear(f)
		}
		if _, got := e.hear(e.frame(1, 9)); got != "[1 2 3 4 5 6 7 8 9 20 21 30 31 40 41 50 51] [{10 19} {22 29} {32 39} {42 49}]" {
			t.Fatalf("took %s", got)
		}
	}
}

func TestFramesOfAnotherHistory(t *testing.T) {
	a, b := newEar(t, 6), newEar(t, 6)
	// b is a copy of a's card that went on by itself after 3
	b.out = a.out.clone()
	b.out.records = b.out.records[:3]
	last := b.out.last()
	for i := range 3 {
		raw := encodedEntry(t, Entry{ID: goldenID(byte(i)), Kind: KindHealth, Body: healthBody})
		last = last.Next(raw)
		b.out.records = append(b.out.records, record{last, raw, goldenID(byte(i))})
	}
	cases := []struct {
		name   string
		before []Frame
		frame  Frame
		at     Seq
	}{
		{"it continues another", []Frame{a.frame(1, 5)}, b.frame(6, 6), 5},
		{"it departs inside", []Frame{a.frame(1, 5)}, b.frame(2, 6), 5},
		{"it was held", []Frame{a.frame(1, 3), b.frame(5, 6)}, a.frame(4, 4), 4},
		{"a question from there", []Frame{a.frame(1, 5)}, Frame{Incarnation: a.out.inc, First: 5, Prev: b.frame(5, 5).Prev}, 4},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			e := newEar(t, 6)
			e.out, e.Receiver = a.out, NewReceiver(a.out.inc, a.out.inc.Start())
			for _, f := range c.before {
				taken, _ := e.hear(f)
				e.commit(taken)
			}
			had := e.Committed()
			taken, _ := e.hear(c.frame)
			if taken.Fork == nil || taken.Fork.At != c.at {
				t.Fatalf("fork %+v, want one at %d", taken.Fork, c.at)
			}
			if slices.ContainsFunc(taken.Entries, func(x TakenEntry) bool {
				d, err := a.out.digest(x.Cursor.Seq)
				return err != nil || d != x.Cursor.Digest
			}) {
				t.Errorf("entries of the other history were taken: %+v", taken.Entries)
			}
			e.commit(taken)
			if e.Committed().Seq < had.Seq {
				t.Errorf("the cursor fell from %d to %d", had.Seq, e.Committed().Seq)
			}
		})
	}
}
