package crew

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"

	"ark"
	"ark/agent"
	"ark/internal/browser"
	"ark/internal/rig"
	"ark/internal/web"
)

// picture is an expression for a JPEG of noise that is about so many bytes.
func picture(side int) string {
	return fmt.Sprintf(`(async () => { const c = new OffscreenCanvas(%d, %[1]d), g = c.getContext("2d"), d = g.createImageData(%[1]d, %[1]d);
		for (let i = 0; i < d.data.length; i++) d.data[i] = i %% 4 === 3 ? 255 : Math.random() * 256; g.putImageData(d, 0, 0);
		return c.convertToBlob({ type: "image/jpeg", quality: 1 }); })()`, side)
}

// Photos go to the van after the text, smallest first, and go on where a cut
// stopped them; the van gives them back.
func TestEngineAttachments(t *testing.T) {
	o := newOuting(t)
	p := onApp(browser.Open(t, browser.Phone), o.url())
	code, _ := o.crew.invite("")
	browser.Outcome[bool](p, fmt.Sprintf(`ark.enrol(%q, "1号手机").then(() => true)`, code))
	p.Await("ark.state.form")
	var order []string // what came whole, in this order
	cut := 0
	before := func(r *http.Request) {
		switch {
		case r.Method == http.MethodPost && r.URL.Path == "/api/2/visits":
			order = append(order, "text")
		case r.Method == http.MethodPatch:
			order = append(order, "part")
			if r.Header.Get("Upload-Offset") != "0" && cut < 2 {
				cut++
				io.CopyN(io.Discard, r.Body, 1000) // some of it, and then nothing
				panic(http.ErrAbortHandler)
			}
		}
	}
	o.set(func() { o.before = before })
	p.Cut()
	browser.Outcome[bool](p, fmt.Sprintf(`(async () => { const d = await ark.draft(), photo = { role: "photo" };
		d.visit = { place: "3幢", outcome: "met", attachments: [await ark.attach(d.id, await %s, photo), await ark.attach(d.id, await %s, photo)] };
		globalThis.photos = d.visit.attachments; await ark.log(d); return true; })()`, picture(1000), picture(100)))
	if word := troubleOf(p, `ark.attach("x", new Blob(["MZ\u0090 a program"], { type: "image/jpeg" }), { role: "photo" })`); word != "file" {
		t.Errorf("a program called a photo: %q", word)
	}
	if word := troubleOf(p, `ark.attach("x", new Blob([new Uint8Array(11 << 20)], { type: "image/jpeg" }), { role: "photo" })`); word != "too-large" {
		t.Errorf("11 MB: %q", word)
	}
	p.Mend()
	counted(p, 0, 1, 0)
	for i := range 2 {
		var h ark.Hash
		if err := h.UnmarshalText([]byte(browser.Value[string](p, fmt.Sprintf("photos[%d].content", i)))); err != nil {
			t.Fatal(err)
		}
		rig.Await(t, "the photo is on the van", func() bool {
			where, err := o.van.Store.Where(context.Background(), []ark.Hash{h})
			return err == nil && where[h] == agent.Whereabouts{OnVan: true}
		})
	}
	o.set(func() { o.before = nil })
	if all := strings.Join(order, " "); !strings.HasPrefix(all, "text part part") || cut != 2 {
		t.Errorf("%d cuts, in this order: %s", cut, all)
	}
	if got := browser.Outcome[bool](p, `ark.blob(photos[1].content).then((b) => b.size === photos[1].size)`); !got {
		t.Error("the photo is not the same")
	}
}

// serveAnother makes the van serve another version of the app.
func (o *odd) serveAnother() {
	o.set(func() {
		old := o.app.hash
		o.app.hash = "0123456789abcdef"
		worker := o.app.files["/sw.js"]
		o.app.add("/sw.js", worker.kind, []byte(strings.Replace(string(worker.data), old, o.app.hash, 1)))
	})
}

// A newer app waits until a person asks for it, and takes no draft away.
func TestAppRenews(t *testing.T) {
	o := newOdd(t)
	p := enrolled(onApp(browser.Open(t, browser.Phone), o.url()))
	p.Await("navigator.serviceWorker.controller && ark.state.form")
	o.serveAnother()
	browser.Value[bool](p, "(ark.retry(), true)")
	p.Await("ark.state.renew")
	browser.Outcome[bool](p, `ark.draft().then((d) => { d.visit.place = "写到一半"; ark.keep(d); ark.renew(); globalThis.before = true; return true; })`)
	p.Await("!globalThis.before")
	p.Await("document.readyState === 'complete' && navigator.serviceWorker.controller")
	if got := browser.Outcome[string](p, `caches.keys().then((all) => all.join())`); got != "ark-0123456789abcdef" {
		t.Errorf("the phone keeps %s", got)
	}
	browser.Outcome[bool](p, `import("/app/core/ark.js").then(async (m) => { globalThis.ark = await m.open(); return true; })`)
	if got := browser.Outcome[string](p, "ark.drafts().then((all) => all.map((d) => d.visit.place).filter(Boolean).join())"); got != "写到一半" {
		t.Errorf("drafts: %q", got)
	}
	p.Cut()
	p.Go(o.url() + "/")
	p.Await("document.readyState === 'complete'")
}

