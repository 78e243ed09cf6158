package crew

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"
	"time"

	"ark/internal/browser"
	"ark/internal/web"
)

// Several visits on which the van chokes each time hold up none that comes
// behind them, and neither does a van that cannot tell who its crew are, or
// where visits are.
func TestEngineChokes(t *testing.T) {
	o := newOdd(t)
	ill := false
	o.answer = func(w http.ResponseWriter, r *http.Request, body string) bool {
		if strings.Contains(body, "坏") || ill && (r.URL.Path == "/api/2/start" || r.URL.Path == "/api/2/states") {
			web.JSON(w, 500, map[string]any{"error": "server"})
			return true
		}
		return false
	}
	p := enrolled(opened(browser.Open(t, browser.Phone), o.url()))
	p.Await("ark.state.form")
	o.set(func() { ill = true })
	for range 4 {
		logOne(p, "坏")
	}
	good := logOne(p, "好")
	o.until("the good one came", func() bool {
		browser.Value[bool](p, "(ark.retry(), true)")
		return o.kept[good] != ""
	})
	opened(p, o.url()) // asks for the crew anew, in vain
	another := logOne(p, "又一个")
	o.until("another came", func() bool {
		browser.Value[bool](p, "(ark.retry(), true)")
		return o.kept[another] != ""
	})
	counted(p, 4, 2, 0)
}

// A phone whose clock is set from 1970 to now, with the app open, hands in how
// long ago a visit was made by the page's own stop-watch.
func TestEngineClockIsSet(t *testing.T) {
	o, phone := newOdd(t), browser.Phone
	phone.Before = "{ const now = Date.now, away = Date.UTC(2026, 10, 26); globalThis.set = false; Date.now = () => now() - (globalThis.set ? 0 : away); }"
	p := enrolled(opened(browser.Open(t, phone), o.url()))
	p.Await("ark.state.form")
	o.stop()
	p.Await("(ark.retry(), !ark.state.online)")
	id := logOne(p, "甲")
	browser.Value[bool](p, "(globalThis.set = true)")
	o.start()
	counted(p, 0, 1, 0)
	var h struct{ Made, Now int64 }
	if err := json.Unmarshal([]byte(o.holds()[id]), &h); err != nil {
		t.Fatal(err)
	}
	if age := h.Now - h.Made; age < 1 || age > time.Minute.Milliseconds() || h.Now < 1e12 {
		t.Errorf("handed in as %d ms old at %d", age, h.Now)
	}
}

// Phones of a few years ago have neither AbortSignal.timeout nor a promise to
// keep anything; some have no locks and no way from tab to tab.
func TestEngineOldBrowser(t *testing.T) {
	o, phone := newOdd(t), browser.Phone
	phone.Before = `delete AbortSignal.timeout; delete globalThis.BroadcastChannel; Object.defineProperty(Navigator.prototype, "locks", { value: undefined });
		globalThis.persists = 0; StorageManager.prototype.persist = async () => { persists++; return false; };`
	a := enrolled(opened(browser.Open(t, phone), o.url()))
	b := opened(a.Tab(), o.url())
	var order []string
	die := true
	o.set(func() {
		o.answer = func(w http.ResponseWriter, r *http.Request, _ string) bool {
			if r.Method == http.MethodPost && r.URL.Path == "/api/2/visits" {
				order = append(order, r.URL.Path)
				if die {
					panic(http.ErrAbortHandler)
				}
			}
			return false
		}
	})
	first, second := logOne(a, "甲"), logOne(b, "乙")
	o.until("both are at it", func() bool { return len(order) > 1 })
	a.Go("about:blank") // one dies in the middle
	o.set(func() { die = false })
	counted(b, 0, 2, 0)
	if got := o.holds(); got[first] == "" || got[second] == "" || len(got) != 2 {
		t.Errorf("the van holds %v", got)
	}
	// What another tab does is seen, without a word from it.
	opened(a, o.url())
	logOne(a, "丙")
	b.Await("(ark.retry(), ark.state.counts.van === 3)")
	if n := browser.Value[int](b, "persists"); n != 0 {
		t.Errorf("asked to be kept, the browser said no; it was asked %d times more", n)
	}
	browser.Value[bool](b, "(() => { const now = Date.now; Date.now = () => now() + 8 * 86400e3; return true; })()")
	logOne(b, "丁")
	b.Await("persists === 1")
	if browser.Value[bool](b, "ark.state.storage.persisted") {
		t.Error("it says that the browser promised")
	}
}

// Where the browser keeps nothing, as in private mode, the app says so, and
// shows the way to the plain page.
func TestAppWithoutStorage(t *testing.T) {
	o, phone := newOdd(t), browser.Phone
	phone.Before = `Object.defineProperty(globalThis, "indexedDB", { get() { throw new DOMException("denied", "SecurityError"); } });
		Object.defineProperty(globalThis, "localStorage", { get() { throw new DOMException("denied", "SecurityError"); } });
		LockManager.prototype.request = async () => { throw new DOMException("denied", "SecurityError"); };`
	p := browser.Open(t, phone)
	p.Go(o.url() + "/")
	p.AwaitText("手机存不了记录")
	p.Await("document.querySelector('a[href=\"/plain\"]')")
	if faults := p.Faults(); len(faults) > 0 {
		t.Errorf("the app complained: %q", faults)
	}
}

