package console

import (
	"net/http"
	"net/url"
	"strings"

	"ark"
	"ark/hub"
	"ark/internal/web"
)

// householdsPage is a list of households.
type householdsPage struct {
	frame
	Tab   string
	Query householdQuery
	List  []ark.Household
	After ark.ID // the key of the next page; zero: there is none
	First bool   // this is the first page
}

// householdQuery is what the list's filters say.
type householdQuery struct {
	Text, Compound, Building string
	Disputed                 bool
	After                    ark.ID
}

func householdQueryOf(v url.Values) householdQuery {
	q := householdQuery{Text: strings.TrimSpace(v.Get("q")), Compound: strings.TrimSpace(v.Get("compound")), Building: strings.TrimSpace(v.Get("building")), Disputed: v.Get("disputed") == "yes"}
	q.After, _ = ark.ParseID(v.Get("after")) // else from the beginning
	return q
}

func (q householdQuery) filter() hub.HouseholdFilter {
	return hub.HouseholdFilter{Text: q.Text, Within: ark.Place{Compound: q.Compound, Building: q.Building}, Disputed: q.Disputed, After: q.After, Limit: shown + 1}
}

// all is what is asked for, on no page.
func (q householdQuery) all() hub.HouseholdFilter {
	f := q.filter()
	f.After, f.Limit = ark.ID{}, 0
	return f
}

// Plain is what is asked for as an address says it, on its first page.
func (q householdQuery) Plain() string {
	v := url.Values{}
	for key, value := range map[string]string{"q": q.Text, "compound": q.Compound, "building": q.Building} {
		if value != "" {
			v.Set(key, value)
		}
	}
	if q.Disputed {
		v.Set("disputed", "yes")
	}
	if len(v) == 0 {
		return ""
	}
	return "?" + v.Encode()
}

// chips are what is asked for in words.
func (q householdQuery) chips(l web.Lang) (all []chip) {
	for _, c := range []chip{{Label: texts.In(l, "find.q"), Value: q.Text}, {Label: texts.In(l, "house.compound"), Value: q.Compound}, {Label: texts.In(l, "house.building"), Value: q.Building}} {
		if c.Value != "" {
			all = append(all, c)
		}
	}
	if q.Disputed {
		all = append(all, chip{Label: texts.In(l, "house.isDisputed"), Value: texts.In(l, "visit.yes")})
	}
	return all
}

// Set tells whether anything is asked for.
func (q householdQuery) Set() bool {
	return q.Text != "" || q.Compound != "" || q.Building != "" || q.Disputed
}

// Next is the address of the page after an id.
func (q householdQuery) Next(after ark.ID) string {
	v := url.Values{"q": {q.Text}, "compound": {q.Compound}, "building": {q.Building}, "after": {after.String()}}
	if q.Disputed {
		v.Set("disputed", "yes")
	}
	return "?" + v.Encode()
}

// householdRoutes are those of households and of the vans' areas.
func (c *Console) householdRoutes() []route {
	return []route{
		{"GET /households", hub.RoleReader, c.showHouseholds},
		{"GET /households/new", hub.RoleReviewer, c.newHousehold},
		{"POST /households/new", hub.RoleReviewer, c.setHousehold},
		{"GET /households/{id}", hub.RoleReader, c.showHousehold},
		{"GET /households/{id}/show", hub.RoleReader, unrevealed},
		{"POST /households/{id}/show", hub.RoleReviewer, c.revealHousehold},
		{"POST /households/{id}", hub.RoleReviewer, c.setHousehold},
		{"GET /households/import", hub.RoleReviewer, c.askImport},
		{"POST /households/import", hub.RoleReviewer, c.provenFor("/households/import", c.importHouseholds)}, // its preview shows what is masked elsewhere
		{"GET /areas", hub.RoleTechnician, c.showAreas},
		{"POST /areas/{van}", hub.RoleTechnician, c.setArea},
	}
}

func (c *Console) showHouseholds(w http.ResponseWriter, r *http.Request) {
	p := householdsPage{frame: c.frame(r, "households"), Tab: "list", Query: householdQueryOf(r.URL.Query())}
	var err error
	if p.List, err = desk(r.Context()).Households(r.Context(), p.Query.filter()); err != nil {
		c.unread(w, r, err)
		return
	}
	p.First = p.Query.After.IsZero()
	if len(p.List) > shown {
		p.List = p.List[:shown]
		p.After = p.List[shown-1].ID
	}
	c.site.Page(w, r, http.StatusOK, "households.html", p)
}

// partsText is a place as people write it, from the whole to the part.
func partsText(p ark.Place) string {
	grid := p.Grid
	if grid != "" && !strings.HasSuffix(grid, "网格") {
		grid += "网格"
	}
	return strings.Join(strings.Fields(strings.Join([]string{p.Street, p.Community, grid, p.String()}, " ")), " ")
}

// disputedWords names a field about which edits disagreed.
func disputedWords(l web.Lang, field string) string {
	if name, ok := strings.CutPrefix(field, "member:"); ok {
		return texts.In(l, "house.member") + " " + name
	}
	return texts.Known(l, "hf.", field)
}
