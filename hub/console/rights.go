package console

import (
	"net/http"
	"slices"
	"strings"

	"ark"
	"ark/hub"
)

const blankPlaces = 2

// rightsForm is roles and places as a form has them.
type rightsForm struct {
	Roles  []hub.Role
	Whole  bool
	Places []ark.Place
	Known  []ark.Place // that occur, to choose from
	May    hub.Staff   // who gives: no more than this
}

func rightsFormOf(roles []hub.Role, s hub.Sight) rightsForm {
	return rightsForm{Roles: roles, Whole: s.Whole, Places: s.Places}
}

// Has tells whether a role is ticked.
func (f rightsForm) Has(r hub.Role) bool { return slices.Contains(f.Roles, r) }

// All lists the roles that can be given.
func (f rightsForm) All() (all []hub.Role) {
	for _, r := range hub.Roles {
		if f.May.Is(r) {
			all = append(all, r)
		}
	}
	return all
}

// Rows are the places with empty lines.
func (f rightsForm) Rows() []ark.Place {
	return append(slices.Clip(f.Places), make([]ark.Place, blankPlaces)...)
}

// readRights reads a form that was posted.
func readRights(r *http.Request) (f rightsForm) {
	r.PostFormValue("role") // reads the form
	for _, role := range hub.Roles {
		if slices.Contains(r.PostForm["role"], string(role)) {
			f.Roles = append(f.Roles, role)
		}
	}
	f.Whole = r.PostFormValue("sight") == "whole"
	f.Places = readAreas(r.PostForm)
	return f
}

// rights is what the form gives, or a key of what to do.
func (f rightsForm) rights() (roles []hub.Role, s hub.Sight, trouble string) {
	s = hub.Sight{Whole: f.Whole}
	if !f.Whole {
		s.Places = f.Places
	}
	switch {
	case len(f.Roles) == 0:
		trouble = "accounts.noRole"
	case !s.Whole && len(s.Places) == 0:
		trouble = "accounts.noPlace"
	case slices.Contains(f.Roles, hub.RoleAdministrator) && !s.Whole:
		trouble = "accounts.chief"
	case hub.CheckRights(f.Roles, s) != nil:
		trouble = "house.badPlace"
	}
	return f.Roles, s, trouble
}

// knownPlaces are parts of town to choose from: streets and communities of the
// vans' areas. Without them people type.
func (c *Console) knownPlaces(r *http.Request) (all []ark.Place) {
	for _, p := range c.townOf(r) {
		for _, part := range []ark.Place{{Street: p.Street}, {Street: p.Street, Community: p.Community}} {
			if part != (ark.Place{}) && !slices.Contains(all, part) && len(all) < 200 {
				all = append(all, part)
			}
		}
	}
	slices.SortFunc(all, func(a, b ark.Place) int {
		return strings.Compare(a.Street+"\x00"+a.Community, b.Street+"\x00"+b.Community)
	})
	return all
}

// townOf is what parts of town vans go to.
func (c *Console) townOf(r *http.Request) (all []ark.Place) {
	areas, err := desk(r.Context()).Areas(r.Context())
	if err != nil {
		c.c.Log.Error("areas cannot be read", "err", err)
	}
	for _, area := range areas {
		all = append(all, area...)
	}
	return all
}
