package crew

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"
	"time"

	"golang.org/x/crypto/argon2"

	"ark"
)

// handset is a phone of the bench.
type handset struct {
	*bench
	id             ark.ID
	token, session string
}

var shownCode = regexp.MustCompile(`<p class="code" translate="no">(\d{4}) (\d{4})</p>`)

// newCode is a code from the van's own screen.
func (b *bench) newCode() string {
	b.Helper()
	got := b.submit("/panel/phones", nil)
	m := shownCode.FindStringSubmatch(got.page)
	if m == nil {
		b.Fatalf("no code in\n%s", got.page)
	}
	return m[1] + m[2]
}

// told is an answer of the API, of whatever kind.
type told struct {
	status int
	header http.Header
	body   map[string]any
}

func (t told) word() string { s, _ := t.body["error"].(string); return s }

// says fails unless the answer is this.
func (t told) says(b testing.TB, status int, word string) {
	b.Helper()
	if t.status != status || t.word() != word {
		b.Errorf("answered %d %v, want %d %q", t.status, t.body, status, word)
	}
	if message, _ := t.body["message"].(string); t.status >= 400 && (message == "" || strings.Contains(message, "api.")) {
		b.Errorf("%d %s says nothing to people", status, word)
	}
}

func (b *bench) ask(method, path, body string, headers ...string) told {
	b.Helper()
	got := b.do(method, path, "application/json", body, headers...)
	t := told{status: got.status, header: got.header}
	if got.page != "" {
		if err := json.Unmarshal([]byte(got.page), &t.body); err != nil {
			b.Fatalf("%s %s: %d %q: %v", method, path, got.status, got.page, err)
		}
	}
	return t
}

func (b *bench) enrolled() *handset {
	b.Helper()
	h := &handset{bench: b, id: newID(b.clock.Now().Wall)}
	got := b.ask("POST", "/api/2/phones", fmt.Sprintf(`{"id":%q,"code":%q,"name":"小李的手机"}`, h.id, b.newCode()))
	got.says(b, http.StatusCreated, "")
	h.token, _ = got.body["token"].(string)
	var err error
	if h.id, err = ark.ParseID(fmt.Sprint(got.body["phone"])); err != nil {
		b.Fatal(err)
	}
	return h
}

func (h *handset) ask(method, path, body string) told {
	h.Helper()
	headers := []string{"Authorization", "Bearer " + h.token}
	if h.session != "" {
		headers = append(headers, sessionHeader, h.session)
	}
	return h.bench.ask(method, path, body, headers...)
}

func (h *handset) sign(member ark.ID, pin string) told {
	h.Helper()
	got := h.ask("POST", "/api/2/pin", fmt.Sprintf(`{"member":%q,"pin":%q}`, member, pin))
	if got.status == http.StatusCreated {
		h.session, _ = got.body["session"].(string)
	}
	return got
}

func TestAPhoneIsEnrolled(t *testing.T) {
	b := newBench(t, t.TempDir())
	code, id := b.newCode(), newID(1)
	body := func(id ark.ID, code string) string {
		return fmt.Sprintf(`{"id":%q,"code":%q,"name":"小李"}`, id, code)
	}
	first := b.ask("POST", "/api/2/phones", body(id, code))
	first.says(t, http.StatusCreated, "")
	again := b.ask("POST", "/api/2/phones", body(id, code))
	if again.body["token"] != first.body["token"] || first.body["van"] != "van-1" {
		t.Errorf("asked again, because the answer was lost: %v, want %v", again.body, first.body)
	}
	b.ask("POST", "/api/2/phones", body(newID(2), code)).says(t, http.StatusForbidden, "code")
	h := &handset{bench: b, token: first.body["token"].(string)}
	h.ask("GET", "/api/2/start", "").says(t, http.StatusOK, "")
	all, err := b.store.Phones(t.Context())
	raw, _ := base64.RawURLEncoding.DecodeString(h.token)
	if err != nil || len(all) != 1 || all[0].ID.String() != first.body["phone"] || all[0].Verifier != ark.HashOf(raw) || len(raw) != 32 {
		t.Errorf("kept %+v, %v", all, err)
	}
	b.shows(b.open("/panel/phones").page, "有一部手机登记好了", "小李")
	late := b.ask("POST", "/api/2/phones", body(id, b.newCode())) // the code is another one by now
	late.says(t, http.StatusCreated, "")
	if late.body["phone"] == id.String() || late.body["token"] == first.body["token"] {
		t.Errorf("enrolled once more: %v", late.body)
	}
	h.token = late.body["token"].(string)
	if me := h.ask("GET", "/api/2/start", "").body["phone"].(map[string]any); me["id"] != late.body["phone"] {
		t.Errorf("it is %v, want %v", me, late.body["phone"])
	}
}

