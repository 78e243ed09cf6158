package console

import (
	"errors"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/xuri/excelize/v2"

	"ark"
	"ark/hub"
)

// trickle takes what is written at a rate, by a clock of its own.
type trickle struct {
	at    time.Time
	rate  int // bytes a second
	until time.Time
}

func (w *trickle) Write(b []byte) (int, error) {
	w.at = w.at.Add(time.Duration(len(b)) * time.Second / time.Duration(w.rate))
	if w.at.After(w.until) {
		w.at = w.until
		return 0, errSlow
	}
	return len(b), nil
}

// Whoever takes a file too slowly gives up their place; who is fast enough may
// take as long as it needs, however long the store takes between.
func TestASlowReaderLetsOthersIn(t *testing.T) {
	for name, c := range map[string]struct {
		rate int
		ok   bool
	}{"slow": {exportLeast / 2, false}, "fast enough": {exportLeast, true}, "stalled": {1, false}} {
		w := &trickle{at: time.Unix(1000, 0), rate: c.rate}
		p := &steady{w: w, until: func(at time.Time) error { w.until = at; return nil }, now: func() time.Time { return w.at }}
		var err error
		begun := w.at
		for range 20 * exportLeast * 60 / exportBuffer { // twenty minutes' worth
			w.at = w.at.Add(time.Minute) // the store reads
			if _, err = p.Write(make([]byte, exportBuffer)); err != nil {
				break
			}
		}
		if (err == nil) != c.ok || err != nil && !errors.Is(err, errSlow) {
			t.Errorf("%s: %v", name, err)
		}
		if spent := p.spent; !c.ok && spent > 3*exportPatience {
			t.Errorf("%s: holds its place for %v of %v", name, spent, w.at.Sub(begun))
		}
	}
}

// What is masked is taken away whole by a reviewer who says what for, and that
// is on record before.
func TestAFileWithNothingMasked(t *testing.T) {
	b := newBench(t)
	b.street(4)
	b.homes()
	reader, reviewer := b.as("reader", north, hub.RoleReader), b.as("reviewer", north, hub.RoleReviewer)
	for _, path := range []string{"/visits.csv", "/households.csv"} {
		reader.post(path, "reason", "x").wants(t, http.StatusForbidden)
		reviewer.post(path, "reason", " ").wants(t, http.StatusBadRequest, "请写做什么用")
		reviewer.post(path, "reason", strings.Repeat("长", maxReason+1)).wants(t, http.StatusBadRequest, "请写做什么用")
		for _, a := range []answer{reader.get(path), reviewer.get(path)} {
			if a.wants(t, http.StatusOK, "••••78"); strings.Contains(a.body, "13812345678") || strings.Contains(a.body, "1941") {
				t.Errorf("%s is not masked", path)
			}
		}
		a := reviewer.post(path, "reason", "区里要")
		if a.wants(t, http.StatusOK, "13812345678"); strings.Contains(a.body, hub.Masked) || strings.Contains(a.body, "南街") {
			t.Errorf("%s has masks, or another street: %s", path, a.body)
		}
	}
	log, err := b.store.Deeds(t.Context(), hub.AuditFilter{Verb: hub.VerbExport, Who: "reviewer"}, hub.AuditPlace{}, 100)
	must(t, err)
	whole := 0
	for _, e := range log {
		if e.Detail["masked"] == "no" && e.Detail["reason"] == "区里要" && e.Detail["format"] == "csv" {
			whole++
		}
	}
	if whole != 2 || len(log) != 4 {
		t.Errorf("on record %+v", log)
	}
}

