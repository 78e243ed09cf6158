package console

import (
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
	"testing"

	"ark"
	"ark/hub"
)

// ask is a request: a path, and what is posted.
type ask struct {
	path string
	form []string
}

// scoped are requests for each route that try to reach the south street. shows
// are those in which an administrator sees it: the others may show nothing.
func scoped(s southern) (asks map[string][]ask, shows []string) {
	visit, unplaced, house, member, plan := s.visit.String(), s.unplaced.String(), s.household.String(), s.member.String(), s.plan.String()
	van, photo := string(s.van), s.photo.String()
	door := []string{"street", "北街", "compound", "北苑", "building", "1", "room", "1", "m-name", "x"}
	review := []string{"key", "k", "entry", visit, "do", "rejected", "comment", "no"}
	row := []string{"id", plan, "announcement", "water", "at", "09:00", "day", "1", "van", van, "grace", "60"}
	asks = map[string][]ask{
		"GET /{$}":                       {{"/", nil}, {"/?state=new", nil}, {"/?q=MARK", nil}, {"/?van=" + van + "&order=time", nil}, {"/?household=" + house, nil}},
		"GET /map":                       {{"/map", nil}, {"/map?q=MARK&box=-80,-180,80,180", nil}},
		"GET /map/clusters":              {{"/map/clusters?zoom=5&box=-80,-180,80,180", nil}},
		"GET /map/outline":               {{"/map/outline", nil}},
		"POST /bulk":                     {{"/bulk", []string{"key", "k", "do", "approved", "visit", visit + "." + visit, "visit", unplaced + "." + unplaced}}, {"/bulk", []string{"key", "kg", "do", "mine", "visit", visit + "." + visit + ".0."}}},
		"GET /bulk/{key}":                {{"/bulk/k", nil}},
		"POST /bulk/{key}/undo":          {{"/bulk/k/undo", nil}},
		"GET /overview":                  {{"/overview", nil}, {"/overview?days=90", nil}, {"/overview?days=-1", nil}},
		"GET /visits/choices":            {{"/visits/choices", nil}},
		"GET /visits/{id}":               {{"/visits/" + visit, nil}, {"/visits/" + unplaced, nil}},
		"GET /visits/{id}/show":          {{"/visits/" + visit + "/show", nil}},
		"POST /visits/{id}/show":         {{"/visits/" + visit + "/show", nil}, {"/visits/" + unplaced + "/show", nil}},
		"GET /visits/{id}/entries":       {{"/visits/" + visit + "/entries", nil}},
		"POST /visits/{id}/entries":      {{"/visits/" + visit + "/entries", nil}, {"/visits/" + unplaced + "/entries", nil}},
		"POST /visits/{id}/review":       {{"/visits/" + visit + "/review", review}},
		"GET /visits/{id}/review":        {{"/visits/" + visit + "/review", nil}},
		"GET /visits/{id}/files/{hash}":  {{"/visits/" + visit + "/files/" + photo, nil}, {"/visits/" + unplaced + "/files/" + photo, nil}},
		"GET /api/1/visits":              {{"/api/1/visits", nil}},
		"GET /api/1/visits/{id}":         {{"/api/1/visits/" + visit, nil}, {"/api/1/visits/" + unplaced, nil}},
		"POST /api/1/visits/{id}/review": {{"/api/1/visits/" + visit + "/review", []string{"{", fmt.Sprintf(`{"entry":%q,"state":"approved"}`, visit)}}},
		"GET /households":                {{"/households", nil}, {"/households?q=MARK", nil}, {"/households?q=13800001111", nil}, {"/households?building=1", nil}},
		"GET /households/new":            {{"/households/new", nil}},
		"POST /households/new":           {{"/households/new", door}},
		"GET /households/{id}":           {{"/households/" + house, nil}},
		"GET /households/{id}/show":      {{"/households/" + house + "/show", nil}},
		"POST /households/{id}/show":     {{"/households/" + house + "/show", nil}},
		"POST /households/{id}":          {{"/households/" + house, door}},
		"GET /households/import":         {{"/households/import", nil}},
		"POST /households/import":        {{"/households/import", []string{"do", "preview", "text", "街道,小区,幢,室,姓名\n南街,MARK,1,101,x\n"}}},
		"GET /areas":                     {{"/areas", nil}},
		"POST /areas/{van}":              {{"/areas/" + van, []string{"street", "北街", "compound", ""}}, {"/areas/van-1", []string{"street", "南街", "compound", ""}}},
		"GET /crew":                      {{"/crew", nil}},
		"POST /crew":                     {{"/crew", []string{"id", member, "name", "x", "van", "*", "pin", "4071"}}},
		"GET /crew/{id}":                 {{"/crew/" + member, nil}},
		"POST /crew/{id}":                {{"/crew/" + member, []string{"name", "x", "van", van}}},
		"POST /crew/{id}/strike":         {{"/crew/" + member + "/strike", []string{"strike", "yes"}}},
		"GET /phones":                    {{"/phones", nil}},
		"POST /phones/{van}/{id}/strike": {{"/phones/" + van + "/" + s.phone.String() + "/strike", nil}},
		"GET /form":                      {{"/form", nil}},
		"POST /form":                     {{"/form", []string{"from", "0"}}},
		"GET /broadcasts":                {{"/broadcasts", nil}, {"/broadcasts?van=" + van, nil}, {"/broadcasts?state=failed", nil}},
		"GET /broadcasts.csv":            {{"/broadcasts.csv", nil}, {"/broadcasts.csv?van=" + van, nil}},
		"GET /broadcasts/timeline":       {{"/broadcasts/timeline?van=" + van, nil}},
		"GET /vans":                      {{"/vans", nil}, {"/vans?only=trouble", nil}, {"/vans?page=2", nil}},
		"GET /vans/{id}":                 {{"/vans/" + van, nil}},
		"GET /api/1/broadcasts":          {{"/api/1/broadcasts", nil}},
		"GET /api/1/vans":                {{"/api/1/vans", nil}},
		"GET /orders":                    {{"/orders", nil}},
		"GET /orders/{at}":               {{fmt.Sprint("/orders/", s.group), nil}},
		"GET /orders/of/{id}":            {{"/orders/of/" + s.order.String(), nil}},
		"GET /play":                      {{"/play?van=" + van, nil}},
		"POST /play":                     {{"/play", []string{"key", "k", "announcement", "water", "van", van, "minutes", "15"}}, {"/play", []string{"key", "k2", "announcement", "water", "van", "*", "minutes", "15"}}},
		"POST /stop":                     {{"/stop", []string{"van", van}}, {"/stop", []string{"van", "*"}}},
		"GET /api/1/orders":              {{"/api/1/orders", nil}},
		"GET /schedule":                  {{"/schedule", nil}, {"/schedule?van=" + van, nil}},
		"POST /schedule":                 {{"/schedule", row}},
		"GET /schedule/new":              {{"/schedule/new", nil}},
		"GET /schedule/{id}":             {{"/schedule/" + plan, nil}},
		"POST /schedule/{id}/pause":      {{"/schedule/" + plan + "/pause", []string{"pause", "yes"}}},
		"POST /schedule/{id}/remove":     {{"/schedule/" + plan + "/remove", nil}},
		"POST /schedule/{id}/restore":    {{"/schedule/" + plan + "/restore", nil}},
		"GET /api/1/plan":                {{"/api/1/plan", nil}},
		"GET /api/1/settings":            {{"/api/1/settings", nil}, {"/api/1/settings?van=" + van, nil}},
		"GET /settings":                  {{"/settings", nil}},
		"POST /settings":                 {{"/settings", []string{"zone", "UTC"}}},
		"GET /settings/{van}":            {{"/settings/" + van, nil}},
		"POST /settings/{van}":           {{"/settings/" + van, []string{"same", "yes"}}},
		"GET /library":                   {{"/library", nil}},
		"GET /library/new":               {{"/library/new", nil}},
		"GET /library/{id}":              {{"/library/water", nil}},
		"POST /library/edit":             {{"/library/edit", nil}},
		"POST /library/{id}/withdraw":    {{"/library/water/withdraw", nil}},
		"POST /library/{id}/restore":     {{"/library/water/restore", nil}},
		"GET /library/blobs/{hash}":      {{"/library/blobs/" + photo + "?of=water", nil}},
		"GET /library/waves/{hash}":      {{"/library/waves/" + photo + "?of=water", nil}},
		"GET /library/languages":         {{"/library/languages", nil}},
		"POST /library/languages":        {{"/library/languages", []string{"language", "en"}}},
		"GET /api/1/announcements":       {{"/api/1/announcements", nil}},
		"GET /password":                  {{"/password", nil}},
		"POST /password":                 {{"/password", []string{"old", "x", "new", "yyyyyyyyyyyyyyyy", "again", "yyyyyyyyyyyyyyyy"}}},
		"GET /confirm":                   {{"/confirm", nil}},
		"POST /confirm":                  {{"/confirm", []string{"password", password}}},
		"POST /confirm/key/options":      {{"/confirm/key/options", nil}},
		"POST /confirm/key":              {{"/confirm/key", nil}},
		"GET /account":                   {{"/account", nil}},
		"POST /account/sessions":         {{"/account/sessions", []string{"id", "x"}}},
		"GET /account/app":               {{"/account/app", nil}},
		"POST /account/app":              {{"/account/app", []string{"secret", "AAAA", "code", "000000"}}},
		"POST /account/app/off":          {{"/account/app/off", nil}},
		"POST /account/codes":            {{"/account/codes", nil}},
		"GET /account/keys":              {{"/account/keys", nil}},
		"POST /account/keys/options":     {{"/account/keys/options", nil}},
		"POST /account/keys":             {{"/account/keys", nil}},
		"POST /account/keys/remove":      {{"/account/keys/remove", []string{"id", "AAAA"}}},
		"GET /account/tokens":            {{"/account/tokens", nil}},
		"POST /account/tokens":           {{"/account/tokens", []string{"name", "x", "days", "30", "role", "reader", "sight", "whole"}}, {"/account/tokens", []string{"name", "x", "days", "30", "role", "reader", "street", "南街", "compound", ""}}},
		"POST /account/tokens/end":       {{"/account/tokens/end", []string{"id", "x"}}},
		"GET /accounts":                  {{"/accounts", nil}},
		"GET /accounts/new":              {{"/accounts/new", nil}},
		"POST /accounts/new":             {{"/accounts/new", []string{"name", "x", "role", "administrator", "sight", "whole"}}},
		"GET /accounts/one":              {{"/accounts/one?name=" + staff, nil}},
		"POST /accounts/one":             {{"/accounts/one", []string{"name", staff, "role", "reader", "sight", "whole", "disabled", "yes"}}},
		"POST /accounts/password":        {{"/accounts/password", []string{"name", staff}}},
		"POST /accounts/reset":           {{"/accounts/reset", []string{"name", staff}}},
		"POST /accounts/sessions":        {{"/accounts/sessions", []string{"name", staff}}},
		"POST /accounts/tokens":          {{"/accounts/tokens", []string{"name", staff, "id", "x"}}},
		"/":                              {{"/nowhere", nil}},
		"POST /vans/{id}/again":          {{"/vans/" + van + "/again", []string{"all", "yes"}}},
		"POST /vans/{id}/seen":           {{"/vans/" + van + "/seen", []string{"all", "yes"}}},
		"GET /audit":                     {{"/audit", nil}, {"/audit?who=MARK", nil}},
		"GET /audit.csv":                 {{"/audit.csv", nil}},
		"GET /audit.jsonl":               {{"/audit.jsonl", nil}},
		"GET /audit/check":               {{"/audit/check", nil}},
		"POST /audit/check":              {{"/audit/check", nil}},
		"GET /api":                       {{"/api", nil}},
		"GET /api/1/openapi.json":        {{"/api/1/openapi.json", nil}},
		"GET /api/1/me":                  {{"/api/1/me", nil}},
		"GET /api/1/changes":             {{"/api/1/changes", nil}, {"/api/1/changes?since=0", nil}},
		"GET /visits/export":             {{"/visits/export", nil}, {"/visits/export?q=MARK", nil}},
		"GET /visits.csv":                {{"/visits.csv", nil}, {"/visits.csv?van=" + van, nil}},
		"POST /visits.csv":               {{"/visits.csv", []string{"reason", "x"}}},
		"POST /visits.xlsx":              {{"/visits.xlsx", []string{"reason", "x"}}},
		"POST /visits.geojson":           {{"/visits.geojson", []string{"reason", "x"}}},
		"POST /visits.jsonl":             {{"/visits.jsonl?van=" + van, []string{"reason", "x"}}},
		"GET /households/export":         {{"/households/export?q=MARK", nil}},
		"GET /households.csv":            {{"/households.csv", nil}, {"/households.csv?q=13800001111", nil}},
		"GET /households.xlsx":           {{"/households.xlsx", nil}},
		"POST /households.csv":           {{"/households.csv", []string{"reason", "x"}}},
		"POST /households.xlsx":          {{"/households.xlsx", []string{"reason", "x"}}},
		"GET /visits.xlsx":               {{"/visits.xlsx", nil}},
		"GET /visits.geojson":            {{"/visits.geojson", nil}},
		"GET /visits.jsonl":              {{"/visits.jsonl", nil}, {"/visits.jsonl?place=" + secret, nil}},
		"/api/":                          {{"/api/1/nothing", nil}},
	}
	maps.Copy(asks, teamAsks(s))
	return asks, []string{"GET /{$}", "GET /map", "GET /visits/choices", "GET /visits/{id}", "GET /api/1/visits", "GET /api/1/visits/{id}", "GET /households", "GET /households/{id}", "GET /areas", "GET /crew", "GET /crew/{id}",
		"GET /phones", "GET /broadcasts", "GET /broadcasts.csv", "GET /vans/{id}", "GET /api/1/broadcasts", "GET /api/1/vans", "GET /orders", "GET /orders/{at}", "GET /api/1/orders",
		"GET /api/1/changes", "GET /api/1/plan", "GET /visits.csv", "POST /visits.csv", "GET /visits.jsonl", "GET /households.csv", "POST /households.csv", "GET /settings", "GET /settings/{van}", "GET /views"}
}

