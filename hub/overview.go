package hub

import (
	"context"
	"time"

	"ark"
)

// OverviewQuery asks for counts of visits.
type OverviewQuery struct {
	// Days are the midnights between which it counts, in their order: 2 to
	// MaxOverviewDays+1 of them.
	Days []time.Time
	// From is the first of these days of which places and needs are counted.
	From int
}

// MaxOverviewDays is the most days of one overview.
const MaxOverviewDays = 400

// Overview is how many visits there are of each kind, as they are now. What
// was withdrawn is not in it. A day is the one on which a visit was made.
type Overview struct {
	Days      []DayCount // one for each day
	Places    []PlaceCount
	Needs     []NeedCount
	NewBefore int // that nobody has reviewed yet, of the time before all days
	NewAfter  int // and of the time after them: of clocks that are ahead
}

// DayCount is the visits of a day.
type DayCount struct {
	Outcomes map[ark.Outcome]int
	New      int // that nobody has reviewed yet
}

// All is how many visits of a day there are.
func (d DayCount) All() (n int) {
	for _, some := range d.Outcomes {
		n += some
	}
	return n
}

// PlaceCount is the visits of a community. The zero Place is of those that
// name no street.
type PlaceCount struct {
	Place ark.Place // street and community, as somebody has written them
	Count int
}

// NeedCount is the visits that have a need of some kind; New of them nobody
// has reviewed yet.
type NeedCount struct {
	Code       string // or AnyNeed
	Count, New int
}

// Overviews count visits for those who look at all of them.
type Overviews interface {
	// Overview counts the visits in sight: places and needs by how often they
	// occur. ErrInvalid: these are no days.
	Overview(ctx context.Context, s Sight, q OverviewQuery) (Overview, error)
}

// Check tells what is wrong with a query, if anything.
func (q OverviewQuery) Check() error {
	if len(q.Days) < 2 || len(q.Days) > MaxOverviewDays+1 || q.From < 0 || q.From >= len(q.Days)-1 {
		return ErrInvalid
	}
	for i := range q.Days[1:] {
		if !q.Days[i].Before(q.Days[i+1]) {
			return ErrInvalid
		}
	}
	return nil
}

// Ages are the visits that nobody has reviewed, by how long ago they were made.
// The last day is today, and there are 9 of them or more.
func (o Overview) Ages() (a ReviewAges) {
	a[0], a[3] = o.NewAfter, o.NewBefore
	for i, d := range o.Days {
		switch ago := len(o.Days) - 1 - i; {
		case ago == 0:
			a[0] += d.New
		case ago <= 3:
			a[1] += d.New
		case ago <= 7:
			a[2] += d.New
		default:
			a[3] += d.New
		}
	}
	return a
}
