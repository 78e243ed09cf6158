// Package desk is what one member of staff can do at the hub, and the one way
// to what vans brought. A desk knows who sits at it: it refuses what the roles
// do not include, asks the store for nothing beyond the sight, masks what is
// nobody's business at a glance, and puts a deed on record before it does it
// or shows anything. Pages and the API have nothing but a desk, so that none
// of them can leave a role, a place or the record out.
package desk

import (
	"context"
	"log/slog"
	"time"

	"ark/hub"
	"ark/internal/crowd"
)

// Config is what desks work with.
type Config struct {
	Audit       hub.Audit
	AuditLog    hub.AuditLog
	AuditHeads  func() ([]hub.AuditHead, error) // those that are kept outside of the database; nil: none are
	Views       hub.Views
	Finder      hub.Finder
	Overviews   hub.Overviews
	Fleet       hub.Fleet
	AsRun       hub.AsRunLog
	Register    hub.Register
	Roster      hub.Roster
	Reviews     hub.Reviews
	Team        hub.Team
	SavedViews  hub.SavedViews
	Attachments hub.Attachments
	Blobs       hub.Blobs
	Library     hub.Library
	Plans       hub.Plans
	Commander   hub.Commander
	Accounts    AccountBook
	Doorkeeper  hub.Doorkeeper
	Now         func() time.Time
	Log         *slog.Logger
}

// Of how many people an account is shown what is masked, one by one. Enough for
// who telephones all day; whoever needs more takes a file, and proves who they
// are for it.
const (
	shownAtOnce = 100              // visits and households
	shownEvery  = 30 * time.Second // then one as each has passed
)

// Desks makes a desk for whoever comes.
type Desks struct {
	c      Config
	lately *lately
	shown  *crowd.Turns
}

// New makes the maker of desks.
func New(c Config) *Desks {
	return &Desks{c: c, lately: newLately(), shown: crowd.NewTurns(shownAtOnce, shownEvery)}
}

// For is the desk of one member of staff, for one request. Of somebody without
// a role, also of the zero Staff, it does nothing but refuse.
func (d *Desks) For(s hub.Staff) *Desk {
	return &Desk{c: d.c, lately: d.lately, shown: d.shown, staff: s}
}

// Desk is what one member of staff can do. Its methods are in duties: which
// role each needs, and what goes on record. Errors are those of package hub,
// of whoever does the work; hub.ErrNotAllowed from any, *hub.WaitError from what shows one record as it is.
type Desk struct {
	c      Config
	lately *lately
	shown  *crowd.Turns
	staff  hub.Staff
}

// Enter answers hub.ErrNotAllowed to who has not the role for a page, and puts
// that on record.
func (d *Desk) Enter(ctx context.Context, page string, role hub.Role) error {
	if d.staff.Is(role) {
		return nil
	}
	return d.refuse(ctx, duty{verb: hub.VerbView, kind: hub.ObjectPage}, about{id: page})
}
