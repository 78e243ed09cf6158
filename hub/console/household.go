package console

import (
	"context"
	"errors"
	"net/http"
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
	h, ok, err := c.household(r.Context(), r.PathValue("id"))
	switch {
	case err != nil:
		c.unread(w, r, err)
	case !ok:
		c.lost(w, r)
	default:
		c.householdPage(w, r, http.StatusOK, householdPage{ID: h.ID.String(), Now: h, Form: householdFormOf(h)})
	}
}

// household is one as it is now: the newest of its history.
func (c *Console) household(ctx context.Context, id string) (ark.Household, bool, error) {
	known, err := ark.ParseID(id)
	if err != nil {
		return ark.Household{}, false, nil
	}
	all, err := c.c.Register.HouseholdHistory(ctx, hub.Everything, known)
	if errors.Is(err, hub.ErrNotThere) || err == nil && len(all) == 0 {
		return ark.Household{}, false, nil
	}
	if err != nil {
		return ark.Household{}, false, err
	}
	return all[0].Household, true, nil
}

func (c *Console) householdPage(w http.ResponseWriter, r *http.Request, status int, p householdPage) {
	p.frame = c.frame(r, "households")
	if p.ID != "" {
		all, err := c.c.Register.HouseholdHistory(r.Context(), hub.Everything, p.Now.ID)
		if err != nil {
			c.unread(w, r, err)
			return
		}
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
	}
	c.site.Page(w, r, status, "household.html", p)
}

// setHousehold keeps one as staff want it, which settles what was disputed.
func (c *Console) setHousehold(w http.ResponseWriter, r *http.Request) {
	r.Body = http.MaxBytesReader(w, r.Body, maxForm*4)
	p := householdPage{ID: r.PathValue("id")}
	if p.ID != "" {
		h, ok, err := c.household(r.Context(), p.ID)
		if err != nil {
			c.unread(w, r, err)
			return
		}
		if !ok {
			c.lost(w, r)
			return
		}
		p.Now = h
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
	switch err := c.c.Register.PutHouseholds(r.Context(), hub.Everything, []ark.Household{h}, []ark.ID{was}, nameOf(r)); {
	case errors.Is(err, hub.ErrStale):
		p.Trouble = "house.stale"
		p.Form.Rev = p.Now.Rev.String()
		c.householdPage(w, r, http.StatusConflict, p)
	case errors.Is(err, hub.ErrFull):
		p.Trouble = "house.full"
		c.householdPage(w, r, http.StatusUnprocessableEntity, p)
	case err != nil:
		c.c.Log.Error("a household cannot be kept", "err", err)
		p.Trouble = "form.ours"
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
