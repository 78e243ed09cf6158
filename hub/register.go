package hub

import (
	"context"
	"fmt"
	"time"

	"ark"
)

// HouseholdEdition is a household as it was made by one change.
type HouseholdEdition struct {
	ark.Household
	Asked ark.Household // what a crew made of it, before it was joined with what others did; of staff: the zero household
	Van   ark.VanID     // whose crew changed it; empty: staff
	By    string
	Made  time.Time // when the hub committed it
}

// HouseholdFilter chooses households; its zero value all of them.
type HouseholdFilter struct {
	Within   ark.Place // parts that are empty do not matter
	Text     string    // in a name, a telephone number or the door
	Masked   bool      // Text is looked for in what nobody masks: not in telephone numbers, nor in names but for the family's
	Disputed bool      // only those about which edits disagreed
	After    ark.ID    // those after this one, in the order of the list
	Limit    int       // 1 to 500
}

// Register is all households that the office has written down. Which van holds
// which is told by the vans' areas; Office brings them there. What a crew made
// of one is joined with what others did (ark.MergeHousehold): the hub's word
// stands where they disagree, and Disputed says so until staff decide. An edit
// of a household that the van neither holds nor made is quarantined.
type Register interface {
	// Households lists households by their ids, or in the order in which the hub
	// got them, where Text has two characters or more in a row.
	Households(ctx context.Context, s Sight, f HouseholdFilter) ([]ark.Household, error)
	// HouseholdHistory lists a household's editions, the newest first; none: there
	// is no such household in sight.
	HouseholdHistory(ctx context.Context, s Sight, id ark.ID) ([]HouseholdEdition, error)
	// PutHouseholds keeps households as staff want them, all or none; each Rev
	// is given here. Was is the Rev that staff saw, zero for a new one;
	// ErrStale: one has another by now. ErrNotThere: there is no such household in
	// sight; ErrOutOfSight: it would leave it. At most MaxPut at once.
	PutHouseholds(ctx context.Context, s Sight, hs []ark.Household, was []ark.ID, by string) error
	Areas
	// VansDue lists the vans that may have to be told something.
	VansDue(ctx context.Context) ([]ark.VanID, error)
	// DueHouseholds lists what a van is to be told of its area, or where it never
	// had one, of what its crew made: households that it was not told of as they
	// are now, with the edits of its crew that are settled, and those to forget. At most limit, and no more than one order
	// holds; none while the van has MaxUnderWay orders of households still to
	// take, so that what is urgent never waits behind a whole area.
	DueHouseholds(ctx context.Context, van ark.VanID, limit int) ([]ark.Household, error)
	// TellHouseholds appends an order with them to the van's journal and notes
	// that it was told, in one transaction.
	TellHouseholds(ctx context.Context, van ark.VanID, hs []ark.Household) error
}

// Areas is where each van goes.
type Areas interface {
	// Areas are the parts of town of each van in sight that has any, as far as
	// they have something in common with the sight.
	Areas(ctx context.Context, s Sight) (map[ark.VanID][]ark.Place, error)
	// SetArea changes a van's parts of town that are in sight; the others stay.
	// ErrNotThere: the van is not in sight; ErrOutOfSight: a new part is not.
	SetArea(ctx context.Context, s Sight, van ark.VanID, area []ark.Place, by string) error
}

// SeesVan is which vans are in sight now: all of them, or those with an area
// that meets it.
func SeesVan(ctx context.Context, a Areas, s Sight) (func(ark.VanID) bool, error) {
	if s.Whole {
		return func(ark.VanID) bool { return true }, nil
	}
	areas, err := a.Areas(ctx, s)
	if err != nil {
		return nil, err
	}
	return func(van ark.VanID) bool { return len(areas[van]) > 0 }, nil
}

// Bounds of the register.
const (
	MaxPut        = 1000 // households of one PutHouseholds
	MaxAreas      = 50   // parts of town of one van
	MaxHouseholds = 2_000_000
	MaxUnderWay   = 2 // orders of households on their way to one van
)

// CrewMember is somebody who goes with vans, as staff see them.
type CrewMember struct {
	ark.CrewMember
	Vans []ark.VanID // empty: with all
	By   string
	Made time.Time // of the last change
}

// VanPhone is a phone and the van it was enrolled at.
type VanPhone struct {
	ark.Phone
	Van   ark.VanID
	Heard bool // it was struck off, and the van has taken the order that says so
}

