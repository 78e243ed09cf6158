package store

import (
	"context"
	"fmt"
	"slices"

	"ark"
	"ark/hub"
)

// clusterLevel is by how much the squares of clusters are smaller than a tile:
// 64 of its 256 pixels.
const clusterLevel = 2

// MapVisits are visits on a map; see hub.Finder.
func (s *Store) MapVisits(ctx context.Context, sight hub.Sight, f hub.VisitFilter, b hub.Box, zoom int) ([]hub.Cluster, error) {
	if err := askable(f); err != nil {
		return nil, fmt.Errorf("map visits: %w", err)
	}
	parts, err := s.sightParts(ctx, s.db.Read(), sight, f)
	if err != nil {
		return nil, fmt.Errorf("map visits: %w", err)
	}
	g := gridOf(b, zoom)
	for i, part := range parts {
		c := s.choose(f, part)
		c.leaveOut(part, parts[:i])
		c.within(b)
		if err := g.count(ctx, s.db.Read(), c); err != nil {
			return nil, fmt.Errorf("map visits: %w", err)
		}
	}
	return g.clusters(ctx, s.db.Read())
}

// within adds that visits lie in a box. The squares are a coarse word for the
// index, the degrees the last one.
func (c *chosen) within(b hub.Box) {
	first, last := cellRow(b.North), cellRow(b.South)
	c.where("v.cell BETWEEN " + c.args.add(int64(first)<<cellLevel) + " AND " + c.args.add(int64(last)<<cellLevel|(cellSide-1)))
	c.where("v.lat BETWEEN " + c.args.add(b.South) + " AND " + c.args.add(b.North) + " AND v.lon BETWEEN " + c.args.add(b.West) + " AND " + c.args.add(b.East))
}

// grid is the squares of clusters on a map.
type grid struct {
	shift int // by how much a square's row and column are those of its cell
	found map[[2]int64]*square
}

// square is the visits in one square.
type square struct {
	n        int
	lat, lon int64 // sums
	states   map[ark.ReviewState]int
	some     hub.Position // one of them
}

// gridOf is the grid for a zoom level, its squares so large that a box has no
// more than hub.MaxClusters of them.
func gridOf(b hub.Box, zoom int) *grid {
	g := &grid{shift: max(cellLevel-clusterLevel-max(zoom, 0), 0), found: map[[2]int64]*square{}}
	across := func(first, last int) int { return max(last>>g.shift-first>>g.shift, 0) + 1 }
	for across(cellColumn(b.West), cellColumn(b.East))*across(cellRow(b.North), cellRow(b.South)) > hub.MaxClusters {
		g.shift++
	}
	return g
}

// count counts what was chosen into the grid.
func (g *grid) count(ctx context.Context, q querier, c *chosen) error {
	row, column := fmt.Sprintf("v.cell >> %d", cellLevel+g.shift), fmt.Sprintf("(v.cell & %d) >> %d", cellSide-1, g.shift)
	rows, err := q.QueryContext(ctx, "SELECT "+row+", "+column+", v.state, count(*), sum(v.lat), sum(v.lon), min(v.position)"+c.query()+
		" GROUP BY "+row+", "+column+", v.state", c.args...)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		var at [2]int64
		var state ark.ReviewState
		var n int
		var lat, lon int64
		var some hub.Position
		if err := rows.Scan(&at[0], &at[1], &state, &n, &lat, &lon, &some); err != nil {
			return err
		}
		sq := g.found[at]
		if sq == nil {
			sq = &square{states: map[ark.ReviewState]int{}, some: some}
			g.found[at] = sq
		}
		sq.n, sq.lat, sq.lon = sq.n+n, sq.lat+lat, sq.lon+lon
		sq.states[state] += n
	}
	return rows.Err()
}

// clusters are what was counted, from north to south.
func (g *grid) clusters(ctx context.Context, q querier) ([]hub.Cluster, error) {
	all := make([]hub.Cluster, 0, len(g.found))
	keys := make([][2]int64, 0, len(g.found))
	for at := range g.found {
		keys = append(keys, at)
	}
	slices.SortFunc(keys, func(a, b [2]int64) int { return slices.Compare(a[:], b[:]) })
	for _, at := range keys {
		sq := g.found[at]
		c := hub.Cluster{Lat: sq.lat / int64(sq.n), Lon: sq.lon / int64(sq.n), Count: sq.n, States: sq.states}
		if sq.n == 1 {
			var id []byte
			if err := q.QueryRowContext(ctx, "SELECT id FROM visits WHERE position = $1", sq.some).Scan(&id); err != nil {
				return nil, fmt.Errorf("map visits: %w", err)
			}
			c.Visit = ark.ID(id)
		}
		all = append(all, c)
	}
	return all, nil
}
