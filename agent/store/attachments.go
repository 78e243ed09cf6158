package store

import (
	"context"
	"fmt"
	"time"

	"ark"
	"ark/agent"
)

var _ agent.Attachments = (*Store)(nil)

// name notes which contents a visit names.
func name(t tx, visit ark.ID, all []ark.Attachment) error {
	for _, a := range all {
		if _, err := t.Exec("INSERT INTO named (content, visit, type) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING", a.Content[:], visit[:], a.Type); err != nil {
			return err
		}
	}
	return nil
}

// trustedNow is the moment in ms, or 0 where the clock is not to be believed.
func (s *Store) trustedNow() int64 {
	now := s.c.Clock.Now()
	if !now.Trusted {
		return 0
	}
	return int64(now.Wall)
}

// note changes a row of an attachment, durably.
func (s *Store) note(ctx context.Context, what, query string, args ...any) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	err := s.write(ctx, func(t tx) error {
		_, err := t.Exec(query, args...)
		return err
	})
	if err != nil {
		return fmt.Errorf("%s: %w", what, err)
	}
	return nil
}

// Arrived notes that a content is whole on the van.
func (s *Store) Arrived(ctx context.Context, h ark.Hash, size int64) error {
	return s.note(ctx, "note attachment", `INSERT INTO attachments (content, size, here, arrived, hub, delivered) VALUES ($1, $2, 1, $3, 0, 0)
		ON CONFLICT (content) DO UPDATE SET size = $2, here = 1, arrived = $3 WHERE here = 0`, h[:], size, s.trustedNow())
}

// Delivered notes that the hub has committed a content.
func (s *Store) Delivered(ctx context.Context, h ark.Hash) error {
	return s.note(ctx, "note attachment at the hub", `INSERT INTO attachments (content, size, here, arrived, hub, delivered) VALUES ($1, 0, 0, 0, 1, $2)
		ON CONFLICT (content) DO UPDATE SET hub = 1, delivered = $2 WHERE hub = 0`, h[:], s.trustedNow())
}

// Removed notes that a content is no longer on the van.
func (s *Store) Removed(ctx context.Context, h ark.Hash) error {
	return s.note(ctx, "note removed attachment", "UPDATE attachments SET here = 0 WHERE content = $1", h[:])
}

// Owed lists the attachments on the van that the hub does not have and whose
// visit it has, smallest first.
func (s *Store) Owed(ctx context.Context, limit int) ([]agent.Owed, error) {
	acked := s.ackedNow()
	db, err := s.reading()
	if err != nil {
		return nil, err
	}
	rows, err := db.QueryContext(ctx, `SELECT a.content, a.size, n.type, v.id FROM attachments a
		JOIN named n ON n.n = (SELECT min(m.n) FROM named m JOIN visits w ON w.id = m.visit
			WHERE m.content = a.content AND (w.held = 1 OR w.seq > 0 AND w.seq <= $1))
		JOIN visits v ON v.id = n.visit WHERE a.here = 1 AND a.hub = 0 ORDER BY a.size, a.n LIMIT $2`, acked, limit)
	if err != nil {
		return nil, fmt.Errorf("read attachments: %w", s.readFailed(err))
	}
	type row struct {
		agent.Owed
		content, visit []byte
	}
	some, err := collect(rows, func(r *row) []any { return []any{&r.content, &r.Size, &r.Type, &r.visit} })
	if err != nil {
		return nil, fmt.Errorf("read attachments: %w", s.readFailed(err))
	}
	var all []agent.Owed
	for _, r := range some {
		r.Content, r.Visit = ark.Hash(r.content), ark.ID(r.visit)
		all = append(all, r.Owed)
	}
	return all, nil
}

// unasked is how long a content is kept that no visit asks for, in ms: its
// visit may still be on the phone.
const unasked = 7 * 24 * 3600 * 1000

