package hub

import (
	"context"
	"time"

	"ark"
)

// AuditEntry is a deed on record. Hash covers the hash of the entry before it
// and all that the entry says, so that none of them can be changed, taken out,
// put in or moved without each later hash being another.
type AuditEntry struct {
	Seq int64 // 1, 2, 3 … without gaps
	Deed
	Hash ark.Hash
}

// AuditHead is the newest entry at some time. Whoever keeps one elsewhere can
// tell later whether anything up to it was changed or removed.
type AuditHead struct {
	Seq  int64
	Hash ark.Hash // of no entry yet: AuditGenesis
	At   time.Time
}

// AuditGenesis is what the first entry's hash continues from.
var AuditGenesis = ark.HashOf([]byte("Service Ark: who did what, 1"))

// OwnName is who did what the hub's program does at its machine, of which no
// account is known.
const OwnName = "(ark-hub)"

// AuditFilter chooses entries; its parts combine, and the zero value chooses
// all.
type AuditFilter struct {
	Who      string
	Verb     Verb
	Object   Object // of an empty ID: all of the kind
	Outcome  Outcome
	From, To time.Time // To is not in it; zero: without bound
}

// AuditPlace is an entry's place in the order of the list: by time, since a
// clock that was set may disagree with Seq.
type AuditPlace struct {
	At  ark.UnixMilli
	Seq int64
}

// Place is where the entry stands.
func (e AuditEntry) Place() AuditPlace { return AuditPlace{ark.Milli(e.At), e.Seq} }

// AuditFault is a place where the record is not what was written.
type AuditFault struct {
	Seq  int64 // of the entry; of missing ones, the first
	To   int64 // of missing ones, the last
	What AuditWrong
}

// AuditWrong is what is wrong with the record at some place.
type AuditWrong string

// What can be wrong with it.
const (
	AuditChanged   AuditWrong = "changed"   // it says something else than what was written, or was put in
	AuditMoved     AuditWrong = "moved"     // it stands where another one was written
	AuditMissing   AuditWrong = "missing"   // entries were taken out
	AuditRewritten AuditWrong = "rewritten" // it is whole in itself, and not what a head that was kept elsewhere says
)

// MaxAuditFaults is how many faults a check names; it goes on counting none
// after them.
const MaxAuditFaults = 100

// AuditCheck is what a check found.
type AuditCheck struct {
	Head   AuditHead // up to which it was read
	Heads  int       // of those kept elsewhere, how many were held against it
	Faults []AuditFault
}

// AuditLog is the record of who did what, for those who may read it. Reading it
// is a deed like others, and nobody can write it but by doing something.
type AuditLog interface {
	Audit
	// Deeds lists entries, the newest first, after a place further up; the zero
	// place: from the top. limit is 1 to 500.
	Deeds(ctx context.Context, f AuditFilter, after AuditPlace, limit int) ([]AuditEntry, error)
	// AuditHead is the newest entry.
	AuditHead(ctx context.Context) (AuditHead, error)
	// CheckAudit reads the whole record as it is now and holds it against its
	// hashes and against heads that were kept elsewhere. progress, which may be
	// nil, hears how many entries were read, and of how many.
	CheckAudit(ctx context.Context, known []AuditHead, progress func(done, most int64)) (AuditCheck, error)
}
