package hub

import (
	"errors"
	"fmt"
	"slices"
	"time"

	"ark"
)

// Role is a kind of work at the hub. An account may have several.
type Role string

// The roles. Every role reads; the others add to it.
const (
	RoleReader        Role = "reader"        // visits, households, broadcasts, vans
	RoleReviewer      Role = "reviewer"      // judges visits, changes households
	RoleAnnouncer     Role = "announcer"     // plays and stops, makes announcements and the plan
	RoleTechnician    Role = "technician"    // vans, their areas and settings, phones, crew, quarantine
	RoleAdministrator Role = "administrator" // all of it, accounts, and who did what
)

// Roles lists them in the order in which people see them.
var Roles = []Role{RoleReader, RoleReviewer, RoleAnnouncer, RoleTechnician, RoleAdministrator}

// Staff is somebody, or a program of theirs, for whom something is done at
// the hub.
type Staff struct {
	Name  string // of the account
	Token string // name of the token, where a program acts for the account; empty: the person
	From  string // address that asks
	Roles []Role
	Sight Sight
}

// Is tells whether the person has a role; an administrator has all, and every
// role reads.
func (s Staff) Is(r Role) bool {
	known := func(r Role) bool { return slices.Contains(Roles, r) }
	return slices.Contains(s.Roles, r) || slices.Contains(s.Roles, RoleAdministrator) || r == RoleReader && slices.ContainsFunc(s.Roles, known)
}

// Sight is what of the town somebody may see. Its zero value is nothing.
// Whatever lists or reads what vans brought takes one, so that no page can
// leave it out.
//
// A visit is seen by its place; one that names no street, by the areas of its
// van. A van, and what it played and was ordered, is seen where one of its
// areas and one of the places have a part of town in common. A van without an
// area is seen by those alone who see the whole.
type Sight struct {
	Whole  bool
	Places []ark.Place // at most MaxSight; parts that are empty do not matter
}

// MaxSight is the most places of one sight.
const MaxSight = 50

// Everything is the sight of the hub itself.
var Everything = Sight{Whole: true}

// Sees tells whether a place is in sight.
func (s Sight) Sees(p ark.Place) bool {
	return s.Whole || slices.ContainsFunc(s.Parts(), p.Plain().Within)
}

// SeesVisit tells whether a visit at a place is in sight, of a van with these
// areas.
func (s Sight) SeesVisit(at ark.Place, area []ark.Place) bool {
	if at.Plain().Street == "" {
		return s.Meets(area)
	}
	return s.Sees(at)
}

// Parts are the places in the form for comparing (ark.Place.Plain). One that
// names nothing is left out: it would be everywhere.
func (s Sight) Parts() (parts []ark.Place) {
	for _, p := range s.Places {
		if plain := p.Plain(); plain != (ark.Place{}) {
			parts = append(parts, plain)
		}
	}
	return parts
}

// Meets tells whether any of these areas has a part of town in common with
// the sight.
func (s Sight) Meets(area []ark.Place) bool {
	parts := s.Parts()
	return s.Whole || slices.ContainsFunc(area, func(a ark.Place) bool {
		a = a.Plain()
		return slices.ContainsFunc(parts, func(p ark.Place) bool { return Meet(a, p) })
	})
}

// And is what both sights see, however their places are written. What neither
// has within the other is left out, though they may overlap.
func (s Sight) And(o Sight) Sight {
	if s.Whole {
		return o
	}
	if o.Whole {
		return s
	}
	var both Sight
	var known []ark.Place // in the form for comparing
	for _, a := range s.Places {
		for _, b := range o.Places {
			inA, inB := a.Plain(), b.Plain()
			if inA == (ark.Place{}) || inB == (ark.Place{}) {
				continue
			}
			if inA.Within(inB) {
				b, inB = a, inA
			} else if !inB.Within(inA) {
				continue
			}
			if !slices.Contains(known, inB) && len(known) < MaxSight {
				both.Places, known = append(both.Places, b), append(known, inB)
			}
		}
	}
	return both
}

// Staff is whom an account is, asking from an address.
func (a Account) Staff(from string) Staff {
	return Staff{Name: a.Name, From: from, Roles: a.Roles, Sight: a.Sight}
}

// Through is the same person acting by a token: what both may.
func (s Staff) Through(t Token) Staff {
	var roles []Role
	for _, r := range t.Roles {
		if s.Is(r) {
			roles = append(roles, r)
		}
	}
	return Staff{Name: s.Name, Token: t.Name, From: s.From, Roles: roles, Sight: t.Sight.And(s.Sight)}
}

// Meet tells whether two parts of town, in the form for comparing, have
// something in common: one is in the other.
func Meet(a, b ark.Place) bool { return a.Within(b) || b.Within(a) }

// Masked stands for what is hidden until somebody asks for it, on record: at
// the beginning of what is shown of it, if anything is. MaskedYear stands for a
// year of birth: nobody is as old.
const (
	Masked     = "••••"
	MaskedYear = 1
)

// Errors of who may do what.
var (
	// ErrNotAllowed says that the roles of whoever asks do not include this.
	ErrNotAllowed = errors.New("not allowed")
	// ErrOutOfSight says that what is asked would reach beyond the sight of
	// whoever asks. What is beyond it already is ErrNotThere: that it exists is
	// a fact, too.
	ErrOutOfSight = errors.New("out of sight")
)

// WaitError says that whoever asks does so too often, and how long until they
// may again.
type WaitError struct{ For time.Duration }

func (e *WaitError) Error() string { return fmt.Sprintf("too often; wait %v", e.For) }
