package agent

import (
	"time"

	"ark"
)

// Program is what the loudspeaker is asked to sound: segments one after the
// other without a lost or doubled frame between them.
type Program struct {
	Broadcast ark.ID
	Segments  []Segment
	Gain      float64       // dB, at most 0: how much softer than all the loudspeaker can
	Lead      time.Duration // silence before the first segment, for an amplifier that sleeps
	Bed       bool          // music: sounds beneath another program and is ducked by it; at most one
	Talk      bool          // the microphone, until it is hushed; there are no segments, and what is said is told of as segment 0
	Listen    bool          // what the listening input hears of it is told by Heard
}

// Segment is one piece of a program.
type Segment struct {
	Sound    Sound
	Language ark.Language  // of a recording
	Content  ark.Hash      // which file of the library; of what is no recording, zero
	Frames   int64         // its length; the library's word wins
	Gap      time.Duration // silence after it
}

// Sound is what a segment sounds.
type Sound uint8

// What a segment can sound.
const (
	SoundRecording Sound = iota
	SoundChime
	SoundTone  // the built-in tone, where there is nothing else to say
	SoundCheck // the tones of a self-test, which an input can tell from anything else
)

// Play is an action: sound the program. At most one program that is no bed
// sounds at a time: the one that Instead names is cut in the same moment, with
// a fade of 20 ms, for the reason Why. The new one begins with that fade, so it
// may be told to have started before the other is told to have ended. A bed
// that names nothing while another bed sounds waits for its end and follows it
// without a gap; at most one waits.
type Play struct {
	Program Program
	Instead ark.ID // zero: nothing is cut
	Why     string
}

// Hush is an action: end the program within one buffer, with a fade of 20 ms.
type Hush struct {
	Broadcast ark.ID
	Why       string
}

// Turn is an action: bring a program that sounds to another gain, within
// 100 ms.
type Turn struct {
	Broadcast ark.ID
	Gain      float64 // dB
}

func (Play) action() {}
func (Hush) action() {}
func (Turn) action() {}

// SegmentStarted comes when the device consumed the segment's first frame.
type SegmentStarted struct {
	Broadcast ark.ID
	Segment   int
	At        time.Duration // by the agent's monotonic clock
	Silent    bool          // the paced silent device consumed it
}

// SegmentEnded comes when the segment is over, whichever way.
type SegmentEnded struct {
	Broadcast ark.ID
	Segment   int
	Frames    int64  // the segment's length as the library has it
	Consumed  int64  // of them by the device
	Why       string // empty: all of it was consumed; else an ark.Why…
}

// ProgramEnded comes once per Play, after the last SegmentEnded.
type ProgramEnded struct {
	Broadcast ark.ID
	At        time.Duration
}

// Heard is what the listening input says of a program that asked for it; it
// comes before its ProgramEnded.
type Heard struct {
	Broadcast ark.ID
	Result    ark.Hearing
}

// SoundChanged tells that the loudspeaker's state is now another.
type SoundChanged struct{ State SoundState }

func (SegmentStarted) event() {}
func (SegmentEnded) event()   {}
func (ProgramEnded) event()   {}
func (SoundChanged) event()   {}
func (Heard) event()          {}

// SoundState is what is known of the loudspeaker, for pages, lamp and health.
type SoundState struct {
	Device   string        // what plays: "default", "silent"; empty: the first device is being opened
	Silent   bool          // no device: a paced silent one stands in, and nothing is heard
	Fault    string        // an ark.Why… while something is wrong; empty: nothing
	Restarts int           // of the loudspeaker process since the agent started
	LastAt   time.Duration // monotonic time at which the device last consumed a frame of a program

	Cards     string // ids of the sound cards that are there, by spaces, such as "Headphones Device"; "": unknown
	Muted     bool   // the card's mixer is muted or turned down to nothing
	Mic       bool   // there is an input to talk into
	Listening bool   // an input listens to what sounds
}
