// Package agent is the van. What it does is decided by pure functions from
// events to actions; Run is the one shell that carries the actions out. Its
// sub-packages are the doors to the world: buttons, loudspeaker, crew, disk
// and hub. They know this package and not each other; cmd/ark-agent joins
// them.
package agent

import (
	"time"

	"ark"
)

// Event is something that happened to the van. The types in this file and in
// sound.go and panel.go are all there are.
type Event interface{ event() }

// Action is something the van must do now.
type Action interface{ action() }

// Moment is now, as data: the wall clock and the monotonic one.
type Moment struct {
	Stamp ark.Stamp
}

// OrderArrived is an order that was committed to the van's store.
type OrderArrived struct {
	ID   ark.ID
	Kind ark.Kind
	Body any // ark.PlayNow or ark.Stop
}

func (OrderArrived) event() {}

// Tick comes once a second.
type Tick struct{}

func (Tick) event() {}

// Record is an action: append an entry to the van journal.
type Record struct {
	Kind ark.Kind
	Body any // the body type of that kind
}

func (Record) action() {}

// Wake is an action: send a Tick no later than this.
type Wake struct{ After time.Duration }

func (Wake) action() {}
