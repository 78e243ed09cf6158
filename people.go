package ark

import (
	"errors"
	"fmt"
	"regexp"
)

// Crew is the body of an order: who may log visits with this van's phones.
type Crew struct {
	Version int64        `cbor:"1,keyasint"`
	Members []CrewMember `cbor:"2,keyasint,omitempty"`
}

// CrewMember is a person who goes with the van.
type CrewMember struct {
	ID       ID     `cbor:"1,keyasint" json:"id"`
	Name     string `cbor:"2,keyasint" json:"name"`
	Verifier string `cbor:"3,keyasint,omitempty" json:"-"` // of the PIN: argon2id in the PHC string format; empty: without a PIN nobody signs in as this person
	Struck   bool   `cbor:"4,keyasint,omitempty" json:"struck,omitempty"`
}

// MaxCrew is the most crew members that one van knows.
const MaxCrew = 200

// Phones is the body of an order: the phones that the hub knows of this van.
// A new card learns from it which tokens are good; one that is struck off is
// refused from then on.
type Phones struct {
	Version int64   `cbor:"1,keyasint"`
	List    []Phone `cbor:"2,keyasint,omitempty"`
}

// Phone is a phone or tablet that was enrolled at a van's panel page. In a van
// journal it is the body of the entry that says so, or that it was struck off
// there.
type Phone struct {
	ID       ID        `cbor:"1,keyasint" json:"id"`
	Name     string    `cbor:"2,keyasint" json:"name"` // as the crew calls it
	Verifier Hash      `cbor:"3,keyasint" json:"-"`    // SHA-256 of its token, 32 random bytes
	At       UnixMilli `cbor:"4,keyasint" json:"at"`   // when it was enrolled
	Struck   bool      `cbor:"5,keyasint,omitempty" json:"struck,omitempty"`
	By       string    `cbor:"6,keyasint,omitempty" json:"by,omitempty"` // who struck it off
}

// MaxPhones is the most phones that one van knows.
const MaxPhones = 300

var (
	errPeople = errors.New("crew: out of range")
	verifier  = regexp.MustCompile(`^\$argon2id\$v=19\$m=[0-9]{1,7},t=[0-9]{1,2},p=[0-9]\$[A-Za-z0-9+/]{11,64}\$[A-Za-z0-9+/]{22,86}$`)
)

// Check tells what is wrong with a crew, if anything.
func (c Crew) Check() error {
	if c.Version < 1 || len(c.Members) > MaxCrew {
		return fmt.Errorf("%w: version %d, %d members", errPeople, c.Version, len(c.Members))
	}
	for _, m := range c.Members {
		if m.ID.IsZero() || m.Name == "" || m.Verifier != "" && !verifier.MatchString(m.Verifier) {
			return fmt.Errorf("%w: member %q", errPeople, m.Name)
		}
		if err := checkText(m.Name, MaxPerson); err != nil {
			return fmt.Errorf("crew: %w", err)
		}
	}
	return fits("crew", c)
}

// Check tells what is wrong with the phones, if anything.
func (p Phones) Check() error {
	if p.Version < 1 || len(p.List) > MaxPhones {
		return fmt.Errorf("%w: version %d, %d phones", errPeople, p.Version, len(p.List))
	}
	for _, one := range p.List {
		if err := one.Check(); err != nil {
			return err
		}
	}
	return fits("phones", p)
}

// Check tells what is wrong with a phone, if anything.
func (p Phone) Check() error {
	if p.ID.IsZero() || p.Verifier == (Hash{}) || p.At < 0 {
		return fmt.Errorf("%w: phone %q", errPeople, p.Name)
	}
	return allText(MaxPerson, p.Name, MaxPerson, p.By)
}
