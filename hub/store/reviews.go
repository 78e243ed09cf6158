package store

import (
	"context"
	"fmt"

	"ark"
	"ark/hub"
	"ark/internal/database"
)

// VisitRecord is a visit with all that became of it; see hub.Reviews.
func (s *Store) VisitRecord(ctx context.Context, sight hub.Sight, id ark.ID) (r hub.VisitRecord, err error) {
	if r.Visit, err = s.visit(ctx, sight, id); err != nil {
		return r, fmt.Errorf("read visit: %w", err)
	}
	if r.Editions, err = s.visitEditions(ctx, r.Visit); err != nil {
		return r, fmt.Errorf("read history of a visit: %w", err)
	}
	if r.Reviews, err = s.visitReviews(ctx, id); err != nil {
		return r, fmt.Errorf("read reviews of a visit: %w", err)
	}
	if r.Given, err = s.visitAssignments(ctx, id); err != nil {
		return r, fmt.Errorf("read to whom a visit was given: %w", err)
	}
	if r.Thread, err = s.visitComments(ctx, id); err != nil {
		return r, fmt.Errorf("read comments on a visit: %w", err)
	}
	return r, nil
}

// visit reads a visit in sight. hub.ErrNotThere.
func (s *Store) visit(ctx context.Context, sight hub.Sight, id ark.ID) (hub.Visit, error) {
	return visitSeen(ctx, s.db.Read(), sight, id)
}

// visitSeen is visit from any reading.
func visitSeen(ctx context.Context, q querier, sight hub.Sight, id ark.ID) (hub.Visit, error) {
	found, err := readVisits(ctx, q, "WHERE v.id = $1", id[:])
	if err != nil {
		return hub.Visit{}, err
	}
	if len(found) == 0 {
		return hub.Visit{}, hub.ErrNotThere
	}
	if v := found[0]; !sight.Whole {
		t, err := readTerritory(ctx, q)
		if err != nil {
			return hub.Visit{}, err
		}
		if !sight.SeesVisit(v.Where, t.area(v.Van)) {
			return hub.Visit{}, hub.ErrNotThere
		}
	}
	return found[0], nil
}

// visitEditions reads all entries about a visit, the oldest first.
func (s *Store) visitEditions(ctx context.Context, v hub.Visit) ([]hub.VisitEdition, error) {
	var van int64
	var card, raw []byte
	first := hub.VisitEdition{Entry: v.ID, Kind: ark.KindVisit, Received: v.Received}
	err := s.db.Read().QueryRowContext(ctx, `SELECT i.van, i.incarnation, v.seq, e.raw FROM visits v JOIN incarnations i ON i.n = v.incarnation
		JOIN entries e ON e.incarnation = v.incarnation AND e.seq = v.seq WHERE v.id = $1`, v.ID[:]).Scan(&van, &card, &first.Seq, &raw)
	if err != nil {
		return nil, err
	}
	entry, body, err := readEntry(raw)
	if err != nil {
		return nil, err
	}
	copy(first.Incarnation[:], card)
	first.Visit, first.At = body.(ark.Visit), entry.At
	if err := correctVisit(ctx, s.db.Read(), van, &first.Visit, &first.At); err != nil {
		return nil, err
	}
	first.Step = int64(first.At.Wall - entry.At.Wall)
	first.Made = first.Visit.MadeAt(first.At)
	all := []hub.VisitEdition{first}
	said, err := entriesAbout(pool{ctx, s.db.Read()}, v.ID)
	if err != nil {
		return nil, err
	}
	for _, x := range said {
		e, age := hub.VisitEdition{Entry: x.id, Kind: x.entry.Kind, At: x.entry.At, Received: fromMilli(x.received), Incarnation: x.card, Seq: ark.Seq(x.seq)}, int64(0)
		switch b := x.body.(type) {
		case ark.Amend:
			e.Visit, e.Why, age = b.Now, b.Why, b.Now.Age
		case ark.Withdrawal:
			e.Withdrawn, e.Why, e.By, age = true, b.Why, b.Name, b.Age
		}
		if err := correctVisit(ctx, s.db.Read(), van, &e.Visit, &e.At); err != nil {
			return nil, err
		}
		e.Step, e.Made = int64(e.At.Wall-x.entry.At.Wall), e.At.Wall-ark.UnixMilli(age)
		all = append(all, e)
	}
	return all, nil
}

