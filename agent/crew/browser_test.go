package crew

import (
	"context"
	"io"
	"log/slog"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"ark"
	"ark/agent"
	"ark/agent/panel"
	"ark/agent/sound"
	"ark/internal/browser"
	"ark/internal/rig"
)

// aboard is the crew's pages of a whole van: store, uplink, buttons, brain and
// a loudspeaker that keeps time and sounds nothing.
type aboard struct {
	*rig.Van
	url string
}

func goAboard(t *testing.T, o *rig.Office) *aboard {
	t.Helper()
	a := &aboard{Van: o.StartVan(t, "van-1", t.TempDir(), rig.VanOptions{})}
	quiet := slog.New(slog.NewTextHandler(io.Discard, nil))
	sim := panel.NewSim(panel.SimConfig{Buttons: []panel.SimButton{{Button: "1"}, {Button: "stop"}}, Long: time.Second, Mono: a.Clock.Mono})
	player := sound.New(sound.Config{Library: speech(t), Buffer: 20 * time.Millisecond, Mono: a.Clock.Mono, Log: quiet})
	announcement, _ := speechOf(t)
	brain := agent.NewBrain(agent.Rules{NewID: newID, Buttons: map[agent.Button]agent.Meaning{"1": {Announcement: "welcome"}, "stop": {Stop: true}},
		Find: func(id ark.AnnouncementID) (ark.Announcement, bool) { return announcement, id == announcement.ID }})
	shell := agent.NewShell(agent.Parts{Brain: brain, Now: a.Clock.Now, Speaker: player, Panels: []agent.Panel{sim}, Recorder: a.Store, Log: quiet})
	pages, err := New(Config{Van: "van-1", Visits: a.Store, Status: shell.Status, Sync: a.Uplink.Sync, Fault: a.Store.Fault, Press: sim.Press,
		Buttons: []Button{{Name: "1", Title: announcement.Title}, {Name: "stop", Stop: true}}, NewID: newID, Now: a.Clock.Now, Zone: time.UTC, Log: quiet})
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(pages.Handler())
	ctx, cancel := context.WithCancel(context.Background())
	var parts sync.WaitGroup
	parts.Go(func() { player.Run(ctx) })
	parts.Go(func() { sim.Run(ctx) })
	parts.Go(func() { shell.Run(ctx, agent.Resumed{}) })
	t.Cleanup(func() { server.Close(); cancel(); parts.Wait() })
	a.url = server.URL
	return a
}

// speechOf is an announcement of five seconds a language, and its files.
func speechOf(t *testing.T) (ark.Announcement, map[ark.Hash][]byte) {
	t.Helper()
	a := ark.Announcement{ID: "welcome", Version: 1, Title: ark.Text{Zh: "服务方舟到了", En: "The ark is here"}}
	files := map[ark.Hash][]byte{}
	for i, l := range []ark.Language{"cmn-Hans-CN", "en"} {
		samples := make([]int16, 5*ark.SampleRate)
		samples[0] = int16(i)
		data := sound.WAV(samples)
		h := ark.HashOf(data)
		files[h] = data
		a.Recordings = append(a.Recordings, ark.Recording{Language: l, Content: h, Frames: int64(len(samples))})
	}
	return a, files
}

func speech(t *testing.T) *sound.Library {
	t.Helper()
	a, files := speechOf(t)
	dir := t.TempDir()
	if err := sound.WriteLibrary(dir, []ark.Announcement{a}, files); err != nil {
		t.Fatal(err)
	}
	l, err := sound.OpenLibrary(dir)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(l.Close)
	return l
}

// tabTo goes on by Tab until the field or button that a CSS selector finds has
// the focus.
func tabTo(t *testing.T, p *browser.Page, selector string) {
	t.Helper()
	for range 40 {
		if browser.Value[bool](p, "document.activeElement.matches(`"+selector+"`)") {
			return
		}
		p.Press("\t")
	}
	t.Fatalf("the keyboard does not reach %s", selector)
}

