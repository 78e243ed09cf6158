package crew

import (
	"net/http"
	"slices"
	"strings"
	"testing"

	"ark"
	"ark/agent"
)

func TestAPressOnThePanelPage(t *testing.T) {
	b := newBench(t, t.TempDir())
	b.shows(b.open("/panel").page, "服务方舟到了", "停止", `value="1"`, `value="stop"`)
	for _, button := range []string{"1", "stop"} {
		if got := b.do("POST", "/panel", form, "button="+button); got.status != http.StatusOK || got.at != "/panel" {
			t.Errorf("button %s answered %d at %s", button, got.status, got.at)
		}
	}
	for _, body := range []string{"button=9", "button=", "", "button=1" + strings.Repeat("1", 2000)} {
		if got := b.do("POST", "/panel", form, body); got.status != http.StatusNotFound {
			t.Errorf("%.20q answered %d, want 404", body, got.status)
		}
	}
	if want := []agent.Button{"1", "stop"}; !slices.Equal(b.pressed, want) {
		t.Errorf("pressed %v, want %v", b.pressed, want)
	}
}

func TestThePanelPageTells(t *testing.T) {
	b := newBench(t, t.TempDir())
	b.status = agent.Status{Sound: agent.SoundState{Device: "default"}, Panel: agent.PanelState{Chip: "pinctrl-bcm2711"},
		Lamps: map[agent.Lamp]bool{agent.LampPlaying: true},
		Playing: &ark.AsRun{Title: ark.Text{Zh: "服务方舟到了"}, Recordings: []ark.AsRunRecording{
			{Language: "cmn-Hans-CN", State: ark.BroadcastFinished}, {Language: "yue-Hant-HK", State: ark.BroadcastStarted}, {Language: "en"}}}}
	b.shows(b.open("/panel").page, "正在播放", "服务方舟到了 · 粤语", "lamp playing on", "已接好（pinctrl-bcm2711）")
	b.status = agent.Status{Sound: agent.SoundState{Device: "default", Fault: ark.WhyStalled}, Panel: agent.PanelState{Fault: ark.PanelNoLine, Line: "GPIO99"}, Stuck: []agent.Button{"2"}}
	b.shows(b.open("/panel").page, "没有在播放", "有故障：声卡卡住了", "用不了：接线表里的引脚名不存在", "GPIO99", "一直按着", " 2")
	b.status = agent.Status{Sound: agent.SoundState{Device: "silent", Silent: true}}
	b.shows(b.open("/panel").page, "听不到声音")
	b.status = agent.Status{Sound: agent.SoundState{Silent: true}}
	b.shows(b.open("/panel").page, "正在打开声卡")
	b.status = agent.Status{Doubtful: 2}
	b.shows(b.open("/panel").page, "2 条指令在等")
}

func TestNoSuchPage(t *testing.T) {
	b := newBench(t, t.TempDir())
	got := b.open("/nothing")
	if got.status != http.StatusNotFound {
		t.Errorf("answered %d", got.status)
	}
	b.shows(got.page, "没有这个页面", `href="/"`)
}
