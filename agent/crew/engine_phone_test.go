package crew

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"ark/internal/browser"
	"ark/internal/web"
)

// A phone without room says so, keeps what it holds, and a visit that the van
// takes at once is saved all the same. With room again all goes on.
func TestEngineFullPhone(t *testing.T) {
	o, phone := newOdd(t), browser.Phone
	phone.Profile = t.TempDir() // on a disk, of which Room is a share
	p := browser.Open(t, phone)
	p.Room(o.url(), 200_000)
	enrolled(opened(p, o.url())).Await("ark.state.form")
	o.stop()
	p.Await("(ark.retry(), !ark.state.online)")
	long := fmt.Sprintf(`ark.draft().then((d) => { d.visit = { place: "乙", outcome: "met", note: %q }; return ark.log(d); })`, strings.Repeat("长", 2000))
	kept, word := 0, ""
	for ; kept < 100 && word == ""; kept++ {
		word = troubleOf(p, long)
	}
	kept--
	if word != "full" || kept == 0 {
		t.Fatalf("after %d visits: %q", kept, word)
	}
	p.Await("ark.state.storage.full")
	if word := troubleOf(p, `ark.draft().then((d) => { d.visit = { place: "丙", outcome: "met", note: "`+strings.Repeat("长", 2000)+`" }; return ark.log(d).catch(() => (d.visit.note = "", ark.keep(d))); })`); word != "" && word != "full" {
		t.Errorf("a draft that could not be logged cannot be kept: %q", word)
	}
	counted(p, kept, 0, 0)
	if got := browser.Outcome[int](p, `ark.exportUnsent().then((b) => b.text()).then((s) => JSON.parse(s).records.length)`); got != kept {
		t.Errorf("%d visits in the export, want the %d that were kept", got, kept)
	}
	o.start()
	p.Await("(ark.retry(), ark.state.online)")
	if word := troubleOf(p, long); word != "" {
		t.Errorf("with the van there it failed with %q", word)
	}
	p.Room(o.url(), 0)
	counted(p, 0, kept, 0)
	logOne(p, "丙")
	counted(p, 0, kept+1, 0)
	if n := len(o.holds()); n != kept+2 {
		t.Errorf("the van holds %d visits, want %d", n, kept+2)
	}
}

// Phones close the database under memory pressure; another tab may delete or
// renew it. The engine opens it again.
func TestEngineClosedStorage(t *testing.T) {
	o := newOdd(t)
	p := enrolled(opened(browser.Open(t, browser.Phone), o.url()))
	browser.Outcome[bool](p, `ark.store.read(["facts"], () => {}).then(() => true)`)
	for i := range 3 {
		browser.Value[bool](p, `(() => { const open = IDBDatabase.prototype.transaction; let first = true;
			IDBDatabase.prototype.transaction = function (...a) { if (first) { first = false; this.close(); } return open.apply(this, a); }; return true; })()`)
		logOne(p, fmt.Sprint(i))
		counted(p, 0, i+1, 0)
	}
	// A database that a newer app has changed is left as it is, and the phone says so.
	browser.Outcome[bool](p, `new Promise((ok) => { const r = indexedDB.open("ark", 99); r.onsuccess = () => { r.result.close(); ok(true); }; })`)
	if word := troubleOf(p, `ark.draft().then((d) => { d.visit = { place: "x", outcome: "met" }; return ark.log(d); })`); word != "old-app" {
		t.Errorf("failed with %q", word)
	}
}

// The same draft in two tabs is one visit: what differs amends it.
func TestEngineOneDraftInTwoTabs(t *testing.T) {
	o := newOdd(t)
	a := enrolled(opened(browser.Open(t, browser.Phone), o.url()))
	b := opened(a.Tab(), o.url())
	id := browser.Outcome[string](a, `(async () => { const d = await ark.draft(); d.visit = { place: "3幢", outcome: "met" }; await ark.keep(d); return d.id; })()`)
	for _, p := range []*browser.Page{a, b} {
		browser.Outcome[bool](p, fmt.Sprintf(`ark.draft(%q).then((d) => { globalThis.d = d; return true; })`, id))
	}
	for _, p := range []*browser.Page{a, b, a} {
		if got := browser.Outcome[string](p, `ark.log(d)`); got != id {
			t.Errorf("logged as %s", got)
		}
	}
	browser.Outcome[string](b, `(d.visit.note = "狗在家", ark.keep(d), ark.log(d))`)
	counted(a, 0, 1, 0)
	counted(b, 0, 1, 0)
	if got := browser.Outcome[string](a, fmt.Sprintf(`ark.visit(%q).then((v) => v.amended + v.visit.note)`, id)); got != "1狗在家" {
		t.Errorf("shown as %q", got)
	}
	if n := browser.Outcome[int](a, "ark.drafts().then((all) => all.length)"); n != 0 {
		t.Errorf("%d drafts are left", n)
	}
	o.set(func() {
		first := 0
		for _, h := range o.heard {
			if h == "POST /api/2/visits" {
				first++
			}
		}
		if first != 1 {
			t.Errorf("the visit was handed in %d times", first)
		}
	})
}

