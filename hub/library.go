package hub

import (
	"context"
	"errors"
	"io"
	"slices"
	"time"

	"ark"
)

// Edition is one version of an announcement as staff see it.
type Edition struct {
	ark.Announcement
	By        string // who made it
	Made      time.Time
	Withdrawn bool // it is in no library any more
}

// MayChange tells whether somebody may change an announcement with these
// editions, or take it out of the library. It is played all over the town:
// who sees a part of it changes what they alone have made.
func (s Staff) MayChange(editions []Edition) bool {
	return s.Sight.Whole || !slices.ContainsFunc(editions, func(e Edition) bool { return e.By != s.Name })
}

// Library is the announcements of the office. Each change makes a new library
// version at once; Office brings it to the vans.
type Library interface {
	// Editions lists the newest edition of every announcement, by title; those
	// that were withdrawn come last.
	Editions(ctx context.Context) ([]Edition, error)
	// History lists all editions of one announcement, the newest first.
	History(ctx context.Context, id ark.AnnouncementID) ([]Edition, error)
	// AddEdition keeps a new edition of an announcement, or its first; Version
	// is given here. ErrStale: from is not the version of the newest edition
	// (0: there must be none), somebody else was faster.
	AddEdition(ctx context.Context, a ark.Announcement, from int, by string) (Edition, error)
	// Withdraw takes an announcement out of the library, or puts it back.
	Withdraw(ctx context.Context, id ark.AnnouncementID, withdrawn bool, by string) error
	// Languages are what an announcement should have, in the order of playing;
	// SetLanguages changes them.
	Languages(ctx context.Context) ([]ark.Language, error)
	SetLanguages(ctx context.Context, languages []ark.Language, by string) error
	// Library is the order for the newest library, and its manifest; false:
	// there is none yet.
	Library(ctx context.Context) (ark.Library, ark.Manifest, bool, error)
}

// PlanRow is an item of the plan as staff see it: for some vans or for all.
type PlanRow struct {
	ark.PlanItem
	Vans   []ark.VanID // empty: all, also those that come later
	Paused bool
	By     string
	Made   time.Time // of its last change
}

// Plans is what is played when, and on which vans.
type Plans interface {
	// PlanRows lists all items, by time of day.
	PlanRows(ctx context.Context) ([]PlanRow, error)
	// SetPlanRow keeps an item, new or changed (by its ID).
	SetPlanRow(ctx context.Context, row PlanRow) error
	// RemovePlanRow takes an item away.
	RemovePlanRow(ctx context.Context, id ark.ID) error
	// Plan is one van's plan, as it is ordered.
	Plan(ctx context.Context, van ark.VanID) (ark.Plan, error)
	// Settings are a van's own, or what holds for all vans (van empty); own
	// false: the van has none of its own, and those for all are given. Their
	// Version 1: nobody has set any, and vans go by their profile.
	Settings(ctx context.Context, van ark.VanID) (s ark.Settings, own bool, err error)
	// SetSettings keeps them; nil takes a van's own away.
	SetSettings(ctx context.Context, van ark.VanID, s *ark.Settings, by string) error
}

// Standing makes orders that say how things are to be from now on: a library,
// a plan, settings.
type Standing interface {
	// Stand appends the order to the journals of those vans whose newest order
	// of this kind says something else or that have none, durably, and says
	// which.
	Stand(ctx context.Context, vans []ark.VanID, kind ark.Kind, body any) ([]ark.VanID, error)
}

// Errors of Library and Plans. Pages say them in words.
var (
	// ErrStale says that somebody else changed it meanwhile.
	ErrStale = errors.New("somebody else changed it meanwhile")
	// ErrFull says that there are as many as may be, or that a van's plan,
	// settings or library would be larger than one order.
	ErrFull = errors.New("there is no room for more")
	// ErrNotThere says that there is no such announcement or item.
	ErrNotThere = errors.New("not there")
	// ErrInvalid says that it is not as it must be; what follows it says why,
	// for a technician.
	ErrInvalid = errors.New("not as it must be")
	// ErrUncertain says that the store went away while it kept something: it may
	// be kept, or not. Whoever asked has to look before they ask again.
	ErrUncertain = errors.New("it may have been kept, or not")
)

