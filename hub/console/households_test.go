package console

import (
	"bytes"
	"fmt"
	"mime/multipart"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"golang.org/x/text/encoding/simplifiedchinese"

	"ark"
	"ark/hub"
	desks "ark/hub/desk"
)

func (b *bench) households() []ark.Household {
	b.t.Helper()
	all, err := b.store.Households(b.t.Context(), hub.Everything, hub.HouseholdFilter{Limit: 500})
	must(b.t, err)
	return all
}

// settle writes households down as staff would.
func (b *bench) settle(hs ...ark.Household) {
	b.t.Helper()
	must(b.t, b.store.PutHouseholds(b.t.Context(), hub.Everything, hs, make([]ark.ID, len(hs)), staff))
}

func house(n byte, door string, names ...string) ark.Household {
	h := ark.Household{ID: ark.NewID(1_790_000_000_000, [10]byte{9: n}), Place: ark.ParsePlace(door)}
	for _, name := range names {
		h.Members = append(h.Members, ark.Member{Name: name})
	}
	return h
}

func TestHouseholds(t *testing.T) {
	b := newBench(t)
	p := b.signedIn()
	p.get("/households").wants(t, http.StatusOK, "还没有住户", "导入", `href="/households/import"`)
	quiet := house(2, "翠苑二区5幢302", "张<b>")
	quiet.NoVisit, quiet.Phone, quiet.MovedOut = "家属要求", "13812345678", 1
	b.settle(house(1, "翠苑一区3幢2单元501室", "王秀英", "李建国"), quiet)
	p.get("/households").wants(t, http.StatusOK, "翠苑一区3幢2单元501室", "王••", "张••", "不要上门", "家属要求", "已搬走", "••••78")
	for query, want := range map[string]string{"q=王秀英": "翠苑一区", "compound=翠苑二区": "翠苑二区", "building=5": "翠苑二区", "q=13812345678": "翠苑二区"} {
		page := p.get("/households?" + query)
		page.wants(t, http.StatusOK, want+"", "看全部")
		if n := strings.Count(page.body, `<tr id="h`); n != 1 {
			t.Errorf("%s: %d households", query, n)
		}
	}
	p.get("/households?disputed=yes").wants(t, http.StatusOK, "没有符合的住户")
	var many []ark.Household
	for i := range shown {
		many = append(many, house(byte(10+i), fmt.Sprintf("东方苑1幢%d", 101+i)))
	}
	b.settle(many...)
	first := p.get("/households")
	first.wants(t, http.StatusOK, "下一页")
	p.get("/households?after="+many[shown-3].ID.String()).wants(t, http.StatusOK, fmt.Sprintf("1幢%d室", 101+shown-1), "回到第一页")
	p.get("/households?compound=东方苑&after="+many[shown-3].ID.String()).wants(t, http.StatusOK, `href="/households?compound=`+url.QueryEscape("东方苑")+`">回到第一页`)
}

