package ark

import "time"

// UnixMilli is a wall time in milliseconds since 1970-01-01 UTC.
type UnixMilli int64

// Milli cuts a time to milliseconds.
func Milli(t time.Time) UnixMilli { return UnixMilli(t.UnixMilli()) }

// Time is the same instant as a time.Time in UTC.
func (m UnixMilli) Time() time.Time { return time.UnixMilli(int64(m)).UTC() }

// Stamp says when something happened, and how far that can be believed. A Pi
// has no clock of its own: after a power cut its wall time may be years off
// until the network or the hub tells better. Order comes from Seq, never from
// here.
type Stamp struct {
	Wall    UnixMilli     // by the van's clock at that moment
	Boot    BootID        // which run of the operating system
	Mono    time.Duration // since that boot, whole milliseconds
	Trusted bool          // whether the wall clock had been set by somebody to be believed
}
