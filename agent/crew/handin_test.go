package crew

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"ark"
	"ark/agent"
)

// Whatever a phone's clock says: the age is one that a visit may have, and
// where it cannot have been the true one the time is doubtful.
func TestAgeByThePhonesClock(t *testing.T) {
	const van, hour = ark.UnixMilli(1_790_000_000_000), int64(3_600_000)
	at := int64(van)
	rows := []struct {
		name      string
		made, now int64
		age       int64
		doubtful  bool
	}{
		{"just now", at, at, 0, false},
		{"an hour in a stairwell", at - hour, at, hour, false},
		{"a clock that is a minute fast", at - hour + 60_000, at + 60_000, hour, false},
		{"a clock that is an hour fast", at, at + hour, hour, true},
		{"1970", 0, 0, 0, true},
		{"1970, and an hour on", 5, 5 + hour, hour, true},
		{"made in 1970, then the clock was set", 5, at, ark.MaxAge, true},
		{"made in the future, then the clock was set", at + 400*24*hour, at, 0, true},
		{"set back by a second", at + 1000, at, 0, false},
		{"before 1970", -hour, -1, 0, true},
		{"out of all range", -1 << 63, 1<<63 - 1, ark.MaxAge, true},
		{"out of range the other way", 1<<63 - 1, -1 << 63, 0, true},
	}
	for _, row := range rows {
		age, off := ageOf(row.made, row.now, van)
		v := ark.Visit{Place: "x", Outcome: ark.Met, Age: age, Off: off}
		if doubt := v.Doubtful(ark.Stamp{Trusted: true}); age != row.age || doubt != row.doubtful || v.Check() != nil {
			t.Errorf("%s: age %d, off %d, doubtful %v, %v; want age %d, doubtful %v", row.name, age, off, doubt, v.Check(), row.age, row.doubtful)
		}
	}
}

// aVisit is a visit with everything, as a phone says it.
const aVisit = `{"place":"翠苑一区3幢2单元501室","where":{"compound":"翠苑一区","building":"3","unit":"2","room":"501"},"person":"王奶奶","outcome":"met",
"services":["knives"],"needs":[{"category":"repair","words":"灯坏了","urgency":2}],"need":"换灯","note":"狗在家","return":true,
"consent":[{"what":"data","notice":1,"given":true,"how":"spoken","at":1790000000000}],"geo":{"lat":302741500,"lon":1201551500,"acc":12},"form":99,"by":"小李"}`

func (h *handset) handIn(id ark.ID, visit string) told {
	h.Helper()
	now := int64(h.now().Wall)
	return h.ask("POST", "/api/2/visits", fmt.Sprintf(`{"id":%q,"made":%d,"now":%d,"visit":%s}`, id, now-60_000, now, visit))
}

func (h *handset) visit(id ark.ID) map[string]any {
	h.Helper()
	got := h.ask("GET", "/api/2/visits/"+id.String(), "")
	got.says(h, http.StatusOK, "")
	return got.body
}

func TestAVisitIsHandedIn(t *testing.T) {
	b := newBench(t, t.TempDir())
	h := b.enrolled()
	id := newID(1)
	for range 2 { // a phone that heard no answer sends again, later
		got := h.handIn(id, aVisit)
		got.says(t, http.StatusCreated, "")
		if got.body["saved"] != true || got.body["id"] != id.String() || got.body["at"].(float64) < 1e12 {
			t.Errorf("answered %v", got.body)
		}
		b.pass(time.Hour)
	}
	h.handIn(id, strings.Replace(aVisit, "王奶奶", "别人", 1)).says(t, http.StatusConflict, "taken")
	list := h.ask("GET", "/api/2/visits?mine=1", "").body["visits"].([]any)
	if len(list) != 1 {
		t.Fatalf("%d visits, want one", len(list))
	}
	v := h.visit(id)
	var said, kept map[string]any
	if err := json.Unmarshal([]byte(aVisit), &said); err != nil {
		t.Fatal(err)
	}
	kept = v["visit"].(map[string]any)
	if diff := cmp.Diff(said, kept); diff != "" {
		t.Errorf("what is read is not what was said:\n%s", diff)
	}
	if v["state"] != "van" || v["mine"] != true || v["last"] != id.String() || len(v["editions"].([]any)) != 1 {
		t.Errorf("told %v", v)
	}
	kept2, _, err := b.store.History(t.Context(), id)
	if err != nil || kept2.Phone != h.id || kept2.Age != 60_000 || kept2.By != "小李" {
		t.Errorf("kept %+v, %v", kept2, err)
	}
}

