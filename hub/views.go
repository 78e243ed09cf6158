package hub

import (
	"context"
	"time"

	"ark"
)

// Position is a place in the hub's own order of things: each entry gets the
// next one when it is committed, whichever van it came from. Pages use it as
// a key for "older than" and "newer than".
type Position int64

// Visit is a visit as staff see it: as it is now. Its Age and Off are those of
// its first entry, which say when it was made.
type Visit struct {
	Position Position
	ark.Visit
	ID        ark.ID
	Van       ark.VanID
	At        ark.Stamp // of its first entry
	Received  time.Time // when the hub committed that
	Last      ark.ID    // the newest entry about it
	Amended   int       // how often
	Withdrawn bool
	State     ark.ReviewState // what staff made of Last
	Reviewed  Position        // of its newest review, see VisitReview; 0: there is none
	Assigned  string          // to whom for review; empty: to nobody
	Comments  int             // of staff; those that were taken back are not counted
	Changed   int64           // number of its last change; see Finder.VisitsSince
}

// Broadcast is a broadcast as staff see it: the newest as-run entry of it.
type Broadcast struct {
	Position Position
	ark.AsRun
	Van      ark.VanID
	At       ark.Stamp // of that newest entry
	Received time.Time

	Asked        ark.UnixMilli // when it was asked for, corrected if its boot learnt the time
	AskedTrusted bool          // false: by a clock that may be wrong
}

// Van is a van as staff see it.
type Van struct {
	ID           ark.VanID
	Admitted     bool      // holds a certificate with which it may come in
	Here         bool      // connected now
	LastSeen     time.Time // last message, or the zero time
	Backlog      uint64    // entries that the van still holds, by its last frame; if any, none was made before Told
	Told         time.Time // when its newest entry here was made, of those by a clock to be believed; zero: not known
	Doubtful     bool      // its newest entry is not by such a clock
	Waiting      Waiting
	Entries      uint64 // committed of it, over all incarnations
	Incarnations int
	Quarantined  int
	Forks        int
	Gaps         int // runs of entries that the van lost for ever
	Unseen       int // forks and gaps into which nobody has looked
	Health       *ark.Health
	Library      *ark.LibraryState // nil: it has not told yet
	SelfTest     *ark.SelfTest     // the newest; nil: none yet

	Begun []Begun       // how its journals began anew, the newest first, at most MaxTold
	Held  []Quarantined // what is in quarantine, the newest first, at most MaxTold
}

// MaxTold is how many of its troubles a van is shown with; the counts beside
// them go on.
const MaxTold = 3

// Begun is what a van told of a new incarnation: why, and where the one
// before it ended.
type Begun struct {
	ark.Begun
	At ark.Stamp
}

// Quarantined is an entry that could not be understood.
type Quarantined struct {
	Incarnation ark.Incarnation
	Seq         ark.Seq
	Reason      string
	At          time.Time // when the hub put it there
}

// Order is an order as staff see it: what was asked of a van and how far it
// has come.
type Order struct {
	Position Position
	ID       ark.ID
	Van      ark.VanID
	Kind     ark.Kind
	Body     any // of the kind's body type: ark.PlayNow, ark.Stop, ark.Library …
	Made     time.Time
	Held     bool               // the van has committed it
	State    ark.BroadcastState // 0: nothing heard of it yet
	Why      string
	Latency  time.Duration // of its broadcast, once started
}

// Page asks for rows older than Before, newest first. Before 0: from the top.
type Page struct {
	Before Position
	Limit  int // 1 to 500
}

// Views is what the console reads.
type Views interface {
	Broadcasts(ctx context.Context, s Sight, p Page) ([]Broadcast, error)
	Vans(ctx context.Context, s Sight) ([]Van, error)
	// Orders leaves out reviews and households: they come by the thousand, and
	// have pages of their own.
	Orders(ctx context.Context, s Sight, p Page) ([]Order, error)
}

// AsRunFilter chooses broadcasts for the as-run log, by when they were asked
// for.
type AsRunFilter struct {
	Page
	Van      ark.VanID // empty: of all
	From, To time.Time // zero: without bound; To is not in it
	Class    *ark.Class
	State    ark.BroadcastState // 0: any
	Language ark.Language       // that really sounded; empty: any, or none
}

// AsRunLog is the record of what sounded where.
type AsRunLog interface {
	// AsRun lists broadcasts, the newest first by when they were asked for;
	// Page.Before and Position are of that order.
	AsRun(ctx context.Context, s Sight, f AsRunFilter) ([]Broadcast, error)
	// Sounded counts the broadcasts of each day in which a language really
	// sounded, by when they were asked for. Days are the midnights between which
	// it counts, in their order: 2 to MaxOverviewDays+1. ErrInvalid: these are no
	// days.
	Sounded(ctx context.Context, s Sight, days []time.Time) ([]map[ark.Language]int, error)
}

// Change says what a commit brought, for pages that watch.
type Change struct {
	Visits, Broadcasts, Vans, Orders, Library, Plans bool
	People                                           bool // crew, phones or the form
	Households                                       bool // households, or which van holds which
}

// Watch hands out changes.
type Watch interface {
	// Changes calls f after each commit, in the committing goroutine, until
	// stop is called; f must not block.
	Changes(f func(Change)) (stop func())
}

// Commander makes orders.
type Commander interface {
	// Order appends an order to the order journals of the vans, durably, and
	// sends it to those that are here. It returns one id per van, in order.
	Order(ctx context.Context, vans []ark.VanID, kind ark.Kind, body any) ([]ark.ID, error)
}
