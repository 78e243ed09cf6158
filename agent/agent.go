// Package agent is the van. What it does is decided by a pure function from
// events to actions (Brain.Handle); Run is the one shell that carries the
// actions out. Its sub-packages are the doors to the world: buttons,
// loudspeaker, crew, disk and hub. They know this package and not each other;
// cmd/ark-agent joins them.
package agent

import (
	"time"

	"ark"
)

// Event is something that happened to the van.
type Event interface{ event() }

// Action is something the van must do now.
type Action interface{ action() }

// OrderArrived is an order that was committed to the van's store.
type OrderArrived struct {
	ID   ark.ID
	Kind ark.Kind
	Body any // of the kind's body type: ark.PlayNow, ark.Library …
}

// Resumed is told once at the start: the broadcasts that were under way when
// the agent ended, and the orders that are not done.
type Resumed struct {
	Unfinished []ark.AsRun
	Orders     []OrderArrived
	Kept       map[string][]byte // what Keep kept, by its key
}

// Tick comes once a second.
type Tick struct{}

// DiskChanged tells how much room the card has.
type DiskChanged struct{ Free int64 }

// HeatChanged tells how hot the processor is, in tenths of a degree Celsius; 0:
// that is not known.
type HeatChanged struct{ Tenths int }

// PagesChanged tells when the last certificate ends under which phones open
// the van's pages; zero: there is none.
type PagesChanged struct{ Until time.Time }

// CardChanged tells whether the card keeps what it is given.
type CardChanged struct{ Out bool }

// TimeLearned tells that a trusted time became known; the clock shows it
// already.
type TimeLearned struct {
	Wall   ark.UnixMilli
	Source string        // "hub", "ntp"
	Step   time.Duration // by which the clock was behind
}

// PlaceChosen is the crew's word of where the van stands; empty: nowhere in
// particular.
type PlaceChosen struct{ Place string }

// LibraryChanged tells how far the van has a library.
type LibraryChanged struct{ State ark.LibraryState }

// Keep is an action: keep a small value under a key over restarts, in the
// van's store. It is the present state of one thing, not an entry.
type Keep struct {
	Key   string // at most 32 characters
	Value []byte // at most 48 kB
}

// Fetch is an action: bring this library to the van, and use it once it is
// whole. A later one takes the place of an earlier one.
type Fetch struct{ Library ark.Library }

func (PlaceChosen) event()    {}
func (LibraryChanged) event() {}
func (Keep) action()          {}
func (Fetch) action()         {}

func (TimeLearned) event()  {}
func (OrderArrived) event() {}
func (Resumed) event()      {}
func (Tick) event()         {}
func (DiskChanged) event()  {}
func (HeatChanged) event()  {}
func (PagesChanged) event() {}
func (CardChanged) event()  {}

// Record is an action: append an entry to the van journal.
type Record struct {
	ID   ark.ID // zero: a new one
	Kind ark.Kind
	Body any       // of the kind's body type
	At   ark.Stamp // when it happened; zero: when it is written
}

func (Record) action() {}

// Button is a button by the name the profile gives it: "1", "2", "stop".
type Button string

// Pressed is a debounced press.
type Pressed struct {
	Button Button
	Line   string        // on which it came, such as GPIO17; empty: on no wire
	At     time.Duration // of the first edge, monotonic: what "press to first sample" counts from
	Long   bool          // held for the long-press time; comes after the short one
}

// Released is the end of a press.
type Released struct {
	Button Button
	At     time.Duration
}

// Stuck says that a button has been down for longer than a hand would hold
// it, or no longer is.
type Stuck struct {
	Button Button
	Stuck  bool
}

// PanelChanged tells that the buttons' hardware is now in another state.
type PanelChanged struct{ State PanelState }

func (Pressed) event()      {}
func (Released) event()     {}
func (Stuck) event()        {}
func (PanelChanged) event() {}

// PanelState is what is known of the buttons' hardware.
type PanelState struct {
	Chip  string // the GPIO chip's label; empty: only the simulated panel
	Fault string // an ark.Panel… while the buttons, or with ark.PanelChatter one of them, cannot be used; empty: nothing
	Line  string // which line it is about; empty: no one line
}

// Lamp is a lamp of the panel.
type Lamp string

// The lamps.
const (
	LampReady   Lamp = "ready"   // a press will be heard
	LampPlaying Lamp = "playing" // something sounds
	LampFault   Lamp = "fault"   // look at the crew's page
)

// Light is an action: a lamp on or off.
type Light struct {
	Lamp Lamp
	On   bool
}

func (Light) action() {}
