package agent

import "time"

// welcomeHold is how long Stop is held on the real panel to say: I stand in
// the van. It is far longer than anybody holds it to stop something.
const welcomeHold = 3 * time.Second

// grip is a Stop button on a wire that is down.
type grip struct {
	button Button
	at     time.Duration
}

// gripped notes that Stop went down on a wire. The panel page's own Stop has
// none: anybody on the van's network can press that.
func (b *Brain) gripped(e Pressed) {
	if e.Line != "" && !e.Long && b.rules.Buttons[e.Button].Stop {
		b.grip = grip{e.Button, e.At}
	}
}

// letGo notes that it came up again. One that is stuck is no hand.
func (b *Brain) letGo(e Released) {
	if b.grip.button == e.Button && e.Button != "" && e.At-b.grip.at >= welcomeHold {
		b.welcomed = e.At
	}
	b.grip = grip{}
}
