package console

import (
	"cmp"
	"slices"
	"time"

	"ark"
	"ark/hub"
)

// stopGap is how long nothing may happen before a van's stop is over. Vans do
// not tell where they are: a stop is made of what was done there.
const stopGap = 45 * time.Minute

// doing is something that a van's crew did: a visit, or a broadcast.
type doing struct {
	At, Until time.Time
	Doubt     bool       // by a clock that may be wrong
	Visit     *hub.Visit // nil: it is the broadcast
	Bar       bar
}

// stop is a stretch of the day at one place, down to the compound. Broadcasts
// without a visit near them are a stretch, too, of which nobody knows the
// place.
type stop struct {
	Place   ark.Place
	Doings  []doing // in the order of time
	Visits  int
	Met     int
	Casts   int // that sounded
	Doubted bool
}

// From is when the first thing of it was done.
func (s stop) From() time.Time { return s.Doings[0].At }

// Until is when the last thing of it was over.
func (s stop) Until() time.Time {
	until := s.From()
	for _, d := range s.Doings {
		if d.Until.After(until) {
			until = d.Until
		}
	}
	return until
}

// Name is the place as people call it; empty: nobody knows.
func (s stop) Name() string { return cmp.Or(s.Place.Compound, s.Place.Community, s.Place.Street) }

// stopsOf divides what was done in a day. A stop ends where the next visit is
// at another place, or where nothing was done for longer than stopGap.
func stopsOf(all []doing) (stops []stop) {
	all = slices.Clone(all)
	slices.SortStableFunc(all, func(a, b doing) int { return a.At.Compare(b.At) })
	for _, d := range all {
		place, last := stopPlace(d), len(stops)-1
		switch {
		case last < 0 || d.At.Sub(stops[last].Until()) > stopGap:
			stops = append(stops, stop{})
		case !hub.Meet(place.Plain(), stops[last].Place.Plain()):
			n := arrival(stops[last].Doings, d.At)
			taken := slices.Clone(stops[last].Doings[n:])
			stops[last].Doings = stops[last].Doings[:n]
			stops = append(stops, stop{Doings: taken})
		}
		s := &stops[len(stops)-1]
		s.Doings = append(s.Doings, d)
		if parts(place) > parts(s.Place) {
			s.Place = place
		}
	}
	for i := range stops {
		stops[i].count()
	}
	return stops
}

// arrival is from where on what was done at a place belongs to the next one:
// the broadcasts after the last visit that are nearer to the visit there.
func arrival(all []doing, next time.Time) int {
	n := len(all)
	for n > 0 && all[n-1].Visit == nil {
		n--
	}
	if n == 0 {
		return len(all) // no visit was before them
	}
	for left := all[n-1].Until; n < len(all); n++ {
		if all[n].At.Sub(left) > next.Sub(all[n].At) {
			break
		}
	}
	return n
}

// stopPlace is where something was done, down to the compound, as far as it
// says so.
func stopPlace(d doing) (p ark.Place) {
	if d.Visit == nil {
		return p
	}
	at := d.Visit.Where
	if at == (ark.Place{}) {
		if at = ark.ParsePlace(d.Visit.Place); at.Building == "" { // what was not understood is all in Compound
			return p
		}
	}
	return ark.Place{Street: at.Street, Community: at.Community, Grid: at.Grid, Compound: at.Compound}
}

// parts is how many parts of a place are known.
func parts(p ark.Place) (n int) {
	for _, part := range p.Parts() {
		if part != "" {
			n++
		}
	}
	return n
}

func (s *stop) count() {
	for _, d := range s.Doings {
		s.Doubted = s.Doubted || d.Doubt
		switch {
		case d.Visit == nil && !d.Bar.Mute:
			s.Casts++
		case d.Visit != nil:
			s.Visits++
			if d.Visit.Outcome == ark.Met {
				s.Met++
			}
		}
	}
}
