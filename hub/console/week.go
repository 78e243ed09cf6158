package console

import (
	"time"

	"ark"
)

// week is the calendar of seven days, Monday first.
type week struct {
	Monday ark.Date
	Days   []weekDay
	Before ark.Date // the Monday before and the one after
	After  ark.Date
}

// weekDay is one day of it.
type weekDay struct {
	Date   ark.Date
	At     time.Time // its noon, for words
	Today  bool
	Quiet  []ark.Span // quiet hours, cut at midnight, in their order; To 24*60: until its end
	Starts []start
}

// mondayOf is the Monday of the week in which a day lies.
func mondayOf(day time.Time) time.Time {
	back := (int(day.Weekday()) + 6) % 7
	return time.Date(day.Year(), day.Month(), day.Day()-back, 0, 0, 0, 0, day.Location())
}

// weekOf lays starts out over a week; they are those of that week. now says
// which day is today.
func weekOf(monday, now time.Time, starts []start, quiet []ark.Span) week {
	w := week{Monday: ark.DateOf(monday), Before: ark.DateOf(monday.AddDate(0, 0, -7)), After: ark.DateOf(monday.AddDate(0, 0, 7))}
	for i := range 7 {
		noon := time.Date(monday.Year(), monday.Month(), monday.Day()+i, 12, 0, 0, 0, monday.Location())
		d := weekDay{Date: ark.DateOf(noon), At: noon, Quiet: ofDay(quiet)}
		d.Today = d.Date == ark.DateOf(now.In(monday.Location()))
		for _, s := range starts {
			if ark.DateOf(s.Due) == d.Date {
				d.Starts = append(d.Starts, s)
			}
		}
		w.Days = append(w.Days, d)
	}
	return w
}

// ofDay are spans as they lie in one day, from midnight to midnight, in their
// order and joined where they meet.
func ofDay(spans []ark.Span) []ark.Span {
	var minutes [24*60 + 1]bool // the last one is never quiet: it ends a run
	for m := range 24 * 60 {
		at := time.Date(2000, 1, 1, m/60, m%60, 0, 0, time.UTC)
		minutes[m] = ark.Neighbours{Quiet: spans}.QuietAt(at)
	}
	var out []ark.Span
	for m, quiet := range minutes {
		switch was := m > 0 && minutes[m-1]; {
		case quiet && !was:
			out = append(out, ark.Span{From: m, To: 24 * 60})
		case !quiet && was:
			out[len(out)-1].To = m
		}
	}
	return out
}

// calendarHour is a line of the week's table: one hour, or several in which
// nothing starts on any day.
type calendarHour struct {
	From, To int // To is not in it
	Cells    []calendarCell
}

// calendarCell is what starts in an hour of a day.
type calendarCell struct {
	Quiet  bool // quiet hours hold for all of it
	Partly bool // for a part of it
	Today  bool
	Starts []start
}

// hours are the lines of the week's table.
func (w week) hours() (all []calendarHour) {
	for h := range 24 {
		line := calendarHour{From: h, To: h + 1}
		empty := true
		for _, d := range w.Days {
			cell := calendarCell{Today: d.Today}
			for _, s := range d.Starts {
				if s.Due.Hour() == h {
					cell.Starts, empty = append(cell.Starts, s), false
				}
			}
			for _, q := range d.Quiet {
				cell.Quiet = cell.Quiet || q.From <= h*60 && q.To >= (h+1)*60
				cell.Partly = cell.Partly || q.From < (h+1)*60 && q.To > h*60
			}
			cell.Partly = cell.Partly && !cell.Quiet
			line.Cells = append(line.Cells, cell)
		}
		if n := len(all); empty && n > 0 && all[n-1].empty() && alike(all[n-1].Cells, line.Cells) {
			all[n-1].To = h + 1
			continue
		}
		all = append(all, line)
	}
	return all
}

func (h calendarHour) empty() bool {
	for _, c := range h.Cells {
		if len(c.Starts) > 0 {
			return false
		}
	}
	return true
}

// alike tells whether two empty lines are shaded alike.
func alike(a, b []calendarCell) bool {
	for i := range a {
		if a[i].Quiet != b[i].Quiet || a[i].Partly != b[i].Partly {
			return false
		}
	}
	return true
}
