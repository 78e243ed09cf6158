package console

import (
	"html"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/pquerna/otp/totp"

	"ark"
	"ark/hub"
	"ark/hub/identity"
)

// found is what a pattern's group finds in a page.
func (a answer) found(t testing.TB, pattern string) string {
	t.Helper()
	m := regexp.MustCompile(pattern).FindStringSubmatch(a.body)
	if m == nil {
		t.Fatalf("the page lacks %s:\n%s", pattern, a.body)
	}
	return html.UnescapeString(m[1])
}

func (b *bench) account(name string) hub.Account {
	b.t.Helper()
	a, err := b.store.Account(b.t.Context(), name)
	must(b.t, err)
	return a
}

// An administrator makes an account, hands its password over, and it has to be
// changed before anything else is done.
func TestAnAccountIsMade(t *testing.T) {
	b := newBench(t)
	boss := b.signedIn()
	boss.get("/accounts").wants(t, http.StatusOK, staff, "管理员", "全部地方")
	boss.post("/accounts/new", "name", "wang").wants(t, http.StatusUnprocessableEntity, "请至少选一项")
	boss.post("/accounts/new", "name", "wang", "role", "reader", "sight", "some").wants(t, http.StatusUnprocessableEntity, "请写至少一个地方", `value="wang"`)
	boss.post("/accounts/new", "name", "wang", "role", "administrator", "street", "北街", "compound", "").wants(t, http.StatusUnprocessableEntity, "管理员要能看全部地方")
	made := boss.post("/accounts/new", "name", "wang", "display", "王老师<b>", "mail", "Wang@Example.org", "role", "reader", "role", "reviewer", "street", "北街", "community", "公园", "compound", "")
	made.wants(t, http.StatusOK, "王老师&lt;b&gt;", "只显示这一次")
	handed := made.found(t, `id="handed">([^<]+)<`)
	boss.post("/accounts/new", "name", "wang", "role", "reader", "sight", "whole").wants(t, http.StatusConflict, "已经有人用了")
	if a := b.account("wang"); a.Mail != "wang@example.org" || a.By != staff || a.Sight.Places[0] != (ark.Place{Street: "北街", Community: "公园"}) || len(a.Roles) != 2 {
		t.Errorf("got %+v", a)
	}
	p := b.person()
	p.post("/login", "name", "wang", "password", handed)
	for _, path := range []string{"/", "/vans", "/account", "/accounts"} {
		if a := p.get(path); a.to != "/password" {
			t.Errorf("%s before the password was changed: %d to %q", path, a.status, a.to)
		}
	}
	p.get("/api/1/visits").wants(t, http.StatusForbidden, "password")
	p.get("/password").wants(t, http.StatusOK, "别人也知道")
	if a := p.post("/password", "old", handed, "new", "wang's own password", "again", "wang's own password"); a.to != "/account" {
		t.Fatalf("got %d to %q: %s", a.status, a.to, a.body)
	}
	p.get("/account").wants(t, http.StatusOK, "密码已修改", "审核", "北街")
	p.get("/accounts").wants(t, http.StatusForbidden)
	if strings.Contains(p.get("/").body, `href="/accounts"`) {
		t.Error("a page leads a reviewer to all accounts")
	}
}

