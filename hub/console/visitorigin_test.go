package console

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"ark"
	"ark/hub"
)

// Each fact of a visit names the entry since which it has been as it is, and
// each entry its card, its number and its clocks.
func TestWhereAVisitComesFrom(t *testing.T) {
	b := newDesk(t)
	v := b.door()
	v.Note, v.By, v.Off = "下午在家", "阿芳", (20 * time.Minute).Milliseconds()
	v.Phone = ark.NewID(1, [10]byte{7})
	id := b.deliver("van-1", true, v)[0]
	now := v
	now.Note, now.By, now.Off = "上午在家", "老周", 0
	entry := b.deliver("van-1", false, ark.Amend{Visit: id, Now: now})[0]
	must(t, b.store.SetReview(t.Context(), hub.Everything, ark.Review{Visit: id, Entry: entry, State: ark.ReviewApproved, By: staff, At: ark.Milli(b.clock())}, hub.AnyReview))
	body := b.signedIn().get("/visits/" + id.String()).body
	row := func(label string) string {
		from := strings.Index(body, `<th scope="row">`+label+`</th>`)
		if from < 0 {
			t.Fatalf("no row %q", label)
		}
		return body[from : from+strings.Index(body[from:], "</tr>")]
	}
	body = body[strings.Index(body, `id="origins"`):]
	for label, want := range map[string][]string{
		"备注":  {"上午在家", "第 1 次修改", "#e" + entry.String(), "老周", "时间未核准"},
		"见到":  {"王奶奶", "登记", "#e" + id.String(), "阿芳"},
		"到中心": {"中心的钟"},
		"审核":  {"已通过", "中心审核", staff},
	} {
		for _, w := range want {
			if got := row(label); !strings.Contains(got, w) {
				t.Errorf("%s: no %q in %s", label, w, got)
			}
		}
	}
	for _, want := range []string{"第 1 条", "第 2 条", "手机的钟快 20 分钟", "车的钟没有核准", "手机的钟没有比过", "车的钟准"} {
		if !strings.Contains(body, want) {
			t.Errorf("no %q", want)
		}
	}
}

// Entries as they came are for technicians, show what is masked elsewhere, and
// are on record before they are shown.
func TestEntriesAsTheyCame(t *testing.T) {
	b := newDesk(t)
	id := b.deliver("van-1", true, ark.Visit{Place: "3幢501室", Outcome: ark.Met, Note: "电话 13800001111 <b>"})[0]
	at := "/visits/" + id.String()
	p := b.as("ji", hub.Everything, hub.RoleTechnician)
	if page := p.get(at); strings.Contains(page.body, "13800001111") || !strings.Contains(page.body, `action="`+at+`/entries"`) {
		t.Error("the page shows the number, or not the way to the entries")
	}
	if a := p.get(at + "/entries"); a.status != http.StatusSeeOther || a.to != at {
		t.Errorf("asked for without a word: %d to %q", a.status, a.to)
	}
	p.post(at+"/entries").wants(t, http.StatusOK, "13800001111 &lt;b&gt;", "已核准", "00000000  a5", "第 1 条", "什么都没有遮")
	log, err := b.store.Deeds(t.Context(), hub.AuditFilter{Who: "ji", Verb: hub.VerbReveal}, hub.AuditPlace{}, 10)
	must(t, err)
	if len(log) != 1 || log[0].Object != (hub.Object{Kind: hub.ObjectVisit, ID: id.String()}) || log[0].Detail["do"] != "entries" {
		t.Errorf("on record: %+v", log)
	}
	r := b.as("shen", hub.Everything, hub.RoleReviewer)
	if page := r.get(at); strings.Contains(page.body, "/entries") {
		t.Error("a reviewer is led to the entries")
	}
	r.post(at+"/entries").wants(t, http.StatusForbidden)
	p.post("/visits/"+ark.NewID(9, [10]byte{1}).String()+"/entries").wants(t, http.StatusNotFound)
}

// Many entries come in parts, each on record, with the way to what is left out.
func TestManyEntriesComeInParts(t *testing.T) {
	b := newDesk(t)
	id := b.deliver("van-1", true, ark.Visit{Place: "3幢", Outcome: ark.Met})[0]
	var more []any
	for range hub.MaxRawEntries + 2 {
		more = append(more, ark.Amend{Visit: id, Now: ark.Visit{Place: "3幢", Outcome: ark.Met, Note: "改"}})
	}
	b.deliver("van-1", true, more...)
	p, at := b.as("ji", hub.Everything, hub.RoleTechnician), "/visits/"+id.String()+"/entries"
	first := p.post(at)
	first.wants(t, http.StatusOK, "第 1 到 50 条，共 53 条", `name="from" value="50"`, "看后面的 3 条", "第 50 条")
	if strings.Contains(first.body, "第 51 条") || strings.Contains(first.body, "从第一条看起") {
		t.Error("the first part has more than its own")
	}
	last := p.post(at, "from", "50")
	last.wants(t, http.StatusOK, "第 51 到 53 条", "第 53 条", "从第一条看起")
	if strings.Contains(last.body, "看后面的") {
		t.Error("something follows on the last")
	}
	for _, bad := range []string{"-1", "x", "99999999999999999999"} {
		p.post(at, "from", bad).wants(t, http.StatusOK, "第 1 到 50 条")
	}
	log, err := b.store.Deeds(t.Context(), hub.AuditFilter{Who: "ji", Verb: hub.VerbReveal}, hub.AuditPlace{}, 10)
	must(t, err)
	if len(log) != 5 || log[3].Detail["from"] != "51" {
		t.Errorf("on record: %+v", log)
	}
}

// An entry that this release cannot read is shown by its bytes.
func TestAnEntryThatCannotBeRead(t *testing.T) {
	for _, raw := range [][]byte{nil, {0xff}, make([]byte, ark.MaxEntry+1)} {
		if row := readRaw(hub.RawEntry{Raw: raw}); row.Body != "" || row.Entry.Kind != 0 || len(raw) > 0 && row.Hex == "" {
			t.Errorf("%d bytes: %+v", len(raw), row.Entry)
		}
	}
}
