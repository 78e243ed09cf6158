package panel

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"ark/agent"
)

const ms = time.Millisecond

// play lets a button see levels at times and asks it every millisecond.
func play(b *button, until time.Duration, levels map[time.Duration]bool) (log []string) {
	for now := time.Duration(0); now <= until; now += ms {
		if down, changed := levels[now]; changed {
			b.edge(down, now)
		}
		events, _ := b.settle(now)
		for _, e := range events {
			switch e := e.(type) {
			case agent.Pressed:
				log = append(log, fmt.Sprintf("pressed %v long=%v", e.At, e.Long))
			case agent.Released:
				log = append(log, fmt.Sprintf("released %v", e.At))
			case agent.Stuck:
				log = append(log, fmt.Sprintf("stuck %v", e.Stuck))
			}
		}
	}
	return log
}

func TestDebounce(t *testing.T) {
	rows := []struct {
		name   string
		until  time.Duration
		levels map[time.Duration]bool
		want   string
	}{
		{"clean press", 300 * ms, map[time.Duration]bool{10 * ms: true, 100 * ms: false}, "pressed 10ms long=false, released 100ms"},
		{"bouncing", 300 * ms, map[time.Duration]bool{10 * ms: true, 12 * ms: false, 15 * ms: true, 100 * ms: false, 103 * ms: true, 105 * ms: false},
			"pressed 10ms long=false, released 100ms"},
		{"a spike is nothing", 300 * ms, map[time.Duration]bool{10 * ms: true, 20 * ms: false}, ""},
		{"noise before a press is no part of it", 2500 * ms, noisy(2*ms, 999*ms, map[time.Duration]bool{1000 * ms: true, 1500 * ms: false}),
			"pressed 1s long=false, released 1.5s"},
		{"an interrupted hold begins anew", 2500 * ms, map[time.Duration]bool{10 * ms: true, 900 * ms: false, 905 * ms: true, 1800 * ms: false},
			"pressed 10ms long=false, released 1.8s"},
		{"a chattering line is not held", 3000 * ms, noisy(40*ms, 2900*ms, map[time.Duration]bool{0: true, 2900 * ms: false}),
			"pressed 0s long=false, released 2.9s"},
		{"long", 2000 * ms, map[time.Duration]bool{10 * ms: true, 1500 * ms: false}, "pressed 10ms long=false, pressed 10ms long=true, released 1.5s"},
		{"stuck", 62 * time.Second, map[time.Duration]bool{0: true, 61 * time.Second: false},
			"pressed 0s long=false, pressed 0s long=true, stuck true, released 1m1s, stuck false"},
		{"a gap shorter than the bounce", 300 * ms, map[time.Duration]bool{10 * ms: true, 100 * ms: false, 110 * ms: true, 200 * ms: false},
			"pressed 10ms long=false, released 200ms"},
	}
	for _, row := range rows {
		b := &button{name: "1", long: time.Second}
		if got := strings.Join(play(b, row.until, row.levels), ", "); got != row.want {
			t.Errorf("%s:\ngot  %s\nwant %s", row.name, got, row.want)
		}
	}
}

// Any chatter, 1,000 edges a second included: presses and releases alternate,
// and once the line is calm the button knows its level.
func TestChatter(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		b := &button{name: "1", long: time.Second}
		levels := map[time.Duration]bool{}
		for range rapid.IntRange(0, 300).Draw(t, "edges") {
			levels[time.Duration(rapid.IntRange(0, 400).Draw(t, "at"))*ms] = rapid.Bool().Draw(t, "down")
		}
		down := false
		for _, e := range play(b, 500*ms, levels) {
			if strings.HasSuffix(e, "true") {
				continue
			}
			if pressed := strings.HasPrefix(e, "pressed"); pressed == down {
				t.Fatalf("%s while down is %v", e, down)
			}
			down = !down
		}
		if b.down != b.raw || b.down != down {
			t.Fatalf("calm at %v, the button says %v", b.raw, b.down)
		}
	})
}

func TestAgainIsSoonEnough(t *testing.T) {
	b := &button{name: "1", long: time.Second}
	b.edge(true, 0)
	if _, again := b.settle(0); again != stableFor {
		t.Fatalf("asked again after %v", again)
	}
	if events, again := b.settle(stableFor); len(events) != 1 || again != time.Second-stableFor {
		t.Fatalf("%v, again %v", events, again)
	}
}

// noisy adds an edge every millisecond from one time until another.
func noisy(from, until time.Duration, levels map[time.Duration]bool) map[time.Duration]bool {
	for at := from; at < until; at += ms {
		levels[at] = at/ms%2 == 1
	}
	return levels
}

// A line that does not come to rest is told once, and once when it does.
func TestALineThatChatters(t *testing.T) {
	for rate, want := range map[int]string{200: "", 201: "5s on, 1m5s off", 1000: "5s on, 1m5s off"} {
		var c chatter
		var got []string
		see := func(edge bool, now time.Duration) {
			if c.see(edge, now) {
				got = append(got, fmt.Sprintf("%v %s", now.Truncate(time.Second), map[bool]string{true: "on", false: "off"}[c.on]))
			}
		}
		for second := range 60 {
			for n := range rate {
				see(true, time.Duration(second)*time.Second+time.Duration(n)*time.Second/time.Duration(rate))
			}
		}
		for now := time.Minute; now < 2*time.Minute; now += 200 * ms {
			see(false, now)
		}
		if strings.Join(got, ", ") != want {
			t.Errorf("%d edges a second: %v, want %s", rate, got, want)
		}
	}
}

func TestChatterAfterALongSleep(t *testing.T) {
	c := chatter{on: true}
	if !c.see(false, 1000*time.Hour) || c.on {
		t.Error("a line that was still for weeks chatters")
	}
}
