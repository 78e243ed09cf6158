package console

import (
	"fmt"
	"html"
	"maps"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"ark"
	"ark/hub"
	"ark/internal/browser"
)

// month fills the hub with the visits of five weeks.
func (b *bench) month() {
	b.t.Helper()
	end := b.clock()
	b.pass(-35 * 24 * time.Hour)
	var last []ark.ID
	for i := 0; b.clock().Before(end); i++ {
		for van, at := range map[ark.VanID]ark.Place{"van-1": {Street: "翠苑街道", Community: []string{"康乐社区", "兴达社区"}[i%2], Compound: "翠苑一区"}, "van-2": {Street: "文新街道", Community: "湖畔/花园"}} {
			var bodies []any
			for n := range 3 + (i*7+len(van))%9 {
				v := ark.Visit{Place: "门", Where: at, Outcome: ark.Outcomes[[]int{0, 0, 0, 1, 0, 2, 0, 1, 3}[(n+i)%9]], By: "阿芳"}
				if n%4 == 0 && v.Outcome == ark.Met {
					v.Needs = []ark.Need{{Category: []string{"repair", "medical"}[i%2], Words: "需要"}}
				}
				bodies = append(bodies, v)
			}
			last = b.deliver(van, true, bodies...)
			if b.clock().Before(end.Add(-50 * time.Hour)) {
				for _, id := range last[1:] {
					must(b.t, b.store.SetReview(b.t.Context(), hub.Everything, ark.Review{Visit: id, Entry: id, State: ark.ReviewApproved, By: staff, At: ark.Milli(b.clock())}, hub.AnyReview))
				}
			}
		}
		b.pass(26 * time.Hour)
	}
	b.deliver("van-1", true, ark.Visit{Place: "路边", Outcome: ark.Met}, ark.Health{Sound: "silent", Panel: "ok"})
	for i := range 12 {
		b.deliver("van-1", true, cast(byte(i), "方舟到了", ark.ClassRoutine, end.Add(-time.Duration(i*20)*time.Hour), func(a *ark.AsRun) {
			if i%3 == 0 {
				a.Recordings = a.Recordings[:1]
			}
			a.Silent = i == 4
		}))
	}
}

var numbers = regexp.MustCompile(`<a (?:class="small new" )?href="(/\?[^"]+)">[^<0-9]*(\d+)[^<]*</a>`)

// Each number of visits leads to a list that asks for just as many.
func TestNumbersOfTheOverviewLeadToTheirLists(t *testing.T) {
	b := newDesk(t)
	b.month()
	p := b.signedIn()
	checked := map[string]bool{}
	for _, span := range overviewSpans {
		page := p.get(fmt.Sprint("/overview?days=", span))
		page.wants(t, http.StatusOK, "康乐社区", "湖畔/花园", fmt.Sprintf("最近 %d 天", span), "没有写街道")
		if span == 14 {
			page.wants(t, http.StatusOK, `<a href="/vans?only=sound">1</a>`, `<a href="/vans?only=trouble">`)
		}
		b.castsLead(page.body)
		for _, m := range numbers.FindAllStringSubmatch(page.body, -1) {
			path := html.UnescapeString(m[1])
			want, err := strconv.Atoi(m[2])
			must(t, err)
			r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, path, nil)
			must(t, err)
			q := visitQueryOf(r.URL.Query(), b.console.c.Zone)
			if len(q.Faults) > 0 {
				t.Fatalf("%s is not understood: %v", path, q.Faults)
			}
			got, err := b.store.CountVisits(t.Context(), hub.Everything, q.Filter, 10_000)
			must(t, err)
			checked[strings.Join(keysOf(r.URL.Query()), " ")] = true
			if got != want {
				t.Errorf("%d days: %s is said to be %d and lists %d", span, path, want, got)
			}
		}
	}
	for _, keys := range []string{"from to", "from outcome to", "from need to", "from need state to", "from place to", "state", "from state to", "from state", "state to"} {
		if !checked[keys] {
			t.Errorf("no number leads to a list by %s: %v", keys, checked)
		}
	}
}

var castNumbers = regexp.MustCompile(`<a href="(/broadcasts\?[^"]+)">(\d+)</a>`)

