package store

import (
	"context"
	"fmt"

	"ark"
	"ark/hub"
	"ark/internal/database"
)

// orderBytes is how large an order of households gets. It goes over a mobile
// link, and what is urgent may have to wait for MaxUnderWay of them.
const orderBytes = 24 << 10

// VansDue lists the vans that may have to be told of households.
func (s *Store) VansDue(ctx context.Context) (vans []ark.VanID, err error) {
	rows, err := s.db.Read().QueryContext(ctx, `SELECT van FROM areas a WHERE sweep IS NOT NULL OR EXISTS (SELECT 1 FROM due d WHERE d.van = a.van)
		UNION SELECT id FROM vans v WHERE EXISTS (SELECT 1 FROM due d WHERE d.van = v.id) ORDER BY 1`)
	if err != nil {
		return nil, fmt.Errorf("list vans to be told: %w", err)
	}
	defer rows.Close()
	for rows.Next() {
		var van ark.VanID
		if err := rows.Scan(&van); err != nil {
			return nil, fmt.Errorf("list vans to be told: %w", err)
		}
		vans = append(vans, van)
	}
	return vans, rows.Err()
}

// DueHouseholds lists what a van is to be told of its area; see hub.Register.
func (s *Store) DueHouseholds(ctx context.Context, van ark.VanID, limit int) ([]ark.Household, error) {
	if busy, err := s.underWay(ctx, van); err != nil || busy {
		return nil, err
	}
	for {
		due, some, err := s.weighSome(ctx, van, min(max(limit, 1), ark.MaxHouseholds))
		if err != nil || len(due) > 0 {
			return due, err
		}
		if some {
			continue
		}
		if more, err := s.sweep(ctx, van); err != nil || !more {
			return nil, err
		}
	}
}

// underWay tells whether the van has as many orders of households still to
// take as may be.
func (s *Store) underWay(ctx context.Context, van ark.VanID) (bool, error) {
	var n int
	err := s.db.Read().QueryRowContext(ctx, `SELECT count(*) FROM (SELECT seq FROM orders WHERE van = $1 AND kind = $2 ORDER BY position DESC LIMIT $3) o
		WHERE o.seq > (SELECT acked_seq FROM order_journals WHERE van = $1)`, van, ark.KindHouseholds, hub.MaxUnderWay).Scan(&n)
	if err != nil {
		return false, fmt.Errorf("count orders of households: %w", err)
	}
	return n == hub.MaxUnderWay, nil
}

// weighSome looks at some that may be due. Those that are not are taken off
// the list; some: there were any on it.
func (s *Store) weighSome(ctx context.Context, van ark.VanID, limit int) (due []ark.Household, some bool, err error) {
	t, err := readTerritory(ctx, s.db.Read())
	if err != nil {
		return nil, false, err
	}
	all, err := weigh(ctx, s.db.Read(), van, t, "d.van = $1 ORDER BY d.household LIMIT $2", limit)
	if err != nil {
		return nil, false, err
	}
	var idle []ark.ID
	size := 0
	for _, w := range all {
		if !w.due {
			idle = append(idle, w.ID)
			continue
		}
		body, err := ark.EncodeBody(ark.KindHouseholds, ark.Households{List: []ark.Household{w.Household}})
		if err != nil {
			return nil, false, fmt.Errorf("encode household: %w", err)
		}
		if size += len(body); size > orderBytes && len(due) > 0 {
			break
		}
		due = append(due, w.Household)
	}
	return due, len(all) > 0, s.strikeDue(ctx, van, idle)
}

