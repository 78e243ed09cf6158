package console

import (
	"net/url"
	"slices"
	"strconv"
	"strings"

	"ark"
	"ark/hub"
)

const blankMembers = 2

// householdForm is a household as it stands in the form: what was typed.
type householdForm struct {
	Rev                  string // of the edition that was shown
	Place                ark.Place
	Phone, Note, NoVisit string
	Moved                bool
	Members              []memberForm
}

type memberForm struct {
	Name, Born, Phone, Note string
	Left                    bool
}

func householdFormOf(h ark.Household) householdForm {
	f := householdForm{Rev: h.Rev.String(), Place: h.Place, Phone: h.Phone, Note: h.Note, NoVisit: h.NoVisit, Moved: h.MovedOut != 0}
	for _, m := range h.Members {
		f.Members = append(f.Members, memberForm{m.Name, yearText(m.Born), m.Phone, m.Note, m.Left})
	}
	return f.blank()
}

func (f householdForm) blank() householdForm {
	f.Members = append(slices.Clone(f.Members), make([]memberForm, blankMembers)...)
	return f
}

// readHouseholdForm reads what was posted, without empty lines.
func readHouseholdForm(v url.Values) householdForm {
	at := func(name string) string { return strings.TrimSpace(v.Get(name)) }
	f := householdForm{Rev: at("rev"), Phone: at("phone"), Note: joined(v.Get("note")), NoVisit: at("novisit"), Moved: at("moved") == "yes",
		Place: ark.Place{Street: at("street"), Community: at("community"), Grid: at("grid"), Compound: at("compound"), Building: at("building"), Unit: at("unit"), Room: at("room")}}
	for i := range v["m-name"] {
		part := func(name string) string {
			if all := v["m-"+name]; i < len(all) {
				return strings.TrimSpace(all[i])
			}
			return ""
		}
		m := memberForm{part("name"), part("born"), part("phone"), part("note"), slices.Contains(v["m-left"], strconv.Itoa(i))}
		if m.Name != "" || m.Phone != "" || m.Note != "" {
			f.Members = append(f.Members, m)
		}
	}
	return f
}

// household makes a household of the form, from one as it is now, or says by
// field what is wrong.
func (f householdForm) household(now ark.Household, at ark.UnixMilli) (ark.Household, troubles) {
	bad := troubles{}
	h := now
	h.Place, h.Phone, h.Note, h.NoVisit, h.Members, h.Disputed, h.Has = f.Place, f.Phone, f.Note, f.NoVisit, nil, nil, nil
	switch {
	case !f.Moved:
		h.MovedOut = 0
	case h.MovedOut == 0:
		h.MovedOut = at
	}
	if h.Place.Check() != nil {
		bad["place"] = "house.badPlace"
	}
	if h.Place.Room == "" && h.Place.Building == "" && h.Place.Compound == "" {
		bad["place"] = "house.noPlace"
	}
	for _, m := range f.Members {
		born := 0
		if m.Born == hub.Masked {
			born = hub.MaskedYear
		} else if m.Born != "" {
			n, err := strconv.Atoi(m.Born)
			if err != nil || n < 1850 || n > 2200 {
				bad["born"] = "house.badBorn"
			}
			born = n
		}
		if m.Name == "" {
			bad["name"] = "house.noName"
		}
		h.Members = append(h.Members, ark.Member{Name: m.Name, Born: born, Phone: m.Phone, Note: m.Note, Left: m.Left})
	}
	if len(bad) == 0 {
		checked := h
		checked.ID = ark.NewID(1, [10]byte{}) // a new one has none yet
		if checked.Check() != nil {
			bad["long"] = "house.long"
		}
	}
	return h, bad
}

// hidden tells whether something in the form is masked.
func (f householdForm) hidden() bool {
	return veiled(f.Phone) || veiled(f.Note) || veiled(f.NoVisit) || slices.ContainsFunc(f.Members, func(m memberForm) bool {
		return veiledName(m.Name) || veiled(m.Born) || veiled(m.Phone) || veiled(m.Note)
	})
}

// veiled tells whether a text is masked, or a part of it; veiledName whether a
// name is.
func veiled(s string) bool { return strings.Contains(s, hub.Masked) }

func veiledName(s string) bool { return strings.Contains(s, hub.NameMask) }

// yearText is a year of birth; of one that nobody knows, nothing.
func yearText(born int) string {
	if born == hub.MaskedYear {
		return hub.Masked
	}
	return countText(int64(born))
}

// memberText is a member in one line.
func memberText(m ark.Member) string {
	parts := []string{m.Name}
	for _, s := range []string{yearText(m.Born), m.Phone, m.Note} {
		if s != "" {
			parts = append(parts, s)
		}
	}
	s := strings.Join(parts, " · ")
	if m.Left {
		return "(" + s + ")"
	}
	return s
}
