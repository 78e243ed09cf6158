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

	Schedule ID        `cbor:"3,keyasint,omitzero" json:"schedule,omitzero"` // or the item of the plan,
	Due      UnixMilli `cbor:"4,keyasint,omitempty" json:"due,omitempty"`    // and when it was due
	Talk     bool      `cbor:"5,keyasint,omitempty" json:"talk,omitempty"`   // live voice: the button is a press-to-talk
	Test     bool      `cbor:"6,keyasint,omitempty" json:"test,omitempty"`   // a self-test, by a button or by the week
	By       string    `cbor:"7,keyasint,omitempty" json:"by,omitempty"`     // the account at the hub
	Line     string    `cbor:"8,keyasint,omitempty" json:"line,omitempty"`   // of the button, such as GPIO17; empty: pressed on a page or a keyboard
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

	WhyInterrupted = "interrupted"     // something of higher rank cut it; it goes on afterwards (not an end)
	WhyQuiet       = "quiet"           // quiet hours
	WhyNotValid    = "not-valid"       // outside the announcement's dates
	WhyTooLong     = "too-long"        // its longest total length was reached
	WhyMissed      = "missed"          // its time was over when the van could have begun, beyond the grace
	WhyUntrusted   = "clock-untrusted" // the van does not know what time it is
	WhyMuted       = "muted"           // the sound card is muted or turned down to nothing
	WhyWrongCard   = "wrong-card"      // the sound card of the profile is not there; another is
	WhyNoCard      = "no-card"         // there is no sound card at all
	WhyNoOutput    = "no-output"       // what was sent was silence though there was something to say
	WhyUnheard     = "unheard"         // the listening microphone or loopback heard nothing of it
	WhyNoMic       = "no-microphone"   // there is no input to talk into
	WhyZone        = "unknown-zone"    // the van does not know the time zone
	WhyGarbled     = "garbled"         // an order that contradicts itself or goes beyond a limit
)

// Grounds of an exemption where nobody gave a reason. They cross the wire;
// pages translate them.
const (
	ExemptEmergency = "emergency"
	ExemptTalk      = "talk"
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

	Class       Class     `cbor:"13,keyasint,omitempty"`
	RequestedAt UnixMilli `cbor:"14,keyasint,omitempty"`
	Volume      Level     `cbor:"15,keyasint,omitempty"` // at which it sounded, or was to
	Capped      bool      `cbor:"16,keyasint,omitempty"` // Volume was lowered by a cap
	Exempt      string    `cbor:"17,keyasint,omitempty"` // not empty: it sounded although quiet hours or a cap stood against it; why
	ExemptBy    string    `cbor:"18,keyasint,omitempty"` // and who: an account, or the button
	Heard       Hearing   `cbor:"19,keyasint,omitempty"` // what the listening input says
	Cuts        int       `cbor:"20,keyasint,omitempty"` // how often it was interrupted and went on
	Tone        bool      `cbor:"21,keyasint,omitempty"` // nothing could be played: the built-in tone sounded instead
	Rounds      int       `cbor:"22,keyasint,omitempty"` // rounds before those of Recordings, which holds the last ones only
	Summed      int64     `cbor:"23,keyasint,omitempty"` // frames that the device consumed in those rounds; of live voice, all of them
	Alike       int       `cbor:"24,keyasint,omitempty"` // presses refused for the same reason since the record before, and not recorded
}

// Hearing is the third level of honesty beyond sent and consumed.
type Hearing uint8

// What a listening microphone or loopback says.
const (
	HeardUnknown Hearing = 0 // nothing listens
	HeardYes     Hearing = 1
	HeardNo      Hearing = 2
)

// AsRunRecording says what the device consumed of one recording.
type AsRunRecording struct {
	Language Language       `cbor:"1,keyasint"`
	Content  Hash           `cbor:"2,keyasint"`
	Frames   int64          `cbor:"3,keyasint"` // its length
	Consumed int64          `cbor:"4,keyasint"` // of them by the device
	State    BroadcastState `cbor:"5,keyasint"`
	Why      string         `cbor:"6,keyasint,omitempty"`

	Round     int       `cbor:"7,keyasint,omitempty"` // 0: the first time, 1: the first repeat …
	StartedAt UnixMilli `cbor:"8,keyasint,omitempty"`
	EndedAt   UnixMilli `cbor:"9,keyasint,omitempty"`
	Loudness  int       `cbor:"10,keyasint,omitempty"` // of the recording, hundredths of LUFS; how loud it sounded is Volume's
}
