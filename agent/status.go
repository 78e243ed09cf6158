package agent

import (
	"slices"

	"ark"
)

// Status is what pages show of the brain.
type Status struct {
	Playing  *ark.AsRun  // what sounds uppermost: speech before music; nil: nothing
	Sounding []ark.AsRun // all that sounds, the uppermost first
	Waiting  []ark.AsRun // what waits for the loudspeaker, in the order in which it will have it
	Refused  *ark.AsRun  // the newest that was refused, for half a minute: Why says
	Sound    SoundState
	Panel    PanelState
	Stuck    []Button
	Holding  Button // a button that acts once it is held long enough, and is being held; empty: none
	Doubtful int    // orders that wait for a trusted clock
	Lamps    map[Lamp]bool

	Volume     ark.Level // what the crew has set
	Sounds     ark.Level // at which speech sounds now: Volume, or the cap
	Capped     bool      // Sounds is lower than Volume
	Full       ark.Level // the most the van can
	Least      ark.Level
	Calibrated bool // a technician measured Full

	Quiet       bool          // these are quiet hours: only emergencies and talk sound
	QuietUntil  ark.UnixMilli // when they end; 0: no end is near
	QuietBlind  bool          // nobody knows: the clock is not trusted
	Place       string        // where the crew says the van stands; empty: nowhere in particular
	Places      []string      // those that have rules of their own
	Zone        string        // of all times of day
	Next        *Due          // the next start of the plan within a week; nil: there is none
	PlanBlocked string        // why no start of the plan is begun, an ark.Why…; empty: they are
	Plan        int64         // version of the plan; 0: none

	Presses  [ark.PressBuckets]int64 // press to first sample since the start
	SelfTest *ark.SelfTest           // the last; nil: never
	Library  ark.LibraryState        // Stage 0: nothing is known, the van's own demonstration
}

// Due is a start of the plan that is to come.
type Due struct {
	Announcement ark.AnnouncementID
	Title        ark.Text // empty: the van does not hold it
	At           ark.UnixMilli
}

// Status is a copy of what pages show.
func (b *Brain) Status() Status {
	s := Status{Sound: b.sound, Panel: b.panel, Stuck: slices.Clone(b.stuck), Doubtful: len(b.doubtful), Lamps: map[Lamp]bool{}}
	for l, on := range b.lamps {
		s.Lamps[l] = on
	}
	if r := b.runs[b.current]; r != nil {
		playing := r.record().Body.(ark.AsRun)
		s.Playing = &playing
	}
	s.Volume, s.Sounds, s.Full, s.Least, s.Calibrated = b.rules.First, b.rules.First, b.rules.Full, b.rules.Least, b.rules.Calibrated
	return s
}