// A door that was typed in words is kept in its parts too, as far as they can
// be read; what an older release kept without them is still the same visit.
func TestATypedDoorIsTakenApart(t *testing.T) {
	b := newBench(t, t.TempDir())
	h := b.enrolled()
	for place, want := range map[string]ark.Place{
		"翠苑一区3幢2单元501": {Compound: "翠苑一区", Building: "3", Unit: "2", Room: "501"},
		"５栋６０１室":       {Building: "5", Room: "601"},
		"菜场门口":         {},
	} {
		id := newID(1)
		h.handIn(id, `{"place":"`+place+`","outcome":"met"}`).says(t, http.StatusCreated, "")
		if got, _, err := b.store.History(t.Context(), id); err != nil || got.Where != want || got.Place != place {
			t.Errorf("%s: %+v %q, %v", place, got.Where, got.Place, err)
		}
	}
	id := newID(2)
	if err := b.store.Log(t.Context(), id, ark.Visit{Place: "3幢501室", Outcome: ark.Met}); err != nil {
		t.Fatal(err)
	}
	h.handIn(id, `{"place":"3幢501室","outcome":"met"}`).says(t, http.StatusCreated, "")
	h.handIn(id, `{"place":"3幢502室","outcome":"met"}`).says(t, http.StatusConflict, "taken")
}

func TestAVisitIsAmendedAndTakenBack(t *testing.T) {
	b := newBench(t, t.TempDir())
	h, other := b.enrolled(), b.enrolled()
	id, change, back := newID(1), newID(2), newID(3)
	h.handIn(id, aVisit)
	now := int64(b.now().Wall)
	amend := func(h *handset, id, visit, after ark.ID, note string) told {
		return h.ask("POST", "/api/2/visits/"+visit.String()+"/amend", fmt.Sprintf(`{"id":%q,"made":%d,"now":%d,"visit":%s,"why":"写错了","after":%q}`,
			id, now, now, strings.Replace(aVisit, "狗在家", note, 1), after))
	}
	amend(other, newID(4), id, id, "x").says(t, http.StatusUnprocessableEntity, "not-yours")
	amend(h, newID(4), newID(9), newID(9), "x").says(t, http.StatusNotFound, "not-there")
	for range 2 {
		amend(h, change, id, id, "没有狗").says(t, http.StatusCreated, "")
	}
	amend(h, newID(5), id, id, "x").says(t, http.StatusConflict, "stale")
	amend(h, change, id, id, "x").says(t, http.StatusConflict, "taken")
	v := h.visit(id)
	if v["visit"].(map[string]any)["note"] != "没有狗" || v["last"] != change.String() || len(v["editions"].([]any)) != 2 {
		t.Errorf("told %v", v)
	}
	b.order(ark.KindReview, ark.Review{Visit: id, Entry: change, State: ark.ReviewReturned, Comment: "哪一幢？", By: "办公室", At: 1})
	states := h.ask("GET", "/api/2/states?ids="+id.String()+","+back.String(), "").body
	if diff := cmp.Diff(map[string]any{"states": map[string]any{id.String(): map[string]any{"state": "returned", "comment": "哪一幢？", "last": change.String()}},
		"missing": []any{back.String()}}, states); diff != "" {
		t.Error(diff)
	}
	if list := h.ask("GET", "/api/2/visits?returned=1", "").body["visits"].([]any); len(list) != 1 || list[0].(map[string]any)["comment"] != "哪一幢？" {
		t.Errorf("returned: %v", list)
	}
	for range 2 {
		h.ask("POST", "/api/2/visits/"+id.String()+"/withdraw", fmt.Sprintf(`{"id":%q,"made":%d,"now":%d,"why":"走错门"}`, back, now-3600_000, now)).says(t, http.StatusCreated, "")
	}
	if v = h.visit(id); v["withdrawn"] != true || v["why"] != "走错门" || len(v["editions"].([]any)) != 3 {
		t.Fatalf("told %v", v)
	}
	if at := int64(v["editions"].([]any)[2].(map[string]any)["at"].(float64)); at > now-3590_000 || at < now-3610_000 {
		t.Errorf("taken back at %d, want an hour before %d: when it was said and not when it came", at, now)
	}
}

