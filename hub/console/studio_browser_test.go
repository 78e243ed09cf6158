package console

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"ark"
	"ark/internal/browser"
)

// file writes a recording where a browser can choose it.
func file(t *testing.T, name string, data []byte) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	must(t, os.WriteFile(path, data, 0o600))
	return path
}

// plays waits until an audio element has really loaded what it plays, and
// answers its length in seconds.
func plays(p *browser.Page, within string) float64 {
	element := fmt.Sprintf("document.querySelector(%q)", within+" audio")
	p.Await(element + "?.readyState >= 1 && " + element + ".duration > 0")
	p.Await(fmt.Sprintf("document.querySelector(%q).complete && document.querySelector(%q).naturalWidth > 0", within+" .wave", within+" .wave"))
	return browser.Value[float64](p, element+".duration")
}

// The whole way in a browser: upload, listen, use, save, find it in the list,
// listen again.
func TestAnAnnouncementIsMadeInABrowser(t *testing.T) {
	b := newShelf(t)
	p := b.browse(browser.Desk)
	p.Go(b.server.URL + "/library")
	p.Submit("#new")
	p.Type("#zh", "周五停水")
	p.Click("#r-en .make summary")
	p.Choose("#f-en", file(t, "notice.wav", wavOf(3)))
	p.Click(`button[value="upload.en"]`)
	p.AwaitText("先听一听")
	if s := plays(p, "#r-en .offer"); s < 2.5 || s > 3.2 {
		t.Errorf("the preview lasts %.2f s", s)
	}
	if got := browser.Value[string](p, `document.getElementById("zh").value`); got != "周五停水" {
		t.Errorf("the title is now %q", got)
	}
	p.Submit(`button[value="use.en"]`)
	p.AwaitText("新的，还没保存")
	p.Submit("#save")
	p.AwaitText("已保存为第 1 版")
	if s := plays(p, "#r-en"); s < 2.5 || s > 3.2 {
		t.Errorf("what was saved lasts %.2f s", s)
	}
	// What is heard from its middle is fetched from its middle.
	browser.Value[int](p, `document.querySelector("#r-en audio").currentTime = 2, 1`)
	p.Await(`!document.querySelector("#r-en audio").seeking && document.querySelector("#r-en audio").currentTime >= 2`)
	p.Go(b.server.URL + "/library")
	p.AwaitText("周五停水")
	live(p)
	_, err := b.store.AddEdition(t.Context(), ark.Announcement{ID: "other", Title: ark.Text{Zh: "别人做的"}}, 0, staff)
	must(t, err)
	unfaulted(t, p)
}

// A file that is no recording is told of, and what was typed stays.
func TestARefusedUploadInABrowser(t *testing.T) {
	b := newShelf(t)
	p := b.browse(browser.Options{Width: 390, Height: 844, Lang: "en"})
	p.Go(b.server.URL + "/library/new")
	p.Type("#zh", "周五停水")
	p.Choose("#f-cmn-Hans-CN", file(t, "notice.wav", []byte(strings.Repeat("no sound ", 100))))
	p.Click(`button[value="upload.cmn-Hans-CN"]`)
	p.AwaitText("none of the formats")
	if got := browser.Value[string](p, `document.getElementById("zh").value`); got != "周五停水" {
		t.Errorf("the title is now %q", got)
	}
	b.down.Store(true)
	p.Choose("#f-cmn-Hans-CN", file(t, "notice.wav", wavOf(1)))
	p.Click(`button[value="upload.cmn-Hans-CN"]`)
	p.AwaitText("It did not come through")
	b.down.Store(false)
	p.Await(`!document.querySelector('button[value="upload.cmn-Hans-CN"]').disabled`)
	p.Click(`button[value="upload.cmn-Hans-CN"]`)
	p.AwaitText("Listen first")
	if w := browser.Value[int](p, "document.documentElement.scrollWidth"); w > 390 {
		t.Errorf("the page is %d px wide", w)
	}
}

// The browser's own microphone: a beep each second.
func TestRecordingWithTheMicrophone(t *testing.T) {
	b := newShelf(t)
	p := b.browse(browser.Options{Microphone: true})
	p.Go(b.server.URL + "/library/new")
	p.Type("#zh", "方言通知")
	language := browser.Value[string](p, `document.querySelector("[data-tape]").dataset.tape`)
	tape := `[data-tape="` + language + `"]`
	p.Await(fmt.Sprintf("!document.querySelector(%q).hidden", tape+" .mic .acts"))
	p.Click(tape + " .rec")
	p.Await(fmt.Sprintf("/ [2-9]\\.\\d$/.test(document.querySelector(%q).textContent)", tape+" .took"))
	p.Click(tape + " .end")
	p.AwaitText("先听一听")
	if s := plays(p, "#r-"+language+" .offer"); s < 0.2 || s > 30 {
		t.Errorf("the recording lasts %.2f s", s)
	}
	p.Submit(fmt.Sprintf(`button[value="use.%s"]`, language))
	p.Submit("#save")
	p.AwaitText("已保存为第 1 版")
	if r := b.history("a-20261124-1")[0].Recordings; len(r) != 1 || r[0].Machine || r[0].Loudness == 0 {
		t.Errorf("got %+v", r)
	}
	unfaulted(t, p)
}

