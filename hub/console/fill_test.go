package console

import (
	"os"
	"testing"
	"time"

	"ark"
	"ark/internal/browser"
)

// fill gives every page something of each kind to show.
func (b *bench) fill() {
	b.t.Helper()
	b.deliver("van-2", false, ark.Visit{Place: "7幢1单元302室", Outcome: ark.NoAnswer, By: "老周"})
	b.deliver("van-1", true,
		ark.Visit{Place: "3幢2单元501室", Person: "王奶奶", Outcome: ark.Met, Services: []ark.Service{"knives", "haircut"}, Need: "想借一辆轮椅，周五去医院复查", Note: "耳朵不好，敲门要响", By: "阿芳"},
		ark.Visit{Place: "3幢2单元502室", Outcome: ark.Refused, By: "阿芳"},
		ark.Visit{Place: "3幢2单元601室", Person: "李师傅", Outcome: ark.Met, Services: []ark.Service{"appliance"}, Note: "电饭锅修好了", By: "阿芳"})
	b.pass(9 * time.Minute)
	b.deliver("van-2", true,
		ark.Visit{Place: "阳光花园12幢3单元1804室（电梯到18楼后右转第二家）", Person: "陈先生一家", Outcome: ark.Met, Services: []ark.Service{"umbrella", "shoes", "other"}, Need: "孩子放学没人接，想找志愿者帮忙", By: "老周"},
		ark.Visit{Place: "8幢1单元101室", Outcome: ark.Moved, By: "老周"},
		ark.Health{Sound: "silent", Panel: "none", DiskFree: 310e6, Release: "4f2d1c9a0b3e"})
	b.deliver("van-1", true, ark.Health{Sound: "ok", Device: "bcm2835 Headphones", Panel: "ok", DiskFree: 24_300e6, Release: "v1.0.0", LastSound: ark.Milli(b.clock())})
	b.presence.Present("van-1", true)
	_, err := b.ingest.Order(b.t.Context(), []ark.VanID{"van-1", "van-2"}, ark.KindPlayNow,
		ark.PlayNow{Announcement: "welcome", NotAfter: ark.Milli(b.clock().Add(5 * time.Minute)), By: staff})
	must(b.t, err)
	orders := mustList(b.t, b)
	long := []ark.AsRunRecording{{Language: "cmn-Hans-CN", Frames: 403200, Consumed: 403200, State: ark.BroadcastFinished},
		{Language: "yue-Hant-HK", Frames: 432000, Consumed: 216000, State: ark.BroadcastStarted}, {Language: "en", Frames: 350400}}
	b.deliver("van-1", true, ark.AsRun{Broadcast: ark.NewID(2, [10]byte{2}), Announcement: "welcome", Title: ark.Text{Zh: "方舟到了", En: "The van is here"},
		Trigger: ark.Trigger{Order: orders[1].ID}, State: ark.BroadcastStarted, LatencyMS: 38, Recordings: long})
	b.deliver("van-2", true, ark.OrderState{Order: orders[0].ID, State: ark.BroadcastExpired},
		ark.AsRun{Broadcast: ark.NewID(3, [10]byte{3}), Announcement: "water", Title: ark.Text{Zh: "停水通知", En: "Water will be off"}, Trigger: ark.Trigger{Button: "3"},
			State: ark.BroadcastCut, Why: ark.WhyStopped, LatencyMS: 41, Silent: true, Recordings: []ark.AsRunRecording{
				{Language: "cmn-Hans-CN", Frames: 403200, Consumed: 403200, State: ark.BroadcastFinished},
				{Language: "yue-Hant-HK", State: ark.BroadcastFailed, Why: ark.WhyMissing},
				{Language: "en", Frames: 350400, Consumed: 100000, State: ark.BroadcastCut, Why: ark.WhyStopped}}})
	_, err = b.ingest.Order(b.t.Context(), []ark.VanID{"van-1"}, ark.KindStop, ark.Stop{NotAfter: ark.Milli(b.clock().Add(time.Minute)), By: staff})
	must(b.t, err)
}

// pictureSizes are the screens and languages for which pictures are made.
var pictureSizes = map[string]browser.Options{"zh-1280": {Width: 1280, Height: 900}, "zh-390": {Width: 390, Height: 844}, "zh-320": {Width: 320, Height: 640},
	"en-1280": {Width: 1280, Height: 900, Lang: "en"}, "en-390": {Width: 390, Height: 844, Lang: "en"}, "en-320": {Width: 320, Height: 640, Lang: "en"}}

// TestPictures makes a picture of every page in all sizes and languages where
// ARK_SHOTS names a folder, for people to look at.
func TestPictures(t *testing.T) {
	if os.Getenv("ARK_SHOTS") == "" {
		t.Skip("ARK_SHOTS names no folder")
	}
	b := newBench(t)
	b.fill()
	empty := newBench(t)
	for name, o := range pictureSizes {
		p := browser.Open(t, o)
		p.Go(b.server.URL + "/login")
		p.Shot("login-" + name)
		p.Type("#name", staff)
		p.Type("#password", password)
		p.Submit("button[type=submit]")
		for page, path := range map[string]string{"visits": "/", "broadcasts": "/broadcasts", "vans": "/vans", "orders": "/orders", "play": "/play?van=van-1",
			"password": "/password", "lost": "/nowhere"} {
			p.Go(b.server.URL + path)
			if page != "play" && page != "password" && page != "lost" {
				live(p)
			}
			p.Shot(page + "-" + name)
		}
		e := empty.browse(o)
		live(e)
		e.Shot("empty-" + name)
	}
}
