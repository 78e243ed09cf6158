package console

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"ark"
	"ark/hub"
	"ark/internal/web"
)

// overviewSpans are for how many days the overview can be, the last of them
// today.
var overviewSpans = []int{14, 30, 90}

// mostBars is how many places and needs are shown; the rest is in the lists of
// visits.
const mostBars = 10

// overviewPage is how things stand, for somebody who looks once a day.
type overviewPage struct {
	frame
	Span       int
	Spans      []int
	First      time.Time // noon of the first day
	Today      time.Time
	Empty      bool // there never was a visit
	All        figure
	Compared   string
	TodayCount figure
	New        figure
	Chart      chart
	Days       []overviewDay // the newest first
	Outcomes   []overviewBar
	Ages       []overviewBar
	Places     []overviewBar
	MorePlaces int
	Needs      []overviewBar
	OpenNeeds  figure
	Tongues    []overviewBar // broadcasts by the languages that really sounded
	Vans       overviewVans
}

// figure is a number and the list that shows what it counts; without an
// address there is no list of just that.
type figure struct {
	Count int
	Path  string
}

// overviewBar is a line of a list of numbers.
type overviewBar struct {
	figure
	Name  string
	Share int    // of 100: how long it is drawn
	New   figure // of needs: those that nobody has reviewed
}

type overviewDay struct {
	At       time.Time
	All, New figure
	Outcomes []figure
	Tongues  []figure
}

func (c *Console) showOverview(w http.ResponseWriter, r *http.Request) {
	p := overviewPage{frame: c.frame(r, "overview"), Span: overviewSpans[0], Spans: overviewSpans}
	if n, err := strconv.Atoi(r.URL.Query().Get("days")); err == nil && slices.Contains(overviewSpans, n) {
		p.Span = n
	}
	q := overviewDays(c.c.Now().In(c.c.Zone), p.Span)
	o, err := c.overview(r.Context(), q)
	if err == nil {
		err = p.fill(r.Context(), web.LangOf(r), o, q)
	}
	if err == nil {
		err = p.fillTongues(r.Context(), web.LangOf(r), q)
	}
	if err == nil {
		err = c.overviewVans(r, &p.Vans)
	}
	if err != nil {
		c.unread(w, r, err)
		return
	}
	c.site.Page(w, r, http.StatusOK, "overview.html", p)
}

// overview counts visits, or takes what was counted as of the same.
func (c *Console) overview(ctx context.Context, q hub.OverviewQuery) (o hub.Overview, err error) {
	asOf, err := desk(ctx).VisitsAsOf(ctx)
	if err != nil {
		return o, err
	}
	if err := desk(ctx).SeeOverview(ctx, q); err != nil {
		return o, err
	}
	return c.overviews.of(ctx, fmt.Sprint(q.Days[0].Unix(), len(q.Days), q.From, asOf), func(ctx context.Context) (hub.Overview, error) { return desk(ctx).Overview(ctx, q) })
}

// overviewDays asks for a span of days that ends with today, and for the same
// span before it.
func overviewDays(now time.Time, span int) (q hub.OverviewQuery) {
	for i := -2*span + 1; i <= 1; i++ {
		q.Days = append(q.Days, time.Date(now.Year(), now.Month(), now.Day()+i, 0, 0, 0, 0, now.Location()))
	}
	q.From = span
	return q
}

// visitsAt is the address of a list of visits.
func visitsAt(parts ...string) string {
	v := url.Values{}
	for pair := range slices.Chunk(parts, 2) {
		v.Set(pair[0], pair[1])
	}
	return "/?" + v.Encode()
}

func day(at time.Time) string { return at.Format(time.DateOnly) }

// fill is everything about visits.
func (p *overviewPage) fill(ctx context.Context, l web.Lang, o hub.Overview, q hub.OverviewQuery) error {
	any, err := desk(ctx).AnyVisit(ctx)
	if err != nil {
		return err
	}
	form, err := desk(ctx).Form(ctx)
	if err != nil {
		return err
	}
	p.Empty = !any
	p.First, p.Today = q.Days[q.From], q.Days[len(q.Days)-2]
	before := 0
	for _, d := range o.Days[:q.From] {
		before += d.All()
	}
	p.fillDays(o, q)
	within := []string{"from", day(p.First), "to", day(p.Today)}
	p.All.Path = visitsAt(within...)
	p.Compared = compared(l, p.All.Count, before, p.Span)
	p.fillOutcomes(l, o, q, within)
	p.Ages = agesOf(l, o, p.Today)
	p.New = figure{0, visitsAt("state", "new")}
	for _, a := range p.Ages {
		p.New.Count += a.Count
	}
	p.fillPlaces(l, o, within)
	p.fillNeeds(l, o, form, within)
	return nil
}

