package store

import (
	"context"
	"fmt"
	"log/slog"
	"time"

	"ark/internal/database"
)

// foundStep is how many visits of an older release are made findable in one
// transaction: the vans wait for it.
const foundStep = 200

// CatchUp lets the visits be found that an older release kept, the newest
// first, beside all other work, and says how far it is. Until it is done they
// are in no list that goes by Finder.
func (s *Store) CatchUp(ctx context.Context, log *slog.Logger) error {
	var left int
	if err := s.db.Read().QueryRowContext(ctx, "SELECT count(*) FROM visits WHERE changed = 0").Scan(&left); err != nil {
		return fmt.Errorf("count visits that are not found yet: %w", err)
	}
	if left == 0 {
		return nil
	}
	log.Info("visits that an older release kept are made findable; until then lists lack them", "visits", left)
	for told, done := s.now(), 0; ; {
		n, err := s.catchUp(ctx)
		if err != nil {
			return fmt.Errorf("make visits findable: %w", err)
		}
		if n == 0 {
			break
		}
		if done += n; s.now().Sub(told) > 10*time.Second {
			told = s.now()
			log.Info("visits are made findable", "done", done, "left", max(left-done, 0))
		}
	}
	log.Info("all visits can be found")
	return nil
}

func (s *Store) catchUp(ctx context.Context) (n int, err error) {
	err = s.db.Write(ctx, func(tx *database.Tx) error {
		some, err := readings(ctx, tx, "WHERE v.position IN (SELECT position FROM visits WHERE changed = 0 ORDER BY position DESC LIMIT $1)", foundStep)
		if err != nil || len(some) == 0 {
			return err
		}
		n = len(some)
		return s.findAgain(tx, some)
	})
	return n, err
}
