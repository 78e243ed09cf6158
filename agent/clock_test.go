package agent

import (
	"testing"
	"time"

	"ark"
)

// fake is a Pi's clock in the hands of a test.
type fake struct {
	mono   time.Duration
	wall   time.Time
	synced bool
}

func (f *fake) pass(d time.Duration) { f.mono, f.wall = f.mono+d, f.wall.Add(d) }

func clockOf(f *fake, floor time.Time) *Clock {
	return &Clock{mono: func() time.Duration { return f.mono }, wall: func() time.Time { return f.wall },
		synced: func() bool { return f.synced }, floor: mark{floor, f.mono}}
}

var (
	built = time.Date(2026, 11, 1, 0, 0, 0, 0, time.UTC)
	today = time.Date(2026, 11, 24, 9, 0, 0, 0, time.UTC)
)

func want(t *testing.T, c *Clock, wall time.Time, trusted bool) {
	t.Helper()
	if now := c.Now(); !now.Wall.Time().Equal(wall) || now.Trusted != trusted {
		t.Errorf("the clock shows %v, trusted %v; want %v, %v", now.Wall.Time(), now.Trusted, wall, trusted)
	}
}

func TestAClockThatWakesIn1970(t *testing.T) {
	f := &fake{mono: 5 * time.Second, wall: time.Unix(86400, 0)}
	c := clockOf(f, built)
	want(t, c, built, false)
	f.pass(time.Minute)
	want(t, c, built.Add(time.Minute), false) // it does not stand still
	c.Raise(built.Add(time.Hour))
	want(t, c, built.Add(time.Hour), false)
	c.Raise(built) // an older guess changes nothing
	want(t, c, built.Add(time.Hour), false)
	if step := c.Learn(ark.Milli(today)); step != today.Sub(built.Add(time.Hour)) {
		t.Errorf("a step of %v", step)
	}
	want(t, c, today, true)
}

// Somebody sets the system's clock after the hub has told the time: NTP comes
// late and leaps over 56 years, or a person turns it back.
func TestJumpsOfTheSystemClockAreNotFollowed(t *testing.T) {
	f := &fake{mono: time.Second, wall: time.Unix(86400, 0)}
	c := clockOf(f, built)
	c.Learn(ark.Milli(today))
	f.wall = today
	f.pass(time.Minute)
	want(t, c, today.Add(time.Minute), true)
	f.wall, f.synced = time.Unix(0, 0), true
	f.pass(time.Minute)
	want(t, c, today.Add(2*time.Minute), true)
	c.Learn(ark.Milli(today.Add(-time.Hour))) // the hub may turn it back
	want(t, c, today.Add(-time.Hour), true)
}

func TestNTPIsTrustedWhenItComesAndKeptWhenItGoes(t *testing.T) {
	f := &fake{mono: time.Second, wall: time.Unix(86400, 0)}
	c := clockOf(f, built)
	want(t, c, built, false)
	f.wall, f.synced = today, true
	want(t, c, today, true)
	f.wall = today.Add(time.Second) // it is being disciplined
	want(t, c, today.Add(time.Second), true)
	f.synced = false
	f.pass(time.Hour)
	f.wall = time.Unix(0, 0)
	want(t, c, today.Add(time.Second+time.Hour), true)
}

// A kernel may call a clock synchronised that shows 1970.
func TestASynchronisedClockBelowTheFloorIsNotBelieved(t *testing.T) {
	f := &fake{mono: time.Second, wall: time.Unix(86400, 0), synced: true}
	c := clockOf(f, built)
	want(t, c, built, false)
	f.wall = today
	want(t, c, today, true)
	f.pass(time.Hour)
	f.wall = time.Unix(0, 0) // in the middle of the day
	want(t, c, today.Add(time.Hour), true)
	f.wall = today.Add(2 * time.Hour) // an hour ahead: it is synchronised, and followed
	want(t, c, today.Add(2*time.Hour), true)
	f.wall = built.Add(-time.Hour) // the floor may be ahead a little
	f.mono, c = time.Second, clockOf(f, built)
	want(t, c, built.Add(-time.Hour), true)
}
