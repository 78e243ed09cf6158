package ark

import "fmt"

// Class says what sort of announcement it is. Numbers are on the wire and in
// manifests and never change.
type Class uint8

// The classes. Routine is the zero value: what a library of before had.
const (
	ClassRoutine        Class = 0
	ClassEmergencyUpper Class = 1 // ordered by a level above the street
	ClassEmergencyLocal Class = 2
	ClassScheduled      Class = 3 // made for a timetable; outranks a routine press
	ClassMusic          Class = 4 // plays beneath speech
)

// Classes lists them, the most urgent first.
var Classes = []Class{ClassEmergencyUpper, ClassEmergencyLocal, ClassScheduled, ClassRoutine, ClassMusic}

var classWords = [...]string{"routine", "emergency-upper", "emergency-local", "scheduled", "music"}

// String is a stable English word, or "unknown".
func (c Class) String() string {
	if int(c) >= len(classWords) {
		return "unknown"
	}
	return classWords[c]
}

// ParseClass reads what String wrote.
func ParseClass(s string) (Class, error) {
	for i, w := range classWords {
		if w == s {
			return Class(i), nil
		}
	}
	return 0, fmt.Errorf("class %q: unknown", s)
}

// Emergency tells whether quiet hours and volume caps do not hold it back.
func (c Class) Emergency() bool { return c == ClassEmergencyUpper || c == ClassEmergencyLocal }

func (c Class) check() error {
	if int(c) >= len(classWords) {
		return fmt.Errorf("class %d: unknown", c)
	}
	return nil
}

// Rank orders what wants the loudspeaker: the higher one sounds. The order is
// that of GB 16806 and of local 应急广播 rules: a person at the microphone
// before anything automatic, the upper level before the lower, emergency
// before routine. It is not on the wire.
type Rank uint8

// The ranks, the lowest first.
const (
	RankTest Rank = iota + 1 // a self-test: gives way to all
	RankMusic
	RankButton // routine, whoever asked
	RankScheduled
	RankEmergencyLocal
	RankEmergencyUpper
	RankManual // live voice
)

// RankOf is the rank of a broadcast: by its class, and for what is neither
// emergency nor music by what asked for it.
func RankOf(c Class, t Trigger) Rank {
	switch {
	case t.Test:
		return RankTest
	case t.Talk:
		return RankManual
	case c == ClassEmergencyUpper:
		return RankEmergencyUpper
	case c == ClassEmergencyLocal:
		return RankEmergencyLocal
	case c == ClassMusic:
		return RankMusic
	case c == ClassScheduled, !t.Schedule.IsZero():
		return RankScheduled
	}
	return RankButton
}
