package console

import (
	"encoding/csv"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"ark"
	"ark/hub"
)

// cast is a broadcast that was asked for at a time.
func cast(n byte, title string, class ark.Class, at time.Time, change func(*ark.AsRun)) ark.AsRun {
	a := ark.AsRun{Broadcast: ark.NewID(ark.Milli(at), [10]byte{n}), Announcement: "welcome", Version: 3, Title: ark.Text{Zh: title}, Class: class,
		Trigger: ark.Trigger{Button: "1"}, State: ark.BroadcastFinished, RequestedAt: ark.Milli(at), StartedAt: ark.Milli(at) + 40, EndedAt: ark.Milli(at) + 9000, LatencyMS: 40, Volume: 795,
		Recordings: []ark.AsRunRecording{{Language: "cmn-Hans-CN", Frames: 96000, Consumed: 96000, State: ark.BroadcastFinished, StartedAt: ark.Milli(at) + 40, EndedAt: ark.Milli(at) + 2040, Loudness: -1600},
			{Language: "en", Frames: 96000, Consumed: 24000, State: ark.BroadcastCut, Why: ark.WhyStopped, Round: 1}}}
	if change != nil {
		change(&a)
	}
	return a
}

func TestAsRunIsFiltered(t *testing.T) {
	b := newBench(t)
	p := b.signedIn()
	at := b.clock()
	b.deliver("van-1", true,
		cast(1, "甲条", ark.ClassRoutine, at.Add(-48*time.Hour), nil),
		cast(2, "乙条", ark.ClassMusic, at.Add(-time.Hour), nil),
		cast(3, "丙条", ark.ClassEmergencyLocal, at, func(a *ark.AsRun) {
			a.State, a.Why, a.Exempt, a.ExemptBy, a.Capped, a.Heard, a.Tone, a.Cuts = ark.BroadcastFailed, ark.WhyMuted, "暴雨", "林老师", true, ark.HeardNo, true, 2
		}))
	b.deliver("van-2", true, cast(4, "丁条", ark.ClassRoutine, at, func(a *ark.AsRun) { a.Trigger = ark.Trigger{Schedule: ark.ID{1}, Due: ark.Milli(at)} }),
		cast(5, "戊条", ark.ClassMusic, at.Add(-49*time.Hour), func(a *ark.AsRun) { a.Rounds, a.Summed, a.Trigger.Line = 7, 7*96000, "GPIO17" }),
		cast(6, "己条", ark.ClassRoutine, at.Add(-50*time.Hour), func(a *ark.AsRun) { a.Alike, a.Recordings = 12, nil }),
		cast(7, "庚条", ark.ClassRoutine, at.Add(-51*time.Hour), func(a *ark.AsRun) { a.Summed, a.Recordings, a.Trigger.Talk = 72000, nil, true }))
	for query, want := range map[string]string{
		"":                               "甲乙丙丁",
		"?van=van-1":                     "甲乙丙",
		"?class=music":                   "乙",
		"?state=failed":                  "丙",
		"?from=2026-11-24":               "乙丙丁",
		"?to=2026-11-23":                 "甲",
		"?from=2026-11-23&to=2026-11-23": "",
		"?van=van-2&class=routine":       "丁",
		"?from=nonsense&class=nonsense":  "甲乙丙丁",
	} {
		page, got := p.get("/broadcasts"+query), ""
		for _, name := range []string{"甲", "乙", "丙", "丁"} {
			if strings.Contains(page.body, name+"条") {
				got += name
			}
		}
		if got != want {
			t.Errorf("%s: got %q, want %q", query, got, want)
		}
	}
	p.get("/broadcasts").wants(t, http.StatusOK, "79.5 dB", "按规定调低", "安静时段或限音量时段里照播：暴雨（林老师）", "监听话筒没有听到", "响的是提示音", "声卡被静音",
		"被打断过 2 次", "-16.0 LUFS", "0.5 / 2.0 秒", "第 2 遍", "定时播放（今天 14:30）", "之前还播了 7 遍，共 14.0 秒", "车上按钮 1（GPIO17）", "同样的按键还有 12 次", "讲了 1.5 秒", "本地应急", "14:30:00 – 14:30:09")
	p.get("/broadcasts?class=scheduled").wants(t, http.StatusOK, "没有符合条件的播出")
}

