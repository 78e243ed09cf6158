package console

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"regexp"
	"strings"
	"testing"
	"time"

	"ark"
	"ark/hub"
)

// newDesk is a bench whose visits have pages.
func newDesk(t testing.TB) *bench {
	t.Helper()
	return newShelf(t)
}

var (
	photoBytes = append([]byte("\xff\xd8\xff\xe0"), make([]byte, 500)...)
	exe        = append([]byte("MZ"), make([]byte, 500)...)
)

func photoOf(content []byte) ark.Attachment {
	return ark.Attachment{Content: ark.HashOf(content), Size: int64(len(content)), Type: "image/jpeg", Role: ark.RolePhoto, Taken: 1_795_500_000_000}
}

// arrive puts content where vans bring attachments.
func (b *bench) arrive(content []byte) {
	b.t.Helper()
	h, _, err := b.parts.Blobs.Put(b.t.Context(), bytes.NewReader(content), int64(len(content)))
	must(b.t, err)
	must(b.t, b.store.Kept(b.t.Context(), h))
}

// door is a visit with some of everything.
func (b *bench) door() ark.Visit {
	b.t.Helper()
	f := ark.DefaultForm()
	f.Services = append(f.Services, ark.Choice{Code: "locks", Say: ark.Text{Zh: "修锁", En: "Locks"}})
	f.Needs = append(f.Needs, ark.Choice{Code: "aid", Say: ark.Text{Zh: "辅具", En: "Aids"}})
	f.Fields = []ark.Field{{Code: "alone", Ask: ark.Text{Zh: "独居吗", En: "Lives alone?"}, Type: ark.FieldYesNo}}
	f, err := b.store.SetForm(b.t.Context(), f, 0, staff)
	must(b.t, err)
	f.Services, f.Fields = f.Services[:1], nil
	_, err = b.store.SetForm(b.t.Context(), f, 1, staff)
	must(b.t, err)
	return ark.Visit{Place: "3幢2单元501室", Where: ark.Place{Community: "翠苑一区社区", Compound: "翠苑一区", Building: "3", Unit: "2", Room: "501"},
		Person: "王奶奶", Outcome: ark.Met, Services: []ark.Service{"locks", "knives", "unheard-of"}, Need: "轮椅坏了", Note: "下午在家", By: "阿芳", Form: 1,
		Needs:   []ark.Need{{Category: "aid", Words: "轮椅", Urgency: ark.UrgencySoon}},
		Answers: []ark.Answer{{Code: "alone", Values: []string{"yes"}}, {Code: "gone", Values: []string{"甲", "乙"}}},
		Consent: []ark.Consent{{What: "data", Given: true, How: ark.ConsentSpoken, Notice: 2, At: ark.Milli(b.clock())}, {What: "photo"}},
		Geo:     &ark.Geo{Lat: 302741000, Lon: 1201551000, Acc: 12}, Age: (3 * time.Hour).Milliseconds(), Return: true,
		Attachments: []ark.Attachment{photoOf(photoBytes), photoOf(exe)}}
}

func TestAVisitsPage(t *testing.T) {
	b := newDesk(t)
	p := b.signedIn()
	v := b.door()
	v.Phone, v.Member = ark.NewID(1, [10]byte{7}), ark.NewID(1, [10]byte{8})
	b.deliver("van-1", true, ark.Phone{ID: v.Phone, Name: "小米", Verifier: ark.HashOf(nil)})
	id := b.deliver("van-1", true, v)[0]
	at := "/visits/" + id.String()
	p.get("/").wants(t, http.StatusOK, `href="`+at+`"`, "待审核", "修锁", "磨剪刀", "unheard-of", "辅具 · 尽快 · 轮椅\n轮椅坏了")
	p.get(at).wants(t, http.StatusOK, "3幢2单元501室", "翠苑一区社区 · 翠苑一区3幢2单元501室", "王奶奶", "已见面", "修锁、磨剪刀、unheard-of", "需求 1", "辅具 · 尽快 · 轮椅", "轮椅坏了",
		"独居吗", "<dd>是</dd>", "甲、乙", "还要再来", "征得同意：保存登记内容", "同意 · 口头 · 告知书第 2 版 · 今天 14:30", "征得同意：拍照", "不同意", "30.27410, 120.15510 ± 12 m",
		"阿芳 · 已验证密码", "小米", `href="/vans/van-1"`, "今天 11:30", "3 小时", "还在路上", "待审核", "登记")
	p.get(at, "Accept-Language", "en").wants(t, http.StatusOK, "Locks, Knives and scissors", "Lives alone?", "Aids · soon · 轮椅", "On its way", "To be reviewed")
	for _, path := range []string{"/visits/x", "/visits/" + ark.NewID(9, [10]byte{1}).String(), "/visits/" + ark.NewID(9, [10]byte{1}).String() + "/files/" + ark.HashOf(photoBytes).String()} {
		p.get(path).wants(t, http.StatusNotFound, "没有这个页面")
	}
	if a := b.person().get(at); a.status != http.StatusSeeOther {
		t.Errorf("whoever is not signed in gets %d", a.status)
	}
}

