package store

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"ark/hub"
	"ark/internal/database"
)

// AddToken keeps one; see hub.TokenBook.
func (s *Store) AddToken(ctx context.Context, t hub.Token, hash []byte) error {
	if err := hub.CheckRights(t.Roles, t.Sight); err != nil {
		return fmt.Errorf("add token: %w", err)
	}
	roles, whole, places, err := rights(t.Roles, t.Sight)
	if err != nil {
		return fmt.Errorf("add token: %w", err)
	}
	err = s.db.Write(ctx, func(tx *database.Tx) error {
		if there, err := exists(tx, "SELECT 1 FROM accounts WHERE name = $1 AND disabled = 0", t.Account); err != nil {
			return err
		} else if !there {
			return hub.ErrNotThere
		}
		if _, err := tx.Exec("DELETE FROM tokens WHERE account = $1 AND ends <= $2", t.Account, t.Made.UnixMilli()); err != nil {
			return err
		}
		var n int
		if err := tx.QueryRow("SELECT count(*) FROM tokens WHERE account = $1", t.Account).Scan(&n); err != nil {
			return err
		}
		if n >= hub.MaxTokens {
			return hub.ErrFull
		}
		_, err := tx.Exec("INSERT INTO tokens VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, 0)",
			hash, t.ID, t.Account, t.Name, roles, whole, places, t.Made.UnixMilli(), t.Ends.UnixMilli())
		return err
	})
	if err != nil {
		return fmt.Errorf("add token: %w", err)
	}
	return nil
}

const tokenColumns = "SELECT id, account, name, roles, whole, places, made, ends, used FROM tokens "

func readToken(row scanner) (t hub.Token, err error) {
	var roles, places string
	var made, ends, used int64
	if err := row.Scan(&t.ID, &t.Account, &t.Name, &roles, &t.Sight.Whole, &places, &made, &ends, &used); err != nil {
		return t, err
	}
	t.Roles, t.Made, t.Ends, t.Used = rolesOf(roles), fromMilli(made), fromMilli(ends), fromMilli(used)
	return t, json.Unmarshal([]byte(places), &t.Sight.Places)
}

// Tokens lists those of an account, or of all; see hub.TokenBook.
func (s *Store) Tokens(ctx context.Context, name string) (all []hub.Token, err error) {
	rows, err := s.db.Read().QueryContext(ctx, tokenColumns+"WHERE $1 = '' OR account = $1 ORDER BY made DESC, id", name)
	if err != nil {
		return nil, fmt.Errorf("list tokens: %w", err)
	}
	defer rows.Close()
	for rows.Next() {
		t, err := readToken(rows)
		if err != nil {
			return nil, fmt.Errorf("list tokens: %w", err)
		}
		all = append(all, t)
	}
	return all, rows.Err()
}

// UseToken finds a token; see hub.TokenBook. Its use is noted once a minute.
func (s *Store) UseToken(ctx context.Context, hash []byte, now time.Time) (hub.Token, error) {
	t, err := readToken(s.db.Read().QueryRowContext(ctx, tokenColumns+"WHERE hash = $1 AND ends > $2", hash, now.UnixMilli()))
	if noRows(err) {
		err = hub.ErrNotThere
	}
	if err == nil && now.Sub(t.Used) > time.Minute {
		err = s.db.Write(ctx, func(tx *database.Tx) error {
			_, err := tx.Exec("UPDATE tokens SET used = $2 WHERE hash = $1", hash, now.UnixMilli())
			return err
		})
	}
	if err != nil {
		return t, fmt.Errorf("use a token: %w", err)
	}
	return t, nil
}

// RemoveToken ends one; see hub.TokenBook.
func (s *Store) RemoveToken(ctx context.Context, name, id string) error {
	n, err := s.count(ctx, "DELETE FROM tokens WHERE account = $1 AND id = $2", name, id)
	if err == nil && n == 0 {
		err = hub.ErrNotThere
	}
	if err != nil {
		return fmt.Errorf("remove token: %w", err)
	}
	return nil
}

// EndTokens ends all of an account; see hub.TokenBook.
func (s *Store) EndTokens(ctx context.Context, name string) (int, error) {
	n, err := s.count(ctx, "DELETE FROM tokens WHERE account = $1", name)
	if err != nil {
		return 0, fmt.Errorf("end tokens: %w", err)
	}
	return n, nil
}
