package console

import (
	"net/http"
	"regexp"
	"strings"
	"testing"

	"ark"
)

// roster is the crew as a van is told of it.
func (b *bench) roster(van ark.VanID) []ark.CrewMember {
	b.t.Helper()
	crew, err := b.store.CrewOf(b.t.Context(), van)
	must(b.t, err)
	return crew.Members
}

func TestCrew(t *testing.T) {
	b := newBench(t)
	p := b.signedIn()
	page := p.get("/crew")
	page.wants(t, http.StatusOK, "还没有队员", "加一名队员", `aria-current="page">队员`, "van-1", "van-2")
	id := regexp.MustCompile(`name="id" value="([^"]+)"`).FindStringSubmatch(page.body)[1]
	for name, c := range map[string]struct {
		fields []string
		want   string
	}{
		"no name":  {[]string{"name", " ", "pin", "4071", "van", everyVan}, "请填写姓名"},
		"no van":   {[]string{"name", "李敏", "pin", "4071"}, "至少选一辆车"},
		"no PIN":   {[]string{"name", "李敏", "van", everyVan}, "4 到 8 位数字"},
		"easy PIN": {[]string{"name", "李敏", "pin", "1234", "van", everyVan}, "人人会猜的"},
		"long":     {[]string{"name", strings.Repeat("李", 51), "pin", "4071", "van", everyVan}, "不超过 50 字"},
	} {
		a := p.post("/crew", append(c.fields, "id", id)...)
		a.wants(t, http.StatusUnprocessableEntity, c.want, "没有保存")
		if len(b.roster("van-1")) != 0 {
			t.Fatalf("%s: somebody was made", name)
		}
		if strings.Contains(a.body, "1234") && strings.Contains(a.body, `value="1234"`) {
			t.Error("a PIN comes back in the page")
		}
	}
	for range 2 { // the second is a second tap
		if a := p.post("/crew", "id", id, "name", "李敏", "pin", "4071", "van", "van-2"); a.to != "/crew" {
			t.Fatalf("%d to %q: %s", a.status, a.to, a.body)
		}
	}
	p.get("/crew").wants(t, http.StatusOK, "已保存：李敏", "有密码", "van-2", staff)
	if len(b.roster("van-1")) != 0 || len(b.roster("van-2")) != 1 {
		t.Fatalf("van-1 has %v, van-2 %v", b.roster("van-1"), b.roster("van-2"))
	}
	old := b.roster("van-2")[0].Verifier
	p.get("/crew/"+id).wants(t, http.StatusOK, `value="李敏"`, "换一个密码", `value="van-2" checked`)
	p.post("/crew/"+id, "name", "李小敏", "pin", "", "van", everyVan)
	if got := b.roster("van-1"); len(got) != 1 || got[0].Name != "李小敏" || got[0].Verifier != old {
		t.Errorf("after a change of the name: %+v", got)
	}
	p.post("/crew/"+id, "name", "李小敏", "pin", "40719", "van", everyVan)
	if got := b.roster("van-1"); got[0].Verifier == old || got[0].Verifier == "" {
		t.Error("another PIN was not kept")
	}
	p.post("/crew/"+id+"/strike", "strike", "yes")
	p.get("/crew").wants(t, http.StatusOK, "已停用：李小敏", "还没有队员", "已停用的队员：1")
	if got := b.roster("van-1"); len(got) != 1 || !got[0].Struck {
		t.Errorf("after being struck off: %+v", got)
	}
	p.post("/crew/"+id+"/strike", "strike", "no")
	if got := b.roster("van-1"); len(got) != 1 || got[0].Struck {
		t.Errorf("after being let in again: %+v", got)
	}
	p.get("/crew/nobody").wants(t, http.StatusNotFound)
	p.post("/crew/"+ark.NewID(5, [10]byte{}).String(), "name", "x").wants(t, http.StatusNotFound)
	if log := b.log.String(); strings.Contains(log, "4071") || strings.Contains(log, "李") {
		t.Errorf("the log has people or PINs:\n%s", log)
	}
}

func TestPhones(t *testing.T) {
	b := newBench(t)
	p := b.signedIn()
	p.get("/phones").wants(t, http.StatusOK, "还没有登记过手机", "扫")
	id := ark.NewID(7, [10]byte{7})
	phone := ark.Phone{ID: id, Name: "李敏的<手机>", Verifier: ark.HashOf([]byte("token")), At: ark.Milli(b.clock())}
	b.deliver("van-1", true, phone)
	p.get("/phones").wants(t, http.StatusOK, "van-1", "李敏的&lt;手机&gt;", "登记", "停用")
	p.post("/phones/van-2/"+id.String()+"/strike").wants(t, http.StatusNotFound)
	p.post("/phones/van-1/nothing/strike").wants(t, http.StatusNotFound)
	if a := p.post("/phones/van-1/" + id.String() + "/strike"); a.to != "/phones" {
		t.Fatalf("%d to %q", a.status, a.to)
	}
	p.get("/phones").wants(t, http.StatusOK, "已停用。van-1", "由 "+staff+" 停用", "车还没收到")
	phones, err := b.store.PhonesOf(t.Context(), "van-1")
	must(t, err)
	if len(phones.List) != 1 || !phones.List[0].Struck || phones.List[0].By != staff {
		t.Errorf("a van is told %+v", phones)
	}
}

func TestCrewPagesWithADatabaseInTrouble(t *testing.T) {
	b := newBench(t)
	p := b.signedIn()
	b.store.Close()
	for _, path := range []string{"/crew", "/phones", "/form", "/households", "/areas", "/households/" + ark.NewID(1, [10]byte{}).String()} {
		p.get(path).wants(t, http.StatusServiceUnavailable, "现在读不出数据")
	}
}
