package console

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"ark"
	"ark/hub"
)

// town is visits all over a small town, 60 of them: three compounds, two vans,
// every outcome, needs, positions.
func (b *bench) town() (ids []ark.ID) {
	b.t.Helper()
	rnd := rand.New(rand.NewPCG(1, 2))
	places := []ark.Place{{Street: "翠苑街道", Community: "翠苑一区社区", Grid: "3", Compound: "翠苑一区"}, {Street: "翠苑街道", Community: "文新社区", Compound: "文苑小区"},
		{Street: "古荡街道", Community: "嘉绿社区", Compound: "嘉绿苑"}}
	people := []string{"王奶奶", "李师傅", "陈建国", "赵阿姨"}
	for i := range 60 {
		p := places[i%3]
		p.Building, p.Room = fmt.Sprint(i%9+1), fmt.Sprint(100+i)
		v := ark.Visit{Place: p.String(), Where: p, Outcome: ark.Outcomes[i%4], By: []string{"阿芳", "老周"}[i%2], Geo: &ark.Geo{Lat: 302700000 + int64(i%3)*100000 + rnd.Int64N(40000), Lon: 1201200000 + int64(i%3)*150000 + rnd.Int64N(40000), Acc: 10}}
		if v.Outcome == ark.Met {
			v.Person, v.Services = people[i%len(people)], []ark.Service{ark.Services[i%5]}
		}
		if i%10 == 0 {
			v.Need = "想借轮椅，周五复查"
		}
		if i%7 == 0 {
			v.Note = "下午在家，敲门要响"
		}
		ids = append(ids, b.deliver(ark.VanID(fmt.Sprintf("van-%d", i%2+1)), i%11 != 0, v)...)
	}
	return ids
}

func (p *person) found(query url.Values) []string {
	p.t.Helper()
	a := p.get("/?" + query.Encode())
	a.wants(p.t, http.StatusOK)
	var places []string
	for _, m := range regexp.MustCompile(`<tr id="v[^"]+" data-row[^>]*>(?s:.*?)<td class="place"><a href="/visits/[^"]+">([^<]+)</a>`).FindAllStringSubmatch(a.body, -1) {
		places = append(places, m[1])
	}
	return places
}

// Filters combine, are named on the page, and can be taken off one by one.
func TestVisitsAreFound(t *testing.T) {
	b := newDesk(t)
	b.town()
	p := b.signedIn()
	for _, c := range []struct {
		query url.Values
		want  int
		chips []string
	}{
		{url.Values{"place": {"翠苑街道"}}, 40, []string{"翠苑街道"}},
		{url.Values{"place": {"翠苑街道/文新社区//文苑小区"}, "building": {"2"}}, 7, []string{"翠苑街道 › 文新社区 › 文苑小区", "幢"}},
		{url.Values{"van": {"van-1"}, "outcome": {"met"}}, 15, []string{"van-1", "已见面"}},
		{url.Values{"q": {"轮椅"}}, 6, []string{"轮椅"}},
		{url.Values{"q": {"轮椅"}, "by": {"阿芳"}, "need": {"*"}}, 6, []string{"阿芳", "有需求的"}},
		{url.Values{"service": {"knives"}}, 3, []string{"磨剪刀"}},
		{url.Values{"doubtful": {"yes"}, "order": {"time"}}, 6, []string{"时间未核准"}},
		{url.Values{"state": {"new"}, "photo": {"no"}}, 50, []string{"待审核", "有照片"}},
		{url.Values{"from": {"2026-11-24"}, "to": {"2026-11-24"}}, 50, []string{"2026-11-24"}},
		{url.Values{"box": {"30.26,120.115,30.275,120.13"}}, 20, []string{"地图上选定的"}},
	} {
		if got := p.found(c.query); len(got) != c.want {
			t.Errorf("%v: %d visits, want %d", c.query, len(got), c.want)
		}
		body := p.get("/?" + c.query.Encode()).body
		for _, chip := range c.chips {
			if !strings.Contains(body, "<b>"+chip+"</b>") && !strings.Contains(body, "<span>"+chip+"</span>") {
				t.Errorf("%v: no chip %s", c.query, chip)
			}
		}
	}
	p.get("/?van=van-1&outcome=met").wants(t, http.StatusOK, `共 15 条`, `href="?outcome=met" aria-label="去掉筛选 车：van-1"`, `href="?van=van-1" aria-label="去掉筛选 结果：已见面"`)
	p.get("/?van=van-1&q=%E6%B2%A1%E6%9C%89").wants(t, http.StatusOK, "没有这样的走访", "请换个说法", "不限“车”")
	p.get("/?outcome=met&outcome=met").wants(t, http.StatusBadRequest, "看不懂的条件")
	p.get("/?q=%E8%BD%AE").wants(t, http.StatusBadRequest, "请至少写两个连着的字", `value="轮"`)
	p.get("/?from=24.11.&van=van-1").wants(t, http.StatusBadRequest, "24.11.", `name="from" value="24.11." aria-invalid="true"`, `value="van-1"`)
	p.get("/?below=1%27%20OR%201", "Accept-Language", "en").wants(t, http.StatusBadRequest, "asks for something that does not exist")
	if a := p.get("/?q=&van=van-1&from=&place=%E6%96%87%E8%8B%91%E5%B0%8F%E5%8C%BA"); a.to != "/?place=%E7%BF%A0%E8%8B%91%E8%A1%97%E9%81%93%2F%E6%96%87%E6%96%B0%E7%A4%BE%E5%8C%BA%2F%2F%E6%96%87%E8%8B%91%E5%B0%8F%E5%8C%BA&van=van-1" {
		t.Errorf("a form with empty fields, and a place by its name, lead to %q", a.to)
	}
}

