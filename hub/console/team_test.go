package console

import (
	"bytes"
	"encoding/json"
	"fmt"
	"html"
	"net/http"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"ark"
	"ark/hub"
)

// Two reviewers look at the same visit: the second sees what the first said
// before anything of it is changed, on the page, in the list and by the API.
func TestTwoReviewersAtOnce(t *testing.T) {
	b := newDesk(t)
	ids := b.town()[57:]
	lin, chen := b.signedIn(), b.as("陈老师", hub.Everything, hub.RoleReviewer)
	at := func(i int) string { return "/visits/" + ids[i].String() }
	lin.get(at(0)).wants(t, http.StatusOK, `name="seen" value="0"`)
	form := []string{"entry", ids[0].String(), "seen", "0", "do", "approved", "comment", "看过了"}
	chen.post(at(0)+"/review", "entry", ids[0].String(), "seen", "0", "do", "returned", "comment", "哪一户？")
	page := lin.post(at(0)+"/review", form...)
	page.wants(t, http.StatusConflict, "同事刚刚审过", "哪一户？", ">看过了</textarea>")
	form[3] = strings.Split(strings.Split(page.body, `name="seen" value="`)[1], `"`)[0]
	if a := lin.post(at(0)+"/review", form...); a.status != http.StatusSeeOther {
		t.Errorf("who has seen it may judge otherwise: %d", a.status)
	}

	mark := func(i int) string { return ids[i].String() + "." + ids[i].String() + ".0." }
	lin.get("/").wants(t, http.StatusOK, `value="`+mark(1)+`"`)
	chen.post("/bulk", "key", "c1", "do", "rejected", "visit", mark(1))
	lin.post("/bulk", "key", "l1", "do", "approved", "visit", mark(1), "visit", mark(2))
	lin.get("/bulk/l1").wants(t, http.StatusOK, "1 条走访：已通过", "1 条没有改", "同事刚刚审过")
	if got := strings.Join(b.states(ids), " "); got != "approved rejected approved" {
		t.Errorf("the visits are %s", got)
	}

	api, says := "/api/1/visits/"+ids[2].String(), func(seen string) string {
		return fmt.Sprintf(`{"entry": %q, "state": "rejected", "seen": %s}`, ids[2], seen)
	}
	var told struct{ Visit toldVisit }
	must(t, json.Unmarshal([]byte(chen.get(api).body), &told))
	chen.postJSON(api+"/review", says("0")).wants(t, http.StatusConflict, `"error":"judged"`)
	chen.postJSON(api+"/review", says("-1")).wants(t, http.StatusUnprocessableEntity, `"error":"noChoice"`)
	chen.postJSON(api+"/review", says(fmt.Sprint(told.Visit.Reviewed))).wants(t, http.StatusOK, `"state":"rejected"`)
	lin.post("/bulk/l1/undo").wants(t, http.StatusSeeOther)
	if got := b.states(ids)[2]; got != "rejected" {
		t.Errorf("undoing took back what a colleague said: %s", got)
	}
}

// teamAsks are requests for the routes of a team that try to reach the south
// street.
func teamAsks(s southern) map[string][]ask {
	visit, unplaced := "/visits/"+s.visit.String(), "/visits/"+s.unplaced.String()
	return map[string][]ask{
		"POST /visits/{id}/assign":                  {{visit + "/assign", []string{"key", "k1", "do", "mine", "was", ""}}, {unplaced + "/assign", []string{"key", "k2", "to", staff, "was", ""}}},
		"GET /visits/{id}/assign":                   {{visit + "/assign", nil}},
		"POST /visits/{id}/comment":                 {{visit + "/comment", []string{"key", "k3", "words", "x"}}},
		"GET /visits/{id}/comment":                  {{visit + "/comment", nil}},
		"POST /visits/{id}/comment/{n}/back":        {{visit + "/comment/1/back", nil}},
		"POST /api/1/visits/{id}/assign":            {{"/api/1" + visit + "/assign", []string{"{", `{"to":"` + staff + `","was":""}`}}},
		"POST /api/1/visits/{id}/comments":          {{"/api/1" + visit + "/comments", []string{"{", `{"words":"x"}`}}},
		"POST /api/1/visits/{id}/comments/{n}/back": {{"/api/1" + visit + "/comments/1/back", []string{"{", `{}`}}},
		"GET /api/1/views":                          {{"/api/1/views", nil}},
		"POST /api/1/views":                         {{"/api/1/views", []string{"{", `{"id":"` + s.view.String() + `","name":"x","query":""}`}}},
		"POST /api/1/views/{id}/remove":             {{"/api/1/views/" + s.view.String() + "/remove", []string{"{", `{}`}}},
		"GET /views":                                {{"/views", nil}},
		"POST /views":                               {{"/views", []string{"name", "x", "query", "q=MARK"}}},
		"POST /views/{id}":                          {{"/views/" + s.view.String(), []string{"name", "x", "shared", "yes"}}},
		"POST /views/{id}/remove":                   {{"/views/" + s.view.String() + "/remove", nil}},
		"POST /views/{id}/restore":                  {{"/views/" + s.view.String() + "/restore", nil}},
	}
}

