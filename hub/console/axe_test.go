package console

import (
	"net/url"
	"os"
	"testing"

	"ark"
	"ark/internal/browser"
	"ark/internal/invented"
	"ark/internal/skip"
)

// everyPage fills the console with something of everything, and names its
// pages.
func (b *bench) everyPage() []string {
	b.t.Helper()
	b.open()
	id := b.desk()
	b.people()
	pages := []string{"/?", "/overview?days=30", "/?state=returned", "/?q=%E8%BD%AE%E6%A4%85&outcome=met", "/?from=x", "/map", "/views", "/views?removed=" + id.String(), "/visits/" + id.String(), "/crew", "/crew/" + ark.NewID(1_790_000_000_000, [10]byte{1, 1}).String(), "/phones", "/form", "/households",
		"/households?disputed=yes", "/households?q=nobody", "/households/new", "/households/" + invented.Households(3, 1)[0].ID.String(), "/households/import", "/areas",
		"/library", "/library/welcome", "/library/new", "/library/languages", "/audit", "/audit/check", "/password", "/account", "/account/app", "/account/tokens", "/accounts", "/accounts/new", "/accounts/one?name=" + url.QueryEscape(staff), "/confirm", "/nowhere"}
	for _, path := range officePages {
		pages = append(pages, path)
	}
	for _, path := range takenPages {
		pages = append(pages, path)
	}
	return pages
}

// axe-core, from scripts/test-deps, finds nothing that keeps staff out, and no
// page is wider than the smallest phone.
func TestNothingKeepsStaffOut(t *testing.T) {
	if skip.Quick() {
		t.Skip("ARK_QUICK=1: no browser")
	}
	axe, err := os.ReadFile("../../build/axe-core/axe.min.js")
	if err != nil {
		skip.Lacking(t, "axe-core is not there (make deps)")
	}
	b := newDesk(t)
	pages := b.everyPage()
	p := b.browse(browser.Options{Width: 320, Height: 640})
	for _, path := range pages {
		p.Go(b.server.URL + path)
		browser.Value[int](p, `document.querySelectorAll("details").forEach((d) => { d.open = true; }), 1`)
		if wide := browser.Value[int](p, "document.documentElement.scrollWidth - innerWidth"); wide > 0 {
			t.Errorf("%s is %d px too wide: %v", path, wide,
				browser.Value[[]string](p, `[...document.querySelectorAll("body *")].filter((e) => e.getBoundingClientRect().right > innerWidth + 1).map((e) => e.tagName + "." + e.className).slice(0, 8)`))
		}
		browser.Value[bool](p, string(axe)+"; true")
		for _, fault := range browser.Outcome[[]string](p, "axe.run({ resultTypes: ['violations'] }).then((r) => r.violations.filter((v) => ['serious', 'critical'].includes(v.impact))"+
			".map((v) => v.id + ': ' + v.help + ' at ' + v.nodes.slice(0, 3).map((n) => n.target.join(' ') + ' ' + n.failureSummary).join('; ')))") {
			t.Errorf("%s: %s", path, fault)
		}
	}
}
