package uplink

import (
	"encoding/binary"
	"time"
)

// longest is the longest pause after so many failures in a row: it doubles
// with each, up to a bound.
func longest(first, most time.Duration, failures int) time.Duration {
	if failures < 16 {
		most = min(most, first<<failures)
	}
	return most
}

// anyOf is a random time below a bound, so that vans do not come back all at
// once.
func anyOf(random func([]byte), below time.Duration) time.Duration {
	var r [8]byte
	random(r[:])
	return time.Duration(binary.BigEndian.Uint64(r[:]) % uint64(below))
}

// pause is a random time that may grow with each failure, and is never short.
func (t FetchTries) pause(random func([]byte), failures int) time.Duration {
	most := longest(t.First, t.Most, failures)
	return most/2 + anyOf(random, most/2+1)
}
