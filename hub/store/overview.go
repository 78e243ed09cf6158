package store

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	"ark"
	"ark/hub"
)

// Overview counts the visits in sight; see hub.Overviews. All counts are of
// one moment.
func (s *Store) Overview(ctx context.Context, sight hub.Sight, q hub.OverviewQuery) (hub.Overview, error) {
	if err := q.Check(); err != nil {
		return hub.Overview{}, fmt.Errorf("overview: %w", err)
	}
	tx, err := s.moment(ctx)
	if err != nil {
		return hub.Overview{}, fmt.Errorf("overview: %w", err)
	}
	defer tx.Rollback()
	o := &overview{q: q, whole: sight.Whole, places: map[placeName]int{}, needs: map[string]*hub.NeedCount{}}
	for _, day := range q.Days {
		o.edges = append(o.edges, madeAt(ark.Milli(day)))
	}
	o.Days = make([]hub.DayCount, len(q.Days)-1)
	for i := range o.Days {
		o.Days[i].Outcomes = map[ark.Outcome]int{}
	}
	parts, err := s.sightParts(ctx, tx, sight, hub.VisitFilter{})
	if err != nil {
		return hub.Overview{}, fmt.Errorf("overview: %w", err)
	}
	if err := o.read(ctx, tx, parts); err != nil {
		return hub.Overview{}, fmt.Errorf("overview: %w", err)
	}
	return o.sorted(), nil
}

// overview is an overview while it is counted.
type overview struct {
	hub.Overview
	q      hub.OverviewQuery
	edges  []int64 // q.Days in ms
	whole  bool    // all is in sight
	places map[placeName]int
	needs  map[string]*hub.NeedCount
	names  map[placeName]ark.Place
}

// placeName is a street and a community in the form for comparing.
type placeName struct{ street, community string }

func (o *overview) read(ctx context.Context, q querier, parts []sightPart) error {
	from := o.source(parts)
	for i, part := range parts {
		for _, step := range from {
			if err := step.read(ctx, q, o, part, parts[:i]); err != nil {
				return err
			}
		}
	}
	return o.name(ctx, q)
}

// source is what is read for the overview: the counts by day, if the days are
// theirs and no part of the sight is smaller than a community, or else the
// visits one by one.
func (o *overview) source(parts []sightPart) []overviewStep {
	counted := !slices.ContainsFunc(parts, func(p sightPart) bool { return p.within.Grid+p.within.Compound+p.within.Building != "" })
	for _, day := range o.q.Days {
		_, whole := dayOf(day)
		counted = counted && whole
	}
	switch {
	case !counted:
		return []overviewStep{ofVisits, ofVisitNeeds}
	case o.whole:
		return append(ofPlaces(o), ofDays(dayTown), ofNeeds(dayTownNeeds))
	}
	return []overviewStep{ofDays(dayArea), ofNeeds(dayAreaNeeds)}
}

// at is the number of the day in which a time lies; -1: before all of them.
func (o *overview) at(ms int64) int {
	i, is := slices.BinarySearch(o.edges, ms)
	if !is {
		i--
	}
	return i
}

// add counts n visits of a time.
func (o *overview) add(ms int64, outcome ark.Outcome, state ark.ReviewState, n int) {
	day, unread := o.at(ms), 0
	if state == ark.ReviewNone {
		unread = n
	}
	switch {
	case day < 0:
		o.NewBefore += unread
	case day >= len(o.Days):
		o.NewAfter += unread
	default:
		o.Days[day].Outcomes[outcome] += n
		o.Days[day].New += unread
	}
}

func (o *overview) addPlace(ms int64, at placeName, n int) {
	if day := o.at(ms); day >= o.q.From && day < len(o.Days) {
		o.places[at] += n
	}
}

func (o *overview) addNeed(ms int64, code string, state ark.ReviewState, n int) {
	if day := o.at(ms); day < o.q.From || day >= len(o.Days) {
		return
	}
	need := o.needs[code]
	if need == nil {
		need = &hub.NeedCount{Code: code}
		o.needs[code] = need
	}
	need.Count += n
	if state == ark.ReviewNone {
		need.New += n
	}
}

// name finds how the places are written.
func (o *overview) name(ctx context.Context, q querier) error {
	o.names = map[placeName]ark.Place{}
	if len(o.places) == 0 {
		return nil
	}
	rows, err := q.QueryContext(ctx, "SELECT street, community, min(said_street), min(said_community) FROM visit_places GROUP BY street, community")
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		var at placeName
		var said ark.Place
		if err := rows.Scan(&at.street, &at.community, &said.Street, &said.Community); err != nil {
			return err
		}
		o.names[at] = said
	}
	return rows.Err()
}

// sorted is the overview with what occurs most first.
func (o *overview) sorted() hub.Overview {
	for i := range o.Days {
		for outcome, n := range o.Days[i].Outcomes {
			if n == 0 {
				delete(o.Days[i].Outcomes, outcome)
			}
		}
	}
	for at, n := range o.places {
		if n > 0 {
			o.Places = append(o.Places, hub.PlaceCount{Place: o.names[at], Count: n})
		}
	}
	for _, need := range o.needs {
		if need.Count > 0 {
			o.Needs = append(o.Needs, *need)
		}
	}
	slices.SortFunc(o.Places, func(a, b hub.PlaceCount) int {
		return cmp.Or(cmp.Compare(b.Count, a.Count), cmp.Compare(a.Place.Street, b.Place.Street), cmp.Compare(a.Place.Community, b.Place.Community))
	})
	slices.SortFunc(o.Needs, func(a, b hub.NeedCount) int {
		return cmp.Or(cmp.Compare(b.Count, a.Count), cmp.Compare(a.Code, b.Code))
	})
	return o.Overview
}
