package agent

import (
	"testing"
	"time"
)

// Only a hand that held the real Stop for three seconds is one in the van.
func TestStopHeldOnTheRealPanel(t *testing.T) {
	press := func(b Button, line string) Event { return Pressed{Button: b, Line: line, At: time.Second} }
	release := func(b Button, held time.Duration) Event { return Released{Button: b, At: time.Second + held} }
	rows := []struct {
		name   string
		events []Event
		want   time.Duration
	}{
		{"long enough", []Event{press("stop", "GPIO17"), release("stop", welcomeHold)}, time.Second + welcomeHold},
		{"to stop something", []Event{press("stop", "GPIO17"), release("stop", welcomeHold-1)}, 0},
		{"on a page", []Event{press("stop", ""), release("stop", time.Minute)}, 0},
		{"another button", []Event{press("routine", "GPIO2"), release("routine", time.Minute)}, 0},
		{"let go of another", []Event{press("stop", "GPIO17"), release("routine", time.Minute), release("stop", time.Minute)}, 0},
		{"stuck", []Event{press("stop", "GPIO17"), Stuck{Button: "stop", Stuck: true}, release("stop", time.Hour)}, 0},
		{"still down", []Event{press("stop", "GPIO17")}, 0},
	}
	for _, row := range rows {
		s := newStage()
		for _, e := range row.events {
			s.do(e)
		}
		if got := s.Brain.Status(s.now).Welcomed; got != row.want {
			t.Errorf("%s: welcomed at %v, want %v", row.name, got, row.want)
		}
	}
}