func TestACodeIsGoodOnceAndForTenMinutes(t *testing.T) {
	b := newBench(t, t.TempDir())
	try := func(code string) told {
		return b.ask("POST", "/api/2/phones", fmt.Sprintf(`{"id":%q,"code":%q,"name":"x"}`, newID(1), code))
	}
	try("").says(t, http.StatusForbidden, "code")
	old := b.newCode()
	code := b.newCode()
	if old != code {
		try(old).says(t, http.StatusForbidden, "code")
	}
	for range wrongCodes {
		try("x").says(t, http.StatusForbidden, "code")
	}
	try(code).says(t, http.StatusForbidden, "code")
	code = b.newCode()
	b.pass(inviteFor)
	try(code).says(t, http.StatusForbidden, "code")
	code = b.newCode()
	b.pass(inviteFor - time.Second)
	b.shows(b.open("/panel/phones").page, "还能用 10 秒")
	try(code).says(t, http.StatusCreated, "")
}

// Whoever tries digits spoils them for nobody else, unless there are many of
// them; and what the QR code says is good whatever they try.
func TestGuessingACode(t *testing.T) {
	b := newBench(t, t.TempDir())
	try := func(from, code string) int {
		r := httptest.NewRequest("POST", "http://van-1.local/api/2/phones", strings.NewReader(fmt.Sprintf(`{"id":%q,"code":%q,"name":"x"}`, newID(1), code)))
		r.RemoteAddr = from
		r.Header.Set("Content-Type", "application/json")
		w := httptest.NewRecorder()
		b.server.Config.Handler.ServeHTTP(w, r)
		return w.Code
	}
	digits := b.newCode()
	guess := fmt.Sprintf("%08d", 1)
	for range wrongCodes {
		try("10.0.0.7:9", guess)
	}
	if got := try("10.0.0.7:9", digits); got != http.StatusForbidden {
		t.Errorf("after %d wrong ones: %d", wrongCodes, got)
	}
	if got := try("10.0.0.8:9", digits); got != http.StatusCreated {
		t.Errorf("another phone: %d", got)
	}
	shown := b.enrolled().ask("POST", "/api/2/codes", "")
	digits = shown.body["code"].(string)
	_, word, _ := strings.Cut(shown.body["link"].(string), "#enrol=")
	for i := range wrongInAll {
		if got := try(fmt.Sprintf("[fe80::%x]:9", i+1), guess); got != http.StatusForbidden {
			t.Fatalf("guess %d: %d", i, got)
		}
	}
	if got := try("10.0.0.9:9", digits); got != http.StatusForbidden {
		t.Errorf("digits that a hundred tried: %d", got)
	}
	if got := try("10.0.0.9:9", word); got != http.StatusCreated || len(word) < 20 {
		t.Errorf("whoever scans the code: %d", got)
	}
}

// A phone that invites another knows the code, and reads who has joined: that
// must not be enough to be told the other one's token.
func TestAnInviterDoesNotLearnTheToken(t *testing.T) {
	b := newBench(t, t.TempDir())
	bad := b.enrolled()
	code := bad.ask("POST", "/api/2/codes", "").body["code"]
	join := func(id any) told {
		return b.ask("POST", "/api/2/phones", fmt.Sprintf(`{"id":%q,"code":%q,"name":"王芳"}`, id, code))
	}
	join(newID(7)).says(t, http.StatusCreated, "")
	for _, p := range bad.ask("GET", "/api/2/phones", "").body["phones"].([]any) {
		join(p.(map[string]any)["id"]).says(t, http.StatusForbidden, "code")
	}
}