// vanHears are all orders of a van, as text.
func (b *bench) vanHears(van ark.VanID) string {
	b.t.Helper()
	if _, ever, err := b.store.OrderJournal(b.t.Context(), van); err != nil || !ever {
		must(b.t, err)
		return ""
	}
	_, raws, err := b.store.OrderEntries(b.t.Context(), van, 1, 100, 1<<20)
	must(b.t, err)
	return string(bytes.Join(raws, nil))
}

// A visit is given to a colleague, from its page, in the list and by the API;
// it is in their list and beside every page of theirs, and no van hears of it.
func TestVisitsAreGivenToColleagues(t *testing.T) {
	b := newDesk(t)
	town := b.town()
	ids := []ark.ID{town[58], town[59], town[56], town[57]} // the second and third are not in 翠苑街道
	lin, chen := b.signedIn(), b.as("chen", hub.Sight{Places: []ark.Place{{Street: "翠苑街道"}}}, hub.RoleReviewer)
	b.as("wu", hub.Everything, hub.RoleReader)
	at := func(i int) string { return "/visits/" + ids[i].String() }
	seen := func(id ark.ID) bool {
		v, err := b.store.VisitRecord(t.Context(), hub.Sight{Places: []ark.Place{{Street: "翠苑街道"}}}, id)
		return err == nil && v.Assigned == "chen"
	}
	page := lin.get(at(0)) // in 文新社区 of 翠苑街道
	page.wants(t, http.StatusOK, `<option value="chen">chen</option>`, "我来审", "还没有人")
	if strings.Contains(page.body, `value="wu"`) {
		t.Error("a reader can be asked to review")
	}
	if a := lin.post(at(0)+"/assign", "key", "a1", "to", "chen", "was", "", "do", "given"); a.status != http.StatusSeeOther || !seen(ids[0]) {
		t.Fatalf("%d: %s", a.status, a.body)
	}
	lin.post(at(0)+"/assign", "key", "a2", "do", "mine", "was", "").wants(t, http.StatusConflict, "同事刚刚把它交给了别人", "<strong>chen</strong>")
	lin.post(at(1)+"/assign", "key", "a3", "to", "chen", "was", "", "do", "given").wants(t, http.StatusUnprocessableEntity, "不能交给这个账号")
	lin.post(at(0)+"/assign", "key", "a4", "to", "wu", "was", "chen", "do", "given").wants(t, http.StatusUnprocessableEntity, "不能交给这个账号")
	chen.get("/vans").wants(t, http.StatusOK, `href="/?assigned=chen&amp;state=new">交给我审的 <span class="count">1</span>`)
	if got := chen.found(url.Values{"assigned": {"chen"}}); len(got) != 1 {
		t.Errorf("chen finds %v", got)
	}
	chen.get("/?assigned=chen").wants(t, http.StatusOK, `<option value="chen" selected>我</option>`, "→ chen", `value="`+ids[0].String()+"."+ids[0].String()+`.0.chen"`)

	mark := func(i int, was string) string { return ids[i].String() + "." + ids[i].String() + ".0." + was }
	lin.post("/bulk", "key", "b1", "do", "mine", "visit", mark(1, ""), "visit", mark(0, ""))
	lin.get("/bulk/b1").wants(t, http.StatusOK, "1 条走访交给了 "+staff, "1 条没有改", "同事刚刚把它交给了别人")
	lin.post("/bulk", "key", "b2", "do", "given", "to", "chen", "visit", mark(3, ""))
	lin.post("/bulk", "key", "b3", "do", "given", "to", "", "visit", mark(3, "chen"))
	lin.get("/bulk/b3").wants(t, http.StatusOK, "1 条走访不再交给谁")
	a := lin.post("/bulk/b2/undo") // it is nobody's by now
	lin.get(a.to).wants(t, http.StatusOK, "别人后来")
	a = lin.post("/bulk/b3/undo")
	lin.get(a.to).wants(t, http.StatusOK, "1 条走访还给原来的人")
	if !seen(ids[3]) {
		t.Error("undoing gives it to nobody")
	}
	api := "/api/1" + at(3) + "/assign"
	lin.postJSON(api, `{"to":"`+staff+`","was":""}`).wants(t, http.StatusConflict, `"error":"given"`)
	lin.postJSON(api, `{"to":"wu","was":"chen"}`).wants(t, http.StatusUnprocessableEntity, `"error":"nobody"`)
	lin.postJSON(api, `{"to":"`+staff+`","was":"chen"}`).wants(t, http.StatusOK, `"assigned":"`+staff+`"`)
	if b.vanHears("van-1")+b.vanHears("van-2") != "" {
		t.Error("a van was told to whom its visits were given")
	}
}

