package console

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/google/go-cmp/cmp"

	"ark"
)

// asPosted is a form as a browser posts it.
func asPosted(f settingsForm) url.Values {
	v := url.Values{"version": {f.Version}, "zone": {f.Zone}, "emergency": {f.Emergency}, "music": {f.Music}, "testat": {f.TestAt}, "testday": {string(rune('0' + f.TestDay))}}
	rules := func(r rulesForm) {
		for _, q := range r.Quiet {
			v.Add(r.Prefix+"quiet-from", q.From)
			v.Add(r.Prefix+"quiet-to", q.To)
		}
		for _, c := range r.Caps {
			v.Add(r.Prefix+"cap-from", c.From)
			v.Add(r.Prefix+"cap-to", c.To)
			v.Add(r.Prefix+"cap-most", c.Most)
		}
	}
	rules(f.Rules)
	for _, p := range f.Places {
		v.Set(p.Prefix+"name", p.Name)
		rules(p.rulesForm)
	}
	for _, a := range f.After {
		v.Set("after-"+a.Class.String(), string(rune('0'+a.Then)))
	}
	return v
}

var manySettings = ark.Settings{Version: 3, Zone: "Asia/Shanghai", Emergency: 985, Music: 60, TestDay: 7, TestAt: 8*60 + 30,
	Rules: ark.Neighbours{Quiet: []ark.Span{{From: 1320, To: 360}, {From: 750, To: 840}}, Caps: []ark.Cap{{Span: ark.Span{From: 1080, To: 1320}, Most: 725}}},
	Places: []ark.PlaceRules{{Name: "第一小学", Neighbours: ark.Neighbours{Quiet: []ark.Span{{From: 480, To: 690}}}},
		{Name: "医院", Neighbours: ark.Neighbours{Caps: []ark.Cap{{Span: ark.Span{}, Most: 600}}}}},
	Classes: []ark.ClassRule{{Class: ark.ClassRoutine, AfterCut: ark.AfterCutResume}}}