// The file has a row for each recording, keeps titles of media that are gone,
// and nothing in it is a formula.
func TestAsRunAsAFile(t *testing.T) {
	b := newBench(t)
	p := b.signedIn()
	at := b.clock()
	b.deliver("van-1", true, cast(1, `=HYPERLINK("http://x")`, ark.ClassRoutine, at, func(a *ark.AsRun) { a.Exempt, a.ExemptBy = "\t=1", "@a" }),
		cast(2, "停水,\"今天\"", ark.ClassScheduled, at.Add(-time.Hour), func(a *ark.AsRun) {
			a.Recordings, a.State, a.Why, a.StartedAt, a.EndedAt = nil, ark.BroadcastFailed, ark.WhyQuiet, 0, 0
		}))
	a := p.get("/broadcasts.csv", "Accept-Language", "en")
	a.wants(t, http.StatusOK)
	if !strings.HasPrefix(a.body, "\ufeff") || a.head.Get("Content-Type") != "text/csv; charset=utf-8" || !strings.Contains(a.head.Get("Content-Disposition"), "as-run-2026-11-24.csv") {
		t.Errorf("head %v", a.head)
	}
	rows, err := csv.NewReader(strings.NewReader(strings.TrimPrefix(a.body, "\ufeff"))).ReadAll()
	must(t, err)
	if len(rows) != 4 {
		t.Fatalf("%d rows, want the names, two recordings and one broadcast without: %v", len(rows), rows)
	}
	want := []string{"2026-11-24 14:30:00", "2026-11-24 06:30:00", "van-1", `'=HYPERLINK("http://x")`, "welcome", "3", "Routine", "Button 1 on the van", "English", "2",
		"Cut short", "stopped", "", "", "0.50", "2.00", "", "79.5", "", "'\t=1", "'@a", "Nothing listens", "", "", "", "", "", "", "40"}
	if diff := cmp.Diff(want, rows[2][:len(rows[2])-1]); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
	if r := rows[3]; r[3] != `停水,"今天"` || r[10] != "Failed" || r[11] != "quiet hours: not played" || r[14] != "" {
		t.Errorf("a broadcast without recordings: %q", r)
	}
	if r := rows[1]; r[16] != "-16.00" || r[12] != "2026-11-24 14:30:00" {
		t.Errorf("the first recording: %q", r)
	}
	if n := strings.Count(p.get("/broadcasts.csv?class=scheduled").body, "\r\n"); n != 2 {
		t.Errorf("with a filter: %d lines", n)
	}
}

// More than the store gives at once is in the file, too.
func TestAsRunAsALongFile(t *testing.T) {
	b := newBench(t)
	p := b.signedIn()
	var all []any
	for i := range csvChunk + 20 {
		all = append(all, ark.AsRun{Broadcast: ark.NewID(ark.Milli(b.clock()), [10]byte{9: byte(i), 8: byte(i >> 8)}), Announcement: "a", Title: ark.Text{Zh: fmt.Sprint("第", i)}, State: ark.BroadcastExpired})
	}
	b.deliver("van-1", true, all...)
	body := p.get("/broadcasts.csv").body
	if n := strings.Count(body, "\r\n"); n != len(all)+1 {
		t.Errorf("%d lines, want %d", n, len(all)+1)
	}
	for _, i := range []int{0, csvChunk - 1, csvChunk, csvChunk + 19} {
		if n := strings.Count(body, fmt.Sprintf(",第%d,", i)); n != 1 {
			t.Errorf("broadcast %d stands %d times", i, n)
		}
	}
}