// Pages go down and up again, in either order, and none repeats or leaves out
// a visit although others come in.
func TestVisitsInPages(t *testing.T) {
	link := regexp.MustCompile(`id="(older|newer)" href="([^"]+)"`)
	row := regexp.MustCompile(`<tr id="v([^"]+)"`)
	for _, query := range []string{"?", "?order=time", "?place=%E7%BF%A0%E8%8B%91%E8%A1%97%E9%81%93"} {
		b := newDesk(t)
		b.town()
		b.town()
		p := b.signedIn()
		var down, up []string
		page := func(at string) (rows []string, links map[string]string) {
			a := p.get("/" + at)
			a.wants(t, http.StatusOK)
			for _, m := range row.FindAllStringSubmatch(a.body, -1) {
				rows = append(rows, m[1])
			}
			links = map[string]string{}
			for _, m := range link.FindAllStringSubmatch(a.body, -1) {
				links[m[1]] = strings.ReplaceAll(m[2], "&amp;", "&")
			}
			return rows, links
		}
		rows, links := page(query)
		down = append(down, rows...)
		for links["older"] != "" {
			b.deliver("van-1", true, ark.Visit{Place: "别处", Outcome: ark.Met})
			rows, links = page(links["older"])
			down = append(down, rows...)
		}
		up = rows
		for len(up) < len(down) && links["newer"] != "" {
			rows, links = page(links["newer"])
			up = append(rows, up...)
		}
		if want := map[bool]int{true: 80, false: 120}[strings.Contains(query, "place")]; len(down) != want {
			t.Errorf("%s: %d visits going down, want %d", query, len(down), want)
		}
		if n := len(up) - len(down); n < 0 || strings.Join(up[n:], " ") != strings.Join(down, " ") {
			t.Errorf("%s: going up shows others than going down", query)
		}
	}
}

func TestTheMapIsTold(t *testing.T) {
	b := newDesk(t)
	ids := b.town()
	must(t, b.store.SetReview(t.Context(), hub.Everything, ark.Review{Visit: ids[0], Entry: ids[0], State: ark.ReviewApproved, At: 1}, hub.AnyReview))
	b.console.outline.path = filepath.Join(t.TempDir(), "outline.geojson")
	p := b.signedIn()
	p.get("/map").wants(t, http.StatusOK, `data-box="30.2`, "共 60 条", "文苑小区")
	ask := func(query string) (total, approved int) {
		t.Helper()
		a := p.get("/map/clusters?" + query)
		a.wants(t, http.StatusOK)
		var got struct{ Clusters []toldCluster }
		must(t, json.Unmarshal([]byte(a.body), &got))
		for _, c := range got.Clusters {
			total += c.N
			approved += c.States["approved"]
			if c.Lat < 30 || c.Lat > 31 || c.Lon < 120 || c.Lon > 121 {
				t.Errorf("a cluster at %v, %v", c.Lat, c.Lon)
			}
		}
		return total, approved
	}
	if n, approved := ask("box=30,120,31,121&zoom=14"); n != 60 || approved != 1 {
		t.Errorf("%d visits on the map, %d of them approved", n, approved)
	}
	if n, _ := ask("box=30,120,31,121&zoom=12&outcome=met"); n != 15 {
		t.Errorf("%d visits with a filter", n)
	}
	for _, bad := range []string{"", "box=30,120,31,121", "zoom=12", "box=30,120,31,121&zoom=99", "box=30,120,31,121&zoom=x", "box=1&zoom=12", "box=30,120,31,121&zoom=12&outcome=7", "box=30,120,31,121&zoom=12&q=a"} {
		p.get("/map/clusters?"+bad).wants(t, http.StatusBadRequest)
	}
	p.get("/map/outline").wants(t, http.StatusNotFound)
	must(t, os.WriteFile(b.console.outline.path, []byte("no"), 0o600))
	p.get("/map").wants(t, http.StatusOK, "轮廓文件用不了")
	must(t, os.WriteFile(b.console.outline.path, []byte(`{"type":"FeatureCollection","features":[]}`), 0o600))
	p.get("/map").wants(t, http.StatusOK, `data-outline="/map/outline"`)
	p.get("/map/outline").wants(t, http.StatusOK, "FeatureCollection")
	p.get("/map?box=50,1,51,2").wants(t, http.StatusOK, "还没有带位置的走访")
	newDesk(t).signedIn().get("/map").wants(t, http.StatusOK, `data-box="18.0`)
}

// Pictures from another server are let in on the map alone, and from that
// server alone.
func TestTilesOpenTheMapAlone(t *testing.T) {
	b := newDesk(t)
	b.console.c.Tiles = Tiles{URL: "https://tiles.example:8443/{z}/{x}/{y}.png", From: "© <b>"}
	p := b.signedIn()
	a := p.get("/map")
	a.wants(t, http.StatusOK, `data-tiles="https://tiles.example:8443/{z}/{x}/{y}.png" data-from="© &lt;b&gt;"`)
	if policy := a.head.Get("Content-Security-Policy"); !strings.Contains(policy, "img-src 'self' data: https://tiles.example:8443;") {
		t.Errorf("got %s", policy)
	}
	if policy := p.get("/").head.Get("Content-Security-Policy"); strings.Contains(policy, "tiles") {
		t.Errorf("the list may show them too: %s", policy)
	}
	for _, bad := range []string{"tiles", "//tiles.example/{z}", "javascript:alert(1)", "https://a;script-src *.b/{z}", "https:///x", "https://a b/{z}"} {
		if _, err := New(Config{Tiles: Tiles{URL: bad}, Now: b.clock}); err == nil {
			t.Errorf("%q was taken", bad)
		}
	}
}
