package store

import (
	"fmt"

	"ark"
	"ark/internal/database"
)

// counts are how many visits there are of each kind in each place, and on each
// spot of the map, and on each day: what a change adds and takes away, and
// after flush the tables visit_tallies, visit_cells, visit_need_cells and
// visit_days. They hold
// what was not withdrawn.
type counts struct {
	tallies map[tally]int64
	spots   map[spot]sum
	needs   map[needSpot]sum
	days    dayCounts
}

// tally is what is counted: a value of some kind of visits in a place, down to
// the compound, of a van.
type tally struct {
	place, van, kind int64
	value            string
}

// Kinds of tallies beside those of marks. They are in the table.
const (
	tallyVisit int64 = 0
	tallyBy    int64 = 3
)

// spot is a cell of the map, and whose visits in it in which state are counted.
type spot struct{ place, van, cell, state, outcome int64 }

// needSpot is a spot of the visits with a need, wherever and whosever they are.
type needSpot struct {
	value                string
	cell, state, outcome int64
}

// ofAll stands for all places, or all vans: what most ask for is summed up
// before, too.
const ofAll = -1

type sum struct{ n, lat, lon int64 }

// plus is the sum with a place n times more.
func (s sum) plus(n int64, at ark.Geo) sum {
	return sum{s.n + n, s.lat + n*at.Lat, s.lon + n*at.Lon}
}

// counted is a visit as it is counted.
type counted struct {
	*traits
	state ark.ReviewState
}

func (c *counts) add(v counted)  { c.change(v, 1) }
func (c *counts) take(v counted) { c.change(v, -1) }

func (c *counts) change(v counted, n int64) {
	if c.tallies == nil {
		c.tallies = map[tally]int64{}
	}
	c.tallies[tally{v.place, v.van, tallyVisit, ""}] += n
	c.tallies[tally{v.place, ofAll, tallyVisit, ""}] += n
	c.tallies[tally{ofAll, v.van, tallyVisit, ""}] += n
	if v.by != "" {
		c.tallies[tally{v.place, v.van, tallyBy, v.by}] += n
		c.tallies[tally{ofAll, ofAll, tallyBy, v.by}] += n
	}
	for _, m := range v.marks {
		if m.value != anyNeed {
			c.tallies[tally{v.place, v.van, m.kind, m.value}] += n
			c.tallies[tally{ofAll, ofAll, m.kind, m.value}] += n
		}
	}
	c.move(v, n)
}

// move changes only what is counted by the state of review: on the map, and by
// day.
func (c *counts) move(v counted, n int64) {
	if c.days == nil {
		c.days = dayCounts{}
	}
	c.days.change(v, n)
	if v.geo == nil {
		return
	}
	if c.spots == nil {
		c.spots, c.needs = map[spot]sum{}, map[needSpot]sum{}
	}
	cell := cellOf(v.geo.Lat, v.geo.Lon)
	for _, at := range []spot{{v.place, v.van, cell, int64(v.state), int64(v.outcome)}, {ofAll, ofAll, cell, int64(v.state), int64(v.outcome)}} {
		c.spots[at] = c.spots[at].plus(n, *v.geo)
	}
	for _, m := range v.marks {
		if m.kind == markNeed {
			at := needSpot{m.value, cell, int64(v.state), int64(v.outcome)}
			c.needs[at] = c.needs[at].plus(n, *v.geo)
		}
	}
}

// What a count grows by is told in many rows of one statement.
const (
	tallyWidth = 5
	addTally   = "INSERT INTO visit_tallies (place, van, kind, value, n) VALUES "
	tallyTail  = " ON CONFLICT (place, van, kind, value) DO UPDATE SET n = visit_tallies.n + excluded.n"

	spotWidth = 8
	addSpot   = "INSERT INTO visit_cells (place, van, cell, state, outcome, n, lat, lon) VALUES "
	spotTail  = ` ON CONFLICT (place, van, cell, state, outcome) DO UPDATE
		SET n = visit_cells.n + excluded.n, lat = visit_cells.lat + excluded.lat, lon = visit_cells.lon + excluded.lon`

	needWidth = 7
	addNeed   = "INSERT INTO visit_need_cells (value, cell, state, outcome, n, lat, lon) VALUES "
	needTail  = ` ON CONFLICT (value, cell, state, outcome) DO UPDATE
		SET n = visit_need_cells.n + excluded.n, lat = visit_need_cells.lat + excluded.lat, lon = visit_need_cells.lon + excluded.lon`
)

// flush writes the counts down.
func (s *Store) flush(tx *database.Tx, c *counts) error {
	tallies := make([]any, 0, tallyWidth*len(c.tallies))
	for at, n := range c.tallies {
		if n != 0 {
			tallies = append(tallies, at.place, at.van, at.kind, at.value, n)
		}
	}
	if _, err := insert(tx, s.bulk.tallies, tallyWidth, tallies); err != nil {
		return fmt.Errorf("count visits: %w", err)
	}
	spots := make([]any, 0, spotWidth*len(c.spots))
	for at, n := range c.spots {
		if n != (sum{}) {
			spots = append(spots, at.place, at.van, at.cell, at.state, at.outcome, n.n, n.lat, n.lon)
		}
	}
	if _, err := insert(tx, s.bulk.spots, spotWidth, spots); err != nil {
		return fmt.Errorf("count visits on the map: %w", err)
	}
	needs := make([]any, 0, needWidth*len(c.needs))
	for at, n := range c.needs {
		if n != (sum{}) {
			needs = append(needs, at.value, at.cell, at.state, at.outcome, n.n, n.lat, n.lon)
		}
	}
	if _, err := insert(tx, s.bulk.needs, needWidth, needs); err != nil {
		return fmt.Errorf("count needs on the map: %w", err)
	}
	if _, err := insert(tx, s.bulk.days, dayWidth, c.days.rows()); err != nil {
		return fmt.Errorf("count visits by day: %w", err)
	}
	*c = counts{}
	return nil
}

// countedAs is a visit as it is counted now, by its position; false: it is not.
func countedAs(tx *database.Tx, position int64) (v counted, is bool, err error) {
	var place, lat, lon *int64
	v.traits = &traits{}
	var live int64
	err = tx.QueryRow("SELECT van, made, street, community, outcome, place, by, lat, lon, state, CASE WHEN changed > 0 AND withdrawn = 0 THEN 1 ELSE 0 END FROM visits WHERE position = $1", position).
		Scan(&v.van, &v.made, &v.where.Street, &v.where.Community, &v.outcome, &place, &v.by, &lat, &lon, &v.state, &live)
	if err != nil || live == 0 {
		return v, false, err
	}
	if place != nil {
		v.place = *place
	}
	if lat != nil && lon != nil {
		v.geo = &ark.Geo{Lat: *lat, Lon: *lon}
	}
	rows, err := tx.Query("SELECT kind, value FROM visit_marks WHERE position = $1", position)
	if err != nil {
		return v, false, err
	}
	defer rows.Close()
	for rows.Next() {
		var m mark
		if err := rows.Scan(&m.kind, &m.value); err != nil {
			return v, false, err
		}
		v.marks = append(v.marks, m)
	}
	return v, true, rows.Err()
}
