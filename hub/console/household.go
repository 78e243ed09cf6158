package console

import (
	"errors"
	"net/http"
	"path"
	"slices"

	"ark"
	"ark/hub"
)

// householdPage is one household: its form, and what it was.
type householdPage struct {
	frame
	ID      string // empty: it is new
	Now     ark.Household
	Form    householdForm
	Bad     troubles
	Trouble string // key of what is wrong with all of it
	Hidden  bool   // something is masked
	Shown   bool   // nothing is: whoever looks has asked for it
	History []editionRow
	Theirs  []change // what crews made of what is disputed, where the hub's word stands
}

// editionRow is one change: who made it, and what is other than before.
type editionRow struct {
	hub.HouseholdEdition
	Changes []change
	Denied  []change // what the crew made of it and others did not agree to
}

func (c *Console) newHousehold(w http.ResponseWriter, r *http.Request) {
	c.householdPage(w, r, http.StatusOK, householdPage{Form: householdForm{}.blank()})
}

func (c *Console) showHousehold(w http.ResponseWriter, r *http.Request) {
	all, ok := c.editions(w, r)
	if ok {
		c.householdPage(w, r, http.StatusOK, householdPage{Form: householdFormOf(all[0].Household)}.of(all))
	}
}

// revealHousehold shows one as it is, once: it is on record who asked for it.
func (c *Console) revealHousehold(w http.ResponseWriter, r *http.Request) {
	r.Body = http.MaxBytesReader(w, r.Body, maxForm)
	id, err := ark.ParseID(r.PathValue("id"))
	if err != nil {
		c.lost(w, r)
		return
	}
	all, err := desk(r.Context()).RevealHousehold(r.Context(), id, r.PostFormValue("reason"))
	if err != nil {
		c.unread(w, r, err)
		return
	}
	p := householdPage{Form: householdFormOf(all[0].Household), Shown: true}.of(all)
	c.householdPage(w, r, http.StatusOK, p)
}

// unrevealed leads back from what was shown once.
func unrevealed(w http.ResponseWriter, r *http.Request) {
	http.Redirect(w, r, path.Dir(r.URL.Path), http.StatusSeeOther)
}

// editions are those of the household that a request names, the newest first,
// masked; false: it has answered.
func (c *Console) editions(w http.ResponseWriter, r *http.Request) ([]hub.HouseholdEdition, bool) {
	id, err := ark.ParseID(r.PathValue("id"))
	if err != nil {
		c.lost(w, r)
		return nil, false
	}
	all, err := desk(r.Context()).HouseholdHistory(r.Context(), id)
	if err != nil {
		c.unread(w, r, err)
	}
	return all, err == nil
}

// RevealAt is where a household is shown as it is.
func (p householdPage) RevealAt() string { return "/households/" + p.ID + "/show" }

// of adds what a household is and was.
func (p householdPage) of(all []hub.HouseholdEdition) householdPage {
	p.Now = all[0].Household
	p.ID = p.Now.ID.String()
	for i, e := range all {
		row := editionRow{HouseholdEdition: e}
		if i+1 < len(all) {
			row.Changes = editionChanges(all[i+1].Household, e.Household)
		}
		if !e.Asked.ID.IsZero() {
			row.Denied = slices.DeleteFunc(editionChanges(e.Household, e.Asked), func(k change) bool { return !slices.Contains(e.Disputed, k.Field) })
		}
		for _, k := range row.Denied {
			if slices.Contains(p.Now.Disputed, k.Field) && !slices.ContainsFunc(p.Theirs, func(o change) bool { return o.Field == k.Field }) {
				p.Theirs = append(p.Theirs, k)
			}
		}
		p.History = append(p.History, row)
	}
	return p
}

func (c *Console) householdPage(w http.ResponseWriter, r *http.Request, status int, p householdPage) {
	here := "households"
	if p.Shown {
		here = "" // it would mask itself again if it watched
	}
	p.frame, p.Hidden = c.frame(r, here), !p.Shown && p.Form.hidden()
	c.site.Page(w, r, status, "household.html", p)
}

// setHousehold keeps one as staff want it, which settles what was disputed.
func (c *Console) setHousehold(w http.ResponseWriter, r *http.Request) {
	r.Body = http.MaxBytesReader(w, r.Body, maxForm*4)
	var p householdPage
	if r.PathValue("id") != "" {
		all, ok := c.editions(w, r)
		if !ok {
			return
		}
		p = p.of(all)
	}
	r.PostFormValue("rev") // reads the form
	p.Form = readHouseholdForm(r.PostForm)
	h, bad := p.Form.household(p.Now, ark.Milli(c.c.Now()))
	if p.Bad, p.Form = bad, p.Form.blank(); len(bad) > 0 {
		c.householdPage(w, r, http.StatusUnprocessableEntity, p)
		return
	}
	was, _ := ark.ParseID(p.Form.Rev) // zero: it was new
	if p.ID == "" {
		h.ID = c.newID()
	}
	switch err := desk(r.Context()).PutHouseholds(r.Context(), []ark.Household{h}, []ark.ID{was}); {
	case errors.Is(err, hub.ErrStale):
		p.Trouble = "house.stale"
		p.Form.Rev = p.Now.Rev.String()
		c.householdPage(w, r, http.StatusConflict, p)
	case errors.Is(err, hub.ErrInvalid):
		p.Trouble = "house.masked"
		c.householdPage(w, r, http.StatusUnprocessableEntity, p)
	case errors.Is(err, hub.ErrFull):
		p.Trouble = "house.full"
		c.householdPage(w, r, http.StatusUnprocessableEntity, p)
	case refused(err):
		c.unread(w, r, err)
	case err != nil:
		c.c.Log.Error("a household cannot be kept", "err", err)
		p.Trouble = ours(err, "form.ours")
		c.householdPage(w, r, http.StatusServiceUnavailable, p)
	default:
		c.say(r, c.site.Text(r, "house.kept"))
		http.Redirect(w, r, "/households/"+h.ID.String(), http.StatusSeeOther)
	}
}

// change is one thing that is other than it was.
type change struct {
	Field    string // as in a dispute
	Was, Now string
}

// editionChanges lists what an edition changed.
func editionChanges(was, now ark.Household) (list []change) {
	add := func(field, a, b string) {
		if a != b {
			list = append(list, change{field, a, b})
		}
	}
	add("place", partsText(was.Place), partsText(now.Place))
	add("phone", was.Phone, now.Phone)
	add("note", was.Note, now.Note)
	add("no_visit", was.NoVisit, now.NoVisit)
	if (was.MovedOut != 0) != (now.MovedOut != 0) {
		list = append(list, change{Field: "moved_out", Now: tick(now.MovedOut != 0)})
	}
	if (was.Geo == nil) != (now.Geo == nil) || was.Geo != nil && *was.Geo != *now.Geo {
		list = append(list, change{Field: "geo"})
	}
	for _, m := range was.Members {
		if !slices.ContainsFunc(now.Members, func(o ark.Member) bool { return o.Name == m.Name }) {
			list = append(list, change{Field: "member:" + m.Name, Was: memberText(m)})
		}
	}
	for _, m := range now.Members {
		i := slices.IndexFunc(was.Members, func(o ark.Member) bool { return o.Name == m.Name })
		switch {
		case i < 0:
			list = append(list, change{Field: "member:" + m.Name, Now: memberText(m)})
		case was.Members[i] != m:
			list = append(list, change{"member:" + m.Name, memberText(was.Members[i]), memberText(m)})
		}
	}
	return list
}

func tick(on bool) string {
	if on {
		return "✓"
	}
	return "✗"
}