// Where nothing is encrypted between phones and van, whoever enrols one is told
// so, and so is the technician.
func TestWithoutAnAddressNothingIsEncrypted(t *testing.T) {
	b := newBench(t, t.TempDir())
	const warning = "手机和车之间不加密"
	b.shows(b.open("/panel/phones").page, warning)
	if b.ask("GET", "/api/1/state", "").body["encrypted"] != false {
		t.Error("the state says that phones are safe")
	}
	b.crew.c.Address = func() string { return "https://van-1.ark.internal" }
	if strings.Contains(b.open("/panel/phones").page, warning) || b.ask("GET", "/api/1/state", "").body["encrypted"] != true {
		t.Error("a van with an address is said to encrypt nothing")
	}
}

// from asks as somebody elsewhere on the van's network does.
func (b *bench) from(addr, method, path, body, cookie string) *httptest.ResponseRecorder {
	r := httptest.NewRequest(method, "http://van-1.local"+path, strings.NewReader(body))
	r.RemoteAddr = addr
	if cookie != "" {
		r.Header.Set("Cookie", cookie)
	}
	if method == "POST" {
		r.Header.Set("Content-Type", form)
	}
	w := httptest.NewRecorder()
	b.server.Config.Handler.ServeHTTP(w, r)
	return w
}

// Only who stands in the van sees a code: on its own screen, or after holding
// the real Stop; and then only the browser that asked for it.
func TestWhoSeesTheCode(t *testing.T) {
	b := newBench(t, t.TempDir())
	const near = "10.0.0.7:9"
	if w := b.from(near, "POST", "/panel/phones", "", ""); w.Header().Get("Set-Cookie") != "" {
		t.Error("a stranger was given a code")
	}
	b.shows(b.from(near, "GET", "/panel/phones", "", "").Body.String(), "按住面板上真的“停止”按钮")
	now := b.now().Mono
	b.mu.Lock()
	b.status.Welcomed = now
	b.mu.Unlock()
	w := b.from(near, "POST", "/panel/phones", "", "")
	cookie, _, _ := strings.Cut(w.Header().Get("Set-Cookie"), ";")
	page := b.from(near, "GET", "/panel/phones", "", cookie).Body.String()
	if !shownCode.MatchString(page) || !strings.Contains(page, "<svg") || !strings.Contains(page, "还能用 9 分钟") && !strings.Contains(page, "还能用 10 分钟") {
		t.Errorf("no code in\n%s", page)
	}
	if shownCode.MatchString(b.from("10.0.0.8:9", "GET", "/panel/phones", "", "").Body.String()) {
		t.Error("another browser sees the code")
	}
	b.pass(welcomeFor)
	if shownCode.MatchString(b.from(near, "GET", "/panel/phones", "", cookie).Body.String()) {
		t.Error("the code is shown for as long as anybody likes")
	}
}

func TestAForeignToken(t *testing.T) {
	b := newBench(t, t.TempDir())
	h := b.enrolled()
	for _, token := range []string{"", "x", h.token[:20], base64.RawURLEncoding.EncodeToString(make([]byte, 32)), strings.Repeat("A", 10_000)} {
		other := &handset{bench: b, token: token}
		other.ask("GET", "/api/2/start", "").says(t, http.StatusUnauthorized, "unknown-phone")
	}
	h.ask("DELETE", "/api/2/phones/"+h.id.String(), "").says(t, http.StatusNoContent, "")
	h.ask("GET", "/api/2/start", "").says(t, http.StatusForbidden, "struck")
	h.ask("POST", "/api/2/visits", `{}`).says(t, http.StatusForbidden, "struck")
	b.shows(b.open("/panel/phones").page, "已停用")
}

func TestAPhoneIsStruckOffAtTheVan(t *testing.T) {
	b := newBench(t, t.TempDir())
	h := b.enrolled()
	if w := b.from("10.0.0.7:9", "POST", "/panel/phones/strike", "phone="+h.id.String(), ""); w.Code != http.StatusSeeOther {
		t.Errorf("answered %d", w.Code)
	}
	h.ask("GET", "/api/2/start", "").says(t, http.StatusOK, "") // a stranger strikes nobody off
	b.submit("/panel/phones/strike", map[string][]string{"phone": {h.id.String()}})
	h.ask("GET", "/api/2/start", "").says(t, http.StatusForbidden, "struck")
}

