package console

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"ark"
	"ark/hub"
	"ark/internal/web"
)

// The page of a van says how its library, loudspeaker and self-test are.
func TestAVanInWords(t *testing.T) {
	b := newBench(t)
	b.stock()
	p := b.signedIn()
	p.get("/vans/van-1").wants(t, http.StatusOK, "还没有连过", "车还没有报告", "还没有自检过")
	b.deliver("van-1", true,
		ark.Health{Sound: ark.WhyMuted, Device: "USB Audio", Panel: "ok", Volume: 720, Full: 850, Plan: ark.WhyUntrusted, Place: "第一小学", Listening: true,
			Presses: [ark.PressBuckets]int64{0, 2, 40, 50, 6, 1, 0, 0, 0, 0, 0, 1}},
		ark.LibraryState{Version: 5, Stage: ark.LibraryHeld, Held: 5, Missing: []ark.Hash{{0, 1}, {99}}},
		ark.SelfTest{At: ark.Milli(b.clock()), Result: ark.HeardNo, Consumed: true, Volume: 450, Device: "USB Audio"})
	p.get("/vans/van-1").wants(t, http.StatusOK, "声卡被静音：请队员", "USB Audio", "72.0 dB", "最大 85.0 dB", "没有量过", "在听", "第 5 版，缺 2 段录音", "方舟到了 · 粤语", "另有 1 段",
		"话筒没有听到", "45.0 dB", "第一小学", "车上的钟还没核准", "100 次：一半在 16 毫秒内，百分之九十九在 30 毫秒内", "<th scope=\"row\">10–15</th>", "&gt; 500")
	p.get("/vans").wants(t, http.StatusOK, "有问题的（1）", "喇叭：声卡被静音", "不按定时播放：车上的钟还没核准", "自检没过：话筒没有听到", "广播稿库：第 5 版，缺 2 段录音", "第一小学")
	p.get("/vans/van-1", "Accept-Language", "en").wants(t, http.StatusOK, "100 presses: half within 16 ms, 99 in 100 within 30 ms", "version 5, 2 recordings missing", "The van is here · Cantonese")
}

// A month before a van's certificate for phones ends the list and the page of
// the van say so, and what to do.
func TestACertificateForPhonesThatEndsSoon(t *testing.T) {
	const day = 24 * time.Hour
	b := newBench(t)
	p := b.signedIn()
	tell := func(left time.Duration) (until string) {
		at := b.clock().Add(left)
		b.deliver("van-1", true, ark.Health{Sound: "ok", Device: "USB Audio", Panel: "ok", PagesUntil: ark.Milli(at)})
		return b.console.date(at)
	}
	until := tell(31 * day)
	p.get("/vans").wants(t, http.StatusOK, "有问题的（0）")
	p.get("/vans/van-1").wants(t, http.StatusOK, "手机网页证书", "到 "+until+" 为止")
	p.get("/vans/van-1", "Accept-Language", "en").wants(t, http.StatusOK, "Certificate for phones", "until "+until)

	until = tell(29 * day)
	p.get("/vans").wants(t, http.StatusOK, "有问题的（1）", "手机网页的证书 "+until+" 到期", "arkctl van renew")
	p.get("/vans", "Accept-Language", "en").wants(t, http.StatusOK, "The certificate for phones ends on "+until)
	p.get("/vans/van-1").wants(t, http.StatusOK, "手机网页的证书 "+until+" 到期")
	p.get("/vans/van-1", "Accept-Language", "en").wants(t, http.StatusOK, "The certificate for phones ends on "+until)

	until = tell(-time.Hour)
	p.get("/vans").wants(t, http.StatusOK, "有问题的（1）", "手机网页的证书 "+until+" 已到期")
	p.get("/vans/van-1", "Accept-Language", "en").wants(t, http.StatusOK, "The certificate for phones ended on "+until)
}

func TestLibraryInWords(t *testing.T) {
	state := func(stage ark.LibraryStage, version, held int64, why string) *ark.LibraryState {
		return &ark.LibraryState{Stage: stage, Version: version, Held: held, Why: why, Have: 34e6, Want: 120e6}
	}
	for want, s := range map[string]*ark.LibraryState{
		"The van has not told yet":              nil,
		"version 7, whole":                      state(ark.LibraryHeld, 7, 7, ""),
		"version 6; version 7 has not come yet": state(ark.LibraryHeld, 6, 6, ""),
		"version 7 is coming: 34.0 of 120.0 MB (uses version 6 meanwhile)":                  state(ark.LibraryComing, 7, 6, ""),
		"version 7 did not come: the van's card is full (plays what it was delivered with)": state(ark.LibraryFailed, 7, 0, ark.WhyDiskFull),
		"None came yet: it plays what it was delivered with":                                state(ark.LibraryHeld, 0, 0, ""),
	} {
		if got := libraryWords(web.En, hub.Van{Library: s}, 7); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}

func TestPressesAreSummarised(t *testing.T) {
	for name, c := range map[string]struct {
		n    [ark.PressBuckets]int64
		want string
	}{
		"one bucket": {[ark.PressBuckets]int64{2: 100}, "100 12 15"},
		"a slow one": {[ark.PressBuckets]int64{2: 98, 11: 2}, "100 13 > 500"},
		"all slow":   {[ark.PressBuckets]int64{11: 1}, "1 > 500 > 500"},
		"a liar":     {[ark.PressBuckets]int64{0: -5, 1: 1 << 62}, ""},
	} {
		s := summarise(c.n)
		if got := strings.TrimSpace(strings.Join([]string{positionText(hub.Position(s.N)), s.Median, s.P99}, " ")); c.want != "" && got != c.want {
			t.Errorf("%s: got %s, want %s", name, got, c.want)
		}
		if bars := pressBars(c.n); len(bars) != ark.PressBuckets || bars[0].N < 0 {
			t.Errorf("%s: %v", name, bars)
		}
	}
}
