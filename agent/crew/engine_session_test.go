package crew

import (
	"net/http"
	"strings"
	"testing"

	"ark/internal/browser"
	"ark/internal/web"
)

// guarded makes an odd van keep sessions, as many as it knows: a PIN begins
// another one. used are the sessions of the visits that came.
type guarded struct {
	*odd
	known, boot string
	used        []string
	pin         func() (status int, word string) // for whoever enters the PIN; nil: good
}

func newGuarded(t *testing.T) *guarded {
	o := &guarded{odd: newOdd(t), boot: "1"}
	o.answer = func(w http.ResponseWriter, r *http.Request, body string) bool {
		session := r.Header.Get("X-Ark-Session")
		member := ""
		if session != "" && session == o.known {
			member = "m1"
		}
		switch {
		case r.URL.Path == "/api/2/pin" && r.Method == http.MethodPost:
			if o.pin != nil {
				status, word := o.pin()
				web.JSON(w, status, map[string]any{"error": word})
				return true
			}
			if !strings.Contains(body, `"1234"`) {
				web.JSON(w, 403, map[string]any{"error": "pin", "left": 4})
				return true
			}
			o.known = "s" + o.boot
			web.JSON(w, 201, map[string]any{"session": o.known, "member": "m1"})
		case r.URL.Path == "/api/2/pin":
			o.known = ""
			w.WriteHeader(http.StatusNoContent)
		case r.URL.Path == "/api/2/visits" && r.Method == http.MethodPost:
			o.used = append(o.used, session)
			return false
		case r.URL.Path == "/api/2/start" || r.URL.Path == "/api/2/hello":
			_, told := o.say(r, nil)
			told.(map[string]any)["member"], told.(map[string]any)["boot"] = member, o.boot
			web.JSON(w, 200, told)
		default:
			return false
		}
		return true
	}
	return o
}

// A session that the van has forgotten is asked for again, and nothing waits
// for it; to lock the phone ends none.
func TestEngineForgottenSession(t *testing.T) {
	o := newGuarded(t)
	p := enrolled(opened(browser.Open(t, browser.Phone), o.url()))
	if id := browser.Value[string](p, "ark.state.phone.id"); id != "x" {
		t.Errorf("the phone calls itself %s, the van calls it x", id)
	}
	p.Await("ark.state.crew")
	unlock := func() {
		t.Helper()
		if word := troubleOf(p, `ark.unlock("m1", "1234")`); word != "" {
			t.Fatalf("the PIN: %s", word)
		}
	}
	unlock()
	logOne(p, "甲")
	counted(p, 0, 1, 0)
	browser.Outcome[bool](p, "ark.lock().then(() => true)")
	o.stop()
	p.Await("(ark.retry(), !ark.state.online)")
	unlock()
	logOne(p, "乙") // out of reach, after the phone locked itself
	o.start()
	counted(p, 0, 2, 0)
	if browser.Value[bool](p, "ark.state.unsigned") {
		t.Error("it asks for a PIN that the van knows")
	}

	browser.Outcome[bool](p, `ark.draft().then((d) => { d.visit.place = "写到一半"; return ark.keep(d); }).then(() => true)`)
	o.set(func() { o.boot, o.known = "2", "" }) // it restarts
	p.Await("(ark.retry(), ark.state.unsigned)")
	if !browser.Value[bool](p, "ark.state.member.name === '小李'") {
		t.Error("whoever is at the phone was sent away")
	}
	logOne(p, "丙")
	counted(p, 0, 3, 0)
	unlock()
	p.Await("!ark.state.unsigned")
	logOne(p, "丁")
	counted(p, 0, 4, 0)
	o.set(func() {
		if got := strings.Join(o.used, ","); got != "s1,s1,,s2" {
			t.Errorf("handed in with the sessions %q", got)
		}
	})
	if got := browser.Outcome[string](p, "ark.drafts().then((all) => all[0].visit.place)"); got != "写到一半" {
		t.Errorf("what was half written is %q", got)
	}

	// Nobody is locked out in the middle of a voice note, but of a phone that lies about.
	browser.Value[bool](p, `(() => { const now = Date.now; globalThis.later = 0; Date.now = () => now() + later; return true; })()`)
	browser.Value[bool](p, `(later = 9 * 60e3, ark.stay(), document.dispatchEvent(new Event("visibilitychange")))`)
	if !browser.Outcome[bool](p, "ark.lockAfter(300_000).then(() => !!ark.state.member)") {
		t.Error("locked while somebody speaks")
	}
	browser.Value[bool](p, `(later = 18 * 60e3, document.dispatchEvent(new Event("visibilitychange")))`)
	p.Await("!ark.state.member")

	// A new card that knows neither phone nor crew, and a van that struck the
	// phone off: whoever has the PIN still gets to the export.
	for _, c := range []struct {
		status int
		word   string
	}{{401, "unknown-phone"}, {403, "struck"}, {422, "member"}, {503, "card"}} {
		browser.Outcome[bool](p, "ark.lock().then(() => true)")
		o.set(func() { o.pin = func() (int, string) { return c.status, c.word } })
		unlock()
		if word := troubleOf(p, `ark.lock().then(() => ark.unlock("m1", "9999"))`); word != "pin" {
			t.Errorf("%s: a wrong PIN: %q", c.word, word)
		}
		unlock()
	}
}
