package store

import (
	"context"
	"fmt"
	"time"

	"ark"
	"ark/hub"
	"ark/internal/database"
)

func (s *Store) visitComments(ctx context.Context, visit ark.ID) (all []hub.VisitComment, err error) {
	rows, err := s.db.Read().QueryContext(ctx, "SELECT n, by, at, words, gone FROM visit_comments WHERE visit = $1 ORDER BY n", visit[:])
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		var c hub.VisitComment
		if err := rows.Scan(&c.N, &c.By, &c.At, &c.Words, &c.Gone); err != nil {
			return nil, err
		}
		all = append(all, c)
	}
	return all, rows.Err()
}

// AddComment keeps a word about a visit; see hub.Team.
func (s *Store) AddComment(ctx context.Context, sight hub.Sight, visit ark.ID, c hub.VisitComment) error {
	if err := c.Check(); err != nil {
		return fmt.Errorf("add comment: %w", err)
	}
	err := s.db.Write(ctx, func(tx *database.Tx) error {
		if _, err := visitSeen(ctx, tx, sight, visit); err != nil {
			return err
		}
		if err := roomForComment(tx, visit); err != nil {
			return err
		}
		if _, err := tx.Exec("INSERT INTO visit_comments (visit, by, at, words, gone) VALUES ($1, $2, $3, $4, 0)", visit[:], c.By, c.At, c.Words); err != nil {
			return err
		}
		return change(tx, visit, "comments = comments + 1")
	})
	if err != nil {
		return fmt.Errorf("add comment: %w", err)
	}
	s.tell(hub.Change{Visits: true})
	return nil
}

// roomForComment sees to it that there is room for another comment on a visit.
// Those that were taken back take none from others: the oldest of them goes.
func roomForComment(tx *database.Tx, visit ark.ID) error {
	var all, gone int
	if err := tx.QueryRow("SELECT count(*), count(CASE WHEN gone = 1 THEN 1 END) FROM visit_comments WHERE visit = $1", visit[:]).Scan(&all, &gone); err != nil {
		return err
	}
	switch {
	case all-gone >= hub.MaxComments:
		return hub.ErrFull
	case all < hub.MaxComments:
		return nil
	}
	_, err := tx.Exec("DELETE FROM visit_comments WHERE n = (SELECT min(n) FROM visit_comments WHERE visit = $1 AND gone = 1)", visit[:])
	return err
}

// RemoveComment takes a comment back; see hub.Team.
func (s *Store) RemoveComment(ctx context.Context, sight hub.Sight, visit ark.ID, n int64, by string, now time.Time) error {
	err := s.db.Write(ctx, func(tx *database.Tx) error {
		if _, err := visitSeen(ctx, tx, sight, visit); err != nil {
			return err
		}
		var at ark.UnixMilli
		err := tx.QueryRow("SELECT at FROM visit_comments WHERE n = $1 AND visit = $2 AND by = $3 AND gone = 0", n, visit[:], by).Scan(&at)
		switch {
		case noRows(err):
			return hub.ErrNotThere
		case err != nil:
			return err
		case now.Sub(at.Time()) > hub.CommentUndo:
			return hub.ErrStale
		}
		if _, err := tx.Exec("UPDATE visit_comments SET gone = 1, words = '' WHERE n = $1", n); err != nil {
			return err
		}
		return change(tx, visit, "comments = comments - 1")
	})
	if err != nil {
		return fmt.Errorf("take a comment back: %w", err)
	}
	s.tell(hub.Change{Visits: true})
	return nil
}

// change changes something about a visit that it is not counted by, and gives
// that the number of a change. One that is not found yet stays so.
func change(tx *database.Tx, visit ark.ID, set string, args ...any) error {
	changed, err := takeChanges(tx, 1)
	if err != nil {
		return err
	}
	args = append([]any{visit[:], changed}, args...)
	if _, err := tx.Exec("UPDATE visits SET "+set+", changed = CASE WHEN changed <= 0 THEN changed ELSE CAST($2 AS BIGINT) END WHERE id = $1", args...); err != nil {
		return fmt.Errorf("change a visit: %w", err)
	}
	return nil
}
