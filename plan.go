package ark

import (
	"fmt"
	"slices"
	"time"
)

// Plan is the body of an order: what the van plays when. The whole of it
// replaces what held before.
type Plan struct {
	Version int64      `cbor:"1,keyasint"`
	Zone    string     `cbor:"2,keyasint"` // IANA zone of dates and times of day
	Items   []PlanItem `cbor:"3,keyasint,omitempty"`
}

// MaxPlanItems is the most items of a plan, MaxDates the most dates and
// exceptions of one item.
const (
	MaxPlanItems = 200
	MaxDates     = 60
	MaxGrace     = 3600 // seconds
)

// Date is a day, as 2006-01-02. Texts of this form compare as days do.
type Date string

// ParseDate reads a day.
func ParseDate(s string) (Date, error) {
	if t, err := time.Parse(time.DateOnly, s); err != nil || t.Year() < 2000 || t.Year() > 2200 {
		return "", fmt.Errorf("date %q: want a day such as 2026-11-25", s)
	}
	return Date(s), nil
}

// DateOf is the day of a time, in its own zone.
func DateOf(t time.Time) Date { return Date(t.Format(time.DateOnly)) }

// PlanItem is one line of a plan: an announcement at one time of day, on days
// of the week and on dates, but not on exceptions.
type PlanItem struct {
	ID           ID             `cbor:"1,keyasint"`
	Announcement AnnouncementID `cbor:"2,keyasint"`
	Weekdays     uint8          `cbor:"3,keyasint,omitempty"` // bit 0: Sunday … bit 6: Saturday, as time.Weekday
	Dates        []Date         `cbor:"4,keyasint,omitempty"` // on these days too
	Except       []Date         `cbor:"5,keyasint,omitempty"` // not on these
	At           int            `cbor:"6,keyasint"`           // seconds since local midnight, by the wall clock
	Grace        int            `cbor:"7,keyasint,omitempty"` // for how many seconds a missed start is made up for
	From         Date           `cbor:"8,keyasint,omitempty"` // first day of the weekly rule; empty: always
	Until        Date           `cbor:"9,keyasint,omitempty"` // its last day; empty: for ever
}

// On tells whether the item has a start on a day.
func (i PlanItem) On(day Date, weekday time.Weekday) bool {
	for _, d := range i.Except {
		if d == day {
			return false
		}
	}
	for _, d := range i.Dates {
		if d == day {
			return true
		}
	}
	return i.Weekdays&(1<<weekday) != 0 && day >= i.From && (i.Until == "" || day <= i.Until)
}

// Check tells what is wrong with a plan, if anything.
func (p Plan) Check() error {
	if len(p.Items) > MaxPlanItems || len(p.Zone) == 0 || len(p.Zone) > 64 {
		return fmt.Errorf("plan: %d items, zone %q", len(p.Items), p.Zone)
	}
	seen := map[ID]bool{}
	for _, i := range p.Items {
		if err := i.Check(); err != nil {
			return fmt.Errorf("plan: %w", err)
		}
		if seen[i.ID] {
			return fmt.Errorf("plan: item %s stands twice", i.ID)
		}
		seen[i.ID] = true
	}
	return nil
}

// Check tells what is wrong with an item, if anything.
func (i PlanItem) Check() error {
	switch {
	case i.ID.IsZero():
		return fmt.Errorf("item without an id")
	case !announcementID.MatchString(string(i.Announcement)):
		return fmt.Errorf("item %s: announcement %q", i.ID, i.Announcement)
	case i.Weekdays > 127, i.At < 0 || i.At >= 24*3600, i.Grace < 0 || i.Grace > MaxGrace, len(i.Dates) > MaxDates, len(i.Except) > MaxDates:
		return fmt.Errorf("item %s: weekdays %d, at %d s, grace %d s, %d dates, %d exceptions", i.ID, i.Weekdays, i.At, i.Grace, len(i.Dates), len(i.Except))
	case i.From != "" && i.Until != "" && i.Until < i.From:
		return fmt.Errorf("item %s: ends before it begins", i.ID)
	}
	days := append(append([]Date{}, i.Dates...), i.Except...)
	for _, d := range []Date{i.From, i.Until} {
		if d != "" {
			days = append(days, d)
		}
	}
	for _, d := range days {
		if _, err := ParseDate(string(d)); err != nil {
			return fmt.Errorf("item %s: %w", i.ID, err)
		}
	}
	return nil
}

// Occurrence is one start of an item.
type Occurrence struct {
	Item PlanItem
	Due  time.Time
}

// Between lists the starts that are due after from and not after to, in their
// order; zone is that of Zone. A time of day that the clocks skip when summer
// time begins is due as much later as they are put forward; one that comes
// twice when it ends is due the first time.
func (p Plan) Between(from, to time.Time, zone *time.Location) []Occurrence {
	var all []Occurrence
	from, to = from.In(zone), to.In(zone)
	day := time.Date(from.Year(), from.Month(), from.Day()-1, 12, 0, 0, 0, zone)
	for ; !day.After(to.AddDate(0, 0, 2)); day = day.AddDate(0, 0, 1) {
		date, weekday := DateOf(day), day.Weekday()
		for _, i := range p.Items {
			if !i.On(date, weekday) {
				continue
			}
			if due := atClock(day, i.At, zone); due.After(from) && !due.After(to) {
				all = append(all, Occurrence{i, due})
			}
		}
	}
	slices.SortStableFunc(all, func(a, b Occurrence) int { return a.Due.Compare(b.Due) })
	return all
}

// atClock is when the wall clock shows a time of day: by the offset that held
// the day before, if it still does, else by the one that holds now. Where
// neither is right the clocks skip it. time.Date does not say which of two it
// takes.
func atClock(day time.Time, seconds int, zone *time.Location) time.Time {
	shown := time.Date(day.Year(), day.Month(), day.Day(), 0, 0, seconds, 0, time.UTC)
	with := func(offset int) time.Time { return shown.Add(-time.Duration(offset) * time.Second).In(zone) }
	offset := func(t time.Time) int { _, o := t.Zone(); return o }
	before := offset(shown.AddDate(0, 0, -1).In(zone))
	first := with(before)
	if offset(first) == before {
		return first
	}
	if second := with(offset(first)); offset(second) == offset(first) {
		return second
	}
	return first
}
