package store

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"ark"
	"ark/hub"
)

// clusterLevel is by how much the squares of clusters are smaller than a tile:
// 64 of its 256 pixels.
const clusterLevel = 2

// mostZoom is the closest look at a map.
const mostZoom = 22

// MapVisits are visits on a map; see hub.Finder. Where only places, vans,
// outcomes and states are asked for, or of the whole town needs, outcomes and
// states, the cells that lie wholly in the box have been counted before.
func (s *Store) MapVisits(ctx context.Context, sight hub.Sight, f hub.VisitFilter, b hub.Box, zoom int) ([]hub.Cluster, error) {
	if err := askable(f); err != nil {
		return nil, fmt.Errorf("map visits: %w", err)
	}
	if b.South > b.North || b.West > b.East {
		return nil, nil
	}
	// All of it as of one moment: what is counted beforehand and what is looked at must agree.
	tx, err := s.moment(ctx)
	if err != nil {
		return nil, fmt.Errorf("map visits: %w", err)
	}
	defer tx.Rollback()
	parts, err := s.sightParts(ctx, tx, sight, f)
	if err != nil {
		return nil, fmt.Errorf("map visits: %w", err)
	}
	m := mapping{s: s, q: tx, f: f, box: b, parts: parts, grid: gridOf(b, zoom)}
	for i := range parts {
		if err := m.part(ctx, i); err != nil {
			return nil, fmt.Errorf("map visits: %w", err)
		}
	}
	all, err := m.clusters(ctx)
	if err != nil {
		return nil, fmt.Errorf("map visits: %w", err)
	}
	return all, nil
}

// mapping is a map under way.
type mapping struct {
	s     *Store
	q     querier
	f     hub.VisitFilter
	box   hub.Box
	parts []sightPart
	*grid
}

// part counts one part of the sight into the grid.
func (m *mapping) part(ctx context.Context, i int) error {
	cells := cellsOf(m.box)
	if m.shift < 0 || !m.beforehand(i) || cells.inner().empty() {
		return m.each(ctx, i, cells)
	}
	if cells.south-cells.north > mostEdge { // seen from so far, a cell is nothing
		return m.before(ctx, i, cells)
	}
	if err := m.before(ctx, i, cells.inner()); err != nil {
		return err
	}
	return m.edges(ctx, i, cells)
}

const (
	mostEdge = 400     // rows of cells of which the outermost cells are looked at visit by visit
	mostNear = 64 * 64 // cells of a box by which visits are chosen, not by what else is asked
)

// beforehand tells whether what is asked has been counted before: that is down
// to compounds, for the part and for those before it, that are left out, and
// needs for the whole town.
func (m *mapping) beforehand(i int) bool {
	f := m.f
	if f.Need != "" {
		return f == hub.VisitFilter{Need: f.Need, State: f.State, Outcome: f.Outcome} && m.parts[i] == (sightPart{})
	}
	return f == hub.VisitFilter{Within: f.Within, Van: f.Van, State: f.State, Outcome: f.Outcome} &&
		!slices.ContainsFunc(m.parts[:i+1], func(p sightPart) bool { return p.within.Building != "" })
}

// before adds what was counted before in a span.
func (m *mapping) before(ctx context.Context, i int, inside span) error {
	c := &chosen{from: "visit_cells v"}
	if m.f.Need != "" {
		c.from = "visit_need_cells v"
		c.where("v.value = " + c.args.add(m.f.Need))
	} else if m.parts[i] == (sightPart{}) {
		c.where(fmt.Sprintf("v.place = %d AND v.van = %d", ofAll, ofAll))
	} else {
		c.from = "(SELECT c.cell, c.van, c.state, c.outcome, c.n, c.lat, c.lon, p.street, p.community, p.grid, p.compound FROM visit_cells c JOIN visit_places p ON p.n = c.place) v"
		c.where(m.parts[i].condition(&c.args))
		c.leaveOut(m.parts[i], m.parts[:i])
	}
	c.where("v.n > 0")
	if m.f.State != nil {
		c.where("v.state = " + c.args.add(int64(*m.f.State)))
	}
	if m.f.Outcome != 0 {
		c.where("v.outcome = " + c.args.add(int64(m.f.Outcome)))
	}
	c.where(inside.condition(&c.args))
	return m.count(ctx, c.query(), c.args, i, "sum(v.n), sum(v.lat), sum(v.lon), min(v.cell)")
}