// A person's name on a visit is proven by their session, or it is words.
func TestWhoseVisitItIs(t *testing.T) {
	b := newBench(t, t.TempDir())
	h, wang, li := withCrew(b)
	by := func(m ark.ID) string {
		return `{"place":"x","outcome":"met","member":"` + m.String() + `","by":"假名"}`
	}
	kept := func(id ark.ID) ark.Visit {
		t.Helper()
		l, _, err := b.store.History(t.Context(), id)
		if err != nil {
			t.Fatal(err)
		}
		return l.Visit
	}
	rows := []struct {
		name   string
		member ark.ID
		pin    bool
		want   ark.ID
		by     string
		person any
	}{
		{"nobody signed in", wang.ID, false, ark.ID{}, "王芳", personSaid},
		{"without a PIN", li.ID, false, li.ID, "李明", nil},
		{"nobody whom the van knows", newID(9), false, ark.ID{}, "假名", personSaid},
		{"signed in", wang.ID, true, wang.ID, "王芳", nil},
	}
	for i, row := range rows {
		if row.pin {
			h.sign(wang.ID, "2468").says(t, http.StatusCreated, "")
		}
		id := newID(ark.UnixMilli(i + 10))
		got := h.handIn(id, by(row.member))
		got.says(t, http.StatusCreated, "")
		if v := kept(id); v.Member != row.want || v.By != row.by || got.body["person"] != row.person {
			t.Errorf("%s: kept %v %q, answered %v", row.name, v.Member, v.By, got.body)
		}
	}
	id := newID(20)
	h.handIn(id, by(wang.ID)).says(t, http.StatusCreated, "")
	h.session = ""
	h.handIn(id, by(wang.ID)).says(t, http.StatusCreated, "")
	if v := kept(id); v.Member != wang.ID {
		t.Error("the same again, without the session, took the name away")
	}
}

// What is hostile or mistaken is refused by name, and nothing of it is kept.
func TestWhatIsNotTaken(t *testing.T) {
	b := newBench(t, t.TempDir())
	h := b.enrolled()
	id := newID(1)
	with := func(visit string) string {
		return fmt.Sprintf(`{"id":%q,"made":1,"now":1,"visit":{"place":"x","outcome":"met"%s}}`, id, visit)
	}
	long := strings.Repeat("长", ark.MaxWords)
	var needs []string
	for range ark.MaxNeeds {
		needs = append(needs, `{"category":"repair","words":"`+long+`"}`)
	}
	rows := []struct {
		name, body  string
		status      int
		word, field string
	}{
		{"10 MB of text", with(`,"note":"` + strings.Repeat("x", 10<<20) + `"`), 413, "large", ""},
		{"a text over its limit", with(`,"note":"` + long + `长"`), 422, "long", "note"},
		{"more than an entry holds", with(`,"needs":[` + strings.Join(needs, ",") + `]`), 422, "long", ""},
		{"a field of a newer app", with(`,"mood":"good"`), 400, "unknown-field", "mood"},
		{"a field beside the visit", `{"id":"` + id.String() + `","van":"van-2"}`, 400, "unknown-field", "van"},
		{"a number for a text", with(`,"note":5`), 400, "json", "visit.note"},
		{"not UTF-8", with(",\"note\":\"\xff\""), 422, "text", ""},
		{"NUL", with(`,"note":"\u0000"`), 422, "text", "note"},
		{"two values", with("") + with(""), 400, "json", ""},
		{"deep", with(`,"services":` + strings.Repeat("[", 20_000)), 400, "json", ""},
		{"no id", `{"made":1,"now":1,"visit":{"place":"x","outcome":"met"}}`, 400, "json", "id"},
		{"no place", fmt.Sprintf(`{"id":%q,"made":1,"now":1,"visit":{"outcome":"met"}}`, id), 422, "place", "place"},
		{"no outcome", fmt.Sprintf(`{"id":%q,"made":1,"now":1,"visit":{"place":"x"}}`, id), 422, "outcome", "outcome"},
		{"an attachment that is a program", with(`,"attachments":[{"content":"` + strings.Repeat("ab", 32) + `","size":5,"type":"application/x-msdownload","role":"photo"}]`), 422, "attached", "attachments"},
		{"an attachment that is too large", with(`,"attachments":[{"content":"` + strings.Repeat("ab", 32) + `","size":99999999,"type":"image/jpeg","role":"photo"}]`), 422, "attached", "attachments"},
		{"off the Earth", with(`,"geo":{"lat":990000000000,"lon":0,"acc":1}`), 422, "choice", ""},
		{"another van's household, and no place", fmt.Sprintf(`{"id":%q,"made":1,"now":1,"visit":{"outcome":"met","household":%q}}`, id, newID(7)), 422, "household", "household"},
	}
	for _, row := range rows {
		got := h.ask("POST", "/api/2/visits", row.body)
		if field, _ := got.body["field"].(string); got.status != row.status || got.word() != row.word || field != row.field {
			t.Errorf("%s: answered %d %v, want %d %s %q", row.name, got.status, got.body, row.status, row.word, row.field)
		}
	}
	if all := b.visits(); len(all) != 0 {
		t.Errorf("kept %+v", all)
	}
	h.ask("GET", "/api/2/nonsense", "").says(t, http.StatusNotFound, "not-there")
	if got := h.bench.do("POST", "/api/2/visits", "text/plain", "x", "Authorization", "Bearer "+h.token); got.status != http.StatusUnsupportedMediaType {
		t.Errorf("another type answered %d", got.status)
	}
}