// A tab that leads and that the phone has put to sleep does not hold up the
// tab that a person looks at.
func TestEngineSleepingTab(t *testing.T) {
	o := newOdd(t)
	a := enrolled(opened(browser.Open(t, browser.Phone), o.url()))
	b := opened(a.Tab(), o.url())
	logOne(b, "甲")
	counted(b, 0, 1, 0)
	if !browser.Value[bool](a, "ark.tabs.leading") || browser.Value[bool](b, "ark.tabs.leading") {
		t.Fatal("it is not the first tab that leads")
	}
	browser.Value[bool](a, `(ark.tabs.tell = ark.sync.kick = () => {}, true)`) // it hears nothing and answers nobody
	browser.Value[bool](b, `document.dispatchEvent(new Event("visibilitychange"))`)
	b.Await("ark.tabs.leading")
	logOne(b, "乙")
	counted(b, 0, 2, 0)
	a.Await("!ark.tabs.leading")
}

// A draft is there again after the page was left in the middle of a word, and
// what is logged in 1970 is handed in with its age.
func TestEngineDraftsAndClock(t *testing.T) {
	o := newOdd(t)
	phone := browser.Phone
	phone.Before = "{ const now = Date.now, away = Date.UTC(2026, 10, 26); Date.now = () => now() - away; }"
	p := enrolled(opened(browser.Open(t, phone), o.url()))
	p.Await("ark.state.doubt === 'phone-clock'")
	browser.Outcome[bool](p, `ark.draft().then(async (d) => { for (const place of ["3", "3幢", "3幢5", "3幢50"]) { d.visit.place = place; await ark.keep(d); } globalThis.d = d; return true; })`)
	browser.Value[bool](p, `(d.visit.place = "3幢501", ark.keep(d), true)`)
	opened(p, o.url())
	if got := browser.Outcome[string](p, "ark.drafts().then((all) => all.map((d) => d.visit.place).join())"); got != "3幢501" {
		t.Errorf("drafts: %q", got)
	}
	id := browser.Outcome[string](p, `ark.drafts().then(([d]) => { d.visit.outcome = "met"; return ark.log(d); })`)
	counted(p, 0, 1, 0)
	if got := o.holds()[id]; !strings.Contains(got, `"made":`) || strings.Contains(got, `"made":-`) {
		t.Errorf("handed in %s", got)
	}
}

// What was typed at the last moment is there again, though other work held the
// drafts until the page was gone; of a draft that was logged or dropped nothing
// comes back.
func TestEngineLastKeystroke(t *testing.T) {
	o := newOdd(t)
	p := enrolled(opened(browser.Open(t, browser.Phone), o.url()))
	last := func(what, want string) {
		t.Helper()
		browser.Outcome[bool](p, `(async () => {
			globalThis.d = await ark.draft();
			d.visit.place = "3幢";
			await ark.keep(d);
			await new Promise((held) => ark.store.write(["drafts", "records"], async (tx) => { for (;;) { await tx.find("drafts", ""); held(); } }));
			return true; })()`)
		browser.Value[bool](p, `(d.visit = { ...d.visit, place: "`+what+`", outcome: "met" }, ark.keep(d), true)`)
		opened(p, o.url())
		if got := browser.Outcome[string](p, "ark.drafts().then((all) => all.map((d) => d.visit.place).join())"); got != want {
			t.Errorf("drafts: %q, want %q", got, want)
		}
		if got := browser.Value[int](p, "Object.keys(localStorage).filter((k) => k.startsWith('ark-jot-')).length"); got != 0 {
			t.Errorf("%d are still written down beside", got)
		}
	}
	last("3幢501", "3幢501")
	browser.Outcome[string](p, "ark.drafts().then(([d]) => ark.log(d))")
	last("3幢502", "3幢502")
	browser.Outcome[bool](p, "ark.drafts().then(([d]) => ark.drop(d.id)).then(() => true)")
	opened(p, o.url())
	if got := browser.Outcome[int](p, "ark.drafts().then((all) => all.length)"); got != 0 {
		t.Errorf("%d drafts came back", got)
	}
}

