package console

import (
	"fmt"
	"net/http"
	"os"
	"strings"
	"testing"
	"time"

	"ark"
	"ark/hub"
	"ark/internal/browser"
)

// open fills the office's pages with something of everything.
func (b *bench) open() {
	b.t.Helper()
	b.fill()
	b.stock()
	ctx, now := b.t.Context(), b.clock()
	row := func(n byte, what ark.AnnouncementID, at string, change func(*hub.PlanRow)) {
		r := with2(rowAt(n, what, at), func(r *hub.PlanRow) { r.By, r.Grace = staff, 300 })
		must(b.t, b.store.SetPlanRow(ctx, with2(r, change)))
	}
	row(1, "welcome", "08:30:00", func(r *hub.PlanRow) { r.Weekdays = 0b0111110 })
	row(2, "water", "08:30:20", func(r *hub.PlanRow) { r.Weekdays, r.Vans = 0b0000100, []ark.VanID{"van-1"} })
	row(3, "waltz", "17:00:00", func(r *hub.PlanRow) { r.Except = []ark.Date{"2026-11-26"} })
	row(4, "welcome", "22:15:00", func(r *hub.PlanRow) { r.Weekdays, r.Dates = 0, []ark.Date{"2026-11-27"} })
	row(5, "storm", "12:00:00", func(r *hub.PlanRow) { r.Weekdays, r.Paused = 1, true })
	s := manySettings
	must(b.t, b.store.SetSettings(ctx, "", &s, staff))
	must(b.t, b.store.SetSettings(ctx, "van-2", &s, "陈老师"))
	b.deliver("van-1", true,
		ark.Health{Sound: "ok", Device: "USB Audio", Panel: "ok", DiskFree: 24e9, Release: "v1.1.0", LastSound: ark.Milli(now), Volume: 720, Full: 850, Calibrated: true, Place: "第一小学", Listening: true,
			Presses: [ark.PressBuckets]int64{0, 2, 40, 50, 6, 1, 0, 0, 0, 0, 0, 1}},
		ark.LibraryState{Version: 4, Stage: ark.LibraryComing, Held: 3, Have: 34e6, Want: 120e6},
		ark.SelfTest{At: ark.Milli(now.Add(-30 * time.Hour)), Result: ark.HeardYes, Consumed: true, Volume: 450, Device: "USB Audio"},
		cast(11, "方舟到了", ark.ClassRoutine, now.Add(-6*time.Hour), nil),
		cast(12, "蓝色多瑙河", ark.ClassMusic, now.Add(-4*time.Hour), func(a *ark.AsRun) { a.EndedAt = a.StartedAt + 2700_000; a.Recordings = a.Recordings[:1] }),
		cast(13, "暴雨预警", ark.ClassEmergencyLocal, now.Add(-3*time.Hour-20*time.Minute), func(a *ark.AsRun) {
			a.Trigger, a.Exempt, a.ExemptBy, a.Heard = ark.Trigger{Order: ark.ID{1}, By: staff}, "气象局暴雨红色预警", staff, ark.HeardYes
		}),
		cast(14, "方舟到了", ark.ClassScheduled, now.Add(-8*time.Hour), func(a *ark.AsRun) {
			a.State, a.Why, a.StartedAt, a.EndedAt, a.Recordings = ark.BroadcastFailed, ark.WhyQuiet, 0, 0, nil
		}))
	b.deliver("van-2", true, ark.Health{Sound: ark.WhyNoCard, Panel: "none", DiskFree: 310e6, Release: "v1.1.0", Plan: ark.WhyUntrusted},
		ark.LibraryState{Version: 4, Stage: ark.LibraryFailed, Why: ark.WhyDiskFull, Held: 2, Missing: []ark.Hash{{0, 1}}},
		ark.SelfTest{At: ark.Milli(now.Add(-30 * time.Hour)), Why: ark.WhyNoCard})
}

var officePages = map[string]string{"play": "/play", "orders": "/orders", "group": "/orders/2", "broadcasts": "/broadcasts?van=van-1", "timeline": "/broadcasts/timeline?van=van-1",
	"schedule": "/schedule", "plan": "/schedule/new", "settings": "/settings", "settings-van": "/settings/van-2", "vans": "/vans", "van": "/vans/van-1", "van-ill": "/vans/van-2"}

