package console

import (
	"cmp"
	"slices"
	"time"

	"ark"
	"ark/hub"
)

// chimeLength is how long the chime before an announcement sounds: agent/sound
// makes it so.
const chimeLength = 1300 * time.Millisecond

// lengthOf is about how long an announcement sounds, repeats included: lead-in
// and joins of the van are not in it. Music that goes round for ever has the
// length of its bound, or none.
func lengthOf(a ark.Announcement) time.Duration {
	var once time.Duration
	for _, r := range a.Recordings {
		once += time.Duration(r.Frames) * time.Second / ark.SampleRate
	}
	if n := len(a.Recordings); n > 1 {
		once += time.Duration(n-1) * a.Gap()
	}
	if a.Chime {
		once += chimeLength + a.Gap()
	}
	all, most := once, time.Duration(a.MaxSeconds)*time.Second
	if a.Repeats > 0 {
		all += time.Duration(a.Repeats) * (a.Rest() + once)
	}
	if most > 0 && (all > most || a.Repeats == ark.RepeatForever) {
		return most
	}
	return all
}

// start is one start of an item of the plan, with all that stands against it.
type start struct {
	Row    hub.PlanRow
	Due    time.Time // in the zone of the plan
	Title  ark.Text
	Class  ark.Class
	Length time.Duration
	Faults []fault
}

// fault is a reason why a start will not be heard, or not as it is meant.
type fault struct {
	Word  string      // a fault… word; pages translate it
	Vans  []ark.VanID // where it holds; empty: on all that the item is for
	Other ark.Text    // the title of the other announcement, for faultSame and faultOverlap
}

// The faults.
const (
	faultSame      = "same"      // another starts in the same second
	faultOverlap   = "overlap"   // another still sounds
	faultQuiet     = "quiet"     // quiet hours: the van will refuse it
	faultNotValid  = "not-valid" // outside the announcement's dates
	faultWithdrawn = "withdrawn" // the announcement is in no library any more
	faultUnknown   = "unknown"   // there is no such announcement
	faultMissing   = "missing"   // it has no recording in one of the library's languages
)

// grounds is what starts are judged by.
type grounds struct {
	Editions  map[ark.AnnouncementID]hub.Edition
	Languages []ark.Language                         // what an announcement should have
	Vans      []ark.VanID                            // all there are
	Quiet     func(van ark.VanID, at time.Time) bool // whether a van has quiet hours then
}

// startsOf are the starts of the rows after from and not after to, in the zone
// given, in their order, each judged.
func startsOf(rows []hub.PlanRow, from, to time.Time, zone *time.Location, g grounds) []start {
	var all []start
	byID := map[ark.ID]hub.PlanRow{}
	plan := ark.Plan{Zone: zone.String()}
	for _, r := range rows {
		if !r.Paused {
			plan.Items = append(plan.Items, r.PlanItem)
			byID[r.ID] = r
		}
	}
	for _, o := range plan.Between(from, to, zone) {
		s := start{Row: byID[o.Item.ID], Due: o.Due, Title: ark.Text{Zh: string(o.Item.Announcement), En: string(o.Item.Announcement)}}
		if e, ok := g.Editions[o.Item.Announcement]; ok {
			s.Title, s.Class, s.Length = e.Title, e.Class, lengthOf(e.Announcement)
		}
		s.Faults = g.alone(s)
		all = append(all, s)
	}
	together(all)
	return all
}

// alone is what stands against a start by itself.
func (g grounds) alone(s start) (faults []fault) {
	e, ok := g.Editions[s.Row.Announcement]
	if !ok {
		return []fault{{Word: faultUnknown}}
	}
	if e.Withdrawn {
		faults = append(faults, fault{Word: faultWithdrawn})
	}
	if !e.Valid(ark.Milli(s.Due)) {
		faults = append(faults, fault{Word: faultNotValid})
	}
	if lacks(e.Announcement, g.Languages) {
		faults = append(faults, fault{Word: faultMissing})
	}
	if e.Class.Emergency() || g.Quiet == nil {
		return faults
	}
	vans := s.Row.Vans
	if len(vans) == 0 {
		vans = g.Vans
	}
	var quiet []ark.VanID
	for _, v := range vans {
		if g.Quiet(v, s.Due) {
			quiet = append(quiet, v)
		}
	}
	if len(vans) == 0 && g.Quiet("", s.Due) || len(quiet) > 0 && len(quiet) == len(vans) {
		return append(faults, fault{Word: faultQuiet})
	}
	if len(quiet) > 0 {
		faults = append(faults, fault{Word: faultQuiet, Vans: quiet})
	}
	return faults
}

// lacks tells whether an announcement has no recording in a language that it
// should have. Music has none.
func lacks(a ark.Announcement, languages []ark.Language) bool {
	if len(a.Recordings) == 0 {
		return true
	}
	if a.Class == ark.ClassMusic {
		return false
	}
	for _, l := range languages {
		if !slices.ContainsFunc(a.Recordings, func(r ark.Recording) bool { return r.Language == l }) {
			return true
		}
	}
	return false
}

// together marks starts that meet others on a van that both are for. Speech
// and music do not: music goes on beneath.
func together(all []start) {
	var open []int // those that may still sound, at most one page of them
	for i := range all {
		s := &all[i]
		open = slices.DeleteFunc(open, func(j int) bool {
			return all[j].Due.Add(max(all[j].Length, time.Second)).Compare(s.Due) <= 0
		})
		for _, j := range open {
			o := &all[j]
			if !shareVan(s.Row, o.Row) || (s.Class == ark.ClassMusic) != (o.Class == ark.ClassMusic) {
				continue
			}
			if s.Due.Equal(o.Due) {
				s.Faults = append(s.Faults, fault{Word: faultSame, Other: o.Title})
				o.Faults = append(o.Faults, fault{Word: faultSame, Other: s.Title})
				continue
			}
			s.Faults = append(s.Faults, fault{Word: faultOverlap, Other: o.Title})
		}
		open = append(open, i)
	}
}

// shareVan tells whether there is a van that both rows are for.
func shareVan(a, b hub.PlanRow) bool {
	if len(a.Vans) == 0 || len(b.Vans) == 0 {
		return true
	}
	return slices.ContainsFunc(a.Vans, func(v ark.VanID) bool { return slices.Contains(b.Vans, v) })
}

// forVan are the rows that a van has.
func forVan(rows []hub.PlanRow, van ark.VanID) []hub.PlanRow {
	return slices.DeleteFunc(slices.Clone(rows), func(r hub.PlanRow) bool {
		return van != "" && len(r.Vans) > 0 && !slices.Contains(r.Vans, van)
	})
}

// byTime sorts rows as a day goes.
func byTime(rows []hub.PlanRow) {
	slices.SortStableFunc(rows, func(a, b hub.PlanRow) int { return cmp.Compare(a.At, b.At) })
}
