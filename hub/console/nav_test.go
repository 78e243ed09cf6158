package console

import (
	"net/http"
	"strings"
	"testing"

	"ark/hub"
	"ark/internal/browser"
)

// Each page that can be gone to is there, says that it is the present one, and
// has a name.
func TestNavigationLeadsEverywhere(t *testing.T) {
	b := newDesk(t)
	p := b.signedIn()
	for _, g := range navigation {
		for _, to := range g.Pages {
			a := p.get(to.Path)
			a.wants(t, http.StatusOK, `<a href="`+to.Path+`" aria-current="page">`, texts["nav."+to.Here][0], texts["group."+g.Word][0])
			menu, _, _ := strings.Cut(a.body[strings.Index(a.body, `id="menu"`):], "</nav>")
			if n := strings.Count(menu, `aria-current="page">`); n != 1 {
				t.Errorf("%s says of %d pages that they are the present one", to.Path, n)
			}
		}
	}
	if strings.Contains(b.person().get("/login").body, `id="menu"`) {
		t.Error("whoever is not signed in is shown where to go")
	}
}

func TestNavigationShowsWhatRolesAllow(t *testing.T) {
	b := newDesk(t)
	for _, c := range []struct {
		roles []hub.Role
		want  bool
	}{{nil, false}, {[]hub.Role{hub.RoleReader}, false}, {[]hub.Role{hub.RoleTechnician}, true}, {[]hub.Role{hub.RoleAdministrator}, true}} {
		got := false
		for _, g := range b.console.navOf(hub.Staff{Roles: c.roles}) {
			for _, p := range g.Pages {
				got = got || p.Here == "settings"
			}
		}
		if got != c.want {
			t.Errorf("%v: settings shown %v", c.roles, got)
		}
	}
	if all := b.console.navOf(hub.Staff{}); len(all) != 0 {
		t.Errorf("nobody is shown %v", all)
	}
}

// The menu and the account open by the keyboard and close by Escape; on a desk
// all pages stand beside the page.
func TestTheMenuByKeyboard(t *testing.T) {
	b := newBench(t)
	p := b.browse(browser.Phone)
	open := func(id string) bool {
		return browser.Value[bool](p, `document.getElementById("`+id+`").matches(":popover-open")`)
	}
	for _, id := range []string{"menu", "account"} {
		p.Go(b.server.URL + "/")
		p.Reach(`[popovertarget="` + id + `"]`)
		p.Press("\r")
		p.Await(`document.getElementById("` + id + `").matches(":popover-open")`)
		p.Press("\x1b")
		p.Await(`!document.getElementById("` + id + `").matches(":popover-open")`)
	}
	p.Reach(`[popovertarget="menu"]`)
	p.Press("\r")
	p.Reach(`#menu a[href="/vans"]`)
	p.Press("\r")
	p.Await(`location.pathname === "/vans"`)
	d := b.browse(browser.Desk)
	d.Reach("a.skip")
	d.Press("\r")
	d.Reach(`#menu a[href="/vans"]`)
	if p = d; open("menu") || browser.Value[int](d, `document.querySelector("#menu a").getBoundingClientRect().width`) < 100 {
		t.Error("the pages do not stand beside the page")
	}
	unfaulted(t, d)
}
