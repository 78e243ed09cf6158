package store

import (
	"time"

	"ark"
)

// dayCounts are how many visits of each day there are: what a change adds and
// takes away, and once they are written down the table visit_days. Days are those of UTC+8,
// where vans go; whoever asks for others is answered from the visits
// themselves.
type dayCounts map[dayCount]int64

type dayCount struct {
	kind       int64
	street     string
	day        int64
	community  string
	van        int64
	outcome    int64
	state      int64
	needOrArea string
}

// Kinds of day counts. They are in the table.
const (
	dayTown      int64 = 0
	dayArea      int64 = 1 // of a community, or of a van
	dayPlace     int64 = 2 // of a community, without all else
	weekPlace    int64 = 5 // as dayPlace, of a week: its number
	dayTownNeeds int64 = 3
	dayAreaNeeds int64 = 4
)

const (
	dayMillis  = 86_400_000
	dayShift   = 8 * 3_600_000 // ms, of UTC+8
	daysOfWeek = 7             // the first begins with day 0
)

// dayOf is the number of the day of a time; whole tells whether the day begins
// with it.
func dayOf(at time.Time) (day int64, whole bool) {
	ms := madeAt(ark.Milli(at)) + dayShift
	return ms / dayMillis, ms%dayMillis == 0
}

// dayStart is when a day begins, in ms.
func dayStart(day int64) int64 { return day*dayMillis - dayShift }

// change counts a visit n times more.
func (c dayCounts) change(v counted, n int64) {
	at := v.where.Plain()
	area := dayCount{kind: dayArea, street: at.Street, day: (v.made + dayShift) / dayMillis, outcome: int64(v.outcome), state: int64(v.state)}
	if at.Street == "" {
		area.van = v.van
	} else {
		area.community = at.Community
	}
	town := dayCount{kind: dayTown, day: area.day, outcome: area.outcome, state: area.state}
	c[area] += n
	c[town] += n
	key := placeKey(area.street, area.community)
	c[dayCount{kind: dayPlace, day: area.day, needOrArea: key}] += n
	c[dayCount{kind: weekPlace, day: area.day / daysOfWeek, needOrArea: key}] += n
	for _, m := range v.marks {
		if m.kind != markNeed {
			continue
		}
		for of, kind := range map[dayCount]int64{area: dayAreaNeeds, town: dayTownNeeds} {
			of.kind, of.outcome, of.needOrArea = kind, 0, m.value
			c[of] += n
		}
	}
}

// placeKey is a community of a street as one text: no name has a line's end.
func placeKey(street, community string) string {
	if street == "" {
		return ""
	}
	return street + "\n" + community
}

const (
	dayWidth = 9
	addDay   = "INSERT INTO visit_days (kind, street, day, community, van, outcome, state, value, n) VALUES "
	dayTail  = " ON CONFLICT (kind, street, day, community, van, outcome, state, value) DO UPDATE SET n = visit_days.n + excluded.n"
)

// rows are the counts as the table has them.
func (c dayCounts) rows() []any {
	all := make([]any, 0, dayWidth*len(c))
	for d, n := range c {
		if n != 0 {
			all = append(all, d.kind, d.street, d.day, d.community, d.van, d.outcome, d.state, d.needOrArea, n)
		}
	}
	return all
}
