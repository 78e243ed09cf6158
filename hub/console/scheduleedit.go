package console

import (
	"crypto/rand"
	"errors"
	"fmt"
	"net/http"
	"reflect"
	"slices"
	"time"

	"ark"
	"ark/hub"
	"ark/internal/web"
)

// planPage is the form of one item.
type planPage struct {
	frame
	Form    planForm
	Bad     troubles
	Trouble string // key of what is wrong with all of it
	Classes []class
	Vans    []hub.Van
	Filter  bool // there are many vans
	Graces  []int
	Blanks  []int // as many empty fields for days
	First   ark.Date
	Last    ark.Date
	Next    []start // the next starts of the item as it is kept
	Zone    string
}

// nextShown is how many starts to come the form shows.
const nextShown = 5

func (c *Console) newPlan(w http.ResponseWriter, r *http.Request) {
	f := planForm{ID: c.newID().String(), Announcement: ark.AnnouncementID(r.URL.Query().Get("announcement")), Grace: 5, For: []string{everyVan}}
	if day := r.URL.Query().Get("day"); day != "" {
		f.Dates = []string{day}
	}
	c.planPage(w, r, http.StatusOK, planPage{Form: f})
}

func (c *Console) editPlan(w http.ResponseWriter, r *http.Request) {
	row, ok, err := c.planRow(r)
	switch {
	case err != nil:
		c.unread(w, r, err)
	case !ok:
		c.lost(w, r)
	default:
		c.planPage(w, r, http.StatusOK, planPage{Form: planFormOf(row)})
	}
}

func (c *Console) planPage(w http.ResponseWriter, r *http.Request, status int, p planPage) {
	k, err := c.catalog(r.Context())
	if err == nil {
		p.Vans, err = c.playable(r)
	}
	if err == nil {
		err = c.fillNext(r, &p)
	}
	if err != nil {
		c.unread(w, r, err)
		return
	}
	p.frame = c.frame(r, "plans")
	p.Graces, p.Filter = graces, len(p.Vans) > manyChoices
	for _, kind := range ark.Classes { // also what is not valid yet: it is made for later
		list := slices.DeleteFunc(slices.Clone(k.List), func(e hub.Edition) bool {
			return e.Class != kind || e.Withdrawn && e.ID != p.Form.Announcement
		})
		if len(list) > 0 {
			p.Classes = append(p.Classes, class{kind, list})
		}
	}
	p.Blanks = make([]int, blankDates)
	now := c.c.Now().In(c.c.Zone)
	p.First, p.Last = ark.DateOf(now), ark.DateOf(now.AddDate(ahead, 0, 0))
	c.site.Page(w, r, status, "plan.html", p)
}

// fillNext lists the next starts of the item as it is kept, with what stands
// against them.
func (c *Console) fillNext(r *http.Request, p *planPage) error {
	rows, err := desk(r.Context()).PlanRows(r.Context())
	if err != nil {
		return err
	}
	g, u, err := c.grounds(r.Context(), p.Vans)
	if err != nil {
		return err
	}
	zone := u[""].Zone
	p.Zone = zone.String()
	i := slices.IndexFunc(rows, func(n hub.PlanRow) bool { return n.ID.String() == p.Form.ID })
	if i < 0 {
		return nil
	}
	for due := nextOf(rows[i], c.c.Now(), zone); !due.IsZero() && len(p.Next) < nextShown; due = nextOf(rows[i], due, zone) {
		for _, s := range startsOf(rows, due.Add(-ark.MaxSecondsMost*time.Second), due, zone, g) { // what began earlier sounds no longer
			if s.Row.ID == rows[i].ID && s.Due.Equal(due) {
				p.Next = append(p.Next, s)
			}
		}
	}
	return nil
}

// setPlan keeps an item of the plan.
func (c *Console) setPlan(w http.ResponseWriter, r *http.Request) {
	r.Body = http.MaxBytesReader(w, r.Body, maxForm)
	r.PostFormValue("id") // reads the form
	p := planPage{Form: readPlanForm(r.PostForm)}
	k, err := c.catalog(r.Context())
	if err != nil {
		c.unread(w, r, err)
		return
	}
	vans, err := c.playable(r)
	if err != nil {
		c.unread(w, r, err)
		return
	}
	row, bad := p.Form.row(k, vans, c.c.Now().In(c.c.Zone))
	if p.Bad = bad; len(bad) > 0 {
		c.planPage(w, r, http.StatusUnprocessableEntity, p)
		return
	}
	switch p.Trouble, err = c.changePlan(r, &row, p.Form); {
	case p.Trouble != "":
		c.planPage(w, r, http.StatusConflict, p)
	case errors.Is(err, hub.ErrFull):
		p.Trouble = "plan.full"
		c.planPage(w, r, http.StatusUnprocessableEntity, p)
	case err != nil:
		c.c.Log.Error("the plan cannot be changed", "err", err)
		p.Trouble = ours(err, "plan.ours")
		c.planPage(w, r, http.StatusServiceUnavailable, p)
	default:
		c.sayNext(w, r, row)
	}
}

func (c *Console) newID() ark.ID {
	var random [10]byte
	rand.Read(random[:]) // it never fails, see crypto/rand
	return ark.NewID(ark.Milli(c.c.Now()), random)
}

// changePlan keeps a form's item. The answer is the key of what stands in the
// way.
func (c *Console) changePlan(r *http.Request, row *hub.PlanRow, f planForm) (trouble string, err error) {
	c.planning.Lock()
	defer c.planning.Unlock()
	rows, err := desk(r.Context()).PlanRows(r.Context())
	if err != nil {
		return "", err
	}
	if trouble = c.identify(row, f, rows); trouble != "" {
		return trouble, nil
	}
	return "", desk(r.Context()).SetPlanRow(r.Context(), *row)
}

// identify gives a new item its id, and an old one what its form does not
// show. The answer is the key of what stands in the way.
func (c *Console) identify(row *hub.PlanRow, f planForm, rows []hub.PlanRow) string {
	i := slices.IndexFunc(rows, func(n hub.PlanRow) bool { return n.ID.String() == f.ID })
	switch {
	case i < 0 && f.Made != "":
		return "plan.gone"
	case i < 0:
		var err error
		if row.ID, err = ark.ParseID(f.ID); err != nil {
			row.ID = c.newID()
		}
		return ""
	}
	row.ID = rows[i].ID
	switch {
	case f.Made == "" && !reflect.DeepEqual(planFormOf(rows[i]).typed(), planFormOf(*row).typed()): // else a second tap on the button
		return "plan.stale"
	case f.Made != "" && madeText(rows[i]) != f.Made:
		return "plan.stale"
	}
	return ""
}

// sayNext leads back to the week of an item's next start and says when that
// is.
func (c *Console) sayNext(w http.ResponseWriter, r *http.Request, row hub.PlanRow) {
	u, err := c.rules(r.Context(), nil)
	if err != nil {
		c.unread(w, r, err)
		return
	}
	said, to := c.site.Text(r, "plan.never"), "/schedule"
	if next := nextOf(row, c.c.Now(), u[""].Zone); !next.IsZero() {
		said = fmt.Sprintf(c.site.Text(r, "plan.kept"), c.at(web.LangOf(r), next))
		to += "?week=" + string(ark.DateOf(mondayOf(next)))
	}
	c.say(r, said)
	http.Redirect(w, r, to, http.StatusSeeOther)
}
