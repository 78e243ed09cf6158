package hub

import (
	"errors"

	"ark"
)

// ErrDamaged says that what is kept is not what came.
var ErrDamaged = errors.New("damaged")

// JournalFault is a place where what is kept of a van's journal is not what
// came.
type JournalFault struct {
	Van         ark.VanID
	Incarnation ark.Incarnation
	Seq         ark.Seq
	Missing     bool // the entry is not there; otherwise it, or one before it, has changed
}

// MaxJournalFaults is how many faults a check names.
const MaxJournalFaults = 100