// Photos that two drafts share go with neither; a visit that a full phone had
// to hand in straight is no draft any more.
func TestEngineKeepsWhatIsNamed(t *testing.T) {
	o := newOdd(t)
	p := browser.Open(t, browser.Phone)
	p.Go(o.url() + "/blank")
	enrolled(opened(p, o.url()))
	p.Await("ark.state.form")
	left := browser.Outcome[int](p, `(async () => {
		const photo = new Blob([new Uint8Array([0xff, 0xd8, 0xff, 0xe0]), new Uint8Array(100)], { type: "image/jpeg" });
		const [one, other] = [await ark.draft(), await ark.draft()];
		for (const d of [one, other]) { d.visit.attachments = [await ark.attach(d.id, photo, { role: "photo" })]; await ark.keep(d); }
		await ark.drop(one.id);
		await ark.book.forget(Date.now() + 2 * 86400e3);
		return (await ark.blob(other.visit.attachments[0].content)).size; })()`)
	if left != 104 {
		t.Errorf("%d bytes are left of the photo", left)
	}
	kept := browser.Outcome[string](p, `(async () => { globalThis.d = await ark.draft(); Object.assign(d.visit, { place: "乙", outcome: "met", note: "长".repeat(2000) }); await ark.keep(d); return d.id; })()`)
	browser.Outcome[bool](p, `(async () => { const put = IDBObjectStore.prototype.put;
		IDBObjectStore.prototype.put = function (...a) { if (this.name === "records") throw new DOMException("no room", "QuotaExceededError"); return put.apply(this, a); };
		await ark.log(d); IDBObjectStore.prototype.put = put; return true; })()`)
	if o.holds()[kept] == "" {
		t.Error("the van does not hold what the phone had no room for")
	}
	if got := browser.Outcome[string](p, "ark.drafts().then((all) => all.map((d) => d.id).join())"); strings.Contains(got, kept) {
		t.Error("it is a draft still, to be logged once more")
	}
}

// Whoever has the PIN comes into a full phone, which lets go of what the van
// has anyway.
func TestEngineFullPhoneUnlocks(t *testing.T) {
	o := newOdd(t)
	o.area = []map[string]any{{"id": "1", "find": "王奶奶"}}
	p := enrolled(opened(browser.Open(t, browser.Phone), o.url()))
	p.Await("ark.state.crew")
	browser.Outcome[bool](p, `(async () => { while (!await ark.store.read(["facts"], (tx) => tx.find("facts", "area"))) await new Promise((ok) => ark.on("change", ok) && setTimeout(ok, 50));
		const put = IDBObjectStore.prototype.put, gone = IDBObjectStore.prototype.delete; let full = true;
		IDBObjectStore.prototype.put = function (...a) { if (full) throw new DOMException("no room", "QuotaExceededError"); return put.apply(this, a); };
		IDBObjectStore.prototype.delete = function (...a) { full = false; return gone.apply(this, a); };
		return true; })()`)
	if word := troubleOf(p, `ark.unlock("m2", "")`); word != "" {
		t.Errorf("locked out: %s", word)
	}
	p.Await("ark.state.member.name === '小王'")
}

// A file that somebody made up is not believed: neither its shape, nor who it
// says wrote something.
func TestEngineForgedFile(t *testing.T) {
	o := newGuarded(t)
	p := enrolled(opened(browser.Open(t, browser.Phone), o.url()))
	p.Await("ark.state.crew")
	if word := troubleOf(p, `ark.unlock("m1", "1234").then(() => ark.unlock("m2", ""))`); word != "" {
		t.Fatal(word)
	}
	o.stop()
	p.Await("(ark.retry(), !ark.state.online)")
	own := logOne(p, "自己的")
	take := func(records string) string {
		return browser.Outcome[string](p, `(async () => { const { hashOf, stable, newID } = await import("/app/core/ids.js"), id = newID();
			const whole = { format: "ark-unsent", version: 1, made: 1, drafts: [], files: [], records: (`+records+`)(id) };
			return ark.importUnsent(new Blob([JSON.stringify({ ...whole, sum: await hashOf(stable(whole)) })])).then((n) => "taken " + n.visits, (e) => e.word); })()`)
	}
	step := func(visit string) string {
		return `(id) => [{ id, kind: "visit", made: 1, steps: [{ id, n: 1, made: 1, what: "log", where: "phone", member: "m1", visit: ` + visit + ` }] }]`
	}
	for name, c := range map[string]struct{ records, want string }{
		"no visit":            {step("null"), "file"},
		"no place":            {step(`{ place: 7 }`), "file"},
		"photos that are not": {step(`{ place: "x", attachments: "all" }`), "file"},
		"no record":           {`() => [null]`, "file"},
		"an empty edit":       {`(id) => [{ id, kind: "household", steps: [{ id, what: "edit", where: "phone" }] }]`, "file"},
		"another kind":        {`(id) => [{ id: "` + own + `", kind: "household", steps: [{ id, what: "edit", where: "phone", now: { id, place: {} } }] }]`, "file"},
		"as if at the hub":    {`() => [{ id: "` + own + `", kind: "visit", made: 1, steps: [{ id: "` + own + `", n: 1, made: 1, what: "log", where: "hub", visit: { place: "自己的" } }] }]`, "taken 0"},
		"somebody else's":     {step(`{ place: "x", outcome: "met", member: "m1" }`), "taken 1"},
	} {
		if got := take(c.records); got != c.want {
			t.Errorf("%s: %s, want %s", name, got, c.want)
		}
	}
	counted(p, 2, 0, 0)
	o.start()
	counted(p, 0, 2, 0)
	o.set(func() {
		if got := strings.Join(o.used, ","); got != "," {
			t.Errorf("handed in with the sessions %q of whom the file named", got)
		}
	})
}