func TestHouseholdIsMadeAndChanged(t *testing.T) {
	b := newBench(t)
	p := b.signedIn()
	p.get("/households/new").wants(t, http.StatusOK, "加一户")
	p.post("/households/new", "m-name", "王秀英").wants(t, http.StatusUnprocessableEntity, "至少填小区", `value="王秀英"`)
	p.post("/households/new", "compound", "翠苑", "m-name", "", "m-phone", "1", "m-born", "").wants(t, http.StatusUnprocessableEntity, "没有姓名")
	p.post("/households/new", "compound", "翠苑", "m-name", "王", "m-born", "12").wants(t, http.StatusUnprocessableEntity, "四位数")
	p.post("/households/new", "compound", "翠苑", "note", strings.Repeat("长", 301)).wants(t, http.StatusUnprocessableEntity, "内容太长")
	a := p.post("/households/new", "compound", "翠苑", "building", "3", "room", "501", "m-name", "王秀英", "m-born", "1942", "m-phone", "", "m-note", "独居", "m-name", "李建国", "m-left", "1")
	if a.status != http.StatusSeeOther || len(b.households()) != 1 {
		t.Fatalf("%d: %s", a.status, a.body)
	}
	made := b.households()[0]
	if made.Members[0] != (ark.Member{Name: "王秀英", Born: 1942, Note: "独居"}) || !made.Members[1].Left || made.Rev.IsZero() {
		t.Errorf("made %+v", made)
	}
	page := p.get(a.to)
	page.wants(t, http.StatusOK, "翠苑3幢501室", `value="••••" readonly`, `value="王••" readonly`, "历史", staff, "写入名单", "没有全部显示", "/show")
	if back := p.get(a.to + "/show"); back.status != http.StatusSeeOther || back.to != a.to {
		t.Errorf("%d to %q", back.status, back.to)
	}
	p.post(a.to+"/show", "reason", "核对").wants(t, http.StatusOK, `value="1942"`, `value="独居"`, "已留下记录", `action="`+a.to+`"`)
	masked := []string{"rev", made.Rev.String(), "compound", "翠苑", "building", "3", "room", "501", "m-name", "王••", "m-born", "••••", "m-phone", "", "m-note", "••••", "m-name", "李••", "m-left", "1"}
	p.post(a.to, append(masked, "phone", "••••99")...).wants(t, http.StatusUnprocessableEntity, "对不上了")
	if p.post(a.to, masked...); b.households()[0].Members[0] != made.Members[0] || b.households()[0].Rev == made.Rev {
		t.Errorf("what was masked is kept as %+v", b.households()[0])
	}
	made = b.households()[0]
	change := []string{"rev", made.Rev.String(), "compound", "翠苑", "building", "3", "room", "502", "m-name", "王秀英", "m-born", "1943", "novisit", "家属要求", "moved", "yes"}
	if a := p.post(a.to, change...); a.status != http.StatusSeeOther {
		t.Fatalf("%d: %s", a.status, a.body)
	}
	p.get(a.to).wants(t, http.StatusOK, "翠苑3幢502室", "<del>翠苑3幢501室</del>", "<ins>翠苑3幢502室</ins>", "家属要求", "李••", "已搬走")
	if list := p.get("/households").body; strings.Contains(list, "秀英") || !strings.Contains(list, "王••") {
		t.Error("whole names are on the list")
	}
	stale := p.post(a.to, change...)
	stale.wants(t, http.StatusConflict, "刚刚被改过", `value="502"`)
	if b.households()[0].Rev.String() == made.Rev.String() || !strings.Contains(stale.body, b.households()[0].Rev.String()) {
		t.Error("the second press is not meant")
	}
	p.get("/households/nothing").wants(t, http.StatusNotFound)
	p.get("/households/"+ark.NewID(9, [10]byte{}).String()).wants(t, http.StatusNotFound)
}

// What two edits disagreed about is shown, and settled by saving.
func TestDisputeIsSettled(t *testing.T) {
	b := newBench(t)
	p := b.signedIn()
	first := house(1, "翠苑3幢501", "王秀英")
	b.settle(first)
	must(t, b.store.SetArea(t.Context(), hub.Everything, "van-1", []ark.Place{{Compound: "翠苑"}}, staff))
	was := b.households()[0]
	ours, theirs := was, was
	ours.Phone, theirs.Phone = "111", "222"
	must(t, b.store.PutHouseholds(t.Context(), hub.Everything, []ark.Household{theirs}, []ark.ID{was.Rev}, staff))
	b.deliver("van-1", true, ark.HouseholdEdit{Now: ours, Was: was, Name: "李敏"})
	path := "/households/" + first.ID.String()
	p.get(path).wants(t, http.StatusOK, "有分歧", "说法不一")
	p.post(path+"/show").wants(t, http.StatusOK, "有分歧", "说法不一", "电话：中心写的是“222”，队员写的是“111”", "van-1 的队员", "没有采用")
	p.get("/households?disputed=yes").wants(t, http.StatusOK, "翠苑3幢501室")
	now := b.households()[0]
	p.post(path, "rev", now.Rev.String(), "compound", "翠苑", "building", "3", "room", "501", "phone", "111", "m-name", "王秀英")
	if h := b.households()[0]; len(h.Disputed) != 0 || h.Phone != "111" {
		t.Errorf("after it was settled: %+v", h)
	}
}

