package console

import (
	"fmt"
	"net/http"
	"regexp"
	"strings"
	"testing"
	"time"

	"ark"
	"ark/hub"
)

// stock puts announcements into the library: a welcome, an emergency, music
// and one that lacks languages.
func (b *bench) stock() {
	b.t.Helper()
	for i, a := range []ark.Announcement{
		{ID: "welcome", Title: ark.Text{Zh: "方舟到了", En: "The van is here"}},
		{ID: "storm", Title: ark.Text{Zh: "暴雨预警", En: "Storm warning"}, Class: ark.ClassEmergencyLocal},
		{ID: "waltz", Title: ark.Text{Zh: "蓝色多瑙河", En: "Blue Danube"}, Class: ark.ClassMusic},
		{ID: "water", Title: ark.Text{Zh: "停水通知", En: "Water will be off"}, Class: ark.ClassScheduled},
	} {
		for j, l := range []ark.Language{"cmn-Hans-CN", "yue-Hant-HK", "en"} {
			a.Recordings = append(a.Recordings, ark.Recording{Language: l, Content: ark.Hash{byte(i), byte(j)}, Frames: 10 * ark.SampleRate, Size: 960_044, Loudness: -1600})
		}
		if a.ID == "water" {
			a.Recordings = a.Recordings[:1]
		}
		_, err := b.store.AddEdition(b.t.Context(), a, 0, staff)
		must(b.t, err)
	}
}

// planned keeps an item and answers with its id.
func (p *person) planned(fields ...string) string {
	p.t.Helper()
	form := p.get("/schedule/new")
	id := regexp.MustCompile(`name="id" value="([^"]+)"`).FindStringSubmatch(form.body)[1]
	if a := p.post("/schedule", append([]string{"id", id, "grace", "5"}, fields...)...); a.status != http.StatusSeeOther {
		p.t.Fatalf("got %d:\n%s", a.status, a.body)
	}
	return id
}

func mustPlan(t testing.TB, b *bench) []hub.PlanRow {
	t.Helper()
	rows, err := b.store.PlanRows(t.Context())
	must(t, err)
	return rows
}

// An item is made, shown, changed, paused, taken away and put back.
func TestAScheduleIsMadeAndChanged(t *testing.T) {
	b := newBench(t)
	b.stock()
	p := b.signedIn()
	p.get("/schedule").wants(t, http.StatusOK, "还没有定时播放", "新的定时播放", "11月23日", "11月29日", "安静时段 00:00–06:00, 22:00–24:00")
	id := p.planned("announcement", "welcome", "time", "08:30:15", "day", "1", "day", "3", "date", "2026-11-28", "date", "", "except", "2026-11-25", "van", "van-1", "from", "2026-11-01", "until", "2027-06-30")
	want := ark.PlanItem{Announcement: "welcome", Weekdays: 0b1010, Dates: []ark.Date{"2026-11-28"}, Except: []ark.Date{"2026-11-25"}, At: 8*3600 + 30*60 + 15, Grace: 300, From: "2026-11-01", Until: "2027-06-30"}
	row := mustPlan(t, b)[0]
	if want.ID = row.ID; row.ID.String() != id || fmt.Sprint(row.PlanItem) != fmt.Sprint(want) || fmt.Sprint(row.Vans) != "[van-1]" || row.By != staff {
		t.Fatalf("got %+v, want %+v", row, want)
	}
	p.get("/schedule?week=2026-11-23").wants(t, http.StatusOK, "已保存。下次播放：11月28日 08:30", "08:30:15</b>", "周一、周三、2026-11-01 起、到 2027-06-30 止、另加 2026-11-28、2026-11-25 除外", "van-1")
	if n := strings.Count(p.get("/schedule?week=2026-11-23").body, `<b>08:30:15</b>`); n != 4 { // Monday and Saturday, as a table and as a list
		t.Errorf("%d starts, want two, each shown twice", n)
	}
	if strings.Contains(p.get("/schedule?van=van-2").body, "方舟到了") {
		t.Error("the week of another van has it")
	}
	form := p.get("/schedule/" + id)
	form.wants(t, http.StatusOK, `value="08:30:15"`, `name="day" value="1" checked`, `value="2026-11-28"`, `value="welcome" selected`, `name="van" value="van-1" checked`, "接下来的几次")
	made := regexp.MustCompile(`name="made" value="(\d+)"`).FindStringSubmatch(form.body)[1]
	b.pass(time.Second)
	change := []string{"id", id, "made", made, "announcement", "storm", "time", "09:00", "day", "0", "van", "*", "grace", "0"}
	if a := p.post("/schedule", change...); a.status != http.StatusSeeOther {
		t.Fatalf("got %d:\n%s", a.status, a.body)
	}
	p.post("/schedule", change...).wants(t, http.StatusConflict, "刚被别人改过")
	if rows := mustPlan(t, b); len(rows) != 1 || rows[0].Announcement != "storm" || rows[0].Weekdays != 1 || len(rows[0].Vans) != 0 || rows[0].Grace != 0 {
		t.Fatalf("got %+v", rows)
	}
	p.post("/schedule/"+id+"/pause", "pause", "yes")
	p.get("/schedule").wants(t, http.StatusOK, "“暴雨预警”已暂停", "已暂停", "恢复")
	p.post("/schedule/"+id+"/pause", "pause", "no")
	if a := p.post("/schedule/" + id + "/remove"); a.to != "/schedule?removed="+id {
		t.Fatalf("got %d to %q", a.status, a.to)
	}
	p.get("/schedule?removed="+id).wants(t, http.StatusOK, "已删除“暴雨预警”", "撤销删除")
	p.post("/schedule/" + id + "/restore")
	if rows := mustPlan(t, b); len(rows) != 1 || rows[0].ID.String() != id || rows[0].Paused {
		t.Fatalf("it was not put back: %+v", rows)
	}
	p.post("/schedule/"+id+"/restore").wants(t, http.StatusNotFound)
	p.get("/schedule/nothing").wants(t, http.StatusNotFound)
}

