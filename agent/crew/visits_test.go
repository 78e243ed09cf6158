package crew

import (
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"ark"
	"ark/agent"
	"ark/internal/tmpfs"
)

func filled(id string) url.Values {
	return url.Values{"id": {id}, "place": {" 3幢2单元501室 "}, "outcome": {"met"}, "service": {"knives", "shoes"}, "person": {"王奶奶"},
		"need": {"想要\r\n一盏灯"}, "note": {"狗在家"}, "by": {"小李"}}
}

func TestAVisitIsLogged(t *testing.T) {
	b := newBench(t, t.TempDir())
	first := b.open("/plain")
	b.shows(first.page, "还没有走访记录")
	id := b.formID(first.page)
	got := b.submit("/visits", filled(id))
	if got.status != http.StatusOK || got.at != "/plain" {
		t.Fatalf("answered %d at %s", got.status, got.at)
	}
	b.shows(got.page, "已保存在车上：3幢2单元501室", "王奶奶", "磨剪刀", "补鞋", "在车上", `value="小李"`)
	if again := b.formID(got.page); again == id {
		t.Error("the next form would be taken for the same visit")
	}
	v := b.visits()
	if len(v) != 1 || v[0].ID.String() != id {
		t.Fatalf("kept %+v", v)
	}
	want := ark.Visit{Place: "3幢2单元501室", Person: "王奶奶", Outcome: ark.Met, Services: []ark.Service{"knives", "shoes"}, Need: "想要\n一盏灯", Note: "狗在家", By: "小李"}
	if v[0].Place != want.Place || v[0].Need != want.Need || v[0].Note != want.Note || v[0].By != want.By || v[0].Outcome != want.Outcome || len(v[0].Services) != 2 {
		t.Errorf("kept %+v, want %+v", v[0].Visit, want)
	}
}

func TestTheSameFormTwiceIsOneVisit(t *testing.T) {
	b := newBench(t, t.TempDir())
	id := b.formID(b.open("/plain").page)
	for range 3 {
		if got := b.submit("/visits", filled(id)); got.status != http.StatusOK {
			t.Fatalf("answered %d", got.status)
		}
	}
	if v := b.visits(); len(v) != 1 {
		t.Fatalf("%d visits, want one", len(v))
	}
}

// Whoever goes back and changes a form that was saved is told, and the next
// try is a visit of its own.
func TestAFormThatWasSavedAndThenChanged(t *testing.T) {
	b := newBench(t, t.TempDir())
	id := b.formID(b.open("/plain").page)
	b.submit("/visits", filled(id))
	changed := filled(id)
	changed.Set("place", "别处")
	got := b.submit("/visits", changed)
	if got.status != http.StatusConflict {
		t.Fatalf("answered %d, want 409", got.status)
	}
	b.shows(got.page, "没有保存", `value="别处"`)
	changed.Set("id", b.formID(got.page))
	if got := b.submit("/visits", changed); got.status != http.StatusOK {
		t.Fatalf("the second try answered %d", got.status)
	}
	if v := b.visits(); len(v) != 2 || v[0].Place != "别处" || v[1].Place != "3幢2单元501室" {
		t.Fatalf("kept %+v", v)
	}
}

func TestWhereAVisitIsIsShown(t *testing.T) {
	b := newBench(t, t.TempDir())
	b.submit("/visits", filled(b.formID(b.open("/plain").page)))
	page := b.open("/plain").page
	b.shows(page, "在车上", "未连上中心")
	_, _, _, last, _ := b.store.State()
	if err := b.store.Acked(t.Context(), last); err != nil {
		t.Fatal(err)
	}
	b.sync.Up = true
	page = b.open("/plain").page
	b.shows(page, "已到中心", "已连上中心", "全部已送到中心")
	if strings.Contains(page, "pill warn") {
		t.Error("something is still said to be on the van only")
	}
}

