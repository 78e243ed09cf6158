package e2e

import (
	"fmt"
	"math"
	"math/rand/v2"
	"strings"
	"testing"
	"time"
)

// TestChaosOneVan kills agent, hub and phones at random instants under load.
func TestChaosOneVan(t *testing.T) { chaos(t, 1, 4, long(3, 150)) }

// TestChaosThreeVans does so where the hub commits for many vans at once.
func TestChaosThreeVans(t *testing.T) { chaos(t, 3, 3, long(2, 60)) }

// tally is what a chaos test counts.
type tally struct {
	runs, hubKills, agentKills, phoneKills int
	longest                                time.Duration // until no backlog
}

func (c tally) kills() int { return c.hubKills + c.agentKills + c.phoneKills }

// chaos is many runs of kills under load. Each ends with faults off: then no
// backlog may remain, and hub and crews must agree about every visit.
func chaos(t *testing.T, vans, killsPerRun, runs int) {
	slow(t)
	rng := random(t)
	h, b := newFleet(t, vans, ""), newBook()
	h.startHub()
	for _, v := range h.vans {
		v.start()
	}
	var c tally
	crew, phones := newCrew(b), enrolPhones(t, b, h.vans, 2)
	for range runs {
		crew.start(t, h.vans, 2)
		phones.start(t)
		for before := c.hubKills + c.agentKills; c.hubKills+c.agentKills-before < killsPerRun; {
			if rng.IntN(2) == 0 {
				pause(t.Context(), instant(rng, 1, 100))
				phones.kill(rng)
				c.phoneKills++
			}
			h.strike(rng, &c)
		}
		crew.finish(t)
		phones.finish(t)
		c.longest = max(c.longest, h.settle())
		c.runs++
		judgeHub(t, h.db()).compare(t, b)
		phones.compare(t, b)
		if t.Failed() {
			t.FailNow()
		}
	}
	c.report(t, b, judgeHub(t, h.db()))
}

// strike waits for a random instant, from the first milliseconds of a start
// to a while of steady work, kills one program or two, and starts them again.
func (h *fleet) strike(rng *rand.Rand, c *tally) {
	h.t.Helper()
	pause(h.t.Context(), instant(rng, 5, 2500))
	v := h.vans[rng.IntN(len(h.vans))]
	which := rng.IntN(5) // 0, 1: the hub; 2, 3: an agent; 4: both
	if which < 2 || which == 4 {
		h.hub.kill()
		c.hubKills++
	}
	if which >= 2 {
		v.agent.kill()
		c.agentKills++
	}
	pause(h.t.Context(), instant(rng, 1, 300))
	if which < 2 || which == 4 {
		h.startHub()
	}
	if which >= 2 {
		v.start()
	}
}

// instant is a random time between two numbers of milliseconds, short ones as
// often as long ones.
func instant(rng *rand.Rand, least, most float64) time.Duration {
	ms := least * math.Exp(rng.Float64()*math.Log(most/least))
	return time.Duration(ms * float64(time.Millisecond))
}

// report prints the counts. With no failure in n independent trials the rate
// of failures is below 3/n (95 %).
func (c tally) report(t *testing.T, b *book, h atHub) {
	table(t, [][2]string{
		{"SIGKILLs of the hub", fmt.Sprint(c.hubKills)},
		{"SIGKILLs of an agent", fmt.Sprint(c.agentKills)},
		{"phones killed", fmt.Sprint(c.phoneKills)},
		{"runs that ended with backlog 0", fmt.Sprint(c.runs)},
		{"longest way to backlog 0", c.longest.Round(time.Millisecond).String()},
		{"visits called saved", fmt.Sprint(b.saved())},
		{"amendments, withdrawals and households", fmt.Sprint(len(b.said))},
		{"at the hub", h.String()},
		{"lost, doubled, out of order, never sent", "0"},
		{"chance of a loss per kill", bound(c.kills())},
	})
}

func bound(n int) string { return fmt.Sprintf("< %.2g (3/%d, 95 %%)", 3/float64(n), n) }

func table(t *testing.T, rows [][2]string) {
	var s strings.Builder
	for _, r := range rows {
		fmt.Fprintf(&s, "\n  %-42s %s", r[0], r[1])
	}
	t.Log(s.String())
}
