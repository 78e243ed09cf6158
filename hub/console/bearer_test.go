package console

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"ark"
	"ark/hub"
)

// token makes a token of the account of the tests.
func (b *bench) token(roles []hub.Role, s hub.Sight) string {
	b.t.Helper()
	word, err := b.accounts.NewToken(b.t.Context(), hub.Token{Account: staff, Name: "报表", Roles: roles, Sight: s, Ends: b.clock().Add(30 * 24 * time.Hour)})
	must(b.t, err)
	return word
}

// call asks the API by a token.
func (b *bench) call(word, path string, heads ...string) answer {
	b.t.Helper()
	return b.person().get(path, append([]string{"Authorization", "Bearer " + word}, heads...)...)
}

var (
	north = hub.Sight{Places: []ark.Place{{Street: "北街"}}}
	both  = []ark.Visit{{Place: "北1", Where: ark.Place{Street: "北街"}, Outcome: ark.Met}, {Place: "南1", Where: ark.Place{Street: "南街"}, Outcome: ark.Met, Note: "电话 13812345678"}}
)

func TestATokenOpensTheAPI(t *testing.T) {
	b := newBench(t)
	ids := b.deliver("van-1", true, both[0], both[1])
	whole, part := b.token([]hub.Role{hub.RoleReader}, hub.Everything), b.token([]hub.Role{hub.RoleReviewer}, north)
	b.call(whole, "/api/1/visits").wants(t, 200, "北1", "南1", "••••78")
	if a := b.call(part, "/api/1/visits"); strings.Contains(a.body, "南1") || !strings.Contains(a.body, "北1") {
		t.Errorf("by a token for the north: %s", a.body)
	}
	b.call(part, "/api/1/visits/"+ids[1].String()).wants(t, 404, `"error":"not-there"`, "不在您的地点范围内")
	b.call(part, "/api/1/me").wants(t, 200, `"token":"报表"`, `"reviewer"`, `"whole":false`, "北街")
	b.call(part, "/api/1/nothing").wants(t, 404, `"error":"not-there"`)
	for _, wrong := range []string{"", "ark_", "x", strings.Repeat("ark_", 1000), whole + "x"} {
		a := b.call(wrong, "/api/1/visits", "Accept-Language", "en")
		a.wants(t, 401, `"error":"not-signed-in"`, "under My account")
		if a.head.Get("WWW-Authenticate") == "" {
			t.Error("a wrong token is not told that tokens are asked for")
		}
	}
	b.pass(31 * 24 * time.Hour)
	b.call(whole, "/api/1/visits").wants(t, 401)
}

// A token is for the API: it opens no page, and no session comes of it.
func TestATokenOpensNothingElse(t *testing.T) {
	b := newBench(t)
	word := b.token([]hub.Role{hub.RoleAdministrator}, hub.Everything)
	if a := b.call(word, "/vans"); a.status != http.StatusSeeOther || !strings.HasPrefix(a.to, "/login") {
		t.Errorf("a page by a token: %d", a.status)
	}
	if a := b.call(word, "/api/1/visits"); a.head.Get("Set-Cookie") != "" {
		t.Errorf("a cookie: %q", a.head.Get("Set-Cookie"))
	}
	r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, b.server.URL+"/stop", strings.NewReader("van=*"))
	must(t, err)
	r.Header.Set("Authorization", "Bearer "+word)
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	if a := b.person().do(r); a.status != http.StatusSeeOther || len(mustList(t, b)) != 0 {
		t.Errorf("an order by a token: %d", a.status)
	}
}

// What a token reads is on record under its name.
func TestATokensDeedsAreOnRecord(t *testing.T) {
	b := newBench(t)
	word := b.token([]hub.Role{hub.RoleReader}, north)
	b.call(word, "/api/1/changes").wants(t, 200)
	all, err := b.store.Deeds(t.Context(), hub.AuditFilter{Verb: hub.VerbSearch}, hub.AuditPlace{}, 10)
	must(t, err)
	if len(all) != 1 || all[0].Who != staff || all[0].Token != "报表" || all[0].Detail["since"] != "0" || all[0].From == "" {
		t.Errorf("on record %+v", all)
	}
}

func TestATokenThatAsksTooMuch(t *testing.T) {
	b := newBench(t)
	word, other := b.token([]hub.Role{hub.RoleReader}, hub.Everything), b.token([]hub.Role{hub.RoleReader}, north)
	_ = other
	var last answer
	for range callsAtOnce + 1 {
		last = b.call(word, "/api/1/me")
	}
	last.wants(t, 429, `"error":"wait"`)
	if last.head.Get("Retry-After") != "1" {
		t.Errorf("wait %q", last.head.Get("Retry-After"))
	}
	b.pass(callsEvery)
	b.call(word, "/api/1/me").wants(t, 200)
	b.call(word, "/api/1/me").wants(t, 429)
	b.pass(time.Hour)
	for range wrongAtOnce {
		b.call("ark_x", "/api/1/me").wants(t, 401)
	}
	b.call("ark_x", "/api/1/me").wants(t, 429)
}