func TestRefusedForms(t *testing.T) {
	rows := []struct {
		name, field, value string
		status             int
		says, marks        string
	}{
		{"no place", "place", "  ", 422, "请填写地点", `id="place" name="place"`},
		{"no outcome", "outcome", "", 422, "请选择结果", ""},
		{"an outcome that is none", "outcome", "happy", 422, "请选择结果", ""},
		{"too long", "note", strings.Repeat("长", ark.MaxWords+1), 422, "文字太长", `name="note" rows="2" maxlength="2000" aria-invalid="true"`},
		{"very long", "need", strings.Repeat("长", 20_000), 422, "文字太长", `name="need" rows="2" maxlength="2000"`},
		{"NUL", "person", "王\x00", 422, "无法识别", `name="person" type="text" maxlength="50"`},
		{"not UTF-8", "by", "\xff\xfe", 422, "无法识别", `name="by" type="text" maxlength="50"`},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			b := newBench(t, t.TempDir())
			id := b.formID(b.open("/plain").page)
			f := filled(id)
			f.Set(row.field, row.value)
			got := b.submit("/visits", f)
			if got.status != row.status {
				t.Errorf("answered %d, want %d", got.status, row.status)
			}
			b.shows(got.page, row.says, "没有保存", row.marks)
			if row.field != "place" {
				b.shows(got.page, `value="3幢2单元501室"`)
			}
			if row.field != "person" {
				b.shows(got.page, `value="王奶奶"`, `value="knives" checked`)
			}
			if b.formID(got.page) != id {
				t.Error("the mended form would be another visit")
			}
			if v := b.visits(); len(v) != 0 {
				t.Errorf("kept %+v", v)
			}
		})
	}
}

func TestFormsThatAreNone(t *testing.T) {
	b := newBench(t, t.TempDir())
	huge := b.do("POST", "/visits", form, "place="+strings.Repeat("x", maxForm+1))
	if huge.status != http.StatusRequestEntityTooLarge {
		t.Errorf("a huge form answered %d", huge.status)
	}
	b.shows(huge.page, "没有保存", "文字太长")
	broken := b.do("POST", "/visits", form, "place=3%E5%B9%A2&outcome=met&note=%zz")
	if broken.status != http.StatusBadRequest {
		t.Errorf("a broken form answered %d", broken.status)
	}
	b.shows(broken.page, "没有保存", `value="3幢"`)
	if got := b.do("POST", "/visits", "text/plain", "place=x&outcome=met"); got.status != http.StatusUnsupportedMediaType {
		t.Errorf("a form of another type answered %d", got.status)
	}
	if v := b.visits(); len(v) != 0 {
		t.Errorf("kept %+v", v)
	}
}

// An address by hand, or a page renewed after a refusal, is the visits page.
func TestVisitsHaveAnAddress(t *testing.T) {
	b := newBench(t, t.TempDir())
	if got := b.open("/visits"); got.status != http.StatusOK {
		t.Fatalf("answered %d", got.status)
	}
}

func TestAFullCardIsNotCalledSaved(t *testing.T) {
	dir := tmpfs.Mount(t, "2m")
	b := newBench(t, dir)
	fill(t, dir)
	var got answered
	for range 500 {
		f := filled(b.formID(b.open("/plain").page))
		f.Set("note", strings.Repeat("长", 1900))
		if got = b.submit("/visits", f); got.status != http.StatusOK {
			break
		}
	}
	if got.status != http.StatusInsufficientStorage {
		t.Fatalf("answered %d, want 507", got.status)
	}
	b.shows(got.page, "没有保存", "存储卡满了", "记在纸上", `value="3幢2单元501室"`, `value="王奶奶"`, strings.Repeat("长", 1900))
	if strings.Contains(got.page, "已保存在车上") {
		t.Error("the page says saved")
	}
	if status, a := b.api(`{"id":"` + newID(1).String() + `","place":"` + strings.Repeat("长", 90) + `","outcome":"met","note":"` + strings.Repeat("长", 1900) + `"}`); status != 507 || a.Saved || a.Error != "full" {
		t.Errorf("the API answered %d %+v", status, a)
	}
	saved := len(b.visits())
	if err := os.Remove(filepath.Join(dir, "filler")); err != nil {
		t.Fatal(err)
	}
	if got := b.submit("/visits", filled(b.formID(got.page))); got.status != http.StatusOK {
		t.Errorf("with room again it answered %d", got.status)
	}
	if now := len(b.visits()); now != saved+1 {
		t.Errorf("%d visits, want %d", now, saved+1)
	}
}