// TestOfficePictures makes pictures of these pages where ARK_SHOTS names a
// folder, for people to look at.
func TestOfficePictures(t *testing.T) {
	if os.Getenv("ARK_SHOTS") == "" {
		t.Skip("ARK_SHOTS names no folder")
	}
	b := newBench(t)
	b.open()
	for name, o := range pictureSizes {
		p := b.browse(o)
		for page, path := range officePages {
			p.Go(b.server.URL + path)
			p.Await(`document.readyState === "complete"`)
			p.Shot("office-" + page + "-" + name)
		}
		p.Go(b.server.URL + "/play")
		p.Click("input[value=storm]")
		p.Type("#why", "气象局发布暴雨红色预警")
		p.Click(`input[name=van][value="*"]`)
		p.Shot("office-play-storm-" + name)
		p.Submit("main button[type=submit]")
		p.Shot("office-confirm-" + name)
	}
}

// No page of the office is wider than a phone, everything can be hit with a
// finger, and nothing complains.
func TestTheOfficeOnAPhone(t *testing.T) {
	b := newBench(t)
	b.open()
	p := b.browse(browser.Options{Width: 390, Height: 844, Lang: "en"})
	for _, path := range officePages {
		p.Go(b.server.URL + path)
		if w := browser.Value[int](p, "document.documentElement.scrollWidth"); w > 390 {
			wide := browser.Value[[]string](p, `[...document.querySelectorAll("body *")].filter((e) => e.getBoundingClientRect().right > 391).map((e) => e.tagName + "." + e.className).slice(0, 8)`)
			t.Errorf("%s is %d px wide: %v", path, w, wide)
		}
		low := browser.Value[[]string](p, `[...document.querySelectorAll("a.btn, button, nav a, select, input, summary, .start")].filter((e) => e.offsetHeight && e.offsetHeight < 40 && !e.closest("label")).map((e) => e.outerHTML)`)
		if len(low) > 0 {
			t.Errorf("%s has targets under 40 px: %q", path, low)
		}
	}
	unfaulted(t, p)
}

// An emergency is asked for with a reason, is asked once more, and says why.
// The confirmation comes up by itself.
func TestAnEmergencyInABrowser(t *testing.T) {
	b := newBench(t)
	b.stock()
	b.presence.Present("van-1", true)
	p := b.browse(browser.Desk)
	p.Go(b.server.URL + "/play")
	if browser.Value[bool](p, `document.getElementById("why").offsetHeight > 0`) {
		t.Error("the reason is asked for before an emergency is chosen")
	}
	p.Click("input[value=storm]")
	p.Await(`document.getElementById("why").offsetHeight > 0`)
	p.Click(`input[name=van][value="*"]`)
	p.Submit("main button[type=submit]")
	p.AwaitText("应急广播要写明原因")
	p.Type("#why", "气象局暴雨红色预警")
	p.Submit("main button[type=submit]")
	p.AwaitText("确定播应急广播吗")
	p.AwaitText("有 2 辆车可能听不到") // neither has told of its library, and one is away
	if n := len(mustList(t, b)); n != 0 {
		t.Fatalf("%d orders before it was confirmed", n)
	}
	p.Submit("#sure")
	p.Await(`location.pathname === "/orders/2"`)
	orders := mustList(t, b)
	if body := orders[0].Body.(ark.PlayNow); len(orders) != 2 || body.Why != "气象局暴雨红色预警" || body.By != staff || body.Announcement != "storm" {
		t.Fatalf("got %+v", orders)
	}
	live(p)
	browser.Value[bool](p, "window.same = true")
	run := cast(1, "暴雨预警", ark.ClassEmergencyLocal, b.clock(), func(a *ark.AsRun) {
		a.Trigger, a.State, a.LatencyMS = ark.Trigger{Order: orders[1].ID, By: staff}, ark.BroadcastStarted, 37
	})
	b.deliver(orders[1].Van, true, run)
	p.AwaitText("已开始 1 / 2")
	p.AwaitText("37 毫秒出声")
	run.State = ark.BroadcastFinished
	b.deliver(orders[1].Van, true, run)
	b.deliver(orders[0].Van, true, ark.OrderState{Order: orders[0].ID, State: ark.BroadcastFailed, Why: ark.WhyMuted})
	p.AwaitText("失败 1")
	p.AwaitText("声卡被静音")
	p.Await(`!document.getElementById("stopthese")`)
	if !browser.Value[bool](p, "window.same === true") {
		t.Error("the page was loaded anew")
	}
	for _, f := range p.Faults() {
		if !strings.Contains(f, "422") { // the form without a reason was refused
			t.Errorf("the pages complained: %q", f)
		}
	}
}