// Whoever asks on with what was answered misses nothing: what came, what was
// amended, withdrawn and reviewed.
func TestChangesSince(t *testing.T) {
	b := newBench(t)
	word := b.token([]hub.Role{hub.RoleReviewer}, hub.Everything)
	var told toldChanges
	since := func(n int64, query string) []string {
		t.Helper()
		a := b.call(word, fmt.Sprintf("/api/1/changes?since=%d%s", n, query))
		a.wants(t, 200)
		told = toldChanges{}
		must(t, json.Unmarshal([]byte(a.body), &told))
		var places []string
		for _, v := range told.Visits {
			places = append(places, v.Place)
		}
		return places
	}
	if got := since(0, ""); len(got) != 0 || told.Changed != 0 || told.More {
		t.Errorf("of nothing: %+v", told)
	}
	ids := b.deliver("van-1", true, ark.Visit{Place: "1", Outcome: ark.Met}, ark.Visit{Place: "2", Outcome: ark.Met}, ark.Visit{Place: "3", Outcome: ark.Met})
	if got := since(0, "&limit=2"); !slices.Equal(got, []string{"1", "2"}) || !told.More {
		t.Errorf("the first page: %v", got)
	}
	if got := since(told.Changed, "&limit=2"); !slices.Equal(got, []string{"3"}) || told.More {
		t.Errorf("the second page: %v", got)
	}
	end := told.Changed
	b.deliver("van-1", true, ark.Amend{Visit: ids[1], Now: ark.Visit{Place: "2，改了", Outcome: ark.Met}}, ark.Withdrawal{Visit: ids[0]})
	must(t, b.store.SetReview(t.Context(), hub.Everything, ark.Review{Visit: ids[2], Entry: ids[2], State: ark.ReviewApproved, At: 1}, hub.AnyReview))
	if got := since(end, ""); len(got) != 3 || !slices.Contains(got, "2，改了") || !told.Visits[slices.Index(got, "1")].Withdrawn || told.Visits[slices.Index(got, "3")].State != "approved" {
		t.Errorf("what changed: %v", got)
	}
	if got := since(told.Changed, ""); len(got) != 0 {
		t.Errorf("nothing changed: %v", got)
	}
	for _, bad := range []string{"x", "-1", "1.5", "1e3", "99999999999999999999", "0x1", "%201", "1&since=2", "1%00", "%ff"} {
		b.call(word, "/api/1/changes?since="+bad).wants(t, 400, `"error":"cursor"`)
	}
}

// A token for one street is told that a visit was amended out of it, and
// nothing else of it.
func TestChangesTellWhatIsGone(t *testing.T) {
	b := newBench(t)
	word := b.token([]hub.Role{hub.RoleReader}, north)
	id := b.deliver("van-1", true, ark.Visit{Place: "北1", Where: ark.Place{Street: "北街"}, Outcome: ark.Met})[0]
	b.call(word, "/api/1/changes").wants(t, 200, `"北1"`, `"gone":[]`, `"changed":1`)
	b.deliver("van-1", true, ark.Amend{Visit: id, Now: ark.Visit{Place: "南1", Where: ark.Place{Street: "南街"}, Outcome: ark.Met, Note: "搬了"}})
	a := b.call(word, "/api/1/changes?since=1")
	a.wants(t, 200, `"visits":[],"gone":[{"id":"`+id.String()+`","changed":2}],"changed":2,"more":false`)
	if strings.Contains(a.body, "南") || strings.Contains(a.body, "搬") {
		t.Errorf("told of another street: %s", a.body)
	}
	b.call(word, "/api/1/changes?since=2").wants(t, 200, `"visits":[],"gone":[]`)
}

// The API finds what the page finds, and its pages are whole.
func TestTheAPIFindsVisits(t *testing.T) {
	b := newBench(t)
	b.street(30)
	word := b.token([]hub.Role{hub.RoleReader}, hub.Everything)
	all := func(at string) (places []string) {
		t.Helper()
		for pages := 0; at != ""; pages++ {
			a := b.call(word, at)
			a.wants(t, 200)
			var told toldVisits
			must(t, json.Unmarshal([]byte(a.body), &told))
			for _, v := range told.Visits {
				places = append(places, v.Place)
			}
			if at = told.Next; pages > 30 {
				t.Fatal("pages without end")
			}
		}
		return places
	}
	for query, want := range map[string]int{"": 30, "?limit=7": 30, "?limit=15&place=北街": 15, "?limit=4&place=南街&outcome=met": 15, "?limit=4&order=time": 30, "?outcome=refused": 0, "?photo=no&limit=30": 30, "?before=11": 10} {
		got := all("/api/1/visits" + query)
		slices.Sort(got)
		if len(slices.Compact(got)) != want {
			t.Errorf("%q: %d visits, want %d", query, len(got), want)
		}
	}
	for bad, word1 := range map[string]string{"before=x": "cursor", "before=-1": "cursor", "before=1&before=2": "cursor", "above=5": "cursor", "before=5&below=5": "cursor", "before=5&order=time": "cursor", "below=x": "query",
		"below=%00": "query", "order=time&below=5": "query", "outcome=eaten": "query", "q=x": "query", "from=yesterday": "query", "box=1,2,3": "query", "van=..%2f": "query", "household=1": "query", "q=" + strings.Repeat("x", 300): "query"} {
		b.call(word, "/api/1/visits?"+bad).wants(t, 400, `"error":"`+word1+`"`)
	}
	b.call(word, "/api/1/visits?outcome=eaten&photo=maybe", "Accept-Language", "en").wants(t, 400, `"fields":["outcome","photo"]`, "not understood")
}