// each adds the visits in the box, and of many the newest.
func (m *mapping) each(ctx context.Context, i int, cells span) error {
	c := m.chosen(i)
	if cells.few() {
		c.where(cells.condition(&c.args))
	}
	c.inBox(m.box)
	if m.shift < 0 {
		return m.fine(ctx, c)
	}
	order := c.position // by the index that chooses
	if !m.f.From.IsZero() || !m.f.To.IsZero() {
		order = c.made + " DESC, " + order
	}
	newest := " FROM (SELECT v.cell, v.lat, v.lon, v.state" + c.query() + " ORDER BY " + order + " DESC LIMIT " + c.args.add(hub.MaxMapped) + ") v"
	return m.count(ctx, newest, c.args, i, singles)
}

// singles sums visits up.
const singles = "count(*), sum(v.lat), sum(v.lon), min(v.cell)"

// edges adds the visits in the box that lie in its outermost cells.
func (m *mapping) edges(ctx context.Context, i int, cells span) error {
	c := m.byCell(i)
	at := func(row, column int) int64 { return int64(row)<<cellLevel | int64(column) }
	row := func(n int) string {
		return fmt.Sprintf("v.cell BETWEEN %d AND %d", at(n, cells.west), at(n, cells.east))
	}
	var sides []string
	for n := cells.north + 1; n < cells.south; n++ {
		sides = append(sides, fmt.Sprintf("%d, %d", at(n, cells.west), at(n, cells.east)))
	}
	for _, cond := range []string{row(cells.north), row(cells.south), "v.cell IN (" + strings.Join(sides, ", ") + ")"} {
		one := &chosen{from: c.from, conds: append(slices.Clone(c.conds), cond), args: slices.Clone(c.args)}
		one.inBox(m.box)
		if err := m.count(ctx, one.query(), one.args, i, singles); err != nil {
			return err
		}
	}
	return nil
}

// chosen are the visits of a part that are in no part before it.
func (m *mapping) chosen(i int) *chosen {
	c := m.s.choose(m.f, m.parts[i])
	c.leaveOut(m.parts[i], m.parts[:i])
	return c
}

// byCell are the same, gone through by their cells. A need is then looked for
// in each: of all cells, those with it would be many more.
func (m *mapping) byCell(i int) *chosen {
	if m.f.Text != "" || m.f.Service != "" || m.f.Withdrawn || m.f.Assigned != "" {
		return m.chosen(i) // that has fewer
	}
	f := m.f
	f.Need = ""
	c := m.s.choose(f, m.parts[i])
	c.from += m.s.db.Using("visits_cell")
	c.leaveOut(m.parts[i], m.parts[:i])
	if m.f.Need != "" {
		c.has(mark{markNeed, m.f.Need})
	}
	return c
}

func (c *chosen) inBox(b hub.Box) {
	c.where("v.lat BETWEEN " + c.args.add(b.South) + " AND " + c.args.add(b.North) + " AND v.lon BETWEEN " + c.args.add(b.West) + " AND " + c.args.add(b.East))
}

func cellsOf(b hub.Box) span {
	return span{rowAt(b.North, cellLevel), rowAt(b.South, cellLevel), columnAt(b.West, cellLevel), columnAt(b.East, cellLevel)}
}

// grid is the squares of clusters on a map.
type grid struct {
	shift int // by how much a square's row and column are those of its cell; below 0: there are several squares in a cell
	found map[[2]int]*square
}

// square is the visits in one square.
type square struct {
	n        int
	lat, lon int64 // sums
	states   map[ark.ReviewState]int
	part     int   // of the sight, in which
	cell     int64 // one of them is
}

