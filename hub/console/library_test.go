package console

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"regexp"
	"strings"
	"testing"
	"time"

	"ark"
	"ark/hub"
)

// saved is an announcement that was made in the pages.
func (b *bench) saved(p *person, title string) *editor {
	b.t.Helper()
	e := p.opens("/library/new")
	e.fields["zh"] = title
	e.does("upload.cmn-Hans-CN", "cmn-Hans-CN", wavOf(1)).does("use.cmn-Hans-CN").does("save")
	e.page.wants(b.t, http.StatusOK, "已保存为第 1 版")
	return e
}

func (b *bench) history(id string) []hub.Edition {
	b.t.Helper()
	editions, err := b.store.History(b.t.Context(), ark.AnnouncementID(id))
	must(b.t, err)
	return editions
}

// What a form says is what is kept.
func TestAnEditionSaysWhatWasTyped(t *testing.T) {
	b := newShelf(t)
	e := b.signedIn().opens("/library/new")
	for name, value := range map[string]string{"id": "rain-1", "zh": " 暴雨 <b>红色</b>预警 ", "en": "Rain", "class": "emergency-local", "times": "3", "gap": "0.8", "rest": "12.5",
		"most": "1.5", "validfrom": "2026-11-25T08:00", "until": "2026-11-26T20:30", "chime": "on", "trim-en": "on"} {
		e.fields[name] = value
	}
	e.does("upload", "en", wavOf(2), "cmn-Hans-CN", wavOf(1)).does("use.en").does("use.cmn-Hans-CN").does("save")
	got := b.history("rain-1")
	if len(got) != 1 {
		t.Fatalf("%d editions", len(got))
	}
	a := got[0].Announcement
	recordings := a.Recordings
	a.Recordings = nil
	zone := b.console.c.Zone
	want := ark.Announcement{ID: "rain-1", Version: 1, Title: ark.Text{Zh: "暴雨 <b>红色</b>预警", En: "Rain"}, Class: ark.ClassEmergencyLocal, Chime: true, Repeats: 2, GapMillis: 800,
		RestMillis: 12500, MaxSeconds: 90, ValidFrom: ark.Milli(time.Date(2026, 11, 25, 8, 0, 0, 0, zone)), ValidUntil: ark.Milli(time.Date(2026, 11, 26, 20, 30, 0, 0, zone))}
	if fmt.Sprintf("%+v", a) != fmt.Sprintf("%+v", want) || got[0].By != staff {
		t.Errorf("got  %+v by %s\nwant %+v", a, got[0].By, want)
	}
	if len(recordings) != 2 || recordings[0].Language != "cmn-Hans-CN" || recordings[1].Frames < 90_000 || recordings[1].Size != 44+2*recordings[1].Frames || recordings[0].Machine {
		t.Errorf("got recordings %+v, want Mandarin first and English", recordings)
	}
	if off := recordings[0].Loudness + 1600; off < -50 || off > 50 || recordings[0].Peak > -100 {
		t.Errorf("got loudness %d and peak %d", recordings[0].Loudness, recordings[0].Peak)
	}
	page := e.get("/library")
	page.wants(t, http.StatusOK, "暴雨 &lt;b&gt;红色", "本地应急", "11月25日 08:00 起有效")
	e.page.wants(t, http.StatusOK, `value="2026-11-25T08:00"`, `value="2026-11-26T20:30"`, `value="12.5"`, `value="1.5"`, `value="3"`, `value="emergency-local" checked`)
	var told struct{ Announcements []toldAnnouncement }
	must(t, json.Unmarshal([]byte(e.get("/api/1/announcements").body), &told))
	if len(told.Announcements) != 1 || told.Announcements[0].Class != "emergency-local" || told.Announcements[0].ID != "rain-1" || len(told.Announcements[0].Recordings) != 2 {
		t.Errorf("the API tells %+v", told.Announcements)
	}
}

