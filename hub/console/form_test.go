package console

import (
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"ark"
	"ark/internal/web"
)

// askedForm is a form with everything that the form of forms can say.
func askedForm() ark.Form {
	f := ark.DefaultForm()
	f.Version, f.Amend = 4, 5*86_400
	f.Services[1].Off = true
	f.Fields = []ark.Field{
		{Code: "q1", Ask: ark.Text{Zh: "独居？", En: "Alone?"}, Type: ark.FieldYesNo, Required: true, When: []ark.When{{Of: "outcome", Any: []string{"met"}}}},
		{Code: "age", Ask: ark.Text{Zh: "几个老人？"}, Type: ark.FieldNumber},
		{Code: "pick", Ask: ark.Text{Zh: "谁照顾？", En: "Who helps?"}, Type: ark.FieldMany, Choices: []ark.Choice{{Code: "kids", Say: ark.Text{Zh: "子女", En: "Children"}}, {Code: "c1", Say: ark.Text{Zh: "邻居"}}},
			When: []ark.When{{Of: "q1", Any: []string{"no"}}, {Of: "services", Any: []string{"knives", "haircut"}}}},
		{Code: "more", Ask: ark.Text{Zh: "多久来一次？"}, Type: ark.FieldText, When: []ark.When{{Of: "pick", Any: []string{"kids"}}}},
	}
	return f
}

// postedForm is a form as a browser posts it.
func postedForm(f formForm) url.Values {
	v := url.Values{"from": {f.From}, "notice-zh": {f.NoticeZh}, "notice-en": {f.NoticeEn}, "days": {f.Days}}
	for name, rows := range map[string][]choiceForm{"service": f.Services, "need": f.Needs} {
		for i, r := range rows {
			v.Add(name+"-code", r.Code)
			v.Add(name+"-zh", r.Zh)
			v.Add(name+"-en", r.En)
			v.Add(name+"-pos", r.Pos)
			if r.Off {
				v.Add(name+"-off", fmt.Sprint(i))
			}
		}
	}
	for _, r := range f.Fields {
		v.Set(r.Prefix+"code", r.Code)
		v.Set(r.Prefix+"zh", r.Zh)
		v.Set(r.Prefix+"en", r.En)
		v.Set(r.Prefix+"pos", r.Pos)
		v.Set(r.Prefix+"type", fmt.Sprint(uint8(r.Type)))
		v.Set(r.Prefix+"choices", strings.ReplaceAll(r.Choices, "\n", "\r\n"))
		if r.Required {
			v.Set(r.Prefix+"required", "yes")
		}
		for n, w := range r.When {
			v.Set(fmt.Sprint(r.Prefix, "of", n), w.Of)
			v.Set(fmt.Sprint(r.Prefix, "any", n), w.Any)
		}
	}
	return v
}

// What the form shows and is posted unchanged makes the same form, in either
// language.
func TestFormGoesThroughItsForm(t *testing.T) {
	for _, l := range web.Langs {
		for name, f := range map[string]ark.Form{"default": ark.DefaultForm(), "much": askedForm()} {
			got, bad := readFormForm(postedForm(formFormOf(f, l).blank())).form(f)
			got.Version = f.Version
			f.Amend = f.AmendWithin()
			if diff := cmp.Diff(f, got); diff != "" || len(bad) > 0 {
				t.Errorf("%s, %s: %v (-want +got):\n%s", name, l, bad, diff)
			}
		}
	}
}

func TestFormIsChanged(t *testing.T) {
	old := askedForm()
	v := postedForm(formFormOf(old, web.Zh).blank())
	v["service-zh"][1] = "" // take one out
	v["service-en"][1] = ""
	v["service-zh"][6] = "配钥匙" // and put another first
	v["service-pos"][6] = "0.5"
	v.Set("notice-zh", "新的话")
	v.Set("f2-choices", "邻居\n社区 | Community\n子女｜Children")
	v.Set("f4-zh", "有宠物吗？")
	v.Set("f4-type", "3")
	v.Set("f4-of0", "outcome")
	v.Set("f4-any0", "已见面，拒访")
	v.Set("f4-pos", "0")
	f, bad := readFormForm(v).form(old)
	if len(bad) > 0 {
		t.Fatal(bad)
	}
	must(t, f.Check())
	var services []string
	for _, c := range f.Services {
		services = append(services, c.Code+" "+c.Say.Zh)
	}
	if got, want := strings.Join(services, ", "), "s1 配钥匙, knives 磨剪刀, haircut 理发, shoes 补鞋, appliance 小家电维修, other 其他"; got != want {
		t.Errorf("services: %s, want %s", got, want)
	}
	if f.Notice.Version != old.Notice.Version+1 {
		t.Errorf("other words of the notice are version %d after %d", f.Notice.Version, old.Notice.Version)
	}
	if diff := cmp.Diff([]ark.Choice{{Code: "c1", Say: ark.Text{Zh: "邻居"}}, {Code: "c2", Say: ark.Text{Zh: "社区", En: "Community"}}, {Code: "kids", Say: ark.Text{Zh: "子女", En: "Children"}}}, f.Fields[3].Choices); diff != "" {
		t.Errorf("answers to choose from (-want +got):\n%s", diff)
	}
	want := ark.Field{Code: "q2", Ask: ark.Text{Zh: "有宠物吗？"}, Type: ark.FieldYesNo, When: []ark.When{{Of: "outcome", Any: []string{"met", "refused"}}}}
	if diff := cmp.Diff(want, f.Fields[0]); diff != "" {
		t.Errorf("a new question (-want +got):\n%s", diff)
	}
}

