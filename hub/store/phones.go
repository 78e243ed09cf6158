package store

import (
	"cmp"
	"context"
	"fmt"

	"ark"
	"ark/hub"
	"ark/internal/database"
)

// mostPhones is how many phones of one van are remembered.
const mostPhones = 3 * ark.MaxPhones

// phone keeps what a van tells of a phone. One that was struck off stays so,
// whatever comes late.
func (c *commit) phone(l life, f *hub.Fact, p ark.Phone, at int64) error {
	old, err := readPhone(c.tx.QueryRow("SELECT van, id, name, verifier, at, struck, by FROM phones WHERE van = $1 AND id = $2", l.id, p.ID[:]))
	switch {
	case noRows(err):
		var n int
		if err := c.tx.QueryRow("SELECT count(*) FROM phones WHERE van = $1", l.id).Scan(&n); err != nil {
			return fmt.Errorf("count phones: %w", err)
		}
		if n >= mostPhones {
			return c.refuse(l, f, reasonManyPhones, at)
		}
	case err != nil:
		return fmt.Errorf("read phone: %w", err)
	default:
		p.Verifier, p.At = old.Verifier, old.At
		if old.Struck {
			p.Struck, p.By = true, old.By
		}
		if p == old.Phone {
			return nil
		}
	}
	_, err = c.tx.Exec(`INSERT INTO phones VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT (van, id) DO UPDATE SET name = $3, struck = $6, by = $7`,
		l.id, p.ID[:], p.Name, p.Verifier[:], p.At, truth(p.Struck), p.By)
	if err != nil {
		return fmt.Errorf("note phone: %w", err)
	}
	c.change.People = true
	return countRoster(context.Background(), c.tx, ark.KindPhones, []ark.VanID{l.id})
}

type scanner interface{ Scan(...any) error }

func readPhone(row scanner) (p hub.VanPhone, err error) {
	var id, verifier []byte
	if err := row.Scan(&p.Van, &id, &p.Name, &verifier, &p.At, &p.Struck, &p.By); err != nil {
		return p, err
	}
	copy(p.ID[:], id)
	copy(p.Verifier[:], verifier)
	return p, nil
}

// VanPhones lists the phones that vans in sight told of, the newest of each van
// first.
func (s *Store) VanPhones(ctx context.Context, sight hub.Sight) ([]hub.VanPhone, error) {
	var args arguments
	seen, err := vanSeen(ctx, s.db.Read(), sight, "van", &args)
	if err != nil {
		return nil, fmt.Errorf("list phones: %w", err)
	}
	all, err := s.phones(ctx, "SELECT van, id, name, verifier, at, struck, by FROM phones WHERE "+seen+" ORDER BY van, struck, at DESC, id", args...)
	if err != nil {
		return nil, fmt.Errorf("list phones: %w", err)
	}
	var van ark.VanID // all is in the order of vans
	var heard map[ark.ID]bool
	for i := range all {
		if !all[i].Struck {
			continue
		}
		if all[i].Van != van {
			van = all[i].Van
			if heard, err = s.struckOn(ctx, van); err != nil {
				return nil, fmt.Errorf("list phones: %w", err)
			}
		}
		all[i].Heard = heard[all[i].ID]
	}
	return all, nil
}

// struckOn are the phones that a van refuses, by the newest order of its
// phones that it has taken.
func (s *Store) struckOn(ctx context.Context, van ark.VanID) (map[ark.ID]bool, error) {
	var raw []byte
	err := s.db.Read().QueryRowContext(ctx, `SELECT o.body FROM orders o JOIN order_journals j ON j.van = o.van
		WHERE o.van = $1 AND o.kind = $2 AND o.seq <= j.acked_seq ORDER BY o.position DESC LIMIT 1`, van, ark.KindPhones).Scan(&raw)
	if noRows(err) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	body, err := ark.DecodeBody(ark.KindPhones, raw)
	if err != nil {
		return nil, err
	}
	struck := map[ark.ID]bool{}
	for _, p := range body.(ark.Phones).List {
		struck[p.ID] = p.Struck
	}
	return struck, nil
}

func (s *Store) phones(ctx context.Context, query string, args ...any) (all []hub.VanPhone, err error) {
	rows, err := s.db.Read().QueryContext(ctx, query, args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		p, err := readPhone(rows)
		if err != nil {
			return nil, err
		}
		all = append(all, p)
	}
	return all, rows.Err()
}

// StrikePhone strikes a phone off; see hub.Roster.
func (s *Store) StrikePhone(ctx context.Context, sight hub.Sight, van ark.VanID, id ark.ID, by string) error {
	err := s.db.Write(ctx, func(tx *database.Tx) error {
		if seen, err := sees(ctx, tx, sight); err != nil || !seen(van) {
			return cmp.Or(err, hub.ErrNotThere)
		}
		old, err := readPhone(tx.QueryRowContext(ctx, "SELECT van, id, name, verifier, at, struck, by FROM phones WHERE van = $1 AND id = $2", van, id[:]))
		if noRows(err) {
			return hub.ErrNotThere
		}
		if err != nil || old.Struck {
			return err
		}
		if _, err := tx.ExecContext(ctx, "UPDATE phones SET struck = 1, by = $3 WHERE van = $1 AND id = $2", van, id[:], by); err != nil {
			return err
		}
		return countRoster(ctx, tx, ark.KindPhones, []ark.VanID{van})
	})
	if err != nil {
		return fmt.Errorf("strike phone off: %w", err)
	}
	s.tell(hub.Change{People: true})
	return nil
}

// PhonesOf are one van's phones, as they are ordered. Where there is no room for
// all of them, those that were struck off come first, without their names: a
// van that is not told so goes on letting one in, and a good phone that is left
// out has only to be enrolled at a new card.
func (s *Store) PhonesOf(ctx context.Context, van ark.VanID) (p ark.Phones, err error) {
	err = s.db.Read().QueryRowContext(ctx, "SELECT coalesce(max(version), 1) FROM roster_versions WHERE kind = $1 AND van = $2", ark.KindPhones, van).Scan(&p.Version)
	if err != nil {
		return p, fmt.Errorf("read phones: %w", err)
	}
	all, err := s.phones(ctx, "SELECT van, id, name, verifier, at, struck, by FROM phones WHERE van = $1 ORDER BY struck, at DESC, id", van)
	if err != nil {
		return p, fmt.Errorf("read phones: %w", err)
	}
	var good, struck, bare []ark.Phone
	for _, one := range all {
		if !one.Struck {
			good = append(good, one.Phone)
			continue
		}
		struck = append(struck, one.Phone)
		one.Name, one.By = "", ""
		bare = append(bare, one.Phone)
	}
	size := func(list []ark.Phone) (int, error) {
		body, err := ark.EncodeBody(ark.KindPhones, ark.Phones{Version: p.Version, List: list})
		return len(body), err
	}
	if p.List, err = withRoom(good, struck, ark.MaxPhones, size); err == nil && len(p.List) < len(all) {
		p.List, err = withRoom(bare, good, ark.MaxPhones, size)
	}
	return p, err
}