// What only looks wrong is kept: a form that the van does not know, a clock at
// 1970, script in names, a household that has left the area.
func TestWhatIsTakenAllTheSame(t *testing.T) {
	b := newBench(t, t.TempDir())
	h := b.enrolled()
	script := `{"place":"<script>alert(1)</script>","outcome":"met","person":"<img src=x onerror=alert(1)>"}`
	gone := `{"place":"9幢","outcome":"met","household":"` + newID(7).String() + `"}`
	for i, visit := range []string{`{"place":"x","outcome":"met","form":99,"answers":[{"code":"never-heard","values":["1"]}]}`, script, gone} {
		h.handIn(newID(ark.UnixMilli(i+1)), visit).says(t, http.StatusCreated, "")
	}
	id := newID(50)
	h.ask("POST", "/api/2/visits", fmt.Sprintf(`{"id":%q,"made":7,"now":9,"visit":{"place":"y","outcome":"met"}}`, id)).says(t, http.StatusCreated, "")
	if v := h.visit(id); v["doubtful"] != true {
		t.Errorf("a clock at 1970 is believed: %v", v)
	}
	if page := b.open("/plain").page; strings.Contains(page, "<script>alert") || strings.Contains(page, "<img src=x") {
		t.Error("what was typed became part of the page")
	}
}

func TestAPhoneIsSlowedDown(t *testing.T) {
	b := newBench(t, t.TempDir())
	h := b.enrolled()
	b.stands = b.clock.Now()
	refused := 0
	for range searchBurst + 10 {
		got := h.ask("GET", "/api/2/households?q=w", "")
		if got.status == http.StatusTooManyRequests {
			got.says(t, http.StatusTooManyRequests, "many")
			if refused++; got.header.Get("Retry-After") == "" {
				t.Error("it is not told when to come back")
			}
		}
	}
	if refused != 10 {
		t.Errorf("%d of the last 10 searches were refused", refused)
	}
	b.enrolled().ask("GET", "/api/2/households?q=w", "").says(t, http.StatusOK, "")
}

// illLogbook is a card that fails.
type illLogbook struct {
	agent.Logbook
	err error
}

func (l illLogbook) Log(context.Context, ark.ID, ark.Visit) error { return l.err }

// While the card is ill a phone is told so however often it tries, and keeps
// what it has.
func TestAPhoneIsToldOfAnIllCard(t *testing.T) {
	b := newBench(t, t.TempDir())
	h := b.enrolled()
	b.stands = b.clock.Now()
	for _, row := range []struct {
		err    error
		status int
		word   string
	}{{agent.ErrBroken, 503, "card"}, {agent.ErrDiskFull, 507, "full"}, {agent.ErrReadOnly, 507, "readonly"}} {
		b.logbook = illLogbook{b.store, fmt.Errorf("append: %w", row.err)}
		b.restart()
		for range phoneBurst + 5 {
			got := h.handIn(newID(1), aVisit)
			if got.status != row.status || got.word() != row.word || got.header.Get("Retry-After") == "" {
				t.Fatalf("answered %d %v, want %d %s", got.status, got.body, row.status, row.word)
			}
		}
	}
}