// The unsent go to another phone as a file, and arrive once though both have
// them. A file that was changed is not taken.
func TestEngineExport(t *testing.T) {
	o := newOdd(t)
	p := enrolled(opened(browser.Open(t, browser.Phone), o.url()))
	p.Await("ark.state.form")
	o.stop()
	p.Await("(ark.retry(), !ark.state.online)")
	browser.Outcome[bool](p, `(async () => {
		globalThis.d = await ark.draft();
		const photo = new Blob([new Uint8Array([0xff, 0xd8, 0xff, 0xe0]), new Uint8Array(100_000)], { type: "image/jpeg" });
		d.visit = { place: "3幢", outcome: "met", attachments: [await ark.attach(d.id, photo, { role: "photo" })] };
		await ark.log(d);
		const half = await ark.draft();
		half.visit.place = "半";
		await ark.keep(half);
		return true; })()`)
	id := browser.Value[string](p, "d.id")
	file := browser.Outcome[string](p, `ark.exportUnsent().then((b) => b.text())`)
	other := newOdd(t) // another origin: a phone of its own
	q := opened(browser.Open(t, browser.Phone), other.url())
	take := func(file string) string {
		return browser.Outcome[string](q, fmt.Sprintf(`ark.importUnsent(new Blob([%s])).then((n) => JSON.stringify(n), (e) => e.word)`, quote(file)))
	}
	for _, bad := range []string{strings.Replace(file, "3幢", "4幢", 1), "{}", "no JSON", strings.Replace(file, `"format":"ark-unsent"`, `"format":"other"`, 1)} {
		if got := take(bad); got != "file" {
			t.Errorf("a bad file was taken: %q", got)
		}
	}
	for _, want := range []string{`{"visits":1,"drafts":1,"files":1}`, `{"visits":0,"drafts":0,"files":0}`} {
		if got := take(file); got != want {
			t.Errorf("taken: %s, want %s", got, want)
		}
	}
	counted(enrolled(q), 0, 1, 0)
	if other.holds()[id] == "" {
		t.Errorf("the van holds %v", other.holds())
	}
	o.start()
	counted(p, 0, 1, 0)
}

// The van judges a PIN; out of its reach the phone does, and counts the tries
// before it judges them.
func TestEnginePIN(t *testing.T) {
	o, away := newOdd(t), false
	o.answer = func(w http.ResponseWriter, r *http.Request, body string) bool {
		if r.URL.Path != "/api/2/pin" {
			return false
		}
		switch {
		case away:
			panic(http.ErrAbortHandler)
		case strings.Contains(body, `"1234"`):
			web.JSON(w, 200, map[string]any{"session": "s"})
		default:
			web.JSON(w, 403, map[string]any{"error": "pin", "left": 4})
		}
		return true
	}
	p := enrolled(opened(browser.Open(t, browser.Phone), o.url()))
	p.Await("ark.state.crew")
	unlock := func(pin string) string {
		return browser.Outcome[string](p, `ark.unlock("m1", "`+pin+`").then(() => ark.state.member.name, (e) => e.word + " " + e.left + " " + (e.wait_s || 0))`)
	}
	try := func(pin, want string) {
		t.Helper()
		if got := unlock(pin); got != want {
			t.Errorf("PIN %s: %q, want %q", pin, got, want)
		}
	}
	try("0000", "pin 4 0")
	try("1234", "小李")
	browser.Outcome[bool](p, "ark.lock().then(() => true)")
	if browser.Value[bool](p, "!!ark.state.member") {
		t.Error("locked, and the member is still there")
	}
	o.set(func() { away = true })
	try("9999", "pin 4 0")
	try("1234", "小李")
	for _, want := range []string{"pin 4 0", "pin 3 0", "pin 2 0", "pin 1 0", "pin 0 60"} {
		try("8888", want)
	}
	opened(p, o.url()) // off and on again gives no tries back
	if got := unlock("1234"); !strings.HasPrefix(got, "pin 0 5") && got != "pin 0 60" {
		t.Errorf("after a restart: %q", got)
	}
	if got := browser.Outcome[string](p, `ark.unlock("m2", "").then(() => ark.state.member.name)`); got != "小王" {
		t.Errorf("somebody without a PIN: %q", got)
	}
}
