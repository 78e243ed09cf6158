package console

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"unicode/utf8"

	"ark"
	"ark/hub"
)

// crewPage is who goes with the vans, and a form for somebody new.
type crewPage struct {
	frame
	Tab     string
	Members []hub.CrewMember
	Struck  []hub.CrewMember
	Vans    []hub.Van
	Form    crewForm
	Bad     troubles
	Trouble string // key of what is wrong with all of it
}

// crewForm is a crew member as the form has it.
type crewForm struct {
	ID   string
	Name string
	For  []string // vans, or every van
	PIN  bool     // they have one
	Gone bool     // they were struck off
}

// Goes tells whether a van, or every van, is ticked.
func (f crewForm) Goes(van any) bool { return slices.Contains(f.For, fmt.Sprint(van)) }

// crewRoutes are those of the crew, its phones and what it is asked.
func (c *Console) crewRoutes() []route {
	return []route{
		{"GET /crew", hub.RoleTechnician, c.showCrew},
		{"POST /crew", hub.RoleTechnician, c.setCrew},
		{"GET /crew/{id}", hub.RoleTechnician, c.editCrew},
		{"POST /crew/{id}", hub.RoleTechnician, c.setCrew},
		{"POST /crew/{id}/strike", hub.RoleTechnician, c.strikeCrew},
		{"GET /phones", hub.RoleTechnician, c.showPhones},
		{"POST /phones/{van}/{id}/strike", hub.RoleTechnician, c.strikePhone},
		{"GET /form", hub.RoleTechnician, c.showForm},
		{"POST /form", hub.RoleTechnician, c.setForm},
	}
}

func (c *Console) showCrew(w http.ResponseWriter, r *http.Request) {
	c.crewPage(w, r, http.StatusOK, crewPage{Form: crewForm{ID: c.newID().String(), For: []string{everyVan}}})
}

// crewPage lists all, with the form of p.
func (c *Console) crewPage(w http.ResponseWriter, r *http.Request, status int, p crewPage) {
	members, err := desk(r.Context()).CrewMembers(r.Context())
	if err == nil {
		p.Vans, err = desk(r.Context()).Vans(r.Context())
	}
	if err != nil {
		c.unread(w, r, err)
		return
	}
	slices.SortStableFunc(members, func(a, b hub.CrewMember) int { return cmp.Compare(a.Name, b.Name) })
	for _, m := range members {
		if m.Struck {
			p.Struck = append(p.Struck, m)
		} else {
			p.Members = append(p.Members, m)
		}
	}
	p.frame, p.Tab = c.frame(r, "crew"), "members"
	c.site.Page(w, r, status, "crew.html", p)
}

func (c *Console) editCrew(w http.ResponseWriter, r *http.Request) {
	m, ok, err := c.member(r.Context(), r.PathValue("id"))
	switch {
	case err != nil:
		c.unread(w, r, err)
	case !ok:
		c.lost(w, r)
	default:
		c.memberPage(w, r, http.StatusOK, crewPage{Form: crewFormOf(m)})
	}
}

func crewFormOf(m hub.CrewMember) crewForm {
	f := crewForm{ID: m.ID.String(), Name: m.Name, PIN: m.Verifier != "", Gone: m.Struck}
	for _, v := range m.Vans {
		f.For = append(f.For, string(v))
	}
	if len(f.For) == 0 {
		f.For = []string{everyVan}
	}
	return f
}

// memberPage is the form of somebody who is there.
func (c *Console) memberPage(w http.ResponseWriter, r *http.Request, status int, p crewPage) {
	var err error
	if p.Vans, err = desk(r.Context()).Vans(r.Context()); err != nil {
		c.unread(w, r, err)
		return
	}
	p.frame, p.Tab = c.frame(r, "crew"), "members"
	c.site.Page(w, r, status, "member.html", p)
}

// member finds somebody by what an address says.
func (c *Console) member(ctx context.Context, id string) (hub.CrewMember, bool, error) {
	all, err := desk(ctx).CrewMembers(ctx)
	if err != nil {
		return hub.CrewMember{}, false, err
	}
	i := slices.IndexFunc(all, func(m hub.CrewMember) bool { return m.ID.String() == id })
	if i < 0 {
		return hub.CrewMember{}, false, nil
	}
	return all[i], true, nil
}