func TestNothingIsAFormula(t *testing.T) {
	for in, want := range map[string]string{"": "", "a": "a", "=1": "'=1", "+1+cmd": "'+1+cmd", "-16.00": "-16.00", "-a": "'-a", "@x": "'@x", "\tx": "'\tx", "\rx": "'\rx", "1=": "1=",
		"＝1": "'＝1", "＋1": "'＋1", "－a": "'－a", "＠x": "'＠x", "\nx": "'\nx", "停水": "停水", "\xff=": "\xff="} {
		if got := harmless(in); got != want {
			t.Errorf("%q: got %q, want %q", in, got, want)
		}
	}
}

func TestADayIsDrawn(t *testing.T) {
	zone := shanghai(t)
	day := time.Date(2026, 11, 24, 0, 0, 0, 0, zone)
	at := func(clock string) ark.UnixMilli {
		return ark.Milli(day.Add(time.Duration(clockAt(clock)) * time.Second))
	}
	row := func(state ark.BroadcastState, asked, started, ended ark.UnixMilli) hub.Broadcast {
		return hub.Broadcast{AsRun: ark.AsRun{State: state, StartedAt: started, EndedAt: ended}, Asked: asked}
	}
	var p timelinePage
	p.draw(day, day.Add(15*time.Hour), []hub.Broadcast{
		row(ark.BroadcastStarted, at("14:00:00"), at("14:00:00"), 0),
		row(ark.BroadcastFailed, at("12:01:00"), 0, 0),
		row(ark.BroadcastFinished, at("12:00:00"), at("12:00:00"), at("12:30:00")),
		row(ark.BroadcastFinished, at("08:30:00"), at("08:30:01"), at("08:30:31")),
		row(ark.BroadcastFinished, at("00:00:00")-3600_000, at("00:00:00")-3600_000, 1<<52),
	}, []ark.Span{{From: 22 * 60, To: 6 * 60}})
	type drawn struct {
		At, Length, Lane int
		Mute             bool
	}
	var got []drawn
	for _, b := range p.Bars {
		got = append(got, drawn{b.At, b.Length, b.Lane, b.Mute})
	}
	want := []drawn{{0, 1440, 0, false}, {510, leastBar, 1, false}, {720, 30, 1, false}, {721, leastBar, 1, true}, {840, 60, 1, false}}
	if diff := cmp.Diff(want, got); diff != "" || p.Now != 900 {
		t.Errorf("now %d (-want +got):\n%s", p.Now, diff)
	}
	if diff := cmp.Diff([]stretch{{0, 360}, {1320, 120}}, p.Quiet); diff != "" {
		t.Errorf("quiet (-want +got):\n%s", diff)
	}
}

// A start of which the van told nothing is marked once it is over, unless the
// plan was other then.
func TestStartsOfWhichNothingIsKnown(t *testing.T) {
	zone := shanghai(t)
	day := time.Date(2026, 11, 24, 0, 0, 0, 0, zone)
	row := with2(rowAt(1, "a", "08:30:00"), func(r *hub.PlanRow) { r.Grace, r.Made = 600, day.AddDate(0, 0, -1) })
	told := hub.Broadcast{AsRun: ark.AsRun{Trigger: ark.Trigger{Schedule: ark.ID{1}, Due: ark.Milli(day.Add(8*time.Hour + 30*time.Minute))}}}
	for name, c := range map[string]struct {
		now  string
		row  hub.PlanRow
		told []hub.Broadcast
		want int
	}{
		"over":           {"08:42:00", row, nil, 1},
		"in its grace":   {"08:40:59", row, nil, 0},
		"told of":        {"08:42:00", row, []hub.Broadcast{told}, 0},
		"made later":     {"09:42:00", with2(row, func(r *hub.PlanRow) { r.Made = day.Add(9 * time.Hour) }), nil, 0},
		"paused":         {"09:42:00", with2(row, func(r *hub.PlanRow) { r.Paused = true }), nil, 0},
		"another's word": {"09:42:00", with2(row, func(r *hub.PlanRow) { r.ID = ark.ID{2} }), []hub.Broadcast{told}, 1},
	} {
		if got := unheard([]hub.PlanRow{c.row}, day, day.Add(time.Duration(clockAt(c.now))*time.Second), c.told); len(got) != c.want {
			t.Errorf("%s: %d marks, want %d", name, len(got), c.want)
		}
	}
}
