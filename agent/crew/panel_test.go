package crew

import (
	"encoding/json"
	"errors"
	"net/http"
	"net/url"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"ark"
	"ark/agent"
)

// What a form, or a script, does to the panel.
func TestAPressOnThePanelPage(t *testing.T) {
	rows := []struct {
		path, body string
		status     int
		at         string
		want       string // what the panel is told; empty: nothing
	}{
		{"/panel", "button=1", 200, "/panel", "press 1"},
		{"/panel", "button=stop", 200, "/panel", "press stop"},
		{"/panel", "button=louder", 200, "/panel", "press louder"},
		{"/panel", "button=talk", 200, "/panel", "switch talk"},
		{"/panel", "button=alarm", 200, "/panel/sure", ""},
		{"/panel/sure", "button=alarm", 200, "/panel", "hold alarm"},
		{"/panel/down", "button=alarm", 204, "/panel/down", "down alarm"},
		{"/panel/up", "button=alarm", 204, "/panel/up", "up alarm"},
		{"/panel", "button=77", 404, "/panel", ""},
		{"/panel", "button=", 404, "/panel", ""},
		{"/panel", "", 404, "/panel", ""},
		{"/panel", "button=1" + strings.Repeat("1", 2000), 404, "/panel", ""},
		{"/panel/down", "button=77", 404, "/panel/down", ""},
		{"/panel/up", "button=77", 404, "/panel/up", ""},
		{"/panel/sure", "button=77", 404, "/panel/sure", ""},
	}
	b := newBench(t, t.TempDir())
	b.shows(b.open("/panel").page, "服务方舟到了", "停止", `value="1"`, `value="stop"`)
	for _, row := range rows {
		b.pressed = nil
		got := b.do("POST", row.path, form, row.body)
		if told := strings.Join(b.pressed, ", "); got.status != row.status || got.at != row.at || told != row.want {
			t.Errorf("%s %.20q: %d at %s, the panel was told %q; want %d at %s, %q", row.path, row.body, got.status, got.at, told, row.status, row.at, row.want)
		}
	}
}

// Without a script, a button that must be held asks first.
func TestSure(t *testing.T) {
	b := newBench(t, t.TempDir())
	b.shows(b.open("/panel/sure?button=alarm").page, "要播“紧急疏散”吗", "应急广播", `action="/panel/sure"`, `value="alarm"`, `href="/panel"`)
	for _, button := range []string{"1", "77", ""} {
		if got := b.open("/panel/sure?button=" + button); got.status != http.StatusNotFound {
			t.Errorf("asked about %q: %d", button, got.status)
		}
	}
	if b.pressed != nil {
		t.Errorf("looking pressed %v", b.pressed)
	}
}

func TestThePlace(t *testing.T) {
	b := newBench(t, t.TempDir())
	if page := b.open("/panel").page; strings.Contains(page, "<select") || !strings.Contains(page, "没有指定") {
		t.Error("places are to be chosen where there are none")
	}
	b.status = agent.Status{Place: "和平小区", Places: []string{"和平小区", "幸福里<"}}
	b.shows(b.open("/panel").page, "<option selected>和平小区</option>", "<option>幸福里&lt;</option>")
	for _, place := range []string{"幸福里<", ""} {
		b.place = "?"
		if got := b.submit("/panel/place", url.Values{"place": {place}}); got.status != http.StatusOK || b.place != place {
			t.Errorf("chose %q: %d, the van heard %q", place, got.status, b.place)
		}
	}
	b.place = "?"
	if got := b.submit("/panel/place", url.Values{"place": {"别处"}}); got.status != http.StatusUnprocessableEntity || b.place != "?" {
		t.Errorf("an unknown place: %d, the van heard %q", got.status, b.place)
	}
}