// castsLead checks that each number of broadcasts leads to a list of as many.
func (b *bench) castsLead(body string) {
	b.t.Helper()
	found := castNumbers.FindAllStringSubmatch(body, -1)
	if len(found) < 4 {
		b.t.Errorf("%d numbers of broadcasts", len(found))
	}
	for _, m := range found {
		at, err := url.Parse(html.UnescapeString(m[1]))
		must(b.t, err)
		f := queryOf(at.Query()).filter(b.console.c.Zone)
		f.Limit = 500
		rows, err := b.store.AsRun(b.t.Context(), hub.Everything, f)
		if must(b.t, err); fmt.Sprint(len(rows)) != m[2] {
			b.t.Errorf("%s is said to be %s and lists %d", at, m[2], len(rows))
		}
	}
}

// The same time before is said in words.
func TestTheOverviewIsCompared(t *testing.T) {
	b := newDesk(t)
	p := b.signedIn()
	three := []any{ark.Visit{Place: "门", Outcome: ark.Met}, ark.Visit{Place: "门", Outcome: ark.Met}, ark.Visit{Place: "门", Outcome: ark.NoAnswer}}
	b.pass(-20 * 24 * time.Hour)
	b.deliver("van-1", true, three...)
	b.pass(20 * 24 * time.Hour)
	p.get("/overview").wants(t, http.StatusOK, "比之前 14 天少 3 次", "这段时间没有走访")
	b.deliver("van-1", true, three...)
	p.get("/overview").wants(t, http.StatusOK, "和之前 14 天一样多")
	b.deliver("van-1", true, three...)
	p.get("/overview?days=14").wants(t, http.StatusOK, "比之前 14 天多 3 次")
	p.get("/overview?days=30").wants(t, http.StatusOK, "比之前 30 天多 9 次")
	p.get("/overview?days=31").wants(t, http.StatusOK, "比之前 14 天多 3 次")
}

// A hub without visits says what will be here and what to do first.
func TestTheOverviewOfAFreshHub(t *testing.T) {
	b := newBench(t)
	b.signedIn().get("/overview").wants(t, http.StatusOK, "这里将显示", `href="/vans"`)
	b.store.Close()
}

// What is looked at is on record, as a view and not as a search.
func TestLookingAtTheOverviewIsOnRecord(t *testing.T) {
	b := newDesk(t)
	b.signedIn().get("/overview?days=30").wants(t, http.StatusOK)
	deeds, err := b.store.Deeds(t.Context(), hub.AuditFilter{}, hub.AuditPlace{}, 50)
	must(t, err)
	looked := 0
	for _, d := range deeds {
		switch {
		case d.Verb == hub.VerbView && d.Object.Kind == hub.ObjectVisit && d.Detail["from"] != "":
			looked++
		case d.Verb == hub.VerbSearch:
			t.Errorf("nobody searched: %+v", d)
		}
	}
	if looked != 1 {
		t.Errorf("it is on record %d times, want once: %+v", looked, deeds)
	}
}

var pageOfPDF = regexp.MustCompile(`/Type\s*/Page\b`)

// A director pins it up: a full month is one page of A4.
func TestTheOverviewPrintsOnOnePage(t *testing.T) {
	b := newDesk(t)
	b.month()
	p := b.browse(browser.Desk)
	for _, days := range overviewSpans {
		p.Go(fmt.Sprint(b.server.URL, "/overview?days=", days))
		pdf := p.Print()
		if n := len(pageOfPDF.FindAll(pdf, -1)); n != 1 {
			t.Errorf("%d days are printed on %d pages", days, n)
		}
		if dir := os.Getenv("ARK_SHOTS"); dir != "" {
			must(t, os.WriteFile(filepath.Join(dir, fmt.Sprint("overview-", days, ".pdf")), pdf, 0o600))
		}
	}
}

// TestOverviewPictures makes pictures where ARK_SHOTS names a folder, for
// people to look at.
func TestOverviewPictures(t *testing.T) {
	if os.Getenv("ARK_SHOTS") == "" {
		t.Skip("ARK_SHOTS names no folder")
	}
	b, empty := newDesk(t), newBench(t)
	b.month()
	for name, o := range pictureSizes {
		p, e := b.browse(o), empty.browse(o)
		for _, days := range overviewSpans {
			p.Go(fmt.Sprint(b.server.URL, "/overview?days=", days))
			p.Shot(fmt.Sprint("overview-", days, "-", name))
		}
		browser.Value[int](p, `document.querySelectorAll("details").forEach((d) => { d.open = true; }), 1`)
		p.Shot("overview-open-" + name)
		e.Go(empty.server.URL + "/overview")
		e.Shot("overview-empty-" + name)
	}
}

func keysOf(v url.Values) []string { return slices.Sorted(maps.Keys(v)) }
