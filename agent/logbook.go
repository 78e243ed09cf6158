package agent

import (
	"context"
	"errors"
	"time"

	"ark"
)

// Logged is a visit as the crew sees it: as it is now, and where it is.
type Logged struct {
	ark.Visit
	ID       ark.ID
	At       ark.Stamp     // of its first entry
	Made     ark.UnixMilli // when it was made, corrected where the boot of its entry has learnt the time
	Doubtful bool          // that time may be wrong
	AtHub    bool          // the hub's receipt covers all entries about it
	Last     ark.ID        // the newest entry about it: what a review and an amendment speak of
	Amended  int           // how often

	Withdrawn bool
	Why       string // it was withdrawn

	Review   ark.ReviewState // of the newest entry; an amendment makes it new again
	Comment  string
	Reviewer string
	Reviewed ark.UnixMilli
}

// Edition is one entry about a visit, for its history.
type Edition struct {
	Entry     ark.ID
	At        ark.Stamp     // corrected where its boot has learnt the time
	Made      ark.UnixMilli // when it was said
	Visit     ark.Visit     // zero of a withdrawal
	Withdrawn bool
	Why       string
	AtHub     bool
}

// VisitFilter chooses visits; its zero value all of them.
type VisitFilter struct {
	From, To  ark.UnixMilli // by Made; To is not in it; 0: without bound
	Phone     ark.ID
	Member    ark.ID
	Household ark.ID
	Returned  bool // only those that staff returned and nobody amended since
	Limit     int  // 1 to 1000; the newest first
}

// Logbook is the visits on the van.
type Logbook interface {
	Visits
	// Amend says a visit anew under the entry's id. ErrNotThere, ErrTooLate,
	// ErrNotYours, ErrStale; ErrTaken as for Log. The same again is no error.
	Amend(ctx context.Context, id ark.ID, a ark.Amend) error
	// Withdraw takes a visit back; errors as for Amend.
	Withdraw(ctx context.Context, id ark.ID, w ark.Withdrawal) error
	// Find lists visits, those that were returned first, then the newest first.
	Find(ctx context.Context, f VisitFilter) ([]Logged, error)
	// ByID reads visits, at most 200; those that are not on the van are left out.
	ByID(ctx context.Context, ids []ark.ID) ([]Logged, error)
	// History is a visit and all its entries, the oldest first. ErrNotThere.
	History(ctx context.Context, id ark.ID) (Logged, []Edition, error)
}

// Register is the households that the van holds.
type Register interface {
	// Household is one as it is now: the hub's, with the edits of this van
	// that the hub has not settled yet on top. ErrNotThere.
	Household(ctx context.Context, id ark.ID) (ark.Household, error)
	// Each gives all of them to f, in no order, without holding them in memory.
	Each(ctx context.Context, f func(ark.Household) error) error
	// Edit makes an edit durable, together with its entry. ErrNotThere where
	// it corrects one that the van does not hold.
	Edit(ctx context.Context, id ark.ID, e ark.HouseholdEdit) error
}

// Query is what somebody looks for.
type Query struct {
	Text  string   // a name, its pinyin or initials, a room such as 3-2-501; empty: those near or all
	Near  *ark.Geo // nearest first where given
	Area  ark.Place
	Limit int // 1 to 200
}

// Found is a household that fits a query.
type Found struct {
	ark.Household
	Metres int // to Query.Near; -1: not known
}

// Alike is a household that may be the same as another.
type Alike struct {
	ark.Household
	Why string // an Alike… word
}

// Why two households may be the same.
const (
	AlikeDoor  = "door"  // the same door, however it is written
	AlikeName  = "name"  // a member of the same name, or of one that sounds so, nearby
	AlikePhone = "phone" // the same telephone number
)

// Finder finds households as one types.
type Finder interface {
	Find(q Query) []Found
	// Alike lists those that may be the same as h, the likeliest first.
	Alike(h ark.Household, most int) []Alike
}

