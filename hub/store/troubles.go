package store

import (
	"context"
	"fmt"

	"ark"
	"ark/hub"
)

// troubles adds to the vans, by their numbers here, what they told of new
// incarnations and what of theirs is in quarantine.
func (s *Store) troubles(ctx context.Context, at map[int64]*hub.Van) error {
	if err := s.begun(ctx, at); err != nil {
		return fmt.Errorf("list incarnations: %w", err)
	}
	if err := s.held(ctx, at); err != nil {
		return fmt.Errorf("list quarantine: %w", err)
	}
	return nil
}

// begun reads the first entry of each incarnation. One that says nothing of
// another before it, or cannot be understood, is passed over.
func (s *Store) begun(ctx context.Context, at map[int64]*hub.Van) error {
	rows, err := s.db.Read().QueryContext(ctx, `SELECT i.van, e.raw FROM incarnations i
		JOIN entries e ON e.incarnation = i.n AND e.seq = 1 ORDER BY i.n DESC`)
	if err != nil {
		return err
	}
	defer rows.Close()
	var doubtful []int64
	for rows.Next() {
		var van int64
		var raw []byte
		if err := rows.Scan(&van, &raw); err != nil {
			return err
		}
		v := at[van]
		if v == nil || len(v.Begun) == hub.MaxTold {
			continue
		}
		f := hub.Fact{Raw: raw}
		hub.Understand(&f, v.ID)
		if b, ok := f.Body.(ark.Begun); ok && b.Why != ark.BegunNew {
			v.Begun = append(v.Begun, hub.Begun{Begun: b, At: f.Entry.At})
			if !f.Entry.At.Trusted {
				doubtful = append(doubtful, van)
			}
		}
	}
	if err := rows.Err(); err != nil {
		return err
	}
	for _, van := range doubtful {
		for i := range at[van].Begun {
			if err := correct(ctx, s.db.Read(), van, &at[van].Begun[i].At); err != nil {
				return err
			}
		}
	}
	return nil
}

func (s *Store) held(ctx context.Context, at map[int64]*hub.Van) error {
	rows, err := s.db.Read().QueryContext(ctx, `SELECT van, incarnation, seq, reason, at FROM (
		SELECT i.van, i.incarnation, q.seq, q.reason, q.at, row_number() OVER (PARTITION BY i.van ORDER BY q.at DESC, q.incarnation DESC, q.seq DESC) AS place
		FROM quarantine q JOIN incarnations i ON i.n = q.incarnation) AS h WHERE place <= $1 ORDER BY van, place`, hub.MaxTold)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		var van, when int64
		var inc []byte
		var q hub.Quarantined
		if err := rows.Scan(&van, &inc, &q.Seq, &q.Reason, &when); err != nil {
			return err
		}
		copy(q.Incarnation[:], inc)
		q.At = fromMilli(when)
		if v := at[van]; v != nil {
			v.Held = append(v.Held, q)
		}
	}
	return rows.Err()
}
