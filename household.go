package ark

import (
	"errors"
	"fmt"
)

// Household is who lives behind a door, as far as the office writes it down.
// It changes by editions: Rev names the one that this is.
type Household struct {
	ID       ID        `cbor:"1,keyasint" json:"id"`
	Rev      ID        `cbor:"2,keyasint,omitzero" json:"rev,omitzero"` // of the edit, or of the hub's change, that made it so
	Place    Place     `cbor:"3,keyasint" json:"place"`
	Members  []Member  `cbor:"4,keyasint,omitempty" json:"members,omitempty"`
	Phone    string    `cbor:"5,keyasint,omitempty" json:"phone,omitempty"`
	Note     string    `cbor:"6,keyasint,omitempty" json:"note,omitempty"`
	NoVisit  string    `cbor:"7,keyasint,omitempty" json:"no_visit,omitempty"`  // why nobody may call there; empty: one may
	MovedOut UnixMilli `cbor:"8,keyasint,omitempty" json:"moved_out,omitempty"` // 0: they live here
	Geo      *Geo      `cbor:"9,keyasint,omitempty" json:"geo,omitempty"`       // of the door
	Has      []ID      `cbor:"10,keyasint,omitempty" json:"-"`                  // in an order: the edits of vans that are settled by it, at most MaxSettled
	Forget   bool      `cbor:"11,keyasint,omitempty" json:"forget,omitempty"`   // in an order: it is not this van's any more; the van removes it
	Disputed []string  `cbor:"12,keyasint,omitempty" json:"disputed,omitempty"` // fields about which two edits disagreed: staff decide
}

// Member is one person of a household.
type Member struct {
	Name  string `cbor:"1,keyasint" json:"name"`
	Born  int    `cbor:"2,keyasint,omitempty" json:"born,omitempty"` // year; 0: not known
	Phone string `cbor:"3,keyasint,omitempty" json:"phone,omitempty"`
	Note  string `cbor:"4,keyasint,omitempty" json:"note,omitempty"` // such as 独居, 听力不好
	Left  bool   `cbor:"5,keyasint,omitempty" json:"left,omitempty"` // does not live here any more
}

// Limits of a household.
const (
	MaxMembers   = 30
	MaxSettled   = 64
	MaxDisputed  = 16
	MaxPhone     = 30     // characters
	MaxRemark    = 300    // characters of a household's or member's note, and of NoVisit
	MaxHousehold = 19_000 // bytes of its encoding without Has and Disputed: an edit holds two
)

// Households is the body of an order: these households of the van's area are
// now so. Entries are small (MaxEntry), so a large area comes in many orders.
type Households struct {
	List []Household `cbor:"1,keyasint"`
}

// MaxHouseholds is the most households of one order.
const MaxHouseholds = 200

// HouseholdEdit is the body of the entry by which a crew member makes or
// corrects a household: the whole of what it is to be, and what it was.
type HouseholdEdit struct {
	Now  Household `cbor:"1,keyasint"`           // Rev is not used: the entry's id is it
	Was  Household `cbor:"2,keyasint,omitzero"`  // as the crew member saw it; ID zero: it is new
	By   ID        `cbor:"3,keyasint,omitzero"`  // crew member
	Name string    `cbor:"4,keyasint,omitempty"` // of the crew member, as the van knew it
}

var (
	errNoDoor     = errors.New("household: no place")
	errHousehold  = errors.New("household: out of range")
	errOfHub      = errors.New("household edit: what only the hub says")
	errOtherHouse = errors.New("household edit: of another household")
)

// Check tells what is wrong with a household, if anything.
func (h Household) Check() error {
	switch {
	case h.ID.IsZero():
		return fmt.Errorf("%w: no id", errHousehold)
	case h.Forget:
		return nil
	case h.Place == (Place{}):
		return errNoDoor
	case len(h.Members) > MaxMembers || len(h.Has) > MaxSettled || len(h.Disputed) > MaxDisputed || h.MovedOut < 0:
		return fmt.Errorf("%w: %d members", errHousehold, len(h.Members))
	}
	if err := h.Place.Check(); err != nil {
		return err
	}
	if h.Geo != nil {
		if err := h.Geo.Check(); err != nil {
			return err
		}
	}
	for _, m := range h.Members {
		if m.Name == "" || m.Born < 0 || m.Born > 3000 {
			return fmt.Errorf("%w: member %q born %d", errHousehold, m.Name, m.Born)
		}
		if err := allText(MaxPerson, m.Name, MaxPhone, m.Phone, MaxRemark, m.Note); err != nil {
			return fmt.Errorf("member: %w", err)
		}
	}
	for _, name := range h.Disputed {
		if err := checkText(name, len("member:")+MaxPerson); err != nil {
			return fmt.Errorf("disputed: %w", err)
		}
	}
	if err := allText(MaxPhone, h.Phone, MaxRemark, h.Note, MaxRemark, h.NoVisit); err != nil {
		return err
	}
	return h.checkSize()
}

func (h Household) checkSize() error {
	h.Has, h.Disputed = nil, nil
	raw, err := encMode.Marshal(h)
	if err != nil {
		return fmt.Errorf("household: %w", err)
	}
	if len(raw) > MaxHousehold {
		return fmt.Errorf("household: %w: %d bytes, at most %d", ErrTooBig, len(raw), MaxHousehold)
	}
	return nil
}

// Check tells what is wrong with an order of households, if anything.
func (l Households) Check() error {
	if len(l.List) > MaxHouseholds {
		return fmt.Errorf("households: %w: %d", ErrTooLong, len(l.List))
	}
	for _, h := range l.List {
		if err := h.Check(); err != nil {
			return err
		}
	}
	return fits("households", l)
}

// Check tells what is wrong with an edit, if anything. Only the hub forgets
// households.
func (e HouseholdEdit) Check() error {
	if e.Now.Forget || e.Was.Forget {
		return errOfHub
	}
	if err := e.Now.Check(); err != nil {
		return err
	}
	if e.Was.ID.IsZero() {
		return checkText(e.Name, MaxPerson)
	}
	if e.Was.ID != e.Now.ID {
		return errOtherHouse
	}
	if err := e.Was.Check(); err != nil {
		return err
	}
	return checkText(e.Name, MaxPerson)
}

// allText checks texts, each after the most characters that it may have.
func allText(pairs ...any) error {
	for i := 0; i < len(pairs); i += 2 {
		if err := checkText(pairs[i+1].(string), pairs[i].(int)); err != nil {
			return err
		}
	}
	return nil
}