// verifierOf makes a verifier that costs little.
func verifierOf(pin string) string {
	salt := []byte("0123456789abcdef")
	e := base64.RawStdEncoding.EncodeToString
	return "$argon2id$v=19$m=64,t=1,p=1$" + e(salt) + "$" + e(argon2.IDKey([]byte(pin), salt, 1, 64, 1, 32))
}

func withCrew(b *bench) (h *handset, wang, li ark.CrewMember) {
	wang = ark.CrewMember{ID: newID(1), Name: "王芳", Verifier: verifierOf("2468")}
	li = ark.CrewMember{ID: newID(2), Name: "李明"}
	b.order(ark.KindCrew, ark.Crew{Version: 1, Members: []ark.CrewMember{wang, li}})
	return b.enrolled(), wang, li
}

func TestSigningIn(t *testing.T) {
	b := newBench(t, t.TempDir())
	h, wang, li := withCrew(b)
	h.sign(li.ID, "1").says(t, http.StatusUnprocessableEntity, "member")
	h.ask("POST", "/api/2/codes", "").says(t, http.StatusForbidden, "session")
	h.sign(wang.ID, "2468").says(t, http.StatusCreated, "")
	who := func() any { return h.ask("GET", "/api/2/start", "").body["member"] }
	if who() != wang.ID.String() {
		t.Error("the session names nobody")
	}
	h.ask("POST", "/api/2/codes", "").says(t, http.StatusCreated, "")
	other := b.enrolled()
	other.session = h.session
	if got := other.ask("GET", "/api/2/start", "").body["member"]; got != nil {
		t.Error("a session is good on another phone")
	}
	wang.Struck = true
	b.order(ark.KindCrew, ark.Crew{Version: 2, Members: []ark.CrewMember{wang, li}})
	if who() != nil {
		t.Error("somebody who was struck off is still signed in")
	}
	h.sign(wang.ID, "2468").says(t, http.StatusUnprocessableEntity, "member")
	wang.Struck = false
	b.order(ark.KindCrew, ark.Crew{Version: 3, Members: []ark.CrewMember{wang, li}})
	h.sign(wang.ID, "2468").says(t, http.StatusCreated, "")
	h.ask("DELETE", "/api/2/pin", "").says(t, http.StatusNoContent, "")
	if who() != nil {
		t.Error("a session that was ended goes on")
	}
}

// Five wrong PINs, then one waits, longer each time; a restart gives no tries
// and shortens nothing.
func TestGuessingAPIN(t *testing.T) {
	dir := t.TempDir()
	b := newBench(t, dir)
	h, wang, _ := withCrew(b)
	wrong := func(left, wait float64) {
		t.Helper()
		got := h.sign(wang.ID, "1111")
		got.says(t, http.StatusForbidden, "pin")
		waits, _ := got.body["wait_s"].(float64)
		if got.body["left"] != left || waits < wait-2 || waits > wait {
			t.Fatalf("answered %v, want %v left and %v s to wait", got.body, left, wait)
		}
	}
	for left := range 4 {
		wrong(float64(4-left), 0)
	}
	wrong(0, 60)
	h.sign(wang.ID, "2468").says(t, http.StatusForbidden, "pin") // the right one, too soon
	b.pass(30 * time.Second)
	b.restart()
	wrong(0, 60)
	b.pass(61 * time.Second)
	for _, wait := range []time.Duration{5 * time.Minute, 15 * time.Minute, time.Hour, time.Hour} {
		wrong(0, wait.Seconds())
		b.pass(wait + time.Second)
	}
	h.sign(wang.ID, "2468").says(t, http.StatusCreated, "")
	wrong(4, 0)
}

func TestVerifiers(t *testing.T) {
	good := verifierOf("1234")
	if a, err := readVerifier(good); err != nil || !a.fits("1234") || a.fits("1235") || a.fits("") {
		t.Errorf("%v", err)
	}
	for _, bad := range []string{"", "$", "plain", strings.Replace(good, "m=64", "m=9999999", 1), strings.Replace(good, "t=1", "t=99", 1),
		strings.Replace(good, "p=1", "p=0", 1), strings.Replace(good, "p=1", "p=9", 1), strings.Replace(good, "v=19", "v=16", 1),
		strings.Replace(good, "argon2id", "argon2i", 1), good[:len(good)-30]} {
		if _, err := readVerifier(bad); err == nil {
			t.Errorf("%q is taken", bad)
		}
	}
}