// file posts a file of households.
func (p *person) file(do, text string) answer {
	p.t.Helper()
	var body bytes.Buffer
	form := multipart.NewWriter(&body)
	must(p.t, form.WriteField("do", do))
	if do == "import" {
		must(p.t, form.WriteField("text", text))
	} else {
		part, err := form.CreateFormFile("file", "households.csv")
		must(p.t, err)
		part.Write([]byte(text))
	}
	must(p.t, form.Close())
	r, err := http.NewRequestWithContext(p.t.Context(), http.MethodPost, p.b.server.URL+"/households/import", &body)
	must(p.t, err)
	r.Header.Set("Content-Type", form.FormDataContentType())
	return p.do(r)
}

const table = "小区,幢,单元,室,姓名,出生年,电话,备注\r\n翠苑一区,3幢,2单元,501室,王秀英,1942-05-01,138 1234 5678,有狗\r\n翠苑1区,03,2,0501,李建国,,,\r\n翠苑一区,3,2,502,张伟,,,\r\n,3,2,502,没有小区,,,\r\n翠苑一区,3,2,503,赵云,四二,,\r\n,,,,,,,\r\n"

func TestImport(t *testing.T) {
	b := newBench(t)
	p := b.signedIn()
	p.get("/households/import").wants(t, http.StatusOK, "先看看会改什么", "小区, 幢")
	old := house(1, "翠苑一区3-2-502", "张伟", "张飞")
	old.Phone = "111"
	b.settle(old)
	p.file("look", table).wants(t, http.StatusOK, "新增 1 户", "更新 0 户", "1 户没有变化", "2 行有错", "第 5 行：", "没有写小区", "第 6 行：", "四二", "翠苑一区3幢2单元501室", "王秀英", "李建国")
	p.file("look", "小区,幢,室,姓名,电话\r\n翠苑一区,3,501,王••,\r\n翠苑一区,3,502,张伟,••••78\r\n").wants(t, http.StatusOK, "2 行有错", "隐藏的内容")
	if len(b.households()) != 1 {
		t.Fatal("a look changed something")
	}
	if a := p.file("import", table); a.to != "/households" {
		t.Fatalf("%d: %s", a.status, a.body)
	}
	p.get("/households").wants(t, http.StatusOK, "已导入：新增 1 户，更新 0 户")
	all := b.households()
	if len(all) != 2 || len(all[0].Members) != 2 || all[0].Phone != "111" {
		t.Fatalf("after the import: %+v", all)
	}
	made := all[1]
	if got := made.Members; len(got) != 2 || got[0] != (ark.Member{Name: "王秀英", Born: 1942, Phone: "138 1234 5678"}) || got[1].Name != "李建国" || made.Note != "有狗" || made.Place.String() != "翠苑一区3幢2单元501室" {
		t.Errorf("made %+v", made)
	}
	p.file("look", table).wants(t, http.StatusOK, "新增 0 户", "更新 0 户", "2 户没有变化", "没有什么要导入的")
	// A compound that is written otherwise is the same; its new doors are
	// written as those that are there.
	other := "小区,门牌,姓名\n翠苑1区小区,3-2-501,王秀英\n翠苑1区小区,9-1-101,孙权\n"
	p.file("look", other).wants(t, http.StatusOK, "新增 1 户", "1 户没有变化", "翠苑一区9幢1单元101室")
	p.file("look", strings.ReplaceAll(table, "1942-05-01", "1943")).wants(t, http.StatusOK, "更新 1 户", "<del>王秀英 · 1942", "<ins>王秀英 · 1943")
}

