package store

import (
	"context"
	"fmt"

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

// begun adds why incarnations began, as their first entries say it.
func (s *Store) begun(ctx context.Context, at map[int64]*hub.Van) error {
	all, said, err := s.starts.read(ctx, s.db.Read())
	if err != nil {
		return err
	}
	known := clocks{}
	for _, one := range all {
		v, b := at[one.van], said[one.n]
		if v == nil || b == nil || len(v.Begun) == hub.MaxTold {
			continue
		}
		begun := *b
		if err := known.correct(ctx, s.db.Read(), one.van, &begun.At); err != nil {
			return err
		}
		v.Begun = append(v.Begun, begun)
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
