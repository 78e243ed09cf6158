package panel

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"ark/agent"
)

// simTest is a panel that runs, with a clock of its own.
type simTest struct {
	*Sim
	t *testing.T
}

func simOf(t *testing.T, buttons []SimButton) simTest {
	t.Helper()
	began := time.Now()
	s := NewSim(SimConfig{Buttons: buttons, Long: time.Second, Mono: func() time.Duration { return time.Since(began) }})
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- s.Run(ctx) }()
	t.Cleanup(func() {
		cancel()
		if err := <-ended; err != nil {
			t.Error(err)
		}
	})
	return simTest{s, t}
}

// act does something every 100 ms and gives what the panel told until then.
func (s simTest) act(until time.Duration, do func(at time.Duration)) string {
	var told []string
	for at := time.Duration(0); at < until; at += 100 * ms {
		do(at)
		time.Sleep(100 * ms)
		synctest.Wait()
		for range len(s.Events()) {
			told = append(told, word(<-s.Events()))
		}
	}
	return strings.Join(told, ", ")
}

func word(e agent.Event) string {
	switch e := e.(type) {
	case agent.Pressed:
		if e.Long {
			return fmt.Sprintf("held %s", e.Button)
		}
		return fmt.Sprintf("pressed %s %v", e.Button, e.At)
	case agent.Released:
		return fmt.Sprintf("released %s %v", e.Button, e.At)
	case agent.Stuck:
		return fmt.Sprintf("stuck %s %v", e.Button, e.Stuck)
	}
	return fmt.Sprintf("%T", e)
}

// What a hand, a page or a key does, and what the van hears of it.
func TestSim(t *testing.T) {
	type deeds map[time.Duration]func(*Sim)
	down, up := func(s *Sim) { s.Down("1") }, func(s *Sim) { s.Up("1") }
	renewed := func(until time.Duration) deeds {
		d := deeds{0: down}
		for at := 500 * ms; at < until; at += 500 * ms {
			d[at] = down
		}
		d[until] = up
		return d
	}
	rows := []struct {
		name  string
		until time.Duration
		do    deeds
		want  string
	}{
		{"a short press", 2 * time.Second, deeds{0: func(s *Sim) { s.Press("1") }}, "pressed 1 0s, released 1 60ms"},
		{"down and up", 2 * time.Second, deeds{0: down, 500 * ms: up}, "pressed 1 0s, released 1 500ms"},
		{"a long press", 3 * time.Second, deeds{0: func(s *Sim) { s.Hold("1") }}, "pressed 1 0s, held 1, released 1 1.06s"},
		{"renewed", 5 * time.Second, renewed(4 * time.Second), "pressed 1 0s, held 1, released 1 4s"},
		{"a phone that is gone", 5 * time.Second, deeds{0: down}, "pressed 1 0s, held 1, released 1 2s"},
		{"a press does not cut a hold short", 3 * time.Second, deeds{0: func(s *Sim) { s.Hold("1") }, 100 * ms: func(s *Sim) { s.Press("1") }},
			"pressed 1 0s, held 1, released 1 1.06s"},
		{"stuck", 63 * time.Second, renewed(62 * time.Second), "pressed 1 0s, held 1, stuck 1 true, released 1 1m2s, stuck 1 false"},
		{"switched", 10 * time.Second, deeds{0: func(s *Sim) { s.Switch("1") }, 7 * time.Second: func(s *Sim) { s.Switch("1") }}, "pressed 1 0s, held 1, released 1 7s"},
		{"forgotten", 40 * time.Second, deeds{0: func(s *Sim) { s.Switch("1") }}, "pressed 1 0s, held 1, released 1 30s"},
	}
	for _, row := range rows {
		synctest.Test(t, func(t *testing.T) {
			s := simOf(t, []SimButton{{Button: "1"}, {Button: "stop"}})
			got := s.act(row.until, func(at time.Duration) {
				if do := row.do[at]; do != nil {
					do(s.Sim)
				}
			})
			if got != row.want {
				t.Errorf("%s:\ngot  %s\nwant %s", row.name, got, row.want)
			}
		})
	}
}

func TestSimKnowsItsButtons(t *testing.T) {
	s := NewSim(SimConfig{Buttons: []SimButton{{Button: "1"}}, Mono: func() time.Duration { return 0 }})
	for name, do := range map[string]func(agent.Button) bool{"Down": s.Down, "Up": s.Up, "Press": s.Press, "Hold": s.Hold, "Switch": s.Switch} {
		if do("9") || !do("1") {
			t.Errorf("%s: the wrong buttons exist", name)
		}
	}
}

// A thousand edges a second, while nobody takes the events: no press gets
// through, nothing grows, and afterwards the button works.
func TestSimChatter(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := simOf(t, []SimButton{{Button: "1"}})
		for range 5000 {
			s.Down("1")
			time.Sleep(ms)
			s.Up("1")
			time.Sleep(ms)
		}
		got := s.act(time.Second, func(at time.Duration) {
			if at == 500*ms {
				s.Press("1")
			}
		})
		if want := "pressed 1 10.5s, released 1 10.56s"; got != want {
			t.Errorf("got %s, want %s", got, want)
		}
	})
}

// Presses that nobody takes are dropped and counted; the end of one is not.
func TestPressesThatNobodyTakes(t *testing.T) {
	told := newTeller()
	for range 100 {
		told.tell(t.Context(), agent.Pressed{Button: "1"})
	}
	if got := told.dropped.Load(); got != 100-mostWaiting || len(told.events) != mostWaiting {
		t.Errorf("%d dropped, %d wait", got, len(told.events))
	}
	waited := make(chan struct{})
	go func() { told.tell(t.Context(), agent.Released{Button: "1"}); close(waited) }()
	for range mostWaiting {
		<-told.events
	}
	if e := <-told.events; e != (agent.Released{Button: "1"}) {
		t.Errorf("got %+v", e)
	}
	<-waited
}
