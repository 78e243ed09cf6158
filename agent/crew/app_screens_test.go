package crew

import (
	"fmt"
	"os"
	"strings"
	"testing"

	"ark/internal/browser"
	"ark/internal/skip"
)

// axeAt is where scripts/test-deps puts axe-core, which looks for what keeps
// people from using a page. It is fetched for tests only (MPL-2.0).
const axeAt = "../../build/axe-core/axe.min.js"

// screen is a screen as a person may see it: how the double begins, the
// address, and what is done there first.
type screen struct {
	name, as, hash string
	steps          []string // click <selector> | type <selector> = <text> | await <expression>
}

const (
	firstHome = ".homes button.home[data-home]"
	returned  = "#/seen/01990000-0000-7000-8000-000000000906"
	attached  = "#/seen/01990000-0000-7000-8000-000000000904"
	household = "01990000-0000-7000-8000-000000000041"

	refusedEdit = "#/home/mend/01990000-0000-7000-8000-000000000801"
)

var allScreens = []screen{
	{"start", "new", "#/start", nil},
	{"start-code", "new", "#enrol=K7QM2P", nil},
	{"who", "locked", "", nil},
	{"pin", "locked", "", []string{"click .name", "await document.querySelector('.pad')", "click .pad .key", "click .pad .key:nth-child(2)"}},
	{"visit", "", "#/", nil},
	{"visit-empty", "empty", "#/", nil},
	{"visit-search", "", "#/", []string{"type #place = wnn", "await document.querySelectorAll('.homes .bare').length"}},
	{"visit-chosen", "", "#/", []string{"click " + firstHome, "await document.querySelector('h2.door')", "click [name=outcome][value=met]", "click [name=services][value=knives]"}},
	{"visit-more", "", "#/", []string{"click " + firstHome, "await document.querySelector('h2.door')", "click [name=outcome][value=met]", "click [name=q-alone][value=yes]", "open",
		"click [data-part=needs] .ticks .btn", "await document.querySelector('#need-0')", "type #note = 楼道的灯坏了", "click [name=consent-data][value=yes]"}},
	{"visit-wrong", "", "#/", []string{"click " + firstHome, "await document.querySelector('h2.door')", "click .save", "await document.querySelector('.wrongs .notice')"}},
	{"visit-away", "away", "#/", nil},
	{"visit-saved", "", "#/", []string{"click " + firstHome, "await document.querySelector('h2.door')", "click [name=outcome][value=no-answer]", "click .save",
		"await document.querySelector('.saved [data-state=van]')"}},
	{"visit-no-visit", "", "#/", []string{"type #place = 302", "await document.querySelectorAll('.home[data-home]').length === 1", "click [data-home$=\"032\"]", "await document.querySelector('.warning')"}},
	{"today", "", "#/today", nil},
	{"today-empty", "empty", "#/today", nil},
	{"seen", "", attached, nil},
	{"seen-returned", "", returned, nil},
	{"seen-withdraw", "", attached, []string{"click .pair .btn:nth-child(2)", "await document.querySelector('dialog[open]')"}},
	{"amend", "", returned, []string{"click .pair .btn:nth-child(1)", "await document.querySelector('#why')"}},
	{"homes", "", "#/homes", nil},
	{"home", "", "#/home/" + household, nil},
	{"home-edit", "", "#/home/edit/" + household, nil},
	{"home-new", "", "#/home/new", []string{"type #name-0 = 王奶奶", "await document.querySelector('.homes .home')"}},
	{"home-mend", "refused", refusedEdit, nil},
	{"home-refused", "refused", "#/home/01990000-0000-7000-8000-000000000032", nil},
	{"seen-refused-photo", "refused", attached, nil},
	{"today-refused", "refused", "#/today", nil},
	{"pin-again", "refused", "#/who#/today", nil},
	{"more", "", "#/more", nil},
	{"phones", "", "#/phones", []string{"click main > .screen > .btn", "await document.querySelector('.qr')"}},
	{"help", "", "#/help", nil},
}

func (s *screens) show(one screen) {
	s.t.Helper()
	s.at(one.as, one.hash)
	for _, step := range one.steps {
		what, how, _ := strings.Cut(step, " ")
		switch what {
		case "click":
			s.Click(how)
		case "type":
			field, text, _ := strings.Cut(how, " = ")
			s.Type(field, text)
		case "await":
			s.Await(how)
		case "open":
			browser.Value[bool](s.Page, "(document.querySelectorAll('details').forEach((e) => { e.open = true; }), true)")
		default:
			s.t.Fatalf("%s: what is %q?", one.name, step)
		}
	}
}

