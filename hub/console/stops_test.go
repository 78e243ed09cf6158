package console

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"ark"
	"ark/hub"
)

// What was done in a day is divided into stops: "v 09:10 翠苑一区" is a visit,
// "b 09:00 5" a broadcast of five minutes, "!" at the end a doubtful clock.
func TestStops(t *testing.T) {
	zone := shanghai(t)
	day := time.Date(2026, 11, 24, 0, 0, 0, 0, zone)
	read := func(text string) doing {
		doubt := strings.HasSuffix(text, "!")
		w := strings.Fields(strings.TrimSuffix(text, "!"))
		at, err := time.ParseInLocation("15:04", w[1], zone)
		must(t, err)
		d := doing{At: day.Add(time.Duration(at.Hour()*60+at.Minute()) * time.Minute), Doubt: doubt}
		d.Until = d.At
		if w[0] == "b" {
			var long int
			_, err := fmt.Sscan(w[2], &long)
			must(t, err)
			d.Until = d.At.Add(time.Duration(long) * time.Minute)
			return d
		}
		d.Visit = &hub.Visit{Visit: ark.Visit{Outcome: ark.Met}}
		if len(w) > 2 {
			d.Visit.Place = w[2] + "3幢501室"
			if street, rest, found := strings.Cut(w[2], "/"); found {
				d.Visit.Where = ark.Place{Street: street, Compound: rest}
			}
		}
		return d
	}
	for name, c := range map[string]struct {
		doings []string
		want   []string
	}{
		"nothing":                         {nil, nil},
		"one place":                       {[]string{"v 09:10 翠苑一区", "v 09:20 翠苑一区", "b 09:15 1"}, []string{"翠苑一区 09:10-09:20 v2 b1"}},
		"not in order":                    {[]string{"v 09:20 翠苑一区", "v 09:10 翠苑一区"}, []string{"翠苑一区 09:10-09:20 v2 b0"}},
		"another place":                   {[]string{"v 09:10 翠苑一区", "v 09:20 文苑"}, []string{"翠苑一区 09:10-09:10 v1 b0", "文苑 09:20-09:20 v1 b0"}},
		"and back":                        {[]string{"v 09:10 翠苑一区", "v 09:20 文苑", "v 09:30 翠苑一区"}, []string{"翠苑一区 09:10-09:10 v1 b0", "文苑 09:20-09:20 v1 b0", "翠苑一区 09:30-09:30 v1 b0"}},
		"written otherwise":               {[]string{"v 09:10 翠苑一区", "v 09:20 翠苑街道/翠苑1区小区"}, []string{"翠苑1区小区 09:10-09:20 v2 b0"}},
		"45 minutes":                      {[]string{"v 09:00 翠苑一区", "v 09:45 翠苑一区"}, []string{"翠苑一区 09:00-09:45 v2 b0"}},
		"46 minutes":                      {[]string{"v 09:00 翠苑一区", "v 09:46 翠苑一区"}, []string{"翠苑一区 09:00-09:00 v1 b0", "翠苑一区 09:46-09:46 v1 b0"}},
		"a broadcast bridges":             {[]string{"v 09:00 翠苑一区", "b 09:30 20", "v 10:30 翠苑一区"}, []string{"翠苑一区 09:00-10:30 v2 b1"}},
		"announced on arrival":            {[]string{"b 08:55 5", "v 09:20 翠苑一区"}, []string{"翠苑一区 08:55-09:20 v1 b1"}},
		"announced at the next place":     {[]string{"v 09:00 翠苑一区", "b 09:05 1", "b 09:25 1", "v 09:30 文苑"}, []string{"翠苑一区 09:00-09:06 v1 b1", "文苑 09:25-09:30 v1 b1"}},
		"announced long before any visit": {[]string{"b 06:00 1", "b 06:30 1", "v 09:00 翠苑一区"}, []string{"? 06:00-06:31 v0 b2", "翠苑一区 09:00-09:00 v1 b0"}},
		"no compound was written":         {[]string{"v 09:00 翠苑一区", "v 09:10", "v 09:20 翠苑一区"}, []string{"翠苑一区 09:00-09:20 v3 b0"}},
		"none at all":                     {[]string{"v 09:00"}, []string{"? 09:00-09:00 v1 b0"}},
		"another street":                  {[]string{"v 09:00 北街/幸福苑", "v 09:10 南街/幸福苑"}, []string{"幸福苑 09:00-09:00 v1 b0", "幸福苑 09:10-09:10 v1 b0"}},
		"a clock that may be wrong":       {[]string{"v 09:00 翠苑一区", "v 09:10 翠苑一区!"}, []string{"翠苑一区 09:00-09:10 v2 b0 !"}},
	} {
		var all []doing
		for _, text := range c.doings {
			all = append(all, read(text))
		}
		var got []string
		for _, s := range stopsOf(all) {
			name := s.Name()
			if name == "" {
				name = "?"
			}
			line := fmt.Sprintf("%s %s-%s v%d b%d", name, s.From().Format("15:04"), s.Until().Format("15:04"), s.Visits, s.Casts)
			if s.Doubted {
				line += " !"
			}
			got = append(got, line)
		}
		if diff := cmp.Diff(c.want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
}

// A van's day has its broadcasts and visits in the order of time; of what is
// out of sight there is no trace, and a van that is has no day.
func TestAVansDay(t *testing.T) {
	b := newBench(t)
	now := b.clock() // 14:30 in the office
	b.deliver("van-1", true, cast(1, "方舟到了", ark.ClassRoutine, now.Add(-65*time.Minute), nil),
		ark.Visit{Place: "翠苑一区3幢501室", Where: ark.Place{Street: "北街", Compound: "翠苑一区", Building: "3"}, Outcome: ark.Met, By: "阿芳", Age: 3600_000},
		ark.Visit{Place: "文苑7幢302室", Where: ark.Place{Street: "南街", Compound: "文苑", Building: "7"}, Outcome: ark.NoAnswer, By: "阿芳", Age: 1800_000, Off: 2 * ark.PhoneDoubt},
		ark.Visit{Place: "翠苑一区4幢", Where: ark.Place{Street: "北街", Compound: "翠苑一区"}, Outcome: ark.Met, Age: 86400_000})
	day := "/broadcasts/timeline?van=van-1"
	a := b.signedIn().get(day)
	a.wants(t, http.StatusOK, "停留 2 处", "走访 2 户次", "播出 1 次", "13:25 – 13:30", "14:00 – 14:00", "时间未核准", `day=2026-11-23" rel="prev" aria-keyshortcuts="ArrowLeft"`)
	in := []string{"播出 · 方舟到了", "翠苑一区3幢501室", "文苑7幢302室"}
	for i := range in[1:] {
		if x, y := strings.Index(a.body, in[i]), strings.Index(a.body, in[i+1]); x < 0 || y < x {
			t.Errorf("%s is not before %s", in[i], in[i+1])
		}
	}
	if strings.Contains(a.body, "4幢") {
		t.Error("yesterday's visit is in today")
	}
	b.signedIn().get(day+"&day=2026-11-23").wants(t, http.StatusOK, "翠苑一区4幢", "播出 0 次")
	b.signedIn().get(day+"&day=2026-11-22").wants(t, http.StatusOK, "这一天没有播出，也没有走访")
	must(t, b.store.SetArea(t.Context(), hub.Everything, "van-1", []ark.Place{{Street: "北街"}, {Street: "南街"}}, staff))
	from := b.as("bei", hub.Sight{Places: []ark.Place{{Street: "北街"}}}, hub.RoleReader).get(day)
	from.wants(t, http.StatusOK, "停留 1 处", "走访 1 户次", "翠苑一区3幢501室")
	if strings.Contains(from.body, "文苑") {
		t.Error("a visit out of sight is shown")
	}
	b.as("xi", hub.Sight{Places: []ark.Place{{Street: "西街"}}}, hub.RoleReader).get(day).wants(t, http.StatusNotFound)
}