// Bodies are refused before they are read whole, and however deep they are.
func TestBodiesThatAreNone(t *testing.T) {
	b := newBench(t)
	id := b.deliver("van-1", true, ark.Visit{Place: "1", Outcome: ark.Met})[0]
	word := b.token([]hub.Role{hub.RoleReviewer}, hub.Everything)
	send := func(body io.Reader, length int64) answer {
		r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, b.server.URL+"/api/1/visits/"+id.String()+"/review", body)
		must(t, err)
		r.ContentLength = length
		r.Header.Set("Authorization", "Bearer "+word)
		return b.person().do(r)
	}
	text := func(s string) answer { return send(strings.NewReader(s), int64(len(s))) }
	for name, body := range map[string]string{"no JSON": "<", "deep": strings.Repeat(`{"a":`, 10_000), "deep list": strings.Repeat("[", 20_000), "a list": "[]", "null": "null", "nothing": "", "a number": "1e999",
		"broken UTF-8": "{\"state\":\"\xff\",\"entry\":1}", "deep in a field": `{"x":` + strings.Repeat("[", 10_001) + strings.Repeat("]", 10_001) + `}`} {
		if a := text(body); a.status != 400 && a.status != 422 {
			t.Errorf("%s: %d %s", name, a.status, a.body)
		}
	}
	text(`{"entry":"`+id.String()+`","state":"returned"}`).wants(t, 422, `"error":"noComment"`)
	text(`{"comment":"`+strings.Repeat("x", maxForm)+`"}`).wants(t, 413, `"error":"tooLarge"`)
	text(`{"entry":"`+id.String()+`","state":"approved"}`).wants(t, 200, `"state":"approved"`)
}

// flood is bytes without end; it counts those that were read.
type flood struct{ read int64 }

func (f *flood) Read(p []byte) (int, error) {
	for i := range p {
		p[i] = ' '
	}
	f.read += int64(len(p))
	return len(p), nil
}

// A gigabyte is refused after its first bytes.
func TestAGigabyteIsRefusedEarly(t *testing.T) {
	b := newBench(t)
	id := b.deliver("van-1", true, ark.Visit{Place: "1", Outcome: ark.Met})[0]
	word := b.token([]hub.Role{hub.RoleReviewer}, hub.Everything)
	conn, err := net.Dial("tcp", b.server.Listener.Addr().String())
	must(t, err)
	defer conn.Close()
	fmt.Fprintf(conn, "POST /api/1/visits/%s/review HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer %s\r\nContent-Length: %d\r\n\r\n", id, word, 1<<30)
	f := &flood{}
	sent := make(chan struct{})
	go func() { // until the hub hangs up
		defer close(sent)
		io.CopyN(conn, f, 1<<30)
	}()
	res, err := http.ReadResponse(bufio.NewReader(conn), nil)
	must(t, err)
	if res.StatusCode != http.StatusRequestEntityTooLarge {
		t.Errorf("status %d", res.StatusCode)
	}
	conn.Close()
	<-sent
	if f.read > 32<<20 {
		t.Errorf("%d bytes were taken", f.read)
	}
}

func TestTheAPIsPage(t *testing.T) {
	b := newBench(t)
	p := b.signedIn()
	d, err := described()
	must(t, err)
	for lang, title := range map[string]string{"zh": "数据接口", "en": "for those who write programs"} {
		page := p.get("/api", "Accept-Language", lang)
		page.wants(t, 200, title, "curl -H", b.server.URL+"/api/1/visits")
		for _, op := range d.operations() {
			if !strings.Contains(page.body, "<code>"+op+"</code>") {
				t.Errorf("%s: the page lacks %s", lang, op)
			}
		}
	}
	if a := p.get("/api/1/openapi.json"); a.body != string(openAPI) {
		t.Error("another document is given to programs")
	}
}

// The document has each call of the API, and no other.
func TestTheDocumentHasEachCall(t *testing.T) {
	d, err := described()
	must(t, err)
	var calls []string
	for _, r := range newBench(t).console.routes() {
		if forAPI(r.pattern) && strings.Contains(r.pattern, "/api/1/") && r.pattern != "GET /api/1/openapi.json" {
			calls = append(calls, r.pattern)
		}
	}
	slices.Sort(calls)
	if want := d.operations(); !slices.Equal(calls, want) {
		t.Errorf("calls %v, described %v", calls, want)
	}
}
