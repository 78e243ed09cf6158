package store

import (
	"context"
	"fmt"
	"strings"
	"time"

	"ark/hub"
	"ark/internal/database"
)

// BeginSession keeps a new one; see hub.SessionBook. What is over goes.
func (s *Store) BeginSession(ctx context.Context, key string, n hub.Session, data []byte) error {
	agent := strings.ReplaceAll(strings.ToValidUTF8(n.Agent, ""), "\x00", "")
	if len(agent) > hub.MaxAgent {
		agent = strings.ToValidUTF8(agent[:hub.MaxAgent], "")
	}
	err := s.db.Write(ctx, func(tx *database.Tx) error {
		if _, err := tx.Exec("DELETE FROM sessions WHERE ends <= $1", n.Begun.UnixMilli()); err != nil {
			return err
		}
		if _, err := tx.Exec(`DELETE FROM sessions WHERE account = $1 AND key NOT IN (SELECT key FROM sessions WHERE account = $1 ORDER BY used DESC LIMIT $2)`,
			n.Account, hub.MaxSessions-1); err != nil {
			return err
		}
		there, err := exists(tx, "SELECT 1 FROM accounts WHERE name = $1 AND disabled = 0", n.Account)
		if err != nil {
			return err
		}
		if !there {
			return hub.ErrNotThere
		}
		_, err = tx.Exec("INSERT INTO sessions VALUES ($1, $2, $3, $4, $4, $5, $6, $7, $8)",
			key, n.ID, n.Account, n.Begun.UnixMilli(), n.Ends.UnixMilli(), n.From, agent, data)
		return err
	})
	if err != nil {
		return fmt.Errorf("begin session: %w", err)
	}
	return nil
}

// SessionData is what a session holds; see hub.SessionBook.
func (s *Store) SessionData(ctx context.Context, key string, now time.Time) (data []byte, there bool, err error) {
	err = s.db.Read().QueryRowContext(ctx, "SELECT data FROM sessions WHERE key = $1 AND ends > $2", key, now.UnixMilli()).Scan(&data)
	switch {
	case noRows(err):
		return nil, false, nil
	case err != nil:
		return nil, false, fmt.Errorf("read session: %w", err)
	}
	return data, true, nil
}

// KeepSession changes what it holds; see hub.SessionBook. Where nothing but
// the time has changed, and that by less than a minute, nothing is written: a
// page that is read must not wait for whoever writes.
func (s *Store) KeepSession(ctx context.Context, key string, data []byte, used, ends time.Time) error {
	var same int
	err := s.db.Read().QueryRowContext(ctx, "SELECT CASE WHEN data = $2 AND used > $3 THEN 1 ELSE 0 END FROM sessions WHERE key = $1",
		key, data, used.Add(-time.Minute).UnixMilli()).Scan(&same)
	if noRows(err) || err == nil && same == 1 {
		return nil
	}
	if err == nil {
		err = s.db.Write(ctx, func(tx *database.Tx) error {
			_, err := tx.Exec("UPDATE sessions SET data = $2, used = $3, ends = $4 WHERE key = $1", key, data, used.UnixMilli(), ends.UnixMilli())
			return err
		})
	}
	if err != nil {
		return fmt.Errorf("keep session: %w", err)
	}
	return nil
}

// EndSession ends one; see hub.SessionBook.
func (s *Store) EndSession(ctx context.Context, key string) error {
	_, err := s.count(ctx, "DELETE FROM sessions WHERE key = $1", key)
	return err
}

// Sessions lists those of an account; see hub.SessionBook.
func (s *Store) Sessions(ctx context.Context, name, key string, now time.Time) (all []hub.Session, own string, err error) {
	rows, err := s.db.Read().QueryContext(ctx, "SELECT id, key, begun, used, ends, place, agent FROM sessions WHERE account = $1 AND ends > $2 ORDER BY used DESC, id", name, now.UnixMilli())
	if err != nil {
		return nil, "", fmt.Errorf("list sessions: %w", err)
	}
	defer rows.Close()
	for rows.Next() {
		one := hub.Session{Account: name}
		var its string
		var begun, used, ends int64
		if err := rows.Scan(&one.ID, &its, &begun, &used, &ends, &one.From, &one.Agent); err != nil {
			return nil, "", fmt.Errorf("list sessions: %w", err)
		}
		one.Begun, one.Used, one.Ends = fromMilli(begun), fromMilli(used), fromMilli(ends)
		if its == key {
			own = one.ID
		}
		all = append(all, one)
	}
	return all, own, rows.Err()
}

// EndSessions ends some of an account's; see hub.SessionBook.
func (s *Store) EndSessions(ctx context.Context, name, id, keep string) (int, error) {
	if id != "" {
		return s.count(ctx, "DELETE FROM sessions WHERE account = $1 AND id = $2", name, id)
	}
	return s.count(ctx, "DELETE FROM sessions WHERE account = $1 AND key <> $2", name, keep)
}

func (s *Store) count(ctx context.Context, query string, args ...any) (int, error) {
	var n int64
	err := s.db.Write(ctx, func(tx *database.Tx) error {
		done, err := tx.Exec(query, args...)
		if err == nil {
			n, err = done.RowsAffected()
		}
		return err
	})
	if err != nil {
		return 0, fmt.Errorf("end sessions: %w", err)
	}
	return int(n), nil
}

// SawAccount notes a sign-in; see hub.SessionBook.
func (s *Store) SawAccount(ctx context.Context, name string, at time.Time) error {
	_, err := s.count(ctx, "UPDATE accounts SET seen = $2 WHERE name = $1", name, at.UnixMilli())
	return err
}
