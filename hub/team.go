package hub

import (
	"context"
	"fmt"
	"strings"
	"time"
	"unicode/utf8"

	"ark"
)

// VisitComment is a word of staff to each other about a visit. No van is ever
// told: what the crew is to hear stands in a review.
type VisitComment struct {
	N     int64 // later ones are greater
	By    string
	At    ark.UnixMilli
	Words string // empty: it was taken back
	Gone  bool
}

// Assignment is that a visit was given to somebody for review.
type Assignment struct {
	To string // account; empty: to nobody
	By string
	At ark.UnixMilli
}

// MaxAssignments is how many of them a visit is shown with, the newest.
const MaxAssignments = 200

// Bounds of comments.
const (
	MaxComment  = 2000             // characters
	MaxComments = 200              // about one visit; those that were taken back take no room
	CommentUndo = 15 * time.Minute // so long it can be taken back
)

// Check tells whether a comment may be kept.
func (c VisitComment) Check() error {
	switch {
	case strings.TrimSpace(c.Words) == "", utf8.RuneCountInString(c.Words) > MaxComment, !utf8.ValidString(c.Words), strings.ContainsRune(c.Words, 0):
		return fmt.Errorf("%w: the words of a comment", ErrInvalid)
	case c.By == "":
		return fmt.Errorf("%w: a comment of nobody", ErrInvalid)
	}
	return nil
}

// ReviewAges is how many visits wait for a review, by how long ago they were
// made: today, 1 to 3 days, 4 to 7, longer.
type ReviewAges [4]int

// All is how many there are of any age.
func (a ReviewAges) All() (n int) {
	for _, some := range a {
		n += some
	}
	return n
}

// ReviewLoad is how much waits for a review.
type ReviewLoad struct {
	All ReviewAges
	Of  map[string]ReviewAges // by the account to which it was given
}

// Colleague is somebody who reviews, too.
type Colleague struct {
	Name    string
	Display string // empty: known by Name
	Sight   Sight
}

// Team is how staff share the reviewing among them.
type Team interface {
	// SetAssigned gives a visit to an account for review. Was is
	// to whom it was given when somebody decided that: ErrStale, where it is
	// another by now. ErrInvalid: it is none that may
	// review it: there is none such, or it does not see the visit. ErrNotThere.
	SetAssigned(ctx context.Context, s Sight, visit ark.ID, a Assignment, was string) error
	// AddComment keeps a word about a visit. ErrFull, ErrInvalid, ErrNotThere.
	AddComment(ctx context.Context, s Sight, visit ark.ID, c VisitComment) error
	// RemoveComment takes a comment of somebody's own back: what it said is gone,
	// that there was one stays. ErrStale: it was said too long before now.
	// ErrNotThere.
	RemoveComment(ctx context.Context, s Sight, visit ark.ID, n int64, by string, now time.Time) error
	// ReviewLoad counts what waits for a review; today is the midnight with which
	// today begins.
	ReviewLoad(ctx context.Context, s Sight, today time.Time) (ReviewLoad, error)
}