// Another version of the app waits for the screen to put away what is under
// way, such as a voice note.
func TestEngineRenewsAfterTheScreen(t *testing.T) {
	o := newOdd(t)
	p := enrolled(opened(browser.Open(t, browser.Phone), o.url()))
	p.Await("navigator.serviceWorker.controller && ark.state.form")
	o.serveAnother()
	p.Await("(ark.retry(), ark.state.renew)")
	browser.Value[bool](p, `(globalThis.before = true, ark.leaving = async () => {
		await new Promise((done) => setTimeout(done, 100));
		const d = await ark.draft();
		d.visit.place = "录完了";
		await ark.keep(d);
	}, ark.renew(), true)`)
	p.Await("!globalThis.before && document.readyState === 'complete'")
	opened(p, o.url())
	if got := browser.Outcome[string](p, "ark.drafts().then((all) => all.map((d) => d.visit.place).join())"); got != "录完了" {
		t.Errorf("drafts: %q", got)
	}
}

// Where another tab has changed to a newer version, this one follows, also if
// it began before there was any.
func TestEngineFollowsAnotherTab(t *testing.T) {
	o := newOdd(t)
	p := enrolled(opened(browser.Open(t, browser.Phone), o.url()))
	p.Await("navigator.serviceWorker.controller && ark.state.form")
	o.serveAnother()
	p.Await("(ark.retry(), ark.state.renew)")
	browser.Outcome[bool](p, `navigator.serviceWorker.getRegistration().then((r) => { globalThis.before = true; r.waiting.postMessage("renew"); return true; })`)
	p.Await("!globalThis.before && document.readyState === 'complete'")
}

// Out of the van's reach a search looks in what the phone keeps of the area
// and in what only the phone has yet.
func TestEngineSearchAway(t *testing.T) {
	o := newOdd(t)
	o.area = []map[string]any{{"id": "1", "place": map[string]any{"compound": "翠苑", "building": "3", "room": "501"}, "find": "王奶奶 wangnainai wnn 3-501"},
		{"id": "2", "place": map[string]any{"compound": "翠苑", "building": "5", "room": "101"}, "find": "李 li l 5-101"}}
	p := enrolled(opened(browser.Open(t, browser.Phone), o.url()))
	o.until("the area is on the phone", func() bool { return strings.Contains(strings.Join(o.heard, " "), "/api/2/area") })
	p.Await("ark.state.form")
	rig.Await(t, "it is kept", func() bool {
		return browser.Outcome[bool](p, "ark.store.read(['facts'], (tx) => tx.find('facts', 'area')).then((a) => !!a)")
	})
	o.stop()
	find := func(q string) string {
		return browser.Outcome[string](p, fmt.Sprintf(`ark.search(%q).then((all) => all.from + ":" + all.map((h) => h.place.room).join())`, q))
	}
	for q, want := range map[string]string{"wnn": "phone:501", "5-101": "phone:101", "张": "phone:"} {
		if got := find(q); got != want {
			t.Errorf("%s: %s, want %s", q, got, want)
		}
	}
	browser.Outcome[bool](p, `ark.editHousehold({ place: { compound: "翠苑", building: "7", room: "702" }, members: [{ name: "张三" }] }).then(() => true)`)
	if got := find("张"); got != "phone:702" {
		t.Errorf("the new household: %s", got)
	}
	if got := browser.Outcome[string](p, `ark.alike({ place: { compound: "翠苑", building: "3", room: "501" } }).then((all) => all.map((a) => a.household.id + a.why).join())`); got != "1door" {
		t.Errorf("alike: %s", got)
	}
	o.start()
	o.until("the household is handed in", func() bool { return strings.Contains(strings.Join(o.heard, " "), "POST /api/2/households") })
	p.Await("ark.retry() || ark.state.counts.edits === 0")
}

// A phone that was struck off keeps nothing about people but what the hub does
// not have yet: whoever found it reads no households and no old visits.
func TestEngineStruckOff(t *testing.T) {
	o := newOdd(t)
	o.area = []map[string]any{{"id": "1", "place": map[string]any{"compound": "翠苑"}, "find": "王奶奶"}}
	p := enrolled(opened(browser.Open(t, browser.Phone), o.url()))
	p.Await("ark.state.form")
	atHub, onVan := logOne(p, "到中心的"), logOne(p, "在车上的")
	counted(p, 0, 2, 0)
	o.set(func() { o.states[atHub] = map[string]any{"state": "hub", "last": atHub} })
	p.Await("(ark.retry(), ark.state.counts.hub === 1)")
	o.set(func() {
		o.answer = func(w http.ResponseWriter, r *http.Request, _ string) bool {
			if r.URL.Path != "/api/2/hello" {
				web.JSON(w, 403, map[string]any{"error": "struck"})
			}
			return r.URL.Path != "/api/2/hello"
		}
	})
	here := logOne(p, "只在手机上的")
	p.Await("(ark.retry(), ark.state.struck)")
	held := `ark.store.read(["facts", "records"], async (tx) => ({ area: await tx.find("facts", "area"), records: await tx.all("records") }))`
	rig.Await(t, "what is done with is gone", func() bool {
		return browser.Outcome[string](p, held+`.then((h) => JSON.stringify([!h.area, h.records.map((r) => r.id).sort()]))`) ==
			browser.Value[string](p, fmt.Sprintf("JSON.stringify([true, [%q, %q].sort()])", onVan, here))
	})
	counted(p, 1, 1, 0)
	o.set(func() { o.answer = nil }) // it was a mistake, and it is enrolled anew
	p.Await("(ark.retry(), ark.state.counts.van === 2)")
}
