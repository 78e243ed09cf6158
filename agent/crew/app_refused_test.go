package crew

import (
	"testing"

	"ark/internal/browser"
)

// A household that the van did not take stands in amber and under Today, with
// why; it is mended and goes again, or a person gives it up and says so twice.
func TestARefusedHouseholdIsMended(t *testing.T) {
	s := openScreens(t, browser.Phone)
	s.at("refused", "#/today")
	s.AwaitText("车没有收下的：2") // a visit's photo, and the household
	s.truth("document.querySelector('[data-count=phone] b').textContent === '2' && document.querySelector('[data-count=all]').textContent.includes('8')", "it is not counted as on the phone only")
	s.Click("[data-edit] a")
	s.AwaitText("每个人要有姓名")
	s.truth("document.querySelector('#tel-0').value === '没有'", "what was written is gone")
	s.Type("#home-note", "改了一半")
	browser.Value[bool](s.Page, "(location.reload(), true)")
	s.AwaitText("接着上次没写完的")
	s.truth("document.querySelector('#home-note').value === '改了一半'", "a reload took what was typed")
	s.Click(".save")
	s.Await("location.hash === '#/today' && !document.querySelector('[data-edit]')")
	s.truth("window.double.doors[9].note === '改了一半' && window.double.state.counts.mend === 0", "it did not go as it was mended")

	s.at("refused", refusedEdit)
	s.Click(".give-up")
	s.Await("document.querySelector('dialog[open]')")
	s.Click("dialog .btn.second")
	s.truth("window.double.edits().length === 1", "a no gave it up")
	s.Click(".give-up")
	s.Await("document.querySelector('dialog[open]')")
	s.Click("dialog .btn:not(.second)")
	s.Await("location.hash === '#/today' && window.double.edits().length === 0")
	s.noFaults()
}

// A photo that the van does not take is told with its visit, why, and what to
// do: take it anew, leave it out, or let it be.
func TestARefusedPhotoIsTold(t *testing.T) {
	s := openScreens(t, browser.Phone)
	stuck := "[data-stuck^=aaa] "
	s.at("refused", attached)
	s.AwaitText("有 1 次走访的照片、录音或签名车没有收下")
	s.AwaitText("这张照片里带有拍摄地点")
	s.AwaitText("走访的文字没事")
	s.AwaitText("暂时不收录音和签名")
	s.truth("document.querySelector('[data-file^=aaa] [data-state=mend]') && document.querySelector('h2 [data-state=hub]')", "the photo is to be mended, the visit is not")
	s.Click(stuck + ".btn:nth-of-type(3)") // let it be
	s.Await("!document.body.innerText.includes('有 1 次走访的照片') && document.querySelectorAll('" + stuck + ".btn').length === 2")
	s.Click(stuck + ".btn:nth-of-type(2)") // leave it out
	s.Await("document.querySelector('dialog[open]')")
	s.Click("dialog .btn:not(.second)")
	s.Await("!document.querySelector('[data-stuck^=aaa]')")
	s.truth("((v) => v.visit.attachments.length === 1 && v.amended === 2 && v.visit.outcome === 'met')(window.double.book.find((v) => v.id.endsWith('904')))", "it was not left out, or more was")

	s.at("refused", attached)
	s.Click(stuck + ".btn:nth-of-type(1)") // take it anew
	s.Await("document.querySelector('details[data-part=photo][open]')")
	s.truth("!document.querySelector('details[data-part=photo] figure') && document.querySelector('details[data-part=voice] .held').textContent", "the form still has the photo, or lost the voice note")
	s.noFaults()
}

// A van that forgot who is at the phone asks for that person's PIN, from
// wherever they are; what is half written is there afterwards.
func TestAPINIsAskedForAgain(t *testing.T) {
	s := openScreens(t, browser.Phone)
	s.at("refused", "#/home/edit/"+household)
	s.Type("#home-note", "写到一半")
	s.Click("#top .notice .btn")
	s.AwaitText("王秀英，请按密码")
	for _, key := range "1234" {
		s.Press(string(key))
	}
	s.Press("\r")
	s.Await("document.querySelector('#home-note')?.value === '写到一半'")
	s.truth("!document.querySelector('#top .notice .btn')", "it asks still")
	s.noFaults()
}

