package ark

// Kind says what the body of an entry is. Numbers are on the wire for ever:
// below 100 in van journals, from 100 on in order journals.
type Kind uint16

// The kinds of entry.
const (
	KindBegun        Kind = 1  // Begun: the first entry of an incarnation
	KindVisit        Kind = 2  // Visit
	KindBroadcast    Kind = 3  // AsRun
	KindOrderState   Kind = 4  // OrderState
	KindHealth       Kind = 5  // Health
	KindClock        Kind = 6  // Clock: a trusted time was learnt
	KindLibraryState Kind = 7  // LibraryState: how far a van has a library
	KindSelfTest     Kind = 8  // SelfTest
	KindHousehold    Kind = 9  // HouseholdEdit: crew made or corrected one
	KindPhone        Kind = 10 // Phone: one was enrolled or struck off on the van
	KindAmend        Kind = 11 // Amend
	KindWithdraw     Kind = 12 // Withdrawal
	KindPlayNow      Kind = 100
	KindStop         Kind = 101
	KindLibrary      Kind = 102 // Library: what announcements there are
	KindPlan         Kind = 103 // Plan: what is played when
	KindSettings     Kind = 104 // Settings: quiet hours, caps, volume
	KindCrew         Kind = 105 // Crew: who may log visits
	KindPhones       Kind = 106 // Phones: which tokens are good
	KindForm         Kind = 107 // Form: what a visit is asked
	KindHouseholds   Kind = 108 // Households: of the van's area
	KindReview       Kind = 109 // Review: what staff made of a visit
)

var kinds = map[Kind]struct {
	name string
	body any
}{
	KindBegun:        {"begun", Begun{}},
	KindVisit:        {"visit", Visit{}},
	KindBroadcast:    {"broadcast", AsRun{}},
	KindOrderState:   {"order-state", OrderState{}},
	KindHealth:       {"health", Health{}},
	KindClock:        {"clock", Clock{}},
	KindPlayNow:      {"play-now", PlayNow{}},
	KindStop:         {"stop", Stop{}},
	KindLibraryState: {"library-state", LibraryState{}},
	KindSelfTest:     {"self-test", SelfTest{}},
	KindLibrary:      {"library", Library{}},
	KindPlan:         {"plan", Plan{}},
	KindSettings:     {"settings", Settings{}},
	KindHousehold:    {"household", HouseholdEdit{}},
	KindPhone:        {"phone", Phone{}},
	KindAmend:        {"amend", Amend{}},
	KindWithdraw:     {"withdraw", Withdrawal{}},
	KindCrew:         {"crew", Crew{}},
	KindPhones:       {"phones", Phones{}},
	KindForm:         {"form", Form{}},
	KindHouseholds:   {"households", Households{}},
	KindReview:       {"review", Review{}},
}

// String is a stable English word, or "unknown".
func (k Kind) String() string {
	if row, ok := kinds[k]; ok {
		return row.name
	}
	return "unknown"
}

// Order tells whether the kind belongs in an order journal.
func (k Kind) Order() bool { return k >= 100 }

// Begun is the body of the first entry of every incarnation but a journal's
// very first: why there is a new one, and where the one before it ended.
type Begun struct {
	Why        string      `cbor:"1,keyasint"`           // one of the Begun… reasons
	Previous   Incarnation `cbor:"2,keyasint,omitzero"`  // zero: there was none, or it is not known
	Ended      Seq         `cbor:"3,keyasint,omitempty"` // its last readable entry
	Digest     Digest      `cbor:"4,keyasint,omitzero"`  // at Ended
	Receipted  Seq         `cbor:"5,keyasint,omitempty"` // up to where the receiver had confirmed it
	Unreadable int64       `cbor:"6,keyasint,omitempty"` // entries known to have been there and lost
	Release    string      `cbor:"7,keyasint,omitempty"` // the program that began it
	Pruned     Seq         `cbor:"8,keyasint,omitempty"` // entries of Previous up to here were no longer kept and do not go along
}

// Reasons to begin an incarnation.
const (
	BegunNew     = "new"     // a new card: there is nothing before it
	BegunFork    = "fork"    // the receiver holds another history: a cloned or restored card
	BegunSalvage = "salvage" // the database was damaged; what could be read was copied
)

// Clock is the body of the entry that a van writes when it learns a trusted
// time: at this entry's monotonic time the wall clock should have shown Wall.
// The hub corrects what the same boot wrote before.
type Clock struct {
	Wall   UnixMilli `cbor:"1,keyasint"`
	Source string    `cbor:"2,keyasint"` // "hub", "ntp", …
	Step   int64     `cbor:"3,keyasint"` // milliseconds by which the van's clock was behind
}
