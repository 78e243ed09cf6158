package crew

import (
	"testing"

	"ark"
)

// Whatever a phone's clock says: the age is one that a visit may have, and
// where it cannot have been the true one the time is doubtful.
func TestAgeByThePhonesClock(t *testing.T) {
	const van, hour = ark.UnixMilli(1_790_000_000_000), int64(3_600_000)
	at := int64(van)
	rows := []struct {
		name      string
		made, now int64
		age       int64
		doubtful  bool
	}{
		{"just now", at, at, 0, false},
		{"an hour in a stairwell", at - hour, at, hour, false},
		{"a clock that is a minute fast", at - hour + 60_000, at + 60_000, hour, false},
		{"a clock that is an hour fast", at, at + hour, hour, true},
		{"1970", 0, 0, 0, true},
		{"1970, and an hour on", 5, 5 + hour, hour, true},
		{"made in 1970, then the clock was set", 5, at, ark.MaxAge, true},
		{"made in the future, then the clock was set", at + 400*24*hour, at, 0, true},
		{"set back by a second", at + 1000, at, 0, false},
		{"before 1970", -hour, -1, 0, true},
		{"out of all range", -1 << 63, 1<<63 - 1, ark.MaxAge, true},
		{"out of range the other way", 1<<63 - 1, -1 << 63, 0, true},
	}
	for _, row := range rows {
		age, off := ageOf(row.made, row.now, van)
		v := ark.Visit{Place: "x", Outcome: ark.Met, Age: age, Off: off}
		if doubt := v.Doubtful(ark.Stamp{Trusted: true}); age != row.age || doubt != row.doubtful || v.Check() != nil {
			t.Errorf("%s: age %d, off %d, doubtful %v, %v; want age %d, doubtful %v", row.name, age, off, doubt, v.Check(), row.age, row.doubtful)
		}
	}
}
