package store

import (
	"context"
	"fmt"

	"ark"
	"ark/hub"
)

// VisitEntries are entries about a visit as they came; see hub.Fleet.
func (s *Store) VisitEntries(ctx context.Context, sight hub.Sight, visit ark.ID, from int) (hub.RawPage, error) {
	p := hub.RawPage{From: max(from, 0)}
	if _, err := s.visit(ctx, sight, visit); err != nil {
		return p, fmt.Errorf("read entries: %w", err)
	}
	if err := s.db.Read().QueryRowContext(ctx, "SELECT 1 + count(*) FROM visit_entries WHERE visit = $1", visit[:]).Scan(&p.All); err != nil {
		return p, fmt.Errorf("count entries: %w", err)
	}
	rows, err := s.db.Read().QueryContext(ctx, `SELECT i.incarnation, e.seq, e.digest, a.received, e.raw FROM (
			SELECT incarnation, seq, received FROM visits WHERE id = $1
			UNION ALL SELECT incarnation, seq, received FROM visit_entries WHERE visit = $1) AS a
		JOIN incarnations i ON i.n = a.incarnation JOIN entries e ON e.incarnation = a.incarnation AND e.seq = a.seq
		ORDER BY a.received, i.n, e.seq LIMIT $2 OFFSET $3`, visit[:], hub.MaxRawEntries, p.From)
	if err != nil {
		return p, fmt.Errorf("read entries: %w", err)
	}
	defer rows.Close()
	for bytes := 0; rows.Next(); {
		var e hub.RawEntry
		var card, digest []byte
		var received int64
		if err := rows.Scan(&card, &e.Seq, &digest, &received, &e.Raw); err != nil {
			return p, fmt.Errorf("read entries: %w", err)
		}
		if bytes += len(e.Raw); bytes > hub.MaxRawBytes && len(p.Entries) > 0 {
			return p, nil
		}
		copy(e.Incarnation[:], card)
		copy(e.Digest[:], digest)
		e.Received = fromMilli(received)
		p.Entries = append(p.Entries, e)
	}
	return p, rows.Err()
}
