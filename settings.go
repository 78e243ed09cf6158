package ark

import (
	"fmt"
	"time"
)

// Level is a volume on the van's one calibrated scale, in tenths of dB: dB(A)
// at 3 m in front of the loudspeaker for a recording at the library's target
// loudness. A technician measures it once and writes it into the profile;
// until then the scale stands on a guess and pages say so.
type Level int

// DB is the level in dB.
func (l Level) DB() float64 { return float64(l) / 10 }

// Span is a time of day, in minutes since local midnight: from From up to,
// but without, To. One that ends before it begins goes over midnight; with
// both the same it is the whole day.
type Span struct {
	From int `cbor:"1,keyasint" json:"from"`
	To   int `cbor:"2,keyasint" json:"to"`
}

const dayMinutes = 24 * 60

// Holds tells whether a time of day is in the span, by its own zone's wall
// clock.
func (s Span) Holds(local time.Time) bool {
	m := local.Hour()*60 + local.Minute()
	switch {
	case s.From == s.To:
		return true
	case s.From < s.To:
		return m >= s.From && m < s.To
	}
	return m >= s.From || m < s.To
}

func (s Span) check() error {
	if s.From < 0 || s.From >= dayMinutes || s.To < 0 || s.To >= dayMinutes {
		return fmt.Errorf("time of day %d to %d: want minutes of a day", s.From, s.To)
	}
	return nil
}

// Cap is the most volume in a time of day.
type Cap struct {
	Span Span  `cbor:"1,keyasint" json:"span"`
	Most Level `cbor:"2,keyasint" json:"most"`
}

// Neighbours is what the law and the people next door ask for. Emergencies
// are exempt, and each exemption is recorded.
type Neighbours struct {
	Quiet []Span `cbor:"1,keyasint,omitempty" json:"quiet"` // nothing but emergencies sounds
	Caps  []Cap  `cbor:"2,keyasint,omitempty" json:"caps"`  // the lowest that holds counts
}

// DefaultNeighbours are the quiet hours of China's law on noise: 22:00 to
// 06:00 (噪声污染防治法, art. 88).
func DefaultNeighbours() Neighbours { return Neighbours{Quiet: []Span{{22 * 60, 6 * 60}}} }

// QuietAt tells whether a time is in the quiet hours.
func (n Neighbours) QuietAt(local time.Time) bool {
	for _, s := range n.Quiet {
		if s.Holds(local) {
			return true
		}
	}
	return false
}

// MostAt is the lowest cap that holds at a time; false: none does.
func (n Neighbours) MostAt(local time.Time) (most Level, capped bool) {
	for _, c := range n.Caps {
		if c.Span.Holds(local) && (!capped || c.Most < most) {
			most, capped = c.Most, true
		}
	}
	return most, capped
}

func (n Neighbours) check() error {
	if len(n.Quiet) > maxSpans || len(n.Caps) > maxSpans {
		return fmt.Errorf("%d quiet hours, %d caps; at most %d each", len(n.Quiet), len(n.Caps), maxSpans)
	}
	for _, s := range n.Quiet {
		if err := s.check(); err != nil {
			return err
		}
	}
	for _, c := range n.Caps {
		if err := c.Span.check(); err != nil {
			return err
		}
		if c.Most < minLevel || c.Most > maxLevel {
			return fmt.Errorf("cap of %v dB: want %v to %v", c.Most.DB(), minLevel.DB(), maxLevel.DB())
		}
	}
	return nil
}

const (
	maxSpans        = 24
	maxPlaces       = 200
	minLevel  Level = 200  // 20 dB
	maxLevel  Level = 1300 // 130 dB
)

// PlaceRules are the neighbours of one place. Where the van stands its crew
// says on the panel page.
type PlaceRules struct {
	Name       string     `cbor:"1,keyasint" json:"name"`
	Neighbours Neighbours `cbor:"2,keyasint" json:"neighbours"`
}

// AfterCut says what becomes of a broadcast that something of higher rank
// cut.
type AfterCut uint8

// What can become of it. Zero: what the class has by default.
const (
	AfterCutDefault AfterCut = 0
	AfterCutDrop    AfterCut = 1
	AfterCutRestart AfterCut = 2 // from the announcement's beginning
	AfterCutResume  AfterCut = 3 // from the beginning of the recording that was cut
)

// DefaultAfterCut is what each class has: an emergency is said again from its
// beginning, a routine message that was cut is over, the others go on.
func DefaultAfterCut(c Class) AfterCut {
	switch {
	case c.Emergency():
		return AfterCutRestart
	case c == ClassRoutine:
		return AfterCutDrop
	}
	return AfterCutResume
}