// Spent lists those on the van that the hub has had for as long as keep, and
// those that no visit has asked for in a week. While the clock is not trusted
// there are none: how long ago something was nobody can say. What came
// meanwhile counts from when the clock was.
func (s *Store) Spent(ctx context.Context, keep time.Duration, limit int) ([]ark.Hash, error) {
	now := s.trustedNow()
	if now == 0 {
		return nil, nil
	}
	err := s.note(ctx, "date attachments", `UPDATE attachments SET arrived = iif(arrived = 0, $1, arrived), delivered = iif(hub AND delivered = 0, $1, delivered)
		WHERE here = 1 AND (arrived = 0 OR hub = 1 AND delivered = 0)`, now)
	if err != nil {
		return nil, err
	}
	db, err := s.reading()
	if err != nil {
		return nil, err
	}
	rows, err := db.QueryContext(ctx, `SELECT content FROM attachments a WHERE here = 1 AND (hub = 1 AND delivered <= $1
		OR hub = 0 AND arrived <= $2 AND NOT EXISTS (SELECT 1 FROM named n WHERE n.content = a.content)) ORDER BY n LIMIT $3`,
		now-keep.Milliseconds(), now-unasked, limit)
	if err != nil {
		return nil, fmt.Errorf("read spent attachments: %w", s.readFailed(err))
	}
	some, err := collect(rows, func(b *[]byte) []any { return []any{b} })
	var all []ark.Hash
	for _, b := range some {
		all = append(all, ark.Hash(b))
	}
	return all, s.readFailed(err)
}

// Where tells of some contents where they are.
func (s *Store) Where(ctx context.Context, hs []ark.Hash) (map[ark.Hash]agent.Whereabouts, error) {
	all := map[ark.Hash]agent.Whereabouts{}
	if len(hs) == 0 {
		return all, nil
	}
	err := s.look(ctx, "read attachments", func(t moment) error {
		one, err := t.Prepare("SELECT here, hub FROM attachments WHERE content = $1")
		if err != nil {
			return err
		}
		defer one.Close()
		for _, h := range hs {
			var w agent.Whereabouts
			if err := one.QueryRow(h[:]).Scan(&w.OnVan, &w.AtHub); err != nil && !noRows(err) {
				return err
			}
			all[h] = w
		}
		return nil
	})
	return all, err
}

// Load is what there is to carry to the hub.
func (s *Store) Load(ctx context.Context) (l agent.Load, err error) {
	err = s.look(ctx, "read attachments", func(t moment) error {
		if err := t.QueryRow("SELECT count(*), coalesce(sum(size), 0) FROM attachments WHERE here = 1 AND hub = 0").Scan(&l.Files, &l.Bytes); err != nil {
			return err
		}
		day, err := s.day(t)
		if err != nil {
			return err
		}
		return t.QueryRow("SELECT coalesce(max(bytes), 0) FROM sent WHERE day = $1", day).Scan(&l.SentToday)
	})
	return l, err
}

// Spend counts bytes sent to the hub on the van's day.
func (s *Store) Spend(ctx context.Context, bytes int64) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	err := s.write(ctx, func(t tx) error {
		day, err := s.day(t)
		if err != nil {
			return err
		}
		if _, err := t.Exec("INSERT INTO sent VALUES ($1, $2) ON CONFLICT (day) DO UPDATE SET bytes = bytes + $2", day, bytes); err != nil {
			return err
		}
		_, err = t.Exec("DELETE FROM sent WHERE day < $1 - 7", day)
		return err
	})
	if err != nil {
		return fmt.Errorf("count bytes sent: %w", err)
	}
	return nil
}

// day is the van's day, counted from 1970. While the clock is not trusted it
// is the newest that is known, so that no wrong clock gives a new budget.
func (s *Store) day(t moment) (int64, error) {
	now := s.c.Clock.Now()
	y, m, d := now.Wall.Time().In(s.c.Zone).Date()
	day := time.Date(y, m, d, 0, 0, 0, 0, time.UTC).Unix() / (24 * 3600)
	if now.Trusted {
		return day, nil
	}
	var newest int64
	err := t.QueryRow("SELECT coalesce(max(day), $1) FROM sent", day).Scan(&newest)
	return newest, err
}
