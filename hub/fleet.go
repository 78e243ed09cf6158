package hub

import (
	"context"
	"time"

	"ark"
)

// Waiting is what a van holds that is not here yet, as far as it can be known.
type Waiting struct {
	Bytes int64 // of its entries: a guess, by those of it that came last
	Files int   // photos and recordings that visits here name
	Size  int64 // their bytes
}

// Break is a place where a van's journal does not go on as it should: another
// history than the one that is here, or a run of entries that the van lost.
type Break struct {
	Fork        bool // of a fork, From alone says where
	Incarnation ark.Incarnation
	From, To    ark.Seq
	At          time.Time // when the hub noticed
	SeenBy      string    // who has looked into it; empty: nobody yet
	SeenAt      time.Time
}

// MaxBreaks is how many breaks and quarantined entries of a van are listed.
const MaxBreaks = 200

// RawEntry is an entry of a van's journal as it came.
type RawEntry struct {
	Incarnation ark.Incarnation
	Seq         ark.Seq
	Digest      ark.Digest // of the journal up to it, and with it
	Received    time.Time
	Raw         []byte
}

// RawPage is some of the entries about a visit.
type RawPage struct {
	Entries []RawEntry
	From    int // how many came before them
	All     int // how many there are
}

// Bounds of a RawPage. One has an entry at least, however large.
const (
	MaxRawEntries = 50
	MaxRawBytes   = 128 << 10
)

// Fleet is what technicians do about vans in trouble.
type Fleet interface {
	// Quarantine lists what of a van could not be understood, the newest first,
	// at most MaxBreaks.
	Quarantine(ctx context.Context, s Sight, van ark.VanID) ([]Quarantined, error)
	// TryAgain has this release read what of a van is in quarantine, in journal
	// order, and tells how many entries it understood, and how many are left.
	TryAgain(ctx context.Context, s Sight, van ark.VanID) (released, left int, err error)
	// Breaks lists the breaks of a van's journals, the newest first, at most
	// MaxBreaks.
	Breaks(ctx context.Context, s Sight, van ark.VanID) ([]Break, error)
	// SeeBreaks notes who has looked into all breaks of a van that the hub
	// noticed up to a time, and that nobody had looked into.
	SeeBreaks(ctx context.Context, s Sight, van ark.VanID, upTo time.Time, by string) error
	// VisitEntries are the entries about a visit, in the order in which they
	// came, behind so many of them. ErrNotThere.
	VisitEntries(ctx context.Context, s Sight, visit ark.ID, from int) (RawPage, error)
}