// A time that may be wrong says why.
func TestAVisitsDoubts(t *testing.T) {
	b := newDesk(t)
	p := b.signedIn()
	for off, want := range map[time.Duration]string{0: "车上的时钟当时没有核准", 3 * time.Hour: "手机的时钟比车上快 3 小时", -56 * 365 * 24 * time.Hour: "手机的时钟比车上慢 20440 天"} {
		id := b.deliver("van-1", off != 0, ark.Visit{Place: "1室", Outcome: ark.Met, Off: off.Milliseconds()})[0]
		p.get("/visits/"+id.String()).wants(t, http.StatusOK, "走访时间可能不准", want)
		p.get("/").wants(t, http.StatusOK, "时间未核准")
	}
	id := b.deliver("van-1", true, ark.Visit{Place: "1室", Outcome: ark.Met, Off: 1000})[0]
	if a := p.get("/visits/" + id.String()); strings.Contains(a.body, "可能不准") {
		t.Error("a good time is doubted")
	}
}

var (
	formKey   = regexp.MustCompile(`name="key" value="([^"]+)"`)
	formEntry = regexp.MustCompile(`name="entry" value="([^"]+)"`)
)

// The whole of a returned visit: staff say why, the crew amends, staff look
// again.
func TestReviewingAVisit(t *testing.T) {
	b := newDesk(t)
	p := b.signedIn()
	v := b.door()
	id := b.deliver("van-1", true, v)[0]
	at := "/visits/" + id.String()
	page := p.get(at)
	key, entry := formKey.FindStringSubmatch(page.body)[1], formEntry.FindStringSubmatch(page.body)[1]
	p.post(at+"/review", "key", key, "entry", entry, "do", "returned", "comment", "  ").wants(t, http.StatusUnprocessableEntity, "写清楚要队员改什么", `aria-invalid="true"`)
	p.post(at+"/review", "key", key, "entry", entry, "do", "burnt").wants(t, http.StatusUnprocessableEntity, "请选择通过、退回或不采用")
	p.post(at+"/review", "key", key, "entry", entry, "do", "rejected", "comment", strings.Repeat("长", ark.MaxWords+1)).wants(t, http.StatusUnprocessableEntity, "写得太长了")
	for range 2 { // the second is a second tap
		if a := p.post(at+"/review", "key", key, "entry", entry, "do", "returned", "comment", "哪一户？<b>"); a.status != http.StatusSeeOther || a.to != at {
			t.Fatalf("got %d to %q:\n%s", a.status, a.to, a.body)
		}
	}
	p.get(at).wants(t, http.StatusOK, "已记下：已退回", "哪一户？&lt;b&gt;", staff+"，今天 14:30", "等车连上后送到")
	p.get("/").wants(t, http.StatusOK, "已退回")
	r, err := b.store.VisitRecord(t.Context(), hub.Everything, id)
	must(t, err)
	if len(r.Reviews) != 1 || r.Reviews[0].By != staff || r.Reviews[0].At != ark.Milli(b.clock()) {
		t.Fatalf("reviews %+v", r.Reviews)
	}
	_, raws, err := b.store.OrderEntries(t.Context(), "van-1", 1, 9, 1<<20)
	must(t, err)
	e, err := ark.DecodeEntry(raws[0])
	must(t, err)
	if body, err := ark.DecodeBody(e.Kind, e.Body); err != nil || len(raws) != 1 || body.(ark.Review).Comment != "哪一户？<b>" {
		t.Errorf("the van is told %+v, %v", body, err)
	}

	p.get(at+"/review").wants(t, http.StatusOK, "3幢2单元501室")
	page = p.get(at)
	key = formKey.FindStringSubmatch(page.body)[1]
	v.Place, v.Note, v.Services, v.Attachments = "3幢2单元502室", "", []ark.Service{"knives"}, v.Attachments[:1]
	amend := b.deliver("van-1", true, ark.Amend{Visit: id, Now: v, Why: "门牌看错了"})[0]
	p.post(at+"/review", "key", key, "entry", entry, "do", "approved", "comment", "好").wants(t, http.StatusConflict, "队员刚刚又改了这条走访", ">好</textarea>", "3幢2单元502室")
	p.get(at).wants(t, http.StatusOK, "待审核", "改过 1 次", "门牌看错了", "<del>3幢2单元501室</del>", "<ins>3幢2单元502室</ins>", "<del>下午在家</del>", "<ins>–</ins>", "已从走访中去掉", "已退回")
	p.get("/").wants(t, http.StatusOK, "3幢2单元502室", "待审核", "改过 1 次")
	if a := p.post(at+"/review", "key", key, "entry", amend.String(), "do", "approved"); a.status != http.StatusSeeOther {
		t.Fatalf("got %d:\n%s", a.status, a.body)
	}
	for only, want := range map[string]bool{"": true, "?state=approved": true, "?state=new": false, "?state=returned": false} {
		a := p.get("/" + only)
		if a.wants(t, http.StatusOK, "已通过"); strings.Contains(a.body, id.String()) != want {
			t.Errorf("only %q shows the visit: %v", only, !want)
		}
	}

	b.deliver("van-1", true, ark.Withdrawal{Visit: id, Why: "敲错门", Name: "阿芳"})
	gone := p.get(at)
	gone.wants(t, http.StatusOK, "已撤回", "不用再审", "队员撤回", "敲错门")
	if strings.Contains(gone.body, `id="review"`) {
		t.Error("what was withdrawn can be reviewed")
	}
	p.post(at+"/review", "entry", amend.String(), "do", "approved").wants(t, http.StatusConflict)
	if strings.Contains(b.log.String(), staff) || strings.Contains(b.log.String(), "王奶奶") {
		t.Errorf("the log names people:\n%s", b.log.String())
	}
}