func TestThePanelPageTells(t *testing.T) {
	at := func(clock string) ark.UnixMilli {
		when, err := time.ParseInLocation("2006-01-02 15:04", clock, time.FixedZone("CST", 8*3600))
		if err != nil {
			t.Fatal(err)
		}
		return ark.Milli(when)
	}
	var slow [ark.PressBuckets]int64
	slow[2], slow[3], slow[11] = 6, 3, 1
	rows := []struct {
		name   string
		status agent.Status
		want   []string
	}{
		{"what sounds", agent.Status{Sound: agent.SoundState{Device: "default"}, Panel: agent.PanelState{Chip: "pinctrl-bcm2711"},
			Lamps: map[agent.Lamp]bool{agent.LampPlaying: true},
			Playing: &ark.AsRun{Title: ark.Text{Zh: "服务方舟到了"}, Recordings: []ark.AsRunRecording{
				{Language: "cmn-Hans-CN", State: ark.BroadcastFinished}, {Language: "yue-Hant-HK", State: ark.BroadcastStarted, Frames: 5 * ark.SampleRate},
				{Language: "en", State: ark.BroadcastAccepted, Frames: 70 * ark.SampleRate}}}},
			[]string{"正在播放", "服务方舟到了 · 粤语", "还有约 1 分 15 秒", "lamp playing on", "已接好（pinctrl-bcm2711）"}},
		{"what waits", agent.Status{Sounding: []ark.AsRun{{Trigger: ark.Trigger{Talk: true}}, {Title: ark.Text{Zh: "轻音乐"}}},
			Waiting: []ark.AsRun{{Title: ark.Text{Zh: "停水通知"}, Why: ark.WhyInterrupted}, {Trigger: ark.Trigger{Test: true}}},
			Refused: &ark.AsRun{Title: ark.Text{Zh: "今日服务"}, Why: ark.WhyQuiet}},
			[]string{"<strong>喊话</strong>", "背景音乐：轻音乐", "接下来", "<li>停水通知", "之后接着播", "<li>自检", "没有播“今日服务”：现在是安静时段"}},
		{"what is held", agent.Status{Holding: "alarm"}, []string{"正按着“紧急疏散”"}},
		{"stalled, no line, stuck", agent.Status{Sound: agent.SoundState{Device: "default", Fault: ark.WhyStalled}, Panel: agent.PanelState{Fault: ark.PanelNoLine, Line: "GPIO99"}, Stuck: []agent.Button{"2"}},
			[]string{"没有在播放", "声卡卡住了，正在重启", "用不了：接线表里的引脚名不存在", "GPIO99", "一直按着", " 2"}},
		{"chatter", agent.Status{Panel: agent.PanelState{Chip: "pinctrl", Fault: ark.PanelChatter, Line: "GPIO17"}}, []string{"接触不好", "GPIO17", "其他按钮照常能用"}},
		{"no card", agent.Status{Sound: agent.SoundState{Device: "silent", Silent: true}}, []string{"按了也听不到声音", "没有声卡：播放只计时"}},
		{"another card", agent.Status{Sound: agent.SoundState{Device: "silent", Fault: ark.WhyWrongCard, Cards: "Headphones vc4hdmi"}},
			[]string{"声卡不对", "应该用 Device", "现在插着：Headphones vc4hdmi"}},
		{"muted", agent.Status{Sound: agent.SoundState{Device: "default", Muted: true}}, []string{"声卡被静音", "alsamixer"}},
		{"not heard", agent.Status{Sound: agent.SoundState{Device: "default", Fault: ark.WhyUnheard, Listening: true}}, []string{"话筒却没听到", "有话筒在听"}},
		{"being opened", agent.Status{Sound: agent.SoundState{Silent: true}}, []string{"正在打开声卡"}},
		{"orders that wait", agent.Status{Doubtful: 2}, []string{"2 条指令在等"}},
		{"volume", agent.Status{Volume: 865, Sounds: 700, Capped: true, Full: 950, Least: 600}, []string{"86.5 分贝", "最多 70 分贝", "未校准", `<rect width="75"`}},
		{"calibrated", agent.Status{Volume: 860, Sounds: 860, Full: 950, Least: 600, Calibrated: true}, []string{"86 分贝", "喇叭前 3 米处"}},
		{"quiet", agent.Status{Quiet: true, QuietUntil: at("2099-01-02 06:00")}, []string{"现在是，到 1月2日 06:00 为止"}},
		{"quiet without end", agent.Status{Quiet: true}, []string{"现在是：只播应急广播"}},
		{"not quiet", agent.Status{}, []string{"现在不是", "一周内没有"}},
		{"nobody knows", agent.Status{QuietBlind: true, PlanBlocked: ark.WhyUntrusted}, []string{"请自己看时间", "现在不会开始：车上的钟还没核准"}},
		{"the timetable", agent.Status{Next: &agent.Due{Announcement: "water", Title: ark.Text{Zh: "停水通知"}, At: at("2099-01-02 08:30")}}, []string{"下一次 1月2日 08:30 · 停水通知"}},
		{"the timetable, without it", agent.Status{Next: &agent.Due{Announcement: "water", At: at("2099-01-02 08:30")}}, []string{"water", "车上没有这条广播稿"}},
		{"heard", agent.Status{SelfTest: &ark.SelfTest{At: at("2026-11-02 08:30"), Result: ark.HeardYes}}, []string{"11月2日 08:30", "话筒听到了"}},
		{"not heard in the test", agent.Status{SelfTest: &ark.SelfTest{At: 1, Result: ark.HeardNo}}, []string{"话筒没有听到"}},
		{"sent only", agent.Status{SelfTest: &ark.SelfTest{At: 1, Consumed: true}}, []string{"请用耳朵确认"}},
		{"a test that failed", agent.Status{SelfTest: &ark.SelfTest{At: 1, Why: ark.WhyMuted}}, []string{"不通过：声卡被静音"}},
		{"never tested", agent.Status{}, []string{"还没有做过", "自带的示范广播稿"}},
		{"presses", agent.Status{Presses: slow}, []string{"开机以来 10 次：一半不超过 15 毫秒，九成不超过 20 毫秒", "≤ 15 毫秒", `<rect width="50"`, "&gt; 500 毫秒"}},
		{"a library comes", agent.Status{Library: ark.LibraryState{Version: 7, Stage: ark.LibraryComing, Have: 3_200_000, Want: 12_000_000, Held: 6}},
			[]string{"第 7 版正在下载：3.2 / 12.0 MB", "现在用的是第 6 版"}},
		{"a library is there", agent.Status{Library: ark.LibraryState{Version: 7, Stage: ark.LibraryHeld, Held: 7, Missing: make([]ark.Hash, 2)}}, []string{"第 7 版，齐全", "缺 2 个录音"}},
		{"a library does not come", agent.Status{Library: ark.LibraryState{Version: 7, Stage: ark.LibraryFailed, Why: ark.WhyDiskFull}}, []string{"没有下载成：车上的存储卡满了", "现在用的是示范广播稿"}},
	}
	b := newBench(t, t.TempDir())
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			b.TB, b.status = t, row.status
			b.shows(b.open("/panel").page, row.want...)
		})
	}
}

