package agent

import (
	"slices"
	"time"

	"ark"
)

// Bounds of what is due.
const (
	punctual = 3 * time.Second    // a start this late is on time: the loop was busy
	lookBack = 7 * 24 * time.Hour // for starts that were missed, to tell of them
	lookOn   = 8 * 24 * time.Hour // for the next start
	astray   = 2 * time.Hour      // a mark this far ahead is of a clock that was wrong
)

// schedule is the plan and how far it was carried out.
type schedule struct {
	plan    ark.Plan
	zone    *time.Location
	blocked string        // why the plan cannot be carried out, whatever the clock says
	done    ark.UnixMilli // starts that were due up to here are dealt with; 0: from now on
	was     ark.UnixMilli // done before the clock was put back over days; 0: it was not
	coming  *ark.Occurrence
	from    ark.UnixMilli // coming is the first start after this time
	until   ark.UnixMilli // and where it is nil, there is none up to this one; 0: not looked up
}

// use puts a plan in the place of the one before. Starts that were due before
// now are not this plan's.
func (s *schedule) use(p ark.Plan, zone *time.Location, done ark.UnixMilli) {
	*s = schedule{plan: p, zone: zone, done: done}
}

// look finds the next start after what is dealt with.
func (s *schedule) look(now ark.UnixMilli) {
	if s.until != 0 && s.from <= s.done && s.done < s.until && now-s.from < ark.UnixMilli(lookOn/2/time.Millisecond) {
		return
	}
	s.from, s.coming = s.done, nil
	from := s.done.Time()
	for _, reach := range []time.Duration{24 * time.Hour, lookOn} {
		s.until = ark.Milli(from.Add(reach))
		if all := s.plan.Between(from, from.Add(reach), s.zone); len(all) > 0 {
			s.coming, s.until = &all[0], ark.Milli(all[0].Due)
			return
		}
	}
}

// planBlocked is why no start of the plan is begun; empty: they are, or there
// are none.
func (b *Brain) planBlocked(now ark.Stamp) string {
	switch {
	case len(b.schedule.plan.Items) == 0:
		return ""
	case b.schedule.blocked != "":
		return b.schedule.blocked
	case !now.Trusted:
		return ark.WhyUntrusted
	}
	return ""
}

// startDue begins what is due. After a gap – the van was off, the clock was
// put forward – only the newest missed start of each item is made up for, and
// only within the item's grace.
func (b *Brain) startDue(now ark.Stamp) []Action {
	s := &b.schedule
	if len(s.plan.Items) == 0 || b.planBlocked(now) != "" {
		return nil
	}
	if s.done == 0 || s.done > now.Wall+ark.UnixMilli(astray/time.Millisecond) {
		s.done, s.was, s.until = now.Wall, s.done, 0
		return []Action{keepNumber(keyDone, int64(s.done))}
	}
	if s.was != 0 && now.Wall >= s.was { // the clock is right again
		s.done, s.was, s.until = max(s.done, s.was), 0, 0
	}
	if s.look(now.Wall); now.Wall <= s.done {
		return nil // the clock was put back: what was begun is not begun again
	}
	if s.coming == nil || now.Wall < ark.Milli(s.coming.Due) {
		s.done = now.Wall
		return nil
	}
	from := max(s.done, now.Wall-ark.UnixMilli(lookBack/time.Millisecond))
	due := newest(s.plan.Between(from.Time(), now.Wall.Time(), s.zone))
	s.done, s.until = now.Wall, 0
	out := []Action{keepNumber(keyDone, int64(s.done))}
	for _, o := range due {
		out = append(out, b.start(now, o)...)
	}
	s.look(now.Wall)
	return out
}

// newest is the last start of each item, in their order.
func newest(all []ark.Occurrence) []ark.Occurrence {
	var out []ark.Occurrence
	seen := map[ark.ID]bool{}
	for _, o := range slices.Backward(all) {
		if !seen[o.Item.ID] {
			seen[o.Item.ID] = true
			out = append(out, o)
		}
	}
	slices.Reverse(out)
	return out
}

// start begins one start of the plan, or tells that it was missed.
func (b *Brain) start(now ark.Stamp, o ark.Occurrence) []Action {
	a, found := b.rules.Find(o.Item.Announcement)
	if !found {
		a = ark.Announcement{ID: o.Item.Announcement}
	}
	r := b.newRun(now, a, ark.Trigger{Schedule: o.Item.ID, Due: ark.Milli(o.Due)}, now.Mono)
	late := now.Wall.Time().Sub(o.Due)
	switch {
	case late > punctual && late > time.Duration(o.Item.Grace)*time.Second:
		return b.end(now, r, ark.BroadcastExpired, ark.WhyMissed)
	case !found:
		return b.end(now, r, ark.BroadcastFailed, ark.WhyMissing)
	}
	return b.offer(now, r)
}
