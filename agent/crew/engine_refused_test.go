package crew

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"ark/internal/browser"
	"ark/internal/web"
)

// What the van refuses of a household is told, counts as being on the phone
// only, goes into the export, and is mended or given up by a person.
func TestEngineRefusedHousehold(t *testing.T) {
	o := newOdd(t)
	edit := map[string]any{"error": "household-wrong", "field": "now_household", "message": "每个人要有姓名"}
	status := 422
	o.answer = func(w http.ResponseWriter, r *http.Request, body string) bool {
		switch {
		case r.Method == http.MethodPost && r.URL.Path == "/api/2/households" && strings.Contains(body, "坏") && status != 0:
			web.JSON(w, status, edit)
		case r.Method == http.MethodGet && strings.HasPrefix(r.URL.Path, "/api/2/households/"):
			web.JSON(w, 200, map[string]any{"id": r.URL.Path[len("/api/2/households/"):], "place": map[string]any{"room": "501"}, "note": "车上的", "door": "501室", "visits": []any{}})
		default:
			return false
		}
		return true
	}
	p := enrolled(opened(browser.Open(t, browser.Phone), o.url()))
	bad := `ark.editHousehold({ place: { building: "7", room: "702" }, members: [{ name: "坏" }] }).then((h) => h.id)`
	id := browser.Outcome[string](p, bad)
	p.Await("ark.edits().length === 1")
	p.Await("((c) => c.phone === 1 && c.mend === 1 && c.edits === 1 && c.all === 1)(ark.state.counts)")
	logOne(p, "好") // what was refused holds up nothing
	counted(p, 1, 1, 0)
	if got := browser.Outcome[string](p, `ark.edit(ark.edits()[0].id).then((e) => [e.now.members[0].name, e.refused.word, e.refused.message].join())`); got != "坏,household-wrong,每个人要有姓名" {
		t.Errorf("told as %q", got)
	}
	if got := browser.Outcome[string](p, `ark.household(`+quote(id)+`).then((h) => h.members[0].name + h.refused.edit)`); got != "坏"+browser.Value[string](p, "ark.edits()[0].id") {
		t.Errorf("the household is shown as %q", got)
	}
	if !browser.Outcome[bool](p, `ark.exportUnsent().then((b) => b.text()).then((s) => s.includes("坏"))`) {
		t.Error("the export lacks it")
	}
	browser.Outcome[bool](p, `(async () => { const e = ark.edits()[0], d = await ark.homeDraft(e.id); await ark.keep({ ...d, household: { ...e.now, note: "半" } });
		await ark.mendHousehold(e.id, { ...e.now, members: [{ name: "好" }] }, d.id); return !(await ark.homeDraft(e.id)).household; })()`)
	counted(p, 0, 1, 0)
	first := func(what string) string {
		t.Helper()
		found := ""
		for _, body := range o.holds() {
			if strings.Contains(body, what) {
				found += body
			}
		}
		return found
	}
	if got := first(id); !strings.Contains(got, `"好"`) {
		t.Errorf("the van holds %s", got)
	}

	// One of which the van knows already corrects that one.
	o.set(func() { status, edit = 409, map[string]any{"error": "taken"} })
	id = browser.Outcome[string](p, bad)
	p.Await("ark.edits().length === 1")
	browser.Outcome[bool](p, `(async () => { const e = ark.edits()[0]; await ark.mendHousehold(e.id, { ...e.now, members: [{ name: "好" }] }); return true; })()`)
	counted(p, 0, 1, 0)
	if got := first(id); !strings.Contains(got, `"was":{"id":"`+id) || !strings.Contains(got, "车上的") || strings.Contains(got, "501室") {
		t.Errorf("the van holds %s", got)
	}

	// A new card that hears late of its households is asked again by itself.
	o.set(func() { status, edit = 404, map[string]any{"error": "not-there"} })
	id = browser.Outcome[string](p, bad)
	p.Await("ark.edits().length === 1")
	o.set(func() { o.area, status = []map[string]any{{"id": id}}, 0 })
	browser.Outcome[bool](p, `(() => { const now = Date.now; Date.now = () => now() + 20 * 60e3; return ark.area.refresh({}).then(() => true); })()`)
	counted(p, 0, 1, 0)

	// Nothing goes unless a person lets it go.
	o.set(func() { status = 400 })
	browser.Outcome[string](p, bad)
	p.Await("ark.edits().length === 1")
	browser.Outcome[bool](p, "ark.giveUp(ark.edits()[0].id).then(() => true)")
	counted(p, 0, 1, 0)
	p.Await("ark.edits().length === 0")
}

