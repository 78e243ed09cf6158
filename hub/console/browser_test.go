package console

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"ark"
	"ark/agent"
	"ark/internal/browser"
	"ark/internal/rig"
)

// browse opens a browser that has signed in.
func (b *bench) browse(o browser.Options) *browser.Page {
	b.t.Helper()
	p := browser.Open(b.t, o)
	p.Go(b.server.URL + "/")
	p.Type("#name", staff)
	p.Type("#password", password)
	p.Submit("button[type=submit]")
	p.Await(`location.pathname === "/"`)
	return p
}

// live waits until the page hears of changes.
func live(p *browser.Page) { p.Await(`!document.getElementById("live").hidden`) }

func unfaulted(t *testing.T, p *browser.Page) {
	t.Helper()
	if f := p.Faults(); len(f) > 0 {
		t.Errorf("the pages complained: %q", f)
	}
}

func top(p *browser.Page, row string) int {
	return browser.Value[int](p, fmt.Sprintf("Math.round(document.getElementById(%q).getBoundingClientRect().top)", row))
}

// A new visit is told of within two seconds and shown when the reader asks for
// it; what the reader looks at does not move.
func TestAVisitAppearsByItself(t *testing.T) {
	b := newBench(t)
	var old []any
	for i := range 40 {
		old = append(old, ark.Visit{Place: fmt.Sprintf("%d幢", i), Outcome: ark.Met})
	}
	ids := b.deliver("van-1", true, old...)
	p := b.browse(browser.Desk)
	live(p)
	row := "v" + ids[10].String()
	browser.Value[int](p, fmt.Sprintf("document.getElementById(%q).scrollIntoView(), 1", row))
	browser.Value[bool](p, "window.same = true")
	before := top(p, row)
	var took []time.Duration
	for i := 0; i < 3 || i < 10 && slices.Min(took) > 2*time.Second; i++ { // a machine may be busy
		id := b.deliver("van-2", true, ark.Visit{Place: fmt.Sprintf("新来的%d", i), Outcome: ark.NoAnswer})[0]
		took = append(took, p.Await(`!document.getElementById("arrived").hidden`))
		p.Click("#arrived")
		p.Await(fmt.Sprintf(`document.getElementById("v%s")?.innerText.includes("新来的%d") && document.getElementById("arrived").hidden`, id, i))
	}
	if slices.Min(took) > 2*time.Second {
		t.Errorf("visits appeared after %v", took)
	}
	t.Log("visits appeared after", took)
	if after := top(p, row); after < before-2 || after > before+2 {
		t.Errorf("what the reader looked at moved from %d to %d", before, after)
	}
	if !browser.Value[bool](p, "window.same === true") {
		t.Error("the page was loaded anew")
	}
	unfaulted(t, p)
}

// The whole way with a real van: a visit comes up, and an order is seen at
// each step.
func TestARealVanOnThePages(t *testing.T) {
	o := rig.NewOffice(t)
	h := o.StartHub(t, t.TempDir()+"/hub.db")
	whenever := ark.DefaultSettings() // the clocks are true ones: it may be night
	whenever.Rules = ark.Neighbours{}
	must(t, h.Store.SetSettings(t.Context(), "", &whenever, staff))
	b := &bench{t: t, now: time.Now(), store: h.Store, presence: h.Presence, ingest: h.Ingest}
	b.serve()
	p := b.browse(browser.Desk)
	p.Go(b.server.URL + "/vans")
	live(p)
	v := o.StartVan(t, "van-1", t.TempDir(), rig.VanOptions{})
	p.Await(`document.getElementById("van-van-1")?.innerText.includes("在线")`)

	p.Go(b.server.URL + "/")
	live(p)
	must(t, v.Store.Log(t.Context(), ark.NewID(v.Clock.Now().Wall, [10]byte{1}), ark.Visit{Place: "3幢2单元501室", Outcome: ark.Met, Need: "轮椅"}))
	t.Log("a van's visit appeared after", p.AwaitText("3幢2单元501室"))

	p.Go(b.server.URL + "/play?van=van-1")
	p.Click("input[name=announcement][value=welcome]")
	p.Submit("button[type=submit]")
	p.AwaitText("已向 1 辆车下达播放指令")
	order := <-v.Orders
	p.Await(`document.querySelector(".steps .done:nth-child(2)")`) // the van holds it
	run := ark.AsRun{Broadcast: ark.NewID(v.Clock.Now().Wall, [10]byte{2}), Announcement: "welcome", Title: ark.Text{Zh: "方舟到了"}, Trigger: ark.Trigger{Order: order.ID}}
	for i, s := range []ark.BroadcastState{ark.BroadcastAccepted, ark.BroadcastStarted, ark.BroadcastFinished} {
		run.State = s
		if s != ark.BroadcastAccepted {
			run.LatencyMS = 37
		}
		must(t, v.Store.Append(t.Context(), agent.Record{Kind: ark.KindBroadcast, Body: run}))
		p.Await(fmt.Sprintf(`document.querySelectorAll(".steps .done").length === %d`, 3+i))
	}
	p.AwaitText("37 毫秒出声")

	p.Click(`#menu a[href="/vans"]`)
	p.Await(`location.pathname === "/vans"`)
	live(p)
	v.Stop()
	p.Await(`document.getElementById("van-van-1").innerText.includes("最后联系")`)
	unfaulted(t, p)
}