// Bounds of what staff may make. An announcement that was withdrawn counts,
// too.
const (
	MaxEditions   = 10 * ark.MaxAnnouncements // announcements ever made, and editions of one
	MaxPlanRows   = 2000                      // items of the plan; one van's are at most ark.MaxPlanItems
	MaxPlanVans   = 500                       // vans that one item names
	KeptLibraries = 10                        // versions whose manifests vans can still fetch
)

// Blobs keeps content under its SHA-256.
type Blobs interface {
	// Put keeps all that r gives, durably, at most limit bytes
	// (ark.ErrTooBig). What is there already is not kept twice.
	Put(ctx context.Context, r io.Reader, limit int64) (ark.Hash, int64, error)
	// Open opens content for reading; fs.ErrNotExist.
	Open(h ark.Hash) (Blob, error)
}

// Blob is content that can be read in parts.
type Blob interface {
	io.ReadSeekCloser
	Size() int64
}

// Take is a recording as the studio made it: 48 kHz, mono, at the library's
// target loudness.
type Take struct {
	Samples  []int16
	Loudness float64 // integrated, LUFS, after normalising
	Peak     float64 // true peak, dBTP, after normalising
	Source   Source
	Trimmed  [2]time.Duration // silence taken off the beginning and the end
	Warning  string           // a Warn… word; empty: nothing to say
	Machine  bool             // a synthesiser spoke
}

// Source is what a take was made of.
type Source struct {
	Format   string // "WAV", "FLAC", "MP3", "Opus", "speech"
	Rate     int    // Hz
	Channels int
	Loudness float64 // LUFS before normalising
	Peak     float64 // dBTP before normalising
	Length   time.Duration
}

// Warnings of a take: it can be used, and somebody should listen first.
const (
	WarnQuiet   = "quiet"   // so soft that its noise comes up with it
	WarnClipped = "clipped" // the source was recorded too loud
	WarnPeaky   = "peaky"   // the limit of true peak keeps it softer than the target
)

// TakeOptions are what staff ask of a take.
type TakeOptions struct {
	Trim   bool    // take silence off both ends
	Target float64 // LUFS; 0: -16
	Peak   float64 // dBTP; 0: -1
}

// Studio makes recordings.
type Studio interface {
	// Take decodes and converts what r gives; the format is known by its
	// content, not by a name. A *Refusal says why it cannot be used.
	Take(ctx context.Context, r io.Reader, o TakeOptions) (Take, error)
	// Speak has a synthesiser say a text. A *Refusal says why it does not.
	Speak(ctx context.Context, text string, l ark.Language, o TakeOptions) (Take, error)
	// Voices are the languages that Speak can speak; none where no synthesiser
	// is installed.
	Voices() []ark.Language
}

// Refusal says why a recording was not taken. Word is stable: pages translate
// it; Detail is the decoder's own word, for a technician.
type Refusal struct {
	Word   string
	Detail string
}

func (r *Refusal) Error() string { return "recording refused: " + r.Word + ": " + r.Detail }

// Reasons for a refusal.
const (
	RefusedEmpty    = "empty"      // no byte, or no sound in it
	RefusedUnknown  = "unknown"    // none of the formats that are taken
	RefusedDamaged  = "damaged"    // it cannot be decoded
	RefusedHuge     = "huge"       // more than MaxUpload bytes
	RefusedLong     = "long"       // longer than ark.MaxRecordingFrames
	RefusedSilent   = "silent"     // nothing but silence
	RefusedRate     = "rate"       // a sample rate or channel count that is not taken
	RefusedNoVoice  = "no-voice"   // no synthesiser for this language
	RefusedText     = "text"       // no text, or more than MaxSpoken characters
	RefusedOverload = "overloaded" // the studio is busy; try again
)

// Limits of what the studio takes.
const (
	MaxUpload = 200 << 20 // bytes
	MaxSpoken = 2000      // characters
)
