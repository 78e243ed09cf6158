package hub

import (
	"context"
	"errors"
	"time"

	"ark"
)

// Fact is one entry of a van journal as it is to be committed: what came, and
// what could be made of it.
type Fact struct {
	Cursor ark.Cursor // after it
	Raw    []byte
	Entry  ark.Entry
	Body   any    // of the kind's type; nil in quarantine
	Reason string // why it goes to quarantine; empty: it does not
}

// Delivery is what one frame of a van brings.
type Delivery struct {
	Van         ark.VanID
	Incarnation ark.Incarnation
	UpTo        ark.Cursor
	Facts       []Fact
	Gaps        []ark.Gap
	Fork        *ark.Fork
	Backlog     uint64 // entries that the van still holds
	At          time.Time
}

// Errors of Journals.Cursor.
var (
	ErrOtherVan         = errors.New("the incarnation belongs to another van")
	ErrManyIncarnations = errors.New("the van has had too many incarnations")
)

// MaxIncarnations is how many incarnations one van may have.
const MaxIncarnations = 1000

// Journals is what ingest needs of a store.
type Journals interface {
	// Cursor is up to where an incarnation is committed, or its start.
	Cursor(ctx context.Context, van ark.VanID, inc ark.Incarnation) (ark.Cursor, error)
	// Digest is the committed digest at a place, and false where none is known.
	Digest(ctx context.Context, inc ark.Incarnation, at ark.Seq) (ark.Digest, bool, error)
	// Commit makes deliveries durable, all or none, in one transaction.
	Commit(ctx context.Context, ds []Delivery) (Change, error)
}

// OrderJournal is the state of one van's order journal.
type OrderJournal struct {
	Incarnation       ark.Incarnation
	Base, Acked, Last ark.Cursor
}

// OrderAck is a van's word of how far it has its order journal.
type OrderAck struct {
	Van         ark.VanID
	Incarnation ark.Incarnation
	Cursor      ark.Cursor
}

// OrderBook keeps the order journals of all vans.
type OrderBook interface {
	Standing
	// OrderJournal is a van's order journal; false: the van never had an order.
	OrderJournal(ctx context.Context, van ark.VanID) (OrderJournal, bool, error)
	// AppendOrders appends one order for each van, durably, and returns their
	// ids in the same order. It begins a journal where there is none.
	AppendOrders(ctx context.Context, vans []ark.VanID, kind ark.Kind, body any) ([]ark.ID, error)
	// OrderEntries reads a run of a van's order journal: at most n entries and
	// size bytes, at least one if there is one; prev is the digest before it.
	OrderEntries(ctx context.Context, van ark.VanID, from ark.Seq, n, size int) (prev ark.Digest, raws [][]byte, err error)
	// OrderDigest is the digest of a van's order journal at a place.
	OrderDigest(ctx context.Context, van ark.VanID, at ark.Seq) (ark.Digest, error)
	// OrdersAcked notes receipts of vans, durably. One for an incarnation that
	// has ended meanwhile is passed over.
	OrdersAcked(ctx context.Context, acks []OrderAck) error
	// LongOrders tells whether a van's order journal is longer than a new card
	// need hear: RebeginOrders would make it shorter.
	LongOrders(ctx context.Context, van ark.VanID) (bool, error)
	// RebeginOrders begins a new incarnation of a van's order journal: the van
	// holds another history, or none. The orders go along under their ids, but
	// for those of households: the van is told of its area anew, as it is then.
	RebeginOrders(ctx context.Context, van ark.VanID) (OrderJournal, error)
}