// asks sends a request of a route's method.
func (p *person) asks(pattern string, a ask) answer {
	p.t.Helper()
	if !strings.HasPrefix(pattern, "POST ") {
		return p.get(a.path)
	}
	if len(a.form) == 2 && a.form[0] == "{" {
		r, err := http.NewRequestWithContext(p.t.Context(), http.MethodPost, p.b.server.URL+a.path, strings.NewReader(a.form[1]))
		must(p.t, err)
		r.Header.Set("Content-Type", "application/json")
		return p.do(r)
	}
	return p.post(a.path, a.form...)
}

// tells tells whether an answer says anything of the south street.
func (a answer) tells() bool {
	heads := fmt.Sprint(a.head)
	return strings.Contains(a.body, secret) || strings.Contains(heads, secret) || strings.HasPrefix(a.body, string(photoBytes[:4]))
}

// as is somebody with an account of their own.
func (b *bench) as(name string, s hub.Sight, roles ...hub.Role) *person {
	b.t.Helper()
	must(b.t, b.store.AddAccount(b.t.Context(), hub.Account{Name: name, Roles: roles, Sight: s}))
	proofs, err := b.store.Proofs(b.t.Context(), staff)
	must(b.t, err)
	must(b.t, b.store.SetPassword(b.t.Context(), name, proofs.Password, ""))
	p := b.person()
	if a := p.post("/login", "name", name, "password", password); a.status != http.StatusSeeOther {
		b.t.Fatalf("signing in as %s: %d", name, a.status)
	}
	return p
}

