package store

import (
	"context"
	"maps"
	"slices"
	"strings"

	"ark"
	"ark/hub"
)

// seen are the vans of which an area and a sight have a part of town in
// common, in order.
func (t territory) seen(s hub.Sight) (vans []ark.VanID) {
	parts := s.Parts()
	for _, van := range slices.Sorted(maps.Keys(t)) {
		if slices.ContainsFunc(t[van], func(own part) bool {
			return slices.ContainsFunc(parts, func(p ark.Place) bool { return hub.Meet(own.Plain, p) })
		}) {
			vans = append(vans, van)
		}
	}
	return vans
}

// area is where a van goes.
func (t territory) area(van ark.VanID) (area []ark.Place) {
	for _, p := range t[van] {
		area = append(area, p.Place)
	}
	return area
}

// sees tells which vans are in a sight.
func sees(ctx context.Context, q querier, s hub.Sight) (func(ark.VanID) bool, error) {
	if s.Whole {
		return func(ark.VanID) bool { return true }, nil
	}
	t, err := readTerritory(ctx, q)
	if err != nil {
		return nil, err
	}
	vans := t.seen(s)
	return func(van ark.VanID) bool { return slices.Contains(vans, van) }, nil
}

// vanSeen is the condition that a van, by the name in a column, is in a sight.
func vanSeen(ctx context.Context, q querier, s hub.Sight, column string, args *arguments) (string, error) {
	if s.Whole {
		return always, nil
	}
	t, err := readTerritory(ctx, q)
	if err != nil {
		return never, err
	}
	var names []string
	for _, van := range t.seen(s) {
		names = append(names, args.add(van))
	}
	if len(names) == 0 {
		return never, nil
	}
	return column + " IN (" + strings.Join(names, ", ") + ")", nil
}

// vanNumberSeen is vanSeen for a column with the number of a van.
func vanNumberSeen(ctx context.Context, q querier, s hub.Sight, column string, args *arguments) (string, error) {
	names, err := vanSeen(ctx, q, s, "id", args)
	if err != nil || names == always || names == never {
		return names, err
	}
	return column + " IN (SELECT n FROM vans WHERE " + names + ")", nil
}

// householdSeen is the condition that a household is in a sight.
func householdSeen(s hub.Sight, args *arguments) string {
	if s.Whole {
		return always
	}
	return areaCondition(partsOf(s.Parts()), args)
}
