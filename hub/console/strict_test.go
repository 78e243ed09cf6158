package console

import (
	"net/http"
	"testing"

	"ark/hub"
)

// Who came by TLS comes back by TLS, where the operator says so.
func TestBrowsersAreHeldToTLS(t *testing.T) {
	b := newBench(t)
	said := func(heads ...string) string {
		return b.person().get("/login", heads...).head.Get("Strict-Transport-Security")
	}
	if got := said("X-Forwarded-Proto", "https"); got != "" {
		t.Errorf("nobody said so: %q", got)
	}
	b.console.c.Strict = true
	if got := said("X-Forwarded-Proto", "https"); got != strictly {
		t.Errorf("got %q", got)
	}
	if got := said(); got != "" {
		t.Errorf("over plain HTTP: %q", got)
	}
}

// Whose account must have a second factor sees nothing but how to turn one on
// until there is one.
func TestASecondFactorThatMustBe(t *testing.T) {
	b := newBench(t)
	p := b.signedIn()
	p.get("/vans").wants(t, http.StatusOK)
	b.console.c.NeedsSecond = func(a hub.Account) bool { return a.Name == staff }
	for _, path := range []string{"/", "/vans", "/accounts", "/account/tokens"} {
		if a := p.get(path); a.status != http.StatusSeeOther || a.to != "/account" {
			t.Errorf("%s: %d to %q", path, a.status, a.to)
		}
	}
	p.get("/api/1/vans").wants(t, http.StatusForbidden, `"second"`)
	p.get("/account").wants(t, http.StatusOK, "您的账号要有第二步验证", `href="/account/app"`)
	b.as("lin", hub.Everything, hub.RoleReader).get("/vans").wants(t, http.StatusOK)
	p.app()
	p.get("/vans").wants(t, http.StatusOK)
	must(t, b.store.SetTOTP(t.Context(), staff, nil))
	if a := p.get("/vans"); a.to != "/account" {
		t.Errorf("when it is off again: %d to %q", a.status, a.to)
	}
}
