package console

import (
	"fmt"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"testing"

	"ark"
	"ark/hub"
)

var vanRows = regexp.MustCompile(`id="van-(van-\d)"`)

func (a answer) vans() string {
	var all []string
	for _, m := range vanRows.FindAllStringSubmatch(a.body, -1) {
		all = append(all, m[1])
	}
	return strings.Join(all, " ")
}

// Troubles stand above the list with how many vans have each, lead to those
// vans, and are counted beside every page; the list can be put in order.
func TestTroublesOfTheFleet(t *testing.T) {
	b := newBench(t)
	p := b.signedIn()
	b.deliver("van-1", true, ark.Health{Sound: "ok", Panel: "ok", DiskFree: 20e9, Heat: 840, Release: "v1.2.3", LastSound: ark.Milli(b.clock())})
	b.deliver("van-2", true, ark.Health{Sound: "silent", Panel: "ok", DiskFree: 100e6, Heat: 450})
	b.deliver("van-3", false, ark.Health{Sound: "ok", Panel: "ok", DiskFree: 10e9})
	b.presence.Present("van-1", true)
	page := p.get("/vans")
	page.wants(t, http.StatusOK, `<a href="?only=hot">过热 <b>1</b>`, `<a href="?only=disk">卡快满 <b>1</b>`, "主板过热：84 °C", "剩 20.0 GB", "45 °C", "今天 14:30 最后出声", "车上的钟还没核准")
	if strings.Contains(page.body, "only=silent") {
		t.Error("a van that was here just now is called silent")
	}
	p.get("/orders").wants(t, http.StatusOK, `class="count" aria-label="有问题的（2）">2<`)
	for query, want := range map[string]string{"only=hot": "van-1", "only=sound": "van-2", "only=nonsense": "", "by=heat": "van-1 van-2 van-3", "by=disk": "van-2 van-3 van-1", "by=sound": "van-2 van-3 van-1",
		"by=name": "van-1 van-2 van-3", "by=nonsense": "van-2 van-1 van-3", "": "van-2 van-1 van-3"} {
		if got := p.get("/vans?" + query).vans(); got != want {
			t.Errorf("%s: %q, want %q", query, got, want)
		}
	}
	b.pass(silentAfter)
	p.get("/vans").wants(t, http.StatusOK, `<a href="?only=silent">几天没同步 <b>1</b>`, "已 3 天没有同步") // van-1 is here, van-3 was never admitted
	p.get("/vans?only=silent", "Accept-Language", "en").wants(t, http.StatusOK, "Not synced for 3 days")
	p.get("/vans/van-1").wants(t, http.StatusOK, "84 °C", "时钟", "已核准")
}

// A large fleet is shown in pages, those with troubles first; what is asked for
// and the counts above are of the whole, and a page that is not there is the
// last one.
func TestAFleetInPages(t *testing.T) {
	b := newBench(t)
	for i := range 2*vansPerPage + 3 {
		h := ark.Health{Sound: "ok", Panel: "ok"}
		if i == 101 {
			h.Sound = "silent"
		}
		b.deliver(ark.VanID(fmt.Sprintf("ark-%03d", i)), false, h)
	}
	p := b.signedIn()
	rows := regexp.MustCompile(`id="van-([^"]+)"`)
	ids := func(query string) (all []string) {
		for _, m := range rows.FindAllStringSubmatch(p.get("/vans?q=ark"+query).body, -1) {
			all = append(all, m[1])
		}
		return all
	}
	seen := map[string]bool{}
	for _, page := range []string{"", "&page=2", "&page=3"} {
		for _, id := range ids(page) {
			if seen[id] {
				t.Errorf("%s is on two pages", id)
			}
			seen[id] = true
		}
	}
	if len(seen) != 2*vansPerPage+3 {
		t.Errorf("%d vans on three pages", len(seen))
	}
	if first := ids(""); len(first) != vansPerPage || first[0] != "ark-101" || first[1] != "ark-000" {
		t.Errorf("the first page: %v", first)
	}
	if got := ids("&page=2&by=name"); len(got) != vansPerPage || got[0] != "ark-050" {
		t.Errorf("the second page by name: %v", got)
	}
	for _, page := range []string{"99", "3"} {
		if got := ids("&page=" + page); len(got) != 3 {
			t.Errorf("page %s: %v", page, got)
		}
	}
	for _, page := range []string{"-1", "0", "x", "99999999999999999999", "%00"} {
		if got := ids("&page=" + page); len(got) == 0 {
			t.Errorf("page %s is empty", page)
		}
	}
	p.get("/vans?by=name&page=2").wants(t, http.StatusOK, "共 105 辆，第 2 页，共 3 页", "有问题的（1）", `href="?by=name&amp;page=3" rel="next"`, `href="?by=name" rel="prev"`, `href="?by=name&amp;only=trouble"`, `aria-label="第 2 页" aria-current="page"`)
	if a := p.get("/vans?only=sound"); strings.Contains(a.body, `rel="next"`) {
		t.Error("one van has a next page")
	}
}

