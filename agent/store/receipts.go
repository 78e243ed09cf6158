package store

import (
	"context"
	"fmt"
	"time"

	"ark"
)

// Acked notes a receipt. It is made durable with the next housekeeping, so
// that a card is not written to for each: a crash before costs nothing, for
// the hub's next receipt tells it again. When it is lower than before (the
// hub was restored from a backup), what is above it is no longer called "at
// the hub".
func (s *Store) Acked(ctx context.Context, c ark.Cursor) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	lower := c.Seq < s.acked.Seq
	s.acked = c
	switch {
	case s.db == nil:
		return s.fault
	case !lower:
		return nil
	}
	err := s.write(ctx, func(t tx) error {
		for _, q := range []string{
			"UPDATE entries SET held = 0 WHERE seq > $1",
			"UPDATE visits SET held = 0 WHERE seq > $1 AND held = 1",
			"UPDATE editions SET held = 0 WHERE seq > $1 AND held = 1",
			"UPDATE attachments SET hub = 0, delivered = 0 WHERE here = 1 AND hub = 1 AND content IN (SELECT content FROM named JOIN visits ON id = visit WHERE seq > $1)",
		} {
			if _, err := t.Exec(q, c.Seq); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("note receipt: %w", err)
	}
	return s.saveAcked(ctx)
}

// saveAcked makes the newest receipt durable, if it is not, and up to where
// the journal is viewed.
func (s *Store) saveAcked(ctx context.Context) error {
	if s.acked == s.ackedOnCard && s.viewed-s.viewedSaved < viewStep {
		return nil
	}
	err := s.write(ctx, func(t tx) error {
		_, err := t.Exec("UPDATE journal SET acked_seq = $1, acked_digest = $2", s.acked.Seq, s.acked.Digest[:])
		if err != nil {
			return fmt.Errorf("save receipt: %w", err)
		}
		return saveViewed(t, s.inc, s.viewed)
	})
	if err == nil {
		s.ackedOnCard, s.viewedSaved = s.acked, s.viewed
	}
	return err
}

// keepHouse saves the newest receipt, notes once a day how far receipts have
// come, prunes what the hub has had for longer than the horizon, and saves the
// trusted time.
func (s *Store) keepHouse(ctx context.Context) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.db == nil {
		return nil
	}
	if s.trouble != nil {
		if err := s.probe(ctx); err != nil {
			return err
		}
	}
	if err := s.saveAcked(ctx); err != nil {
		return err
	}
	if err := s.emptyLog(ctx); err != nil {
		return err
	}
	now := s.c.Clock.Now()
	if !now.Trusted {
		return nil // how long ago a receipt was, only a trusted clock can say
	}
	const day = int64(24 * time.Hour / time.Millisecond)
	var base ark.Cursor
	err := s.write(ctx, func(t tx) error {
		base = s.base
		if _, err := t.Exec("INSERT INTO memory VALUES ('trusted', $1) ON CONFLICT (name) DO UPDATE SET value = $1 WHERE $1 - value > 600000", now.Wall); err != nil {
			return fmt.Errorf("save time: %w", err)
		}
		res, err := t.Exec(`INSERT INTO receipts (at, seq) SELECT $1, $2 WHERE NOT EXISTS (SELECT 1 FROM receipts WHERE at > $3)`,
			now.Wall, s.acked.Seq, int64(now.Wall)-day)
		if err != nil {
			return fmt.Errorf("note receipts of the day: %w", err)
		}
		if n, err := res.RowsAffected(); err != nil {
			return err
		} else if n > 0 {
			if err := s.thin(t, int64(now.Wall)); err != nil {
				return err
			}
		}
		base, err = s.prune(t, int64(now.Wall)-s.c.Horizon.Milliseconds())
		return err
	})
	if err == nil {
		s.base = base
	}
	return err
}

// emptyLog empties SQLite's log where it still holds what was forgotten.
func (s *Store) emptyLog(ctx context.Context) error {
	if !s.forgot {
		return nil
	}
	emptied, err := s.db.EmptyLog(ctx)
	if err != nil {
		s.giveUp(err)
		return told(err)
	}
	s.forgot = !emptied
	return nil
}

// pruneStep bounds how many entries go at once, so that nobody waits long.
const pruneStep = 2000

// prune removes entries that were receipted before a time, oldest first.
func (s *Store) prune(t tx, before int64) (ark.Cursor, error) {
	var upTo ark.Seq
	if err := t.QueryRow("SELECT coalesce(max(seq), 0) FROM receipts WHERE at < $1", before).Scan(&upTo); err != nil {
		return s.base, fmt.Errorf("prune: %w", err)
	}
	upTo = min(upTo, s.acked.Seq, s.base.Seq+pruneStep)
	if upTo <= s.base.Seq {
		return s.base, nil
	}
	base := ark.Cursor{Seq: upTo}
	var digest []byte
	if err := t.QueryRow("SELECT digest FROM entries WHERE seq = $1", upTo).Scan(&digest); err != nil {
		return s.base, fmt.Errorf("prune: %w", err)
	}
	copy(base.Digest[:], digest)
	for _, q := range []string{
		"UPDATE journal SET base_seq = $1, base_digest = $2",
		"DELETE FROM entries WHERE seq <= $1 AND length($2) > 0",
		"DELETE FROM receipts WHERE seq < $1 AND length($2) > 0",
		"DELETE FROM orders WHERE state = 1 AND n < (SELECT max(n) FROM orders) - 1000 AND $1 > 0 AND length($2) > 0",
	} {
		if _, err := t.Exec(q, base.Seq, base.Digest[:]); err != nil {
			return s.base, fmt.Errorf("prune: %w", err)
		}
	}
	return base, nil
}

// Trusted is the last trusted time that this card remembers, or 0.
func (s *Store) Trusted(ctx context.Context) (ark.UnixMilli, error) {
	db, err := s.reading()
	if err != nil {
		return 0, err
	}
	var at ark.UnixMilli
	err = db.QueryRowContext(ctx, "SELECT coalesce(max(value), 0) FROM memory WHERE name = 'trusted'").Scan(&at)
	return at, s.readFailed(err)
}
