package store

import (
	"context"
	"fmt"
	"strings"

	"ark"
)

// overviewStep reads rows of one kind into an overview.
type overviewStep struct {
	choose func(o *overview, c *chosen)
	query  string // what is read; v is where from
	group  string
	each   func(o *overview, r overviewRow)
}

// overviewRow is a row of a step.
type overviewRow struct {
	at                       int64 // ms
	outcome, state           int64
	street, community, value string
	n                        int
}

// read reads the rows of one part of the sight that are not in the parts
// before it.
func (s overviewStep) read(ctx context.Context, q querier, o *overview, part sightPart, before []sightPart) error {
	c := &chosen{}
	s.choose(o, c)
	c.where(part.condition(&c.args))
	c.leaveOut(part, before)
	rows, err := q.QueryContext(ctx, "SELECT "+s.query+c.query()+s.group, c.args...)
	if err != nil {
		return fmt.Errorf("count visits: %w", err)
	}
	defer rows.Close()
	for rows.Next() {
		var r overviewRow
		if err := rows.Scan(&r.at, &r.outcome, &r.state, &r.street, &r.community, &r.value, &r.n); err != nil {
			return fmt.Errorf("count visits: %w", err)
		}
		s.each(o, r)
	}
	return rows.Err()
}

// between holds a query to the days of the overview, from one on.
func (o *overview) between(c *chosen, column string, from int, scale func(ms int64) int64) {
	c.where(column + " >= " + c.args.add(scale(o.edges[from])))
	c.where(column + " < " + c.args.add(scale(o.edges[len(o.edges)-1])))
}

func dayNumber(ms int64) int64 { return (ms + dayShift) / dayMillis }

func plainMillis(ms int64) int64 { return ms }

// ofKind reads day counts of a kind. street is empty for the whole town, whose
// rows are in one piece of the index then.
func ofKind(c *chosen, kind int64, town bool) {
	c.from = "visit_days v"
	c.where("v.kind = " + c.args.add(kind))
	if town {
		c.where("v.street = ''")
	}
}

// ofDays reads visits by day, and those that nobody has reviewed of all time.
func ofDays(kind int64) overviewStep {
	return overviewStep{
		choose: func(o *overview, c *chosen) {
			ofKind(c, kind, kind == dayTown)
			first, end := c.args.add(dayNumber(o.edges[0])), c.args.add(dayNumber(o.edges[len(o.edges)-1]))
			c.where("(v.state = 0 OR v.day >= " + first + " AND v.day < " + end + ")")
		},
		query: "v.day, v.outcome, v.state, v.street, v.community, '', sum(v.n)",
		group: " GROUP BY v.street, v.day, v.community, v.outcome, v.state",
		each: func(o *overview, r overviewRow) {
			ms := dayStart(r.at)
			o.add(ms, ark.Outcome(r.outcome), ark.ReviewState(r.state), r.n)
			if kind == dayArea {
				o.addPlace(ms, placeName{r.street, r.community}, r.n)
			}
		},
	}
}

// ofPlaces reads the visits of the whole town by place: by whole weeks, and by
// the days before and after them.
func ofPlaces(o *overview) []overviewStep {
	from, to := dayNumber(o.edges[o.q.From]), dayNumber(o.edges[len(o.edges)-1])
	first, end := (from+daysOfWeek-1)/daysOfWeek, to/daysOfWeek
	if first >= end {
		return []overviewStep{ofPlacesIn(dayPlace, from, to, 1)}
	}
	return []overviewStep{ofPlacesIn(dayPlace, from, first*daysOfWeek, 1), ofPlacesIn(weekPlace, first, end, daysOfWeek), ofPlacesIn(dayPlace, end*daysOfWeek, to, 1)}
}

// ofPlacesIn reads them from one day or week to another, each so many days
// long.
func ofPlacesIn(kind, from, to, long int64) overviewStep {
	return overviewStep{
		choose: func(_ *overview, c *chosen) {
			ofKind(c, kind, true)
			c.where("v.day >= " + c.args.add(from))
			c.where("v.day < " + c.args.add(to))
		},
		query: "min(v.day), 0, 0, '', '', v.value, sum(v.n)",
		group: " GROUP BY v.value",
		each: func(o *overview, r overviewRow) {
			street, community, _ := strings.Cut(r.value, "\n")
			o.addPlace(dayStart(r.at*long), placeName{street, community}, r.n)
		},
	}
}

// ofNeeds reads the visits with a need.
func ofNeeds(kind int64) overviewStep {
	return overviewStep{
		choose: func(o *overview, c *chosen) {
			ofKind(c, kind, kind == dayTownNeeds)
			o.between(c, "v.day", o.q.From, dayNumber)
		},
		query: "min(v.day), 0, v.state, '', '', v.value, sum(v.n)",
		group: " GROUP BY v.value, v.state",
		each: func(o *overview, r overviewRow) {
			o.addNeed(dayStart(r.at), r.value, ark.ReviewState(r.state), r.n)
		},
	}
}

// ofVisits reads the visits one by one.
var ofVisits = overviewStep{
	choose: func(o *overview, c *chosen) {
		c.from = "visits v"
		c.where(found)
		first, end := c.args.add(o.edges[0]), c.args.add(o.edges[len(o.edges)-1])
		c.where("(v.state = 0 OR v.made >= " + first + " AND v.made < " + end + ")")
	},
	query: "v.made, v.outcome, v.state, v.street, v.community, '', 1",
	each: func(o *overview, r overviewRow) {
		o.add(r.at, ark.Outcome(r.outcome), ark.ReviewState(r.state), r.n)
		if r.street == "" {
			r.community = ""
		}
		o.addPlace(r.at, placeName{r.street, r.community}, r.n)
	},
}

// ofVisitNeeds reads their needs.
var ofVisitNeeds = overviewStep{
	choose: func(o *overview, c *chosen) {
		c.from = "visits v JOIN visit_marks m ON m.position = v.position"
		c.where(found)
		c.where("m.kind = 2")
		o.between(c, "v.made", o.q.From, plainMillis)
	},
	query: "v.made, 0, v.state, '', '', m.value, 1",
	each: func(o *overview, r overviewRow) {
		o.addNeed(r.at, r.value, ark.ReviewState(r.state), r.n)
	},
}
