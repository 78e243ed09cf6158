package agent

import (
	"maps"
	"slices"
	"time"

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
	Welcomed time.Duration // when somebody last held Stop on the real panel for three seconds, monotonic; 0: never

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

// Status is a copy of what pages show at a time.
func (b *Brain) Status(now ark.Stamp) Status {
	s := Status{Sound: b.sound, Panel: b.panel, Stuck: slices.Clone(b.stuck), Doubtful: len(b.doubtful), Lamps: maps.Clone(b.lamps), Holding: b.holding, Welcomed: b.welcomed,
		Refused: b.refused, Volume: b.volume, Sounds: b.volume, Full: b.rules.Full, Least: b.rules.Least, Calibrated: b.rules.Calibrated,
		Place: b.place, Zone: b.settings.Zone, PlanBlocked: b.planBlocked(now), Plan: b.schedule.plan.Version,
		Presses: b.told.presses, SelfTest: b.tests.last, Library: b.fetched}
	copied := func(r *run) ark.AsRun { return r.record().Body.(ark.AsRun) }
	for _, r := range b.sounding() {
		if r == b.front || r == b.bed {
			s.Sounding = append(s.Sounding, copied(r))
		}
	}
	if len(s.Sounding) > 0 {
		s.Playing = &s.Sounding[0]
	}
	for _, r := range b.waiting {
		s.Waiting = append(s.Waiting, copied(r))
	}
	for _, p := range b.settings.Places {
		s.Places = append(s.Places, p.Name)
	}
	if most, capped := b.capAt(now); capped && most < b.volume {
		s.Sounds, s.Capped = most, true
	}
	if s.QuietBlind = !now.Trusted; b.quietAt(now) {
		s.Quiet, s.QuietUntil = true, b.quietUntil(now.Wall.Time().In(b.zone))
	}
	if next := b.schedule.coming; next != nil && s.PlanBlocked == "" {
		s.Next = &Due{Announcement: next.Item.Announcement, At: ark.Milli(next.Due)}
		if a, ok := b.rules.Find(next.Item.Announcement); ok {
			s.Next.Title = a.Title
		}
	}
	return s
}
