package console

import (
	"context"
	"fmt"
	"time"

	"ark"
	"ark/hub"
)

// rule is what holds for a van: its settings, or those for all, and what its
// place asks for.
type rule struct {
	Settings ark.Settings
	Own      bool // the van has settings of its own
	Zone     *time.Location
	At       ark.Neighbours // of the place where the van stands
}

// Quiet tells whether quiet hours hold at a time.
func (u rule) Quiet(at time.Time) bool { return u.At.QuietAt(at.In(u.Zone)) }

// rules are those of all vans by id, and under the empty one what holds for
// vans without their own.
type rules map[ark.VanID]rule

// Of is the rule of a van.
func (u rules) Of(van ark.VanID) rule {
	if own, ok := u[van]; ok {
		return own
	}
	return u[""]
}

// rules reads them.
func (c *Console) rules(ctx context.Context, vans []hub.Van) (rules, error) {
	all := rules{}
	for _, v := range append([]hub.Van{{}}, vans...) {
		s, own, err := desk(ctx).Settings(ctx, v.ID)
		if err != nil {
			return nil, fmt.Errorf("read settings: %w", err)
		}
		u := rule{Settings: s, Own: own, Zone: c.zoneOf(s.Zone), At: s.Rules}
		if v.Health != nil {
			u.At = s.At(v.Health.Place)
		}
		all[v.ID] = u
	}
	return all, nil
}

// zoneOf is a zone by its name; the office's where the name is none.
func (c *Console) zoneOf(name string) *time.Location {
	zone, err := time.LoadLocation(name)
	if err != nil || name == "" {
		return c.c.Zone
	}
	return zone
}