func TestWhatWaitsForTheHub(t *testing.T) {
	b := newBench(t, t.TempDir())
	for _, row := range []struct {
		load agent.Load
		err  error
		want []string
	}{
		{agent.Load{}, nil, []string{"照片和录音", "都已送到中心"}},
		{agent.Load{Files: 3, Bytes: 6_100_000}, nil, []string{"3 个在车上，还有 6.1 MB 要送到中心"}},
		{agent.Load{Files: 3, Held: agent.HeldText}, nil, []string{"先送文字"}},
		{agent.Load{Files: 3, Held: agent.HeldBudget}, nil, []string{"今天的流量用完了"}},
		{agent.Load{Files: 3, Held: agent.HeldUnreachable}, nil, []string{"现在送不过去"}},
		{agent.Load{Files: 3, Held: agent.HeldRefused}, nil, []string{"中心暂时不收"}},
		{agent.Load{}, errors.New("ill"), []string{"存储卡现在读不出来"}},
	} {
		b.load, b.loadErr = row.load, row.err
		b.shows(b.open("/panel").page, row.want...)
	}
	b.load, b.loadErr = agent.Load{Files: 2, Bytes: 5, SentToday: 7, Held: agent.HeldText}, nil
	var said struct{ Attachments stateLoad }
	if err := json.Unmarshal([]byte(b.open("/api/1/state").page), &said); err != nil || said.Attachments != (stateLoad{2, 5, 7, "text"}) {
		t.Errorf("%+v, %v", said, err)
	}
}

func TestPressesWithoutAny(t *testing.T) {
	if p := pressesOf([ark.PressBuckets]int64{}); p.Count != 0 || p.Bars != nil {
		t.Errorf("%+v", p)
	}
	var slow [ark.PressBuckets]int64
	slow[ark.PressBuckets-1] = 3
	if p := pressesOf(slow); p.Half != "" || len(p.Bars) != 1 || p.Bars[0].Over != "500" {
		t.Errorf("%+v", p)
	}
}

// Every reason that may reach the page has words in both languages.
func TestEveryReasonHasWords(t *testing.T) {
	for _, file := range []string{"../../broadcast.go", "../../library.go", "../../order.go"} {
		source, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range reason.FindAllStringSubmatch(string(source), -1) {
			prefix := map[string]string{"Why": "why.", "Panel": "wires."}[m[1]]
			if _, ok := texts[prefix+m[2]]; !ok {
				t.Errorf("%s%s has no words", prefix, m[2])
			}
		}
	}
	for _, word := range []string{ark.WhyNoCard, ark.WhyWrongCard, ark.WhyMuted, ark.WhyStalled, ark.WhyDeviceLost, ark.WhyNoOutput, ark.WhyUnheard, "silent", "opening", "ok"} {
		if _, ok := texts["ill."+word]; !ok {
			t.Errorf("%s says not what to do", word)
		}
	}
}

var reason = regexp.MustCompile(`(?m)^\t(Why|Panel)\w+\s+= "([a-z-]+)"`)

func TestNoSuchPage(t *testing.T) {
	b := newBench(t, t.TempDir())
	got := b.open("/nothing")
	if got.status != http.StatusNotFound {
		t.Errorf("answered %d", got.status)
	}
	b.shows(got.page, "没有这个页面", `href="/"`)
}

// The profile's buttons are on the page in its order.
func TestOrderOfButtons(t *testing.T) {
	b := newBench(t, t.TempDir())
	page := b.open("/panel").page
	var order []string
	for _, m := range regexp.MustCompile(`value="(\w+)" data-key`).FindAllStringSubmatch(page, -1) {
		order = append(order, m[1])
	}
	if !slices.Equal(order, []string{"1", "alarm", "9", "stop", "talk", "softer", "louder", "test"}) {
		t.Errorf("order %v", order)
	}
	b.shows(page, "按住 1 秒", "车上没有这条广播稿", "没有接话筒", "现在自检")
}