func TestNumbersOfPages(t *testing.T) {
	for _, c := range []struct {
		s    leaf
		want []int
	}{{leaf{1, 1}, []int{1}}, {leaf{2, 3}, []int{1, 2, 3}}, {leaf{1, 7}, []int{1, 2, 3, 0, 7}}, {leaf{10, 20}, []int{1, 0, 8, 9, 10, 11, 12, 0, 20}}, {leaf{20, 20}, []int{1, 0, 18, 19, 20}}} {
		if got := c.s.Numbers(); !slices.Equal(got, c.want) {
			t.Errorf("%v: %v, want %v", c.s, got, c.want)
		}
	}
}

// What somebody must do something about has a name above the list.
func TestTroublesHaveNames(t *testing.T) {
	for key := range texts {
		word, is := strings.CutPrefix(key, "remark.")
		if _, named := texts["alert."+word]; is && !named && word != "clock" { // that passes by itself
			t.Errorf("%s has no name", key)
		}
	}
}

// Vans are looked for by words, by street and by what is wrong with them, all
// of it together, and each link keeps the rest of what is asked for.
func TestVansAreFound(t *testing.T) {
	b := newBench(t)
	b.deliver("van-1", true, ark.Health{Sound: "ok", Panel: "ok", Heat: 840, Place: "文一路菜场"})
	b.deliver("van-2", true, ark.Health{Sound: "silent", Panel: "ok"})
	b.deliver("van-3", true, ark.Health{Sound: "silent", Panel: "ok"}, ark.LibraryState{Version: 4, Stage: ark.LibraryFailed, Why: ark.WhyDiskFull})
	must(t, b.store.SetArea(t.Context(), hub.Everything, "van-1", []ark.Place{{Street: "翠苑街道", Community: "文新社区"}}, staff))
	must(t, b.store.SetArea(t.Context(), hub.Everything, "van-2", []ark.Place{{Street: "古荡街道", Compound: "嘉绿苑"}}, staff))
	p := b.signedIn()
	for query, want := range map[string]string{"q=VAN-2": "van-2", "q=菜场": "van-1", "q=嘉绿": "van-2", "q=文新+过热": "van-1", "q=过热+嘉绿": "", "street=古荡街道": "van-2", "street=没有": "", "only=sound&street=古荡街道": "van-2",
		"only=sound&q=van": "van-2 van-3", "q=" + strings.Repeat("x", mostVanWords+1): "van-1 van-2 van-3"} {
		if got := p.get("/vans?" + query).vans(); got != want {
			t.Errorf("%s: %q, want %q", query, got, want)
		}
	}
	p.get("/vans?q=van&only=sound&by=heat").wants(t, http.StatusOK, "2 辆，共 3 辆", `href="?by=heat&amp;q=van"`, `href="?by=heat&amp;only=hot&amp;q=van"`, `<option value="heat" selected>`, `name="only" value="sound"`)
}

// A technician has a van's quarantine read again, and says that somebody has
// looked into what was lost; then it is no alert any more.
func TestATechnicianAtAVan(t *testing.T) {
	b := newBench(t)
	p := b.signedIn()
	b.deliver("van-1", true, ark.Visit{Outcome: ark.Met}) // of no place: not understood
	_, err := b.store.Commit(t.Context(), []hub.Delivery{{Van: "van-1", Incarnation: b.inc["van-1"], UpTo: b.at["van-1"], Gaps: []ark.Gap{{From: 40, To: 44}}, At: b.clock(), Backlog: 7}})
	must(t, err)
	page := p.get("/vans/van-1")
	page.wants(t, http.StatusOK, "第 40 到 44 条丢了", "积压 7 条（约", `id="again"`, `id="seen"`)
	if a := p.post("/vans/van-1/again"); a.to != "/vans/van-1" {
		t.Errorf("try again: %d to %q", a.status, a.to)
	}
	p.get("/vans/van-1").wants(t, http.StatusOK, "又读懂了 0 条，还有 1 条看不懂")
	upTo := regexp.MustCompile(`name="upto" value="(\d+)"`).FindStringSubmatch(page.body)
	if upTo == nil {
		t.Fatal("the form does not say up to when")
	}
	p.get("/vans").wants(t, http.StatusOK, "丢了记录 <b>1</b>")
	p.post("/vans/van-1/seen", "upto", upTo[1])
	p.get("/vans/van-1").wants(t, http.StatusOK, "已记下", staff+" 已查看")
	if a := p.get("/vans"); strings.Contains(a.body, "丢了记录 <b>") {
		t.Error("it is still an alert")
	}
	for _, path := range []string{"/vans/van-77/again", "/vans/van-77/seen"} {
		if a := p.post(path, "upto", "1"); a.status >= 500 {
			t.Errorf("%s: %d", path, a.status)
		}
	}
	if a := p.post("/vans/van-1/seen", "upto", "x"); a.status != http.StatusNotFound {
		t.Errorf("no time: %d", a.status)
	}
	all, err := b.store.Deeds(t.Context(), hub.AuditFilter{Object: hub.Object{Kind: hub.ObjectVan, ID: "van-1"}, Verb: hub.VerbChange}, hub.AuditPlace{}, 10)
	must(t, err)
	if len(all) != 2 || all[0].Detail["do"] != "see-breaks" || all[1].Detail["do"] != "try-again" {
		t.Errorf("on record: %+v", all)
	}
}