// Staff talk about a visit; it stands in its history between what the crew and
// reviewers said, and nothing of it is in what the van is told.
func TestStaffTalkAboutAVisit(t *testing.T) {
	b := newDesk(t)
	v := b.door()
	id := b.deliver("van-1", true, v)[0]
	at, lin, chen := "/visits/"+id.String(), b.signedIn(), b.as("chen", hub.Everything, hub.RoleReviewer)
	b.pass(time.Minute)
	for range 2 { // the second is a second tap
		if a := lin.post(at+"/comment", "key", "k1", "words", "这家去年 <b>办公室里说</b> 13800001111"); a.status != http.StatusSeeOther {
			t.Fatalf("%d: %s", a.status, a.body)
		}
	}
	b.pass(time.Minute)
	lin.post(at+"/review", "entry", id.String(), "do", "returned", "comment", "哪一户？")
	b.pass(time.Minute)
	chen.postJSON("/api/1"+at+"/comments", `{"words":"办公室里答"}`).wants(t, http.StatusOK, `"comments":[{"n":1,`, `"words":"办公室里答"`)
	b.pass(time.Minute)
	v.Note = "改过了"
	b.deliver("van-1", true, ark.Amend{Visit: id, Now: v, Why: "补记"})
	page := lin.get(at)
	page.wants(t, http.StatusOK, "&lt;b&gt;办公室里说&lt;/b&gt; ••••11", "改过以后再审", "<del>下午在家</del>", `action="`+at+`/comment/1/back"`)
	order := []string{"补记", "办公室里答", "哪一户？", "办公室里说"}
	for i, story := 1, page.body[strings.Index(page.body, `class="list history"`):]; i < len(order); i++ {
		if strings.Index(story, order[i-1]) > strings.Index(story, order[i]) {
			t.Errorf("%s does not stand before %s", order[i-1], order[i])
		}
	}
	if strings.Contains(page.body, "/comment/2/back") {
		t.Error("what a colleague said can be taken back")
	}
	lin.get("/").wants(t, http.StatusOK, "留言 2", "以前审过")
	lin.post(at+"/comment", "key", "k2", "words", " ").wants(t, http.StatusUnprocessableEntity, "请写 1 到 2000 个字", `aria-invalid="true"`)
	lin.post(at+"/comment", "key", "k3", "words", strings.Repeat("长", hub.MaxComment+1)).wants(t, http.StatusUnprocessableEntity, "请写 1 到 2000 个字", "长长长</textarea>")
	chen.postJSON("/api/1"+at+"/comments", `{"words":"a\u0000b"}`).wants(t, http.StatusUnprocessableEntity, `"error":"bad"`)
	lin.post(at + "/comment/1/back")
	page = lin.get(at)
	page.wants(t, http.StatusOK, "留言已收回", "已收回</p>")
	if strings.Contains(page.body, "办公室里说") {
		t.Error("what was taken back is still there")
	}
	b.pass(hub.CommentUndo)
	chen.post(at + "/comment/2/back")
	chen.get(at).wants(t, http.StatusOK, "收不回了", "办公室里答")
	if heard := b.vanHears("van-1"); !strings.Contains(heard, "哪一户？") || strings.Contains(heard, "办公室里") {
		t.Errorf("the van is told %q", heard)
	}
}

