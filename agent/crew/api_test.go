package crew

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"ark"
	"ark/agent"
)

func TestAPhoneLogsAVisit(t *testing.T) {
	b := newBench(t, t.TempDir())
	id := newID(1_790_000_000_000)
	body := fmt.Sprintf(`{"id":%q,"place":"3幢501","person":"王奶奶","outcome":"no-answer","services":["shoes"],"need":"灯","note":"狗","by":"小李"}`, id)
	for range 2 { // a phone that heard no answer sends again
		status, a := b.api(body)
		if status != http.StatusCreated || !a.Saved || a.ID != id {
			t.Fatalf("answered %d %+v", status, a)
		}
	}
	v := b.visits()
	if len(v) != 1 || v[0].ID != id || v[0].Place != "3幢501" || v[0].Outcome != ark.NoAnswer || v[0].By != "小李" || v[0].Need != "灯" || v[0].Note != "狗" || v[0].Person != "王奶奶" {
		t.Fatalf("kept %+v", v)
	}
	status, a := b.api(fmt.Sprintf(`{"id":%q,"place":"别处","outcome":"met"}`, id))
	if status != http.StatusConflict || a.Saved || a.Error != "taken" {
		t.Fatalf("other words under the id: %d %+v", status, a)
	}
}

func TestAPhoneIsRefused(t *testing.T) {
	b := newBench(t, t.TempDir())
	id := newID(1).String()
	with := func(fields string) string { return `{"id":"` + id + `",` + fields + `}` }
	rows := []struct {
		name, body   string
		status       int
		error, field string
	}{
		{"no place", with(`"outcome":"met"`), 422, "place", "place"},
		{"no outcome", with(`"place":"x"`), 422, "outcome", "outcome"},
		{"too long", with(`"place":"x","outcome":"met","note":"` + strings.Repeat("长", 2001) + `"`), 422, "long", "note"},
		{"too many services", with(`"place":"x","outcome":"met","services":[` + strings.Repeat(`"a",`, 16) + `"a"]`), 422, "long", "services"},
		{"NUL", with(`"place":"x\u0000","outcome":"met"`), 422, "text", "place"},
		{"not UTF-8", with("\"place\":\"\xff\",\"outcome\":\"met\""), 422, "text", ""},
		{"unknown field", with(`"place":"x","outcome":"met","points":3`), 400, "json", ""},
		{"no id", `{"place":"x","outcome":"met"}`, 400, "json", "id"},
		{"an id of another kind", `{"id":"6ba7b810-9dad-11d1-80b4-00c04fd430c8","place":"x","outcome":"met"}`, 400, "json", ""},
		{"not JSON", `place=x`, 400, "json", ""},
		{"nothing", ``, 400, "json", ""},
		{"two at once", with(`"place":"x","outcome":"met"`) + with(`"place":"y","outcome":"met"`), 400, "json", ""},
		{"huge", with(`"place":"` + strings.Repeat("x", maxForm) + `"`), 413, "long", ""},
		{"deep", with(`"services":` + strings.Repeat("[", 20_000)), 400, "json", ""},
	}
	for _, row := range rows {
		status, a := b.api(row.body)
		if status != row.status || a.Saved || a.Error != row.error || a.Field != row.field || a.Message == "" {
			t.Errorf("%s: answered %d %+v, want %d %s %q", row.name, status, a, row.status, row.error, row.field)
		}
	}
	for _, kind := range []string{"", "text/plain", "application/x-www-form-urlencoded"} {
		if got := b.do("POST", "/api/1/visits", kind, with(`"place":"x","outcome":"met"`)); got.status != http.StatusUnsupportedMediaType {
			t.Errorf("content type %q answered %d", kind, got.status)
		}
	}
	if _, a := b.api(`{}`, "Accept-Language", "en"); !strings.Contains(a.Message, "phone") {
		t.Errorf("in English: %q", a.Message)
	}
	if v := b.visits(); len(v) != 0 {
		t.Errorf("kept %+v", v)
	}
}

// brokenVisits is a card that fails, or that takes its time.
type brokenVisits struct {
	err    error
	saving chan struct{} // Log waits for it
}

func (v brokenVisits) Log(context.Context, ark.ID, ark.Visit) error {
	if v.saving != nil {
		<-v.saving
	}
	return v.err
}

func (v brokenVisits) Recent(context.Context, int) ([]agent.Visit, error) {
	return nil, errors.New("the card cannot be read")
}

func brokenPages(t *testing.T, v brokenVisits) http.Handler {
	t.Helper()
	pages, err := New(Config{Van: "van-1", Visits: v, Status: func() (agent.Status, []time.Duration) { return agent.Status{}, nil },
		Sync: func() agent.Sync { return agent.Sync{} }, Fault: func() error { return v.err }, Buttons: func() []Button { return nil },
		NewID: newID, Now: func() ark.Stamp { return ark.Stamp{} }, Zone: time.UTC, Log: slog.New(slog.NewTextHandler(io.Discard, nil))})
	if err != nil {
		t.Fatal(err)
	}
	return pages.Handler()
}

func post(body string) *http.Request {
	r := httptest.NewRequest("POST", "http://van-1.local/api/1/visits", strings.NewReader(body))
	r.Header.Set("Content-Type", "application/json")
	return r
}

// Not a byte of "saved" leaves before the card has committed.
func TestSavedIsSaidOnlyAfterTheCommit(t *testing.T) {
	v := brokenVisits{saving: make(chan struct{})}
	pages := brokenPages(t, v)
	w, done := httptest.NewRecorder(), make(chan struct{})
	go func() {
		pages.ServeHTTP(w, post(`{"id":"`+newID(1).String()+`","place":"x","outcome":"met"}`))
		close(done)
	}()
	select {
	case <-done:
		t.Fatalf("answered %d before the commit", w.Code)
	case v.saving <- struct{}{}: // it stands before the commit
	}
	<-done
	if w.Code != http.StatusCreated {
		t.Fatalf("answered %d", w.Code)
	}
}

func TestABrokenCardIsSaid(t *testing.T) {
	pages := brokenPages(t, brokenVisits{err: fmt.Errorf("append: %w", agent.ErrBroken)})
	w := httptest.NewRecorder()
	pages.ServeHTTP(w, post(`{"id":"`+newID(1).String()+`","place":"x","outcome":"met"}`))
	var a answer
	if err := json.Unmarshal(w.Body.Bytes(), &a); err != nil || w.Code != http.StatusServiceUnavailable || a.Saved || a.Error != "card" {
		t.Errorf("answered %d %+v %v", w.Code, a, err)
	}
	w = httptest.NewRecorder()
	pages.ServeHTTP(w, httptest.NewRequest("GET", "http://van-1.local/plain", nil))
	for _, text := range []string{"存储卡有故障", "读不出以前的走访"} {
		if !strings.Contains(w.Body.String(), text) {
			t.Errorf("the page does not say %q", text)
		}
	}
}

func TestState(t *testing.T) {
	b := newBench(t, t.TempDir())
	b.api(`{"id":"` + newID(1).String() + `","place":"x","outcome":"met"}`)
	b.status.Sound = agent.SoundState{Device: "silent", Silent: true}
	b.sync.Fault = agent.FaultUnreachable
	got := b.open("/api/1/state")
	var s state
	if err := json.Unmarshal([]byte(got.page), &s); err != nil {
		t.Fatal(err)
	}
	if s.Van != "van-1" || s.Connected || s.Backlog != 2 || s.Sound != "silent" || s.HubFault != agent.FaultUnreachable || s.Time == 0 {
		t.Errorf("state %+v", s)
	}
}
