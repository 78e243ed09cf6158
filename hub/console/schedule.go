package console

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"time"

	"ark"
	"ark/hub"
	"ark/internal/web"
)

// schedulePage is the week and all items of the plan.
type schedulePage struct {
	frame
	Week    week
	Van     ark.VanID // whose week it is; empty: of all
	Vans    []hub.Van
	Zone    string
	Rows    []planRow
	Clashes []start        // starts of the week against which something stands, at most clashesShown
	Clashed int            // how many there are
	Removed *hub.PlanRow   // what was taken away just now, to be put back
	Titles  catalog        // for Removed
	Blocked []blocked      // vans that start nothing
	ThisDay ark.Date       // today, in Zone
	Hours   []calendarHour // the week as a table
}

// clashesShown is how many starts the list of those to look at has. The
// calendar marks them all.
const clashesShown = 50

// planRow is an item with what is made of it for a reader.
type planRow struct {
	hub.PlanRow
	Title ark.Text
	Next  time.Time // its next start; zero: none within two years
}

// blocked is a van that starts nothing, and why.
type blocked struct {
	Van ark.VanID
	Why string
}

func (c *Console) showSchedule(w http.ResponseWriter, r *http.Request) {
	p := schedulePage{frame: c.frame(r, "plans")}
	if err := c.fillSchedule(r, &p); err != nil {
		c.unread(w, r, err)
		return
	}
	c.site.Page(w, r, http.StatusOK, "schedule.html", p)
}

func (c *Console) fillSchedule(r *http.Request, p *schedulePage) (err error) {
	q := r.URL.Query()
	rows, err := desk(r.Context()).PlanRows(r.Context())
	if err != nil {
		return err
	}
	if p.Vans, err = desk(r.Context()).Vans(r.Context()); err != nil {
		return err
	}
	g, u, err := c.grounds(r.Context(), p.Vans)
	if err != nil {
		return err
	}
	if i := slices.IndexFunc(p.Vans, func(v hub.Van) bool { return string(v.ID) == q.Get("van") }); i >= 0 {
		p.Van, g.Vans = p.Vans[i].ID, []ark.VanID{p.Vans[i].ID}
		rows = forVan(rows, p.Van)
	}
	rule := u.Of(p.Van)
	p.Zone = rule.Zone.String()
	p.fillWeek(dayOf(q.Get("week"), rule.Zone, 0), c.c.Now(), rows, rule, g)
	for _, row := range rows {
		n := planRow{PlanRow: row, Title: g.title(row.Announcement)}
		n.Next = nextOf(row, c.c.Now(), rule.Zone)
		p.Rows = append(p.Rows, n)
	}
	for _, v := range p.Vans {
		if v.Health != nil && v.Health.Plan != "" && (p.Van == "" || p.Van == v.ID) {
			p.Blocked = append(p.Blocked, blocked{v.ID, v.Health.Plan})
		}
	}
	if row, ok := c.removed.find(q.Get("removed")); ok {
		p.Removed = &row
	}
	p.Titles.ByID = g.Editions
	return nil
}

// fillWeek lays out the week in which a day lies; zero: today.
func (p *schedulePage) fillWeek(day, now time.Time, rows []hub.PlanRow, rule rule, g grounds) {
	now = now.In(rule.Zone)
	if day.IsZero() {
		day = now
	}
	monday := mondayOf(day)
	starts := startsOf(rows, monday.Add(-time.Millisecond), monday.AddDate(0, 0, 7).Add(-time.Millisecond), rule.Zone, g)
	p.Week, p.ThisDay = weekOf(monday, now, starts, rule.At.Quiet), ark.DateOf(now)
	p.Hours = p.Week.hours()
	for _, s := range starts {
		if len(s.Clashes) == 0 {
			continue
		}
		if p.Clashed++; p.Clashed <= clashesShown {
			p.Clashes = append(p.Clashes, s)
		}
	}
}

// grounds are what starts are judged by.
func (c *Console) grounds(ctx context.Context, vans []hub.Van) (g grounds, u rules, err error) {
	k, err := c.catalog(ctx)
	if err != nil {
		return g, u, err
	}
	if u, err = c.rules(ctx, vans); err != nil {
		return g, u, err
	}
	g = grounds{Editions: k.ByID, Languages: k.Languages, Quiet: func(van ark.VanID, at time.Time) bool { return u.Of(van).Quiet(at) }}
	for _, v := range vans {
		if v.Admitted || v.Here {
			g.Vans = append(g.Vans, v.ID)
		}
	}
	return g, u, nil
}

