package crew

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"ark"
	"ark/agent"
)

func home(id ark.ID, building, room, name string) ark.Household {
	return ark.Household{ID: id, Rev: id, Place: ark.Place{Compound: "翠苑一区", Building: building, Unit: "1", Room: room},
		Members: []ark.Member{{Name: name}}, Phone: "13800000000"}
}

func TestHouseholds(t *testing.T) {
	b := newBench(t, t.TempDir())
	h := b.enrolled()
	wang, li := newID(1), newID(2)
	near := home(wang, "3", "501", "王桂英")
	near.Geo = &ark.Geo{Lat: 302741500, Lon: 1201551500}
	b.order(ark.KindHouseholds, ark.Households{List: []ark.Household{near, home(li, "3", "502", "李建国")}})
	find := func(q string) []any {
		t.Helper()
		got := h.ask("GET", "/api/2/households?"+q, "")
		got.says(t, http.StatusOK, "")
		return got.body["households"].([]any)
	}
	visit := newID(5)
	h.handIn(visit, `{"outcome":"met","household":"`+wang.String()+`","needs":[{"category":"repair"},{"category":"repair","words":"两次"}]}`).says(t, http.StatusCreated, "")
	got := find("q=wgy&lat=302741500&lon=1201551500")
	if len(got) != 1 {
		t.Fatalf("found %v", got)
	}
	found := got[0].(map[string]any)
	if found["id"] != wang.String() || found["door"] != "翠苑一区3幢1单元501室" || found["metres"] != 0.0 || found["open_needs"] != 1.0 ||
		found["last_visit"].(map[string]any)["outcome"] != "met" || found["visits"] != nil {
		t.Errorf("found %v", found)
	}
	if len(find("q=3-1-502")) == 0 || len(find("q=")) != 2 || len(find("limit=1")) != 1 {
		t.Error("rooms, all, or a limit")
	}
	h.ask("GET", "/api/2/households?lat=x&lon=1", "").says(t, http.StatusBadRequest, "json")
	one := h.ask("GET", "/api/2/households/"+wang.String(), "").body
	if len(one["visits"].([]any)) != 1 || len(one["needs"].([]any)) != 1 || one["visits"].([]any)[0].(map[string]any)["visit"].(map[string]any)["place"] != "翠苑一区3幢1单元501室" {
		t.Errorf("told %v", one)
	}
	h.ask("GET", "/api/2/households/"+newID(9).String(), "").says(t, http.StatusNotFound, "not-there")
	area := h.ask("GET", "/api/2/area?compound=翠苑一区小区", "").body
	if list := area["households"].([]any); len(list) != 2 || list[0].(map[string]any)["find"] == "" || area["version"] == "" {
		t.Errorf("the area is %v", area)
	}
	if list := h.ask("GET", "/api/2/area?compound=别处", "").body["households"].([]any); len(list) != 2 {
		t.Errorf("without a compound of that name: %v", list)
	}
}

func TestAHouseholdIsMadeAndCorrected(t *testing.T) {
	b := newBench(t, t.TempDir())
	h := b.enrolled()
	id := newID(1)
	text := func(room, phone string) string {
		return fmt.Sprintf(`{"id":%q,"place":{"compound":"翠苑一区","building":"3","room":%q},"members":[{"name":"王桂英"}],"phone":%q}`, id, room, phone)
	}
	edit := func(edit ark.ID, now, was string) told {
		return h.ask("POST", "/api/2/households", fmt.Sprintf(`{"id":%q,"now_household":%s%s}`, edit, now, was))
	}
	first := newID(2)
	for range 2 { // a phone that heard no answer sends again
		edit(first, text("501", "1"), "").says(t, http.StatusCreated, "")
	}
	edit(newID(3), text("502", "1"), `,"was":`+text("501", "1")).says(t, http.StatusCreated, "")
	got := h.ask("GET", "/api/2/households/"+id.String(), "").body
	if got["door"] != "翠苑一区3幢502室" || got["phone"] != "1" {
		t.Errorf("told %v", got)
	}
	alike := h.ask("POST", "/api/2/households/alike", fmt.Sprintf(`{"household":{"id":%q,"place":{"compound":"翠苑一区","building":"3幢","room":"502"}}}`, newID(9))).body["alike"].([]any)
	if len(alike) != 1 || alike[0].(map[string]any)["why"] != agent.AlikeDoor {
		t.Errorf("alike: %v", alike)
	}
	other := newID(4)
	for _, row := range []struct {
		now, was string
		status   int
		word     string
	}{
		{`{"id":"` + other.String() + `"}`, "", 422, "household-wrong"},
		{`{"id":"` + id.String() + `","forget":true}`, "", 400, "unknown-field"},
		{`{"id":"` + id.String() + `","place":{"room":"1"},"owner":"x"}`, "", 400, "unknown-field"},
		{text("1", "1"), `,"was":{"id":"` + other.String() + `","place":{"room":"1"}}`, 422, "household-wrong"},
		{`{"id":"` + other.String() + `","place":{"room":"1"}}`, `,"was":{"id":"` + other.String() + `","place":{"room":"2"}}`, 404, "not-there"},
	} {
		edit(newID(8), row.now, row.was).says(t, row.status, row.word)
	}
}

