package store

import (
	"context"
	"fmt"

	"ark/hub"
)

// VisitsBox is read from so many of the newest visits, and from so many of them
// that have a place: what a map begins with must not take longer with each year.
const (
	boxOf   = 5000
	boxFrom = 1000
)

// townLevel is the level of squares that a town mostly lies in one of: some 150
// km. townReach is how far from its middle it may go, in units of 1e-7 degrees.
const (
	townLevel = 8
	townReach = 15_000_000
)

// VisitsBox is where the newest visits are; see hub.Finder.
func (s *Store) VisitsBox(ctx context.Context, sight hub.Sight) (b hub.Box, found bool, err error) {
	parts, err := s.sightParts(ctx, s.db.Read(), sight, hub.VisitFilter{})
	if err != nil {
		return b, false, fmt.Errorf("find where visits are: %w", err)
	}
	var all [][2]int64
	for _, part := range parts {
		if all, err = s.newestPoints(ctx, part, all); err != nil {
			return b, false, fmt.Errorf("find where visits are: %w", err)
		}
	}
	towns := map[[2]int]*square{}
	most := &square{}
	for _, p := range all {
		at := [2]int{rowAt(p[0], townLevel), columnAt(p[1], townLevel)}
		if towns[at] == nil {
			towns[at] = &square{}
		}
		t := towns[at]
		if t.n, t.lat, t.lon = t.n+1, t.lat+p[0], t.lon+p[1]; t.n > most.n {
			most = t
		}
	}
	for _, p := range all {
		if n := int64(most.n); abs(p[0]-most.lat/n) > townReach || abs(p[1]-most.lon/n) > townReach {
			continue
		}
		if !found {
			b, found = hub.Box{South: p[0], West: p[1], North: p[0], East: p[1]}, true
		}
		b = hub.Box{South: min(b.South, p[0]), West: min(b.West, p[1]), North: max(b.North, p[0]), East: max(b.East, p[1])}
	}
	return b, found, nil
}

func abs(n int64) int64 { return max(n, -n) }

// newestPoints adds the places of the newest visits of a part of a sight,
// latitude and longitude.
func (s *Store) newestPoints(ctx context.Context, part sightPart, all [][2]int64) ([][2]int64, error) {
	c := s.choose(hub.VisitFilter{}, part)
	newest := "SELECT v.lat, v.lon" + c.query() + " ORDER BY " + c.position + " DESC LIMIT " + c.args.add(boxOf)
	rows, err := s.db.Read().QueryContext(ctx, "SELECT lat, lon FROM ("+newest+") AS newest WHERE lat IS NOT NULL AND lon IS NOT NULL LIMIT "+c.args.add(boxFrom), c.args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		var p [2]int64
		if err := rows.Scan(&p[0], &p[1]); err != nil {
			return nil, err
		}
		all = append(all, p)
	}
	return all, rows.Err()
}
