package crew

import (
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"

	"ark/internal/browser"
	"ark/internal/web"
)

// opened opens the engine in a page of the van at url, as the screens do.
func opened(p *browser.Page, url string) *browser.Page {
	p.Go(url + "/blank")
	browser.Outcome[bool](p, `import("/app/core/ark.js").then(async (m) => { globalThis.ark = await m.open(); return true; })`)
	return p
}

func enrolled(p *browser.Page) *browser.Page {
	browser.Outcome[bool](p, `ark.enrol("code", "1号手机").then(() => true)`)
	return p
}

// logOne logs a visit, as typed into a draft, and answers its id once it is
// durable.
func logOne(p *browser.Page, place string) string {
	return browser.Outcome[string](p, fmt.Sprintf(
		`(async () => { const d = await ark.draft(); d.visit = { ...d.visit, place: %q, outcome: "met" }; ark.keep(d); return ark.log(d); })()`, place))
}

// counted waits until that many visits are only on the phone, on the van, at
// the hub, and add up. It has the engine look at once, where that would wait.
func counted(p *browser.Page, phone, van, hub int) {
	p.Await(fmt.Sprintf(`(({ phone, van, hub, all, reviewed, returned }) =>
		ark.retry() || phone === %d && van === %d && hub === %d && phone + van + hub + reviewed + returned === all)(ark.state.counts)`, phone, van, hub))
}

// trouble is the word with which a promise fails; empty: it does not.
func troubleOf(p *browser.Page, promise string) string {
	return browser.Outcome[string](p, promise+`.then(() => "", (e) => e.word || String(e))`)
}

// What was logged is handed in when the van comes back, and not twice, though
// its answers were lost.
func TestEngineHandsIn(t *testing.T) {
	o := newOdd(t)
	p := enrolled(opened(browser.Open(t, browser.Phone), o.url()))
	first := logOne(p, "3幢501")
	counted(p, 0, 1, 0)
	o.stop()
	p.Await("!ark.state.online")
	second := logOne(p, "3幢502")
	counted(p, 1, 1, 0)
	lost := 0
	o.answer = func(w http.ResponseWriter, r *http.Request, _ string) bool {
		if r.Method != http.MethodPost || lost == 2 {
			return false
		}
		lost++
		panic(http.ErrAbortHandler) // the answer is lost after the visit arrived
	}
	o.start()
	counted(p, 0, 2, 0)
	o.set(func() { o.states[first] = map[string]any{"state": "hub", "last": first} })
	o.set(func() {
		o.states[second] = map[string]any{"state": "returned", "last": second, "comment": "几号楼？"}
	})
	p.Await(`(ark.retry(), ark.state.counts.hub === 1 && ark.state.counts.returned === 1)`)
	if got := browser.Outcome[string](p, `ark.visits({ returned: true }).then((v) => v[0].visit.place + v[0].comment)`); got != "3幢502几号楼？" {
		t.Errorf("returned: %q", got)
	}
	if got := o.holds(); len(got) != 2 {
		t.Errorf("the van holds %v", got)
	}
}

// One visit that the van refuses does not hold up the next. A person mends it.
func TestEngineOneBadVisit(t *testing.T) {
	o := newOdd(t)
	o.answer = func(w http.ResponseWriter, r *http.Request, body string) bool {
		if !strings.Contains(body, "坏") {
			return false
		}
		web.JSON(w, 422, map[string]any{"error": "place", "field": "place", "message": "请写明门牌"})
		return true
	}
	p := enrolled(opened(browser.Open(t, browser.Phone), o.url()))
	bad := logOne(p, "坏")
	logOne(p, "好")
	counted(p, 1, 1, 0)
	if got := browser.Outcome[string](p, `ark.visit(`+quote(bad)+`).then((v) => v.state + " " + v.refused.field + " " + v.refused.message)`); got != "mend place 请写明门牌" {
		t.Errorf("shown as %q", got)
	}
	browser.Outcome[bool](p, `ark.mend(`+quote(bad)+`, { place: "3幢501", outcome: "met" }).then(() => true)`)
	counted(p, 0, 2, 0)
	if got := o.holds()[bad]; !strings.Contains(got, "3幢501") {
		t.Errorf("the van holds %s", got)
	}
}

func quote(s string) string { b, _ := json.Marshal(s); return string(b) }