// The week shows what was added, and warns of quiet hours; all from the
// keyboard.
func TestTheWeekInABrowser(t *testing.T) {
	b := newBench(t)
	b.stock()
	p := b.browse(browser.Desk)
	p.Go(b.server.URL + "/schedule")
	live(p)
	b.signedIn().planned("announcement", "water", "time", "10:00", "day", "4", "van", "*") // by somebody else
	p.Await(`document.querySelector(".week .start")?.innerText.includes("停水通知")`)
	p.Click("#newplan")
	p.Await(`location.pathname === "/schedule/new"`)
	browser.Value[string](p, `document.getElementById("announcement").value = "welcome", document.getElementById("time").value = "22:30", ""`)
	browser.Value[int](p, `document.querySelector("input[name=day][value='5']").focus(), 1`)
	p.Press(" ")
	browser.Value[int](p, `document.getElementById("keep").focus(), 1`)
	p.Press("\r")
	p.AwaitText("已保存。下次播放：11月27日 22:30")
	p.Await(`document.querySelector(".week td:nth-child(6) .start.clash")?.innerText.includes("在安静时段内，不会播")`)
	p.Await(`getComputedStyle(document.querySelector(".week td:nth-child(6):has(.clash)")).backgroundColor !== "rgba(0, 0, 0, 0)"`)
	p.Submit("#weekafter")
	p.Await(`location.search.includes("week=2026-11-30") && document.querySelectorAll(".week .start").length === 2`)
	unfaulted(t, p)
}

// The file is what the page shows, asked for by the link on it.
func TestTheFileInABrowser(t *testing.T) {
	b := newBench(t)
	b.open()
	p := b.browse(browser.Desk)
	p.Go(b.server.URL + "/broadcasts?van=van-1&class=music")
	browser.Value[int](p, `fetch(document.getElementById("csv").href).then((a) => a.text()).then((text) => { window.file = text; }), 1`)
	p.Await("window.file")
	text := browser.Value[string](p, "window.file")
	if n := strings.Count(text, "\r\n"); n != 2 || !strings.Contains(text, "蓝色多瑙河") {
		t.Errorf("the file has %d lines:\n%s", n, text)
	}
	p.Go(b.server.URL + "/broadcasts/timeline?van=van-1")
	bars := browser.Value[int](p, `document.querySelectorAll(".across a").length`)
	for range 60 {
		if browser.Value[bool](p, `document.activeElement.matches(".across a")`) {
			break
		}
		p.Press("\t")
	}
	p.Press("\r")
	p.Await(`location.hash.startsWith("#b") && document.querySelector(location.hash)`)
	if bars < 4 {
		t.Errorf("%d bars", bars)
	}
	unfaulted(t, p)
}

// Many vans: the box finds some, and all that are shown are chosen at once.
func TestManyVans(t *testing.T) {
	b := newBench(t)
	b.stock()
	for i := range 300 {
		b.presence.Present(ark.VanID(fmt.Sprintf("ark-%03d", i)), true)
	}
	p := b.browse(browser.Phone)
	p.Go(b.server.URL + "/play")
	p.Await(`!document.querySelector("[data-script]").hidden`)
	p.Type("[data-find=van]", "ark-01")
	p.Await(`[...document.querySelectorAll("[data-found=van]")].filter((e) => !e.hidden).length === 10`)
	p.Click("[data-all=van]")
	p.AwaitText("已选 10 辆")
	p.Click("input[value=welcome]")
	p.Submit("main button[type=submit]")
	p.AwaitText("已开始 0 / 10")
	unfaulted(t, p)
	b.pass(time.Second)
	s := b.signedIn()
	if a := s.post("/play", "announcement", "welcome", "van", "*", "minutes", "5"); a.status != http.StatusSeeOther {
		t.Fatalf("got %d", a.status)
	}
	s.get("/orders").wants(t, http.StatusOK, "已开始 0 / 302", "已开始 0 / 10")
}

// Without script everything is there, too.
func TestTheOfficeWithoutScript(t *testing.T) {
	b := newBench(t)
	b.stock()
	p := b.browse(browser.Options{Width: 390, Height: 844, NoScript: true})
	p.Go(b.server.URL + "/play")
	p.Click("input[value=storm]")
	p.Type("#why", "演习")
	p.Click(`input[name=van][value="*"]`)
	p.Submit("main button[type=submit]")
	p.Submit("#sure")
	if orders := mustList(t, b); len(orders) != 2 {
		t.Errorf("%d orders", len(orders))
	}
}