// title is an announcement's title; of one that is unknown, its id.
func (g grounds) title(id ark.AnnouncementID) ark.Text { return catalog{ByID: g.Editions}.Title(id) }

// ahead is how far schedules are made at most: two years.
const ahead = 2

// nextOf is the next start of an item after a time; zero: there is none within
// two years, or it is paused.
func nextOf(row hub.PlanRow, now time.Time, zone *time.Location) time.Time {
	if row.Paused {
		return time.Time{}
	}
	plan := ark.Plan{Items: []ark.PlanItem{row.PlanItem}}
	for from := now; from.Before(now.AddDate(ahead, 0, 1)); from = from.AddDate(0, 0, 31) {
		if all := plan.Between(from, from.AddDate(0, 0, 31), zone); len(all) > 0 {
			return all[0].Due
		}
	}
	return time.Time{}
}

// planID is the item that an address names.
func (c *Console) planRow(r *http.Request) (row hub.PlanRow, ok bool, err error) {
	rows, err := desk(r.Context()).PlanRows(r.Context())
	i := slices.IndexFunc(rows, func(n hub.PlanRow) bool { return n.ID.String() == r.PathValue("id") })
	if err != nil || i < 0 {
		return row, false, err
	}
	return rows[i], true, nil
}

// changeRow changes the item that an address names, as it is now.
func (c *Console) changeRow(r *http.Request, change func(hub.PlanRow) error) (row hub.PlanRow, ok bool, err error) {
	c.planning.Lock()
	defer c.planning.Unlock()
	if row, ok, err = c.planRow(r); ok && err == nil {
		err = change(row)
	}
	return row, ok, err
}

// pausePlan lets an item rest, or go on.
func (c *Console) pausePlan(w http.ResponseWriter, r *http.Request) {
	r.Body = http.MaxBytesReader(w, r.Body, maxForm)
	said, pause := "plan.goesOn", r.PostFormValue("pause") == "yes"
	if pause {
		said = "plan.rests"
	}
	row, ok, err := c.changeRow(r, func(row hub.PlanRow) error {
		row.Paused = pause
		return desk(r.Context()).SetPlanRow(r.Context(), row)
	})
	if err == nil && !ok {
		c.lost(w, r)
		return
	}
	c.planned(w, r, err, fmt.Sprintf(c.site.Text(r, said), c.titleOf(r, row)), "/schedule")
}

// removePlan takes an item away. It can be put back for a while.
func (c *Console) removePlan(w http.ResponseWriter, r *http.Request) {
	r.Body = http.MaxBytesReader(w, r.Body, maxForm)
	row, ok, err := c.changeRow(r, func(row hub.PlanRow) error { return desk(r.Context()).RemovePlanRow(r.Context(), row.ID) })
	if err == nil && !ok {
		c.lost(w, r)
		return
	}
	if err == nil {
		c.removed.add(row)
	}
	c.planned(w, r, err, "", "/schedule?"+url.Values{"removed": {row.ID.String()}}.Encode())
}

// restorePlan puts an item back that was taken away.
func (c *Console) restorePlan(w http.ResponseWriter, r *http.Request) {
	r.Body = http.MaxBytesReader(w, r.Body, maxForm)
	row, ok := c.removed.find(r.PathValue("id"))
	if !ok {
		c.lost(w, r)
		return
	}
	err := desk(r.Context()).SetPlanRow(r.Context(), row)
	if err == nil {
		c.removed.forget(row.ID)
	}
	c.planned(w, r, err, fmt.Sprintf(c.site.Text(r, "plan.back"), c.titleOf(r, row)), "/schedule")
}

// planned answers after a change of the plan.
func (c *Console) planned(w http.ResponseWriter, r *http.Request, err error, said, to string) {
	if refused(err) || errors.Is(err, hub.ErrUncertain) {
		c.unread(w, r, err)
		return
	}
	if err != nil {
		c.c.Log.Error("the plan cannot be changed", "err", err)
		c.site.Page(w, r, http.StatusServiceUnavailable, "unplanned.html", c.frame(r, ""))
		return
	}
	if said != "" {
		c.say(r, said)
	}
	http.Redirect(w, r, to, http.StatusSeeOther)
}

// titleOf is an item's title in the language of a request.
func (c *Console) titleOf(r *http.Request, row hub.PlanRow) string {
	k, err := c.catalog(r.Context())
	if err != nil {
		c.c.Log.Warn("a title cannot be read", "err", err)
	}
	t := k.Title(row.Announcement)
	return web.LangOf(r).Of(t.Zh, t.En)
}