// What is half written of a new household is there again, and can be thrown
// away; one that was saved leaves no draft.
func TestAHouseholdDraftOutlivesAReload(t *testing.T) {
	s := openScreens(t, browser.Phone)
	s.at("", "#/home/new")
	s.Type("#room", "909")
	s.Type("#name-0", "新来的人")
	browser.Value[bool](s.Page, "(location.reload(), true)")
	s.AwaitText("接着上次没写完的")
	s.truth("document.querySelector('#room').value === '909' && document.querySelector('#name-0').value === '新来的人'", "the draft came back changed")
	browser.Value[bool](s.Page, "(location.hash = '#/', true)")
	s.Await("document.querySelector('#place')")
	s.truth("!document.querySelector('#resumed')", "a household's draft is taken for a visit's")
	browser.Value[bool](s.Page, "(location.hash = '#/home/new', true)")
	s.AwaitText("接着上次没写完的")
	s.Click(".head .btn.small")
	s.Await("document.querySelector('#room')?.value === '' && !document.querySelector('#resumed')")
	s.Type("#room", "910")
	s.Type("#name-0", "又一位")
	s.Click(".save")
	s.AwaitText("改动还只在这部手机上")
	browser.Value[bool](s.Page, "(location.hash = '#/home/new', true)")
	s.Await("document.querySelector('#room')?.value === ''")
	s.noFaults()
}

// What is half written is told to be somebody else's, to whoever takes over.
func TestAnotherPersonsDraft(t *testing.T) {
	s := openScreens(t, browser.Phone)
	s.at("", "#/")
	s.Click(firstHome)
	s.Await("document.querySelector('h2.door')")
	browser.Value[bool](s.Page, "(window.double.lock(), true)")
	s.AwaitText("您是哪一位？")
	s.Click(".name:nth-child(3)") // without a PIN
	s.AwaitText("这是王秀英没写完的。保存了就写小周的名字。")
	s.noFaults()
}

// The frame stays under a finger while an upload tells how far it is, and
// takes the reader's place along when it changes.
func TestTheFrameStays(t *testing.T) {
	s := openScreens(t, browser.Phone)
	s.at("", "#/")
	browser.Value[bool](s.Page, "(window.tab = document.querySelector('#top a[href=\"#/homes\"]'), window.double.set({ uploads: { files: 1, bytes: 9, sent: 3 } }), true)")
	s.truth("window.tab.isConnected", "an upload took the tab away from under the finger")
	browser.Value[bool](s.Page, "(document.querySelector('#top a[href=\"#/today\"]').focus(), window.double.set({ online: false }), true)")
	s.truth("document.activeElement.getAttribute('href') === '#/today' && document.querySelector('#top .notice')", "the reader lost their place")
	browser.Value[bool](s.Page, "(location.hash = '#/seen/%', true)")
	s.AwaitText("手机和车上都没有这条走访")
	s.noFaults()
}

// A tab in which a draft is open shows what another tab wrote into it, and
// does not write over that; a correction that was begun goes on.
func TestDraftsGoOnElsewhere(t *testing.T) {
	s := openScreens(t, browser.Phone)
	s.at("", "#/")
	s.Click(firstHome)
	s.Await("document.querySelector('h2.door')")
	s.Click("[name=outcome][value=met]")
	browser.Value[bool](s.Page, "(window.before = document.querySelector('#note'), document.dispatchEvent(new Event('visibilitychange')), window.double.drafts().then(([d]) => window.double.keep({ ...d, visit: { ...d.visit, note: '另一页写的' } })), true)")
	s.Await("window.double.drafts().then(([d]) => { window.note = d.visit.note; }), window.note === '另一页写的'")
	s.truth("window.before.isConnected", "the form was drawn anew for nothing")
	browser.Value[bool](s.Page, "(document.dispatchEvent(new Event('visibilitychange')), true)")
	s.Await("document.querySelector('#note')?.value === '另一页写的'")

	s.at("", returned)
	s.Click(".pair .btn:nth-child(1)")
	s.Await("document.querySelector('#why')")
	s.truth("!document.querySelector('#resumed')", "a correction that has just begun is called begun before")
	s.Type("#why", "写到一半")
	browser.Value[bool](s.Page, "(location.hash = '"+returned+"', true)")
	s.Await("document.querySelector('.way')")
	s.Click(".pair .btn:nth-child(1)")
	s.Await("document.querySelector('#why')?.value === '写到一半' && document.querySelector('#resumed')")
	s.Click(".save")
	s.Await("document.querySelector('.way')")
	s.truth("sessionStorage.getItem('drafts') === '[]' || !sessionStorage.getItem('drafts').includes('写到一半')", "the draft outlived its visit")
	s.noFaults()
}
