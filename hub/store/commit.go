package store

import (
	"context"
	"database/sql"
	"fmt"
	"maps"

	"ark"
	"ark/hub"
)

// commit is one transaction under way.
type commit struct {
	s        *Store
	tx       *sql.Tx
	ctx      context.Context
	position hub.Position
	entries  []any
	visits   []any
	change   hub.Change
}

// Commit makes deliveries durable, all or none.
func (s *Store) Commit(ctx context.Context, ds []hub.Delivery) (hub.Change, error) {
	s.mu.Lock()
	c := &commit{s: s, ctx: ctx, position: s.position}
	vans, lives := maps.Clone(s.vans), maps.Clone(s.lives)
	s.mu.Unlock()
	err := s.db.Write(ctx, func(tx *sql.Tx) error {
		c.tx = tx
		for _, d := range ds {
			if err := c.deliver(d); err != nil {
				return fmt.Errorf("van %s: %w", d.Van, err)
			}
		}
		if err := insert(tx, s.bulk.entries, 4, c.entries); err != nil {
			return fmt.Errorf("insert entries: %w", err)
		}
		if err := insert(tx, s.bulk.visits, 5, c.visits); err != nil {
			return fmt.Errorf("insert visits: %w", err)
		}
		return nil
	})
	s.mu.Lock()
	if err != nil {
		s.vans, s.lives = vans, lives // numbers given in vain
		s.mu.Unlock()
		return hub.Change{}, fmt.Errorf("commit deliveries: %w", err)
	}
	s.position = c.position
	s.mu.Unlock()
	c.change.Vans = true
	s.tell(c.change)
	return c.change, nil
}

func (c *commit) deliver(d hub.Delivery) error {
	at := d.At.UnixMilli()
	van, err := c.van(d.Van)
	if err != nil {
		return err
	}
	if _, err := c.tx.Exec("UPDATE vans SET last_seen = $1, backlog = $2, entries = entries + $3 WHERE n = $4", at, d.Backlog, len(d.Facts), van); err != nil {
		return fmt.Errorf("update van: %w", err)
	}
	l, err := c.life(van, d.Incarnation, d.UpTo)
	if err != nil {
		return err
	}
	for _, g := range d.Gaps {
		if _, err := c.tx.Exec("INSERT INTO gaps VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING", l.n, g.From, g.To, at); err != nil {
			return fmt.Errorf("note gap: %w", err)
		}
	}
	if f := d.Fork; f != nil {
		if _, err := c.tx.Exec("INSERT INTO forks VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING", l.n, f.At, f.Theirs[:], at); err != nil {
			return fmt.Errorf("note fork: %w", err)
		}
	}
	for i := range d.Facts {
		if err := c.fact(d.Van, l, &d.Facts[i], at); err != nil {
			return err
		}
	}
	return nil
}

// van is the number of a van, given on first sight.
func (c *commit) van(id ark.VanID) (int64, error) {
	c.s.mu.Lock()
	n, ok := c.s.vans[id]
	c.s.mu.Unlock()
	if ok {
		return n, nil
	}
	if err := c.tx.QueryRow("INSERT INTO vans (id) VALUES ($1) RETURNING n", id).Scan(&n); err != nil {
		return 0, fmt.Errorf("insert van: %w", err)
	}
	c.s.mu.Lock()
	c.s.vans[id] = n
	c.s.mu.Unlock()
	return n, nil
}

// life moves an incarnation's cursor, and gives it a number on first sight.
func (c *commit) life(van int64, inc ark.Incarnation, upTo ark.Cursor) (life, error) {
	l := life{van: van}
	err := c.tx.QueryRow(`INSERT INTO incarnations (van, incarnation, seq, digest) VALUES ($1, $2, $3, $4)
		ON CONFLICT (incarnation) DO UPDATE SET seq = $3, digest = $4 WHERE van = $1 RETURNING n`,
		van, inc[:], upTo.Seq, upTo.Digest[:]).Scan(&l.n)
	if noRows(err) {
		return l, hub.ErrOtherVan
	}
	if err != nil {
		return l, fmt.Errorf("move cursor: %w", err)
	}
	return l, nil
}

func (c *commit) fact(van ark.VanID, l life, f *hub.Fact, at int64) error {
	c.entries = append(c.entries, l.n, int64(f.Cursor.Seq), f.Cursor.Digest[:], f.Raw)
	if f.Reason != "" {
		_, err := c.tx.Exec("INSERT INTO quarantine VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING", l.n, f.Cursor.Seq, f.Reason, at)
		if err != nil {
			return fmt.Errorf("quarantine: %w", err)
		}
		return nil
	}
	return c.apply(van, l, f, at)
}

