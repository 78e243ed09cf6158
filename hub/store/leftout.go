package store

import (
	"context"
	"fmt"
	"time"

	"ark"
	"ark/hub"
	"ark/internal/database"
)

// A visit that cannot be found, since what it says cannot be read any more or
// is too much for an index, must not keep those behind it from being found. It
// is left out (changed is -1), and tried again when Follow begins anew.

// mostLeftOut is how many are: if more fail, it is not they.
const mostLeftOut = 100

// leftOut says that a visit was left out.
type leftOut struct {
	position hub.Position
	why      error
}

func (l *leftOut) Error() string { return fmt.Sprintf("visit %d is left out: %v", l.position, l.why) }
func (l *leftOut) Unwrap() error { return l.why }

// leaveOut leaves out the first visit that is to be found.
func (s *Store) leaveOut(ctx context.Context, why error) error {
	return s.leave(ctx, why, func(tx *database.Tx) (position hub.Position, err error) {
		s.mu.Lock()
		to := int64(s.foundTo)
		s.mu.Unlock()
		err = tx.QueryRow(`SELECT position FROM visits WHERE changed = 0 ORDER BY CASE WHEN position > $1 THEN 0 ELSE 1 END, CASE WHEN position > $1 THEN position ELSE -position END LIMIT 1`, to).Scan(&position)
		return position, err
	}, s.foundUpTo)
}

// leave leaves out the visit that next names, if it fails for the same reason a
// second time: the first time it may have been the database. Undo takes away
// what finds it, before it is marked.
func (s *Store) leave(ctx context.Context, why error, next func(*database.Tx) (hub.Position, error), undo func(*database.Tx, hub.Position) error) error {
	out, line := leftOut{}, 0
	err := s.db.Write(ctx, func(tx *database.Tx) (err error) {
		out = leftOut{}
		if err := s.sure(ctx, tx); err != nil {
			return err
		}
		line = tx.Line()
		s.mu.Lock()
		doubt, full := s.doubt, s.unfindable >= mostLeftOut
		s.mu.Unlock()
		out.position, err = next(tx)
		if err != nil || full || doubt.position != out.position || doubt.why == nil || doubt.why.Error() != why.Error() {
			return err
		}
		out.why = why
		if err := undo(tx, out.position); err != nil {
			return err
		}
		_, err = tx.Exec("UPDATE visits SET changed = -1 WHERE position = $1", int64(out.position))
		return err
	})
	if err != nil {
		return why // the database's turn to be asked again
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if out.why == nil {
		s.doubt = leftOut{out.position, why}
		return why
	}
	s.doubt = leftOut{}
	if s.line != line {
		return &out // it has been counted without
	}
	if s.unfindable++; out.position > s.foundTo {
		s.foundTo, s.unfound = out.position, s.unfound-1
	}
	if s.unfound <= 0 {
		s.waits = time.Time{}
	}
	return &out
}

// foundUpTo writes down up to where visits are found.
func (s *Store) foundUpTo(tx *database.Tx, position hub.Position) error {
	_, err := tx.Exec("UPDATE counters SET n = $1 WHERE name = 'found' AND n < $1", int64(position))
	return err
}

// tryLeftOut has the visits that were left out tried again.
func (s *Store) tryLeftOut(ctx context.Context) error {
	var n int64
	err := s.db.Write(ctx, func(tx *database.Tx) error {
		if err := s.sure(ctx, tx); err != nil {
			return err
		}
		res, err := tx.Exec("UPDATE visits SET changed = 0 WHERE changed < 0")
		if err == nil {
			n, err = res.RowsAffected()
		}
		return err
	})
	if err != nil {
		return fmt.Errorf("try visits again that were left out: %w", err)
	}
	if n > 0 {
		s.mu.Lock()
		s.old, s.unfindable = true, 0
		s.mu.Unlock()
	}
	return nil
}

// Unfindable is how many visits are left out of all that finds them.
func (s *Store) Unfindable() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.unfindable
}

// LeftOut names visits that are left out, at most so many.
func (s *Store) LeftOut(ctx context.Context, most int) (all []ark.ID, err error) {
	rows, err := s.db.Read().QueryContext(ctx, "SELECT id FROM visits WHERE changed < 0 ORDER BY position LIMIT $1", most)
	if err != nil {
		return nil, fmt.Errorf("list visits that are left out: %w", err)
	}
	defer rows.Close()
	for rows.Next() {
		var id []byte
		if err := rows.Scan(&id); err != nil {
			return nil, fmt.Errorf("list visits that are left out: %w", err)
		}
		all = append(all, ark.ID(id))
	}
	return all, rows.Err()
}
