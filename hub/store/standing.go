package store

import (
	"bytes"
	"context"
	"database/sql"
	"fmt"

	"ark"
	"ark/hub"
	"ark/internal/database"
)

// Stand orders how things are to be from now on, where the newest order of
// the kind says something else; see hub.Standing.
func (s *Store) Stand(ctx context.Context, vans []ark.VanID, kind ark.Kind, body any) (given []ark.VanID, err error) {
	encoded, err := ark.EncodeBody(kind, body)
	if err != nil {
		return nil, fmt.Errorf("stand: %w", err)
	}
	if !kind.Order() {
		return nil, fmt.Errorf("stand: %s is no order", kind)
	}
	if given, err = s.differing(ctx, vans, kind, encoded); err != nil || len(given) == 0 {
		return nil, err // nearly always there is nothing to write
	}
	due := given
	given = nil
	err = s.db.Write(ctx, func(tx *database.Tx) error {
		for _, van := range due {
			if same, err := newestOrderIs(tx.QueryRowContext(ctx, newestOrderQuery, van, kind), encoded); err != nil {
				return err
			} else if same {
				continue // somebody else was faster
			}
			if err := s.appendOrder(tx, van, s.newID(), kind, encoded); err != nil {
				return fmt.Errorf("van %s: %w", van, err)
			}
			given = append(given, van)
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("stand: %w", err)
	}
	if len(given) > 0 {
		s.tell(hub.Change{Orders: true})
	}
	return given, nil
}

const newestOrderQuery = "SELECT body FROM orders WHERE van = $1 AND kind = $2 ORDER BY position DESC LIMIT 1"

func newestOrderIs(row *sql.Row, body []byte) (bool, error) {
	var have []byte
	err := row.Scan(&have)
	if noRows(err) {
		return false, nil
	}
	if err != nil {
		return false, fmt.Errorf("read newest order: %w", err)
	}
	return bytes.Equal(have, body), nil
}

// differing are the vans, each once, whose newest order of the kind says
// something else.
func (s *Store) differing(ctx context.Context, vans []ark.VanID, kind ark.Kind, body []byte) (due []ark.VanID, err error) {
	seen := map[ark.VanID]bool{}
	for _, van := range vans {
		if seen[van] {
			continue
		}
		seen[van] = true
		same, err := newestOrderIs(s.db.Read().QueryRowContext(ctx, newestOrderQuery, van, kind), body)
		if err != nil {
			return nil, fmt.Errorf("stand: %w", err)
		}
		if !same {
			due = append(due, van)
		}
	}
	return due, nil
}
