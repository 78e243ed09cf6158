package store

import (
	"errors"
	"flag"
	"fmt"
	"os"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"ark"
	"ark/agent"
)

// modelVisit is a visit in the model: what anybody would say of it.
type modelVisit struct {
	id, last  int
	place     string
	withdrawn bool
	amended   int
	state     ark.ReviewState
	entries   []int // ids of the entries about it
}

// world is a van's store beside the simplest model of it.
type world struct {
	t      *rapid.T
	dir    string
	s      *Store
	next   int
	visits []*modelVisit
	said   map[int]func() error // each entry again, as it was said
	atHub  map[int]bool         // entries that the hub has
	now    ark.UnixMilli
}

func (w *world) check(err error) {
	w.t.Helper()
	if err != nil {
		w.t.Fatal(err)
	}
}

func (w *world) open() {
	w.s = New(config(w.dir))
	w.check(w.s.Open(w.t.Context()))
	w.check(w.s.Fault())
	w.s.c.Clock.Learn(w.now)
}

// say does something under a new id, and remembers it.
func (w *world) say(do func(id ark.ID) error) (int, error) {
	w.next++
	n := w.next
	err := do(id(n))
	if err == nil {
		w.said[n] = func() error { return do(id(n)) }
	}
	return n, err
}

func (w *world) pick() *modelVisit {
	if len(w.visits) == 0 {
		w.t.Skip("no visit yet")
	}
	return rapid.SampledFrom(w.visits).Draw(w.t, "visit")
}

func (w *world) log(*rapid.T) {
	place := fmt.Sprintf("%d室", w.next)
	n, err := w.say(func(id ark.ID) error { return w.s.Log(w.t.Context(), id, visit(place)) })
	w.check(err)
	w.visits = append(w.visits, &modelVisit{id: n, last: n, place: place, entries: []int{n}})
}

func (w *world) amend(*rapid.T) {
	v := w.pick()
	place := fmt.Sprintf("%d室改", w.next)
	after := rapid.SampledFrom(append([]int{0}, v.entries...)).Draw(w.t, "after")
	a := ark.Amend{Visit: id(v.id), Now: visit(place)}
	if after != 0 {
		a.After = id(after)
	} else {
		after = v.id
	}
	n, err := w.say(func(id ark.ID) error { return w.s.Amend(w.t.Context(), id, a) })
	switch {
	case v.withdrawn:
		w.want(err, agent.ErrTooLate)
	case after != v.last:
		w.want(err, agent.ErrStale)
	default:
		w.check(err)
		v.place, v.last, v.state, v.entries = place, n, ark.ReviewNone, append(v.entries, n)
		v.amended++
	}
}

func (w *world) withdraw(*rapid.T) {
	v := w.pick()
	n, err := w.say(func(entry ark.ID) error {
		return w.s.Withdraw(w.t.Context(), entry, ark.Withdrawal{Visit: id(v.id), By: mei})
	})
	if v.withdrawn {
		w.want(err, agent.ErrTooLate)
		return
	}
	w.check(err)
	v.withdrawn, v.last, v.state, v.entries = true, n, ark.ReviewNone, append(v.entries, n)
}

func (w *world) want(err, want error) {
	w.t.Helper()
	if !errors.Is(err, want) {
		w.t.Fatalf("%v, want %v", err, want)
	}
}

func (w *world) review(*rapid.T) {
	v := w.pick()
	entry := rapid.SampledFrom(v.entries).Draw(w.t, "entry")
	r := ark.Review{Visit: id(v.id), Entry: id(entry), Comment: "看过", At: w.now,
		State: rapid.SampledFrom([]ark.ReviewState{ark.ReviewApproved, ark.ReviewReturned, ark.ReviewRejected}).Draw(w.t, "state")}
	raw, err := ark.EncodeBody(ark.KindReview, r)
	w.check(err)
	raw, err = ark.EncodeEntry(ark.Entry{ID: w.s.newID(morning), Kind: ark.KindReview, Body: raw})
	w.check(err)
	c, err := w.s.Hearing(w.t.Context(), office)
	w.check(err)
	next := c.Next(raw)
	for range rapid.IntRange(1, 2).Draw(w.t, "times") {
		fresh, err := w.s.Take(w.t.Context(), office, ark.Taken{Entries: []ark.TakenEntry{{Cursor: next, Raw: raw}}}, next)
		w.check(err)
		if len(fresh) > 0 {
			w.t.Fatal("the brain was given a review")
		}
	}
	if entry == v.last {
		v.state = r.State
	}
}

// again says something once more, and something else under its id.
func (w *world) again(*rapid.T) {
	if len(w.said) == 0 {
		w.t.Skip("nothing was said yet")
	}
	var ids []int
	for n := range w.said {
		ids = append(ids, n)
	}
	slices.Sort(ids)
	n := rapid.SampledFrom(ids).Draw(w.t, "entry")
	w.check(w.said[n]())
	w.want(w.s.Log(w.t.Context(), id(n), ark.Visit{Place: "别处", Outcome: ark.Moved}), agent.ErrTaken)
}

