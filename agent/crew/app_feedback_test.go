package crew

import (
	"fmt"
	"net/http"
	"testing"

	"ark/internal/browser"
)

// A van that neither answers nor refuses does not keep a person waiting: the
// form is there at once, and a screen that needs the van says that it comes.
func TestAScreenDoesNotWaitForASilentVan(t *testing.T) {
	s := openScreens(t, browser.Phone)
	s.at("silent", "#/")
	s.truth("document.querySelector('#place') && !document.querySelector('.homes .home')", "the form waits for the van")
	s.Click(".tabs a[href='#/today']")
	s.AwaitText("正在打开…")
	s.Click(".tabs a[href='#/']")
	s.Await("document.querySelector('#place')")
	browser.Value[bool](s.Page, "(window.double.answer(), true)")
	s.Await("document.querySelector('.homes .home')")
	s.noFaults()
}

// A van that is there, and whose answer was lost once, is asked again: the day
// does not stay without its buildings.
func TestTheDayIsAskedForAgain(t *testing.T) {
	s := openScreens(t, browser.Phone)
	s.at("", "#/")
	browser.Value[bool](s.Page, "(window.double.lost = 1, location.hash = '#/today', true)")
	s.Await("window.double.lost < 0 && document.querySelector('.grid .room')")
	s.noFaults()
}

// The engine answers from what the phone has, soon, while the van is silent.
func TestEngineSilentVan(t *testing.T) {
	o := newOdd(t)
	o.area = []map[string]any{{"id": "1", "place": map[string]any{"compound": "翠苑", "room": "501"}, "find": "王奶奶 wangnainai wnn 501"}}
	p := enrolled(opened(browser.Open(t, browser.Phone), o.url()))
	p.Await("ark.state.form")
	p.Await("ark.area.old() === false")
	logOne(p, "3幢501")
	counted(p, 0, 1, 0)
	speak := make(chan struct{})
	t.Cleanup(func() { close(speak) })
	o.set(func() { o.answer = func(http.ResponseWriter, *http.Request, string) bool { <-speak; return false } })
	opened(p, o.url())
	got := browser.Outcome[struct {
		Ms  float64
		Has string
	}](p, `(async () => {
		const began = performance.now(), found = await ark.search("wnn"), home = await ark.household("1"), mine = await ark.visits({}), day = await ark.today("2026-11-26");
		return { Ms: performance.now() - began, Has: [found.from, found.length, home.from, mine.length, day.from].join() };
	})()`)
	if got.Has != "phone,1,phone,1,phone" || got.Ms > 8000 {
		t.Errorf("after %.0f ms: %s", got.Ms, got.Has)
	}
}

// What came of a press stands beside the button, in sight.
func TestMoreSaysWhatCameOfAPress(t *testing.T) {
	s := openScreens(t, browser.Phone)
	s.at("", "#/more")
	press := func(button, words string) {
		t.Helper()
		browser.Value[bool](s.Page, fmt.Sprintf("([...document.querySelectorAll('main .btn')].find((e) => e.textContent.trim() === %q).setAttribute('data-test', %q), true)", button, button))
		s.Click("[data-test='" + button + "']")
		s.AwaitText(words)
		s.truth("((r) => r.top >= 0 && r.bottom <= innerHeight)([...document.querySelectorAll('main .notice')].find((e) => e.textContent.includes("+quoted(words)+")).getBoundingClientRect())",
			words+" is out of sight")
	}
	press("更新程序", "已经是最新的了")
	press("导出没交的", "已存成文件")
	s.noFaults()
}

// What was typed of a household is there again after a look at another one. A
// year that is none is said.
func TestAHouseholdThatWasBegun(t *testing.T) {
	s := openScreens(t, browser.Phone)
	s.at("", "#/home/new")
	s.Type("#building", "3")
	s.Type("#unit", "2")
	s.Type("#room", "501")
	s.Type("#name-0", "新来的人")
	s.Type("#born-0", "42")
	s.Click(".save")
	s.AwaitText("出生年份请写四位数")
	s.truth("document.activeElement.matches('#born-0')", "the focus is not on what is to be mended")
	s.Click("#alike a.home")
	s.Await("location.hash.startsWith('#/home/0')")
	s.AwaitText("以前的走访")
	browser.Value[bool](s.Page, "(history.back(), true)")
	s.Await("document.querySelector('#name-0')")
	s.AwaitText("接着上次没写完的")
	s.truth("document.querySelector('#room').value === '501' && document.querySelector('#name-0').value === '新来的人'", "what was typed is gone")
	s.Click(".head .btn.small")
	s.Await("!document.querySelector('#resumed') && document.querySelector('#room').value === ''")
	s.noFaults()
}

// A correction that the van has by now is no longer said to be on the phone
// only; who finds nobody reads what to do.
func TestAHouseholdIsHandedIn(t *testing.T) {
	s := openScreens(t, browser.Phone)
	s.at("", "#/home/edit/"+household)
	s.Type("#home-note", "按两下门铃")
	s.Click(".save")
	s.AwaitText("改动还只在这部手机上")
	browser.Value[bool](s.Page, "(window.double.doors.forEach((h) => { h.waiting = false; }), window.double.set({}), true)")
	s.Await("!document.body.innerText.includes('改动还只在这部手机上')")
	s.at("", "#/homes")
	s.Type("#find", "zzzz")
	s.AwaitText("没有找到。换几个字试试，或者登记新住户。")
	s.noFaults()
}
