package console

import (
	"cmp"
	"net/http"
	"slices"
	"time"

	"ark"
	"ark/hub"
)

// timelineMost bounds the broadcasts of one day that are drawn.
const timelineMost = 2000

// timelinePage is one van's day.
type timelinePage struct {
	frame
	Van     ark.VanID
	Vans    []hub.Van
	Day     ark.Date
	Before  ark.Date
	After   ark.Date
	Hours   []hour
	Quiet   []stretch
	Bars    []bar
	Missed  []mark
	Now     int  // minute of the day; -1: the day is another
	More    bool // there were more than are drawn
	Loud    bool // something sounded
	Classes []ark.Class
	Stops   []stop
	Stays   []stay // the stops as they are drawn
	Ticks   []int  // visits, by their minutes
	Visits  int
	At      string // address of this van without a day
	ListAt  string // of the lists of its visits and its broadcasts of the day
	CastsAt string
}

// hour is a line of the scale.
type hour struct{ At, Name int }

// stretch is a part of the day, in minutes as the clock on the wall shows
// them.
type stretch struct{ At, Length int }

// bar is a broadcast in the day.
type bar struct {
	stretch
	B    hub.Broadcast
	From time.Time
	Mute bool // nothing of it sounded
	Lane int  // 0 or 1: the second one where it lies over another
}

// stay is a stop in the day.
type stay struct {
	stretch
	N    int // of the stops
	Stop stop
}

// mark is a start of the plan of which nothing was heard.
type mark struct {
	At    int
	Due   time.Time
	Title ark.Text
}

// leastBar is how long a bar is drawn at least, in minutes: a finger must hit
// it.
const leastBar = 5

func (c *Console) showTimeline(w http.ResponseWriter, r *http.Request) {
	p := timelinePage{frame: c.frame(r, "broadcasts"), Classes: ark.Classes}
	if err := c.fillTimeline(r, &p); err != nil {
		c.unread(w, r, err)
		return
	}
	c.site.Page(w, r, http.StatusOK, "timeline.html", p)
}

func (c *Console) fillTimeline(r *http.Request, p *timelinePage) (err error) {
	if p.Vans, err = desk(r.Context()).Vans(r.Context()); err != nil {
		return err
	}
	p.Van = ark.VanID(r.URL.Query().Get("van"))
	i := slices.IndexFunc(p.Vans, func(v hub.Van) bool { return v.ID == p.Van })
	if i < 0 && p.Van != "" {
		return hub.ErrNotThere // another van's day would be taken for it
	}
	if i < 0 {
		if len(p.Vans) == 0 {
			return nil
		}
		i, p.Van = 0, p.Vans[0].ID
	}
	u, err := c.rules(r.Context(), p.Vans[i:i+1])
	if err != nil {
		return err
	}
	rule := u.Of(p.Van)
	day := dayOf(r.URL.Query().Get("day"), rule.Zone, 0)
	if day.IsZero() {
		now := c.c.Now().In(rule.Zone)
		day = time.Date(now.Year(), now.Month(), now.Day(), 0, 0, 0, 0, rule.Zone)
	}
	rows, err := asRunAll(r.Context(), hub.AsRunFilter{Van: p.Van, From: day, To: day.AddDate(0, 0, 1)}, timelineMost)
	if err != nil {
		return err
	}
	p.More = len(rows) >= timelineMost
	visits, err := visitsOf(r.Context(), p.Van, day)
	if err != nil {
		return err
	}
	p.More = p.More || len(visits) >= timelineMost
	p.draw(day, c.c.Now(), rows, rule.At.Quiet)
	p.join(day, visits)
	return c.missed(r, p, day, rows)
}

