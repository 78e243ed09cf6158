package store

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"ark/hub"
	"ark/internal/database"
)

// foundAtOnce is how many entries a commit may bring so that its visits are
// found with it. A van that has been away for days brings more, and many such
// would wait for each other's indexes: their visits are kept first, and Follow
// lets them be found. What is committed while any wait, waits behind them, so
// that visits are always found in the order in which they came.
const foundAtOnce = 64

// foundStep is how many visits are made findable in one transaction: vans wait
// for it.
const foundStep = 400

// Follow yields to vans while they send, for so long at most.
const (
	yieldFor  = 20 * time.Millisecond
	mostYield = 250 * time.Millisecond
)

// retryFind is when a database that did not take it is asked again.
const retryFind = 5 * time.Second

// Follow lets visits be found that were committed without, as they come, until
// ctx ends. Those that an older release kept come behind all others, the newest
// first.
func (s *Store) Follow(ctx context.Context, log *slog.Logger) error {
	lacking := s.lacking()
	if err := s.tryLeftOut(ctx); err != nil && ctx.Err() == nil {
		log.Error("visits that were left out are not tried again", "err", err)
	}
	if lacking {
		log.Info("visits that an older release kept are made findable; until then lists lack them")
	}
	for ctx.Err() == nil {
		commits := s.commits.Load()
		n, err := s.findNext(ctx)
		out := (*leftOut)(nil)
		switch {
		case errors.As(err, &out):
			log.Error("a visit cannot be found and is left out until the hub starts again; its van's journal has it", "position", out.position, "err", out.why)
		case err != nil:
			if ctx.Err() == nil {
				log.Error("visits that came cannot be found yet", "err", err)
			}
			s.rest(ctx, retryFind)
		case n > 0:
			s.yield(ctx, commits)
		default:
			if lacking && s.Unfindable() == 0 {
				log.Info("all visits can be found")
			}
			lacking = false
			select {
			case <-s.wake:
			case <-ctx.Done():
			}
		}
	}
	return nil
}

func (s *Store) rest(ctx context.Context, d time.Duration) {
	select {
	case <-time.After(d):
	case <-ctx.Done():
	}
}

// yield waits while there are commits beside the one that was made here.
func (s *Store) yield(ctx context.Context, commits int64) {
	for range int(mostYield / yieldFor) {
		now := s.commits.Load()
		if now == commits && s.busy.Load() == 0 || ctx.Err() != nil {
			return
		}
		commits = now
		s.rest(ctx, yieldFor)
	}
}

// Found lets all visits be found that are committed: what Follow does, at once.
func (s *Store) Found(ctx context.Context) error {
	for {
		n, err := s.findNext(ctx)
		if out := (*leftOut)(nil); errors.As(err, &out) {
			continue
		}
		if n == 0 || err != nil {
			return err
		}
	}
}

// lacking tells whether lists lack visits of an older release.
func (s *Store) lacking() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.old
}

// findNext lets some visits be found, if any are still to be: fewer where they
// fail, until it is one that does.
func (s *Store) findNext(ctx context.Context) (n int, err error) {
	for step := foundStep; step > 0; step /= 2 {
		if n, err = s.findSome(ctx, step); n == 0 && err == nil && s.lacking() {
			n, err = s.findOld(ctx, step)
		}
		if err == nil || ctx.Err() != nil {
			break
		}
	}
	switch {
	case err != nil && ctx.Err() == nil:
		return 0, s.leaveOut(ctx, err)
	case err != nil || n > 0:
		return n, err
	}
	return s.rewordNext(ctx)
}

// Behind is how many visits are committed and not found yet, and since when
// they wait, at most.
func (s *Store) Behind() (visits int, since time.Time) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return max(s.unfound, 0), s.waits
}