func (s *Store) visitReviews(ctx context.Context, visit ark.ID) (all []hub.VisitReview, err error) {
	rows, err := s.db.Read().QueryContext(ctx, `SELECT r.n, r.entry, r.state, r.comment, r.by, r.at, CASE WHEN o.seq <= j.acked_seq THEN 1 ELSE 0 END FROM reviews r
		LEFT JOIN orders o ON o.id = r.made LEFT JOIN order_journals j ON j.van = o.van WHERE r.visit = $1 ORDER BY r.n`, visit[:])
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		r := hub.VisitReview{Review: ark.Review{Visit: visit}}
		var entry []byte
		if err := rows.Scan(&r.Position, &entry, &r.State, &r.Comment, &r.By, &r.At, &r.Held); err != nil {
			return nil, err
		}
		r.Entry = ark.ID(entry)
		all = append(all, r)
	}
	return all, rows.Err()
}

// attach notes which content a visit names.
func (c *commit) attach(l life, v ark.Visit) error {
	for _, a := range v.Attachments {
		_, err := c.tx.Exec(`INSERT INTO attachments (content, van, size, here)
			VALUES ($1, $2, $3, (SELECT count(*) FROM contents WHERE content = $1)) ON CONFLICT (content, van) DO UPDATE
			SET size = CASE WHEN $3 > attachments.size THEN $3 ELSE attachments.size END`, a.Content[:], l.van, a.Size)
		if err != nil {
			return fmt.Errorf("note attachment: %w", err)
		}
	}
	return nil
}

// Expected tells whether a visit of the van names the content; see
// hub.Attachments.
func (s *Store) Expected(ctx context.Context, van ark.VanID, h ark.Hash) (size int64, expected bool, err error) {
	err = s.db.Read().QueryRowContext(ctx, "SELECT a.size FROM attachments a JOIN vans v ON v.n = a.van WHERE a.content = $1 AND v.id = $2", h[:], van).Scan(&size)
	if noRows(err) {
		return 0, false, nil
	}
	if err != nil {
		return 0, false, fmt.Errorf("read attachment: %w", err)
	}
	return size, true, nil
}

// Kept notes that the content is whole and durable.
func (s *Store) Kept(ctx context.Context, h ark.Hash) error {
	err := s.db.Write(ctx, func(tx *database.Tx) error {
		if _, err := tx.ExecContext(ctx, "INSERT INTO contents VALUES ($1, $2) ON CONFLICT DO NOTHING", h[:], s.now().UnixMilli()); err != nil {
			return err
		}
		_, err := tx.ExecContext(ctx, "UPDATE attachments SET here = 1 WHERE content = $1", h[:])
		return err
	})
	if err != nil {
		return fmt.Errorf("note content: %w", err)
	}
	s.tell(hub.Change{Visits: true})
	return nil
}

// Here tells which of some contents are here.
func (s *Store) Here(ctx context.Context, hs []ark.Hash) (map[ark.Hash]bool, error) {
	here := map[ark.Hash]bool{}
	for _, h := range hs {
		var is bool
		if err := s.db.Read().QueryRowContext(ctx, "SELECT EXISTS (SELECT 1 FROM contents WHERE content = $1)", h[:]).Scan(&is); err != nil {
			return nil, fmt.Errorf("read content: %w", err)
		}
		if is {
			here[h] = true
		}
	}
	return here, nil
}
