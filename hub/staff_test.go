package hub_test

import (
	"slices"
	"testing"

	"ark"
	"ark/hub"
)

func TestRolesAddUp(t *testing.T) {
	for role, is := range map[hub.Role][]hub.Role{
		hub.RoleReader: {hub.RoleReader}, hub.RoleReviewer: {hub.RoleReader, hub.RoleReviewer},
		hub.RoleAdministrator: hub.Roles, "": nil, "other": nil,
	} {
		s := hub.Staff{Roles: []hub.Role{role}}
		if role == "" {
			s.Roles = nil
		}
		var got []hub.Role
		for _, r := range hub.Roles {
			if s.Is(r) {
				got = append(got, r)
			}
		}
		if len(got) != len(is) {
			t.Errorf("%q is %v, want %v", role, got, is)
		}
	}
}

func TestSight(t *testing.T) {
	north, south := ark.Place{Street: "北街"}, ark.Place{Street: "南街"}
	park := ark.Place{Street: "北街", Community: "公园", Compound: "翠苑"}
	for name, c := range map[string]struct {
		sight      hub.Sight
		park, none bool // seen
		meets      bool // the north street
	}{
		"nothing":   {hub.Sight{}, false, false, false},
		"whole":     {hub.Everything, true, true, true},
		"street":    {hub.Sight{Places: []ark.Place{north}}, true, false, true},
		"community": {hub.Sight{Places: []ark.Place{{Street: "北街", Community: "公园"}}}, true, false, true},
		"another":   {hub.Sight{Places: []ark.Place{south}}, false, false, false},
	} {
		if got := c.sight.Sees(park); got != c.park {
			t.Errorf("%s sees the park: %v", name, got)
		}
		if got := c.sight.Sees(ark.Place{}); got != c.none {
			t.Errorf("%s sees a visit without a place: %v", name, got)
		}
		if got := c.sight.Meets([]ark.Place{north}); got != c.meets {
			t.Errorf("%s meets the north street: %v", name, got)
		}
		if c.sight.Meets(nil) != c.sight.Whole {
			t.Errorf("%s meets a van without an area", name)
		}
	}
}

// However places are written, two sights have in common what is in both.
func TestSightsHaveInCommon(t *testing.T) {
	street, yard := ark.Place{Street: "北街"}, ark.Place{Street: "北街街道", Compound: "翠苑小区", Building: "03幢"}
	for name, c := range map[string]struct{ a, b, want hub.Sight }{
		"whole":             {hub.Everything, hub.Sight{Places: []ark.Place{street}}, hub.Sight{Places: []ark.Place{street}}},
		"written otherwise": {hub.Sight{Places: []ark.Place{street}}, hub.Sight{Places: []ark.Place{yard}}, hub.Sight{Places: []ark.Place{yard}}},
		"twice":             {hub.Sight{Places: []ark.Place{street, {Street: "北街街道"}}}, hub.Sight{Places: []ark.Place{yard}}, hub.Sight{Places: []ark.Place{yard}}},
		"elsewhere":         {hub.Sight{Places: []ark.Place{street}}, hub.Sight{Places: []ark.Place{{Street: "南街"}}}, hub.Sight{}},
		"nothing":           {hub.Sight{Places: []ark.Place{{}}}, hub.Sight{Places: []ark.Place{street}}, hub.Sight{}},
	} {
		for _, got := range []hub.Sight{c.a.And(c.b), c.b.And(c.a)} {
			if got.Whole || !slices.Equal(got.Places, c.want.Places) {
				t.Errorf("%s: got %+v, want %+v", name, got, c.want)
			}
		}
	}
}
