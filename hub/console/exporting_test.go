package console

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/xuri/excelize/v2"

	"ark"
	"ark/hub"
	desks "ark/hub/desk"
	"ark/internal/browser"
	"ark/internal/skip"
)

// street fills a hub with visits of two streets.
func (b *bench) street(n int) {
	b.t.Helper()
	var all []any
	for i := range n {
		v := ark.Visit{Place: fmt.Sprintf("%d幢", i), Where: ark.Place{Street: []string{"北街", "南街"}[i%2]}, Outcome: ark.Met, Note: "电话 13812345678"}
		if i%3 == 0 {
			v.Geo = &ark.Geo{Lat: 302741000, Lon: 1201551000, Acc: 12}
		}
		all = append(all, v)
	}
	b.deliver("van-1", true, all...)
}

// A file has exactly what the list shows with the same filter, in its order,
// with what is masked there masked.
func TestAFileHasWhatTheListShows(t *testing.T) {
	b := newBench(t)
	b.street(30)
	p := b.signedIn()
	for query, want := range map[string]int{"": 30, "?q=" + "13" + "幢": 1, "?place=北街": 15, "?outcome=refused": 0} {
		a := p.get("/visits.csv" + query)
		a.wants(t, http.StatusOK)
		rows := tableOf(t, readCSV(t, []byte(a.body)))
		if len(rows) != want || a.trailer.Get(rowsTrailer) != fmt.Sprint(want) || !strings.HasPrefix(a.head.Get("Content-Disposition"), `attachment; filename="visits-2026-11-24-`) {
			t.Errorf("%q: %d visits, trailer %q, want %d; %q", query, len(rows), a.trailer.Get(rowsTrailer), want, a.head.Get("Content-Disposition"))
		}
		if query == "" && (rows[0]["place"] != "29幢" || rows[29]["place"] != "0幢") {
			t.Errorf("from %q to %q", rows[0]["place"], rows[29]["place"])
		}
		if strings.Contains(a.body, "13812345678") || want > 0 && !strings.Contains(a.body, "••••78") {
			t.Errorf("%q: a number is not masked", query)
		}
	}
	lines := strings.Split(strings.TrimSpace(p.get("/visits.jsonl?place=南街").body), "\n")
	if len(lines) != 16 || lines[15] != `{"end":15}` {
		t.Errorf("%d lines, the last %q", len(lines), lines[len(lines)-1])
	}
	var places struct {
		Features []any
		Without  int `json:"without_place"`
	}
	must(t, json.Unmarshal([]byte(p.get("/visits.geojson").body), &places))
	if len(places.Features) != 10 || places.Without != 20 {
		t.Errorf("%d places, %d without", len(places.Features), places.Without)
	}
	f, err := excelize.OpenReader(strings.NewReader(p.get("/visits.xlsx?place=北街", "Accept-Language", "en").body))
	must(t, err)
	defer f.Close()
	about, err := f.GetRows("About")
	must(t, err)
	if text := fmt.Sprint(about); !strings.Contains(text, staff) || !strings.Contains(text, "北街") || !strings.Contains(text, "[Visits 15]") {
		t.Errorf("about: %s", text)
	}
	p.get("/visits.csv?outcome=eaten").wants(t, http.StatusBadRequest, "导出走访")
	p.get("/visits.csv?q=x").wants(t, http.StatusBadRequest, "导出走访")
}

// Who takes what is on record before anything is taken.
func TestAFileIsOnRecord(t *testing.T) {
	b := newBench(t)
	b.street(3)
	b.signedIn().get("/visits.jsonl?place=北街&from=2026-01-01").wants(t, http.StatusOK)
	all, err := b.store.Deeds(t.Context(), hub.AuditFilter{Verb: hub.VerbExport}, hub.AuditPlace{}, 10)
	must(t, err)
	if len(all) != 1 || all[0].Detail["format"] != "jsonl" || !strings.Contains(all[0].Detail["place"], "北街") || all[0].Detail["from"] == "" {
		t.Errorf("on record %+v", all)
	}
}

// breaking is a finder that breaks after so many visits.
type breaking struct {
	hub.Finder
	after int
	wait  func(context.Context, int)
}

var errTorn = errors.New("the disk is torn")

