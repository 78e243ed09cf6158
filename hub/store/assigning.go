package store

import (
	"context"
	"errors"
	"fmt"
	"time"

	"ark"
	"ark/hub"
	"ark/internal/database"
)

// SetAssigned gives a visit to somebody for review; see hub.Team.
func (s *Store) SetAssigned(ctx context.Context, sight hub.Sight, visit ark.ID, to, was string) error {
	err := s.db.Write(ctx, func(tx *database.Tx) error {
		v, err := visitSeen(ctx, tx, sight, visit)
		switch {
		case err != nil:
			return err
		case v.Assigned != was:
			return hub.ErrStale
		case v.Withdrawn && to != "":
			return fmt.Errorf("%w: the visit was withdrawn", hub.ErrInvalid)
		case v.Assigned == to:
			return nil
		}
		if to != "" {
			if err := s.mayReview(ctx, tx, to, v); err != nil {
				return err
			}
		}
		return change(tx, visit, "assigned = $3", to)
	})
	if err != nil {
		return fmt.Errorf("assign a visit: %w", err)
	}
	s.tell(hub.Change{Visits: true})
	return nil
}

// mayReview tells why an account is no one to review a visit, if it is not. That
// there is one, but with another sight, is nobody's business: it is the same
// error.
func (s *Store) mayReview(ctx context.Context, tx *database.Tx, name string, v hub.Visit) error {
	a, err := readAccount(tx.QueryRow(accountColumns+"WHERE a.name = $1", name))
	switch {
	case errors.Is(err, hub.ErrNotThere):
		return fmt.Errorf("%w: there is no such account", hub.ErrInvalid)
	case err != nil:
		return err
	case a.Out(s.now()) || !a.Staff("").Is(hub.RoleReviewer):
		return fmt.Errorf("%w: the account may not review", hub.ErrInvalid)
	}
	t, err := readTerritory(ctx, tx)
	if err != nil {
		return err
	}
	if !a.Sight.SeesVisit(v.Where, t.area(v.Van)) {
		return fmt.Errorf("%w: the account does not see the visit", hub.ErrInvalid)
	}
	return nil
}

// ReviewLoad counts what waits for a review; see hub.Team.
func (s *Store) ReviewLoad(ctx context.Context, sight hub.Sight, today time.Time) (hub.ReviewLoad, error) {
	load := hub.ReviewLoad{Of: map[string]hub.ReviewAges{}}
	var days []time.Time
	for i := -8; i <= 1; i++ {
		days = append(days, today.AddDate(0, 0, i))
	}
	o, err := s.Overview(ctx, sight, hub.OverviewQuery{Days: days, From: len(days) - 2})
	if err != nil {
		return load, fmt.Errorf("count what waits: %w", err)
	}
	load.All = o.Ages()
	parts, err := s.sightParts(ctx, s.db.Read(), sight, hub.VisitFilter{})
	if err != nil {
		return load, fmt.Errorf("count what waits: %w", err)
	}
	for i, part := range parts {
		if err := s.loadOf(ctx, load.Of, days, part, parts[:i]); err != nil {
			return load, fmt.Errorf("count what waits: %w", err)
		}
	}
	return load, nil
}

// loadOf counts what was given to somebody in one part of a sight that is not
// in the parts before it.
func (s *Store) loadOf(ctx context.Context, of map[string]hub.ReviewAges, days []time.Time, part sightPart, before []sightPart) error {
	c := &chosen{from: "visits v" + s.db.Using("visits_waiting_made")}
	edge := func(ago int) string { return c.args.add(madeAt(ark.Milli(days[len(days)-2-ago]))) }
	age := "CASE WHEN v.made >= " + edge(0) + " THEN 0 WHEN v.made >= " + edge(3) + " THEN 1 WHEN v.made >= " + edge(7) + " THEN 2 ELSE 3 END"
	c.where(found)
	c.where("v.assigned <> '' AND v.state = 0")
	c.where(part.condition(&c.args))
	c.leaveOut(part, before)
	rows, err := s.db.Read().QueryContext(ctx, "SELECT v.assigned, "+age+", count(*)"+c.query()+" GROUP BY 1, 2", c.args...)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		var name string
		var age, n int
		if err := rows.Scan(&name, &age, &n); err != nil {
			return err
		}
		ages := of[name]
		ages[age] += n
		of[name] = ages
	}
	return rows.Err()
}
