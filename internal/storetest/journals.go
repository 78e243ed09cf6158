package storetest

import (
	"errors"
	"fmt"
	"math"
	"slices"
	"testing"

	"ark"
	"ark/hub"
)

func allOrNone(t *testing.T, b *bench) {
	theirs := b.journal("van-2", 2)
	b.commit(theirs.delivery(theirs.visit(b.id(), "b1")))
	mine, stolen := b.journal("van-1", 1), b.journal("van-1", 2)
	good := mine.delivery(mine.visit(b.id(), "a1"))
	bad := stolen.delivery(stolen.visit(b.id(), "a2"))
	told := 0
	defer b.Changes(func(hub.Change) { told++ })()
	if _, err := b.Commit(t.Context(), []hub.Delivery{good, bad}); !errors.Is(err, hub.ErrOtherVan) {
		t.Fatalf("committed into another van's journal: %v", err)
	}
	if c, err := b.Cursor(t.Context(), "van-1", mine.inc); err != nil || c != mine.inc.Start() {
		t.Errorf("cursor after a failed commit: %v, %v", c, err)
	}
	if _, known, err := b.Digest(t.Context(), mine.inc, 1); err != nil || known {
		t.Errorf("digest after a failed commit: %v, %v", known, err)
	}
	if v := b.van("van-1"); v.ID != "" || told != 0 {
		t.Errorf("a failed commit left %+v, and told %d watchers", v, told)
	}
	b.commit(good) // what was given in vain, numbers say, is not missed
	if got := b.places(); !slices.Equal(got, []string{"a1", "b1"}) {
		t.Errorf("visits %v", got)
	}
	if v := b.van("van-1"); v.Entries != 1 || v.Incarnations != 1 {
		t.Errorf("van %+v", v)
	}
}

func cursorsAndOwners(t *testing.T, b *bench) {
	j := b.journal("van-1", 1)
	if c, err := b.Cursor(t.Context(), "van-1", j.inc); err != nil || c != j.inc.Start() {
		t.Fatalf("never heard of: %v, %v", c, err)
	}
	b.commit(j.delivery(j.visit(b.id(), "1"), j.visit(b.id(), "2")))
	b.commit(j.delivery()) // a question moves nothing
	for range 2 {
		if c, err := b.Cursor(t.Context(), "van-1", j.inc); err != nil || c != j.at {
			t.Fatalf("cursor %v, %v, want %v", c, err, j.at)
		}
		if _, err := b.Cursor(t.Context(), "van-2", j.inc); !errors.Is(err, hub.ErrOtherVan) {
			t.Fatalf("another van's incarnation: %v", err)
		}
		b.reopen()
	}
	b.commit(j.delivery(j.visit(b.id(), "3")))
	if got := b.places(); !slices.Equal(got, []string{"3", "2", "1"}) {
		t.Errorf("visits after opening anew: %v", got)
	}
}

func digests(t *testing.T, b *bench) {
	j := b.journal("van-1", 1)
	one := j.visit(b.id(), "1")
	d := j.delivery(one)
	b.commit(d)
	var lost hub.Fact
	for range 3 {
		lost = j.visit(b.id(), "lost")
	}
	last := j.visit(b.id(), "5")
	d = j.delivery(last)
	d.Gaps = []ark.Gap{{From: 2, To: 4}}
	b.commit(d)
	for at, want := range map[ark.Seq]*ark.Digest{1: &one.Cursor.Digest, 2: nil, 4: nil, 5: &last.Cursor.Digest, 6: nil} {
		got, known, err := b.Digest(t.Context(), j.inc, at)
		if err != nil || known != (want != nil) || (known && got != *want) {
			t.Errorf("digest at %d: %v, %v, %v", at, got, known, err)
		}
	}
	if lost.Cursor.Seq != 4 {
		t.Fatal(lost.Cursor)
	}
	if v := b.van("van-1"); v.Gaps != 1 || v.Entries != 2 {
		t.Errorf("van %+v", v)
	}
	fork := j.delivery()
	fork.Fork = &ark.Fork{Incarnation: j.inc, At: 1, Theirs: ark.FrameKey{1}}
	b.commit(fork)
	b.commit(fork) // said again and again
	if v := b.van("van-1"); v.Forks != 1 {
		t.Errorf("%d forks", v.Forks)
	}
}

func manyIncarnations(t *testing.T, b *bench) {
	var ds []hub.Delivery
	for n := range hub.MaxIncarnations {
		inc := ark.NewIncarnation([16]byte{1, byte(n >> 8), byte(n)})
		ds = append(ds, hub.Delivery{Van: "van-1", Incarnation: inc, UpTo: inc.Start()})
	}
	b.commit(ds...)
	if _, err := b.Cursor(t.Context(), "van-1", ark.NewIncarnation([16]byte{2})); !errors.Is(err, hub.ErrManyIncarnations) {
		t.Errorf("one too many: %v", err)
	}
	if _, err := b.Cursor(t.Context(), "van-1", ds[0].Incarnation); err != nil {
		t.Errorf("one that is known: %v", err)
	}
	if _, err := b.Cursor(t.Context(), "van-2", ark.NewIncarnation([16]byte{2})); err != nil {
		t.Errorf("another van's first: %v", err)
	}
}