// draw lays out a day. Rows are those asked for in it, the newest first.
func (p *timelinePage) draw(day, now time.Time, rows []hub.Broadcast, quiet []ark.Span) {
	p.Day, p.Before, p.After, p.Now = ark.DateOf(day), ark.DateOf(day.AddDate(0, 0, -1)), ark.DateOf(day.AddDate(0, 0, 1)), -1
	if ark.DateOf(now.In(day.Location())) == p.Day {
		p.Now = minuteOf(day, now)
	}
	for h := 0; h <= 24; h += 2 {
		p.Hours = append(p.Hours, hour{h * 60, h})
	}
	for _, s := range ofDay(quiet) {
		p.Quiet = append(p.Quiet, stretch{s.From, s.To - s.From})
	}
	slices.SortStableFunc(rows, func(a, b hub.Broadcast) int { return cmp.Compare(begins(a).UnixMilli(), begins(b).UnixMilli()) })
	ends := [2]int{}
	for _, b := range rows {
		from := begins(b)
		r := bar{B: b, From: from.In(day.Location()), Mute: b.StartedAt == 0}
		r.At = min(max(minuteOf(day, from), 0), 24*60-leastBar)
		end := 0
		if b.EndedAt > b.StartedAt {
			end = minuteOf(day, b.EndedAt.Time())
		} else if b.State == ark.BroadcastStarted {
			end = p.Now
		}
		r.Length = min(max(end-r.At, leastBar), 24*60-r.At)
		if r.At < ends[0] && ends[1] <= ends[0] {
			r.Lane = 1
		}
		ends[r.Lane] = max(ends[r.Lane], r.At+r.Length)
		p.Loud = p.Loud || b.StartedAt != 0
		p.Bars = append(p.Bars, r)
	}
}

// begins is when a broadcast began to sound; one that never did, when it was
// asked for.
func begins(b hub.Broadcast) time.Time {
	if b.StartedAt != 0 {
		return b.StartedAt.Time()
	}
	return askedAt(b)
}

// minuteOf is the minute of the day that the clock on the wall shows; 0 and
// 1440 stand for what is before the day and after it.
func minuteOf(day, at time.Time) int {
	switch at = at.In(day.Location()); {
	case at.Before(day):
		return 0
	case !at.Before(day.AddDate(0, 0, 1)):
		return 24 * 60
	}
	return at.Hour()*60 + at.Minute()
}

// missed marks the starts that the plan had and of which the van told
// nothing. What was changed after its time says nothing of it.
func (c *Console) missed(r *http.Request, p *timelinePage, day time.Time, rows []hub.Broadcast) error {
	plan, err := desk(r.Context()).PlanRows(r.Context())
	if err != nil {
		return err
	}
	k, err := c.catalog(r.Context())
	if err != nil {
		return err
	}
	for _, s := range unheard(forVan(plan, p.Van), day, c.c.Now(), rows) {
		p.Missed = append(p.Missed, mark{minuteOf(day, s.Due), s.Due, k.Title(s.Item.Announcement)})
	}
	return nil
}

// unheard are the starts of a day that are over, grace included, and that no
// broadcast tells of.
func unheard(rows []hub.PlanRow, day, now time.Time, told []hub.Broadcast) (all []ark.Occurrence) {
	type key struct {
		item ark.ID
		due  ark.UnixMilli
	}
	known := map[key]bool{}
	for _, b := range told {
		known[key{b.Trigger.Schedule, b.Trigger.Due / 1000}] = true
	}
	plan := ark.Plan{Zone: day.Location().String()}
	made := map[ark.ID]time.Time{}
	for _, r := range rows {
		if !r.Paused {
			plan.Items = append(plan.Items, r.PlanItem)
			made[r.ID] = r.Made
		}
	}
	for _, o := range plan.Between(day.Add(-time.Millisecond), day.AddDate(0, 0, 1).Add(-time.Millisecond), day.Location()) {
		over := o.Due.Add(time.Duration(o.Item.Grace)*time.Second + time.Minute)
		if over.Before(now) && made[o.Item.ID].Before(o.Due) && !known[key{o.Item.ID, ark.Milli(o.Due) / 1000}] {
			all = append(all, o)
		}
	}
	return all
}