// Every route is asked as every role from another street, with what exists in
// the south: nothing of it is in any answer, and nothing of it is changed.
func TestNothingIsSeenFromAnotherStreet(t *testing.T) {
	b := newDesk(t)
	s := b.southern()
	asks, shows := scoped(s)
	for _, r := range b.console.routes() {
		if len(asks[r.pattern]) == 0 {
			t.Errorf("%s is asked by nobody: add requests to scoped that try to reach another street by it", r.pattern)
		}
	}
	boss := b.signedIn()
	for _, pattern := range shows {
		if a := boss.asks(pattern, asks[pattern][0]); !a.tells() {
			t.Errorf("%s shows an administrator nothing of what the test looks for: %d", pattern, a.status)
		}
	}
	before := b.state(s)
	four := []hub.Role{hub.RoleReader, hub.RoleReviewer, hub.RoleAnnouncer, hub.RoleTechnician}
	for _, roles := range [][]hub.Role{{hub.RoleReader}, {hub.RoleReviewer}, {hub.RoleAnnouncer}, {hub.RoleTechnician}, four} {
		p := b.as(fmt.Sprint(roles), northSight, roles...)
		for _, r := range b.console.routes() {
			for _, ask := range asks[r.pattern] {
				a := p.asks(r.pattern, ask)
				if a.tells() {
					t.Errorf("%v: %s (%s) tells of another street: %d\n%s", roles, r.pattern, ask.path, a.status, around(a.body))
				}
				may := hub.Staff{Roles: roles}.Is(r.role)
				if denied := a.status == http.StatusForbidden; !may && !denied || a.status >= 500 {
					t.Errorf("%v: %s: %d, may %v", roles, r.pattern, a.status, may)
				}
			}
		}
		if now := b.state(s); now != before {
			t.Fatalf("%v changed another street:\n%s\nwas\n%s", roles, now, before)
		}
	}
}

