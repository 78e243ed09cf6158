package store

import (
	"context"
	"fmt"
	"time"

	"ark"
	"ark/hub"
	"ark/internal/database"
)

// recentEntries is by how many entries the size of those that wait is guessed.
const recentEntries = 100

// waiting adds to the vans, by their numbers here, what they hold that is not
// here yet.
func (s *Store) waiting(ctx context.Context, at map[int64]*hub.Van) error {
	rows, err := s.db.Read().QueryContext(ctx, "SELECT van, count(*), sum(size) FROM attachments WHERE here = 0 GROUP BY van")
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		var van, size int64
		var files int
		if err := rows.Scan(&van, &files, &size); err != nil {
			return err
		}
		if v := at[van]; v != nil {
			v.Waiting.Files, v.Waiting.Size = files, size
		}
	}
	if err := rows.Err(); err != nil {
		return err
	}
	for n, v := range at {
		if v.Backlog == 0 {
			continue
		}
		var some, bytes int64
		err := s.db.Read().QueryRowContext(ctx, `SELECT count(*), coalesce(sum(length(raw)), 0) FROM (SELECT raw FROM entries
			WHERE incarnation = (SELECT max(n) FROM incarnations WHERE van = $1) ORDER BY seq DESC LIMIT $2) AS recent`, n, recentEntries).Scan(&some, &bytes)
		if err != nil {
			return err
		}
		if some > 0 && v.Backlog < 1<<40 { // the van's own word: any number
			v.Waiting.Bytes = int64(v.Backlog) * (bytes / some)
		}
	}
	return nil
}

// Quarantine lists what of a van is in quarantine; see hub.Fleet.
func (s *Store) Quarantine(ctx context.Context, sight hub.Sight, van ark.VanID) (all []hub.Quarantined, err error) {
	if err := s.seesVan(ctx, sight, van); err != nil {
		return nil, err
	}
	rows, err := s.db.Read().QueryContext(ctx, `SELECT i.incarnation, q.seq, q.reason, q.at FROM quarantine q JOIN incarnations i ON i.n = q.incarnation
		JOIN vans v ON v.n = i.van WHERE v.id = $1 ORDER BY q.at DESC, q.incarnation DESC, q.seq DESC LIMIT $2`, van, hub.MaxBreaks)
	if err != nil {
		return nil, fmt.Errorf("list quarantine: %w", err)
	}
	defer rows.Close()
	for rows.Next() {
		var q hub.Quarantined
		var inc []byte
		var at int64
		if err := rows.Scan(&inc, &q.Seq, &q.Reason, &at); err != nil {
			return nil, fmt.Errorf("list quarantine: %w", err)
		}
		copy(q.Incarnation[:], inc)
		q.At = fromMilli(at)
		all = append(all, q)
	}
	return all, rows.Err()
}

// TryAgain reads what of a van is in quarantine anew; see hub.Fleet.
func (s *Store) TryAgain(ctx context.Context, sight hub.Sight, van ark.VanID) (released, left int, err error) {
	if err := s.seesVan(ctx, sight, van); err != nil {
		return 0, 0, err
	}
	before, err := s.quarantined(ctx, van)
	if err == nil {
		err = s.releaseOf(ctx, van)
	}
	if err == nil {
		left, err = s.quarantined(ctx, van)
	}
	if err != nil {
		return 0, 0, fmt.Errorf("try quarantine again: %w", err)
	}
	return max(before-left, 0), left, nil
}

func (s *Store) quarantined(ctx context.Context, van ark.VanID) (n int, err error) {
	err = s.db.Read().QueryRowContext(ctx, "SELECT count(*) FROM quarantine q JOIN incarnations i ON i.n = q.incarnation JOIN vans v ON v.n = i.van WHERE v.id = $1", van).Scan(&n)
	return n, err
}

// Breaks lists the breaks of a van's journals; see hub.Fleet.
func (s *Store) Breaks(ctx context.Context, sight hub.Sight, van ark.VanID) (all []hub.Break, err error) {
	if err := s.seesVan(ctx, sight, van); err != nil {
		return nil, err
	}
	rows, err := s.db.Read().QueryContext(ctx, `SELECT i.incarnation, b.fork, b.first, b.last, b.at, b.seen_by, b.seen_at FROM (
			SELECT incarnation, 1 AS fork, seq AS first, seq AS last, at, seen_by, seen_at FROM forks
			UNION ALL SELECT incarnation, 0, first, last, at, seen_by, seen_at FROM gaps) AS b
		JOIN incarnations i ON i.n = b.incarnation JOIN vans v ON v.n = i.van WHERE v.id = $1
		ORDER BY b.at DESC, i.n DESC, b.first DESC, b.fork LIMIT $2`, van, hub.MaxBreaks)
	if err != nil {
		return nil, fmt.Errorf("list breaks: %w", err)
	}
	defer rows.Close()
	for rows.Next() {
		var b hub.Break
		var inc []byte
		var fork, at, seen int64
		if err := rows.Scan(&inc, &fork, &b.From, &b.To, &at, &b.SeenBy, &seen); err != nil {
			return nil, fmt.Errorf("list breaks: %w", err)
		}
		copy(b.Incarnation[:], inc)
		b.Fork, b.At, b.SeenAt = fork == 1, fromMilli(at), fromMilli(seen)
		all = append(all, b)
	}
	return all, rows.Err()
}

// SeeBreaks notes who has looked into breaks; see hub.Fleet.
func (s *Store) SeeBreaks(ctx context.Context, sight hub.Sight, van ark.VanID, upTo time.Time, by string) error {
	if err := s.seesVan(ctx, sight, van); err != nil {
		return err
	}
	err := s.db.Write(ctx, func(tx *database.Tx) error {
		for _, table := range []string{"forks", "gaps"} {
			_, err := tx.Exec("UPDATE "+table+` SET seen_by = $1, seen_at = $2 WHERE seen_by = '' AND at <= $3
				AND incarnation IN (SELECT i.n FROM incarnations i JOIN vans v ON v.n = i.van WHERE v.id = $4)`, by, s.now().UnixMilli(), upTo.UnixMilli(), van)
			if err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("note who has looked: %w", err)
	}
	s.tell(hub.Change{Vans: true})
	return nil
}

// seesVan answers hub.ErrNotThere for a van that is not in sight.
func (s *Store) seesVan(ctx context.Context, sight hub.Sight, van ark.VanID) error {
	seen, err := sees(ctx, s.db.Read(), sight)
	if err != nil {
		return fmt.Errorf("van %s: %w", van, err)
	}
	if !seen(van) {
		return fmt.Errorf("van %s: %w", van, hub.ErrNotThere)
	}
	return nil
}
