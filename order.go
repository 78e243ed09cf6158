package ark

// PlayNow is the body of an order to play an announcement now.
type PlayNow struct {
	Announcement AnnouncementID `cbor:"1,keyasint"`
	NotAfter     UnixMilli      `cbor:"2,keyasint"` // not worth doing after this time, by the van's trusted clock
	By           string         `cbor:"3,keyasint,omitempty"`
	Why          string         `cbor:"4,keyasint,omitempty"` // of an emergency: the reason, for the record of the exemption
}

// Stop is the body of an order to end what plays and drop what waits.
type Stop struct {
	NotAfter UnixMilli `cbor:"1,keyasint"`
	By       string    `cbor:"2,keyasint,omitempty"`
}

// OrderState is the body of the entry by which a van tells how far it has
// come with an order that has no broadcast of its own to tell it by: a stop,
// an order that expired, or one that it cannot do.
type OrderState struct {
	Order ID             `cbor:"1,keyasint"`
	State BroadcastState `cbor:"2,keyasint"`
	Why   string         `cbor:"3,keyasint,omitempty"`
}

// Health is the body of a health entry: what the van knows of itself.
type Health struct {
	Sound     string    `cbor:"1,keyasint"`           // "ok", "silent" (no device), or a Why
	Device    string    `cbor:"2,keyasint,omitempty"` // the sound device by name
	Panel     string    `cbor:"3,keyasint"`           // "ok", "none", or what is wrong
	DiskFree  int64     `cbor:"4,keyasint"`           // bytes on the data partition
	Release   string    `cbor:"5,keyasint"`           // the agent's version
	LastSound UnixMilli `cbor:"6,keyasint,omitempty"` // when a device last consumed speech

	Volume     Level               `cbor:"7,keyasint,omitempty"`                   // what is set now
	Full       Level               `cbor:"8,keyasint,omitempty"`                   // the most the van can
	Calibrated bool                `cbor:"9,keyasint,omitempty"`                   // a technician measured Full
	Presses    [PressBuckets]int64 `cbor:"10,keyasint,omitzero" json:",omitzero"`  // press to first sample since the agent started, by PressBounds
	Plan       string              `cbor:"11,keyasint,omitempty"`                  // why no schedule is started; empty: they are
	Place      string              `cbor:"12,keyasint,omitempty"`                  // where the crew says the van stands
	Listening  bool                `cbor:"13,keyasint,omitempty"`                  // an input listens to what sounds
	PagesUntil UnixMilli           `cbor:"14,keyasint,omitempty" json:",omitzero"` // when the last certificate ends under which phones open the van's pages; 0: it has none
	Heat       int                 `cbor:"15,keyasint,omitempty" json:",omitzero"` // of the processor, tenths of a degree Celsius; 0: not known
}

// Hot is the temperature of a Pi's processor, in tenths of a degree Celsius,
// from which it makes itself slower (raspberrypi.com, frequency management: 80
// to 85 °C).
const Hot = 800

// PressBounds are the upper bounds, in milliseconds, of all but the last of
// the buckets into which times from press to first sample are counted.
var PressBounds = [PressBuckets - 1]int64{5, 10, 15, 20, 25, 30, 40, 60, 100, 200, 500}

// PressBuckets is how many buckets there are.
const PressBuckets = 12

// PressBucket is the bucket of a time in milliseconds.
func PressBucket(ms int64) int {
	for i, b := range PressBounds {
		if ms <= b {
			return i
		}
	}
	return PressBuckets - 1
}

// What can be wrong with the buttons' wires. They cross the wire in Health;
// pages translate them.
const (
	PanelNoChip  = "no-chip"       // no GPIO chip: not a Pi, or its kernel does not show one
	PanelNoRight = "no-permission" // the agent's user may not open it
	PanelNoLine  = "no-line"       // no chip has a line of the profile's name
	PanelTaken   = "line-taken"    // another program has a line
	PanelLost    = "line-lost"     // a line answers no more
	PanelFailed  = "gpio-failed"   // another reason; the agent's log has it
	PanelStuck   = "stuck"         // a button is down for longer than a hand would hold it
	PanelChatter = "chatter"       // a line does not come to rest: a loose contact; the other buttons go on
)
