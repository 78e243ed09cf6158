package crew

import (
	"strings"
	"testing"
	"time"

	"ark/internal/browser"
	"ark/internal/rig"
)

// openPanel opens the panel page of a whole van.
func openPanel(t *testing.T, o browser.Options) *browser.Page {
	t.Helper()
	p := browser.Open(t, o)
	a := goAboard(t, rig.NewOffice(t))
	p.Go(a.url + "/panel")
	if !o.NoScript {
		p.Await("'live' in document.documentElement.dataset")
	}
	return p
}

func noFaults(t *testing.T, p *browser.Page) {
	t.Helper()
	if faults := p.Faults(); len(faults) > 0 {
		t.Errorf("the page complained: %q", faults)
	}
}

func TestAPanelButtonInABrowser(t *testing.T) {
	p := openPanel(t, browser.Options{Width: 390, Height: 844, Lang: "en"})
	p.AwaitText("Nothing is playing")
	browser.Value[bool](p, "window.same = true")
	p.Click(".key[value='1']")
	p.AwaitText("The ark is here · Mandarin")
	p.Await("document.querySelector('.lamp.playing.on')")
	p.AwaitText("s to go")
	p.Shot("panel-playing")
	p.Click(".key.stop")
	p.AwaitText("Nothing is playing")
	p.Await("!document.querySelector('.lamp.playing.on, .lamp.ready.on')") // nobody would hear the next press
	p.AwaitText("a press will not be heard")
	if !browser.Value[bool](p, "window.same") {
		t.Error("a press loaded the page anew")
	}
	if browser.Value[bool](p, "document.documentElement.scrollWidth > innerWidth") {
		t.Error("the page is wider than the phone")
	}
	noFaults(t, p)
}

// playing tells whether the lamp of playing is on.
const playing = "document.querySelector('.lamp.playing.on')"

// A button that must be held does nothing when it is tapped, and acts once it
// was held for a second.
func TestHoldToConfirm(t *testing.T) {
	p := openPanel(t, browser.Phone)
	p.AwaitText("按住 1 秒")
	p.Click(".key[value=alarm]")
	p.Down(".key[value=alarm]")
	p.Await("document.querySelector('.key[value=alarm].sent')")
	p.Shot("panel-holding")
	p.Up() // a hand that changes its mind
	p.Await("!document.querySelector('.key.down')")
	if took := p.Await("document.querySelector('.keys').dataset.fresh"); took > 10*time.Second || browser.Value[bool](p, "!!"+playing) {
		t.Fatal("a tap was enough")
	}
	p.Down(".key[value=alarm]")
	took := p.Await("document.querySelector('.key[value=alarm].held')")
	if took < 900*time.Millisecond {
		t.Errorf("held for %v only", took)
	}
	p.AwaitText("好了，可以松手")
	p.Shot("panel-held")
	p.Up()
	p.AwaitText("紧急疏散 · 普通话")
	p.Await(playing)
	p.Shot("panel-emergency")
	noFaults(t, p)
}

// A finger that only scrolls presses nothing; one that taps does.
func TestAFingerThatScrolls(t *testing.T) {
	p := openPanel(t, browser.Phone)
	p.Swipe(".key[value='1']", 200)
	p.Await("(window.was === scrollY ? ++window.calm : (window.was = scrollY, window.calm = 0)) > 20 && scrollY > 50") // it has scrolled, and come to rest
	p.Swipe("[aria-label='小声一点']", 0)
	p.AwaitText("83 分贝") // so a press before it would be known
	if browser.Value[bool](p, "!!"+playing) {
		t.Fatal("scrolling pressed a button")
	}
	p.Swipe(".key[value='1']", 0)
	p.Await(playing)
	noFaults(t, p)
}

// Talk lasts as long as the button is held, and a page that is gone lets go.
func TestTalkEndsWithTheHand(t *testing.T) {
	p := openPanel(t, browser.Desk)
	p.AwaitText("按住说话")
	talking := "document.querySelector('.now').innerText.includes('喊话')"
	p.Down(".key.talk")
	p.Await(talking)
	p.AwaitText("请讲")
	p.Shot("panel-talking")
	p.Await("document.querySelector('.key.talk').dataset.waited ??= Date.now(), Date.now() - document.querySelector('.key.talk').dataset.waited > 2500")
	if !browser.Value[bool](p, talking) { // longer than the van waits for a word of the page
		t.Error("talk ended although the button is held")
	}
	p.Up()
	p.Await("!" + talking)
	p.Down(".key.talk")
	p.Await(talking)
	where := browser.Value[string](p, "location.href")
	p.Go("about:blank") // with the button down
	p.Go(where)
	p.Await("!" + talking)
	noFaults(t, p)
}

func TestVolumeAndPlace(t *testing.T) {
	p := openPanel(t, browser.Desk)
	p.AwaitText("86 分贝")
	p.Click("[aria-label='小声一点']")
	p.AwaitText("83 分贝")
	p.Click("[aria-label='大声一点']")
	p.AwaitText("86 分贝")
	p.Click("[aria-label='大声一点']")
	p.AwaitText("89 分贝")
	p.Await("(document.querySelector('#place').selectedIndex = 1)")
	p.Submit(".places button")
	p.AwaitText("和平小区")
	noFaults(t, p)
}

// The keyboard presses too.
func TestThePanelByKeyboard(t *testing.T) {
	p := openPanel(t, browser.Desk)
	p.Reach(".key[value='1']")
	p.Press(" ")
	p.Await(playing)
	p.Reach(".key.stop")
	p.Press("\r")
	p.Await("!" + playing)
	noFaults(t, p)
}

// Without a script every button is a form; one that must be held asks on a
// page of its own.
func TestThePanelWithoutScript(t *testing.T) {
	o := browser.Phone
	o.NoScript = true
	p := openPanel(t, o)
	await := func(text string) {
		t.Helper()
		where := browser.Value[string](p, "location.href")
		rig.Await(t, text, func() bool {
			p.Go(where)
			return strings.Contains(p.Text(), text)
		})
	}
	p.Submit(".key[value='1']")
	await("服务方舟到了 · 普通话")
	p.Submit(".key.stop")
	await("没有在播放")
	p.Submit(".key[value=alarm]")
	p.AwaitText("要播“紧急疏散”吗？")
	p.Shot("panel-sure")
	p.Submit("a.second")
	await("没有在播放")
	p.Submit(".key[value=alarm]")
	p.Submit(".btn.alarm")
	await("紧急疏散 · 普通话")
	p.Submit("[aria-label='小声一点']")
	await("83 分贝")
	p.Submit(".key.stop")
	p.AwaitText("按一下开始，再按一下结束")
	p.Submit(".key.talk")
	await("喊话")
}