func TestWrongFormIsSaidByField(t *testing.T) {
	for name, c := range map[string]struct {
		change func(url.Values)
		want   string
	}{
		"English alone":      {func(v url.Values) { v["service-zh"][3] = "" }, "service form.noText"},
		"a long line":        {func(v url.Values) { v["need-zh"][0] = strings.Repeat("长", 201) }, "need form.noText"},
		"no question":        {func(v url.Values) { v.Set("f0-zh", "") }, "f0-zh form.noAsk"},
		"nothing to choose":  {func(v url.Values) { v.Set("f2-choices", "子女") }, "f2-choices form.noChoices"},
		"what comes later":   {func(v url.Values) { v.Set("f0-of0", "pick") }, "f0-any0 form.later"},
		"no such answer":     {func(v url.Values) { v.Set("f0-any0", "在家") }, "f0-any0 form.noAnswer"},
		"no answer":          {func(v url.Values) { v.Set("f0-any0", "") }, "f0-any0 form.noAnswer"},
		"no notice":          {func(v url.Values) { v.Set("notice-zh", " ") }, "notice form.noNotice"},
		"half a day":         {func(v url.Values) { v.Set("days", "0.5") }, "days form.badDays"},
		"moved before cause": {func(v url.Values) { v.Set("f2-pos", "0") }, "f0-any0 form.later"},
	} {
		old := askedForm()
		old.Fields = old.Fields[:3]
		v := postedForm(formFormOf(old, web.Zh))
		c.change(v)
		_, bad := readFormForm(v).form(old)
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

func TestForm(t *testing.T) {
	b := newBench(t)
	p := b.signedIn()
	p.get("/form").wants(t, http.StatusOK, "程序自带的表", `value="磨剪刀"`, `value="助餐"`, "加一个问题", "我们会记下")
	post := func(f formForm, from string) answer {
		t.Helper()
		f.From = from
		var fields []string
		for k, all := range postedForm(f) {
			for _, v := range all {
				fields = append(fields, k, v)
			}
		}
		return p.post("/form", fields...)
	}
	mine := formFormOf(askedForm(), web.Zh)
	if a := post(mine, "0"); a.to != "/form" {
		t.Fatalf("%d to %q:\n%s", a.status, a.to, a.body)
	}
	p.get("/form").wants(t, http.StatusOK, "这是第 1 版", "第 1 版", "独居？", `value="已见面"`, "子女 | Children", `value="否"`, `value="磨剪刀、理发"`)
	p.get("/form", "Accept-Language", "en").wants(t, http.StatusOK, "version 1", "Alone?", `value="Met"`, `value="Knives and scissors, Haircut"`)
	theirs := mine
	theirs.NoticeZh = "别的话"
	a := post(theirs, "0")
	a.wants(t, http.StatusConflict, "别人刚刚也改了", "别的话", `name="from" value="1"`)
	if a := post(theirs, "1"); a.to != "/form" {
		t.Fatalf("meant: %d\n%s", a.status, a.body)
	}
	f, err := b.store.Form(t.Context())
	must(t, err)
	if f.Version != 2 || f.Notice.Say.Zh != "别的话" || f.Notice.Version != 2 {
		t.Errorf("kept: version %d, notice %+v", f.Version, f.Notice)
	}
	theirs.Days = "0"
	post(theirs, "2").wants(t, http.StatusUnprocessableEntity, "天数请填", "别的话")
	long := mine
	long.Fields = nil
	for i := range ark.MaxFields {
		long.Fields = append(long.Fields, fieldForm{Prefix: fieldPrefix(i), Zh: strings.Repeat("长", 200), En: strings.Repeat("长", 200), Type: ark.FieldText})
	}
	post(long, "2").wants(t, http.StatusUnprocessableEntity, "表太长了")
}
