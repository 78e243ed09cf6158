package console

import (
	"context"
	"net/url"
	"slices"
	"time"

	"ark"
	"ark/hub"
)

// visitsOf are a van's visits of a day that are in sight, the first first, at
// most timelineMost.
func visitsOf(ctx context.Context, van ark.VanID, day time.Time) (all []hub.Visit, err error) {
	f := hub.VisitFilter{Van: van, From: day, To: day.AddDate(0, 0, 1)}
	page := hub.VisitPage{Order: hub.ByTime, Limit: 500}
	for len(all) < timelineMost {
		rows, err := desk(ctx).FindVisits(ctx, f, page)
		if err != nil {
			return nil, err
		}
		if all = append(all, rows...); len(rows) < page.Limit {
			break
		}
		last := rows[len(rows)-1]
		page.After = hub.VisitPlace{At: last.MadeAt(last.At), Position: last.Position}
	}
	slices.Reverse(all)
	return all, nil
}

// join puts what sounded and whom the crew visited into one list by time, and
// divides it into stops.
func (p *timelinePage) join(day time.Time, visits []hub.Visit) {
	var all []doing
	for _, b := range p.Bars {
		d := doing{At: b.From, Until: b.From, Doubt: b.Doubtful(), Bar: b}
		if b.B.EndedAt > b.B.StartedAt && b.B.StartedAt != 0 {
			d.Until = b.B.EndedAt.Time().In(day.Location())
		}
		if end := day.AddDate(0, 0, 1); d.Until.After(end) {
			d.Until = end
		}
		all = append(all, d)
	}
	for i, v := range visits {
		at := v.MadeAt(v.At).Time().In(day.Location())
		all = append(all, doing{At: at, Until: at, Doubt: v.Doubtful(v.At), Visit: &visits[i]})
		p.Ticks = append(p.Ticks, minuteOf(day, at))
	}
	p.Visits, p.Stops = len(visits), stopsOf(all)
	for i, s := range p.Stops {
		if s.Visits == 0 {
			continue
		}
		from := minuteOf(day, s.From())
		length := max(minuteOf(day, s.Until())-from, leastBar)
		p.Stays = append(p.Stays, stay{stretch{min(from, 24*60-leastBar), min(length, 24*60-from)}, i, s})
	}
	only := []string{"van", string(p.Van), "from", string(p.Day), "to", string(p.Day)}
	p.At = "?" + url.Values{"van": {string(p.Van)}}.Encode()
	p.ListAt, p.CastsAt = visitsAt(append(slices.Clone(only), "order", "time")...), "/broadcasts"+visitsAt(only...)[1:]
}

// Doubtful tells whether the time of a broadcast is by a clock that may be
// wrong.
func (b bar) Doubtful() bool {
	if b.B.StartedAt == 0 && b.B.Asked != 0 {
		return !b.B.AskedTrusted
	}
	return !b.B.At.Trusted
}

// Places is how many stops the day has at which somebody was visited.
func (p timelinePage) Places() int { return len(p.Stays) }
