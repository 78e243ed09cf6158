package store

import (
	"context"
	"fmt"

	"ark"
	"ark/hub"
)

// VisitChoices are the values that occur; see hub.Finder.
func (s *Store) VisitChoices(ctx context.Context, sight hub.Sight) (c hub.Choices, err error) {
	parts, err := s.sightParts(ctx, s.db.Read(), sight, hub.VisitFilter{})
	if err != nil || len(parts) == 0 {
		return c, err
	}
	var args arguments
	seen := found + " AND (" + anyPart(parts, &args) + ")"
	each := func(columns, from string, into ...any) func(func()) error {
		return func(add func()) error {
			rows, err := s.db.Read().QueryContext(ctx, "SELECT "+columns+" FROM "+from+" AND "+seen+" GROUP BY "+columns+
				" ORDER BY count(*) DESC, "+columns+fmt.Sprintf(" LIMIT %d", hub.MaxChoices), args...)
			if err != nil {
				return err
			}
			defer rows.Close()
			for rows.Next() {
				if err := rows.Scan(into...); err != nil {
					return err
				}
				add()
			}
			return rows.Err()
		}
	}
	var p ark.Place
	var van ark.VanID
	var word string
	for _, kind := range []struct {
		rows func(func()) error
		add  func()
	}{
		{each("p.street, p.community, p.grid, p.compound", "visits v JOIN visit_places p ON p.n = v.place WHERE "+always, &p.Street, &p.Community, &p.Grid, &p.Compound),
			func() { c.Places = append(c.Places, p) }},
		{each("w.id", "visits v JOIN vans w ON w.n = v.van WHERE "+always, &van), func() { c.Vans = append(c.Vans, van) }},
		{each("v.by", "visits v WHERE v.by <> ''", &word), func() { c.By = append(c.By, word) }},
		{each("m.value", "visits v JOIN visit_marks m ON m.position = v.position WHERE m.kind = 1", &word),
			func() { c.Services = append(c.Services, ark.Service(word)) }},
		{each("m.value", "visits v JOIN visit_marks m ON m.position = v.position WHERE m.kind = 2 AND m.value <> '*'", &word),
			func() { c.Needs = append(c.Needs, word) }},
	} {
		if err := kind.rows(kind.add); err != nil {
			return c, fmt.Errorf("read what visits have: %w", err)
		}
	}
	return c, nil
}
