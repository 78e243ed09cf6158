package store

import (
	"context"
	"fmt"

	"ark"
	"ark/hub"
	"ark/internal/database"
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
func (s *Store) releaseQuarantine(ctx context.Context) error {
	for from := (held{}); ; {
		page, err := s.heldAfter(ctx, from)
		if err != nil {
			return fmt.Errorf("read quarantine: %w", err)
		}
		if err := s.release(ctx, page); err != nil {
			return fmt.Errorf("release quarantine: %w", err)
		}
		if len(page) < releasePage {
			return nil
		}
		from = page[len(page)-1]
	}
}

func (s *Store) heldAfter(ctx context.Context, from held) (page []held, err error) {
	rows, err := s.db.Read().QueryContext(ctx, `SELECT q.incarnation, i.van, v.id, q.seq, e.raw FROM quarantine q
		JOIN entries e ON e.incarnation = q.incarnation AND e.seq = q.seq JOIN incarnations i ON i.n = q.incarnation
		JOIN vans v ON v.n = i.van WHERE (q.incarnation, q.seq) > ($1, $2)
		ORDER BY q.incarnation, q.seq LIMIT $3`, from.l.n, from.f.Cursor.Seq, releasePage)
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

// release applies those of a page that are understood now.
func (s *Store) release(ctx context.Context, page []held) error {
	c, at := s.begin(), s.now().UnixMilli()
	some := false
	for _, h := range page {
		some = some || h.f.Reason == ""
	}
	if !some {
		return nil
	}
	err := s.db.Write(ctx, func(tx *database.Tx) error {
		c.tx = tx
		for i := range page {
			h := &page[i]
			if h.f.Reason != "" {
				continue
			}
			if _, err := tx.Exec("DELETE FROM quarantine WHERE incarnation = $1 AND seq = $2", h.l.n, h.f.Cursor.Seq); err != nil {
				return err
			}
			if err := c.applyLate(h, at); err != nil {
				return err
			}
		}
		return c.finish()
	})
	if err == nil {
		c.done()
	}
	return err
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