// What waits is counted by age and person above the list, and each number
// leads to as many visits.
func TestWhatWaitsIsCounted(t *testing.T) {
	b := newDesk(t)
	b.month()
	p := b.signedIn()
	b.as("chen", hub.Everything, hub.RoleReviewer)
	vs, err := b.store.Visits(t.Context(), hub.Page{Limit: 9})
	must(t, err)
	for i, v := range vs {
		must(t, b.store.SetAssigned(t.Context(), hub.Everything, v.ID, hub.Assignment{To: []string{staff, "chen", ""}[i%3]}, ""))
	}
	body := p.get("/").body
	load := body[strings.Index(body, `id="load"`):]
	load = load[:strings.Index(load, "</details>")]
	found, sum := regexp.MustCompile(`<a href="(/\?[^"]+)">(?:<b>)?(\d+)`).FindAllStringSubmatch(load, -1), 0
	for _, m := range found {
		n, err := strconv.Atoi(m[2])
		must(t, err)
		sum += n
		p.get(html.UnescapeString(m[1])).wants(t, http.StatusOK, fmt.Sprintf("共 %d 条", n))
	}
	if len(found) != 4*5 || sum == 0 {
		t.Errorf("%d numbers, of %d in all:\n%s", len(found), sum, load)
	}
}

// A list is kept under a name, shown first, shared, renamed, taken away and put
// back; what it shows stands in its address as before.
func TestViewsAreKept(t *testing.T) {
	b := newDesk(t)
	b.town()
	lin := b.signedIn()
	north := b.as("bei", hub.Sight{Places: []ark.Place{{Street: "北街"}}}, hub.RoleReviewer)
	reader := b.as("wu", hub.Everything, hub.RoleReader)
	lin.get("/views").wants(t, http.StatusOK, "还没有保存的视图")
	lin.get("/?van=van-1&below=40").wants(t, http.StatusOK, "把这个列表存为视图", `name="query" value="?van=van-1"`)
	if a := lin.post("/views", "name", "一号车", "query", "?van=van-1&below=40&unknown=x", "shared", "yes", "first", "yes"); a.to != "/?van=van-1" {
		t.Fatalf("%d to %q: %s", a.status, a.to, a.body)
	}
	lin.get("/?van=van-1").wants(t, http.StatusOK, `<a href="/?van=van-1" aria-current="true">一号车</a>`, `<a class="brand" href="/?van=van-1">`, "视图已保存")
	lin.get("/vans").wants(t, http.StatusOK, `<a href="/?van=van-1">走访</a>`)
	if a := lin.get("/"); a.status != http.StatusSeeOther || a.to != "/?van=van-1" {
		t.Errorf("the front page: %d to %q, want the view that comes first", a.status, a.to)
	}
	lin.get("/?").wants(t, http.StatusOK, "共 60 条", `<a href="/?" aria-current="true">全部走访</a>`)
	if a := lin.get("/?q="); a.to != "/?" {
		t.Errorf("without any filter: %d to %q, want all visits", a.status, a.to)
	}
	lin.post("/views", "name", "一号车", "query", "?state=new").wants(t, http.StatusUnprocessableEntity, "已经有同名的视图", `name="query" value="state=new"`, `value="一号车"`)
	lin.post("/views", "name", "", "query", "?state=new").wants(t, http.StatusUnprocessableEntity, "请写 1 到 40 个字")
	lin.post("/views", "name", "x", "query", "?state=burnt").wants(t, http.StatusUnprocessableEntity, "请写 1 到 40 个字")
	lin.post("/views", "name", "每天 <b>", "query", "?state=new", "shared", "yes")
	north.get("/").wants(t, http.StatusOK, `<a href="/?state=new">每天 &lt;b&gt;`)
	if body := north.get("/views").body; strings.Contains(body, "一号车") {
		t.Error("a view that names a van is shown to who sees less than its owner")
	}
	reader.get("/").wants(t, http.StatusOK, "一号车", "每天")
	reader.post("/views", "name", "我的", "query", "", "shared", "yes").wants(t, http.StatusForbidden, "您不能做这件事")
	id := regexp.MustCompile(`action="/views/([0-9a-f-]{36})"`).FindStringSubmatch(lin.get("/views").body)[1]
	reader.post("/views/"+id, "name", "抢来", "query", "").wants(t, http.StatusNotFound)
	reader.post("/views/"+id+"/remove").wants(t, http.StatusNotFound)
	lin.post("/views/"+id, "name", "改名了", "query", "van=van-1")
	lin.get("/views").wants(t, http.StatusOK, "改名了")
	if a := lin.post("/views/" + id + "/remove"); a.to != "/views?removed="+id {
		t.Errorf("removed: %d to %q", a.status, a.to)
	}
	if body := lin.get("/views?removed=" + id).body; strings.Contains(body, "改名了") || !strings.Contains(body, `action="/views/`+id+`/restore"`) {
		t.Error("it is still there, or cannot be put back")
	}
	lin.post("/views/" + id + "/restore")
	lin.get("/views").wants(t, http.StatusOK, "改名了")
}

