package hub

import (
	"context"
	"fmt"
	"net/url"
	"strings"
	"unicode/utf8"

	"ark"
)

// SavedView is a query for the list of visits that somebody kept under a name.
type SavedView struct {
	ID     ark.ID
	Owner  string // account
	Name   string
	Query  string // as the list's address has it, without a question mark; empty: all visits
	Shared bool   // others see it, too; see SavedViews
	First  bool   // its owner sees it first
}

// Bounds of saved views.
const (
	MaxSavedViews = 50   // of one account
	MaxViewName   = 40   // characters
	MaxViewQuery  = 2000 // bytes
	MaxSharedSeen = 100  // of others, that one account is shown
)

// harmless are the parts of a query that name no part of town and nobody who
// was visited.
var harmless = map[string]bool{"state": true, "assigned": true, "outcome": true, "service": true, "need": true, "doubtful": true, "photo": true, "withdrawn": true,
	"order": true, "from": true, "to": true}

// Check tells whether a view may be kept so.
func (v SavedView) Check() error {
	_, err := url.ParseQuery(v.Query)
	switch {
	case strings.TrimSpace(v.Name) == "" || utf8.RuneCountInString(v.Name) > MaxViewName || !plain(v.Name):
		return fmt.Errorf("%w: the name of a view", ErrInvalid)
	case err != nil || len(v.Query) > MaxViewQuery || !plain(v.Query) || !utf8.ValidString(v.Query):
		return fmt.Errorf("%w: the query of a view", ErrInvalid)
	}
	return nil
}

// SeenBy tells whether a view that its owner shares is for somebody with a
// sight: it names no place and no person, or they see all that its owner did
// when it was saved, for that is what it can tell of.
func (v SavedView) SeenBy(s, owner Sight) bool {
	if s.Whole {
		return true
	}
	asked, err := url.ParseQuery(v.Query)
	names := err != nil
	for key := range asked {
		names = names || !harmless[key]
	}
	if !names {
		return true
	}
	covered := !owner.Whole
	for _, p := range owner.Parts() {
		covered = covered && s.Sees(p)
	}
	return covered
}

// SavedViews keeps views.
type SavedViews interface {
	// SavedViews lists an account's own views, by name, and then those that others
	// share and that are for its sight (SavedView.SeenBy): of owners who can come
	// in and still review.
	SavedViews(ctx context.Context, s Sight, owner string) ([]SavedView, error)
	// SaveView keeps one of its owner's, new or changed (by its ID). Where it is
	// First, no other of theirs is. ErrTaken: another has the name. ErrFull,
	// ErrInvalid.
	SaveView(ctx context.Context, v SavedView) error
	// RemoveView takes one of an account's away; RestoreView puts back the one that
	// was taken away last. ErrNotThere; of RestoreView ErrTaken and ErrFull, too.
	RemoveView(ctx context.Context, owner string, id ark.ID) error
	RestoreView(ctx context.Context, owner string, id ark.ID) error
}
