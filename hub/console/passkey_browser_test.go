package console

import (
	"strings"
	"testing"

	"ark/hub"
	"ark/internal/browser"
)

// byName serves the console under a name at which passkeys can be, and is its
// address.
func (b *bench) byName() string {
	return strings.Replace(b.server.URL, "127.0.0.1", "localhost", 1)
}

// enterWith fills the form for name and password.
func enterWith(p *browser.Page, word string) {
	p.Type("#name", staff)
	p.Type("#password", word)
	p.Submit("form.narrow button[type=submit]")
}

// leave signs out.
func leave(p *browser.Page) {
	browser.Value[int](p, `document.querySelector('form[action="/logout"]').submit(), 1`)
	p.Await(`location.pathname === "/login"`)
}

// A passkey is made, lets its owner in without a password, proves who they
// are, and is asked for as the second step where the password comes first.
func TestPasskeys(t *testing.T) {
	b := newBench(t)
	p := browser.Open(t, browser.Desk)
	p.Authenticator()
	p.Go(b.byName() + "/login")
	enterWith(p, password)
	p.Go(b.byName() + "/account")
	p.Submit("#addkey")
	p.Type("#keyname", "我的手机")
	p.Submit("#makekey")
	p.AwaitText("通行密钥已添加")
	p.AwaitText("我的手机")
	if n := b.account(staff).Passkeys; n != 1 {
		t.Fatalf("%d passkeys", n)
	}

	leave(p)
	p.Go(b.byName() + "/login?next=/vans")
	p.Submit("#bykey")
	p.Await(`location.pathname === "/vans"`)

	b.pass(provedToOpen)
	p.Go(b.byName() + "/account/tokens")
	p.Await(`location.pathname === "/confirm"`)
	p.Submit("#bykey")
	p.Await(`location.pathname === "/account/tokens"`)

	p.Go(b.byName() + "/account")
	leave(p)
	p.Go(b.byName() + "/login?next=/orders")
	enterWith(p, password)
	p.Await(`location.pathname === "/login/second"`)
	p.Submit("#bykey")
	p.Await(`location.pathname === "/orders"`)

	if faults := p.Faults(); len(faults) > 0 {
		t.Errorf("the pages complain: %q", faults)
	}
	p.Go(b.byName() + "/account")
	p.Submit(`form[action="/account/keys/remove"] button`) // the only second factor, and nobody knows how long the password is
	p.AwaitText("少于 15 个字符")
}

// A key that nobody asked for, of another hub or of somebody who was shut out,
// lets nobody in.
func TestPasskeysOfOthers(t *testing.T) {
	b, other := newBench(t), newBench(t)
	p := browser.Open(t, browser.Desk)
	p.Authenticator()
	p.Go(b.byName() + "/login")
	enterWith(p, password)
	p.Go(b.byName() + "/account/keys")
	p.Submit("#makekey")
	p.AwaitText("通行密钥已添加")
	p.Go(other.byName() + "/login") // the same name: the browser offers the key
	p.Click("#bykey")
	p.AwaitText("这个通行密钥不能用")
	boss := b.as("boss", hub.Everything, hub.RoleAdministrator)
	boss.post("/accounts/reset", "name", staff)
	p.Go(b.byName() + "/login")
	p.Click("#bykey")
	p.AwaitText("这个通行密钥不能用")
}