// Attachments are shown to staff alone, as what they are and as nothing else.
func TestAttachmentsOfAVisit(t *testing.T) {
	b := newDesk(t)
	p := b.signedIn()
	v := b.door()
	voice := ark.Attachment{Content: ark.HashOf([]byte("OggS...")), Size: 7, Type: "audio/ogg", Role: ark.RoleVoice}
	v.Attachments = append(v.Attachments, voice)
	id := b.deliver("van-1", true, v)[0]
	other := b.deliver("van-1", true, ark.Visit{Place: "别家", Outcome: ark.Met})[0]
	at := func(id ark.ID, content []byte) string {
		return "/visits/" + id.String() + "/files/" + ark.HashOf(content).String()
	}
	p.get(at(id, photoBytes)).wants(t, http.StatusNotFound)
	b.arrive(photoBytes)
	b.arrive(exe)
	b.arrive([]byte("OggS..."))
	page := p.get("/visits/" + id.String())
	page.wants(t, http.StatusOK, `<img src="`+at(id, photoBytes)+`"`, `<audio controls preload="none" src="`+at(id, []byte("OggS..."))+`"`)
	if strings.Contains(page.body, "还在路上") || !strings.Contains(page.head.Get("Content-Security-Policy"), "media-src 'self'") {
		t.Errorf("the page has %q:\n%s", page.head.Get("Content-Security-Policy"), page.body)
	}
	a := p.get(at(id, photoBytes))
	if a.status != http.StatusOK || a.body != string(photoBytes) || a.head.Get("Content-Type") != "image/jpeg" || a.head.Get("X-Content-Type-Options") != "nosniff" ||
		a.head.Get("Content-Security-Policy") != "default-src 'none'; sandbox" || a.head.Get("Cache-Control") != "no-store" {
		t.Errorf("a photo: %d, %d bytes, %v", a.status, len(a.body), a.head)
	}
	if a := p.get(at(id, []byte("OggS...")), "Range", "bytes=1-2"); a.status != http.StatusPartialContent || a.body != "gg" {
		t.Errorf("a part of a voice note: %d, %q", a.status, a.body)
	}
	if a := p.get(at(id, exe)); a.status != http.StatusUnsupportedMediaType || strings.Contains(a.body, "MZ") {
		t.Errorf("a program that is called a photo: %d, %q", a.status, a.body)
	}
	p.get(at(other, photoBytes)).wants(t, http.StatusNotFound)
	if a := b.person().get(at(id, photoBytes)); a.status != http.StatusSeeOther {
		t.Errorf("whoever is not signed in gets %d", a.status)
	}
}