// receipt is the hub's word, which may be lower than before.
func (w *world) receipt(t *rapid.T) {
	_, base, before, last, err := w.s.State()
	w.check(err)
	at := ark.Seq(rapid.Uint64Range(uint64(base.Seq), uint64(last.Seq)).Draw(t, "receipt"))
	d, err := w.s.Digest(at)
	w.check(err)
	w.check(w.s.Acked(t.Context(), ark.Cursor{Seq: at, Digest: d}))
	rows, err := w.s.db.Read().Query("SELECT seq, id FROM entries")
	w.check(err)
	type row struct {
		seq ark.Seq
		id  []byte
	}
	all, err := collect(rows, func(r *row) []any { return []any{&r.seq, &r.id} })
	w.check(err)
	for _, r := range all {
		n := int(r.id[14])<<8 | int(r.id[15])
		w.atHub[n] = r.seq <= at || at >= before.Seq && w.atHub[n] // in a new life it is still there
	}
}

func (w *world) restart(*rapid.T) {
	w.check(w.s.close())
	w.open()
}

func (w *world) salvage(*rapid.T) {
	w.check(w.s.close())
	w.s = New(config(w.dir))
	w.s.damaged = true
	w.check(w.s.Open(w.t.Context()))
	w.s.c.Clock.Learn(w.now)
}

func (w *world) month(*rapid.T) {
	w.check(w.s.keepHouse(w.t.Context()))
	w.now += 31 * 24 * 3600_000
	w.s.c.Clock.Learn(w.now)
	w.check(w.s.keepHouse(w.t.Context()))
	w.now -= 31 * 24 * 3600_000 // lest it be too late to amend
	w.s.c.Clock.Learn(w.now)
}

// agree holds the store against the model.
func (w *world) agree(t *rapid.T) {
	found, err := w.s.Find(t.Context(), agent.VisitFilter{Limit: 1000})
	w.check(err)
	var got, want []string
	for _, l := range found {
		got = append(got, fmt.Sprint(l.ID, l.Place, l.Last, l.Withdrawn, l.Amended, l.Review, l.AtHub))
		_, editions, err := w.s.History(t.Context(), l.ID)
		w.check(err)
		for _, e := range editions {
			got = append(got, fmt.Sprint(" ", l.ID, e.Entry))
		}
	}
	for _, v := range w.visits {
		all := true
		for _, e := range v.entries {
			all = all && w.atHub[e]
			want = append(want, fmt.Sprint(" ", id(v.id), id(e)))
		}
		want = append(want, fmt.Sprint(id(v.id), v.place, id(v.last), v.withdrawn, v.amended, v.state, all))
	}
	slices.Sort(got)
	slices.Sort(want)
	if diff := cmp.Diff(want, got); diff != "" {
		t.Fatalf("the store does not say what the model says (-want +got):\n%s", diff)
	}
}

// inMemory is a folder that needs no disk: these histories are about what is
// said, not about power cuts.
func inMemory(t *testing.T) string {
	dir, err := os.MkdirTemp("/dev/shm", "ark-store-")
	if err != nil {
		return t.TempDir()
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	return dir
}

// long tells whether a test may take minutes.
func long() bool { return os.Getenv("ARK_CHAOS") == "long" }

// TestHistoriesOfVisits is random histories of logging, amending,
// withdrawing, reviewing, receipts (also lower ones), restarts, salvages, new
// incarnations and pruning, each beside a model of a few lines. ARK_CHAOS=long
// makes many more.
func TestHistoriesOfVisits(t *testing.T) {
	checks := "8"
	if long() {
		checks = "1000"
	}
	for name, value := range map[string]string{"rapid.checks": checks, "rapid.nofailfile": "true"} {
		was := flag.Lookup(name).Value.String()
		must(t, flag.Set(name, value))
		t.Cleanup(func() { flag.Set(name, was) })
	}
	rapid.Check(t, func(r *rapid.T) {
		w := &world{t: r, dir: inMemory(t), said: map[int]func() error{}, atHub: map[int]bool{}, now: morning}
		w.open()
		defer func() { w.s.close() }()
		step := func(f func(*rapid.T)) func(*rapid.T) {
			return func(r *rapid.T) { w.t = r; f(r) }
		}
		r.Repeat(map[string]func(*rapid.T){
			"":             step(w.agree),
			"log":          step(w.log),
			"amend":        step(w.amend),
			"amend more":   step(w.amend),
			"withdraw":     step(w.withdraw),
			"review":       step(w.review),
			"again":        step(w.again),
			"receipt":      step(w.receipt),
			"restart":      step(w.restart),
			"salvage":      step(w.salvage),
			"new life":     step(func(r *rapid.T) { w.check(w.s.Rebegin(r.Context())) }),
			"a month goes": step(w.month),
		})
	})
}
