package console

import (
	"crypto/sha256"
	"encoding/hex"
	"time"

	"ark"
	"ark/hub"
)

// group is the orders that one form made: one for each of its vans. They have
// the same body, down to the millisecond until which it is worth doing, and
// follow each other.
type group struct {
	Orders []order      // newest first, that is by van backwards
	Key    string       // the same for all of them, and for no other form
	At     hub.Position // of the newest of them: it never changes
}

// keyOf is what the orders of one form have in common.
func keyOf(o hub.Order) string {
	body, err := ark.EncodeBody(o.Kind, o.Body)
	if err != nil {
		return o.ID.String()
	}
	sum := sha256.Sum256(append(body, byte(o.Kind)))
	return hex.EncodeToString(sum[:8])
}

// gather puts orders that follow each other and came of one form together.
func gather(orders []order) (all []group) {
	for _, o := range orders {
		key := keyOf(o.Order)
		if n := len(all); n > 0 && all[n-1].Key == key {
			all[n-1].Orders = append(all[n-1].Orders, o)
			continue
		}
		all = append(all, group{Orders: []order{o}, Key: key, At: o.Position})
	}
	return all
}

// First is what all orders of the group have in common: its what, when and by
// whom.
func (g group) First() order { return g.Orders[0] }

// Kind is that of all its orders.
func (g group) Kind() ark.Kind { return g.Orders[0].Kind }

// Standing tells whether it says how things are to be from now on, rather
// than what is to be done now.
func (g group) Standing() bool {
	return g.Kind() != ark.KindPlayNow && g.Kind() != ark.KindStop
}

// Until is for how long it is worth doing.
func (g group) Until() time.Time { return g.Orders[0].Until }

// tally is how many vans have come how far with an order.
type tally struct {
	Vans, Waiting, Lapsed, Held, Accepted, Started, Finished, Cut, Failed, Expired int
}

// Tally counts how far the vans have come. Those that finished or were cut
// after they had begun count as started too.
func (g group) Tally() (t tally) {
	t.Vans = len(g.Orders)
	for _, o := range g.Orders {
		switch {
		case o.Lapsed:
			t.Lapsed++
		case o.State == 0 && o.Held && byTaking(o.Kind):
			t.Finished++
		case o.State == 0 && o.Held:
			t.Held++
		case o.State == 0:
			t.Waiting++
		}
		switch o.State {
		case ark.BroadcastAccepted:
			t.Accepted++
		case ark.BroadcastFinished:
			t.Finished++
		case ark.BroadcastCut:
			t.Cut++
		case ark.BroadcastFailed:
			t.Failed++
		case ark.BroadcastExpired:
			t.Expired++
		}
		if sounded(o.Order) {
			t.Started++
		}
	}
	return t
}

// byTaking tells whether a van does an order by taking it, and says no word
// about it beyond its receipt.
func byTaking(k ark.Kind) bool {
	return k == ark.KindCrew || k == ark.KindPhones || k == ark.KindForm
}

// Loud are the vans on which it sounds or may yet sound.
func (g group) Loud() (vans []ark.VanID) {
	for _, o := range g.Orders {
		if o.Kind == ark.KindPlayNow && !o.State.Ended() && !o.Lapsed {
			vans = append(vans, o.Van)
		}
	}
	return vans
}

// sounded tells whether the device of the van consumed any of it.
func sounded(o hub.Order) bool {
	return o.State == ark.BroadcastStarted || o.State == ark.BroadcastFinished || o.Latency > 0
}