// gridOf is the grid for a zoom level, its squares so large that a box has no
// more than hub.MaxClusters of them.
func gridOf(b hub.Box, zoom int) *grid {
	g := &grid{shift: cellLevel - clusterLevel - min(max(zoom, 0), mostZoom), found: map[[2]int]*square{}}
	count := func() int {
		level := cellLevel - g.shift
		return (rowAt(b.South, level) - rowAt(b.North, level) + 1) * (columnAt(b.East, level) - columnAt(b.West, level) + 1)
	}
	for count() > hub.MaxClusters {
		g.shift++
	}
	return g
}

func (g *grid) add(at [2]int, part int, cell int64, state ark.ReviewState, n int, lat, lon int64) {
	sq := g.found[at]
	if sq == nil {
		sq = &square{states: map[ark.ReviewState]int{}, part: part, cell: cell}
		g.found[at] = sq
	}
	sq.n, sq.lat, sq.lon = sq.n+n, sq.lat+lat, sq.lon+lon
	sq.states[state] += n
}

// count adds what was chosen in a part of the sight, summed up by the database.
func (m *mapping) count(ctx context.Context, from string, args []any, part int, sums string) error {
	row, column := fmt.Sprintf("v.cell >> %d", cellLevel+m.shift), fmt.Sprintf("(v.cell & %d) >> %d", cellSide-1, m.shift)
	rows, err := m.q.QueryContext(ctx, "SELECT "+row+", "+column+", v.state, "+sums+from+" GROUP BY "+row+", "+column+", v.state", args...)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		var at [2]int
		var state ark.ReviewState
		var n int
		var lat, lon, cell int64
		if err := rows.Scan(&at[0], &at[1], &state, &n, &lat, &lon, &cell); err != nil {
			return err
		}
		m.add(at, part, cell, state, n, lat, lon)
	}
	return rows.Err()
}

// fine adds what was chosen, one by one, into squares smaller than cells.
func (m *mapping) fine(ctx context.Context, c *chosen) error {
	rows, err := m.q.QueryContext(ctx, "SELECT v.lat, v.lon, v.state, v.position"+c.query(), c.args...)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		var state ark.ReviewState
		var lat, lon, position int64
		if err := rows.Scan(&lat, &lon, &state, &position); err != nil {
			return err
		}
		level := cellLevel - m.shift
		m.add([2]int{rowAt(lat, level), columnAt(lon, level)}, -1, position, state, 1, lat, lon)
	}
	return rows.Err()
}

// clusters are what was counted, from north to south.
func (m *mapping) clusters(ctx context.Context) ([]hub.Cluster, error) {
	keys := make([][2]int, 0, len(m.found))
	for at := range m.found {
		keys = append(keys, at)
	}
	slices.SortFunc(keys, func(a, b [2]int) int { return slices.Compare(a[:], b[:]) })
	all := make([]hub.Cluster, 0, len(keys))
	for _, at := range keys {
		sq := m.found[at]
		c := hub.Cluster{Lat: sq.lat / int64(sq.n), Lon: sq.lon / int64(sq.n), Count: sq.n, States: sq.states}
		if sq.n == 1 {
			var err error
			if c.Visit, err = m.only(ctx, sq); err != nil {
				return nil, err
			}
		}
		all = append(all, c)
	}
	return all, nil
}

// only names the visit that is alone in a square.
func (m *mapping) only(ctx context.Context, sq *square) (ark.ID, error) {
	c := &chosen{from: "visits v", conds: []string{"v.position = $1"}, args: arguments{sq.cell}}
	if sq.part >= 0 {
		c = m.byCell(sq.part)
		c.where("v.cell = " + c.args.add(sq.cell))
		c.inBox(m.box)
	}
	var id []byte
	if err := m.q.QueryRowContext(ctx, "SELECT v.id"+c.query()+" LIMIT 1", c.args...).Scan(&id); err != nil && !noRows(err) {
		return ark.ID{}, err // none: it has changed meanwhile
	}
	if id == nil {
		return ark.ID{}, nil
	}
	return ark.ID(id), nil
}
