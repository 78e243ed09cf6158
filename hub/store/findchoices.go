package store

import (
	"context"
	"fmt"
	"slices"

	"ark"
	"ark/hub"
)

// VisitChoices are the values that occur; see hub.Finder.
func (s *Store) VisitChoices(ctx context.Context, sight hub.Sight, all bool) (c hub.Choices, err error) {
	parts, err := s.sightParts(ctx, s.db.Read(), sight, hub.VisitFilter{})
	if err != nil || len(parts) == 0 {
		return c, err
	}
	var p ark.Place
	var van ark.VanID
	var word string
	for _, kind := range []struct {
		kind  int64
		short bool
		into  []any
		add   func()
	}{
		{tallyPlace, false, []any{&p.Street, &p.Community, &p.Grid, &p.Compound}, func() { c.Places = append(c.Places, p) }},
		{tallyVisit, false, []any{&van}, func() { c.Vans = append(c.Vans, van) }},
		{tallyBy, false, []any{&word}, func() { c.By = append(c.By, word) }},
		{markService, true, []any{&word}, func() { c.Services = append(c.Services, ark.Service(word)) }},
		{markNeed, true, []any{&word}, func() { c.Needs = append(c.Needs, word) }},
	} {
		if !all && !kind.short {
			continue
		}
		query, args := choiceQuery(kind.kind, parts)
		rows, err := s.db.Read().QueryContext(ctx, query, args...)
		if err != nil {
			return c, fmt.Errorf("read what visits have: %w", err)
		}
		defer rows.Close()
		for rows.Next() {
			if err := rows.Scan(kind.into...); err != nil {
				return c, fmt.Errorf("read what visits have: %w", err)
			}
			kind.add()
		}
		if err := rows.Err(); err != nil {
			return c, fmt.Errorf("read what visits have: %w", err)
		}
		rows.Close()
	}
	return c, nil
}

// tallyPlace asks for the places of what is tallied.
const tallyPlace int64 = -1

// choiceQuery asks for the values of one kind, the most frequent first. They
// have been tallied for whole compounds; who sees single buildings has few
// visits, and they are counted then.
func choiceQuery(kind int64, parts []sightPart) (string, arguments) {
	var args arguments
	seen := anyPart(parts, &args)
	column, join, of := "v.value", "", max(kind, tallyVisit)
	switch kind {
	case tallyPlace:
		column, join = "p.said_street, p.said_community, p.said_grid, p.said_compound", " JOIN visit_places p ON p.n = v.place AND p.n > 0"
	case tallyVisit:
		column, join = "w.id", " JOIN vans w ON w.n = v.van"
	}
	count := "sum(v.n)"
	from := fmt.Sprintf(`(SELECT t.place, t.van, t.value, t.n, a.street, a.community, a.grid, a.compound FROM visit_tallies t
		JOIN visit_places a ON a.n = t.place WHERE t.kind = %d AND t.n > 0 AND t.van <> %d) v`, of, ofAll)
	if len(parts) == 1 && parts[0] == (sightPart{}) {
		whole := wholeTown(kind)
		from, join, seen = whole[0], "", whole[1]
	}
	if slices.ContainsFunc(parts, func(p sightPart) bool { return p.within.Building != "" }) {
		count, from = "count(*)", singly[of]
	}
	return "SELECT " + column + " FROM " + from + join + " WHERE " + seen + " GROUP BY " + column + " ORDER BY " + count + " DESC, " + column +
		fmt.Sprintf(" LIMIT %d", hub.MaxChoices), args
}

// wholeTown is where the tallies of the whole town are, and which. They are few
// among those of its parts: each place and each van is looked up, not looked
// for.
func wholeTown(kind int64) [2]string {
	switch kind {
	case tallyPlace:
		return [2]string{"visit_places p CROSS JOIN visit_tallies v", fmt.Sprintf("p.n > 0 AND v.place = p.n AND v.van = %d AND v.kind = %d AND v.value = '' AND v.n > 0", ofAll, tallyVisit)}
	case tallyVisit:
		return [2]string{"vans w CROSS JOIN visit_tallies v", fmt.Sprintf("v.place = %d AND v.van = w.n AND v.kind = %d AND v.value = '' AND v.n > 0", ofAll, tallyVisit)}
	}
	return [2]string{"visit_tallies v", fmt.Sprintf("v.place = %d AND v.van = %d AND v.kind = %d AND v.n > 0", ofAll, ofAll, kind)}
}

// singly are the visits with their values, each for itself.
var singly = map[int64]string{
	tallyVisit:  "(SELECT v.* FROM visits v WHERE " + found + ") v",
	tallyBy:     "(SELECT v.*, v.by AS value FROM visits v WHERE " + found + " AND v.by <> '') v",
	markService: "(SELECT v.*, m.value FROM visits v JOIN visit_marks m ON m.position = v.position AND m.kind = 1 WHERE " + found + ") v",
	markNeed:    "(SELECT v.*, m.value FROM visits v JOIN visit_marks m ON m.position = v.position AND m.kind = 2 AND m.value <> '" + anyNeed + "' WHERE " + found + ") v",
}
