package store

import (
	"context"
	"database/sql"
	"fmt"

	"ark"
	"ark/agent"
)

// Limits of a kept value.
const (
	maxKey   = 32
	maxValue = 48 << 10
)

// Keep makes values durable in one transaction, each in the place of the one
// under its key: ark.ErrTooBig where one is beyond a limit, and then none is.
func (s *Store) Keep(ctx context.Context, values ...agent.Keep) error {
	for _, v := range values {
		if v.Key == "" || len(v.Key) > maxKey || len(v.Value) > maxValue {
			return fmt.Errorf("keep %.40q: %w: %d bytes", v.Key, ark.ErrTooBig, len(v.Value))
		}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	err := s.write(ctx, func(t tx) error {
		for _, v := range values {
			if err := keep(t, v.Key, v.Value); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("keep values: %w", err)
	}
	return nil
}

func keep(t tx, key string, value []byte) error {
	if value == nil {
		value = []byte{}
	}
	_, err := t.Exec("INSERT INTO kept VALUES ($1, $2) ON CONFLICT (key) DO UPDATE SET value = $2", key, value)
	return err
}

// Kept is all values that are kept, by their keys.
func (s *Store) Kept(ctx context.Context) (map[string][]byte, error) {
	db, err := s.reading()
	if err != nil {
		return nil, err
	}
	all, err := readKept(ctx, db.DB)
	if err != nil {
		return nil, fmt.Errorf("read kept values: %w", s.readFailed(err))
	}
	return all, nil
}

func readKept(ctx context.Context, db *sql.DB) (map[string][]byte, error) {
	rows, err := db.QueryContext(ctx, "SELECT key, value FROM kept")
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	all := map[string][]byte{}
	for rows.Next() {
		var key string
		var value []byte
		if err := rows.Scan(&key, &value); err != nil {
			return all, err
		}
		all[key] = value
	}
	return all, rows.Err()
}
