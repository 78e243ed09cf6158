package console

import (
	"bufio"
	"cmp"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"ark"
	"ark/hub"
	"ark/internal/browser"
	"ark/internal/web"
)

// noted puts some deeds on record: sixty views of visits by two people, and one
// that was refused.
func (b *bench) noted() {
	b.t.Helper()
	for n := range 60 {
		must(b.t, b.store.Note(b.t.Context(), hub.Deed{At: b.clock().Add(time.Duration(n-100) * time.Minute), Who: []string{"阿芳", "老周"}[n%2], From: "192.0.2.7", Verb: hub.VerbView,
			Object: hub.Object{Kind: hub.ObjectVisit, ID: fmt.Sprint("visit-", n)}, Outcome: hub.OutcomeAllowed}))
	}
	must(b.t, b.store.Note(b.t.Context(), hub.Deed{At: b.clock().Add(-time.Minute), Who: "=cmd()", Token: "excel", Verb: hub.VerbExport, Object: hub.Object{Kind: hub.ObjectHousehold},
		Detail: map[string]string{"text": "<b>王</b>", "new-word": "x"}, Outcome: hub.OutcomeRefused}))
}

// What is on record of a deed is said in words, and what nobody wrote words for
// is shown as it is.
func TestDetailsOfDeedsInWords(t *testing.T) {
	b := newBench(t)
	for _, d := range []hub.Deed{
		{Verb: hub.VerbSignIn, Object: hub.Object{Kind: hub.ObjectSession}, Detail: map[string]string{"how": "password passkey"}},
		{Verb: hub.VerbSearch, Object: hub.Object{Kind: hub.ObjectVisit}, Detail: map[string]string{"box": "302600250,1201154019,303039702,1201593471", "from": "2026-11-24T16:00:00Z", "doubtful": "true", "state": "returned", "outcome": "met", "text": "password"}},
		{Verb: hub.VerbChange, Object: hub.Object{Kind: hub.ObjectVan, ID: "van-1"}, Detail: map[string]string{"do": "try-again", "places001": "甲"}, Outcome: hub.OutcomeFailed},
		{Verb: hub.VerbSearch, Object: hub.Object{Kind: hub.ObjectVisit}, Detail: map[string]string{"box": "1,2,rubbish"}},
	} {
		d.At, d.Who, d.Outcome = b.clock(), "阿芳", cmp.Or(d.Outcome, hub.OutcomeAllowed)
		must(t, b.store.Note(t.Context(), d))
	}
	b.signedIn().get("/audit?who=阿芳").wants(t, http.StatusOK, "方式: 密码 · 通行密钥", "地图范围: 30.2600–30.3040° N, 120.1154–120.1593° E", "从: 2026-11-25 00:00", "时间未核准: 是",
		"状态: 已退回", "结果: 已见面", "文字: password", "动作: 重读看不懂的记录", "地点范围: 甲", "地图范围: 1,2,rubbish")
}

// Each word under which the desk, the console and the hub's commands put
// something on record has a name.
func TestDetailsOfDeedsHaveNames(t *testing.T) {
	keys := regexp.MustCompile(`[dD]etail\["([a-z]+)"\]|list\(a?\.?detail, "([a-z]+)"|Detail: map\[string\]string\{"([a-z]+)"|about\{[^{}]*map\[string\]string\{"([a-z]+)"`)
	found := 0
	for _, folder := range []string{"../desk", ".", "../../cmd/ark-hub"} {
		files, err := filepath.Glob(filepath.Join(folder, "*.go"))
		must(t, err)
		for _, file := range files {
			if strings.HasSuffix(file, "_test.go") {
				continue
			}
			source, err := os.ReadFile(file)
			must(t, err)
			for _, m := range keys.FindAllStringSubmatch(string(source), -1) {
				found++
				if key := "detail." + cmp.Or(m[1], m[2], m[3], m[4]); texts.Known(web.Zh, "", key) == key {
					t.Errorf("%s: %s has no words", file, key)
				}
			}
		}
	}
	if found < 30 {
		t.Errorf("only %d words were found", found)
	}
}

var deedIDs = regexp.MustCompile(`id="d(\d+)"`)

func (a answer) deeds() int { return len(deedIDs.FindAllString(a.body, -1)) }

