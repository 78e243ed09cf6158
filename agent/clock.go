package agent

import (
	"os"
	"strings"
	"sync"
	"time"

	"golang.org/x/sys/unix"

	"ark"
)

// Clock is the van's time. A Pi has no clock of its own, so it begins with
// what the system says, never earlier than the floor, and is trusted once the
// kernel calls its clock synchronised (NTP) or the hub's signed word was
// heard. After the hub's word it counts on by the time since boot, which
// nobody can set: the system's clock may then jump as it likes. It never sets
// the system's clock.
type Clock struct {
	boot   ark.BootID
	mono   func() time.Duration
	wall   func() time.Time
	synced func() bool // whether wall can be believed now

	mu    sync.Mutex
	floor mark // the clock never shows less: build time, last trusted time
	known mark // a trusted time; its zero: none yet
	hub   bool // known is the hub's word
}

// mark is a time, and the time since boot at which it was that time.
type mark struct {
	wall time.Time
	at   time.Duration
}

func (m mark) now(mono time.Duration) time.Time { return m.wall.Add(mono - m.at) }

// NewClock reads the boot id. floor is the latest time known to have passed.
func NewClock(floor time.Time) *Clock {
	c := &Clock{mono: sinceBoot, wall: time.Now, synced: synchronised, floor: mark{floor, sinceBoot()}}
	text, err := os.ReadFile("/proc/sys/kernel/random/boot_id")
	if err == nil {
		c.boot, _ = ark.ParseBootID(strings.TrimSpace(string(text))) // zero: a boot nobody can name
	}
	return c
}

// NewClockOn is a clock on another wall clock than the system's, one that
// nobody sets: a Pi's that wakes in 1970, for tests.
func NewClockOn(wall func() time.Time, floor time.Time) *Clock {
	c := NewClock(floor)
	c.wall, c.synced = wall, func() bool { return false }
	return c
}

// sinceBoot counts through suspends too (CLOCK_BOOTTIME).
func sinceBoot() time.Duration {
	var ts unix.Timespec
	if err := unix.ClockGettime(unix.CLOCK_BOOTTIME, &ts); err != nil {
		return 0
	}
	return time.Duration(ts.Nano())
}

// synchronised is what the kernel's NTP discipline says (adjtimex(2)).
func synchronised() bool {
	const timeError = 5
	state, err := unix.Adjtimex(&unix.Timex{})
	return err == nil && state != timeError
}

// Now is the moment, as entries carry it.
func (c *Clock) Now() ark.Stamp {
	c.mu.Lock()
	defer c.mu.Unlock()
	mono := c.mono()
	wall, trusted := c.read(mono)
	return ark.Stamp{Wall: ark.Milli(wall), Boot: c.boot, Mono: mono, Trusted: trusted}
}

// Mono is the time since boot.
func (c *Clock) Mono() time.Duration { return c.mono() }

// Time is for judging certificates: never before the floor, so that a van
// that wakes in 1970 still finds the hub's certificate valid.
func (c *Clock) Time() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	now, _ := c.read(c.mono())
	return now
}

// floorDoubt is how far the floor itself may be ahead: the clock it came from
// may have been wrong. A clock that is called synchronised and shows less is
// not believed: a kernel in 1970 says so too when somebody set it by hand.
const floorDoubt = 24 * time.Hour

func (c *Clock) read(mono time.Duration) (now time.Time, trusted bool) {
	if !c.hub && c.synced() {
		if wall := c.wall(); wall.After(c.floor.now(mono).Add(-floorDoubt)) {
			c.known = mark{wall, mono} // kept, in case the network and with it NTP goes away
		}
	}
	if !c.known.wall.IsZero() {
		return c.known.now(mono), true
	}
	now = c.wall()
	if floor := c.floor.now(mono); now.Before(floor) {
		now = floor // and counts on from there
	}
	return now, false
}

// Learn takes the hub's word for the present moment and returns by how much
// the clock was behind.
func (c *Clock) Learn(now ark.UnixMilli) (step time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	mono := c.mono()
	was, _ := c.read(mono)
	c.known, c.hub = mark{now.Time(), mono}, true // it outranks the floor, which was a guess
	return now.Time().Sub(was)
}

// Raise lifts the floor to a time known to have passed.
func (c *Clock) Raise(floor time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if mono := c.mono(); floor.After(c.floor.now(mono)) {
		c.floor = mark{floor, mono}
	}
}
