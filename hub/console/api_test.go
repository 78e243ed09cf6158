package console

import (
	"encoding/json"
	"strings"
	"testing"

	"ark"
)

// Machines are told the new things by stable names.
func TestTheOfficeForMachines(t *testing.T) {
	b := newBench(t)
	b.open()
	p := b.signedIn()
	for path, want := range map[string][]string{
		"/api/1/broadcasts":         {`"class":"emergency-local"`, `"exempt":"气象局暴雨红色预警"`, `"exempt_by":"林老师"`, `"heard":true`, `"volume_db":79.5`, `"loudness_lufs":-16`, `"round":1`, `"by":"林老师"`},
		"/api/1/vans":               {`"stage":"coming"`, `"have":34000000`, `"stage":"failed","why":"disk-full"`, `"passed":true`, `"passed":false`, `"why":"no-card"`, `"presses":[0,2,40,50`},
		"/api/1/plan":               {`"at":"08:30:20"`, `"weekdays":[1,2,3,4,5]`, `"vans":["van-1"]`, `"paused":true`, `"except":["2026-11-26"]`, `"grace_s":300`},
		"/api/1/settings":           {`"own":false`, `"quiet":[{"from":"22:00","to":"06:00"}`, `"most_db":72.5`, `"name":"医院"`, `"routine":"resume"`, `"emergency-local":"restart"`, `"test_at":"08:30"`},
		"/api/1/settings?van=van-2": {`"van":"van-2"`, `"own":true`, `"by":"陈老师"`},
	} {
		a := p.get(path)
		if !json.Valid([]byte(a.body)) || a.status != 200 {
			t.Errorf("%s: %d, no JSON", path, a.status)
		}
		for _, w := range want {
			if !strings.Contains(a.body, w) {
				t.Errorf("%s lacks %s:\n%s", path, w, a.body)
			}
		}
	}
	_, err := b.ingest.Order(t.Context(), []ark.VanID{"van-1"}, ark.KindPlayNow, ark.PlayNow{Announcement: "storm", Why: "演习"})
	must(t, err)
	if a := p.get("/api/1/orders"); !strings.Contains(a.body, `"reason":"演习"`) {
		t.Errorf("orders lack the reason:\n%s", a.body)
	}
}