// extremes: whatever a frame may hold can be committed, so that no van can
// spoil the batch that others are in.
func extremes(t *testing.T, b *bench) {
	j := b.journal("van-1", 1)
	j.at.Seq = 1<<62 - 1
	facts := []hub.Fact{j.visit(b.id(), "far")}
	facts = append(facts, j.fact(b.id(), ark.KindClock, ark.Clock{Wall: math.MaxInt64, Step: math.MinInt64}),
		j.fact(b.id(), ark.KindClock, ark.Clock{Wall: math.MinInt64}),
		j.fact(b.id(), ark.KindHealth, ark.Health{DiskFree: math.MinInt64, Sound: "\x00"}),
		j.fact(b.id(), ark.KindOrderState, ark.OrderState{State: 255, Why: "\x00"}),
		j.fact(b.id(), ark.KindBroadcast, ark.AsRun{State: 255, LatencyMS: math.MaxInt64, Why: "\x00"}))
	d := j.delivery(facts...)
	d.Backlog = math.MaxUint64
	d.Gaps = []ark.Gap{{From: 1, To: 1<<62 - 1}}
	b.commit(d)
	for name, err := range map[string]error{
		"visits": second(b.Visits(t.Context(), hub.Page{Limit: 9})), "broadcasts": second(b.Broadcasts(t.Context(), hub.Everything, hub.Page{Limit: 9})),
		"vans": second(b.Vans(t.Context(), hub.Everything)),
	} {
		if err != nil {
			t.Errorf("%s cannot be listed: %v", name, err)
		}
	}
	if v := b.van("van-1"); v.Backlog < math.MaxInt64 || v.Gaps != 1 {
		t.Errorf("van %+v", v)
	}
}

func second[T any](_ T, err error) error { return err }

func onceByID(t *testing.T, b *bench) {
	one, two := b.journal("van-1", 1), b.journal("van-1", 2)
	visit, run := b.id(), b.id()
	started := ark.AsRun{Broadcast: b.id(), Announcement: "x", State: ark.BroadcastStarted}
	b.commit(one.delivery(one.visit(visit, "1"), one.fact(run, ark.KindBroadcast, started)))
	if v := b.van("van-1"); len(v.Begun) != 0 {
		t.Errorf("told of the first incarnation: %+v", v.Begun)
	}
	// a new card begins with what it has, and goes on
	b.commit(two.delivery(two.fact(b.id(), ark.KindBegun, ark.Begun{Why: ark.BegunSalvage, Previous: one.inc, Ended: 2, Unreadable: 7}), two.visit(visit, "1"),
		two.fact(run, ark.KindBroadcast, started), two.visit(b.id(), "2")))
	if got := b.places(); !slices.Equal(got, []string{"2", "1"}) {
		t.Errorf("visits %v", got)
	}
	v := b.van("van-1")
	if v.Quarantined != 0 || v.Incarnations != 2 || v.Entries != 6 {
		t.Errorf("van %+v", v)
	}
	if len(v.Begun) != 1 || v.Begun[0].Previous != one.inc || v.Begun[0].Ended != 2 || v.Begun[0].Unreadable != 7 {
		t.Errorf("told of the new incarnation: %+v", v.Begun)
	}
	// and the same twice in one commit
	three, four := b.journal("van-1", 3), b.journal("van-1", 4)
	visit = b.id()
	b.commit(three.delivery(three.visit(visit, "3")), four.delivery(four.visit(visit, "3")))
	if got := b.places(); !slices.Equal(got, []string{"3", "2", "1"}) {
		t.Errorf("visits %v", got)
	}
}

// twins: two entries under one id are two entries.
func twins(t *testing.T, b *bench) {
	one, two := b.journal("van-1", 1), b.journal("van-2", 2)
	visit, health := b.id(), b.id()
	b.commit(one.delivery(one.visit(visit, "1"), one.fact(health, ark.KindHealth, ark.Health{Sound: "ok"})))
	b.commit(two.delivery(two.visit(visit, "2"), two.fact(health, ark.KindHealth, ark.Health{Sound: "silent"})))
	for range 2 {
		if got := b.places(); !slices.Equal(got, []string{"1"}) {
			t.Errorf("visits %v", got)
		}
		if v := b.van("van-2"); v.Quarantined != 2 {
			t.Errorf("the other entry of that id is nowhere to be seen: %+v", v)
		}
		b.reopen() // they are tried again, and stay
	}
}

func pages(t *testing.T, b *bench) {
	j := b.journal("van-1", 1)
	const n = 1200
	for from := 0; from < n; from += 400 {
		var facts []hub.Fact
		for i := range 400 {
			facts = append(facts, j.visit(b.id(), fmt.Sprint(from+i)))
		}
		b.commit(j.delivery(facts...))
	}
	next, before := n-1, hub.Position(0)
	for {
		vs, err := b.Visits(t.Context(), hub.Page{Before: before, Limit: 500})
		b.must(err)
		if len(vs) == 0 {
			break
		}
		for _, v := range vs {
			if v.Place != fmt.Sprint(next) || (before != 0 && v.Position >= before) {
				t.Fatalf("visit %s at %d, want %d", v.Place, v.Position, next)
			}
			next, before = next-1, v.Position
		}
	}
	if next != -1 {
		t.Errorf("the last page ended at %d", next)
	}
	for limit, want := range map[int]int{-1: 1, 0: 1, 7: 7, 10_000: 500} {
		if vs, err := b.Visits(t.Context(), hub.Page{Limit: limit}); err != nil || len(vs) != want {
			t.Errorf("limit %d: %d visits, %v", limit, len(vs), err)
		}
	}
}