// Each mistake is told of by its field, and nothing that was typed is lost.
func TestAFormThatIsWrongComesBack(t *testing.T) {
	b := newShelf(t)
	p := b.signedIn()
	for name, c := range map[string]struct{ field, value, says string }{
		"no title":      {"zh", "  ", "请填写中文标题"},
		"long title":    {"zh", strings.Repeat("长", 61), "标题太长了"},
		"id":            {"id", "../../etc", "编号只能用小写字母"},
		"reserved id":   {"id", "languages", "编号只能用小写字母"},
		"class":         {"class", "loudest", "请选一个类别"},
		"times":         {"times", "22", "要填 1 到 21"},
		"times in vain": {"times", "0", "要填 1 到 21"},
		"gap":           {"gap", "NaN", "停 0 到 10 秒"},
		"rest":          {"rest", "1e9", "停 0 到 600 秒"},
		"most":          {"most", "-1", "0 到 360 分钟"},
		"date":          {"validfrom", "tomorrow", "日期看不懂"},
		"far date":      {"validfrom", "9999-01-01T00:00", "日期看不懂"},
	} {
		e := p.opens("/library/new")
		e.fields["en"] = "typed with care"
		e.fields[c.field] = c.value
		e.does("save").page.wants(t, http.StatusOK, c.says, `value="typed with care"`, "还没有保存")
		if m := regexp.MustCompile(`<input[^>]*name="` + c.field + `"[^>]*aria-invalid="true"`); c.field != "class" && !m.MatchString(e.page.body) {
			t.Errorf("%s: the field is not marked", name)
		}
	}
	e := p.opens("/library/new")
	e.fields["validfrom"], e.fields["until"] = "2026-11-26T08:00", "2026-11-26T08:00"
	e.does("save").page.wants(t, http.StatusOK, "结束时间要在开始时间之后")
	e = p.opens("/library/new")
	e.does("save").page.wants(t, http.StatusOK, "至少要有一种语言的录音")
	if editions, err := b.store.Editions(t.Context()); err != nil || len(editions) != 0 {
		t.Errorf("%d editions of forms that were refused, %v", len(editions), err)
	}
}

// Every reason for which the studio refuses is a sentence in both languages.
func TestEveryRefusalAndWarningHasWords(t *testing.T) {
	for _, word := range []string{hub.RefusedEmpty, hub.RefusedUnknown, hub.RefusedDamaged, hub.RefusedHuge, hub.RefusedLong, hub.RefusedSilent, hub.RefusedRate,
		hub.RefusedNoVoice, hub.RefusedText, hub.RefusedOverload, "nofile", "takes", "ours", "broken"} {
		if _, ok := texts["refused."+word]; !ok {
			t.Errorf("no words for refusal %q", word)
		}
	}
	for _, word := range []string{hub.WarnQuiet, hub.WarnClipped, hub.WarnPeaky} {
		if _, ok := texts["warning."+word]; !ok {
			t.Errorf("no words for warning %q", word)
		}
	}
	for _, class := range ark.Classes {
		if _, ok := texts["classhint."+class.String()]; !ok {
			t.Errorf("no words for class %s", class)
		}
	}
}

// What is no recording is refused in words, and the next upload works.
func TestUploadsThatAreNoRecordings(t *testing.T) {
	b := newShelf(t)
	e := b.signedIn().opens("/library/new")
	huge := wavOf(0.1)
	copy(huge[40:], "\xff\xff\xff\xff") // says that it has 4 GB
	for name, c := range map[string]struct {
		file []byte
		says []string
	}{
		"empty":     {nil, []string{"文件是空的"}},
		"text":      {[]byte("<html><script>alert(1)</script>"), []string{"这不是能用的录音文件"}},
		"silence":   {func() []byte { var w bytes.Buffer; writeWAV(&w, make([]int16, ark.SampleRate)); return w.Bytes() }(), []string{"没有声音"}},
		"cut short": {[]byte("RIFF\x00\x00\x00\x00WAVE"), []string{"录音"}},
	} {
		e.does("upload.en", "en", c.file)
		e.page.wants(t, http.StatusOK, c.says...)
		if strings.Contains(e.page.body, "先听一听") {
			t.Errorf("%s: it was taken", name)
		}
	}
	e.does("upload.en").page.wants(t, http.StatusOK, "还没有选文件")
	e.does("upload.en", "en", huge) // whatever the studio makes of it, the page stands
	e.does("upload.en", "en", wavOf(1)).page.wants(t, http.StatusOK, "先听一听")
	e.does("drop.en")
	if strings.Contains(e.page.body, "先听一听") {
		t.Error("a take that was dropped is still offered")
	}
}

// Two people change the same announcement: the slower one sees what differs,
// and keeps what was typed.
func TestSomebodyElseWasFaster(t *testing.T) {
	b := newShelf(t)
	mine := b.saved(b.signedIn(), "停水通知")
	their := b.signedIn().opens(mine.path)
	their.fields["zh"], their.fields["class"] = "停水通知（改期）", "scheduled"
	their.does("save")
	mine.fields["zh"], mine.fields["en"] = "停水通知（三幢）", "Block 3"
	mine.does("save").page.wants(t, http.StatusOK, "已经改过这条了", "停水通知（改期）", "停水通知（三幢）", "保存我的", `value="Block 3"`)
	if n := len(b.history("a-20261124-1")); n != 2 {
		t.Fatalf("%d editions, want 2", n)
	}
	mine.does("mine").page.wants(t, http.StatusOK, "已保存为第 3 版", "停水通知（三幢）")
	if got := b.history("a-20261124-1")[0]; got.Title.Zh != "停水通知（三幢）" || len(got.Recordings) != 1 {
		t.Errorf("got %+v", got)
	}
	// Two new announcements want one id.
	one, two := mine.opens("/library/new"), mine.opens("/library/new")
	for _, e := range []*editor{one, two} {
		e.does("upload.en", "en", wavOf(1)).does("use.en").does("save")
	}
	two.page.wants(t, http.StatusOK, "刚刚被别人用了")
	two.does("save").page.wants(t, http.StatusOK, "已保存为第 1 版")
	if one.path == two.path {
		t.Errorf("both are %s", one.path)
	}
}