func (f breaking) EachVisit(ctx context.Context, s hub.Sight, v hub.VisitFilter, o hub.VisitOrder, do func(hub.Visit) error) error {
	n := 0
	return f.Finder.EachVisit(ctx, s, v, o, func(v hub.Visit) error {
		if n == f.after {
			return errTorn
		}
		if n++; f.wait != nil {
			f.wait(ctx, n)
		}
		return do(v)
	})
}

// with puts another finder behind the desks.
func (b *bench) with(f hub.Finder) {
	b.parts.Finder = f
	b.console.c.Desk = func(s hub.Staff) Desk { return desks.New(b.parts).For(s) }
}

// What breaks in the middle breaks the connection: nobody takes the file for a
// whole one. What breaks before is said.
func TestAFileThatBreaks(t *testing.T) {
	b := newBench(t)
	b.street(30)
	p := b.signedIn()
	b.with(breaking{b.store, 20, nil})
	for _, f := range visitFormats {
		r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, b.server.URL+"/visits."+f.Word, nil)
		must(t, err)
		res, err := p.client.Do(r)
		if err == nil {
			_, err = io.ReadAll(res.Body)
			res.Body.Close()
		}
		if err == nil {
			t.Errorf("%s: the file looks whole", f.Word)
		}
	}
	p.get("/visits/export").wants(t, http.StatusOK, "没有完成", "文件不完整")
	if strings.Contains(p.get("/visits/export").body, ">正在导出<") || !strings.Contains(b.log.String(), errTorn.Error()) {
		t.Error("a broken file goes on, or nobody is told")
	}
	all, err := b.store.Deeds(t.Context(), hub.AuditFilter{Verb: hub.VerbExport, Outcome: hub.OutcomeFailed}, hub.AuditPlace{}, 10)
	must(t, err)
	if len(all) != len(visitFormats) {
		t.Errorf("%d failures on record", len(all))
	}
	b.with(breaking{b.store, 0, nil})
	p.get("/visits.csv").wants(t, http.StatusServiceUnavailable, "现在读不出数据")
}

// A file is sent as it is read, a few at once; how far it is shows meanwhile.
func TestFilesUnderWay(t *testing.T) {
	b := newBench(t)
	b.street(30)
	p, other := b.signedIn(), b.as("nan", north, hub.RoleReader)
	reached, on := make(chan struct{}), make(chan struct{})
	b.with(breaking{b.store, 100, func(_ context.Context, n int) {
		if n == 10 {
			reached <- struct{}{}
			<-on
		}
	}})
	done := make(chan answer)
	for _, who := range []*person{p, other} {
		go func() { done <- who.get("/visits.csv") }()
		<-reached
	}
	p.get("/visits.csv").wants(t, http.StatusServiceUnavailable, "您已经有一个导出在进行", "正在导出", `<progress max="30" value="9"`, "9 条，共 30 条")
	a := b.as("third", north, hub.RoleReader).get("/visits.csv")
	a.wants(t, http.StatusServiceUnavailable, "别人正在导出")
	if a.head.Get("Retry-After") == "" || a.head.Get("Content-Disposition") != "" {
		t.Errorf("whoever has to wait is sent %v", a.head)
	}
	close(on)
	for range maxExports {
		a := <-done
		a.wants(t, http.StatusOK)
	}
	p.get("/visits/export").wants(t, http.StatusOK, "已完成", "30 条，共 30 条")
	b.with(b.store)
	p.get("/visits.csv").wants(t, http.StatusOK)
	if other := b.as("bei", north, hub.RoleReader).get("/visits/export"); strings.Contains(other.body, "已完成") || !strings.Contains(other.body, "共 15 条") {
		t.Error("somebody sees what others took, or counts more than they see")
	}
}

// Whoever goes away ends their file, and gives the place back.
func TestAReaderWhoGoesAway(t *testing.T) {
	b := newBench(t)
	b.street(30)
	p, ended := b.signedIn(), make(chan struct{}, 100)
	defer b.console.exports.watch(func() { ended <- struct{}{} })()
	for range maxExports + 1 {
		ctx, cancel := context.WithCancel(t.Context())
		b.with(breaking{b.store, 100, func(at context.Context, n int) {
			if n == 20 {
				cancel()
				<-at.Done()
			}
		}})
		r, err := http.NewRequestWithContext(ctx, http.MethodGet, b.server.URL+"/visits.csv", nil)
		must(t, err)
		if res, err := p.client.Do(r); err == nil {
			if _, err := io.Copy(io.Discard, res.Body); err == nil {
				t.Error("the file is whole")
			}
			res.Body.Close()
		}
		for b.console.exports.of(staff)[0].State() == "underway" {
			<-ended
		}
	}
	b.with(b.store)
	p.get("/visits/export").wants(t, http.StatusOK, "没有完成")
	p.get("/visits.csv").wants(t, http.StatusOK)
}