// The story of one visit, on a phone's page, by keyboard alone.
func TestAVisitByKeyboard(t *testing.T) {
	p := browser.Open(t, browser.Phone)
	o := rig.NewOffice(t)
	a := goAboard(t, o)
	p.Go(a.url)
	p.Shot("crew-empty")
	tabTo(t, p, "#place")
	p.Press("3幢2单元501室")
	tabTo(t, p, "[name=outcome]")
	p.Press(" ")
	tabTo(t, p, "[name=service][value=haircut]")
	p.Press(" ")
	tabTo(t, p, "#person")
	p.Press("王奶奶")
	tabTo(t, p, "summary")
	p.Press("\r")
	tabTo(t, p, "#need")
	p.Press("想要一盏楼道灯")
	tabTo(t, p, "#by")
	p.Press("小李")
	p.Press("\r")
	p.AwaitText("已保存在车上")
	text := p.Text()
	for _, want := range []string{"3幢2单元501室", "已见面", "理发", "王奶奶", "需求：想要一盏楼道灯", "在车上", "未连上中心"} {
		if !strings.Contains(text, want) {
			t.Errorf("the page does not show %q:\n%s", want, text)
		}
	}
	if browser.Value[bool](p, "document.documentElement.scrollWidth > innerWidth") {
		t.Error("the page is wider than the phone")
	}
	p.Shot("crew-saved")
	browser.Value[bool](p, "window.same = true") // a page that is loaded anew would forget it
	tabTo(t, p, "#note, #place")
	o.StartHub(t, filepath.Join(t.TempDir(), "hub.db"))
	p.AwaitText("已保存，并已到中心")
	p.AwaitText("全部已送到中心")
	if !browser.Value[bool](p, "window.same && document.activeElement.matches('#note, #place')") {
		t.Error("the page was loaded anew, or took the reader's place away")
	}
	p.Shot("crew-at-hub")
	if faults := p.Faults(); len(faults) > 0 {
		t.Errorf("the page complained: %q", faults)
	}
}

func TestAPanelButtonInABrowser(t *testing.T) {
	p := browser.Open(t, browser.Options{Width: 390, Height: 844, Lang: "en"})
	a := goAboard(t, rig.NewOffice(t))
	p.Go(a.url + "/panel")
	p.AwaitText("Nothing is playing")
	p.Await("'live' in document.documentElement.dataset")
	browser.Value[bool](p, "window.same = true")
	p.Click(".key[value='1']")
	p.AwaitText("The ark is here · Mandarin")
	p.Await("document.querySelector('.lamp.playing.on')")
	p.Shot("panel-playing")
	p.Click(".key.stop")
	p.AwaitText("Nothing is playing")
	p.Await("!document.querySelector('.lamp.playing.on, .lamp.ready.on')") // nobody would hear the next press
	p.AwaitText("a press will not be heard")
	if !browser.Value[bool](p, "window.same") {
		t.Error("a press loaded the page anew")
	}
	if faults := p.Faults(); len(faults) > 0 {
		t.Errorf("the page complained: %q", faults)
	}
}

// Out of the van's reach the page says so, what was typed stays, and nothing
// is called saved.
func TestAVanOutOfReach(t *testing.T) {
	p := browser.Open(t, browser.Phone)
	b := newBench(t, t.TempDir())
	p.Go(b.server.URL)
	p.Await("'live' in document.documentElement.dataset")
	p.Type("#place", "5幢")
	p.Click(".choice:has([value=met])")
	b.server.Listener.Close()
	b.server.CloseClientConnections()
	p.Click("button.wide")
	p.AwaitText("手机连不上方舟车")
	p.Shot("crew-away")
	if got := browser.Value[string](p, "document.querySelector('#place').value"); got != "5幢" {
		t.Errorf("the form holds %q", got)
	}
	if browser.Value[bool](p, "document.querySelector('button.wide').disabled") {
		t.Error("the visit cannot be saved later")
	}
	if v := b.visits(); len(v) != 0 {
		t.Errorf("kept %+v", v)
	}
}

// Everything works without a script, only not by itself.
func TestWithoutScript(t *testing.T) {
	o := browser.Phone
	o.NoScript = true
	p := browser.Open(t, o)
	a := goAboard(t, rig.NewOffice(t))
	p.Go(a.url)
	p.Type("#place", "7幢101")
	p.Click(".choice:has([value=moved])")
	p.Submit("button.wide")
	for _, want := range []string{"已保存在车上", "7幢101", "已搬走"} {
		if text := p.Text(); !strings.Contains(text, want) {
			t.Errorf("the page does not show %q:\n%s", want, text)
		}
	}
	p.Submit("nav a[href='/panel']")
	p.Submit(".key[value='1']")
	rig.Await(t, "the broadcast is seen", func() bool {
		p.Go(a.url + "/panel")
		return strings.Contains(p.Text(), "服务方舟到了 · 普通话")
	})
}
