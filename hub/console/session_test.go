package console

import (
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"ark/hub"
	desks "ark/hub/desk"
	"ark/hub/identity"
	"ark/hub/store"
)

func TestNobodyComesInUnasked(t *testing.T) {
	b := newBench(t)
	p := b.person()
	for path, to := range map[string]string{"/": "/login", "/vans": "/login?next=%2Fvans", "/broadcasts?before=7": "/login?next=%2Fbroadcasts%3Fbefore%3D7",
		"/orders": "/login?next=%2Forders", "/play": "/login?next=%2Fplay", "/password": "/login?next=%2Fpassword", "/nowhere": "/login?next=%2Fnowhere"} {
		if a := p.get(path); a.status != http.StatusSeeOther || a.to != to {
			t.Errorf("%s: got %d to %q, want to be asked to sign in", path, a.status, a.to)
		}
	}
	for _, path := range []string{"/api/1/visits", "/api/1/broadcasts", "/api/1/vans", "/api/1/orders", "/events"} {
		if a := p.get(path); a.status != http.StatusUnauthorized {
			t.Errorf("%s: got %d, want 401", path, a.status)
		}
	}
	for _, path := range []string{"/play", "/stop", "/password"} {
		if a := p.post(path, "van", "*", "announcement", "welcome", "minutes", "5"); a.to != "/login" {
			t.Errorf("POST %s: got %d to %q", path, a.status, a.to)
		}
	}
	if orders := mustList(t, b); len(orders) != 0 {
		t.Errorf("%d orders were made by nobody", len(orders))
	}
	page := p.get("/login")
	page.wants(t, http.StatusOK, "登录", "ark-hub passwd")
	if policy := page.head.Get("Content-Security-Policy"); !strings.Contains(policy, "script-src 'self'") || strings.Contains(policy, "unsafe") {
		t.Errorf("got policy %q", policy)
	}
}

func TestSigningIn(t *testing.T) {
	b := newBench(t)
	p := b.person()
	p.post("/login", "name", "", "password", "").wants(t, http.StatusUnprocessableEntity, "请填写账号和密码")
	p.post("/login", "name", staff, "password", "wrong", "next", "/vans").wants(t, http.StatusUnauthorized, "账号或密码不对", `value="林老师"`, `value="/vans"`)
	a := p.post("/login", "name", staff, "password", password, "next", "/vans")
	if a.status != http.StatusSeeOther || a.to != "/vans" {
		t.Fatalf("got %d to %q, want to go on to /vans", a.status, a.to)
	}
	cookie := a.head.Get("Set-Cookie")
	for _, want := range []string{"ark-session=", "HttpOnly", "SameSite=Lax", "Path=/"} {
		if !strings.Contains(cookie, want) {
			t.Errorf("cookie %q lacks %s", cookie, want)
		}
	}
	first := strings.SplitN(cookie, ";", 2)[0]
	if again := strings.SplitN(p.post("/login", "name", staff, "password", password).head.Get("Set-Cookie"), ";", 2)[0]; again == first || again == "" {
		t.Errorf("a second sign-in goes under the same session %q", again)
	}
	if a := b.person().get("/vans", "Cookie", first); a.status != http.StatusSeeOther {
		t.Errorf("the session before it still lives: %d", a.status)
	}
	p.get("/vans").wants(t, http.StatusOK, staff)
	if a := p.get("/login"); a.to != "/" {
		t.Errorf("signed in and asked again: %d to %q", a.status, a.to)
	}
	for _, next := range []string{"https://elsewhere.example/", "//elsewhere.example/", `/\elsewhere.example`, "javascript:alert(1)", ""} {
		if got := onwards(next); got != "/" {
			t.Errorf("next=%q leads to %q", next, got)
		}
	}
	if strings.Contains(b.log.String(), staff) || strings.Contains(b.log.String(), password) {
		t.Errorf("the log names people:\n%s", b.log.String())
	}
}

func TestTooManyTriesAreToldToWait(t *testing.T) {
	b := newBench(t)
	p := b.person()
	for range 5 {
		p.post("/login", "name", staff, "password", "wrong").wants(t, http.StatusUnauthorized)
	}
	p.post("/login", "name", staff, "password", password).wants(t, http.StatusTooManyRequests, "输错太多次")
	b.pass(15 * time.Minute)
	b.signedIn()
}