// A form for a new item that is posted again, from a page of long ago, puts
// nothing in the place of what was made of the item since.
func TestAnOldFormForANewItemChangesNothing(t *testing.T) {
	b := newBench(t)
	b.stock()
	p := b.signedIn()
	first := []string{"announcement", "welcome", "time", "08:30", "day", "1", "date", "2026-11-28", "van", "van-2", "van", "van-1"}
	id := p.planned(first...)
	again := append([]string{"id", id, "grace", "5"}, first...)
	if a := p.post("/schedule", again...); a.status != http.StatusSeeOther { // a second tap
		t.Fatalf("got %d:\n%s", a.status, a.body)
	}
	p.post("/schedule/"+id+"/pause", "pause", "yes")
	p.post("/schedule", again...).wants(t, http.StatusConflict, "刚被别人改过")
	p.post("/schedule", "id", id, "grace", "5", "announcement", "storm", "time", "03:00", "day", "0", "van", "*").wants(t, http.StatusConflict, "刚被别人改过")
	if rows := mustPlan(t, b); len(rows) != 1 || !rows[0].Paused || rows[0].Announcement != "welcome" {
		t.Errorf("got %+v", rows)
	}
}

// Each field says what is wrong with it.
func TestAWrongScheduleIsNotKept(t *testing.T) {
	b := newBench(t)
	b.stock()
	p := b.signedIn()
	good := map[string][]string{"announcement": {"welcome"}, "time": {"08:30"}, "day": {"1"}, "van": {"*"}, "grace": {"5"}}
	for name, c := range map[string]struct {
		field string
		value []string
		want  string
	}{
		"no announcement":    {"announcement", nil, "请选择播哪一条"},
		"another":            {"announcement", []string{"nothing"}, "请选择播哪一条"},
		"no time":            {"time", nil, "请填几点"},
		"25 o'clock":         {"time", []string{"25:00"}, "请填几点"},
		"no day":             {"day", nil, "请选至少一个星期几"},
		"a ninth day":        {"day", []string{"9"}, "请选至少一个星期几"},
		"no such date":       {"date", []string{"2026-02-30"}, "日期不对"},
		"in a hundred years": {"date", []string{"2126-11-25"}, "最多排到两年以后"},
		"year 20260":         {"from", []string{"20260-11-25"}, "日期不对"},
		"no grace":           {"grace", []string{"7"}, "请选补播多久"},
		"no van":             {"van", []string{"van-99"}, "请至少选一辆车"},
	} {
		var fields []string
		form := map[string][]string{}
		for k, v := range good {
			form[k] = v
		}
		form[c.field] = c.value
		for k, all := range form {
			for _, v := range all {
				fields = append(fields, k, v)
			}
		}
		a := p.post("/schedule", fields...)
		if a.status != http.StatusUnprocessableEntity || !strings.Contains(a.body, c.want) {
			t.Errorf("%s: got %d without %q:\n%s", name, a.status, c.want, a.body)
		}
	}
	p.post("/schedule", "announcement", "welcome", "time", "08:30", "day", "1", "van", "*", "grace", "5", "from", "2026-12-01", "until", "2026-11-01").wants(t, http.StatusUnprocessableEntity, "截止日在开始日之前")
	if rows := mustPlan(t, b); len(rows) != 0 {
		t.Errorf("kept %+v", rows)
	}
}

// What is scheduled for a day in a year is found there, and said when it is
// kept.
func TestAScheduleInAYear(t *testing.T) {
	b := newBench(t)
	b.stock()
	p := b.signedIn()
	p.planned("announcement", "welcome", "time", "09:00", "date", "2027-11-25", "van", "*")
	p.get("/schedule").wants(t, http.StatusOK, "已保存。下次播放：2027年11月25日 09:00")
	if strings.Contains(p.get("/schedule").body, `<b>09:00</b>`) {
		t.Error("it is in this week")
	}
	p.get("/schedule?week=2027-11-22").wants(t, http.StatusOK, `<b>09:00</b>`, "11月25日")
	p.planned("announcement", "welcome", "time", "09:00", "day", "1", "until", "2020-01-01", "van", "*")
	p.get("/schedule").wants(t, http.StatusOK, "两年内没有一次会播")
}

func TestClashesAreSaid(t *testing.T) {
	b := newBench(t)
	b.stock()
	p := b.signedIn()
	for d := range 7 {
		p.planned("announcement", "welcome", "time", "22:30", "day", fmt.Sprint(d), "van", "van-1")
	}
	p.planned("announcement", "storm", "time", "22:30", "day", "1", "van", "*")
	p.planned("announcement", "water", "time", "12:00", "day", "2", "van", "*")
	page := p.get("/schedule?week=2026-11-23")
	page.wants(t, http.StatusOK, "这一周有 9 次播放要注意", "在安静时段内，不会播；同一秒还有“暴雨预警”", "缺少一种语言的录音")
	p.get("/schedule?week=2026-11-23", "Accept-Language", "en").wants(t, http.StatusOK, "quiet hours: it will not be played", "“Storm warning” starts in the same second")
	b.deliver("van-1", true, ark.Health{Sound: "ok", Panel: "ok", Plan: ark.WhyUntrusted})
	p.get("/schedule").wants(t, http.StatusOK, "van-1 现在不按定时播放：车上的钟还没核准")
}