// A synthesiser speaks, and it is said that it does.
func TestSpeaking(t *testing.T) {
	b := newShelf(t)
	if !slices.Contains(b.console.c.Studio.Voices(), "cmn-Hans-CN") {
		t.Skip("espeak-ng is not installed")
	}
	p := b.browse(browser.Desk)
	p.Go(b.server.URL + "/library/new")
	p.Type("#zh", "机器读的")
	p.Click(`button[value="speak.cmn-Hans-CN"]`)
	p.AwaitText("请在框里打字")
	p.Type("#t-cmn-Hans-CN", "各位居民请注意，明天上午停水。")
	p.Click(`button[value="speak.cmn-Hans-CN"]`)
	p.AwaitText("先听一听")
	if s := plays(p, "#r-cmn-Hans-CN .offer"); s < 1 {
		t.Errorf("it lasts %.2f s", s)
	}
	p.Submit(`button[value="use.cmn-Hans-CN"]`)
	p.Submit("#save")
	p.Go(b.server.URL + "/library")
	p.AwaitText("机器语音")
	if r := b.history("a-20261124-1")[0].Recordings; len(r) != 1 || !r[0].Machine {
		t.Errorf("got %+v, want a machine's voice", r)
	}
	unfaulted(t, p)
}

// Without script everything but the microphone works.
func TestTheEditorWithoutScript(t *testing.T) {
	b := newShelf(t)
	p := b.browse(browser.Options{Width: 390, Height: 844, NoScript: true})
	p.Go(b.server.URL + "/library/new")
	p.Type("#zh", "没有脚本")
	p.Click("#r-en .make summary")
	p.Choose("#f-en", file(t, "notice.wav", wavOf(1)))
	p.Submit(`button[value="upload.en"]`)
	p.Submit(`button[value="use.en"]`)
	p.Submit("#save")
	if text := p.Text(); !strings.Contains(text, "已保存为第 1 版") || !strings.Contains(text, "要打开浏览器的脚本功能才能录") {
		t.Errorf("got %s", text)
	}
	p.Click("#withdraw summary")
	p.Submit("#withdraw form button")
	if text := p.Text(); !strings.Contains(text, "已撤下") {
		t.Errorf("got %s", text)
	}
	p.Submit(".undo button")
	if text := p.Text(); !strings.Contains(text, "已放回") {
		t.Errorf("got %s", text)
	}
}

// All of it from the keyboard: reach, choose a class, save, see the fault.
func TestTheEditorFromTheKeyboard(t *testing.T) {
	b := newShelf(t)
	b.shelve()
	p := b.browse(browser.Options{Lang: "en"})
	p.Go(b.server.URL + "/library/welcome")
	p.Await(`document.readyState === "complete"`)
	p.Reach("#zh")
	p.Press("x")
	p.Press("\r") // must not send anything to vans
	p.Await(`document.readyState === "complete" && location.search.includes("draft=")`)
	if n := len(b.history("welcome")); n != 2 {
		t.Fatalf("Enter in a field made edition %d", n)
	}
	p.Reach("input[name=class]")
	p.Press(" ")
	p.Reach("#r-en audio")
	p.Reach("details.how summary")
	p.Press("\r")
	p.Reach("#times")
	p.Reach("#save")
	p.Press("\r")
	p.AwaitText("Saved as version 3")
	p.Reach("#history summary")
	p.Press("\r")
	p.Reach("#history form button")
	p.Press("\r")
	p.AwaitText("Restored as a new version")
	for _, path := range []string{"/library", "/library/welcome", "/library/new", "/library/languages"} {
		p.Go(b.server.URL + path)
		low := browser.Value[[]string](p, `[...document.querySelectorAll("a.btn, main button:not(.out), .classes a, summary")].filter((e) => e.offsetHeight && e.offsetHeight < 32).map((e) => e.outerHTML)`)
		if len(low) > 0 {
			t.Errorf("%s has targets under 32 px: %q", path, low)
		}
	}
	unfaulted(t, p)
}

// A conflict in the browser, on a phone.
func TestAConflictOnAPhone(t *testing.T) {
	b := newShelf(t)
	b.shelve()
	p := b.browse(browser.Phone)
	p.Go(b.server.URL + "/library/water")
	p.Type("#zh", "（三幢）")
	a := b.history("water")[0].Announcement
	a.Title.Zh = "停水通知（改期）"
	_, err := b.store.AddEdition(t.Context(), a, 1, "陈老师")
	must(t, err)
	p.Submit("#save")
	p.AwaitText("陈老师 在")
	p.Shot("conflict-zh-390")
	if w := browser.Value[int](p, "document.documentElement.scrollWidth"); w > 390 {
		t.Errorf("the page is %d px wide", w)
	}
	p.Submit("#mine")
	p.AwaitText("已保存为第 3 版")
	unfaulted(t, p)
}
