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
// what the system says, never earlier than the floor, and is trusted only if
// the system's clock is synchronised or the hub's signed word was heard. It
// keeps its own offset and does not set the system's clock.
type Clock struct {
	boot ark.BootID
	mono func() time.Duration
	wall func() time.Time

	mu      sync.Mutex
	floor   time.Time     // the clock never shows less: build time, last trusted time
	offset  time.Duration // what to add to wall
	trusted bool
}

// NewClock reads the boot id and asks the kernel whether its clock is
// synchronised. floor is the latest time known to have passed.
func NewClock(floor time.Time) *Clock {
	c := &Clock{mono: sinceBoot, wall: time.Now, floor: floor, trusted: synchronised()}
	text, err := os.ReadFile("/proc/sys/kernel/random/boot_id")
	if err == nil {
		c.boot, _ = ark.ParseBootID(strings.TrimSpace(string(text))) // zero: a boot nobody can name
	}
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
	return ark.Stamp{Wall: ark.Milli(c.timeLocked()), Boot: c.boot, Mono: c.mono(), Trusted: c.trusted}
}

// Mono is the time since boot.
func (c *Clock) Mono() time.Duration { return c.mono() }

// Time is for judging certificates: never before the floor, so that a van
// that wakes in 1970 still finds the hub's certificate valid.
func (c *Clock) Time() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.timeLocked()
}

func (c *Clock) timeLocked() time.Time {
	now := c.wall().Add(c.offset)
	if now.Before(c.floor) {
		return c.floor
	}
	return now
}

// Learn takes a trusted time for the present moment and returns by how much
// the clock was behind.
func (c *Clock) Learn(now ark.UnixMilli) (step time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	step = now.Time().Sub(c.timeLocked())
	c.offset = now.Time().Sub(c.wall())
	c.floor = time.Time{} // a trusted word outranks what we had guessed
	c.trusted = true
	return step
}

// Raise lifts the floor to a time known to have passed.
func (c *Clock) Raise(floor time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if floor.After(c.floor) {
		c.floor = floor
	}
}