func TestTheRecordIsShown(t *testing.T) {
	b := newBench(t)
	b.noted()
	p := b.signedIn()
	first := p.get("/audit")
	first.wants(t, http.StatusOK, "操作记录", "&lt;b&gt;王&lt;/b&gt;", "文字: ", "new-word: x", "被拒绝", "（令牌 excel）", "导出 住户", "/visits/visit-59", "192.0.2.7")
	if first.deeds() != shown {
		t.Errorf("%d deeds on the first page", first.deeds())
	}
	older := regexp.MustCompile(`id="older" href="([^"]+)"`).FindStringSubmatch(first.body)
	if older == nil {
		t.Fatal("no way to the earlier ones")
	}
	p.get(strings.ReplaceAll(older[1], "&amp;", "&")).wants(t, http.StatusOK, "visit-0", "回到最新")
	for path, want := range map[string]int{"/audit?who=阿芳": 30, "/audit?who=阿芳&id=visit-4": 1, "/audit?outcome=refused": 1, "/audit?kind=household&verb=export": 1, "/audit?who=nobody": 0,
		"/audit?to=2026-11-23": 0, "/audit?from=2026-11-24&to=2026-11-24&who=老周": 30} {
		if a := p.get(path); a.status != http.StatusOK || a.deeds() != want {
			t.Errorf("%s: %d with %d deeds, want %d", path, a.status, a.deeds(), want)
		}
	}
	p.get("/audit?who=nobody").wants(t, http.StatusOK, "没有符合条件的记录")
	p.get("/audit", "Accept-Language", "en").wants(t, http.StatusOK, "Who did what", "exported household", "refused")
	// To look is a deed itself: of the person, with what was asked for.
	p.get("/audit?kind=audit").wants(t, http.StatusOK, staff, "查找 操作记录", "账号: nobody")
}

// Whatever stands in the address, the page is a page.
func TestAHostileAddressOfTheRecord(t *testing.T) {
	b := newBench(t)
	b.noted()
	p := b.signedIn()
	for _, q := range []string{"after=x", "after=1.", "after=.1", "after=-1.-1", "after=99999999999999999999.1", "verb=drop", "kind=%00", "who=%ff%00'--", "from=yesterday&to=%00", "outcome=" + strings.Repeat("x", 5000)} {
		if a := p.get("/audit?" + q); a.status != http.StatusOK {
			t.Errorf("%s: %d", q, a.status)
		}
	}
}

// Files hold what the page's filters choose, all of it, and each is a deed.
func TestTheRecordAsFiles(t *testing.T) {
	b := newBench(t)
	b.noted()
	p := b.signedIn()
	a := p.get("/audit.csv?outcome=refused")
	a.wants(t, http.StatusOK, "序号,时间", "'=cmd()", "excel", "文字=<b>王</b>")
	rows, err := csv.NewReader(strings.NewReader(a.body)).ReadAll()
	if err != nil || len(rows) != 2 || len(rows[0]) != len(auditColumns) {
		t.Errorf("%d rows, %v", len(rows), err)
	}
	a = p.get("/audit.jsonl")
	n := 0
	for lines := bufio.NewScanner(strings.NewReader(a.body)); lines.Scan(); n++ {
		var d toldDeed
		must(t, json.Unmarshal(lines.Bytes(), &d))
		if d.Hash == (ark.Hash{}) || d.Seq == 0 {
			t.Fatalf("line %d: %+v", n, d)
		}
	}
	if n < 62 {
		t.Errorf("%d lines", n)
	}
	all, err := b.store.Deeds(t.Context(), hub.AuditFilter{Who: staff, Verb: hub.VerbExport}, hub.AuditPlace{}, 10)
	must(t, err)
	if len(all) != 2 || all[0].Detail["format"] != "jsonl" || all[1].Detail["outcome"] != "refused" || all[1].Object.Kind != hub.ObjectAudit {
		t.Errorf("on record: %+v", all)
	}
}

// A check says how far it is, ends, and says what it found.
func TestTheRecordIsChecked(t *testing.T) {
	b := newBench(t)
	b.noted()
	t.Cleanup(func() { b.console.Close() })
	p := b.browse(browser.Desk)
	p.Go(b.server.URL + "/audit/check")
	p.AwaitText("还没有核对过")
	p.Submit("#check")
	p.Await(`document.getElementById("well")`)
	p.AwaitText("条全部完好")
	unfaulted(t, p)
	b.parts.AuditHeads = func() ([]hub.AuditHead, error) { // one that was kept elsewhere, of entries that are gone
		return []hub.AuditHead{{Seq: 5000, Hash: ark.HashOf(nil)}}, nil
	}
	p.Submit("#check")
	p.Await(`document.getElementById("faults")`)
	p.AwaitText("到 5000 条：被删掉了")
}