// A second tap neither uploads nor saves twice.
func TestAFormDoesWhatItSaysOnce(t *testing.T) {
	b := newShelf(t)
	e := b.signedIn().opens("/library/new")
	e.does("upload.en", "en", wavOf(1))
	e.post("/confirm", "password", password) // in another tab: what is edited stays
	e.does("use.en")
	for range 3 {
		if a := e.send("save"); a.status != http.StatusSeeOther || !strings.HasPrefix(a.to, "/library/a-20261124-1") {
			t.Fatalf("got %d to %q", a.status, a.to)
		}
	}
	if n := len(b.history("a-20261124-1")); n != 1 {
		t.Errorf("%d editions from one form", n)
	}
}

func TestWithdrawPutBackAndRestore(t *testing.T) {
	b := newShelf(t)
	p := b.signedIn()
	e := b.saved(p, "第一版")
	e.fields["zh"] = "第二版"
	e.does("save").page.wants(t, http.StatusOK, "历史版本（2）", "改了 中文标题", "恢复这一版")
	stale := p.post(e.path+"/restore", "version", "1", "from", "1")
	p.get(stale.to).wants(t, http.StatusOK, "没有恢复：刚才有人改过")
	p.post(e.path+"/restore", "version", "1", "from", "2")
	p.get(e.path).wants(t, http.StatusOK, "已恢复成新的一版", "第 3 版")
	if got := b.history("a-20261124-1"); len(got) != 3 || got[0].Title.Zh != "第一版" {
		t.Errorf("got %d editions, the newest %q", len(got), got[0].Title.Zh)
	}
	a := p.post(e.path + "/withdraw")
	undo := p.get(a.to)
	undo.wants(t, http.StatusOK, "“第一版”已撤下", "撤错了，放回去", "已撤下的（1）", "还没有广播稿")
	if order, manifest, _, err := b.store.Library(t.Context()); err != nil || len(manifest.Announcements) != 0 || order.Version < 4 {
		t.Errorf("the vans would still have %d announcements, %v", len(manifest.Announcements), err)
	}
	p.post(e.path+"/withdraw", "back", "1")
	p.get(e.path).wants(t, http.StatusOK, "已放回")
	p.get("/library").wants(t, http.StatusOK, "第一版", "/play?announcement=")
	for _, path := range []string{"/library/none/withdraw", "/library/none/restore", "/library/" + strings.Repeat("x", 33) + "/withdraw", "/library/A%20b/withdraw", "/library/%2e%2e%2fx/withdraw"} {
		p.post(path).wants(t, http.StatusNotFound)
	}
}

// An announcer of one street sees what others made for the whole town, cannot
// change or withdraw it, and makes others.
func TestAnAnnouncementOfTheWholeTown(t *testing.T) {
	b := newShelf(t)
	b.saved(b.signedIn(), "全区通知")
	id := string(b.editions()[0].ID)
	p := b.as("bei", northSight, hub.RoleAnnouncer)
	page := p.get("/library/" + id)
	page.wants(t, http.StatusOK, "不能改，也不能撤下")
	if strings.Contains(page.body, `id="save"`) || strings.Contains(page.body, "/withdraw") {
		t.Error("the page offers what is not to be done")
	}
	p.post("/library/"+id+"/withdraw").wants(t, http.StatusForbidden)
	e := p.opens("/library/" + id)
	e.fields["zh"] = "改过"
	e.does("save").page.wants(t, http.StatusOK, "还没有保存", "不能改，也不能撤下")
	if now := b.history(id); len(now) != 1 || now[0].Withdrawn {
		t.Errorf("it was changed: %+v", now)
	}
	own := b.saved(p, "北街通知")
	own.fields["zh"] = "北街改过"
	own.does("save").page.wants(t, http.StatusOK, "已保存为第 2 版")
}

func (b *bench) editions() []hub.Edition {
	b.t.Helper()
	all, err := b.store.Editions(b.t.Context())
	must(b.t, err)
	return all
}
