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
	tx, err := s.moment(ctx)
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

// moment begins a transaction in which all is read as of one moment: what is
// looked up in it, is there when it is read.
func (s *Store) moment(ctx context.Context) (*sql.Tx, error) {
	return s.db.Read().BeginTx(ctx, &sql.TxOptions{Isolation: sql.LevelRepeatableRead, ReadOnly: true})
}

// findPlaces finds where the visits of a page stand, by all ways to them.
func (s *Store) findPlaces(ctx context.Context, q querier, sight hub.Sight, f hub.VisitFilter, p hub.VisitPage) ([]hub.VisitPlace, error) {
	ways, err := s.ways(ctx, q, sight, f, p.Order, onePage)
	if err != nil {
		return nil, err
	}
	var found []hub.VisitPlace
	for _, find := range ways {
		some, err := find(p)
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
	where, args := atPlaces(places)
	rows, err := q.QueryContext(ctx, visitColumns+where, args...)
	if err != nil {
		return nil, err
	}
	read, err := scanAt(rows, places)
	if err == nil {
		err = finish(ctx, q, read)
	}
	if err != nil {
		return nil, err
	}
	return visitsOf(read), nil
}

// atPlaces is the condition for the visits at some places.
func atPlaces(places []hub.VisitPlace) (where string, args arguments) {
	in := make([]string, len(places))
	for i, p := range places {
		in[i] = args.add(int64(p.Position))
	}
	return "WHERE v.position IN (" + strings.Join(in, ", ") + ")", args
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
	if many, err := s.many(ctx, f, parts, most); err != nil || many {
		return most, err
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

// many tells whether so many visits have the words that are all that is asked
// for, without a look at each: more have them, than are withdrawn at all. False:
// they must be counted.
func (s *Store) many(ctx context.Context, f hub.VisitFilter, parts []sightPart, most int) (bool, error) {
	if f.Text == "" || f != (hub.VisitFilter{Text: f.Text}) || len(parts) != 1 || parts[0] != (sightPart{}) || most >= s.few {
		return false, nil
	}
	wanted, _ := phrases(f.Text) // askable has looked at it
	n, err := s.having(ctx, s.db.Read(), wanted)
	if err != nil || n < most {
		return false, err
	}
	var args arguments
	var withdrawn int
	err = s.db.Read().QueryRowContext(ctx, "SELECT count(*) FROM (SELECT 1 FROM visits v"+s.db.Using("visits_withdrawn")+" WHERE v.changed > 0 AND v.withdrawn = 1 LIMIT "+args.add(n-most+1)+") AS counted", args...).Scan(&withdrawn)
	return n-withdrawn >= most, err
}
