package store

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	"ark"
	"ark/hub"
	"ark/internal/database"
)

// VisitsSince lists visits by their last change; see hub.Finder. Both parts of
// it are of one moment: what is committed between them would be passed over.
func (s *Store) VisitsSince(ctx context.Context, sight hub.Sight, changed int64, limit int) ([]hub.VisitChange, error) {
	changed, limit = max(changed, 0), min(max(limit, 1), mostPage)
	tx, err := s.moment(ctx)
	if err != nil {
		return nil, fmt.Errorf("list visits since a change: %w", err)
	}
	defer tx.Rollback()
	parts, err := s.sightParts(ctx, tx, sight, hub.VisitFilter{})
	if err != nil || len(parts) == 0 {
		return nil, err
	}
	all, err := changedSince(ctx, tx, parts, changed, limit)
	if err == nil && !sight.Whole {
		var gone []hub.VisitChange
		gone, err = goneSince(ctx, tx, parts, changed, limit)
		all = append(all, gone...)
	}
	if err != nil {
		return nil, fmt.Errorf("list visits since a change: %w", err)
	}
	slices.SortFunc(all, func(a, b hub.VisitChange) int { return cmp.Compare(a.Changed, b.Changed) })
	return all[:min(len(all), limit)], nil
}

// changedSince are those in sight.
func changedSince(ctx context.Context, q querier, parts []sightPart, changed int64, limit int) ([]hub.VisitChange, error) {
	args := arguments{changed, limit}
	seen := anyPart(parts, &args)
	vs, err := readVisits(ctx, q, "WHERE v.position IN (SELECT v.position FROM visits v WHERE v.changed + 0 > $1 AND v.changed > 0 AND ("+seen+
		") ORDER BY v.changed + 0 LIMIT $2) ORDER BY v.changed", args...)
	all := make([]hub.VisitChange, len(vs))
	for i, v := range vs {
		all[i].Visit = v
	}
	return all, err
}

// goneSince are those that were in sight until a change, and are not now.
func goneSince(ctx context.Context, q querier, parts []sightPart, changed int64, limit int) (all []hub.VisitChange, err error) {
	args := arguments{changed, limit}
	was, is := anyPart(parts, &args), anyPart(parts, &args)
	rows, err := q.QueryContext(ctx, "SELECT v.changed, n.id FROM visit_moves v JOIN visits n ON n.position = v.position WHERE v.changed > $1 AND ("+was+
		") AND NOT EXISTS (SELECT 1 FROM visits v WHERE v.position = n.position AND ("+is+")) ORDER BY v.changed LIMIT $2", args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		var id []byte
		v := hub.VisitChange{Gone: true}
		if err := rows.Scan(&v.Changed, &id); err != nil {
			return nil, err
		}
		v.ID = ark.ID(id)
		all = append(all, v)
	}
	return all, rows.Err()
}

// moveOn notes where a visit was found until a change, if that is not where it
// is now.
func moveOn(tx *database.Tx, position, changed int64, now ark.Place) error {
	_, err := tx.Exec(`INSERT INTO visit_moves (changed, position, van, street, community, grid, compound, building)
		SELECT CAST($2 AS BIGINT), position, van, street, community, grid, compound, building FROM visits
		WHERE position = $1 AND NOT (street = $3 AND community = $4 AND grid = $5 AND compound = $6 AND building = $7)`,
		position, changed, now.Street, now.Community, now.Grid, now.Compound, now.Building)
	if err != nil {
		return fmt.Errorf("note where a visit was: %w", err)
	}
	return nil
}