// In a bubble of its own time, and so without a socket.
func TestSessionsEnd(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		kept, err := store.Open(t.Context(), filepath.Join(t.TempDir(), "hub.db"), random, time.Now)
		must(t, err)
		defer kept.Close()
		accounts := identity.NewAccounts(kept, time.Now)
		must(t, kept.AddAccount(t.Context(), hub.Account{Name: staff, Roles: []hub.Role{hub.RoleReader}, Sight: hub.Everything}))
		must(t, accounts.Set(t.Context(), staff, password, ""))
		c, err := New(Config{Accounts: accounts, Book: kept, Audit: kept, Desk: func(s hub.Staff) Desk {
			return desks.New(desks.Config{Audit: kept, Views: kept, Library: kept, SavedViews: kept, Team: kept, Now: time.Now}).For(s)
		}, Now: time.Now, Zone: time.UTC, Log: slog.New(slog.DiscardHandler)})
		must(t, err)
		h := c.Handler()
		ask := func(cookie, method, path string, heads ...string) *httptest.ResponseRecorder {
			r := httptest.NewRequest(method, path, strings.NewReader(url.Values{"name": {staff}, "password": {password}}.Encode()))
			r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
			r.Header.Set("Cookie", cookie)
			for i := 0; i+1 < len(heads); i += 2 {
				r.Header.Set(heads[i], heads[i+1])
			}
			w := httptest.NewRecorder()
			h.ServeHTTP(w, r)
			return w
		}
		signIn := func() string {
			return strings.SplitN(ask("", http.MethodPost, "/login").Header().Get("Set-Cookie"), ";", 2)[0]
		}
		in := func(cookie string, heads ...string) bool {
			return ask(cookie, http.MethodGet, "/confirm", heads...).Code == http.StatusOK
		}
		one, other := signIn(), signIn()
		ask(one, http.MethodPost, "/logout")
		if in(one) || !in(other) {
			t.Fatal("signing out ends that session and no other")
		}
		for used := time.Duration(0); used+sessionIdle < sessionLife; used += sessionIdle - time.Minute {
			if !in(other) {
				t.Fatalf("a session in use ended after %v", used)
			}
			time.Sleep(sessionIdle - time.Minute)
		}
		time.Sleep(time.Hour)
		if in(other) {
			t.Error("a session lives for ever")
		}
		one = signIn()
		time.Sleep(sessionIdle - time.Minute)
		if !in(one, "Sec-Fetch-Dest", "empty") {
			t.Fatal("a session ended too early")
		}
		time.Sleep(2 * time.Minute)
		if in(one) {
			t.Error("what a page fetches by itself keeps a session alive")
		}
	})
}

func TestChangingThePasswordEndsOtherSessions(t *testing.T) {
	b := newBench(t)
	p, other := b.signedIn(), b.signedIn()
	p.get("/password").wants(t, http.StatusOK, staff)
	const fresh = "another password"
	p.post("/password", "old", password, "new", fresh, "again", "typo").wants(t, http.StatusUnprocessableEntity, "不一样")
	p.post("/password", "old", "wrong", "new", fresh, "again", fresh).wants(t, http.StatusUnprocessableEntity, "现在的密码不对")
	p.post("/password", "old", password, "new", "short", "again", "short").wants(t, http.StatusUnprocessableEntity, "15 个字符")
	if a := p.post("/password", "old", password, "new", fresh, "again", fresh); a.status != http.StatusSeeOther {
		t.Fatalf("got %d:\n%s", a.status, a.body)
	}
	p.get("/password").wants(t, http.StatusOK, "密码已修改")
	if strings.Contains(p.get("/password").body, "密码已修改") {
		t.Error("it is said twice")
	}
	if a := other.get("/vans"); a.status != http.StatusSeeOther {
		t.Errorf("the other session still lives: %d", a.status)
	}
	must(t, b.accounts.Set(t.Context(), staff, password, "")) // as ark-hub passwd does
	if a := p.get("/vans"); a.status != http.StatusSeeOther {
		t.Errorf("after a password set elsewhere the session lives: %d", a.status)
	}
}

