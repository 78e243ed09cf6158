package store

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"ark"
	"ark/hub"
	"ark/internal/database"
)

// SetAssigned gives a visit to somebody for review; see hub.Team.
func (s *Store) SetAssigned(ctx context.Context, sight hub.Sight, visit ark.ID, a hub.Assignment, was string) error {
	err := s.db.Write(ctx, func(tx *database.Tx) error {
		v, err := visitSeen(ctx, tx, sight, visit)
		switch {
		case err != nil:
			return err
		case v.Assigned != was:
			return hub.ErrStale
		case v.Withdrawn && a.To != "":
			return fmt.Errorf("%w: the visit was withdrawn", hub.ErrInvalid)
		case v.Assigned == a.To:
			return nil
		}
		if a.To != "" {
			if err := s.mayReview(ctx, tx, a.To, v); err != nil {
				return err
			}
		}
		if _, err := tx.Exec("INSERT INTO visit_assignments (visit, by, at, whom) VALUES ($1, $2, $3, $4)", visit[:], a.By, a.At, a.To); err != nil {
			return err
		}
		return change(tx, visit, "assigned = $3", a.To)
	})
	if err != nil {
		return fmt.Errorf("assign a visit: %w", err)
	}
	s.tell(hub.Change{Visits: true})
	return nil
}

// visitAssignments are to whom a visit was given, the oldest first.
func (s *Store) visitAssignments(ctx context.Context, visit ark.ID) (all []hub.Assignment, err error) {
	rows, err := s.db.Read().QueryContext(ctx, "SELECT whom, by, at FROM visit_assignments WHERE visit = $1 ORDER BY n DESC LIMIT $2", visit[:], hub.MaxAssignments)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		var a hub.Assignment
		if err := rows.Scan(&a.To, &a.By, &a.At); err != nil {
			return nil, err
		}
		all = append(all, a)
	}
	slices.Reverse(all)
	return all, rows.Err()
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