// The day as a list, as buildings, and in numbers.
func TestToday(t *testing.T) {
	const day = ark.UnixMilli(1_790_000_000_000)
	wang, li, zhao, no := newID(1), newID(2), newID(3), newID(4)
	homes := map[ark.ID]ark.Household{wang: home(wang, "3", "1001", "王"), li: home(li, "3", "502", "李"), zhao: home(zhao, "3", "501", "赵"), no: home(no, "3", "101", "不")}
	forbidden := homes[no]
	forbidden.NoVisit = "不愿意"
	homes[no] = forbidden
	at := func(minute int, v ark.Visit) agent.Logged {
		return agent.Logged{Visit: v, ID: newID(day), Made: day + ark.UnixMilli(minute*60_000)}
	}
	list := []agent.Logged{
		at(30, ark.Visit{Household: wang, Outcome: ark.Met, Services: []ark.Service{"knives"}, Needs: []ark.Need{{Category: "repair"}}}),
		at(10, ark.Visit{Household: wang, Outcome: ark.NoAnswer, Return: true, Services: []ark.Service{"knives"}}),
		at(20, ark.Visit{Place: "翠苑一区3幢1单元502室", Outcome: ark.NoAnswer, Return: true}),
		at(40, ark.Visit{Place: "村口大树下", Outcome: ark.Refused}),
		{Visit: ark.Visit{Household: zhao, Outcome: ark.Moved}, Made: day, Withdrawn: true},
	}
	want := []buildingTold{{Name: "翠苑一区3幢", Place: ark.Place{Compound: "翠苑一区", Building: "3"}, Floors: []floorTold{
		{10, []roomTold{{"1", "1001", wang, "met"}}},
		{5, []roomTold{{"1", "501", zhao, "none"}, {"1", "502", li, "again"}}},
		{1, []roomTold{{"1", "101", no, "no-visit"}}},
	}}}
	if diff := cmp.Diff(want, buildingsOf(list, homes)); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff(dayStats{Doors: 3, Met: 1, NoAnswer: 1, Refused: 1, Again: 1, Services: map[string]int{"knives": 2}, Needs: map[string]int{"repair": 1}}, statsOf(list, homes)); diff != "" {
		t.Error(diff)
	}
}

func TestTodayOnTheVan(t *testing.T) {
	b := newBench(t, t.TempDir())
	h := b.enrolled()
	b.order(ark.KindHouseholds, ark.Households{List: []ark.Household{home(newID(1), "3", "501", "王"), home(newID(2), "3", "502", "李"), home(newID(3), "4", "101", "远")}})
	h.handIn(newID(5), `{"place":"翠苑一区3幢1单元501室","outcome":"met","services":["knives"]}`).says(t, http.StatusCreated, "")
	got := h.ask("GET", "/api/2/today", "")
	got.says(t, http.StatusOK, "")
	buildings := got.body["buildings"].([]any)
	if len(got.body["visits"].([]any)) != 1 || len(buildings) != 1 || len(buildings[0].(map[string]any)["floors"].([]any)[0].(map[string]any)["rooms"].([]any)) != 2 ||
		got.body["stats"].(map[string]any)["doors"] != 1.0 {
		t.Errorf("today is %v", got.body)
	}
	if other := h.ask("GET", "/api/2/today?day=2020-01-01", "").body; len(other["visits"].([]any)) != 0 || other["day"] != "2020-01-01" {
		t.Errorf("another day is %v", other)
	}
	h.ask("GET", "/api/2/today?day=yesterday", "").says(t, http.StatusBadRequest, "json")
}

// To read all households from the card again and again would keep it from
// visits.
func TestAnAreaIsNotReadWithoutEnd(t *testing.T) {
	b := newBench(t, t.TempDir())
	h := b.enrolled()
	b.stands = b.clock.Now()
	for range areaBurst {
		h.ask("GET", "/api/2/area", "").says(t, http.StatusOK, "")
	}
	h.ask("GET", "/api/2/area", "").says(t, http.StatusTooManyRequests, "many")
	b.enrolled().ask("GET", "/api/2/area", "").says(t, http.StatusOK, "")
}

// To compare a household of thousands of members with all others would keep the
// van busy for minutes.
func TestAHouseholdThatNobodyWritesIsNotCompared(t *testing.T) {
	b := newBench(t, t.TempDir())
	h := b.enrolled()
	ask := func(members string) told {
		return h.ask("POST", "/api/2/households/alike", `{"household":{"id":"`+newID(1).String()+`","place":{},"members":[`+members+`]}}`)
	}
	ask(`{"name":"王秀英"}`).says(t, http.StatusOK, "")
	for range longestLine {
		b.crew.finds.join(h.id)
	}
	ask(`{"name":"王秀英"}`).says(t, http.StatusTooManyRequests, "many")
	h.ask("GET", "/api/2/households?q=w", "").says(t, http.StatusTooManyRequests, "many")
	clear(b.crew.finds.lines)
	ask(strings.TrimSuffix(strings.Repeat(`{"name":"王"},`, ark.MaxMembers+1), ",")).says(t, http.StatusUnprocessableEntity, "household-wrong")
	ask(`{"name":"`+strings.Repeat("王", 60_000)+`"}`).says(t, http.StatusUnprocessableEntity, "household-wrong")
}