// A token of somebody who sees the whole, made for the north street, sees and
// does no more than that by any route of the API.
func TestNothingIsSeenByATokenForAnotherStreet(t *testing.T) {
	b := newDesk(t)
	s := b.southern()
	asks, _ := scoped(s)
	word, before := b.token([]hub.Role{hub.RoleReviewer, hub.RoleAnnouncer, hub.RoleTechnician}, northSight), b.state(s)
	for _, r := range b.console.routes() {
		for _, ask := range asks[r.pattern] {
			if !forAPI(r.pattern) {
				continue
			}
			p := b.person()
			p.token = word
			if a := p.asks(r.pattern, ask); a.tells() || a.status >= 500 || a.status == http.StatusUnauthorized {
				t.Errorf("%s (%s): %d\n%s", r.pattern, ask.path, a.status, around(a.body))
			}
		}
	}
	if now := b.state(s); now != before {
		t.Errorf("changed:\n%s\nwas\n%s", now, before)
	}
}

// Who is not signed in gets nothing of any route.
func TestNothingIsSeenFromOutside(t *testing.T) {
	b := newDesk(t)
	s := b.southern()
	asks, _ := scoped(s)
	before, p := b.state(s), b.person()
	for _, r := range b.console.routes() {
		for _, ask := range asks[r.pattern] {
			a := p.asks(r.pattern, ask)
			if in := a.status == http.StatusUnauthorized || a.status == http.StatusSeeOther && strings.HasPrefix(a.to, "/login"); !in || a.tells() || strings.Contains(a.body, "<main") {
				t.Errorf("%s: %d to %q", r.pattern, a.status, a.to)
			}
		}
	}
	if a := p.get("/events"); a.status != http.StatusUnauthorized {
		t.Errorf("the stream of changes: %d", a.status)
	}
	if b.state(s) != before {
		t.Error("somebody changed something from outside")
	}
}