// letFind notes, with mu held, that some more visits are to be found.
func (s *Store) letFind(n, line int) {
	if n == 0 {
		return
	}
	if s.line == line { // or they have been counted
		if s.unfound == 0 {
			s.waits = s.now()
		}
		if s.unfound += n; s.unfound <= 0 {
			s.waits = time.Time{} // Follow was quicker
		}
	}
	s.look()
}

// look wakes Follow.
func (s *Store) look() {
	select {
	case s.wake <- struct{}{}:
	default: // it will look anyway
	}
}

// loadUnfound reads which visits are still to be found. Those up to foundTo are
// an older release's.
func (m *memory) loadUnfound(ctx context.Context, tx *database.Tx) error {
	var waits *int64
	err := tx.QueryRowContext(ctx, "SELECT n, (SELECT count(*) FROM visits WHERE changed < 0) FROM counters WHERE name = 'found'").Scan(&m.foundTo, &m.unfindable)
	if err == nil {
		err = tx.QueryRowContext(ctx, "SELECT count(*), min(received) FROM visits WHERE changed = 0 AND position > $1", int64(m.foundTo)).Scan(&m.unfound, &waits)
	}
	if err == nil {
		err = tx.QueryRowContext(ctx, "SELECT EXISTS (SELECT 1 FROM visits WHERE changed = 0 AND position <= $1)", int64(m.foundTo)).Scan(&m.old)
	}
	if err != nil {
		return fmt.Errorf("count visits that are not found yet: %w", err)
	}
	if err := tx.QueryRowContext(ctx, "SELECT n > 0 FROM counters WHERE name = 'unworded'").Scan(&m.unworded); err != nil {
		return fmt.Errorf("read whose words are old: %w", err)
	}
	if waits != nil {
		m.waits = fromMilli(*waits)
	}
	return nil
}

// findSome lets the next visits be found that came, and tells of it.
func (s *Store) findSome(ctx context.Context, step int) (n int, err error) {
	s.mu.Lock()
	none := s.unfound == 0
	s.mu.Unlock()
	if none {
		return 0, nil
	}
	return s.find(ctx, "position > $1 ORDER BY position", step, func(vs []reading) {
		last := vs[len(vs)-1]
		s.foundTo, s.waits = last.Position, last.Received
		if s.unfound -= len(vs); s.unfound == 0 {
			s.waits = time.Time{}
		}
	})
}

// findOld is findSome for visits that an older release kept.
func (s *Store) findOld(ctx context.Context, step int) (int, error) {
	n, err := s.find(ctx, "position <= $1 ORDER BY position DESC", step, func([]reading) {})
	if n == 0 && err == nil {
		s.mu.Lock()
		s.old = false
		s.mu.Unlock()
	}
	return n, err
}

// find lets the first visits be found of those before or after foundTo; note
// is called with mu held if what is remembered still holds.
func (s *Store) find(ctx context.Context, which string, step int, note func([]reading)) (int, error) {
	var some []reading
	var line int
	places := placeNumbers{}
	err := s.db.Write(ctx, func(tx *database.Tx) error {
		err := s.sure(ctx, tx)
		if err != nil {
			return err
		}
		s.mu.Lock()
		to := s.foundTo
		s.mu.Unlock()
		line = tx.Line()
		some, err = readings(ctx, tx, "WHERE v.position IN (SELECT position FROM visits WHERE changed = 0 AND "+which+" LIMIT $2) ORDER BY v.position", to, step)
		if err != nil || len(some) == 0 {
			return err
		}
		if err := s.findAgain(tx, places, some); err != nil {
			return err
		}
		return s.foundUpTo(tx, some[len(some)-1].Position)
	})
	if err != nil {
		return 0, fmt.Errorf("let visits be found: %w", err)
	}
	if len(some) == 0 {
		return 0, nil
	}
	s.keepPlaces(places)
	s.mu.Lock()
	if s.line == line {
		note(some)
	}
	s.mu.Unlock()
	s.tell(hub.Change{Visits: true})
	return len(some), nil
}
