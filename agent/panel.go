package agent

import "time"

// Button is a button by the name the profile gives it: "1", "2", "stop".
type Button string

// Lamp is a lamp by its name: "ready", "playing", "fault".
type Lamp string

// Pressed is a debounced press. At is when the first edge came, by the
// agent's monotonic clock: what "press to first sample" is counted from.
type Pressed struct {
	Button Button
	At     time.Duration
	Long   bool // held for the profile's long-press time; comes after the short one
}

// Released is the end of a press.
type Released struct {
	Button Button
	At     time.Duration
}

// Stuck says that a button has been down for longer than a hand would.
type Stuck struct {
	Button Button
	Stuck  bool
}

func (Pressed) event()  {}
func (Released) event() {}
func (Stuck) event()    {}

// Light is an action: a lamp on or off.
type Light struct {
	Lamp Lamp
	On   bool
}

func (Light) action() {}

// PanelState is what is known of the buttons' hardware, for pages and health.
type PanelState struct {
	Chip  string // the GPIO chip's label; empty: only the simulated panel
	Fault string // what is wrong, for a technician; empty: nothing
}