// What a form shows of settings and is posted unchanged makes the same
// settings.
func TestSettingsGoThroughTheForm(t *testing.T) {
	for name, s := range map[string]ark.Settings{"many": manySettings, "default": ark.DefaultSettings(), "none": {Zone: "UTC"}} {
		got, bad := readSettingsForm(asPosted(settingsFormOf(s))).settings()
		if s.Version = 0; len(bad) > 0 {
			t.Errorf("%s: %v", name, bad)
		}
		if diff := cmp.Diff(s, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
}

func TestWrongSettingsAreSaidByField(t *testing.T) {
	for name, c := range map[string]struct {
		change func(url.Values)
		want   string // field and key
	}{
		"zone":           {func(v url.Values) { v.Set("zone", "Mars/Olympus") }, "zone set.noZone"},
		"no zone":        {func(v url.Values) { v.Set("zone", "") }, "zone set.noZone"},
		"half a span":    {func(v url.Values) { v["quiet-to"][0] = "" }, "quiet set.badSpan"},
		"no time":        {func(v url.Values) { v["cap-from"][0] = "x" }, "cap set.badSpan"},
		"cap of nothing": {func(v url.Values) { v["cap-most"][0] = "" }, "cap set.badCap"},
		"cap too loud":   {func(v url.Values) { v["cap-most"][0] = "131" }, "cap set.badCap"},
		"NaN":            {func(v url.Values) { v.Set("emergency", "NaN") }, "emergency set.badLevel"},
		"music louder":   {func(v url.Values) { v.Set("music", "-3") }, "music set.badMusic"},
		"place unnamed":  {func(v url.Values) { v.Set("p0-name", " ") }, "p0-name set.noPlace"},
		"place's span":   {func(v url.Values) { v["p0-quiet-from"][0] = "25:00" }, "p0-quiet set.badSpan"},
		"two of a name":  {func(v url.Values) { v.Set("p1-name", "第一小学") }, "p1-name set.twoPlaces"},
		"after":          {func(v url.Values) { v.Set("after-music", "9") }, "after set.noAfter"},
		"no test time":   {func(v url.Values) { v.Set("testat", "") }, "testat set.noTestAt"},
		"ninth day":      {func(v url.Values) { v.Set("testday", "9") }, "testday set.noTestDay"},
	} {
		v := asPosted(settingsFormOf(manySettings))
		c.change(v)
		_, bad := readSettingsForm(v).settings()
		var got []string
		for field, key := range bad {
			got = append(got, field+" "+key)
			if _, ok := texts[key]; !ok {
				t.Errorf("%s: %s is no text", name, key)
			}
		}
		if !slices.Equal(got, []string{c.want}) {
			t.Errorf("%s: got %v, want %s", name, got, c.want)
		}
	}
}

// Settings for all, and one van's own.
func TestSettings(t *testing.T) {
	b := newBench(t)
	p := b.signedIn()
	p.get("/settings").wants(t, http.StatusOK, `value="22:00"`, `value="06:00"`, "Asia/Shanghai", "van-1", "和所有车一样", "默认：不再播", "加一个地点")
	post := func(path string, s ark.Settings, version string) answer {
		t.Helper()
		f := settingsFormOf(s)
		f.Version = version
		var fields []string
		for k, all := range asPosted(f) {
			for _, v := range all {
				fields = append(fields, k, v)
			}
		}
		return p.post(path, fields...)
	}
	version := func(path string) string {
		t.Helper()
		_, rest, _ := strings.Cut(p.get(path).body, `name="version" value="`)
		v, _, _ := strings.Cut(rest, `"`)
		return v
	}
	if a := post("/settings", manySettings, version("/settings")); a.status != http.StatusSeeOther {
		t.Fatalf("got %d:\n%s", a.status, a.body)
	}
	p.get("/settings").wants(t, http.StatusOK, "已保存", "林老师 上次修改", `value="72.5"`, `value="98.5"`, "第一小学", "医院", `<option value="3" selected>`)
	post("/settings", manySettings, "1").wants(t, http.StatusConflict, "别人刚改过设置")
	got, own, err := b.store.Settings(t.Context(), "van-1")
	must(t, err)
	if want := manySettings; own || got.By != staff || cmp.Diff(want.Places, got.Places) != "" || cmp.Diff(want.Rules, got.Rules) != "" {
		t.Errorf("got %+v", got)
	}
	p.get("/settings/van-2").wants(t, http.StatusOK, "这辆车用的是所有车的设置")
	if a := post("/settings/van-2", ark.DefaultSettings(), version("/settings/van-2")); a.to != "/settings/van-2" {
		t.Fatalf("got %d to %q:\n%s", a.status, a.to, a.body)
	}
	p.get("/settings/van-2").wants(t, http.StatusOK, "van-2 有了自己的设置", "改用所有车的设置")
	p.get("/settings").wants(t, http.StatusOK, "有自己的设置", `value="72.5"`)
	p.post("/settings/van-2", "same", "yes")
	p.get("/settings/van-2").wants(t, http.StatusOK, "van-2 又用所有车的设置了", "第一小学")
	p.get("/settings/van-99").wants(t, http.StatusNotFound)
	p.post("/settings", "zone", "nowhere").wants(t, http.StatusUnprocessableEntity, "时区不对", "没有保存")
}

// Of several who change the same settings at one time one is heard, and the
// others are told.
func TestSettingsThatManyChangeAtOnce(t *testing.T) {
	b := newBench(t)
	f := settingsFormOf(manySettings)
	f.Version = "1"
	var fields []string
	for k, all := range asPosted(f) {
		for _, v := range all {
			fields = append(fields, k, v)
		}
	}
	p := b.signedIn()
	var all sync.WaitGroup
	var kept, stale atomic.Int32
	for range 16 {
		all.Go(func() {
			switch a := p.post("/settings", fields...); a.status {
			case http.StatusSeeOther:
				kept.Add(1)
			case http.StatusConflict:
				stale.Add(1)
			}
		})
	}
	all.Wait()
	if kept.Load() != 1 || stale.Load() != 15 {
		t.Errorf("%d were kept, %d were told; want 1 and 15", kept.Load(), stale.Load())
	}
}
