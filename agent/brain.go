package agent

import (
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"ark"
)

// Brain decides. It is a pure function over its own state: no I/O, no clock,
// no goroutine.
type Brain struct {
	rules   Rules
	runs    map[ark.ID]*run // broadcasts that have not ended
	front   *run            // speech, tone or talk that the loudspeaker has; nil: none
	bed     *run            // music that it has
	waiting []*run          // in the order in which they will have it
	asked   uint64          // how many have asked for it
	refused *ark.AsRun      // the newest that was refused,
	refusal time.Duration   // and when, monotonic
	lastEnd time.Duration   // when the loudspeaker last had nothing more
	sounded bool            // it has sounded something

	doubtful []OrderArrived // orders that wait for a trusted clock
	hoping   []OrderArrived // orders to play what a library that is coming may bring
	wanted   *OrderArrived  // the order for the library that is coming
	fetched  ark.LibraryState
	toldLib  ark.LibraryState // as it was last recorded
	toldAt   time.Duration
	flaps    int // changes between coming and failed since it was another

	settings ark.Settings
	zone     *time.Location // of settings
	place    string
	volume   ark.Level
	unkept   bool // volume has changed since it was kept
	schedule schedule
	tests    tests

	trusted  bool // the journal says that the clock is trusted
	lamps    map[Lamp]bool
	sound    SoundState
	panel    PanelState
	stuck    []Button
	holding  Button // pressed, and not yet for long enough
	grip     grip
	welcomed time.Duration // when somebody last held Stop on a wire for welcomeHold, monotonic; 0: never
	presses  map[Button]*presses
	told     telling
}

// NewBrain makes a brain that has seen nothing.
func NewBrain(r Rules) *Brain {
	b := &Brain{rules: r.filled(), runs: map[ark.ID]*run{}, lamps: map[Lamp]bool{}, presses: map[Button]*presses{}}
	b.volume = b.rules.First
	b.told.healthAt = -healthEvery
	b.settings = b.rules.Settings
	b.zone = b.zoneOf(b.settings.Zone)
	return b
}

// zoneOf is a zone by its name; UTC where the van does not know it.
func (b *Brain) zoneOf(name string) *time.Location {
	if zone, err := b.rules.Zone(name); err == nil {
		return zone
	}
	return time.UTC
}

// Handle decides what an event means.
func (b *Brain) Handle(now ark.Stamp, e Event) []Action {
	out := b.heed(now, e)
	out = append(out, b.enforce(now)...)
	out = append(out, b.next(now)...)
	out = append(out, b.turn(now)...)
	out = append(out, b.light()...)
	return append(out, b.tellHealth(now)...)
}

func (b *Brain) heed(now ark.Stamp, e Event) []Action {
	switch e := e.(type) {
	case Pressed:
		b.gripped(e)
		return b.pressed(now, e)
	case Released:
		b.letGo(e)
		return b.released(now, e.Button)
	case Stuck:
		b.grip = grip{}
		b.stuck = slices.DeleteFunc(b.stuck, func(s Button) bool { return s == e.Button })
		if e.Stuck {
			b.stuck = append(b.stuck, e.Button)
			return b.released(now, e.Button)
		}
	case OrderArrived:
		return b.order(now, e)
	case Resumed:
		return b.resume(now, e)
	case LibraryChanged:
		return b.comes(now, e.State)
	case PlaceChosen:
		return b.placeChosen(e.Place)
	case Tick:
		return b.tick(now)
	case TimeLearned:
		return b.timeLearned(e)
	default:
		return b.soundTold(now, e)
	}
	return nil
}

// soundTold takes what the loudspeaker and the hardware say.
func (b *Brain) soundTold(now ark.Stamp, e Event) []Action {
	switch e := e.(type) {
	case SegmentStarted:
		return b.segmentStarted(now, e)
	case SegmentEnded:
		b.segmentEnded(now, e)
	case ProgramEnded:
		return b.programEnded(now, e)
	case Heard:
		if r := b.runs[e.Broadcast]; r != nil {
			r.Heard = e.Result
		}
	case SoundChanged:
		if b.sound = e.State; b.sound.Muted {
			b.muted()
		}
	case PanelChanged:
		b.panel = e.State
	case DiskChanged:
		b.told.disk = e.Free
	case HeatChanged:
		b.told.heat = e.Tenths
	case PagesChanged:
		b.told.pages = 0
		if !e.Until.IsZero() {
			b.told.pages = ark.Milli(e.Until)
		}
	case CardChanged:
		b.told.cardOut = e.Out
	}
	return nil
}

// showRefusal is for how long pages tell of a refusal.
const showRefusal = 30 * time.Second

func (b *Brain) tick(now ark.Stamp) []Action {
	var out []Action
	if now.Trusted && !b.trusted { // nobody told: the system's own clock was set
		out = b.timeLearned(TimeLearned{Wall: now.Wall, Source: "ntp"})
	}
	if b.unkept {
		b.unkept = false
		out = append(out, keepNumber(keyVolume, int64(b.volume)))
	}
	if b.refused != nil && now.Mono-b.refusal > showRefusal {
		b.refused = nil
	}
	out = append(out, b.reconsider(now)...)
	out = append(out, b.tellLibrary(now)...)
	out = append(out, b.startDue(now)...)
	return append(out, b.weeklyTest(now)...)
}

// timeLearned lets the hub correct what the same boot wrote before.
func (b *Brain) timeLearned(e TimeLearned) []Action {
	b.trusted = true
	return []Action{Record{Kind: ark.KindClock, Body: ark.Clock{Wall: e.Wall, Source: e.Source, Step: e.Step.Milliseconds()}}}
}

// goodPlace tells whether a place's name can go into records.
func goodPlace(place string) bool {
	return utf8.ValidString(place) && utf8.RuneCountInString(place) <= ark.MaxPlace && !strings.Contains(place, "\x00")
}

func (b *Brain) placeChosen(place string) []Action {
	if place == b.place || !goodPlace(place) {
		return nil
	}
	b.place = place
	return []Action{Keep{keyPlace, []byte(place)}}
}
