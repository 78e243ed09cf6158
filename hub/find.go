package hub

import (
	"context"
	"errors"
	"time"

	"ark"
)

// Yes is an answer that may not matter: nil does not.
type Yes *bool

// VisitFilter chooses visits. Its parts combine; the zero value chooses all
// that were not withdrawn.
type VisitFilter struct {
	From, To time.Time // when the visit was made, corrected where its clock was; To is not in it; zero: without bound
	Within   ark.Place // down to the building, however it is written; parts that are empty do not matter
	Van      ark.VanID
	By       string // name of the crew member
	Outcome  ark.Outcome
	Service  ark.Service
	Need     string           // code of a need; AnyNeed: any, or one in words
	State    *ark.ReviewState // what staff made of its newest entry
	Assigned string           // to whom for review; AssignedNobody: to nobody
	Doubtful Yes              // its time is by a clock that may be wrong
	Photo    Yes              // it has a photo

	Text      string // in the place, the person, the need, the note, the crew member; each run of two characters or more, all of them
	Household ark.ID
	Withdrawn bool // those that were withdrawn, instead
	Box       *Box // where the phone was; nil: anywhere, or nobody knows
}

// Words of VisitFilter that are no name.
const (
	AnyNeed        = "*"
	AssignedNobody = "-"
)

// MaxSearch is the most characters of VisitFilter.Text.
const MaxSearch = 100

// VisitOrder is in which order visits are listed, the newest first.
type VisitOrder uint8

// The orders.
const (
	ByArrival VisitOrder = iota // as the hub got them: nothing that comes late is missed
	ByTime                      // as they were made
)

// VisitPlace is a visit's place in either order.
type VisitPlace struct {
	At       ark.UnixMilli // when it was made; of no matter ByArrival
	Position Position
}

// VisitPage asks for a page of visits.
type VisitPage struct {
	Order VisitOrder
	After VisitPlace // those that come after this one, further down; zero: from the top
	Up    bool       // those that come before After instead, the nearest ones; the newest is still the first
	Limit int        // 1 to 500
}

// Box is a part of a map in units of 1e-7 degrees, its edges in it.
type Box struct{ South, West, North, East int64 }

// Cluster is visits that lie close together on a map: where their middle is,
// and how many there are in each state of review. One of a single visit names
// it.
type Cluster struct {
	Lat, Lon int64 // units of 1e-7 degrees
	Count    int
	States   map[ark.ReviewState]int
	Visit    ark.ID // zero: several
}

// VisitChange is a visit by its last change. One that is gone was amended and
// left the sight by this change: nothing is told of it but its ID and Changed.
type VisitChange struct {
	Visit
	Gone bool
}

// Choices are the values that occur, for those who choose from them, each
// list at most MaxChoices, by how often they occur.
type Choices struct {
	Places   []ark.Place // down to the compound
	Vans     []ark.VanID
	By       []string
	Services []ark.Service
	Needs    []string
}

// MaxChoices is the most values of one kind in Choices.
const MaxChoices = 1000

// ErrSearch says that nothing can be searched by these words: they have no
// run of two letters, digits or characters.
var ErrSearch = errors.New("search for two characters or more")

// Finder is how staff look through all visits.
type Finder interface {
	// FindVisits is a page of them.
	FindVisits(ctx context.Context, s Sight, f VisitFilter, p VisitPage) ([]Visit, error)
	// CountVisits counts them, and stops at most.
	CountVisits(ctx context.Context, s Sight, f VisitFilter, most int) (int, error)
	// EachVisit calls do for all of them in an order, from a reading that lasts:
	// what comes meanwhile is not in it. It needs the same memory for a million
	// as for one, and ends with the first error of do.
	EachVisit(ctx context.Context, s Sight, f VisitFilter, o VisitOrder, do func(Visit) error) error
	// VisitsSince lists visits by their last change, the oldest first: those
	// that came, were amended, withdrawn, reviewed, assigned or commented on after the change with this
	// number; Changed says each one's. Withdrawn ones are among them, and so are
	// those that were in sight and are no longer, because they were amended.
	// Whoever asks on with the last number misses nothing.
	VisitsSince(ctx context.Context, s Sight, changed int64, limit int) ([]VisitChange, error)
	// MapVisits are the visits with a place in a box, in at most MaxClusters
	// clusters of the size that suits a zoom level (0: the world, 256 pixels
	// wide; each level doubles it).
	MapVisits(ctx context.Context, s Sight, f VisitFilter, b Box, zoom int) ([]Cluster, error)
	// VisitsBox is the part of a map in which the town lies where most of the
	// newest visits were made; false: none of them says where.
	VisitsBox(ctx context.Context, s Sight) (b Box, found bool, err error)
	// VisitChoices are the values that occur: services and needs, or all of them,
	// which takes longer.
	VisitChoices(ctx context.Context, s Sight, all bool) (Choices, error)
	// VisitsAsOf is a word for how visits stand in a sight. Whoever reads it
	// before a list, and later finds it unchanged, has that list as it still is.
	// It is another one in each sight.
	VisitsAsOf(ctx context.Context, s Sight) (string, error)
}

// Bounds of a map. Where more is asked of visits than their place, van, state
// and outcome, the newest MaxMapped of them are on it; CountVisits tells whether
// there are more. One that shows a whole region may show what lies some hundred
// metres beyond its edges.
const (
	MaxClusters = 1000
	MaxMapped   = 50_000
)
