package ark

import (
	"errors"
	"fmt"
)

// Amend is the body of the entry by which crew say a visit anew: the visit as
// it is from now on. What it was stays in the journal.
type Amend struct {
	Visit ID     `cbor:"1,keyasint"` // the visit's id: that of its first entry
	Now   Visit  `cbor:"2,keyasint"`
	Why   string `cbor:"3,keyasint,omitempty"`
	After ID     `cbor:"4,keyasint,omitzero"` // the entry that it amends, as the crew saw it; zero: the first
}

// Withdrawal is the body of the entry by which crew take a visit back. Its
// history is kept.
type Withdrawal struct {
	Visit ID     `cbor:"1,keyasint"`
	Why   string `cbor:"2,keyasint,omitempty"`
	By    ID     `cbor:"3,keyasint,omitzero"`  // crew member
	Name  string `cbor:"4,keyasint,omitempty"` // as the van knew it
	Phone ID     `cbor:"5,keyasint,omitzero"`
	Age   int64  `cbor:"6,keyasint,omitempty"` // ms that had passed since it was said when the van wrote it down, by the phone's clock
}

// ReviewState is what staff made of a visit.
type ReviewState uint8

// The states of review. Numbers are on the wire.
const (
	ReviewNone     ReviewState = 0 // not yet looked at; in a review: what was said before is taken back
	ReviewApproved ReviewState = 1
	ReviewReturned ReviewState = 2 // back to the crew with a comment
	ReviewRejected ReviewState = 3
)

// String is a stable English word.
func (s ReviewState) String() string {
	words := [...]string{"new", "approved", "returned", "rejected"}
	if int(s) >= len(words) {
		return "unknown"
	}
	return words[s]
}

// Review is the body of an order that tells the van whose visit it is what
// staff made of it.
type Review struct {
	Visit   ID          `cbor:"1,keyasint"`
	Entry   ID          `cbor:"2,keyasint"` // which of its entries they looked at: the visit's own or an amendment
	State   ReviewState `cbor:"3,keyasint"`
	Comment string      `cbor:"4,keyasint,omitempty"`
	By      string      `cbor:"5,keyasint,omitempty"`
	At      UnixMilli   `cbor:"6,keyasint"`
}

var errReview = errors.New("review: out of range")

// Check tells what is wrong with an amendment, if anything.
func (a Amend) Check() error {
	if a.Visit.IsZero() {
		return fmt.Errorf("amend: %w", errReview)
	}
	if err := checkText(a.Why, MaxRemark); err != nil {
		return fmt.Errorf("amend: %w", err)
	}
	if err := a.Now.Check(); err != nil {
		return err
	}
	return a.Now.checkSize(a)
}

// Check tells what is wrong with a withdrawal, if anything.
func (w Withdrawal) Check() error {
	if w.Visit.IsZero() || w.Age < 0 || w.Age > MaxAge {
		return fmt.Errorf("withdraw: %w", errReview)
	}
	return allText(MaxRemark, w.Why, MaxPerson, w.Name)
}

// Check tells what is wrong with a review, if anything.
func (r Review) Check() error {
	if r.Visit.IsZero() || r.Entry.IsZero() || r.State > ReviewRejected || r.At < 0 {
		return errReview
	}
	if r.State == ReviewReturned && r.Comment == "" {
		return fmt.Errorf("%w: returned without a comment", errReview)
	}
	return allText(MaxWords, r.Comment, MaxPerson, r.By)
}