func fill(t *testing.T, dir string) {
	t.Helper()
	f, err := os.Create(filepath.Join(dir, "filler"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	for err == nil {
		_, err = f.Write(make([]byte, 4096))
	}
}

func TestAReadOnlyCardIsNotCalledSaved(t *testing.T) {
	dir := tmpfs.Mount(t, "4m")
	if err := syscall.Mount("", dir, "", syscall.MS_REMOUNT|syscall.MS_RDONLY, ""); err != nil {
		t.Fatal(err)
	}
	b := newBench(t, dir)
	page := b.open("/plain").page
	b.shows(page, "存储卡写不进去")
	if strings.Contains(page, "全部已送到中心") {
		t.Error("the page says that all is at the hub, and the card cannot be read")
	}
	got := b.submit("/visits", filled(b.formID(page)))
	if got.status != http.StatusInsufficientStorage {
		t.Fatalf("answered %d, want 507", got.status)
	}
	b.shows(got.page, "没有保存", "写不进去", "记在纸上", `value="3幢2单元501室"`)
}

func TestOnlyItsOwnPagesMaySend(t *testing.T) {
	b := newBench(t, t.TempDir())
	f := filled(newID(1).String()).Encode()
	for _, h := range [][]string{{"Sec-Fetch-Site", "cross-site"}, {"Origin", "https://elsewhere.test"}} {
		for _, path := range []string{"/visits", "/panel", "/lang", "/api/1/visits"} {
			if got := b.do("POST", path, form, f, h...); got.status != http.StatusForbidden {
				t.Errorf("%s with %v answered %d, want 403", path, h, got.status)
			}
		}
	}
	if len(b.visits()) != 0 || len(b.pressed) != 0 {
		t.Error("another site's page was obeyed")
	}
}

func TestLanguage(t *testing.T) {
	b := newBench(t, t.TempDir())
	if got := b.do("GET", "/plain", "", "", "Accept-Language", "en-GB,en;q=0.9"); !strings.Contains(got.page, "Log a visit") || !strings.Contains(got.page, `<html lang="en">`) {
		t.Error("a browser that asks for English is answered in Chinese")
	}
	b.shows(b.open("/panel").page, "没有在播放", `<html lang="zh-Hans">`)
	got := b.do("POST", "/lang", form, "lang=en", "Referer", b.server.URL+"/panel")
	if got.at != "/panel" {
		t.Errorf("led to %s, want back to the panel", got.at)
	}
	b.shows(got.page, "Nothing is playing", "中文")
	b.shows(b.do("POST", "/lang", form, "lang=zh", "Referer", "https://elsewhere.test/x").page, "登记走访")
}

func TestWhatIsTypedIsText(t *testing.T) {
	b := newBench(t, t.TempDir())
	f := filled(b.formID(b.open("/plain").page))
	f.Set("place", `"><script>alert(1)</script>`)
	f.Set("outcome", "")
	got := b.submit("/visits", f)
	f.Set("outcome", "met")
	for _, page := range []string{got.page, b.submit("/visits", f).page} {
		if strings.Contains(page, "<script>alert") {
			t.Error("what was typed became part of the page")
		}
	}
	if csp := got.header.Get("Content-Security-Policy"); !strings.Contains(csp, "default-src 'none'") || strings.Contains(csp, "unsafe") {
		t.Errorf("policy %q", csp)
	}
}

// On the van's Wi-Fi the plain page shows a browser what it logged itself, and
// nothing of others.
func TestThePlainPageShowsOnesOwn(t *testing.T) {
	b := newBench(t, t.TempDir())
	b.submit("/visits", filled(newID(1).String()))
	const near = "10.0.0.7:9"
	mine := filled(newID(2).String())
	mine.Set("place", "自己家")
	w := b.from(near, "POST", "/visits", mine.Encode(), "")
	var cookies []string
	for _, c := range w.Result().Cookies() {
		cookies = append(cookies, c.Name+"="+c.Value)
	}
	page := b.from(near, "GET", w.Header().Get("Location"), "", strings.Join(cookies, "; ")).Body.String()
	b.shows(page, "已保存在车上：自己家", "只显示用这部手机")
	if strings.Contains(page, "3幢2单元501室</strong>") {
		t.Error("a visit of another phone is shown")
	}
	if page := b.from("10.0.0.8:9", "GET", w.Header().Get("Location"), "", "own=x.y.z").Body.String(); strings.Contains(page, "自己家") {
		t.Error("another phone sees it")
	}
	b.shows(b.open("/plain").page, "自己家", "3幢2单元501室</strong>")
}

// A visit written while the van did not know the time says so.
func TestADoubtfulTimeIsShown(t *testing.T) {
	b := newBench(t, t.TempDir())
	f := filled(b.formID(b.open("/plain").page))
	trusted := b.clock.Now().Trusted
	if page := b.submit("/visits", f).page; strings.Contains(page, "时间未核准") == trusted {
		t.Errorf("clock trusted: %v, and the page says otherwise", trusted)
	}
	b.clock.Learn(b.clock.Now().Wall)
	f.Set("id", newID(2).String())
	b.submit("/visits", f)
	if v := b.visits(); !v[0].At.Trusted {
		t.Error("a trusted clock was not believed")
	}
}

var _ agent.Visits = brokenVisits{}
