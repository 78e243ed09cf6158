package crew

import (
	"context"
	"io"
	"log/slog"
	"net/http/httptest"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"ark"
	"ark/agent"
	"ark/agent/households"
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
	meanings := map[agent.Button]agent.Meaning{"1": {Announcement: "welcome"}, "alarm": {Announcement: "evacuate", Hold: true}, "stop": {Stop: true},
		"louder": {Louder: true}, "softer": {Softer: true}, "test": {Test: true}, "talk": {Talk: true}}
	all := []panel.SimButton{{Button: "1"}, {Button: "alarm", Hold: true}, {Button: "stop"}, {Button: "louder"}, {Button: "softer"}, {Button: "test"}, {Button: "talk", Talk: true}}
	sim := panel.NewSim(panel.SimConfig{Buttons: all, Long: time.Second, Mono: a.Clock.Mono})
	player := sound.New(sound.Config{Library: speech(t), Buffer: 20 * time.Millisecond, Mono: a.Clock.Mono, Log: quiet, Input: silence})
	announcements, _ := speechOf(t)
	find := func(id ark.AnnouncementID) (ark.Announcement, bool) {
		i := slices.IndexFunc(announcements, func(a ark.Announcement) bool { return a.ID == id })
		if i < 0 {
			return ark.Announcement{}, false
		}
		return announcements[i], true
	}
	brain := agent.NewBrain(agent.Rules{NewID: newID, Buttons: meanings, Find: find, Full: 950, Least: 600, First: 860, Zone: time.LoadLocation})
	shell := agent.NewShell(agent.Parts{Brain: brain, Now: a.Clock.Now, Speaker: player, Panels: []agent.Panel{sim}, Recorder: a.Store, Log: quiet})
	buttons := func() (shown []Button) {
		for _, b := range all {
			m := meanings[b.Button]
			announcement, _ := find(m.Announcement)
			shown = append(shown, Button{Meaning: m, Name: b.Button, Title: announcement.Title, Class: announcement.Class})
		}
		return shown
	}
	pages, err := New(Config{Van: "van-1", Visits: a.Store, Status: shell.Status, Sync: a.Uplink.Sync, Fault: a.Store.Fault, Panel: sim, Long: time.Second,
		Place:   func(place string) bool { return shell.Tell(agent.PlaceChosen{Place: place}) },
		Buttons: buttons, NewID: newID, Now: a.Clock.Now, Random: rig.Random, Zone: time.UTC, Log: quiet,
		Logbook: a.Store, People: a.Store, Register: a.Store, Attachments: a.Store, Finder: households.New(), Words: households.Words})
	if err != nil {
		t.Fatal(err)
	}
	kept := map[string][]byte{"settings": settings(t)}
	server := httptest.NewServer(pages.Handler())
	ctx, cancel := context.WithCancel(context.Background())
	var parts sync.WaitGroup
	parts.Go(func() { player.Run(ctx) })
	parts.Go(func() { sim.Run(ctx) })
	parts.Go(func() { shell.Run(ctx, agent.Resumed{Kept: kept}) })
	t.Cleanup(func() { server.Close(); cancel(); parts.Wait() })
	a.url = server.URL
	return a
}

// silence is a microphone in a quiet room.
func silence(ctx context.Context) (io.ReadCloser, error) {
	room, mic := io.Pipe()
	context.AfterFunc(ctx, func() { mic.Close() })
	go func() {
		pace := time.NewTicker(10 * time.Millisecond)
		defer pace.Stop()
		for range pace.C {
			if _, err := mic.Write(make([]byte, 2*480)); err != nil {
				return
			}
		}
	}()
	return room, nil
}

// settings have no quiet hours, whatever time it is, and one place.
func settings(t *testing.T) []byte {
	t.Helper()
	data, err := ark.EncodeBody(ark.KindSettings, ark.Settings{Version: 1, Zone: "Asia/Shanghai", Places: []ark.PlaceRules{{Name: "和平小区",
		Neighbours: ark.Neighbours{Caps: []ark.Cap{{Most: 700}}}}}})
	if err != nil {
		t.Fatal(err)
	}
	return data
}

// speechOf is announcements of five seconds a language, and their files.
func speechOf(t *testing.T) ([]ark.Announcement, map[ark.Hash][]byte) {
	t.Helper()
	all := []ark.Announcement{{ID: "welcome", Version: 1, Title: ark.Text{Zh: "服务方舟到了", En: "The ark is here"}},
		{ID: "evacuate", Version: 1, Title: ark.Text{Zh: "紧急疏散", En: "Leave the building"}, Class: ark.ClassEmergencyLocal}}
	files := map[ark.Hash][]byte{}
	for n := range all {
		for i, l := range []ark.Language{"cmn-Hans-CN", "en"} {
			samples := make([]int16, 5*ark.SampleRate)
			samples[0] = int16(2*n + i)
			data := ark.EncodeWAV(samples)
			h := ark.HashOf(data)
			files[h] = data
			all[n].Recordings = append(all[n].Recordings, ark.Recording{Language: l, Content: h, Frames: int64(len(samples))})
		}
	}
	return all, files
}

func speech(t *testing.T) *sound.Library {
	t.Helper()
	all, files := speechOf(t)
	dir := t.TempDir()
	if err := sound.WriteLibrary(dir, all, files); err != nil {
		t.Fatal(err)
	}
	l, err := sound.OpenLibrary(dir)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(l.Close)
	return l
}

// The story of one visit, on a phone's page, by keyboard alone.
func TestAVisitByKeyboard(t *testing.T) {
	p := browser.Open(t, browser.Phone)
	o := rig.NewOffice(t)
	a := goAboard(t, o)
	p.Go(a.url + "/plain")
	p.Shot("crew-empty")
	p.Reach("#place")
	p.Press("3幢2单元501室")
	p.Reach("[name=outcome]")
	p.Press(" ")
	p.Reach("[name=service][value=haircut]")
	p.Press(" ")
	p.Reach("#person")
	p.Press("王奶奶")
	p.Reach("summary")
	p.Press("\r")
	p.Reach("#need")
	p.Press("想要一盏楼道灯")
	p.Reach("#by")
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
	p.Reach("#note, #place")
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

// Out of the van's reach the page says so, what was typed stays, and nothing
// is called saved.
func TestAVanOutOfReach(t *testing.T) {
	p := browser.Open(t, browser.Phone)
	b := newBench(t, t.TempDir())
	p.Go(b.server.URL + "/plain")
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
	p.Go(a.url + "/plain")
	p.Type("#place", "7幢101")
	p.Click(".choice:has([value=moved])")
	p.Submit("button.wide")
	for _, want := range []string{"已保存在车上", "7幢101", "已搬走"} {
		if text := p.Text(); !strings.Contains(text, want) {
			t.Errorf("the page does not show %q:\n%s", want, text)
		}
	}
}