// What an answer means for what the phone holds: nothing is ever dropped, and
// the phone says what stands in the way.
func TestEngineOddAnswers(t *testing.T) {
	o := newOdd(t)
	p := enrolled(opened(browser.Open(t, browser.Phone), o.url()))
	say := func(status int, word string, retry string) func(http.ResponseWriter, *http.Request, string) bool {
		return func(w http.ResponseWriter, r *http.Request, _ string) bool {
			if r.URL.Path == "/api/2/hello" {
				return false
			}
			w.Header().Set("Retry-After", retry)
			web.JSON(w, status, map[string]any{"error": word})
			return true
		}
	}
	p.Await("ark.state.form")
	o.set(func() { o.answer = say(507, "full", "1") })
	id := logOne(p, "3幢501")
	for _, c := range []struct {
		name, want string
		answer     func(http.ResponseWriter, *http.Request, string) bool
	}{
		{"the card is full", `ark.state.trouble === "full"`, say(507, "full", "1")},
		{"too fast", `ark.state.trouble === "many"`, say(429, "many", "1")},
		{"a new card that does not know the phone", `ark.state.unknown`, say(401, "unknown-phone", "1")},
		{"struck off", `ark.state.struck`, say(403, "struck", "1")},
		{"a hotel's page", `!ark.state.online`, func(w http.ResponseWriter, _ *http.Request, _ string) bool {
			w.Header().Set("Content-Type", "text/html")
			fmt.Fprint(w, "<html>Welcome, please log in")
			return true
		}},
		{"another van under this name", `ark.state.trouble === "other-van"`, func(w http.ResponseWriter, _ *http.Request, _ string) bool {
			web.JSON(w, 200, map[string]any{"van": "van-2", "id": "x", "saved": true})
			return true
		}},
		{"a 201 about something else", `ark.state.trouble === "busy"`, func(w http.ResponseWriter, r *http.Request, _ string) bool {
			if r.Method == http.MethodPost {
				web.JSON(w, 201, map[string]any{"id": "x", "saved": true})
			}
			return r.Method == http.MethodPost
		}},
	} {
		o.set(func() { o.answer = c.answer })
		p.Await("(ark.retry(), " + c.want + ")")
		if browser.Value[int](p, "ark.state.counts.phone") != 1 {
			t.Fatalf("%s: the visit is not on the phone any more", c.name)
		}
	}
	o.set(func() { o.answer = nil })
	p.Await("(ark.retry(), ark.state.counts.van === 1 && ark.state.trouble === '')")
	if o.holds()[id] == "" {
		t.Error("the van does not hold it")
	}
}

// An app that is too old hands in what it holds through the first version of
// the API and says that it is to be renewed. The newer app says the rest.
func TestEngineTooOld(t *testing.T) {
	o := newOdd(t)
	p := enrolled(opened(browser.Open(t, browser.Phone), o.url()))
	p.Await("ark.state.form")
	o.set(func() { o.api = []int{1, 3} })
	p.Await(`(ark.retry(), ark.state.renew)`)
	id := browser.Outcome[string](p, `(async () => { const d = await ark.draft(); d.visit = { place: "1幢", outcome: "met", needs: [{ category: "light", words: "楼道灯" }] }; return ark.log(d); })()`)
	counted(p, 0, 1, 0)
	if got := o.holds()[id]; !strings.Contains(got, `"need":"楼道灯"`) || strings.Contains(got, "needs") {
		t.Errorf("handed in %s", got)
	}
	o.set(func() { o.api = []int{1, 2, 3} })
	opened(p, o.url()) // the newer one
	o.until("the whole is handed in", func() bool { return slices.Contains(o.heard, "POST /api/2/visits/"+id+"/amend") })
}

// A card that is replaced has nothing of what the old one called saved: the
// phone hands it in again, under the same id.
func TestEngineNewCard(t *testing.T) {
	o := newOdd(t)
	p := enrolled(opened(browser.Open(t, browser.Phone), o.url()))
	a, b := logOne(p, "甲"), logOne(p, "乙")
	counted(p, 0, 2, 0)
	o.set(func() { o.kept = map[string]string{} })
	browser.Value[bool](p, "(ark.retry(), true)")
	o.until("the new card holds both", func() bool { return o.kept[a] != "" && o.kept[b] != "" })
	counted(p, 0, 2, 0)
}