// How far a file is reaches the page by itself.
func TestAPageHearsOfFiles(t *testing.T) {
	x, told := &exports{}, &changes{awake: make(chan struct{}, 1)}
	stop := x.watch(told.went)
	e := begun(t, x)
	e.state.Store(exportWhole)
	x.end(e)
	<-told.awake
	if got := told.take(); got != "exports" {
		t.Errorf("told %q", got)
	}
	stop()
	x.end(begun(t, x))
	select {
	case <-told.awake:
		t.Error("who has gone is told")
	default:
	}
	for range 3 * exportsKept {
		x.end(begun(t, x))
	}
	if len(x.all) > exportsKept || len(x.of("lin")) != exportsShown || x.of("lin")[0].State() != "broken" {
		t.Errorf("%d kept, %d shown", len(x.all), len(x.of("lin")))
	}
}

func begun(t *testing.T, x *exports) *export {
	t.Helper()
	e, busy := x.begin("lin", "visits", "csv", time.Unix(1000, 0))
	if e == nil {
		t.Fatal(busy)
	}
	return e
}

// takenPages are the pages of this chapter, for pictures and for axe.
var takenPages = map[string]string{"export": "/visits/export?outcome=met&photo=no", "export-wrong": "/visits/export?outcome=eaten", "export-households": "/households/export?disputed=yes", "api": "/api"}

// TestTakingAwayPictures makes pictures of these pages where ARK_SHOTS names a
// folder, for people to look at.
func TestTakingAwayPictures(t *testing.T) {
	if os.Getenv("ARK_SHOTS") == "" {
		t.Skip("ARK_SHOTS names no folder")
	}
	b := newBench(t)
	b.street(30)
	for name, o := range pictureSizes {
		p := b.browse(o)
		for page, path := range takenPages {
			p.Go(b.server.URL + path)
			p.Await(`document.readyState === "complete"`)
			p.Shot("taken-" + page + "-" + name)
		}
		e, _ := b.console.exports.begin(staff, "visits", "csv", b.clock())
		e.want.Store(30)
		e.rows.Store(12)
		p.Go(b.server.URL + "/visits/export")
		p.Shot("taken-underway-" + name)
		b.console.exports.end(e)
	}
}

// A file is chosen and taken in a browser; how far it is comes up by itself.
// The pages are no wider than a phone, and axe looks at them with all others.
func TestTakingAwayInABrowser(t *testing.T) {
	if skip.Quick() {
		t.Skip("ARK_QUICK=1: no browser")
	}
	b := newBench(t)
	b.street(30)
	p, folder := b.browse(browser.Options{Width: 390, Height: 844, Lang: "en"}), t.TempDir()
	p.Keep(folder)
	for _, path := range []string{takenPages["export"], takenPages["api"]} {
		p.Go(b.server.URL + path)
		if w := browser.Value[int](p, "document.documentElement.scrollWidth"); w > 390 {
			t.Errorf("%s is %d px wide", path, w)
		}
	}
	p.Go(b.server.URL + "/?outcome=met")
	p.Submit(`a[href="/visits/export?outcome=met"]`)
	p.AwaitText("Visits: 30")
	live(p)
	p.Click(`a[href="/visits.csv?outcome=met"]`)
	p.AwaitText("30 of 30 visits")
	p.AwaitText("Complete")
	all, err := filepath.Glob(filepath.Join(folder, "visits-*.csv"))
	must(t, err)
	if len(all) != 1 {
		t.Fatalf("kept are %v", all)
	}
	file, err := os.ReadFile(all[0])
	must(t, err)
	if n := len(tableOf(t, readCSV(t, file))); n != 30 {
		t.Errorf("%d visits in the file", n)
	}
	unfaulted(t, p)
}