// Roster is who may log visits, with which phones, and what is asked.
type Roster interface {
	// CrewMembers lists those who go with a van in sight, or with all; Vans are
	// those in sight.
	CrewMembers(ctx context.Context, s Sight) ([]CrewMember, error)
	// SetCrewMember keeps one, new or changed (by its ID). ErrFull: a van would
	// have more than ark.MaxCrew. ErrNotThere: there is one who goes with no van
	// in sight. ErrOutOfSight: one goes, or is to go, with others too.
	SetCrewMember(ctx context.Context, s Sight, m CrewMember) error
	// CrewOf is one van's crew, as it is ordered; Version 1: nobody was ever
	// made.
	CrewOf(ctx context.Context, van ark.VanID) (ark.Crew, error)
	// VanPhones lists the phones that vans in sight told of.
	VanPhones(ctx context.Context, s Sight) ([]VanPhone, error)
	// StrikePhone strikes a phone off. ErrNotThere.
	StrikePhone(ctx context.Context, s Sight, van ark.VanID, id ark.ID, by string) error
	// PhonesOf are one van's phones, as they are ordered; Version 1: it never
	// had one.
	PhonesOf(ctx context.Context, van ark.VanID) (ark.Phones, error)
	// Form is what visits are asked; Version 0: the one in the program.
	Form(ctx context.Context) (ark.Form, error)
	// SetForm makes a new version; from is the one that staff saw. ErrStale.
	SetForm(ctx context.Context, f ark.Form, from int64, by string) (ark.Form, error)
	// FormOf is an earlier version, to read a visit by. ErrNotThere.
	FormOf(ctx context.Context, version int64) (ark.Form, error)
}

// VisitEdition is one entry about a visit.
type VisitEdition struct {
	Entry     ark.ID
	Kind      ark.Kind // KindVisit, KindAmend or KindWithdraw
	Visit     ark.Visit
	Why       string
	By        string // of a withdrawal; a visit says it itself
	At        ark.Stamp
	Made      ark.UnixMilli // when it was said
	Received  time.Time
	Withdrawn bool

	Incarnation ark.Incarnation // of the van's journal, and its place in it
	Seq         ark.Seq
	Step        int64 // ms by which At was corrected, once its boot had learnt the time; 0: it was not
}

// MaxVisitEntries is the most entries about one visit; more go to quarantine.
const MaxVisitEntries = 200

// VisitReview is one word of staff about a visit.
type VisitReview struct {
	ark.Review
	Position Position
	Held     bool // the van has it
}

// VisitRecord is a visit with all that became of it. Entries come in any
// order, from more than one card; Editions are in that in which the crew made
// them: each behind the one that it amends, a withdrawal last.
type VisitRecord struct {
	Visit                   // as it is now
	Editions []VisitEdition // the oldest first
	Reviews  []VisitReview  // the oldest first
	Given    []Assignment   // for review, the oldest first
	Thread   []VisitComment // the oldest first
}

// Reviews is what staff make of visits.
type Reviews interface {
	// VisitRecord is a visit. ErrNotThere.
	VisitRecord(ctx context.Context, s Sight, id ark.ID) (VisitRecord, error)
	// SetReview keeps a review and appends the order with it to the journal of
	// the visit's van, in one transaction. Seen is the newest review that whoever
	// judges has seen (Visit.Reviewed), or AnyReview. ErrStale: Entry is no longer
	// the newest about the visit; ErrJudged: Seen is not the newest review.
	// ErrInvalid: it was withdrawn. ErrNotThere.
	SetReview(ctx context.Context, s Sight, r ark.Review, seen Position) error
	// TakeBack undoes what somebody made of a visit: it is again what it was
	// before, by a review that its van is told. ErrStale: its newest review is not
	// theirs, or does not make it what they say.
	TakeBack(ctx context.Context, s Sight, visit ark.ID, state ark.ReviewState, by string, at ark.UnixMilli) error
}

// AnyReview stands for whichever review is the newest.
const AnyReview Position = -1

// ErrJudged says that somebody has judged a visit meanwhile.
var ErrJudged = fmt.Errorf("%w: somebody has judged it", ErrStale)

// Attachments is which attachments visits name and which of them are here.
type Attachments interface {
	// Expected tells whether a visit of this van names the content, and its
	// size; only then is it taken.
	Expected(ctx context.Context, van ark.VanID, h ark.Hash) (size int64, expected bool, err error)
	// Kept notes that the content is whole and durable.
	Kept(ctx context.Context, h ark.Hash) error
	// Here tells which of some contents are here.
	Here(ctx context.Context, hs []ark.Hash) (map[ark.Hash]bool, error)
}
