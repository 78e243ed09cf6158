package ark

import (
	"flag"
	"fmt"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"ark/internal/skip"
)

// Histories are drawn by rapid, so that one that fails is shrunk to the few
// steps that matter. The seed is logged; to see the same histories again:
//
//	go test -run TestHistories -rapid.seed=N .
//
// A history that fails is printed, shrunk, as steps for regressions_test.go.
const (
	histories      = 10_000
	historiesQuick = 1_000
	acts           = 12
)

func TestHistories(t *testing.T) {
	want := histories
	if skip.Quick() {
		want = historiesQuick
	}
	setRapid(t, want)
	marks := countMarks(t)
	ran, steps, messages := 0, 0, 0
	rapid.Check(t, func(rt *rapid.T) {
		w, h := drawHistory(rt)
		var done []string
		defer func() {
			if rt.Failed() {
				rt.Logf("policy %+v, steps:\n%s", w.van().policy, strings.Join(done, "\n"))
			}
		}()
		for _, s := range h {
			done = append(done, fmt.Sprint(s))
			w.do(s)
		}
		w.end()
		ran, steps, messages = ran+1, steps+len(h), messages+w.sent
	})
	for _, name := range marksOf(t) {
		if marks()[name] == 0 {
			t.Errorf("no history took the branch marked %q", name)
		}
	}
	t.Logf("%d histories, %d steps, %d messages; marks: %v", ran, steps, messages, marks())
	if !t.Failed() && ran < want {
		t.Errorf("%d histories were run, want %d", ran, want)
	}
}

// drawHistory draws a world with small and odd limits, and what happens.
func drawHistory(rt *rapid.T) (*world, []step) {
	p := Policy{
		Window:     rapid.SampledFrom([]int{1, 2, 3, 8, 40}).Draw(rt, "window"),
		Repeat:     []time.Duration{time.Second, 5 * time.Second, 30 * time.Second},
		Duplicates: rapid.IntRange(1, 4).Draw(rt, "duplicates"),
	}
	var h []step
	for range acts { // rapid keeps a single slice short
		h = append(h, rapid.SliceOfN(rapid.Custom(drawStep), 0, 40).Draw(rt, "act")...)
	}
	w := newWorld(p, rt.Fatalf)
	w.connect(true)
	w.pump()
	return w, h
}

var opOfWeight = func() (all []uint8) {
	for i, o := range ops {
		for range o.weight {
			all = append(all, uint8(i))
		}
	}
	return all
}()

func drawStep(rt *rapid.T) step {
	return step{opOfWeight[rapid.IntRange(0, len(opOfWeight)-1).Draw(rt, "op")], rapid.Uint16().Draw(rt, "arg")}
}

// setRapid sets how many checks rapid makes, keeps its files out of the tree,
// and logs the seed.
func setRapid(t *testing.T, checks int) {
	t.Helper()
	seed := flag.Lookup("rapid.seed")
	if seed.Value.String() == "0" {
		set(t, "rapid.seed", fmt.Sprint(uint64(time.Now().UnixNano())))
		defer t.Logf("seed: -rapid.seed=%s", seed.Value)
	}
	set(t, "rapid.checks", fmt.Sprint(checks))
	set(t, "rapid.nofailfile", "true")
}

func set(t *testing.T, name, value string) {
	t.Helper()
	f := flag.Lookup(name)
	was := f.Value.String()
	if err := f.Value.Set(value); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { f.Value.Set(was) })
}
