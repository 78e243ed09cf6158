package console

import "ark/hub"

// navPage is a page that can be gone to from every other.
type navPage struct {
	Here string // frame.Here of it and of the pages below it; its name is the text nav.<Here>
	Path string
	Role hub.Role
}

// navGroup is pages that belong together; their title is the text
// group.<Word>.
type navGroup struct {
	Word  string
	Pages []navPage
}

// navigation is all pages that can be gone to. A page that is not for
// the roles of whoever looks is left out.
var navigation = []navGroup{
	{"visiting", []navPage{{"overview", "/overview", hub.RoleReader}, {"visits", "/", hub.RoleReader}, {"map", "/map", hub.RoleReader}, {"households", "/households", hub.RoleReader}}},
	{"sounding", []navPage{{"broadcasts", "/broadcasts", hub.RoleReader}, {"announcements", "/library", hub.RoleReader}, {"plans", "/schedule", hub.RoleReader}}},
	{"fleet", []navPage{{"vans", "/vans", hub.RoleReader}, {"orders", "/orders", hub.RoleReader}, {"crew", "/crew", hub.RoleTechnician}, {"settings", "/settings", hub.RoleTechnician}}},
	{"house", []navPage{{"accounts", "/accounts", hub.RoleAdministrator}, {"audit", "/audit", hub.RoleAdministrator}}},
}

// navOf is the navigation for somebody.
func (c *Console) navOf(s hub.Staff) (all []navGroup) {
	for _, g := range navigation {
		shown := navGroup{Word: g.Word}
		for _, p := range g.Pages {
			if s.Is(p.Role) {
				shown.Pages = append(shown.Pages, p)
			}
		}
		if len(shown.Pages) > 0 {
			all = append(all, shown)
		}
	}
	return all
}
