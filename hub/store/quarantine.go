package store

import (
	"context"
	"fmt"

	"ark"
	"ark/hub"
)

// held is an entry in quarantine.
type held struct {
	l life
	f hub.Fact
}

// releasePage is how many entries in quarantine are tried at a time.
const releasePage = 500

// releaseQuarantine tries the entries in quarantine again, in journal order:
// this release may understand what an older one did not.
func (s *Store) releaseQuarantine(ctx context.Context) error { return s.releaseOf(ctx, "") }

// releaseOf is releaseQuarantine for one van; empty: for all.
func (s *Store) releaseOf(ctx context.Context, van ark.VanID) error {
	for from := (held{}); ; {
		page, err := s.heldAfter(ctx, van, from)
		if err != nil {
			return fmt.Errorf("read quarantine: %w", err)
		}
		change, err := s.release(ctx, page)
		if err != nil {
			return fmt.Errorf("release quarantine: %w", err)
		}
		if change != (hub.Change{}) {
			s.tell(change)
		}
		if len(page) < releasePage {
			return nil
		}
		from = page[len(page)-1]
	}
}

func (s *Store) heldAfter(ctx context.Context, van ark.VanID, from held) (page []held, err error) {
	rows, err := s.db.Read().QueryContext(ctx, `SELECT q.incarnation, i.van, v.id, q.seq, e.raw FROM quarantine q
		JOIN entries e ON e.incarnation = q.incarnation AND e.seq = q.seq JOIN incarnations i ON i.n = q.incarnation
		JOIN vans v ON v.n = i.van WHERE (q.incarnation, q.seq) > ($1, $2) AND ($4 = '' OR v.id = $4)
		ORDER BY q.incarnation, q.seq LIMIT $3`, from.l.n, from.f.Cursor.Seq, releasePage, van)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		var h held
		if err := rows.Scan(&h.l.n, &h.l.van, &h.l.id, &h.f.Cursor.Seq, &h.f.Raw); err != nil {
			return nil, err
		}
		hub.Understand(&h.f, h.l.id)
		page = append(page, h)
	}
	return page, rows.Err()
}

// release applies those of a page that are understood now, and tells what that
// changed.
func (s *Store) release(ctx context.Context, page []held) (hub.Change, error) {
	s.committing.Lock()
	defer s.committing.Unlock()
	c, at := s.begin(), s.now().UnixMilli()
	some := false
	for _, h := range page {
		some = some || h.f.Reason == ""
	}
	if !some {
		return hub.Change{}, nil
	}
	err := s.write(ctx, c, func() error {
		for i := range page {
			h := &page[i]
			if h.f.Reason != "" {
				continue
			}
			res, err := c.tx.Exec("DELETE FROM quarantine WHERE incarnation = $1 AND seq = $2", h.l.n, h.f.Cursor.Seq)
			if err != nil {
				return err
			}
			if n, err := res.RowsAffected(); err != nil || n == 0 { // somebody else has just released it
				if err != nil {
					return err
				}
				continue
			}
			if err := c.applyLate(h, at); err != nil {
				return err
			}
		}
		return c.finish()
	})
	if err != nil {
		return hub.Change{}, err
	}
	c.done()
	c.change.Vans = true
	return c.change, nil
}

// applyLate is apply for an entry that others have overtaken: what a van told
// of itself long ago says nothing of one that has told something newer.
func (c *commit) applyLate(h *held, at int64) error {
	column := ""
	switch h.f.Body.(type) {
	case ark.Health:
		column = "health"
	case ark.LibraryState:
		column = "library"
	case ark.SelfTest:
		column = "selftest"
	}
	if column != "" {
		var known bool
		if err := c.tx.QueryRow("SELECT "+column+" IS NOT NULL FROM vans WHERE n = $1", h.l.van).Scan(&known); err != nil || known {
			return err
		}
	}
	return c.apply(h.l, &h.f, at)
}