// broken are the elder rules that the screen shown breaks.
func (s *screens) broken(least int) []string {
	s.t.Helper()
	s.script("/rules.js", "window.rules")
	return browser.Value[[]string](s.Page, fmt.Sprintf("window.rules(%d)", least))
}

func (s *screens) script(address, until string) {
	s.t.Helper()
	browser.Value[bool](s.Page, fmt.Sprintf("(document.head.append(Object.assign(document.createElement('script'), { src: %q })), true)", address))
	s.Await(until)
}

// The elder rules hold on every screen: on the smallest phone with letters as
// they are first, and with the largest.
func TestElderRules(t *testing.T) {
	s := openScreens(t, browser.Options{Width: 320, Height: 640})
	for _, view := range []struct {
		lang        string
		size, least int
	}{{"zh", 20, 18}, {"en", 36, 30}} {
		s.speak(view.lang, view.size)
		for _, one := range allScreens {
			s.show(one)
			for _, fault := range s.broken(view.least) {
				t.Errorf("%s (%s, letters of %d px): %s", one.name, view.lang, view.size, fault)
			}
		}
	}
	s.noFaults()
}

// The rules themselves notice what they are there for.
func TestElderRulesNotice(t *testing.T) {
	s := openScreens(t, browser.Options{Width: 320, Height: 640})
	s.at("", "#/help")
	spoil := func(style, want string) {
		t.Helper()
		browser.Value[bool](s.Page, fmt.Sprintf("(() => { const s = new CSSStyleSheet(); s.replaceSync(%q); document.adoptedStyleSheets = [s]; return true; })()", style))
		if got := strings.Join(s.broken(18), "\n"); !strings.Contains(got, want) {
			t.Errorf("with %s the rules say %q, want %q", style, got, want)
		}
	}
	spoil("dd { font-size: 17px }", "letters of 17 px")
	spoil("dd { line-height: 1.2 }", "lines 1.20 apart")
	spoil("dd { color: #8a8a8a }", "contrast 3")
	spoil(".btn { min-height: 44px }", "px, want 60 by 60")
	spoil(".pill svg { display: none } main { min-width: 400px }", "wider than the screen")
	browser.Value[bool](s.Page, "(document.querySelectorAll('.pill svg').forEach((e) => e.remove()), true)")
	spoil("", "a colour without a drawing")
}

// axe-core finds nothing serious on any screen.
func TestNothingKeepsPeopleOut(t *testing.T) {
	if skip.Quick() {
		t.Skip("ARK_QUICK=1: no browser")
	}
	if _, err := os.Stat(axeAt); err != nil {
		skip.Lacking(t, "axe-core is not there (make deps)")
	}
	s := openScreens(t, browser.Phone)
	for _, one := range allScreens {
		s.show(one)
		s.script("/axe.js", "window.axe")
		browser.Value[bool](s.Page, "(axe.run({ resultTypes: ['violations'] }).then((r) => { window.found = r.violations"+
			".filter((v) => ['serious', 'critical'].includes(v.impact)).map((v) => v.id + ': ' + v.help + ' at ' + v.nodes.slice(0, 3).map((n) => n.target.join(' ') + ' ' + n.failureSummary).join('; ')); }), true)")
		s.Await("window.found")
		for _, fault := range browser.Value[[]string](s.Page, "window.found") {
			t.Errorf("%s: %s", one.name, fault)
		}
	}
	s.noFaults()
}

// Pictures of every screen, where ARK_SHOTS names a folder.
func TestPicturesOfScreens(t *testing.T) {
	if os.Getenv("ARK_SHOTS") == "" {
		t.Skip("ARK_SHOTS names no folder")
	}
	for _, width := range []int64{320, 390, 1280} {
		s := openScreens(t, browser.Options{Width: width, Height: 1000})
		for _, lang := range []string{"zh", "en"} {
			s.speak(lang, 20)
			for _, one := range allScreens {
				s.show(one)
				s.Shot(fmt.Sprintf("app-%s-%s-%d", one.name, lang, width))
			}
		}
		s.noFaults()
	}
}
