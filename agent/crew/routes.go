package crew

import (
	"net/http"

	"ark/agent"
	"ark/internal/web"
)

// Handler is all routes.
func (c *Crew) Handler() http.Handler {
	m := http.NewServeMux()
	c.pages(m)
	m.HandleFunc("POST /api/1/visits", c.takeVisit)
	m.HandleFunc("GET /api/1/state", c.tellState)
	c.api(m)
	m.HandleFunc("/", c.lost)
	return c.underOurName(web.Guard(m))
}

// pages are what people open: the app, and what works without script.
func (c *Crew) pages(m *http.ServeMux) {
	m.Handle("GET /{$}", c.app)
	m.Handle("GET /app/", c.app)
	m.Handle("GET /sw.js", c.app)
	m.Handle("GET /manifest.webmanifest", c.app)
	m.HandleFunc("GET /plain", c.showVisits)
	m.HandleFunc("GET /visits", c.showVisits) // where a refused form leaves the browser
	m.HandleFunc("POST /visits", c.logVisit)
	m.HandleFunc("GET /panel", c.showPanel)
	m.HandleFunc("POST /panel", c.press)
	m.HandleFunc("GET /panel/sure", c.askSure)
	m.HandleFunc("POST /panel/sure", c.sure)
	m.HandleFunc("POST /panel/down", c.down)
	m.HandleFunc("POST /panel/up", c.up)
	m.HandleFunc("POST /panel/place", c.choosePlace)
	m.HandleFunc("GET /panel/phones", c.showPhones)
	m.HandleFunc("POST /panel/phones", c.showCode)
	m.HandleFunc("POST /panel/phones/strike", c.strikeHere)
	m.HandleFunc("POST /lang", web.ChooseLang)
	m.Handle("GET /assets/", c.site.Assets())
}

// api is version 2 of the API for phones, docs/van-api.md.
func (c *Crew) api(m *http.ServeMux) {
	ask := func(pattern string, do call) { m.HandleFunc(pattern, c.phoned(c.asks, do)) }
	log := func(pattern string, do call) { m.HandleFunc(pattern, c.phoned(c.logs, do)) }
	find := func(pattern string, do call) { m.HandleFunc(pattern, c.phoned(c.searches, do)) }
	much := func(pattern string, do call) { m.HandleFunc(pattern, c.inTurn(c.asks, do)) }
	m.HandleFunc("GET /api/2/hello", c.anybody(c.hello))
	m.HandleFunc("POST /api/2/phones", c.anybody(c.enrol))
	ask("GET /api/2/start", c.start)
	ask("POST /api/2/pin", c.signIn)
	ask("DELETE /api/2/pin", c.signOut)
	ask("GET /api/2/phones", c.listPhones)
	ask("DELETE /api/2/phones/{id}", c.strike)
	ask("POST /api/2/codes", c.newCode)
	log("POST /api/2/visits", c.handIn)
	log("POST /api/2/visits/{id}/amend", c.amend)
	log("POST /api/2/visits/{id}/withdraw", c.withdraw)
	much("GET /api/2/visits", c.listVisits)
	much("GET /api/2/visits/{id}", c.tellVisit)
	ask("GET /api/2/states", c.tellStates)
	much("GET /api/2/today", c.today)
	m.HandleFunc("GET /api/2/area", c.inTurn(c.areas, c.area))
	find("GET /api/2/households", c.finds.lets(c.search))
	much("GET /api/2/households/{id}", c.tellHousehold)
	log("POST /api/2/households", c.editHousehold)
	find("POST /api/2/households/alike", c.tellAlike)
	if c.c.Files != nil {
		m.HandleFunc("/api/2/files", c.files)
		m.HandleFunc("/api/2/files/", c.files)
	}
	m.HandleFunc("/api/", c.anybody(func(*http.Request) (int, any, error) { return 0, nil, agent.ErrNotThere }))
}
