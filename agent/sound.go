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
}

// Segment is one piece of a program.
type Segment struct {
	Language ark.Language  // empty: the chime
	Content  ark.Hash      // which file of the library; of the chime, zero
	Frames   int64         // its length; the library's word wins
	Gap      time.Duration // silence after it
}

// Play is an action: sound the program, ending whatever sounds now.
type Play struct{ Program Program }

// Hush is an action: end the program within one buffer, with a short fade.
type Hush struct {
	Broadcast ark.ID
	Why       string // ark.WhyStopped or ark.WhyReplaced
}

func (Play) action() {}
func (Hush) action() {}

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

// SoundChanged tells that the loudspeaker's state is now another.
type SoundChanged struct{ State SoundState }

func (SegmentStarted) event() {}
func (SegmentEnded) event()   {}
func (ProgramEnded) event()   {}
func (SoundChanged) event()   {}

// SoundState is what is known of the loudspeaker, for pages, lamp and health.
type SoundState struct {
	Device   string        // what plays: "default", "silent"; empty: the first device is being opened
	Silent   bool          // no device: a paced silent one stands in, and nothing is heard
	Fault    string        // an ark.Why… while something is wrong; empty: nothing
	Restarts int           // of the loudspeaker process since the agent started
	LastAt   time.Duration // monotonic time at which the device last consumed a frame of a program
}