func TestLooksLike(t *testing.T) {
	for _, types := range ark.AttachmentTypes {
		for _, kind := range types {
			if magic[kind] == "" {
				t.Errorf("nothing tells %s from anything else", kind)
			}
		}
	}
	for _, c := range []struct {
		kind, content string
		ok            bool
	}{
		{"image/jpeg", "\xff\xd8\xff\xe1", true}, {"image/jpeg", "\xff\xd8", false}, {"image/jpeg", "", false}, {"image/jpeg", "<svg></svg>", false},
		{"image/webp", "RIFF\x00\x00\x00\x00WEBPVP8 ", true}, {"image/webp", "RIFF\x00\x00\x00\x00WAVE", false}, {"image/png", "\x89PNG\r\n\x1a\n", true},
		{"audio/webm", "\x1a\x45\xdf\xa3", true}, {"audio/mp4", "\x00\x00\x00\x20ftypM4A ", true}, {"text/html", "<html>", false},
	} {
		if err := looksLike(c.kind, strings.NewReader(c.content)); (err == nil) != c.ok {
			t.Errorf("%q as %s: %v", c.content, c.kind, err)
		}
	}
}

func (p *person) postJSON(path, body string) answer {
	p.t.Helper()
	r, err := http.NewRequestWithContext(p.t.Context(), http.MethodPost, p.b.server.URL+path, strings.NewReader(body))
	must(p.t, err)
	r.Header.Set("Content-Type", "application/json")
	return p.do(r)
}

func TestVisitsForMachines(t *testing.T) {
	b := newDesk(t)
	p := b.signedIn()
	v := b.door()
	id := b.deliver("van-1", true, v)[0]
	v.Note = "改过"
	amend := b.deliver("van-1", true, ark.Amend{Visit: id, Now: v, Why: "补记"})[0]
	b.arrive(photoBytes)
	at := "/api/1/visits/" + id.String()
	if a := p.postJSON(at+"/review", fmt.Sprintf(`{"entry": %q, "state": "returned", "comment": "再看看"}`, amend)); a.status != http.StatusOK {
		t.Fatalf("%d: %s", a.status, a.body)
	}
	var got struct {
		Visit    toldVisit
		Editions []toldEdition
		Reviews  []toldReview
		Here     map[string]bool
	}
	must(t, json.Unmarshal([]byte(p.get(at).body), &got))
	if got.Visit.State != "returned" || got.Visit.Note != "改过" || got.Visit.Last != amend || got.Visit.Made != got.Visit.At-ark.UnixMilli(v.Age) || len(got.Visit.Needs) != 1 || got.Visit.Where.Room != "501" {
		t.Errorf("visit %+v", got.Visit)
	}
	if len(got.Editions) != 2 || got.Editions[1].Why != "补记" || got.Editions[0].Visit.Note != "下午在家" || len(got.Reviews) != 1 || got.Reviews[0].Comment != "再看看" ||
		!got.Here[ark.HashOf(photoBytes).String()] || got.Here[ark.HashOf(exe).String()] {
		t.Errorf("told %+v", got)
	}
	var list struct{ Visits []toldVisit }
	must(t, json.Unmarshal([]byte(p.get("/api/1/visits").body), &list))
	if len(list.Visits) != 1 || list.Visits[0].State != "returned" || list.Visits[0].Amended != 1 {
		t.Errorf("visits %+v", list.Visits)
	}
	for body, want := range map[string]string{`{`: `400 {"error":"garbage",`, fmt.Sprintf(`{"entry": %q, "state": "approved"}`, id): `409 {"error":"stale",`,
		fmt.Sprintf(`{"entry": %q, "state": "returned"}`, amend): `422 {"error":"noComment",`, `{"state": "approved"}`: `422 {"error":"noChoice",`} {
		if a := p.postJSON(at+"/review", body); !strings.HasPrefix(fmt.Sprint(a.status, " ", a.body), want) {
			t.Errorf("%s: %d %s, want %s", body, a.status, a.body, want)
		}
	}
	for _, path := range []string{"/api/1/visits/x", "/api/1/visits/" + amend.String()} {
		if a := p.get(path); a.status != http.StatusNotFound {
			t.Errorf("%s: %d", path, a.status)
		}
	}
	if a := b.person().get(at); a.status != http.StatusUnauthorized {
		t.Errorf("whoever is not signed in gets %d", a.status)
	}
}
