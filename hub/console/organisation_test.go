package console

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"ark"
	"ark/hub"
	"ark/hub/identity"
	"ark/internal/issuer"
)

// united is a console whose organisation has a sign-in.
type united struct {
	*bench
	issuer *issuer.Issuer
}

func newUnited(t *testing.T) united {
	b := newBench(t)
	p := issuer.New(t, b.server.URL+"/oidc")
	p.Claims = map[string]any{"sub": "1", "preferred_username": "wang", "name": "王老师", "groups": "north"}
	b.console.c.Organisation = identity.NewOrganisation(b.accounts, identity.OrganisationConfig{Name: "街道统一登录", Issuer: p.URL, ClientID: issuer.Client, Secret: issuer.Secret,
		Redirect: p.Redirect, Claim: "groups", Audit: b.store, Grants: []identity.Grant{{Value: "north", Roles: []hub.Role{hub.RoleReader}, Sight: hub.Sight{Places: []ark.Place{{Street: "北街"}}}}}})
	b.handler = b.console.Handler()
	return united{b, p}
}

// away goes to the organisation's sign-in and is what it sends the browser back
// to, and what it was asked for.
func (j united) away(p *person, next string) (back string, asked url.Values) {
	p.t.Helper()
	a := p.get("/login/organisation?next=" + url.QueryEscape(next))
	if a.status != http.StatusSeeOther || !strings.HasPrefix(a.to, j.issuer.URL) {
		p.t.Fatalf("sent to %q with %d", a.to, a.status)
	}
	at, err := url.Parse(a.to)
	must(p.t, err)
	state, code := j.issuer.Visit(a.to)
	return "/oidc?" + url.Values{"state": {state}, "code": {code}}.Encode(), at.Query()
}

// deeds are entries of the record, the newest first.
func (b *bench) deeds(f hub.AuditFilter) []hub.AuditEntry {
	b.t.Helper()
	all, err := b.store.Deeds(b.t.Context(), f, hub.AuditPlace{}, 200)
	must(b.t, err)
	return all
}

func TestSigningInByTheOrganisation(t *testing.T) {
	j := newUnited(t)
	p := j.person()
	p.get("/login?next=/vans").wants(t, http.StatusOK, "用 街道统一登录 登录", "/login/organisation?next=%2fvans")
	if a := p.get("/login/organisation?next=/vans", "Sec-Fetch-Site", "cross-site"); a.to != "/login?next=%2Fvans" {
		t.Errorf("another site signs somebody in: %d to %q", a.status, a.to)
	}
	back, _ := j.away(p, "/vans")
	if a := p.get(back); a.status != http.StatusSeeOther || a.to != "/vans" {
		t.Fatalf("back with %d to %q: %s", a.status, a.to, a.body)
	}
	p.get("/vans").wants(t, http.StatusOK, "wang")
	p.get("/settings").wants(t, http.StatusForbidden)
	if all := j.deeds(hub.AuditFilter{Who: "wang", Verb: hub.VerbSignIn}); len(all) != 1 || all[0].Detail["how"] != "oidc" || all[0].Outcome != hub.OutcomeAllowed {
		t.Errorf("on record %+v", all)
	}
	j.issuer.Claims = map[string]any{"sub": "2", "groups": "others"}
	stranger := j.person()
	back, _ = j.away(stranger, "//evil.example")
	stranger.get(back).wants(t, http.StatusForbidden, "没有给您的账号")
	if all := j.deeds(hub.AuditFilter{Verb: hub.VerbSignIn, Outcome: hub.OutcomeRefused}); len(all) != 1 {
		t.Errorf("on record %+v", all)
	}
	j.issuer.Close()
	back, _ = j.away(stranger, "/")
	stranger.get(back).wants(t, http.StatusServiceUnavailable, "连不上")
}

// Somebody may have signed in there hours ago: that lets them in, and is no
// proof that it is they who now change how they sign in.
func TestAnOrganisationsSignInIsNoProof(t *testing.T) {
	j := newUnited(t)
	p := j.person()
	back, asked := j.away(p, "/")
	if asked.Has("max_age") || asked.Has("prompt") {
		t.Errorf("a sign-in asks with %v", asked)
	}
	p.get(back)
	if a := p.get("/account/tokens"); a.to != "/confirm?next=%2Faccount%2Ftokens" {
		t.Fatalf("%d to %q", a.status, a.to)
	}
	p.get("/confirm?next=/account/tokens").wants(t, http.StatusOK, "用 街道统一登录 登录")
	for at, want := range map[time.Time]int{{}: http.StatusUnauthorized, j.clock().Add(-time.Hour): http.StatusUnauthorized} {
		j.issuer.Claims["auth_time"] = at.Unix()
		back, asked = j.away(p, "/account/tokens")
		if asked.Get("max_age") != "0" || asked.Get("prompt") != "login" {
			t.Errorf("a proof asks with %v", asked)
		}
		p.get(back).wants(t, want)
	}
	j.issuer.Claims["auth_time"] = j.clock().Unix()
	back, _ = j.away(p, "/account/tokens")
	other := j.signedIn()
	other.get(back, "Cookie", "ark-session="+other.cookie()+"; ark-key="+p.holds("ark-key")).wants(t, http.StatusUnauthorized)
	back, _ = j.away(p, "/account/tokens")
	before := p.cookie()
	if a := p.get(back); a.to != "/account/tokens" {
		t.Fatalf("%d to %q", a.status, a.to)
	}
	p.get("/account/tokens").wants(t, http.StatusOK)
	if a := j.person().get("/account", "Cookie", "ark-session="+before); a.status != http.StatusSeeOther {
		t.Errorf("the session goes on under the token of before the proof: %d", a.status)
	}
}