func TestALostConnectionIsSaidAndFound(t *testing.T) {
	b := newBench(t)
	p := b.browse(browser.Desk)
	live(p)
	if p.Await(`document.getElementById("lost").hidden`); len(p.Faults()) > 0 {
		t.Errorf("the pages complained: %q", p.Faults())
	}
	b.down.Store(true)
	b.server.CloseClientConnections()
	p.Await(`!document.getElementById("lost").hidden && document.getElementById("live").hidden`)
	b.down.Store(false)
	b.deliver("van-1", true, ark.Visit{Place: "断线时的门", Outcome: ark.Met})
	p.AwaitText("断线时的门")
	p.Await(`document.getElementById("lost").hidden`)
	live(p)
}

func TestWithoutAStreamPagesAskNowAndThen(t *testing.T) {
	b := newBench(t)
	b.deaf.Store(true)
	p := b.browse(browser.Phone)
	b.deliver("van-1", true, ark.Visit{Place: "没有直播的门", Outcome: ark.Met})
	p.AwaitText("没有直播的门")
	if !browser.Value[bool](p, `document.getElementById("lost").hidden`) {
		t.Error("it says that the connection is lost, and it is not")
	}
}

// Who signs out in one tab is out in the others.
func TestASessionThatEndedAsksToSignIn(t *testing.T) {
	b := newBench(t)
	p := b.browse(browser.Desk)
	live(p)
	must(t, b.accounts.Set(t.Context(), staff, "set by the administrator", ""))
	b.deliver("van-1", true, ark.Visit{Place: "1幢", Outcome: ark.Met})
	p.Await(`location.pathname === "/login"`)
}

// Everything is reached from the keyboard, and no page is wider than a phone.
func TestPhoneAndKeyboard(t *testing.T) {
	b := newBench(t)
	b.fill()
	p := browser.Open(t, browser.Options{Width: 390, Height: 844, Lang: "en"})
	p.Go(b.server.URL + "/orders")
	p.Type("#name", staff)
	p.Press("\t")
	p.Await(`document.activeElement.id === "password"`)
	p.Type("#password", password)
	p.Press("\r")
	p.Await(`location.pathname === "/orders"`)
	for _, path := range []string{"/", "/broadcasts", "/vans", "/orders", "/play", "/password", "/nowhere"} {
		p.Go(b.server.URL + path)
		if w := browser.Value[int](p, "document.documentElement.scrollWidth"); w > 390 {
			t.Errorf("%s is %d px wide", path, w)
		}
		low := browser.Value[[]string](p, `[...document.querySelectorAll("a.btn, button, nav a")].filter((e) => e.offsetHeight && e.offsetHeight < 40).map((e) => e.outerHTML)`)
		if len(low) > 0 {
			t.Errorf("%s has targets under 40 px: %q", path, low)
		}
	}
	p.Go(b.server.URL + "/play?van=van-1")
	p.Await(`document.readyState === "complete"`)
	p.Reach("input[name=announcement]")
	p.Press(" ")
	p.Reach("main button[type=submit]")
	p.Press("\r")
	p.AwaitText("Vans told to play: 1.")
}
