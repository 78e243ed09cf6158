package crew

import (
	"path/filepath"
	"strings"
	"testing"

	"ark"
	"ark/internal/browser"
)

// The screens, their engine and a van's store together: a phone joins, finds a
// household by the initials of a name, logs a visit, and sees where it is.
func TestTheAppOnItsVan(t *testing.T) {
	phone := browser.Phone
	phone.Zone = "Asia/Shanghai" // the van's: they have the same day
	p := browser.Open(t, phone)
	b := newBench(t, filepath.Join(t.TempDir(), "van"))
	door := ark.Household{ID: newID(b.clock.Now().Wall), Place: ark.Place{Compound: "翠苑一区", Building: "3", Unit: "2", Room: "501"}, Members: []ark.Member{{Name: "王奶奶"}}}
	beside := ark.Household{ID: newID(b.clock.Now().Wall), Place: ark.Place{Compound: "翠苑一区", Building: "3", Unit: "2", Room: "502"}, Members: []ark.Member{{Name: "李师傅"}}}
	b.order(ark.KindHouseholds, ark.Households{List: []ark.Household{door, beside}})
	p.Go(b.server.URL + "/#enrol=" + b.newCode())
	p.Await("document.querySelector('#phone-name')")
	p.Type("#phone-name", "老王的手机")
	p.Click("[type=submit]")
	p.Await("document.querySelector('#place') || document.body.innerText.includes('这一页没有打开')")
	if f := p.Faults(); len(f) > 0 {
		t.Fatalf("the app complained: %q", f)
	}
	browser.Value[bool](p, "(location.hash = '#/more', true)")
	p.Await("document.querySelector('#own-name')") // the van has no crew list
	p.Type("#own-name", "小李")
	browser.Value[bool](p, "(location.hash = '#/', true)")
	p.Await("document.querySelector('#place')")
	p.Type("#place", "wnn")
	p.Await("document.querySelectorAll('.home[data-home]').length === 1")
	p.Shot("van-search")
	p.Click(".home[data-home]")
	p.Await("document.querySelector('h2.door')")
	p.Click("[name=outcome][value=met]")
	p.Click("[name=services][value=haircut]")
	p.Click(".save")
	p.Await("document.querySelector('.saved [data-state=van]')")
	p.Await("document.querySelector('[data-count=van] b').textContent === '1'")
	v := b.visits()
	if len(v) != 1 || v[0].Household != door.ID || v[0].Place != "翠苑一区3幢2单元501室" || v[0].Where != door.Place || v[0].Outcome != ark.Met || len(v[0].Services) != 1 || v[0].By != "小李" {
		t.Fatalf("the van holds %+v", v)
	}
	p.Await("document.querySelector('.homes .home .tag')?.textContent === '隔壁' && document.querySelector('.homes .door').textContent.includes('502')")
	p.Shot("van-saved")
	for _, hash := range []string{"#/today", "#/homes", "#/home/" + door.ID.String(), "#/seen/" + v[0].ID.String(), "#/more", "#/phones"} {
		browser.Value[bool](p, "(location.hash = '"+hash+"', true)")
		p.Await("document.querySelector('main').dataset.shown === '" + hash + "' && !document.body.innerText.includes('这一页没有打开')")
		if hash == "#/today" {
			p.Await("document.querySelector('.grid [data-state=met] .room')?.textContent === '501' && document.querySelector('.grid [data-state=none] .room')?.textContent === '502'")
			p.AwaitText("今天走访 1 户：见面 1 户。做了理发 1 次。")
		}
		p.Shot("van-" + strings.Split(hash, "/")[1])
	}
	p.AwaitText("老王的手机") // the van knows this one
	if faults := p.Faults(); len(faults) > 0 {
		t.Errorf("the app complained: %q", faults)
	}
}
