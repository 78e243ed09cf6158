package agent

import (
	"context"

	"ark"
)

// Visit is a visit as the crew sees it.
type Visit struct {
	ark.Visit
	ID    ark.ID
	At    ark.Stamp
	AtHub bool // the hub's receipt covers it
}

// Sync is how the van stands with the hub, for pages and lamps.
type Sync struct {
	Up      bool          // connected now
	Backlog uint64        // entries that the hub has not confirmed
	Fault   string        // a Fault… while something is wrong; empty: nothing
	Since   ark.UnixMilli // when Up last changed
}

// Visits is what the crew's pages need of the store.
type Visits interface {
	// Log makes a visit durable, together with its journal entry. When it
	// returns nil, and only then, people may be told "saved". The error wraps
	// ErrDiskFull or ErrReadOnly where that is the reason.
	Log(ctx context.Context, id ark.ID, v ark.Visit) error
	// Recent lists the newest visits first, at most limit.
	Recent(ctx context.Context, limit int) ([]Visit, error)
}