// around is a part of a page where it tells something.
func around(body string) string {
	i := max(strings.Index(body, secret), 0)
	return body[max(i-200, 0):min(i+200, len(body))]
}

// What somebody sees and does in their own street is theirs, and it goes on
// record.
func TestOnesOwnStreet(t *testing.T) {
	b := newDesk(t)
	b.southern()
	p := b.as("bei", hub.Sight{Places: []ark.Place{{Street: "南街"}}}, hub.RoleReviewer)
	p.get("/").wants(t, http.StatusOK, secret+"门", secret+"路边")
	p.get("/vans").wants(t, http.StatusOK, "van-2")
	p.get("/play").wants(t, http.StatusForbidden, "您不能做这件事", "请找管理员")
	p.get("/play", "Accept-Language", "en").wants(t, http.StatusForbidden, "This is not yours to do")
	p.get("/api/1/nothing").wants(t, http.StatusNotFound)
	if body := p.get("/vans").body; strings.Contains(body, "/play?van=") || strings.Contains(body, `action="/stop"`) || strings.Contains(body, `href="/settings`) {
		t.Error("a page shows what its reader may not do")
	}
	var deeds []string
	log, err := b.store.Deeds(t.Context(), hub.AuditFilter{Who: "bei"}, hub.AuditPlace{}, 100)
	must(t, err)
	for _, e := range log {
		deeds = append(deeds, fmt.Sprint(e.Verb, " ", e.Object.Kind, " ", e.Object.ID, " ", e.Outcome))
	}
	for _, want := range []string{"search visit  allowed", "view page GET /play refused"} {
		if !slices.Contains(deeds, want) {
			t.Errorf("%q is not on record: %q", want, deeds)
		}
	}
}
