// Package hub is the one place all vans report to. It holds what the parts
// of the hub need of each other: the way to the vans, and (in store.go) what
// is kept. The parts themselves are its sub-packages; cmd/ark-hub joins them.
package hub

import (
	"context"

	"ark"
)

// Link is the way to the vans: the hub's own MQTT end point, or an outside
// broker behind the same methods.
type Link interface {
	// Run serves vans until ctx ends, then closes every connection.
	Run(ctx context.Context) error
	// Send queues a message on one of a van's down channels and never waits.
	// False: the van is not connected, or its queue is full and the message
	// was dropped and counted; the journals repeat whatever mattered.
	Send(van ark.VanID, c ark.Channel, payload []byte) bool
	// Disconnect ends a van's live session at once and waits until it has
	// wholly ended. Whoever revokes a certificate calls it after the
	// revocation is in force.
	Disconnect(van ark.VanID)
	// Connected lists the vans with a live session, in no order.
	Connected() []ark.VanID
}

// Arrivals is what a Link does with what comes in.
type Arrivals interface {
	// Arrived takes one message of a van. It runs in that van's goroutine and
	// may block: that slows this van and no other. The payload is the
	// callee's to keep. An error ends the van's session.
	Arrived(ctx context.Context, van ark.VanID, c ark.Channel, payload []byte) error
	// Present tells that a van came or went, strictly alternating per van.
	Present(van ark.VanID, here bool)
}

// Gate decides who may come in. It is asked after every TLS handshake, also a
// resumed one, and again before each message is used.
type Gate interface {
	// Admit answers whether the certificate with this serial number (lower
	// case hexadecimal) may speak for the van now.
	Admit(van ark.VanID, serial string) bool
}