func TestImportOfOtherFiles(t *testing.T) {
	b := newBench(t)
	p := b.signedIn()
	gb, err := simplifiedchinese.GB18030.NewEncoder().String(table)
	must(t, err)
	for name, c := range map[string]struct {
		text   string
		status int
		want   string
	}{
		"as a Chinese Excel writes it": {gb, http.StatusOK, "王秀英"},
		"with a mark of UTF-8":         {"\ufeff" + table, http.StatusOK, "王秀英"},
		"with tabs":                    {strings.ReplaceAll(table, ",", "\t"), http.StatusOK, "王秀英"},
		"a whole door":                 {"门牌,name\n翠苑一区3幢2单元501室,Wang\n", http.StatusOK, "翠苑一区3幢2单元501室"},
		"no picture":                   {"\x89PNG\r\n\x1a\n\xff\xfe\x80", http.StatusUnprocessableEntity, "不是文字"},
		"nothing":                      {"", http.StatusUnprocessableEntity, "有内容"},
		"without doors":                {"姓名,电话\n王,1\n", http.StatusUnprocessableEntity, "不知道是哪扇门"},
		"too long":                     {"门牌\n" + strings.Repeat("翠苑1-101\n", maxImportRows+1), http.StatusUnprocessableEntity, "20000 行"},
		"a script":                     {"门牌,姓名\n翠苑一区3-2-501,<script>alert(1)</script>\n", http.StatusOK, "&lt;script&gt;"},
		"a long name":                  {"门牌,姓名\n翠苑一区3-2-501," + strings.Repeat("长", 51) + "\n", http.StatusOK, "有一格太长"},
		"too many in one":              {"门牌,姓名\n" + manyNames(), http.StatusOK, "王29"},
	} {
		a := p.file("look", c.text)
		if a.status != c.status || !strings.Contains(a.body, c.want) {
			t.Errorf("%s: %d, want %d and %s:\n%.3000s", name, a.status, c.status, c.want, a.body)
		}
	}
	if a := p.file("look", strings.Repeat("x", maxImport)); a.status != http.StatusUnprocessableEntity {
		t.Errorf("too large: %d", a.status)
	}
	if n := len(b.households()); n != 0 {
		t.Errorf("%d households came of looking", n)
	}
}

func manyNames() string {
	var b strings.Builder
	for i := range ark.MaxMembers + 1 {
		fmt.Fprintf(&b, "翠苑一区3-2-501,王%d\n", i)
	}
	return b.String()
}

func TestAreas(t *testing.T) {
	b := newBench(t)
	p := b.signedIn()
	b.settle(house(1, "翠苑一区3幢501", "王秀英"))
	p.get("/areas").wants(t, http.StatusOK, "van-1", "van-2", "还没有片区")
	if a := p.post("/areas/van-1", "compound", "翠苑一区", "building", "3", "compound", "东方苑", "compound", ""); !strings.HasPrefix(a.to, "/areas") {
		t.Fatalf("%d: %s", a.status, a.body)
	}
	p.get("/areas").wants(t, http.StatusOK, "已保存 van-1 的片区", `value="翠苑一区"`, "“东方苑”里还没有住户")
	due, err := b.store.DueHouseholds(t.Context(), "van-1", 10)
	must(t, err)
	if len(due) != 1 {
		t.Errorf("van-1 is to be told of %d", len(due))
	}
	p.post("/areas/van-1", "compound", strings.Repeat("长", 31)).wants(t, http.StatusUnprocessableEntity, "太长", strings.Repeat("长", 31))
	var lots []string
	for i := range hub.MaxAreas + 1 {
		lots = append(lots, "compound", fmt.Sprint("小区", i))
	}
	p.post("/areas/van-1", lots...).wants(t, http.StatusUnprocessableEntity, "片区太多", "小区50")
	p.post("/areas/van-9", "compound", "x").wants(t, http.StatusNotFound)
}

// Whoever shows one household after the other is told to slow down, and what to
// do instead.
func TestShowingOneAfterTheOther(t *testing.T) {
	b := newBench(t)
	p := b.signedIn()
	made := desks.New(b.parts)
	b.console.c.Desk = func(s hub.Staff) Desk { return made.For(s) }
	home := house(1, "翠苑一区3幢2单元501室", "王秀英")
	b.settle(home)
	show := func() answer { return p.post("/households/"+home.ID.String()+"/show", "reason", "打电话") }
	last := show()
	for n := 1; last.status == http.StatusOK && n < 1000; n++ {
		last = show()
	}
	last.wants(t, http.StatusTooManyRequests, "请慢一点", "导出")
	if last.head.Get("Retry-After") == "" {
		t.Error("it is not said when to ask again")
	}
	b.pass(time.Minute)
	show().wants(t, http.StatusOK, "王秀英")
}