func TestAnAccountIsChanged(t *testing.T) {
	b := newBench(t)
	boss := b.signedIn()
	p := b.as("wang", hub.Everything, hub.RoleReader)
	page := boss.get("/accounts/one?name=wang")
	version := page.found(t, `name="version" value="(\d+)"`)
	page.wants(t, http.StatusOK, "Go-http-client")
	set := []string{"name", "wang", "version", version, "role", "technician", "sight", "whole", "disabled", "no"}
	if a := boss.post("/accounts/one", set...); a.status != http.StatusSeeOther {
		t.Fatalf("got %d: %s", a.status, a.body)
	}
	boss.post("/accounts/one", set...).wants(t, http.StatusConflict, "刚才有人改过")
	p.get("/settings").wants(t, http.StatusOK) // what they may do holds at once
	a := boss.post("/accounts/password", "name", "wang")
	a.wants(t, http.StatusOK, "只显示这一次")
	if a := p.get("/vans"); a.status != http.StatusSeeOther {
		t.Errorf("with a new password they are still in: %d", a.status)
	}
	q := b.person()
	q.post("/login", "name", "wang", "password", a.found(t, `id="handed">([^<]+)<`))
	boss.post("/accounts/sessions", "name", "wang")
	if a := q.get("/password"); a.status != http.StatusSeeOther || !strings.HasPrefix(a.to, "/login") {
		t.Errorf("signed out everywhere: %d to %q", a.status, a.to)
	}
	me := boss.get("/accounts/one?name="+url.QueryEscape(staff)).found(t, `name="version" value="(\d+)"`)
	boss.post("/accounts/one", "name", staff, "version", me, "role", "reader", "sight", "whole", "disabled", "no").wants(t, http.StatusUnprocessableEntity, "最后一个能登录的管理员")
	boss.get("/accounts/one?name=nobody").wants(t, http.StatusNotFound)
	var verbs string
	log, err := b.store.Deeds(t.Context(), hub.AuditFilter{Who: staff}, hub.AuditPlace{}, 100)
	must(t, err)
	for _, e := range log {
		verbs += string(e.Verb) + " " + e.Object.Kind + " " + e.Object.ID + " " + string(e.Outcome) + "\n"
	}
	for _, want := range []string{"sign-in session  allowed", "change account wang allowed", "sign-out session wang allowed", "change account " + staff + " failed"} {
		if !strings.Contains(verbs, want) {
			t.Errorf("%q is not on record:\n%s", want, verbs)
		}
	}
}

// app turns codes of an app on, and is its secret.
func (p *person) app() (secret string) {
	p.t.Helper()
	page := p.get("/account/app")
	page.wants(p.t, http.StatusOK, "<svg", "6 位数字")
	secret = page.found(p.t, `name="secret" value="([A-Z2-7]+)"`)
	p.post("/account/app", "secret", secret, "code", "000000").wants(p.t, http.StatusUnprocessableEntity, "数字不对", secret)
	done := p.post("/account/app", "secret", secret, "code", p.b.code(secret))
	done.wants(p.t, http.StatusOK, "恢复码", "只显示这一次")
	return secret
}

func (b *bench) code(secret string) string {
	b.t.Helper()
	code, err := totp.GenerateCode(secret, b.clock())
	must(b.t, err)
	return code
}

func TestSigningInInTwoSteps(t *testing.T) {
	b := newBench(t)
	p := b.signedIn()
	secret := p.app()
	codes := p.post("/account/codes")
	recovery := codes.found(t, `<li><code>([^<]+)</code>`)
	p.get("/account").wants(t, http.StatusOK, "还剩 10 个")
	b.pass(time.Minute)
	q := b.person()
	if a := q.post("/login", "name", staff, "password", password, "next", "/vans"); a.to != "/login/second?next=%2Fvans" {
		t.Fatalf("got %d to %q", a.status, a.to)
	}
	if a := q.get("/vans"); a.status != http.StatusSeeOther || !strings.HasPrefix(a.to, "/login") {
		t.Errorf("after the first step they are in: %d", a.status)
	}
	q.get("/login/second?next=/vans").wants(t, http.StatusOK, "第二步验证", staff)
	q.post("/login/second?next=/vans", "code", "000000").wants(t, http.StatusUnauthorized, "验证码不对")
	code := b.code(secret)
	if a := q.post("/login/second?next=/vans", "code", code); a.to != "/vans" {
		t.Fatalf("got %d to %q", a.status, a.to)
	}
	q.get("/vans").wants(t, http.StatusOK)
	again := b.person()
	again.post("/login", "name", staff, "password", password)
	again.post("/login/second", "code", code).wants(t, http.StatusUnauthorized, "已经用过")
	if a := again.post("/login/second?next=//evil.example", "code", recovery); a.to != "/" {
		t.Errorf("by a recovery code: %d to %q", a.status, a.to)
	}
	p.get("/account").wants(t, http.StatusOK, "还剩 9 个")
	if a := b.person().get("/login/second"); a.status != http.StatusSeeOther {
		t.Errorf("the second step before the first: %d", a.status)
	}
	p.post("/account/app/off").wants(t, http.StatusUnprocessableEntity, "15") // nobody knows how long the password is
	if a := p.post("/password", "old", password, "new", "a longer password", "again", "a longer password"); a.to != "/account" {
		t.Fatalf("got %d", a.status)
	}
	if a := p.post("/account/app/off"); a.to != "/account" || b.account(staff).TOTP {
		t.Errorf("off: %d", a.status)
	}
}