// setCrew keeps somebody new, or somebody who was changed.
func (c *Console) setCrew(w http.ResponseWriter, r *http.Request) {
	r.Body = http.MaxBytesReader(w, r.Body, maxForm)
	r.PostFormValue("id") // reads the form
	page, id := c.memberPage, r.PathValue("id")
	if id == "" {
		page, id = c.crewPage, r.PostForm.Get("id")
	}
	m, known, err := c.member(r.Context(), id)
	if err != nil {
		c.unread(w, r, err)
		return
	}
	if r.PathValue("id") != "" && !known {
		c.lost(w, r)
		return
	}
	if !known {
		if m.ID, err = ark.ParseID(id); err != nil {
			m.ID = c.newID()
		}
	}
	p := crewPage{Form: readCrewForm(r.PostForm, m), Bad: troubles{}}
	vans, err := desk(r.Context()).Vans(r.Context())
	if err != nil {
		c.unread(w, r, err)
		return
	}
	if c.fillMember(&m, p.Form, r.PostForm.Get("pin"), vans, p.Bad); len(p.Bad) > 0 {
		page(w, r, http.StatusUnprocessableEntity, p)
		return
	}
	switch err := desk(r.Context()).SetCrewMember(r.Context(), m); {
	case errors.Is(err, hub.ErrFull):
		p.Trouble = "crew.full"
		page(w, r, http.StatusUnprocessableEntity, p)
	case refused(err):
		c.unread(w, r, err)
	case err != nil:
		c.c.Log.Error("a crew member cannot be kept", "err", err)
		p.Trouble = ours(err, "crew.ours")
		page(w, r, http.StatusServiceUnavailable, p)
	default:
		c.say(r, fmt.Sprintf(c.site.Text(r, "crew.kept"), m.Name))
		http.Redirect(w, r, "/crew", http.StatusSeeOther)
	}
}

func readCrewForm(v url.Values, m hub.CrewMember) crewForm {
	return crewForm{ID: m.ID.String(), Name: strings.TrimSpace(v.Get("name")), For: v["van"], PIN: m.Verifier != "", Gone: m.Struck}
}

// fillMember makes of a form what it says of somebody.
func (c *Console) fillMember(m *hub.CrewMember, f crewForm, pin string, vans []hub.Van, bad troubles) {
	m.Name, m.Vans = f.Name, nil
	if n := utf8.RuneCountInString(f.Name); n == 0 || n > ark.MaxPerson || !utf8.ValidString(f.Name) || strings.ContainsRune(f.Name, 0) {
		bad["name"] = "crew.noName"
	}
	if !slices.Contains(f.For, everyVan) {
		for _, v := range vans {
			if f.Goes(v.ID) {
				m.Vans = append(m.Vans, v.ID)
			}
		}
		if len(m.Vans) == 0 {
			bad["van"] = "crew.noVan"
		}
	}
	switch pin = strings.TrimSpace(pin); {
	case pin != "":
		verifier, err := c.c.HashPIN(pin)
		if err != nil {
			bad["pin"] = "crew.badPIN"
		}
		m.Verifier = verifier
	case m.Verifier == "":
		bad["pin"] = "crew.noPIN"
	}
}

// strikeCrew strikes somebody off, or lets them in again.
func (c *Console) strikeCrew(w http.ResponseWriter, r *http.Request) {
	r.Body = http.MaxBytesReader(w, r.Body, maxForm)
	m, ok, err := c.member(r.Context(), r.PathValue("id"))
	if err != nil {
		c.unread(w, r, err)
		return
	}
	if !ok {
		c.lost(w, r)
		return
	}
	m.Struck = r.PostFormValue("strike") == "yes"
	key := "crew.restored"
	if m.Struck {
		key = "crew.struck"
	}
	if err := desk(r.Context()).SetCrewMember(r.Context(), m); err != nil {
		p := crewPage{Form: crewFormOf(m), Trouble: ours(err, "crew.ours")}
		if errors.Is(err, hub.ErrFull) {
			p.Trouble = "crew.full"
		} else if refused(err) {
			c.unread(w, r, err)
			return
		} else {
			c.c.Log.Error("a crew member cannot be kept", "err", err)
		}
		c.memberPage(w, r, http.StatusServiceUnavailable, p)
		return
	}
	c.say(r, fmt.Sprintf(c.site.Text(r, key), m.Name))
	http.Redirect(w, r, "/crew", http.StatusSeeOther)
}
