package console

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	"ark"
	"ark/hub"
	"ark/internal/browser"
)

// city is an office with 300 vans, of which every ninth or so is in trouble,
// and a day of one of them.
func (b *bench) city() (visit ark.ID) {
	b.t.Helper()
	b.town()
	b.month()
	b.pass(6 * time.Hour) // to the afternoon
	now := b.clock()
	streets := []ark.Place{{Street: "翠苑街道", Community: "翠苑一区社区", Compound: "翠苑一区"}, {Street: "翠苑街道", Community: "文新社区"}, {Street: "古荡街道", Community: "嘉绿社区", Compound: "嘉绿苑"}, {Street: "西溪街道"}}
	for i := range 300 {
		van := ark.VanID(fmt.Sprintf("ark-%03d", i+1))
		h := ark.Health{Sound: "ok", Device: "USB Audio", Panel: "ok", DiskFree: int64(9+i%17) * 1e9, Heat: 430 + i%150, Release: "v1.4.0", LastSound: ark.Milli(now.Add(-time.Duration(i%70) * time.Hour))}
		switch {
		case i%37 == 5:
			h.Sound = ark.WhyNoCard
		case i%41 == 7:
			h.DiskFree = 320e6
		case i%53 == 9:
			h.Heat, h.Plan = 860, ark.WhyUntrusted
		case i%61 == 3:
			h.PagesUntil = ark.Milli(now.Add(12 * 24 * time.Hour))
		case i%29 == 11:
			h.Panel, h.Sound = "stuck", ark.WhyMuted
		}
		bodies := []any{h}
		if i%67 == 13 {
			bodies = append(bodies, ark.Visit{Outcome: ark.Met}) // of no place: it is not understood
		}
		b.admitted = append(b.admitted, van)
		b.deliver(van, i%23 != 8, bodies...)
		must(b.t, b.store.SetArea(b.t.Context(), hub.Everything, van, streets[i%4:i%4+1], staff))
		if i%6 != 4 {
			b.presence.Present(van, true)
		}
	}
	b.deliver("van-1", true, cast(41, "方舟到了", ark.ClassRoutine, now.Add(-220*time.Minute), nil), cast(42, "停水通知", ark.ClassScheduled, now.Add(-70*time.Minute), nil),
		cast(43, "蓝色多瑙河", ark.ClassMusic, now.Add(-150*time.Minute), func(a *ark.AsRun) { a.EndedAt = a.StartedAt + 20*60_000 }))
	for i := range 34 {
		at := streets[0]
		ago := 215 - i*5
		if i > 17 {
			at, ago = streets[2], 140-(i-17)*6
		}
		at.Building, at.Room = fmt.Sprint(1+i%5), fmt.Sprint(101+i)
		b.deliver("van-1", true, ark.Visit{Place: at.String(), Where: at, Outcome: ark.Outcomes[[]int{0, 0, 1, 0, 2, 0, 0, 3}[i%8]], By: []string{"阿芳", "老周"}[i%2], Age: int64(ago) * 60_000})
	}
	b.noted()
	return b.desk()
}

// staffPages are the pages of which docs/staff.md has pictures.
func staffPages(visit ark.ID) map[string]string {
	return map[string]string{"overview": "/overview", "visits": "/?", "map": "/map", "visit": "/visits/" + visit.String(), "day": "/broadcasts/timeline?van=van-1", "fleet": "/vans", "fleet-ill": "/vans?only=trouble",
		"fleet-found": "/vans?q=嘉绿&only=trouble", "audit": "/audit", "export": "/visits/export", "van": "/vans/ark-006"}
}

// TestStaffPictures makes the pictures of docs/staff.md, in other sizes, too,
// where ARK_SHOTS names a folder: scripts/staff-pictures puts them there.
func TestStaffPictures(t *testing.T) {
	if os.Getenv("ARK_SHOTS") == "" {
		t.Skip("ARK_SHOTS names no folder")
	}
	b := newDesk(t)
	visit := b.city()
	b.console.outline.path = filepath.Join(t.TempDir(), "outline.geojson")
	must(t, os.WriteFile(b.console.outline.path, []byte(`{"type":"FeatureCollection","features":[{"type":"Feature","properties":{"name":"翠苑街道"},"geometry":{"type":"Polygon","coordinates":[[[120.117,30.267],[120.145,30.268],[120.143,30.287],[120.119,30.285],[120.117,30.267]]]}}]}`), 0o600))
	for name, o := range pictureSizes {
		if o.Width == 320 {
			continue
		}
		p := b.browse(o)
		for page, path := range staffPages(visit) {
			p.Go(b.server.URL + path)
			p.Await(`document.readyState === "complete"`)
			if page == "map" {
				p.Await(`document.querySelector(".leaflet-marker-icon")`)
			}
			if page == "visit" {
				browser.Value[int](p, `document.querySelectorAll("details").forEach((d) => { d.open = true; }), 1`)
			}
			p.Shot("staff-" + page + "-" + name)
		}
	}
}
