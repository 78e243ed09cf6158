package crowd

import (
	"fmt"
	"testing"
	"time"
)

func TestTurns(t *testing.T) {
	now, turns := time.Unix(1000, 0), NewTurns(3, time.Second)
	take := func(who string, want time.Duration) {
		t.Helper()
		if got := turns.Take(who, now); got != want {
			t.Errorf("%s: wait %v, want %v", who, got, want)
		}
	}
	for range 3 {
		take("a", 0)
	}
	take("a", time.Second)
	take("b", 0)
	now = now.Add(1500 * time.Millisecond)
	take("a", 0)
	take("a", 500*time.Millisecond)
	now = now.Add(-time.Hour) // the clock was set back: nobody waits an hour
	if got := turns.Take("a", now); got > 3*time.Second {
		t.Errorf("wait %v after the clock was set back", got)
	}
	now = now.Add(3 * time.Second) // and not again and again
	take("a", 0)
	for i := range 3 * maxRemembered {
		turns.Take(fmt.Sprint(i), now)
	}
	if len(turns.free) > maxRemembered {
		t.Errorf("%d are remembered", len(turns.free))
	}
}
