package console

import (
	"os"
	"strings"
	"testing"

	"ark"
	"ark/hub"
	"ark/internal/browser"
	"ark/internal/skip"
)

// faultsOf is what axe-core finds wrong with a page as it is now.
func faultsOf(p *browser.Page, axe []byte) []string {
	browser.Value[bool](p, string(axe)+"; true")
	return browser.Outcome[[]string](p, "axe.run({ resultTypes: ['violations'] }).then((r) => r.violations.filter((v) => ['serious', 'critical'].includes(v.impact))"+
		".map((v) => v.id + ': ' + v.help + ' at ' + v.nodes.slice(0, 3).map((n) => n.target.join(' ') + ' ' + n.failureSummary).join('; ')))")
}

// enters signs somebody in, in a browser.
func (b *bench) enters(name string, o browser.Options, roles ...hub.Role) *browser.Page {
	b.t.Helper()
	b.as(name, hub.Everything, roles...)
	p := browser.Open(b.t, o)
	p.Go(b.server.URL + "/")
	p.Type("#name", name)
	p.Type("#password", password)
	p.Submit("button[type=submit]")
	p.Await(`location.pathname === "/"`)
	return p
}

// A reviewer sees what is masked after they asked, changes it, and it is
// masked again; a reader sees it and no more.
func TestAskingToSeeInABrowser(t *testing.T) {
	if skip.Quick() {
		t.Skip("ARK_QUICK=1: no browser")
	}
	axe, err := os.ReadFile("../../build/axe-core/axe.min.js")
	if err != nil {
		skip.Lacking(t, "axe-core is not there (make deps)")
	}
	b := newDesk(t)
	home := house(1, "翠苑3幢501", "王秀英")
	home.Phone, home.Note, home.Members[0].Born, home.Members[0].Note = "138 1234 5678", "女儿电话 0571-88881234", 1942, "听力不好"
	b.settle(home)
	path := "/households/" + home.ID.String()
	looks := func(p *browser.Page, name string) {
		p.Shot(name)
		if wide := browser.Value[int](p, `document.documentElement.scrollWidth - innerWidth`); wide > 0 {
			t.Errorf("%s is %d px too wide", name, wide)
		}
		for _, fault := range faultsOf(p, axe) {
			t.Errorf("%s: %s", name, fault)
		}
	}
	p := b.enters("reviewer", browser.Options{Width: 390, Height: 844}, hub.RoleReviewer)
	p.Go(b.server.URL + path)
	if text := browser.Value[string](p, `document.documentElement.outerHTML`); strings.Contains(text, "1234 5678") || strings.Contains(text, `value="听力不好"`) || strings.Contains(text, `value="1942"`) {
		t.Error("what is sensitive is on the page")
	}
	looks(p, "household-masked-zh-390")
	p.Type("#reveal [name=reason]", "核对电话")
	p.Submit("#reveal button")
	p.Await(`document.querySelector("[name=phone]").value === "138 1234 5678"`)
	looks(p, "household-shown-zh-390")
	p.Type("[name=novisit]", "先打电话")
	p.Submit("#keep")
	p.Await(`location.pathname === "` + path + `" && document.querySelector("[name=phone]").value === "••••78"`)
	if kept := b.households()[0]; kept.Phone != home.Phone || kept.NoVisit != "先打电话" || kept.Members[0] != home.Members[0] {
		t.Errorf("kept %+v", kept)
	}
	unfaulted(t, p)
	r := b.enters("reader", browser.Options{Width: 1280, Height: 800, Lang: "en"}, hub.RoleReader)
	r.Go(b.server.URL + path)
	if browser.Value[bool](r, `document.querySelector("#reveal button, #keep") !== null || !document.querySelector("[name=phone]").matches(":disabled")`) {
		t.Error("a reader may ask, or change it")
	}
	looks(r, "household-reader-en-1280")
	r.Go(b.server.URL + "/play")
	looks(r, "denied-en-1280")
	if id := b.deliver("van-1", true, ark.Visit{Place: "翠苑3幢501", Outcome: ark.Met, Note: "身份证 110101194201011234"}); id != nil {
		p.Go(b.server.URL + "/visits/" + id[0].String())
		looks(p, "visit-masked-zh-390")
		p.Submit("#reveal button")
		p.Await(`document.body.innerText.includes("110101194201011234")`)
	}
}
