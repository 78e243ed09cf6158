package console

import (
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
	Row     hub.PlanRow
	Due     time.Time // in the zone of the plan
	Title   ark.Text
	Class   ark.Class
	Length  time.Duration
	Clashes []clash
}

// clash is a reason why a start will not be heard, or not as it is meant.
type clash struct {
	Word  string      // a clash… word; pages translate it
	Vans  []ark.VanID // where it holds; empty: on all that the item is for
	Other ark.Text    // the title of the other announcement, for clashSame and clashOverlap
}

// The clashes.
const (
	clashSame      = "same"      // another starts in the same second
	clashOverlap   = "overlap"   // another still sounds
	clashQuiet     = "quiet"     // quiet hours: the van will refuse it
	clashNotValid  = "not-valid" // outside the announcement's dates
	clashWithdrawn = "withdrawn" // the announcement is in no library any more
	clashUnknown   = "unknown"   // there is no such announcement
	clashMissing   = "missing"   // it has no recording in one of the library's languages
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
		s.Clashes = g.alone(s)
		all = append(all, s)
	}
	together(all)
	return all
}

// alone is what stands against a start by itself.
func (g grounds) alone(s start) (clashes []clash) {
	e, ok := g.Editions[s.Row.Announcement]
	if !ok {
		return []clash{{Word: clashUnknown}}
	}
	if e.Withdrawn {
		clashes = append(clashes, clash{Word: clashWithdrawn})
	}
	if !e.Valid(ark.Milli(s.Due)) {
		clashes = append(clashes, clash{Word: clashNotValid})
	}
	if lacks(e.Announcement, g.Languages) {
		clashes = append(clashes, clash{Word: clashMissing})
	}
	if e.Class.Emergency() || g.Quiet == nil {
		return clashes
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
		return append(clashes, clash{Word: clashQuiet})
	}
	if len(quiet) > 0 {
		clashes = append(clashes, clash{Word: clashQuiet, Vans: quiet})
	}
	return clashes
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

// mostMet is how many others one start is told to meet: a plan whose hundreds
// of items start at one second is no page of a hundred thousand sentences.
const mostMet = 5

// meet notes that a start meets another, met times so far.
func (s *start) meet(met *int, word string, other *start) {
	if *met++; *met <= mostMet {
		s.Clashes = append(s.Clashes, clash{Word: word, Other: other.Title})
	}
}

// together marks starts that meet others on a van that both are for. Speech
// and music do not: music goes on beneath.
func together(all []start) {
	var open []int // those that may still sound, at most one page of them
	met := make([]int, len(all))
	for i := range all {
		s := &all[i]
		open = slices.DeleteFunc(open, func(j int) bool {
			return all[j].Due.Add(max(all[j].Length, time.Second)).Compare(s.Due) <= 0
		})
		for _, j := range open {
			o := &all[j]
			same := s.Due.Equal(o.Due)
			if met[i] >= mostMet && (met[j] >= mostMet || !same) {
				continue // both are told enough
			}
			if (s.Class == ark.ClassMusic) != (o.Class == ark.ClassMusic) || !shareVan(s.Row, o.Row) {
				continue
			}
			if same {
				s.meet(&met[i], clashSame, o)
				o.meet(&met[j], clashSame, s)
				continue
			}
			s.meet(&met[i], clashOverlap, o)
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
