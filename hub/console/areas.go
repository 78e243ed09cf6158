package console

import (
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"

	"ark"
	"ark/hub"
)

const blankAreas = 2

// areasPage is which parts of town each van goes to.
type areasPage struct {
	frame
	Tab     string
	Vans    []vanArea
	Trouble string
	Of      ark.VanID // whose form is in trouble
}

// vanArea is a van's parts of town as its form has them.
type vanArea struct {
	Van   ark.VanID
	Area  []ark.Place
	Empty []ark.Place // of which no household is written down
	Rows  []ark.Place // with empty lines
}

func (c *Console) showAreas(w http.ResponseWriter, r *http.Request) {
	c.areasPage(w, r, http.StatusOK, areasPage{}, nil)
}

// areasPage shows all vans; typed is what stands in the form of p.Of.
func (c *Console) areasPage(w http.ResponseWriter, r *http.Request, status int, p areasPage, typed []ark.Place) {
	areas, err := desk(r.Context()).Areas(r.Context())
	if err != nil {
		c.unread(w, r, err)
		return
	}
	vans, err := desk(r.Context()).Vans(r.Context())
	if err != nil {
		c.unread(w, r, err)
		return
	}
	for _, v := range vans {
		row := vanArea{Van: v.ID, Area: areas[v.ID], Rows: areas[v.ID]}
		for _, place := range row.Area {
			some, err := desk(r.Context()).AnyHousehold(r.Context(), place)
			if err != nil {
				c.unread(w, r, err)
				return
			}
			if !some {
				row.Empty = append(row.Empty, place)
			}
		}
		if v.ID == p.Of {
			row.Rows = typed
		}
		row.Rows = append(row.Rows[:len(row.Rows):len(row.Rows)], make([]ark.Place, blankAreas)...)
		p.Vans = append(p.Vans, row)
	}
	p.frame, p.Tab = c.frame(r, "households"), "areas"
	c.site.Page(w, r, status, "areas.html", p)
}

// setArea keeps a van's parts of town.
func (c *Console) setArea(w http.ResponseWriter, r *http.Request) {
	r.Body = http.MaxBytesReader(w, r.Body, maxForm)
	p := areasPage{Of: ark.VanID(r.PathValue("van"))}
	if _, known, err := c.van(r, p.Of); err != nil {
		c.unread(w, r, err)
		return
	} else if !known {
		c.lost(w, r)
		return
	}
	r.PostFormValue("street") // reads the form
	area := readAreas(r.PostForm)
	refuse := func(status int, key string) {
		p.Trouble = key
		c.areasPage(w, r, status, p, area)
	}
	for _, place := range area {
		if place.Check() != nil {
			refuse(http.StatusUnprocessableEntity, "house.badPlace")
			return
		}
	}
	if len(area) > hub.MaxAreas {
		refuse(http.StatusUnprocessableEntity, "area.many")
		return
	}
	switch err := desk(r.Context()).SetArea(r.Context(), p.Of, area); {
	case errors.Is(err, hub.ErrFull):
		refuse(http.StatusUnprocessableEntity, "area.many")
	case refused(err):
		c.unread(w, r, err)
	case err != nil:
		c.c.Log.Error("an area cannot be kept", "err", err)
		refuse(http.StatusServiceUnavailable, ours(err, "form.ours"))
	default:
		c.say(r, fmt.Sprintf(c.site.Text(r, "area.kept"), p.Of))
		http.Redirect(w, r, "/areas#a-"+url.PathEscape(string(p.Of)), http.StatusSeeOther)
	}
}

// van tells whether the hub knows a van.
func (c *Console) van(r *http.Request, id ark.VanID) (hub.Van, bool, error) {
	vans, err := desk(r.Context()).Vans(r.Context())
	for _, v := range vans {
		if v.ID == id {
			return v, true, err
		}
	}
	return hub.Van{}, false, err
}

func readAreas(v url.Values) (area []ark.Place) {
	for i := range v["compound"] {
		at := func(name string) string {
			if all := v[name]; i < len(all) {
				return strings.TrimSpace(all[i])
			}
			return ""
		}
		if p := (ark.Place{Street: at("street"), Community: at("community"), Grid: at("grid"), Compound: at("compound"), Building: at("building")}); p != (ark.Place{}) {
			area = append(area, p)
		}
	}
	return area
}