func (p *overviewPage) fillDays(o hub.Overview, q hub.OverviewQuery) {
	var all, met []int
	for i, d := range o.Days[q.From:] {
		at := q.Days[q.From+i]
		only := []string{"from", day(at), "to", day(at)}
		row := overviewDay{At: at, All: figure{d.All(), visitsAt(only...)}, New: figure{d.New, visitsAt(append(only, "state", "new")...)}}
		for _, outcome := range ark.Outcomes {
			row.Outcomes = append(row.Outcomes, figure{d.Outcomes[outcome], visitsAt(append(only, "outcome", outcome.String())...)})
		}
		all, met = append(all, d.All()), append(met, d.Outcomes[ark.Met])
		p.Days = append(p.Days, row)
		p.All.Count += d.All()
	}
	p.TodayCount = p.Days[len(p.Days)-1].All
	p.Chart = chartOf(all, met)
	slices.Reverse(p.Days)
}

// compared says how a number is beside that of the same time before.
func compared(l web.Lang, now, before, days int) string {
	switch {
	case now > before:
		return fmt.Sprintf(texts.In(l, "over.more"), days, now-before)
	case now < before:
		return fmt.Sprintf(texts.In(l, "over.fewer"), days, before-now)
	}
	return fmt.Sprintf(texts.In(l, "over.same"), days)
}

func (p *overviewPage) fillOutcomes(l web.Lang, o hub.Overview, q hub.OverviewQuery, within []string) {
	for _, outcome := range ark.Outcomes {
		b := overviewBar{Name: texts.Known(l, "outcome.", outcome.String()), figure: figure{0, visitsAt(append(within, "outcome", outcome.String())...)}}
		for _, d := range o.Days[q.From:] {
			b.Count += d.Outcomes[outcome]
		}
		p.Outcomes = append(p.Outcomes, b)
	}
	drawn(p.Outcomes)
}

// agesOf are the visits that nobody has reviewed, by how long ago they were
// made.
func agesOf(l web.Lang, o hub.Overview, today time.Time) (ages []overviewBar) {
	for i, list := range ageLists(o.Ages(), today) {
		ages = append(ages, overviewBar{Name: texts.In(l, reviewAges[i].word), figure: list})
	}
	drawn(ages)
	return ages
}

func (p *overviewPage) fillPlaces(l web.Lang, o hub.Overview, within []string) {
	for i, at := range o.Places {
		if i == mostBars {
			p.MorePlaces = len(o.Places) - mostBars
			break
		}
		b := overviewBar{Name: strings.TrimSpace(at.Place.Street + " " + at.Place.Community), figure: figure{Count: at.Count}}
		switch {
		case at.Place.Street == "":
			b.Name = texts.In(l, "over.nowhere")
		case at.Place.Community == "":
			b.Name = fmt.Sprintf(texts.In(l, "over.noCommunity"), at.Place.Street)
		default:
			b.Path = visitsAt(append(within, "place", placePath(at.Place))...)
		}
		p.Places = append(p.Places, b)
	}
	drawn(p.Places)
}

func (p *overviewPage) fillNeeds(l web.Lang, o hub.Overview, form ark.Form, within []string) {
	for _, n := range o.Needs {
		if n.Code == hub.AnyNeed {
			p.OpenNeeds = figure{n.New, visitsAt(append(slices.Clone(within), "need", n.Code, "state", "new")...)}
			continue
		}
		if len(p.Needs) == mostBars {
			continue
		}
		only := append(slices.Clone(within), "need", n.Code)
		b := overviewBar{Name: n.Code, figure: figure{n.Count, visitsAt(only...)}, New: figure{n.New, visitsAt(append(only, "state", "new")...)}}
		for _, c := range form.Needs {
			if c.Code == n.Code {
				b.Name = l.Of(c.Say.Zh, c.Say.En)
			}
		}
		p.Needs = append(p.Needs, b)
	}
	drawn(p.Needs)
}

// drawn says how long bars are beside each other.
func drawn(all []overviewBar) {
	most := 0
	for _, b := range all {
		most = max(most, b.Count)
	}
	for i := range all {
		all[i].Share = share(all[i].Count, most)
	}
}

// overviewVans is how the vans are.
type overviewVans struct {
	All, Here, Ill int
	Troubles       []overviewBar
}

func (c *Console) overviewVans(r *http.Request, o *overviewVans) error {
	vans, err := desk(r.Context()).Vans(r.Context())
	if err != nil {
		return err
	}
	k, err := c.catalog(r.Context())
	if err != nil {
		return err
	}
	o.All = len(vans)
	troubles := map[ark.VanID][]remark{}
	for _, v := range vans {
		troubles[v.ID] = c.remarks(web.LangOf(r), v, k.Version)
		if v.Here {
			o.Here++
		}
		if ill(troubles[v.ID]) {
			o.Ill++
		}
	}
	for _, a := range alertsOf(troubles) {
		o.Troubles = append(o.Troubles, overviewBar{Name: texts.In(web.LangOf(r), "alert."+a.Word), figure: figure{a.Vans, "/vans?only=" + url.QueryEscape(a.Word)}})
	}
	drawn(o.Troubles)
	return nil
}
