package store

import (
	"context"
	"fmt"

	"ark"
	"ark/hub"
)

// VisitEntries are all entries about a visit as they came; see hub.Fleet.
func (s *Store) VisitEntries(ctx context.Context, sight hub.Sight, visit ark.ID) (all []hub.RawEntry, err error) {
	if _, err := s.visit(ctx, sight, visit); err != nil {
		return nil, fmt.Errorf("read entries: %w", err)
	}
	rows, err := s.db.Read().QueryContext(ctx, `SELECT i.incarnation, e.seq, e.digest, a.received, e.raw FROM (
			SELECT incarnation, seq, received FROM visits WHERE id = $1
			UNION ALL SELECT incarnation, seq, received FROM visit_entries WHERE visit = $1) AS a
		JOIN incarnations i ON i.n = a.incarnation JOIN entries e ON e.incarnation = a.incarnation AND e.seq = a.seq
		ORDER BY a.received, i.n, e.seq`, visit[:])
	if err != nil {
		return nil, fmt.Errorf("read entries: %w", err)
	}
	defer rows.Close()
	for rows.Next() {
		var e hub.RawEntry
		var card, digest []byte
		var received int64
		if err := rows.Scan(&card, &e.Seq, &digest, &received, &e.Raw); err != nil {
			return nil, fmt.Errorf("read entries: %w", err)
		}
		copy(e.Incarnation[:], card)
		copy(e.Digest[:], digest)
		e.Received = fromMilli(received)
		all = append(all, e)
	}
	return all, rows.Err()
}