// Who finds a browser that was left open takes away nothing whole, and not the
// record: who it is has to be proved, and leads back to where it is taken from.
func TestWholeFilesNeedAProof(t *testing.T) {
	b := newBench(t)
	b.street(4)
	b.homes()
	p := b.signedIn()
	posts := func(path string) func() answer { return func() answer { return p.post(path, "reason", "区里要") } }
	gets := func(path string) func() answer { return func() answer { return p.get(path) } }
	files := []struct {
		take func() answer
		page string
	}{
		{posts("/visits.csv?outcome=met"), "/visits/export?outcome=met"}, {posts("/visits.xlsx"), "/visits/export"}, {posts("/households.csv?building=1"), "/households/export?building=1"},
		{gets("/audit.csv?verb=export"), "/audit?verb=export"}, {gets("/audit.jsonl"), "/audit"},
	}
	for _, f := range files {
		f.take().wants(t, http.StatusOK)
	}
	b.pass(provedToOpen)
	for _, f := range files {
		if a := f.take(); a.status != http.StatusSeeOther || a.to != "/confirm?next="+url.QueryEscape(f.page) || strings.Contains(a.body, "13812345678") {
			t.Errorf("for %s without a proof: %d to %q", f.page, a.status, a.to)
		}
	}
	p.get("/visits.csv").wants(t, http.StatusOK) // it is masked
	if a := p.post("/confirm", "password", password, "next", "/visits/export"); a.to != "/visits/export" {
		t.Fatalf("proved: %d to %q", a.status, a.to)
	}
	for _, f := range files {
		f.take().wants(t, http.StatusOK)
	}
}

// homes writes down two households of either street.
func (b *bench) homes() {
	b.t.Helper()
	for i, street := range []string{"北街", "南街"} {
		must(b.t, b.store.PutHouseholds(b.t.Context(), hub.Everything, []ark.Household{
			{ID: b.console.newID(), Place: ark.Place{Street: street, Compound: "苑", Building: "1", Room: "101"}, Phone: "13812345678", Note: "=1+1", Disputed: []string{"phone"},
				Members: []ark.Member{{Name: "王", Born: 1941, Phone: "13812345678", Note: "听力不好"}, {Name: "李", Left: true}}},
			{ID: b.console.newID(), Place: ark.Place{Street: street, Compound: "苑", Building: "2", Room: "101"}, MovedOut: ark.Milli(b.clock())},
		}, make([]ark.ID, 2), []string{"lin", "wu"}[i]))
	}
}

// Households are taken away as the list's filter chooses them, a line for each
// person.
func TestHouseholdsAreTakenAway(t *testing.T) {
	b := newBench(t)
	b.homes()
	p := b.signedIn()
	for _, c := range []struct{ query, want string }{{"?building=1", "2"}, {"?disputed=yes", "2"}, {"?q=王", "2"}, {"?q=nobody", "0"}, {"", "4"}} {
		a := p.get("/households.csv" + c.query)
		a.wants(t, http.StatusOK)
		if got := a.trailer.Get(rowsTrailer); got != c.want {
			t.Errorf("%q: %s households, want %s", c.query, got, c.want)
		}
	}
	rows := tableOf(t, readCSV(t, []byte(p.get("/households.csv?building=1").body)))
	if len(rows) != 4 || rows[0]["name"] != "王••" || rows[0]["born"] != hub.Masked || rows[0]["about"] != hub.Masked || rows[1]["left"] == "" || rows[0]["household_phone"] != "••••78" ||
		strings.HasPrefix(rows[0]["note"], "=") {
		t.Errorf("rows %v", rows)
	}
	f, err := excelize.OpenReader(strings.NewReader(p.get("/households.xlsx?building=2", "Accept-Language", "en").body))
	must(t, err)
	defer f.Close()
	about, err := f.GetRows("About")
	must(t, err)
	if text := strings.Join(about[len(about)-1], " "); text != "Building 2" {
		t.Errorf("about %v", about)
	}
	p.get("/households/export?building=1").wants(t, http.StatusOK, "导出住户", `href="/households.csv?building=1"`, "4 户", "已完成")
	p.get("/households?building=1").wants(t, http.StatusOK, `href="/households/export?building=1"`)
	// Who may not see a number does not find by it.
	reader := b.as("reader", hub.Everything, hub.RoleReader)
	for _, path := range []string{"/households.csv?q=138", "/households.csv?q=5678"} {
		if a := reader.get(path); a.trailer.Get(rowsTrailer) != "0" {
			t.Errorf("%s finds %s", path, a.trailer.Get(rowsTrailer))
		}
		if a := p.get(path); a.trailer.Get(rowsTrailer) != "2" {
			t.Errorf("%s finds %s for who may see it", path, a.trailer.Get(rowsTrailer))
		}
	}
}