// Tokens of programs stay when their owner says nothing, and end where asked.
func TestTokensEndWithThePasswordWhereAsked(t *testing.T) {
	b := newBench(t)
	p := b.signedIn()
	if strings.Contains(p.get("/password").body, `name="tokens"`) {
		t.Error("who has no tokens is asked about them")
	}
	word := b.token([]hub.Role{hub.RoleReader}, hub.Everything)
	p.get("/password").wants(t, http.StatusOK, `name="tokens"`, "1 个程序令牌")
	p.post("/password", "old", password, "new", "another password", "again", "another password")
	b.call(word, "/api/1/me").wants(t, http.StatusOK)
	p.post("/password", "old", "another password", "new", password+" once more", "again", password+" once more", "tokens", "end")
	b.call(word, "/api/1/me").wants(t, http.StatusUnauthorized)
}

func TestCookiesOverTLSNeverGoWithout(t *testing.T) {
	b := newBench(t)
	p := b.person()
	signIn := func(heads ...string) string {
		r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, b.server.URL+"/login", strings.NewReader(url.Values{"name": {staff}, "password": {password}}.Encode()))
		must(t, err)
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		for i := 0; i+1 < len(heads); i += 2 {
			r.Header.Set(heads[i], heads[i+1])
		}
		return p.do(r).head.Get("Set-Cookie")
	}
	if cookie := signIn(); strings.Contains(cookie, "Secure") {
		t.Errorf("over plain HTTP: %q", cookie)
	}
	cookie := signIn("X-Forwarded-Proto", "https")
	if !strings.HasPrefix(cookie, "__Host-ark-session=") || !strings.Contains(cookie, "; Secure") {
		t.Errorf("through a proxy that speaks TLS: %q", cookie)
	}
	session := strings.SplitN(cookie, ";", 2)[0]
	b.person().get("/password", "Cookie", session, "X-Forwarded-Proto", "https").wants(t, http.StatusOK)
	if a := b.person().get("/password", "Cookie", session); a.status != http.StatusSeeOther {
		t.Errorf("the cookie is taken without TLS: %d", a.status)
	}
	r := httptest.NewRequest(http.MethodGet, "/", nil)
	r.RemoteAddr = "192.0.2.7:4000"
	r.Header.Set("X-Forwarded-For", "198.51.100.1")
	if got := client(r); got != "192.0.2.7" {
		t.Errorf("a stranger is taken for %s", got)
	}
	r.RemoteAddr = "127.0.0.1:4000"
	if got := client(r); got != "198.51.100.1" {
		t.Errorf("a proxy's client is taken for %s", got)
	}
}

// Wrong passwords count against a person, who may have 2^64 addresses of IPv6,
// and whose proxy may pass on anything.
func TestWhomTriesCountAgainst(t *testing.T) {
	for _, c := range []struct{ remote, forwarded, want string }{
		{"[2001:db8:1:2:3:4:5:6]:9", "", "2001:db8:1:2::"},
		{"[2001:db8:1:2:ffff::1]:9", "", "2001:db8:1:2::"},
		{"[::ffff:192.0.2.7]:9", "", "192.0.2.7"},
		{"[fe80::7%eth0]:9", "", "fe80::7"},
		{"[::1]:9", "2001:db8:1:2::9", "2001:db8:1:2::"},
		{"127.0.0.1:9", "198.51.100.1:4711", "198.51.100.1"},
		{"127.0.0.1:9", strings.Repeat("x", 10_000), "127.0.0.1"},
	} {
		r := httptest.NewRequest(http.MethodGet, "/", nil)
		r.RemoteAddr = c.remote
		r.Header.Set("X-Forwarded-For", c.forwarded)
		if got := client(r); got != c.want {
			t.Errorf("%s, for %.20q: %.40s, want %s", c.remote, c.forwarded, got, c.want)
		}
	}
}

func TestSessionsOutliveARestart(t *testing.T) {
	b := newBench(t)
	p := b.signedIn()
	next, err := New(b.console.c)
	must(t, err)
	b.handler = next.Handler()
	p.get("/password").wants(t, http.StatusOK, staff)
	if _, there, err := b.store.SessionData(t.Context(), p.cookie(), time.Now()); err != nil || there {
		t.Errorf("what lets people in is kept as the browser holds it: %v, %v", there, err)
	}
}

// cookie is what the browser holds of the session.
func (p *person) cookie() string {
	at, err := url.Parse(p.b.server.URL)
	must(p.t, err)
	for _, c := range p.client.Jar.Cookies(at) {
		if c.Name == "ark-session" {
			return c.Value
		}
	}
	p.t.Fatal("no session")
	return ""
}
