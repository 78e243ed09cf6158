package store

import (
	"cmp"
	"context"
	"database/sql"
	"fmt"
	"slices"
	"strings"

	"ark/hub"
)

// mostPage is the most visits of one page.
const mostPage = 500

// FindVisits is a page of visits; see hub.Finder.
func (s *Store) FindVisits(ctx context.Context, sight hub.Sight, f hub.VisitFilter, p hub.VisitPage) ([]hub.Visit, error) {
	p.Limit = min(max(p.Limit, 1), mostPage)
	if err := askable(f); err != nil {
		return nil, fmt.Errorf("find visits: %w", err)
	}
	// All of it as of one moment: what stands somewhere must be there when it is read.
	tx, err := s.db.Read().BeginTx(ctx, &sql.TxOptions{Isolation: sql.LevelRepeatableRead, ReadOnly: true})
	if err != nil {
		return nil, fmt.Errorf("find visits: %w", err)
	}
	defer tx.Rollback()
	places, err := s.findPlaces(ctx, tx, sight, f, p)
	if err != nil {
		return nil, fmt.Errorf("find visits: %w", err)
	}
	all, err := visitsAt(ctx, tx, places)
	if err != nil {
		return nil, fmt.Errorf("find visits: %w", err)
	}
	return all, nil
}

// findPlaces finds where the visits of a page stand, in each part of the sight
// for itself, so that each goes by an index.
func (s *Store) findPlaces(ctx context.Context, q querier, sight hub.Sight, f hub.VisitFilter, p hub.VisitPage) ([]hub.VisitPlace, error) {
	parts, err := s.sightParts(ctx, q, sight, f)
	if err != nil {
		return nil, err
	}
	var found []hub.VisitPlace
	for _, part := range parts {
		some, err := s.placesIn(ctx, q, f, part, p)
		if err != nil {
			return nil, err
		}
		found = append(found, some...)
	}
	slices.SortFunc(found, func(a, b hub.VisitPlace) int { return compareIn(p.Order, b, a) })
	found = slices.Compact(found)
	if n := len(found) - p.Limit; n > 0 && p.Up {
		found = found[n:]
	} else if n > 0 {
		found = found[:p.Limit]
	}
	return found, nil
}

// compareIn compares two places in an order of which the newest is the
// greatest.
func compareIn(o hub.VisitOrder, a, b hub.VisitPlace) int {
	if o == hub.ByTime {
		return cmp.Or(cmp.Compare(a.At, b.At), cmp.Compare(a.Position, b.Position))
	}
	return cmp.Compare(a.Position, b.Position)
}

// visitsAt reads the visits at some places, in their order.
func visitsAt(ctx context.Context, q querier, places []hub.VisitPlace) ([]hub.Visit, error) {
	if len(places) == 0 {
		return nil, nil
	}
	var args arguments
	in, rank := make([]string, len(places)), map[hub.Position]int{}
	for i, p := range places {
		in[i], rank[p.Position] = args.add(int64(p.Position)), i
	}
	all, err := readVisits(ctx, q, "WHERE v.position IN ("+strings.Join(in, ", ")+")", args...)
	slices.SortFunc(all, func(a, b hub.Visit) int { return cmp.Compare(rank[a.Position], rank[b.Position]) })
	return all, err
}

// CountVisits counts visits up to a number; see hub.Finder.
func (s *Store) CountVisits(ctx context.Context, sight hub.Sight, f hub.VisitFilter, most int) (int, error) {
	if err := askable(f); err != nil {
		return 0, fmt.Errorf("count visits: %w", err)
	}
	parts, err := s.sightParts(ctx, s.db.Read(), sight, f)
	if err != nil {
		return 0, fmt.Errorf("count visits: %w", err)
	}
	n := 0
	for i, part := range parts {
		if n >= most {
			return most, nil
		}
		c := s.choose(f, part)
		s.byRare(c, f, part)
		c.leaveOut(part, parts[:i])
		var some int
		err := s.db.Read().QueryRowContext(ctx, "SELECT count(*) FROM (SELECT 1"+c.query()+" LIMIT "+c.args.add(most-n)+") AS counted", c.args...).Scan(&some)
		if err != nil {
			return 0, fmt.Errorf("count visits: %w", err)
		}
		n += some
	}
	return n, nil
}

// EachVisit calls do for all visits in an order; see hub.Finder.
func (s *Store) EachVisit(ctx context.Context, sight hub.Sight, f hub.VisitFilter, o hub.VisitOrder, do func(hub.Visit) error) error {
	if err := askable(f); err != nil {
		return fmt.Errorf("read all visits: %w", err)
	}
	tx, err := s.db.Read().BeginTx(ctx, &sql.TxOptions{Isolation: sql.LevelRepeatableRead, ReadOnly: true})
	if err != nil {
		return fmt.Errorf("read all visits: %w", err)
	}
	defer tx.Rollback()
	p := hub.VisitPage{Order: o, Limit: mostPage}
	for {
		places, err := s.findPlaces(ctx, tx, sight, f, p)
		if err != nil {
			return fmt.Errorf("read all visits: %w", err)
		}
		page, err := visitsAt(ctx, tx, places)
		if err != nil {
			return fmt.Errorf("read all visits: %w", err)
		}
		for _, v := range page {
			if err := do(v); err != nil {
				return err
			}
		}
		if len(places) < p.Limit {
			return nil
		}
		// Not the time that the visit shows: where its clock was learnt late, it may stand elsewhere.
		p.After = places[len(places)-1]
	}
}