// holds is what a browser holds under a name.
func (p *person) holds(name string) string {
	p.t.Helper()
	at, err := url.Parse(p.b.server.URL)
	must(p.t, err)
	for _, c := range p.client.Jar.Cookies(at) {
		if c.Name == name {
			return c.Value
		}
	}
	p.t.Fatalf("no %s", name)
	return ""
}

// Out of the group is out of the hub, at the next try to come in.
func TestOutOfTheOrganisation(t *testing.T) {
	j := newUnited(t)
	p, q := j.person(), j.person()
	back, _ := j.away(p, "/")
	p.get(back)
	p.get("/account").wants(t, http.StatusOK)
	j.issuer.Claims = map[string]any{"sub": "1", "preferred_username": "wang", "groups": "left"}
	back, _ = j.away(q, "/")
	q.get(back).wants(t, http.StatusForbidden, "没有给您的账号")
	if a := p.get("/account"); a.status != http.StatusSeeOther {
		t.Errorf("the session goes on: %d", a.status)
	}
	j.signedIn().get("/accounts").wants(t, http.StatusOK, "单位最近没有放行")
}

// An answer of the organisation lets in the browser that asked, once.
func TestTheOrganisationsAnswersReplayed(t *testing.T) {
	j := newUnited(t)
	p, thief := j.person(), j.person()
	back, _ := j.away(p, "/")
	thief.get(back).wants(t, http.StatusUnauthorized, "没有完成，或者用过了")
	mine, _ := j.away(thief, "/")
	q, err := url.ParseQuery(strings.TrimPrefix(back, "/oidc?"))
	must(t, err)
	own, err := url.ParseQuery(strings.TrimPrefix(mine, "/oidc?"))
	must(t, err)
	thief.get("/oidc?"+url.Values{"state": own["state"], "code": q["code"]}.Encode()).wants(t, http.StatusUnauthorized)
	back, _ = j.away(p, "/")
	word := p.holds("ark-key")
	if a := p.get(back); a.to != "/" {
		t.Fatalf("%d to %q", a.status, a.to)
	}
	asked := j.issuer.Asked
	p.get(back).wants(t, http.StatusUnauthorized)
	thief.get(back, "Cookie", "ark-key="+word).wants(t, http.StatusUnauthorized)
	if j.issuer.Asked != asked {
		t.Error("the organisation is asked about an answer that was used")
	}
	if a := thief.get("/account"); a.status != http.StatusSeeOther {
		t.Errorf("the thief is in: %d", a.status)
	}
}

// What strangers send to the open doors goes on record only where the hub had
// begun it, and not without end.
func TestStrangersDoNotFillTheRecord(t *testing.T) {
	j := newUnited(t)
	j.console.c.Address = "http://localhost:8088" // where passkeys can be
	p := j.person()
	for range missesAtOnce / 2 {
		p.get("/oidc?state=x&code=y", "Cookie", "ark-key=none").wants(t, http.StatusUnauthorized)
		p.post("/login/key").wants(t, http.StatusUnauthorized)
	}
	if all := j.deeds(hub.AuditFilter{}); len(all) != 0 {
		t.Errorf("%d entries of what nobody had begun", len(all))
	}
	p.get("/oidc?state=x&code=y").wants(t, http.StatusTooManyRequests, "15 分钟")
	p.post("/login/key").wants(t, http.StatusTooManyRequests)
	p.get("/login/organisation").wants(t, http.StatusTooManyRequests)
	j.signedIn() // by a password: it counts by itself
	j.pass(missesAtOnce * missesEvery)
	for range 3 * missesAtOnce {
		if a := p.get("/login/organisation"); a.status == http.StatusSeeOther {
			p.get("/oidc?state=x&code=y")
		}
	}
	if all := j.deeds(hub.AuditFilter{Outcome: hub.OutcomeRefused}); len(all) != missesAtOnce {
		t.Errorf("%d entries of wrong answers, want %d", len(all), missesAtOnce)
	}
}

// A cookie that somebody had before the sign-in, or made up, is worth nothing
// after it.
func TestSessionFixation(t *testing.T) {
	b := newBench(t)
	const planted = "ark-session=planted-by-somebody-else-0123456789abcdef"
	r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, b.server.URL+"/login", strings.NewReader(url.Values{"name": {staff}, "password": {password}}.Encode()))
	must(t, err)
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.Header.Set("Cookie", planted)
	p := b.person()
	if a := p.do(r); a.status != http.StatusSeeOther || strings.Contains(a.head.Get("Set-Cookie"), "planted") {
		t.Fatalf("signed in with %d, under %q", a.status, a.head.Get("Set-Cookie"))
	}
	p.get("/account").wants(t, http.StatusOK)
	if a := b.person().get("/account", "Cookie", planted); a.status != http.StatusSeeOther {
		t.Errorf("the planted cookie is in: %d", a.status)
	}
	seen := p.cookie() // of a session that somebody looked over a shoulder for
	p.post("/logout")
	if a := b.person().get("/account", "Cookie", "ark-session="+seen); a.status != http.StatusSeeOther {
		t.Errorf("after signing out: %d", a.status)
	}
}