// Who has the password alone proves no more than at a sign-in: nothing.
func TestAProofIsAsStrongAsASignIn(t *testing.T) {
	b := newBench(t)
	p := b.signedIn()
	secret := p.app()
	b.pass(provedToOpen)
	p.get("/confirm?next=/account/app").wants(t, http.StatusOK, "您的密码", "验证码")
	p.post("/confirm", "password", password, "next", "/account/app").wants(t, http.StatusUnprocessableEntity, "验证码不对")
	p.post("/confirm", "password", password, "code", "000000", "next", "/account/app").wants(t, http.StatusUnprocessableEntity, "验证码不对")
	if a := p.get("/account/app"); !strings.HasPrefix(a.to, "/confirm?") {
		t.Errorf("by the password alone: %d to %q", a.status, a.to)
	}
	if a := p.get("/password"); a.to != "/confirm?next=%2Fpassword" {
		t.Errorf("the password is changed by the password: %d to %q", a.status, a.to)
	}
	if a := p.post("/confirm", "password", password, "code", b.code(secret), "next", "/account/app"); a.to != "/account/app" {
		t.Fatalf("by both: %d to %q", a.status, a.to)
	}
	p.get("/account/app").wants(t, http.StatusOK)
}

// Who finds a browser that was left open changes nothing that lets them in.
func TestChangesNeedAProof(t *testing.T) {
	b := newBench(t)
	p := b.signedIn()
	b.pass(provedToOpen)
	for _, path := range []string{"/account/app", "/account/keys", "/account/tokens", "/accounts/new", "/accounts/one?name=" + url.QueryEscape(staff)} {
		if a := p.get(path); a.to != "/confirm?next="+url.QueryEscape(path) {
			t.Errorf("%s: %d to %q", path, a.status, a.to)
		}
	}
	p.get("/account").wants(t, http.StatusOK)
	p.get("/confirm?next=/account/app").wants(t, http.StatusOK, "您的密码", `value="/account/app"`)
	p.post("/confirm", "password", "wrong", "next", "/account/app").wants(t, http.StatusUnprocessableEntity, "密码不对")
	if a := p.post("/confirm", "password", password, "next", "/account/app"); a.to != "/account/app" {
		t.Fatalf("got %d to %q", a.status, a.to)
	}
	p.get("/account/app").wants(t, http.StatusOK)
	b.pass(provedToSend)
	for _, path := range []string{"/account/app", "/account/app/off", "/account/codes", "/account/keys/options", "/account/keys", "/account/keys/remove", "/account/tokens", "/account/tokens/end",
		"/accounts/new", "/accounts/one", "/accounts/password", "/accounts/reset", "/accounts/sessions", "/accounts/tokens"} {
		if a := p.post(path, "name", staff); !strings.HasPrefix(a.to, "/confirm?next=") {
			t.Errorf("POST %s: %d to %q", path, a.status, a.to)
		}
	}
}