// tus is a double of the van's folder of attachments; refuse may say no to one
// by what it announces.
func tus(refuse func(r *http.Request) (status int, word string)) func(http.ResponseWriter, *http.Request, string) bool {
	return func(w http.ResponseWriter, r *http.Request, _ string) bool {
		if !strings.HasPrefix(r.URL.Path, "/api/2/files") {
			return false
		}
		if status, word := refuse(r); status != 0 {
			web.JSON(w, status, map[string]any{"error": word, "message": "因为 " + word})
			return true
		}
		switch r.Method {
		case http.MethodPost:
			w.Header().Set("Location", "/api/2/files/x")
			w.WriteHeader(http.StatusCreated)
		case http.MethodHead:
			w.Header().Set("Upload-Offset", "0")
			w.WriteHeader(http.StatusOK)
		default:
			w.Header().Set("Upload-Offset", fmt.Sprint(r.ContentLength))
			w.WriteHeader(http.StatusNoContent)
		}
		return true
	}
}

// withFiles is an expression that logs a visit with a small and a larger photo
// and a voice note, larger still.
const withFiles = `(async () => { const d = await ark.draft();
	const of = (head, size, type, role) => ark.attach(d.id, new Blob([new Uint8Array(head), new Uint8Array(size)], { type }), { role });
	d.visit = { place: "3幢", outcome: "met", attachments: [await of([0xff, 0xd8, 0xff, 0xe0], 1000, "image/jpeg", "photo"), await of([0xff, 0xd8, 0xff, 0xe0], 2000, "image/jpeg", "photo"),
		await of([0x1a, 0x45, 0xdf, 0xa3], 3000, "audio/webm", "voice")] };
	return ark.log(d); })()`

// An attachment that the van does not take holds up no other, is told with
// what the van said, and is left alone once a person says so. The visit is on
// the van all the same.
func TestEngineRefusedAttachment(t *testing.T) {
	o := newOdd(t)
	small, full := "1004", false
	o.answer = tus(func(r *http.Request) (int, string) {
		switch {
		case r.Method == http.MethodPost && r.Header.Get("Upload-Length") == small:
			return 415, "not-its-type"
		case full && r.Method == http.MethodPost && strings.Contains(r.Header.Get("Upload-Metadata"), "type aW1hZ2"): // image/…
			return 507, "low-photo"
		}
		return 0, ""
	})
	p := enrolled(opened(browser.Open(t, browser.Phone), o.url()))
	p.Await("ark.state.form")
	id := browser.Outcome[string](p, withFiles)
	p.Await("(ark.retry(), ark.state.counts.stuck === 1)")
	counted(p, 0, 1, 0)
	told := func() string {
		return browser.Outcome[string](p, `ark.visit(`+quote(id)+`).then((v) => v.visit.attachments.map((a) => v.attachments[a.content] + " " + Object.values(v.stuck[a.content] || {})).join("|"))`)
	}
	p.Await(`(ark.retry(), ark.visit(` + quote(id) + `).then((v) => { globalThis.there = Object.values(v.attachments).join(); }), globalThis.there === "phone,van,van")`)
	if got := told(); !strings.HasPrefix(got, "phone not-its-type,因为 not-its-type,"+o.app.hash+",true|van |van ") {
		t.Errorf("told %q", got)
	}
	due := func() int {
		return browser.Outcome[int](p, "ark.visits({ returned: true }).then((all) => all.length)")
	}
	if due() != 1 {
		t.Error("it is not among those about which something is to be done")
	}
	browser.Outcome[bool](p, `ark.visit(`+quote(id)+`).then((v) => ark.leaveFile(v.visit.attachments[0].content)).then(() => true)`)
	p.Await("ark.state.counts.stuck === 0")
	if due() != 0 {
		t.Error("a person has read it and is told still")
	}

	// Where there is no room for photos, voice goes on.
	o.set(func() { full = true })
	id = browser.Outcome[string](p, strings.ReplaceAll(withFiles, "000,", "001,"))
	p.Await(`(ark.retry(), ark.visit(` + quote(id) + `).then((v) => { globalThis.there = Object.values(v.attachments).join(); }), globalThis.there === "phone,phone,van")`)
	if got := told(); !strings.HasPrefix(got, "phone low-photo,因为 low-photo,false|phone |van ") {
		t.Errorf("told %q", got)
	}
	if browser.Value[int](p, "ark.state.counts.stuck") != 0 {
		t.Error("what waits for room is called refused")
	}

	// Another app on the van is asked once more.
	o.set(func() { full, small, o.app.hash = false, "", "0123456789abcdef" })
	opened(p, o.url())
	p.Await(`(ark.retry(), ark.visits().then((all) => { globalThis.left = all.flatMap((v) => Object.values(v.attachments)).filter((w) => w !== "van").length; }), globalThis.left === 0)`)
}