// People is who may log visits and with which phones, and what is asked.
type People interface {
	Crew(ctx context.Context) (ark.Crew, error)
	Form(ctx context.Context) (ark.Form, error) // ark.DefaultForm until an order brought one
	Phones(ctx context.Context) ([]ark.Phone, error)
	// PhoneOf is the phone with a token. ErrNotThere: nobody's; ErrStruck.
	PhoneOf(ctx context.Context, verifier ark.Hash) (ark.Phone, error)
	// Enrol adds a phone, together with its entry. ErrFull.
	Enrol(ctx context.Context, p ark.Phone) error
	// Strike strikes a phone off here, together with its entry. ErrNotThere.
	Strike(ctx context.Context, id ark.ID, by string) error
	// Tries is how often in a row a member's PIN was wrong, on a phone and on
	// all of them together; it survives restarts. SetTries keeps both before the
	// PIN is judged. ErrNotThere: nobody of the crew.
	Tries(ctx context.Context, member, phone ark.ID) (here, everywhere Tries, err error)
	SetTries(ctx context.Context, member, phone ark.ID, here, everywhere Tries) error
}

// Tries is how often in a row a PIN was wrong. Time that passes while the van
// is off does not count: a van that wakes in 1970, or is switched off and on,
// gives no new tries.
type Tries struct {
	Wrong int
	Wait  int64 // ms of running time that are left until the next try
}

// Owed is an attachment that is on the van and not yet at the hub.
type Owed struct {
	Content ark.Hash
	Size    int64
	Type    string
	Visit   ark.ID
}

// Attachments is where each attachment is.
type Attachments interface {
	// Arrived notes that the content is whole on the van. It may come before
	// its visit.
	Arrived(ctx context.Context, h ark.Hash, size int64) error
	// Owed lists those whose visit is at the hub, smallest first.
	Owed(ctx context.Context, limit int) ([]Owed, error)
	// Delivered notes that the hub has committed it.
	Delivered(ctx context.Context, h ark.Hash) error
	// Spent lists those on the van that the hub has had for as long as keep,
	// and those that no visit has asked for in a week.
	Spent(ctx context.Context, keep time.Duration, limit int) ([]ark.Hash, error)
	// Removed notes that the content is no longer on the van.
	Removed(ctx context.Context, h ark.Hash) error
	// Where tells of some contents where they are.
	Where(ctx context.Context, hs []ark.Hash) (map[ark.Hash]Whereabouts, error)
	// Load is what there is to carry: files and bytes on the van that the hub
	// does not have, and bytes sent today.
	Load(ctx context.Context) (Load, error)
	// Spend counts bytes sent to the hub on the van's day, durably, for the
	// daily budget.
	Spend(ctx context.Context, bytes int64) error
}

// phoneKey is under what a request's context holds its phone.
type phoneKey struct{}

// ByPhone is a context of a request of an enrolled phone.
func ByPhone(ctx context.Context, p ark.Phone) context.Context {
	return context.WithValue(ctx, phoneKey{}, p)
}

// PhoneOf is the enrolled phone whose request this is; false: nobody's.
func PhoneOf(ctx context.Context) (ark.Phone, bool) {
	p, ok := ctx.Value(phoneKey{}).(ark.Phone)
	return p, ok
}

// Whereabouts is where a content is.
type Whereabouts struct {
	OnVan bool
	AtHub bool
}

// Load is how much the van has to carry to the hub.
type Load struct {
	Files, Bytes int64
	SentToday    int64
	Held         string // why nothing is carried just now: a Held… word; empty: it is, or there is nothing
}

// Why attachments wait on the van.
const (
	HeldText        = "text"        // visits and records go first
	HeldBudget      = "budget"      // what the mobile link may carry in a day is used up
	HeldUnreachable = "unreachable" // the hub does not answer
	HeldRefused     = "refused"     // the hub takes none of them now
)

// Errors of the crew's work. They are stable: pages translate them.
var (
	ErrNotThere = errors.New("not there")
	ErrTooLate  = errors.New("too late to change it")
	ErrNotYours = errors.New("somebody else's")
	ErrStale    = errors.New("somebody changed it meanwhile")
	ErrStruck   = errors.New("the phone was struck off")
	ErrFull     = errors.New("there is no room for more")
)