func TestSessionsAreSeenAndEnded(t *testing.T) {
	b := newBench(t)
	p, q, r := b.signedIn(), b.signedIn(), b.signedIn()
	page := p.get("/account")
	page.wants(t, http.StatusOK, "就是这里", "127.0.0.1")
	if n := strings.Count(page.body, `name="id" value="`); n != 2 {
		t.Fatalf("%d sessions can be ended", n)
	}
	p.post("/account/sessions", "id", page.found(t, `action="/account/sessions"><input type="hidden" name="id" value="([^"]+)"`))
	in := 0
	for _, one := range []*person{q, r} {
		if one.get("/account").status == http.StatusOK {
			in++
		}
	}
	if in != 1 {
		t.Errorf("%d of two are in after one was ended", in)
	}
	other := b.as("wang", hub.Everything, hub.RoleReader)
	other.post("/account/sessions", "id", p.get("/account").found(t, `action="/account/sessions"><input type="hidden" name="id" value="([^"]+)"`))
	if p.post("/account/sessions"); q.get("/account").status == http.StatusOK || r.get("/account").status == http.StatusOK || p.get("/account").status != http.StatusOK || other.get("/account").status != http.StatusOK {
		t.Error("all others of one's own end, and nothing else")
	}
}

func TestTokensAreMade(t *testing.T) {
	b := newBench(t)
	p := b.as("wang", hub.Sight{Places: []ark.Place{{Street: "北街"}}}, hub.RoleReviewer)
	p.get("/account/tokens").wants(t, http.StatusOK, "北街", "审核")
	for what, want := range map[string]string{"role=administrator&street=北街&compound=": "管理员要能看全部地方", "role=technician&street=北街&compound=": "不能比您自己", "role=reader&sight=whole": "不能比您自己", "role=reader&street=南街&compound=": "不能比您自己",
		"role=reader": "请写至少一个地方", "street=北街&compound=": "请至少选一项", "role=reader&street=北街&compound=&days=9999": "请选有效期"} {
		form, err := url.ParseQuery(what)
		must(t, err)
		fields := []string{"name", "报表"}
		if form.Get("days") == "" {
			fields = append(fields, "days", "30")
		}
		for k, vs := range form {
			fields = append(fields, k, vs[0])
		}
		p.post("/account/tokens", fields...).wants(t, http.StatusUnprocessableEntity, want, "报表")
	}
	word := p.post("/account/tokens", "name", "报表", "days", "30", "role", "reader", "street", "北街", "compound", "").found(t, `id="word">(ark_[A-Z2-7]+)<`)
	b.person().get("/api/1/visits", "Authorization", "Bearer "+word).wants(t, http.StatusOK)
	b.person().get("/api/1/visits", "Authorization", "Bearer "+word+"x").wants(t, http.StatusUnauthorized)
	if a := b.person().get("/account", "Authorization", "Bearer "+word); a.status != http.StatusSeeOther {
		t.Errorf("a token opens pages: %d", a.status)
	}
	page := p.get("/account")
	if strings.Contains(page.body, word) {
		t.Error("the token is shown again")
	}
	id := page.found(t, `action="/account/tokens/end"><input type="hidden" name="id" value="([^"]+)"`)
	if a := p.post("/account/tokens/end", "id", id); a.to != "/account" {
		t.Fatalf("got %d", a.status)
	}
	b.person().get("/api/1/visits", "Authorization", "Bearer "+word).wants(t, http.StatusUnauthorized)
}

// Passkeys need a name and TLS: where there is neither, it is said.
func TestWherePasskeysCannotBe(t *testing.T) {
	b := newBench(t)
	p := b.signedIn()
	p.get("/account").wants(t, http.StatusOK, "IP 地址")
	p.post("/account/keys/options").wants(t, http.StatusUnprocessableEntity, "IP 地址")
	p.post("/login/key/options").wants(t, http.StatusUnprocessableEntity, "IP 地址")
	if strings.Contains(b.person().get("/login").body, "data-key-options") {
		t.Error("a passkey is offered where there can be none")
	}
	for at, want := range map[string]string{"https://hub.example.org": "", "http://hub.example.org": "key.byPlain", "http://localhost:8088": "", "https://[::1]:9": "key.byNumber"} {
		b.console.c.Address = at
		if got := b.console.keysHinder(httpRequest(t)); got != want {
			t.Errorf("at %s: %q", at, got)
		}
	}
}

func httpRequest(t *testing.T) *http.Request {
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "/", nil)
	must(t, err)
	return r
}

var _ Accounts = (*identity.Accounts)(nil)
