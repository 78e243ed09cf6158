package console

import (
	"net/http"
	"slices"
	"strings"

	"ark/hub"
	"ark/internal/web"
)

// route is a page or a call of the API, and who may ask for it. What they see
// and do there their desk decides.
type route struct {
	pattern string
	role    hub.Role
	do      http.HandlerFunc
}

// routes are all that need somebody who is signed in. A test asks for each of
// them as every role, from another part of town.
func (c *Console) routes() []route {
	return slices.Concat(
		c.visitRoutes(),
		c.teamRoutes(),
		c.viewRoutes(),
		c.fleetRoutes(),
		c.orderRoutes(),
		c.planRoutes(),
		c.crewRoutes(),
		c.householdRoutes(),
		c.announcementRoutes(),
		c.apiRoutes(),
		c.exportRoutes(), c.householdFileRoutes(),
		c.auditRoutes(),
		c.accountRoutes(),
		[]route{
			{"/", hub.RoleReader, c.lost},
		},
	)
}

// openRoutes are those of whoever is not signed in, or may not be. The stream
// of changes asks for the session by itself.
func (c *Console) openRoutes() map[string]http.Handler {
	open := map[string]http.Handler{
		"GET /login":   c.session(c.showLogin),
		"POST /login":  c.session(c.login),
		"POST /logout": c.session(c.logout),
		"POST /lang":   http.HandlerFunc(web.ChooseLang),
		"GET /assets/": c.site.Assets(),
		"GET /events":  http.HandlerFunc(c.events),

		"GET /login/second":       c.session(c.showSecond),
		"POST /login/second":      c.session(c.second),
		"POST /login/key/options": c.session(c.askAnyKey),
		"POST /login/key":         c.session(c.enterByKey),
	}
	if c.c.Organisation != nil {
		open["GET /login/organisation"] = c.session(c.toOrganisation)
		open["GET /oidc"] = c.session(c.fromOrganisation)
	}
	return open
}

// Handler is all routes.
func (c *Console) Handler() http.Handler {
	m := http.NewServeMux()
	for pattern, h := range c.openRoutes() {
		m.Handle(pattern, h)
	}
	for _, r := range c.routes() {
		if forAPI(r.pattern) {
			m.Handle(r.pattern, c.api(r))
			continue
		}
		m.Handle(r.pattern, c.in(r))
	}
	return c.strict(web.Guard(m))
}

// forAPI tells a route of the API from one of a page.
func forAPI(pattern string) bool { return strings.Contains(pattern, "/api/") }

// apiRoutes are those of the API as a whole.
func (c *Console) apiRoutes() []route {
	return []route{
		{"GET /api", hub.RoleReader, c.showAPI},
		{"GET /api/1/openapi.json", hub.RoleReader, c.sendOpenAPI},
		{"GET /api/1/me", hub.RoleReader, c.tellMe},
		{"GET /api/1/changes", hub.RoleReader, c.tellChanges},
		{"/api/", hub.RoleReader, c.tellLost},
	}
}

// fleetRoutes are those of vans and what they played.
func (c *Console) fleetRoutes() []route {
	return []route{
		{"GET /broadcasts", hub.RoleReader, c.showBroadcasts},
		{"GET /broadcasts.csv", hub.RoleReader, c.writeCSV},
		{"GET /broadcasts/timeline", hub.RoleReader, c.showTimeline},
		{"GET /vans", hub.RoleReader, c.showVans},
		{"GET /vans/{id}", hub.RoleReader, c.showVan},
		{"POST /vans/{id}/again", hub.RoleTechnician, c.tryAgain},
		{"POST /vans/{id}/seen", hub.RoleTechnician, c.seeBreaks},
		{"GET /api/1/broadcasts", hub.RoleReader, c.tellBroadcasts},
		{"GET /api/1/vans", hub.RoleReader, c.tellVans},
	}
}

// orderRoutes are those of what vans are asked to do now.
func (c *Console) orderRoutes() []route {
	return []route{
		{"GET /orders", hub.RoleReader, c.showOrders},
		{"GET /orders/{at}", hub.RoleReader, c.showGroup},
		{"GET /orders/of/{id}", hub.RoleReader, c.findOrder},
		{"GET /play", hub.RoleAnnouncer, c.showPlay},
		{"POST /play", hub.RoleAnnouncer, c.play},
		{"POST /stop", hub.RoleAnnouncer, c.stop},
		{"GET /api/1/orders", hub.RoleReader, c.tellOrders},
	}
}

// planRoutes are those of the plan and the settings.
func (c *Console) planRoutes() []route {
	return []route{
		{"GET /schedule", hub.RoleReader, c.showSchedule},
		{"POST /schedule", hub.RoleAnnouncer, c.setPlan},
		{"GET /schedule/new", hub.RoleAnnouncer, c.newPlan},
		{"GET /schedule/{id}", hub.RoleReader, c.editPlan},
		{"POST /schedule/{id}/pause", hub.RoleAnnouncer, c.pausePlan},
		{"POST /schedule/{id}/remove", hub.RoleAnnouncer, c.removePlan},
		{"POST /schedule/{id}/restore", hub.RoleAnnouncer, c.restorePlan},
		{"GET /api/1/plan", hub.RoleReader, c.tellPlan},
		{"GET /api/1/settings", hub.RoleReader, c.tellSettings},
		{"GET /settings", hub.RoleTechnician, c.showSettings},
		{"POST /settings", hub.RoleTechnician, c.setSettings},
		{"GET /settings/{van}", hub.RoleTechnician, c.showSettings},
		{"POST /settings/{van}", hub.RoleTechnician, c.setSettings},
	}
}
