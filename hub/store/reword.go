package store

import (
	"context"
	"fmt"

	"ark/hub"
	"ark/internal/database"
)

// rewordStep is how many visits get new words in one transaction.
const rewordStep = 200

// rewordNext gives some visits new words, if any need them: fewer where they
// fail, and one that does by itself is left out.
func (s *Store) rewordNext(ctx context.Context) (n int, err error) {
	s.mu.Lock()
	need := s.unworded
	s.mu.Unlock()
	if !need {
		return 0, nil
	}
	for step := rewordStep; step > 0; step /= 2 {
		if n, err = s.reword(ctx, step); err == nil || ctx.Err() != nil {
			break
		}
	}
	switch {
	case err != nil && ctx.Err() == nil:
		return 0, s.unword(ctx, err)
	case err == nil && n == 0:
		s.mu.Lock()
		s.unworded = false
		s.mu.Unlock()
	}
	return n, err
}

// unword leaves out the next visit that needs new words; see leaveOut.
func (s *Store) unword(ctx context.Context, why error) error {
	return s.leave(ctx, why, func(tx *database.Tx) (position hub.Position, err error) {
		err = tx.QueryRow("SELECT position FROM visits WHERE changed > 0 AND position <= (SELECT n FROM counters WHERE name = 'unworded') ORDER BY position DESC LIMIT 1").Scan(&position)
		return position, err
	}, func(tx *database.Tx, position hub.Position) error {
		var change counts
		if err := s.unfind(tx, int64(position), &change); err != nil {
			return err
		}
		if err := s.flush(tx, &change); err != nil {
			return err
		}
		_, err := tx.Exec("UPDATE counters SET n = $1 WHERE name = 'unworded'", int64(position)-1)
		return err
	})
}

// reword gives visits words in which numbers are masked, where an older release
// wrote down others, the newest first, and tells whether there may be more.
func (s *Store) reword(ctx context.Context, step int) (n int, err error) {
	err = s.db.Write(ctx, func(tx *database.Tx) error {
		var to int64
		if err := tx.QueryRow("SELECT n FROM counters WHERE name = 'unworded'").Scan(&to); err != nil || to == 0 {
			return err
		}
		some, err := readings(ctx, tx, "WHERE v.position IN (SELECT position FROM visits WHERE changed > 0 AND position <= $1 ORDER BY position DESC LIMIT $2) ORDER BY v.position", to, step)
		if err != nil {
			return err
		}
		words, left := make([]any, 0, wordsWidth*len(some)), int64(0)
		for _, v := range some {
			if _, err := tx.Exec("DELETE FROM visit_words WHERE rowid = $1", int64(v.Position)); err != nil {
				return err
			}
			words = append(words, int64(v.Position), s.wording.document(traitsOf(v.van, v.Visit.Visit, v.first, v.At).words))
		}
		if _, err := insert(tx, s.bulk.words, wordsWidth, words); err != nil {
			return err
		}
		if n = len(some); n > 0 {
			left = int64(some[0].Position) - 1
		}
		_, err = tx.Exec("UPDATE counters SET n = $1 WHERE name = 'unworded'", left)
		return err
	})
	if err != nil {
		return 0, fmt.Errorf("write words of visits anew: %w", err)
	}
	return n, nil
}
