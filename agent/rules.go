package agent

import (
	"time"

	"ark"
)

// Meaning is what a button does: one of an announcement, Stop, Louder,
// Softer, Test and Talk.
type Meaning struct {
	Announcement ark.AnnouncementID
	Again        Again // a press while this button's own announcement sounds or waits
	Stop         bool  // ends what sounds and empties the queue
	Louder       bool  // one step up
	Softer       bool  // one step down
	Test         bool  // a self-test
	Talk         bool  // the microphone, as long as it is held
	Hold         bool  // acts only once it was held for the long-press time; not for Talk
}

// Again is what a press does while the button's own announcement is under
// way.
type Again uint8

// What it can do.
const (
	AgainIgnore  Again = iota
	AgainRestart       // from the beginning
	AgainStop
)

// Rules are what the brain goes by. They are data, given at the start; the
// functions must answer at once, without I/O worth waiting for.
type Rules struct {
	Buttons map[Button]Meaning
	Find    func(ark.AnnouncementID) (ark.Announcement, bool) // in the van's library
	Missing func(ark.Hash) string                             // why a recording cannot be played, an ark.Why…; empty: it can. nil: all can
	NewID   func(ark.UnixMilli) ark.ID
	Zone    func(name string) (*time.Location, error) // time.LoadLocation; nil: there is only UTC
	Release string

	Settings ark.Settings // until the hub says otherwise; without a zone: ark.DefaultSettings

	Lead time.Duration // silence before a program, for an amplifier that sleeps
	Long time.Duration // what the panel calls a long press; 0: 1 s

	Full       ark.Level // what the van sounds at gain 0; 0: 100 dB
	Calibrated bool      // a technician measured Full
	Least      ark.Level // the softest that the crew can set; 0: 40 dB below Full
	Step       ark.Level // of one press; 0: 3 dB
	First      ark.Level // until the crew has set one; 0: Full
}

// Levels of a van whose profile does not say.
const (
	defaultFull  ark.Level = 1000
	defaultRange ark.Level = 400
	defaultStep  ark.Level = 30
)

// filled are the rules with what the profile left out.
func (r Rules) filled() Rules {
	if r.Full == 0 {
		r.Full = defaultFull
	}
	if r.Least == 0 {
		r.Least = r.Full - defaultRange
	}
	if r.Step <= 0 {
		r.Step = defaultStep
	}
	if r.First == 0 {
		r.First = r.Full
	}
	if r.Settings.Zone == "" {
		r.Settings = ark.DefaultSettings()
	}
	if r.Long == 0 {
		r.Long = time.Second
	}
	if r.Missing == nil {
		r.Missing = func(ark.Hash) string { return "" }
	}
	if r.Zone == nil {
		r.Zone = func(string) (*time.Location, error) { return time.UTC, nil }
	}
	return r
}
