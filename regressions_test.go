package ark

import (
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"
)

// Histories that once failed, shrunk by rapid, and stay: a step a line, as
// TestHistories prints them.
var regressions = []struct {
	name   string
	policy Policy
	steps  string
}{
	{"equal receipts for repeats were taken for a loss, and each repeat bred the next", Policy{Window: 2, Duplicates: 1}, `
		0 append
		0 deliver`},
	{"a frame of a card that was replaced arrives after the new one has settled", Policy{Window: 1, Duplicates: 1}, `
		0 image
		5 append
		0 restore
		2 deliver`},
	{"the hub was replaced while another copy of the card was in the van", Policy{Window: 1, Duplicates: 1}, `
		1 append
		4 image
		0 clone
		0 swap cards
		0 deliver
		1 deliver
		0 swap cards
		0 restore`},
	{"32 frames were held, and the one that said that those before were lost found no room", Policy{Window: 40, Duplicates: 1}, `
		0 append
		0 deliver
		4 swap cards
		0 clone
		0 deliver
		3 deliver
		1 deliver
		0 deliver in order
		4 deliver in order
		5 tick
		2002 deliver in order
		4 prune
		0 append
		197 swap cards`},
	{"more was pruned while it was told what was lost, and one gap followed another", Policy{Window: 1, Duplicates: 2}, `
		0 clone
		0 deliver
		13 append
		0 deliver
		0 deliver
		0 deliver
		0 deliver
		1 deliver
		0 deliver
		0 deliver
		0 deliver
		0 deliver
		0 deliver
		0 deliver
		0 deliver
		0 deliver
		1 prune
		0 deliver
		0 deliver
		0 deliver
		0 deliver
		0 deliver
		17 swap cards
		1 old or not
		1 deliver
		0 deliver
		0 deliver
		0 deliver
		0 deliver
		0 deliver
		3 swap cards
		0 deliver
		0 deliver
		0 deliver
		0 deliver
		0 append
		0 deliver
		1584 deliver
		3 deliver
		3 deliver
		136 deliver
		53 prune`},
	{"a journal restored, then pruned: a copy that holds the other history cannot be compared, and the gap is all that is said", Policy{Window: 1, Duplicates: 1}, `
		0 deliver
		0 deliver
		4 image
		0 deliver
		0 deliver
		0 two cards at once
		0 deliver
		33 deliver
		0 two cards at once
		0 deliver
		0 deliver
		0 append
		0 deliver
		0 deliver
		0 deliver
		0 deliver
		466 restore
		1 deliver
		1 swap cards
		0 deliver
		0 deliver
		0 deliver
		0 deliver
		0 deliver
		0 deliver
		0 deliver
		0 deliver
		0 deliver
		0 deliver
		0 deliver
		0 deliver
		0 append
		0 deliver
		0 deliver
		0 deliver
		0 deliver
		0 deliver
		0 deliver
		1 deliver
		8 prune`},
}

func TestRegressions(t *testing.T) {
	for _, c := range regressions {
		t.Run(c.name, func(t *testing.T) {
			c.policy.Repeat = []time.Duration{time.Second, 5 * time.Second, 30 * time.Second}
			w := newWorld(c.policy, t.Fatalf)
			w.report = t.Logf
			w.connect(true)
			w.pump()
			for line := range strings.Lines(strings.TrimSpace(c.steps)) {
				w.do(parseStep(t, strings.TrimSpace(line)))
			}
			w.end()
		})
	}
}

func parseStep(t *testing.T, line string) step {
	t.Helper()
	arg, name, _ := strings.Cut(line, " ")
	n, err := strconv.ParseUint(arg, 10, 16)
	i := slices.IndexFunc(ops, func(o op) bool { return o.name == name })
	if err != nil || i < 0 {
		t.Fatalf("no step: %q", line)
	}
	return step{uint8(i), uint16(n)}
}