// ClassRule is what holds for a class.
type ClassRule struct {
	Class    Class    `cbor:"1,keyasint" json:"class"`
	AfterCut AfterCut `cbor:"2,keyasint" json:"after_cut"`
}

// Settings is the body of an order: how loud, when not, and what becomes of
// what was cut. The whole of it replaces what held before.
type Settings struct {
	Version   int64        `cbor:"1,keyasint"` // the hub's number
	Zone      string       `cbor:"2,keyasint"` // IANA zone of all times of day, such as Asia/Shanghai
	Rules     Neighbours   `cbor:"3,keyasint"` // where no place's hold
	Places    []PlaceRules `cbor:"4,keyasint,omitempty"`
	Classes   []ClassRule  `cbor:"5,keyasint,omitempty"`
	Emergency Level        `cbor:"6,keyasint,omitempty"` // volume of emergencies; 0: all the van can
	Music     Level        `cbor:"7,keyasint,omitempty"` // by how much music is softer than speech; 0: 6 dB
	By        string       `cbor:"8,keyasint,omitempty"`
	TestDay   int          `cbor:"9,keyasint,omitempty"`  // 1 Monday … 7 Sunday: day of the weekly self-test; 0: none
	TestAt    int          `cbor:"10,keyasint,omitempty"` // its minute of the day
}

// DefaultSettings hold until the hub says otherwise.
func DefaultSettings() Settings {
	return Settings{Zone: "Asia/Shanghai", Rules: DefaultNeighbours(), TestDay: 1, TestAt: 8*60 + 30}
}

// After is what becomes of a broadcast of a class that was cut.
func (s Settings) After(c Class) AfterCut {
	for _, r := range s.Classes {
		if r.Class == c && r.AfterCut != AfterCutDefault {
			return r.AfterCut
		}
	}
	return DefaultAfterCut(c)
}

// At are the neighbours of a place; where it has none, the van's.
func (s Settings) At(place string) Neighbours {
	for _, p := range s.Places {
		if p.Name == place {
			return p.Neighbours
		}
	}
	return s.Rules
}

// Check tells what is wrong with settings, if anything.
func (s Settings) Check() error {
	if len(s.Zone) == 0 || len(s.Zone) > 64 || len(s.Places) > maxPlaces || len(s.Classes) > len(Classes) {
		return fmt.Errorf("settings: zone %q, %d places, %d classes", s.Zone, len(s.Places), len(s.Classes))
	}
	if err := s.Rules.check(); err != nil {
		return fmt.Errorf("settings: %w", err)
	}
	for _, p := range s.Places {
		if p.Name == "" || checkText(p.Name, MaxPlace) != nil {
			return fmt.Errorf("settings: a place's name of 1 to %d characters", MaxPlace)
		}
		if err := p.Neighbours.check(); err != nil {
			return fmt.Errorf("settings: %s: %w", p.Name, err)
		}
	}
	for _, r := range s.Classes {
		if err := r.Class.check(); err != nil || r.AfterCut > AfterCutResume {
			return fmt.Errorf("settings: class %d, after a cut %d", r.Class, r.AfterCut)
		}
	}
	if s.Emergency != 0 && (s.Emergency < minLevel || s.Emergency > maxLevel) || s.Music < 0 || s.Music > 600 {
		return fmt.Errorf("settings: emergency at %v dB, music %v dB softer", s.Emergency.DB(), s.Music.DB())
	}
	if s.TestDay < 0 || s.TestDay > 7 || s.TestAt < 0 || s.TestAt >= dayMinutes {
		return fmt.Errorf("settings: self-test on day %d at minute %d", s.TestDay, s.TestAt)
	}
	return told(s.By)
}

// SelfTest is the body of the entry of a self-test: tones at low volume, and
// what became of them.
type SelfTest struct {
	At        UnixMilli `cbor:"1,keyasint"`
	Result    Hearing   `cbor:"2,keyasint,omitempty"` // HeardYes: an input heard the tones; HeardUnknown: consumed, nothing listens
	Consumed  bool      `cbor:"3,keyasint,omitempty"` // the device consumed all of it
	Why       string    `cbor:"4,keyasint,omitempty"` // what was wrong
	Volume    Level     `cbor:"5,keyasint,omitempty"`
	Broadcast ID        `cbor:"6,keyasint,omitzero"`
	Device    string    `cbor:"7,keyasint,omitempty"`
}

// Check tells what is wrong with a self-test's record, if anything.
func (s SelfTest) Check() error {
	if s.Result > HeardNo {
		return fmt.Errorf("self-test: result %d: unknown", s.Result)
	}
	return told(s.Why, s.Device)
}