// Programs list, save and remove the views of their person: of those alone that
// they may see, and only where they may do more than read.
func TestViewsForMachines(t *testing.T) {
	b := newBench(t)
	lin := b.signedIn()
	lin.post("/views", "name", "南边", "query", "place=南街", "first", "yes")
	program := func(roles []hub.Role, s hub.Sight) *person {
		p := b.person()
		p.token = b.token(roles, s)
		return p
	}
	reads, part, whole := program([]hub.Role{hub.RoleReader}, hub.Everything), program([]hub.Role{hub.RoleReviewer}, north), program([]hub.Role{hub.RoleReviewer}, hub.Everything)
	a := reads.get("/api/1/views")
	a.wants(t, http.StatusOK, `"name":"南边"`, `"first":true`, `"mine":true`, `"owner":"`+staff+`"`)
	id := regexp.MustCompile(`"id":"([0-9a-f-]{36})"`).FindStringSubmatch(a.body)[1]
	if a := part.get("/api/1/views"); !strings.Contains(a.body, `"views":[]`) {
		t.Errorf("a token for the north is told %s", a.body)
	}
	reads.postJSON("/api/1/views", `{"name":"x","query":"state=new"}`).wants(t, http.StatusForbidden, `"error":"not-allowed"`)
	reads.postJSON("/api/1/views/"+id+"/remove", `{}`).wants(t, http.StatusForbidden)
	part.postJSON("/api/1/views", `{"id":"`+id+`","name":"x","query":"state=new"}`).wants(t, http.StatusNotFound)
	part.postJSON("/api/1/views/"+id+"/remove", `{}`).wants(t, http.StatusNotFound)
	part.postJSON("/api/1/views", `{"name":"待审","query":"?state=new&below=7&unknown=x","shared":true}`).wants(t, http.StatusOK, `"query":"state=new"`, `"shared":true`)
	for body, word := range map[string]string{`{"name":"待审","query":""}`: "taken", `{"name":"","query":""}`: "badView", `{"name":"x","query":"state=burnt"}`: "badView", `[]`: "garbage", `{"id":"x"}`: "not-there"} {
		if a := whole.postJSON("/api/1/views", body); !strings.Contains(a.body, `"error":"`+word+`"`) {
			t.Errorf("%s: %d %s, want %s", body, a.status, a.body, word)
		}
	}
	whole.postJSON("/api/1/views", `{"id":"`+id+`","name":"北边","query":"place=北街"}`).wants(t, http.StatusOK, `"name":"北边"`)
	if a := whole.postJSON("/api/1/views/"+id+"/remove", `{}`); a.status != http.StatusOK || strings.Contains(a.body, "北边") {
		t.Errorf("removed: %d %s", a.status, a.body)
	}
}