// apply makes of an entry what it says, once by its id.
func (c *commit) apply(van ark.VanID, l life, f *hub.Fact, at int64) error {
	if _, ok := f.Body.(ark.Visit); ok {
		c.position++
		c.visits = append(c.visits, int64(c.position), f.Entry.ID[:], l.n, int64(f.Cursor.Seq), at)
		c.change.Visits = true
		return nil
	}
	res, err := c.tx.Exec("INSERT INTO applied VALUES ($1) ON CONFLICT DO NOTHING", f.Entry.ID[:])
	if err != nil {
		return fmt.Errorf("note entry: %w", err)
	}
	if n, err := res.RowsAffected(); err != nil || n == 0 {
		return err
	}
	switch b := f.Body.(type) {
	case ark.AsRun:
		return c.broadcast(van, l, f, b, at)
	case ark.OrderState:
		return c.order(b.Order, b.State, b.Why, 0)
	case ark.Health:
		_, err = c.tx.Exec("UPDATE vans SET health = $1 WHERE n = $2", f.Entry.Body, l.van)
	case ark.Clock:
		_, err = c.tx.Exec("INSERT INTO clocks VALUES ($1, $2, $3) ON CONFLICT DO UPDATE SET zero = $3",
			l.van, f.Entry.At.Boot[:], int64(b.Wall)-f.Entry.At.Mono.Milliseconds())
	}
	return err
}

func (c *commit) broadcast(_ ark.VanID, l life, f *hub.Fact, b ark.AsRun, at int64) error {
	c.position++
	c.change.Broadcasts = true
	e := f.Entry
	_, err := c.tx.Exec(`INSERT INTO broadcasts (id, position, van, wall, boot, mono, trusted, received, body)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
		ON CONFLICT (id) DO UPDATE SET position = $2, wall = $4, boot = $5, mono = $6, trusted = $7, received = $8, body = $9`,
		b.Broadcast[:], c.position, l.van, e.At.Wall, e.At.Boot[:], e.At.Mono.Milliseconds(), e.At.Trusted, at, e.Body)
	if err != nil {
		return fmt.Errorf("note broadcast: %w", err)
	}
	if b.Trigger.Order.IsZero() {
		return nil
	}
	return c.order(b.Trigger.Order, b.State, b.Why, b.LatencyMS)
}

func (c *commit) order(id ark.ID, state ark.BroadcastState, why string, latency int64) error {
	c.change.Orders = true
	_, err := c.tx.Exec("UPDATE orders SET state = $1, why = $2, latency = $3 WHERE id = $4", state, why, latency, id[:])
	if err != nil {
		return fmt.Errorf("note order: %w", err)
	}
	return nil
}

// releaseQuarantine tries the entries in quarantine again, in journal order:
// this release may understand what an older one did not.
func (s *Store) releaseQuarantine(ctx context.Context) error {
	type held struct {
		l   life
		van ark.VanID
		f   hub.Fact
	}
	var all []held
	rows, err := s.db.Read().QueryContext(ctx, `SELECT q.incarnation, i.van, v.id, q.seq, e.raw FROM quarantine q
		JOIN entries e ON e.incarnation = q.incarnation AND e.seq = q.seq JOIN incarnations i ON i.n = q.incarnation
		JOIN vans v ON v.n = i.van ORDER BY q.incarnation, q.seq LIMIT 100000`)
	if err != nil {
		return fmt.Errorf("read quarantine: %w", err)
	}
	defer rows.Close()
	for rows.Next() {
		var h held
		if err := rows.Scan(&h.l.n, &h.l.van, &h.van, &h.f.Cursor.Seq, &h.f.Raw); err != nil {
			return fmt.Errorf("read quarantine: %w", err)
		}
		if hub.Understand(&h.f, h.van); h.f.Reason == "" {
			all = append(all, h)
		}
	}
	rows.Close()
	if len(all) == 0 {
		return rows.Err()
	}
	c := &commit{s: s, ctx: ctx, position: s.position}
	err = s.db.Write(ctx, func(tx *sql.Tx) error {
		c.tx = tx
		for _, h := range all {
			if err := c.apply(h.van, h.l, &h.f, s.now().UnixMilli()); err != nil {
				return err
			}
			if _, err := tx.Exec("DELETE FROM quarantine WHERE incarnation = $1 AND seq = $2", h.l.n, h.f.Cursor.Seq); err != nil {
				return err
			}
		}
		return insert(tx, s.bulk.visits, 5, c.visits)
	})
	if err != nil {
		return fmt.Errorf("release quarantine: %w", err)
	}
	s.position = c.position
	return nil
}