// strikeDue takes off the list what the van need not be told, as it is now.
func (s *Store) strikeDue(ctx context.Context, van ark.VanID, ids []ark.ID) error {
	if len(ids) == 0 {
		return nil
	}
	err := s.db.Write(ctx, func(tx *database.Tx) error {
		t, err := readTerritory(ctx, tx)
		if err != nil {
			return err
		}
		for _, id := range ids {
			ws, err := weigh(ctx, tx, van, t, "d.van = $1 AND d.household = $2", id[:])
			if err != nil {
				return err
			}
			if len(ws) == 0 || ws[0].due {
				continue
			}
			if _, err := tx.ExecContext(ctx, "DELETE FROM due WHERE van = $1 AND household = $2", van, id[:]); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("note what is not to be told: %w", err)
	}
	return nil
}

// weighed is a household on the list, as a van is to be told of it.
type weighed struct {
	ark.Household
	due   bool
	after int64 // up to which edition the van was told what is settled
	more  bool  // there are edits of its crew after that
	made  bool  // there are any
}

// weigh reads the list of what a van may have to be told.
func weigh(ctx context.Context, q querier, van ark.VanID, t territory, where string, arg any) ([]weighed, error) {
	area, has := t[van]
	rows, err := q.QueryContext(ctx, `SELECT d.household, h.body, t.rev, coalesce(t.n, 0),
		EXISTS (SELECT 1 FROM household_editions e WHERE e.household = d.household AND e.n > coalesce(t.n, 0) AND e.van = d.van),
		EXISTS (SELECT 1 FROM household_editions e WHERE e.household = d.household AND e.van = d.van)
		FROM due d LEFT JOIN households h ON h.id = d.household LEFT JOIN told t ON t.van = d.van AND t.household = d.household WHERE `+where, van, arg)
	if err != nil {
		return nil, fmt.Errorf("read households to be told: %w", err)
	}
	defer rows.Close()
	var all []weighed
	for rows.Next() {
		var w weighed
		var id, body, rev []byte
		if err := rows.Scan(&id, &body, &rev, &w.after, &w.more, &w.made); err != nil {
			return nil, fmt.Errorf("read households to be told: %w", err)
		}
		if w.Household, err = decodeHousehold(body); err != nil {
			return nil, fmt.Errorf("read household: %w", err)
		}
		switch {
		case inside(area, w.Place.Plain()), !has && w.made:
			w.due = rev == nil || ark.ID(rev) != w.Rev || w.more
		default:
			w.Household, w.due, w.more = ark.Household{ID: w.ID, Rev: w.Rev, Forget: true}, rev != nil, false
		}
		all = append(all, w)
	}
	if err := rows.Err(); err != nil {
		return nil, fmt.Errorf("read households to be told: %w", err)
	}
	for i := range all {
		if w := &all[i]; w.more {
			if w.Has, err = settled(ctx, q, van, w.ID, w.after); err != nil {
				return nil, err
			}
		}
	}
	return all, nil
}

// settled are edits of the van's crew after an edition, the oldest first.
func settled(ctx context.Context, q querier, van ark.VanID, household ark.ID, after int64) (edits []ark.ID, err error) {
	rows, err := q.QueryContext(ctx, "SELECT rev FROM household_editions WHERE household = $1 AND n > $2 AND van = $3 ORDER BY n LIMIT $4",
		household[:], after, van, ark.MaxSettled)
	if err != nil {
		return nil, fmt.Errorf("read settled edits: %w", err)
	}
	defer rows.Close()
	for rows.Next() {
		var rev []byte
		if err := rows.Scan(&rev); err != nil {
			return nil, fmt.Errorf("read settled edits: %w", err)
		}
		edits = append(edits, ark.ID(rev))
	}
	return edits, rows.Err()
}

// TellHouseholds orders households, and notes that the van was told; see
// hub.Register.
func (s *Store) TellHouseholds(ctx context.Context, van ark.VanID, hs []ark.Household) error {
	list := ark.Households{List: hs}
	if err := list.Check(); err != nil {
		return fmt.Errorf("tell households: %w: %w", hub.ErrInvalid, err)
	}
	if len(hs) == 0 {
		return nil
	}
	body, err := ark.EncodeBody(ark.KindHouseholds, list)
	if err != nil {
		return fmt.Errorf("tell households: %w", err)
	}
	err = s.db.Write(ctx, func(tx *database.Tx) error {
		for _, h := range hs {
			if err := noteTold(ctx, tx, van, h); err != nil {
				return err
			}
		}
		return s.appendOrder(tx, van, s.newID(), ark.KindHouseholds, body)
	})
	if err != nil {
		return fmt.Errorf("tell households: %w", err)
	}
	s.tell(hub.Change{Orders: true})
	return nil
}

// noteTold notes what a van is told of a household. It stays on the list if
// it has changed since it was weighed.
func noteTold(ctx context.Context, tx *database.Tx, van ark.VanID, h ark.Household) error {
	var rev []byte
	var n int64
	if !h.Forget {
		rev = h.Rev[:]
	}
	if k := len(h.Has); k > 0 {
		err := tx.QueryRowContext(ctx, "SELECT coalesce(max(n), 0) FROM household_editions WHERE household = $1 AND rev = $2", h.ID[:], h.Has[k-1][:]).Scan(&n)
		if err != nil {
			return err
		}
	}
	_, err := tx.ExecContext(ctx, `INSERT INTO told VALUES ($1, $2, $3, $4) ON CONFLICT (van, household) DO UPDATE
		SET rev = $3, n = CASE WHEN $4 > told.n THEN $4 ELSE told.n END`, van, h.ID[:], rev, n)
	if err != nil {
		return err
	}
	_, err = tx.ExecContext(ctx, `DELETE FROM due WHERE van = $1 AND household = $2 AND (SELECT rev FROM households WHERE id = $2) = $3
		AND NOT EXISTS (SELECT 1 FROM household_editions WHERE household = $2 AND van = $1 AND n > (SELECT n FROM told WHERE van = $1 AND household = $2))`,
		van, h.ID[:], h.Rev[:])
	return err
}

// untell makes a van's order journal one that never told of households: its
// next orders tell of them anew, as they are then.
func untell(tx *database.Tx, van ark.VanID) error {
	unknown := make([]byte, len(ark.ID{}))
	if _, err := tx.Exec("UPDATE told SET rev = $1, n = 0 WHERE van = $2", unknown, van); err != nil {
		return err
	}
	_, err := tx.Exec("UPDATE areas SET sweep = $1 WHERE van = $2", unknown, van)
	return err
}
