package ark

// BroadcastState is how far a broadcast, or one recording of it, has come.
type BroadcastState uint8

// A broadcast is requested, then accepted or refused; started when its first
// frame was consumed by the device; then it ends in one of the other ways.
// Numbers are on the wire and never change.
const (
	BroadcastAccepted BroadcastState = 1 // it waits for the loudspeaker
	BroadcastStarted  BroadcastState = 2
	BroadcastFinished BroadcastState = 3 // the device consumed every frame
	BroadcastCut      BroadcastState = 4 // stopped by a person, or by something of higher priority
	BroadcastFailed   BroadcastState = 5 // no sound, or not all of it: Why says
	BroadcastExpired  BroadcastState = 6 // came after its not-after time; never played
)

// Ended tells whether nothing more will be heard of the broadcast.
func (s BroadcastState) Ended() bool { return s >= BroadcastFinished }

// String is a stable English word for logs and tests.
func (s BroadcastState) String() string {
	words := [...]string{"", "accepted", "started", "finished", "cut", "failed", "expired"}
	if int(s) >= len(words) || s == 0 {
		return "unknown"
	}
	return words[s]
}

// Trigger is what asked for a broadcast.
type Trigger struct {
	Button string `cbor:"1,keyasint,omitempty" json:"button,omitempty"` // the profile's name of the button, such as "1"
	Order  ID     `cbor:"2,keyasint,omitzero" json:"order,omitzero"`    // or the order
}

// Reasons for which a broadcast or one of its recordings did not finish.
// They cross the wire; pages translate them.
const (
	WhyStopped     = "stopped"      // the stop button or a stop order
	WhyReplaced    = "replaced"     // another broadcast took the loudspeaker
	WhyMissing     = "missing"      // the van does not hold the recording or the announcement
	WhyDamaged     = "damaged"      // the file is not what its hash says
	WhyStalled     = "stalled"      // the device stopped consuming for 300 ms
	WhyDeviceLost  = "device-lost"  // the loudspeaker process or its device died
	WhyRestarted   = "restarted"    // the agent stopped or died while it played
	WhyNoRecording = "no-recording" // nothing at all could be played
	WhyBusy        = "busy"         // refused: too much is waiting
)

// AsRun is the record of one sounding of an announcement: the body of a
// broadcast entry. Entries of one broadcast share the Broadcast id and each
// holds all that was known when it was written; the last one wins.
type AsRun struct {
	Broadcast    ID               `cbor:"1,keyasint"`
	Announcement AnnouncementID   `cbor:"2,keyasint"`
	Version      int              `cbor:"3,keyasint,omitempty"`
	Title        Text             `cbor:"4,keyasint"` // kept here so that the record outlives the media
	Trigger      Trigger          `cbor:"5,keyasint"`
	State        BroadcastState   `cbor:"6,keyasint"`
	Why          string           `cbor:"7,keyasint,omitempty"`
	LatencyMS    int64            `cbor:"8,keyasint,omitempty"` // request to first frame consumed, milliseconds
	Recordings   []AsRunRecording `cbor:"9,keyasint,omitempty"`
	Silent       bool             `cbor:"10,keyasint,omitempty"` // there is no sound device: a paced silent one consumed it
	StartedAt    UnixMilli        `cbor:"11,keyasint,omitempty"`
	EndedAt      UnixMilli        `cbor:"12,keyasint,omitempty"`
}

// AsRunRecording says what the device consumed of one recording.
type AsRunRecording struct {
	Language Language       `cbor:"1,keyasint"`
	Content  Hash           `cbor:"2,keyasint"`
	Frames   int64          `cbor:"3,keyasint"` // its length
	Consumed int64          `cbor:"4,keyasint"` // of them by the device
	State    BroadcastState `cbor:"5,keyasint"`
	Why      string         `cbor:"6,keyasint,omitempty"`
}
