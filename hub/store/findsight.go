package store

import (
	"context"
	"slices"
	"strings"

	"ark"
	"ark/hub"
)

// sightPart is visits that are in sight for one reason: where they were, or
// where they say nothing of it, because of their van. Each can go by an index.
type sightPart struct {
	within ark.Place
	van    int64 // 0: of any
	loose  bool  // only those that name no street
	placed bool  // only those that name one
}

// condition is what holds for the visits of the part.
func (p sightPart) condition(args *arguments) string {
	cond := always
	for i, name := range p.within.Parts() {
		if name != "" && i < visitParts {
			cond += " AND v." + placeColumns[i] + " = " + args.add(name)
		}
	}
	if p.van != 0 {
		cond += " AND v.van = " + args.add(p.van)
	}
	if p.loose {
		cond += " AND v.street = ''"
	}
	if p.placed {
		cond += " AND v.street <> ''"
	}
	return cond
}

// anyPart is what holds for the visits of any of the parts.
func anyPart(all []sightPart, args *arguments) string {
	conds := make([]string, len(all))
	for i, p := range all {
		conds[i] = p.condition(args)
	}
	return "(" + strings.Join(conds, ") OR (") + ")"
}

// visitParts is how many parts of a place visits are found by: down to the
// building.
const visitParts = 5

// sightParts are the parts of what somebody sees and asks for. None: nothing.
func (s *Store) sightParts(ctx context.Context, q querier, sight hub.Sight, f hub.VisitFilter) (all []sightPart, err error) {
	van := int64(0)
	if f.Van != "" {
		if van = s.vanNumber(f.Van); van == 0 {
			return nil, nil
		}
	}
	within := f.Within.Plain()
	if sight.Whole {
		return []sightPart{{within: within, van: van}}, nil
	}
	for _, place := range sight.Parts() {
		if place.Unit+place.Room != "" {
			continue // smaller than what visits are found by: nothing, rather than too much
		}
		if both, can := meet(place, within); can {
			all = append(all, sightPart{within: both, van: van, placed: true})
		}
	}
	all = outermost(all)
	if within.Street != "" {
		return all, nil
	}
	areas, err := readTerritory(ctx, q)
	if err != nil {
		return nil, err
	}
	for id, area := range areas {
		n := s.vanNumber(id)
		if n != 0 && (van == 0 || n == van) && sight.Meets(placesOf(area)) {
			all = append(all, sightPart{within: within, van: n, loose: true})
		}
	}
	return all, nil
}

func placesOf(area []part) []ark.Place {
	all := make([]ark.Place, len(area))
	for i, p := range area {
		all[i] = p.Place
	}
	return all
}

// vanNumber is the number of a van; 0: it never sent anything.
func (s *Store) vanNumber(id ark.VanID) int64 {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.vans[id]
}

// meet is what two places have in common; false: nothing.
func meet(a, b ark.Place) (ark.Place, bool) {
	both := a
	for _, part := range []struct {
		into *string
		its  string
	}{{&both.Street, b.Street}, {&both.Community, b.Community}, {&both.Grid, b.Grid}, {&both.Compound, b.Compound}, {&both.Building, b.Building}} {
		if *part.into == "" {
			*part.into = part.its
		} else if part.its != "" && part.its != *part.into {
			return both, false
		}
	}
	return both, true
}

// outermost leaves out the parts that lie in others.
func outermost(all []sightPart) (kept []sightPart) {
	for i, p := range all {
		if !slices.ContainsFunc(all[:i], func(o sightPart) bool { return p.within.Within(o.within) }) &&
			!slices.ContainsFunc(all[i+1:], func(o sightPart) bool { return p.within.Within(o.within) && p.within != o.within }) {
			kept = append(kept, p)
		}
	}
	return kept
}

// leaveOut leaves out the visits of other parts, where they could be in this
// one, too.
func (c *chosen) leaveOut(p sightPart, others []sightPart) {
	for _, o := range others {
		if _, can := meet(p.within, o.within); can && p.loose == o.loose && p.placed == o.placed && p.van == o.van {
			c.where("NOT (" + o.condition(&c.args) + ")")
		}
	}
}
