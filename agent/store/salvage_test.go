package store

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"ark"
	"ark/agent"
)

// TestSalvageOfTheView spoils one page after the other of a database, and
// opens each copy (a few of them, unless ARK_CHAOS=long): what the hub does not have is lost only where both the
// journal and the view are, and of households, crew and phones most is there.
func TestSalvageOfTheView(t *testing.T) {
	whole := inMemory(t)
	s := open(t, whole)
	s.c.Clock.Learn(morning)
	const many = 120
	for n := range many {
		v := with("501室", photo(byte(n+1), 100))
		must(t, s.Log(t.Context(), id(n+1), v))
		if n == many/2 {
			ackAll(t, s)
		}
		if n%10 == 0 {
			a := ark.Amend{Visit: id(n + 1), Now: v}
			a.Now.Note = "改过"
			must(t, s.Amend(t.Context(), id(2000+n), a))
		}
	}
	var list []ark.Household
	for n := range many {
		list = append(list, named(id(3000+n), "备注"))
	}
	takeOrders(t, s, crew(1, member(mei, "梅", pin)), households(list...), ark.Phones{Version: 2, List: []ark.Phone{phone(41, "机"), struck(phone(42, "丢"), "王")}},
		ark.Review{Visit: id(1), Entry: id(2000), State: ark.ReviewReturned, Comment: "几号？", At: 1})
	must(t, s.Edit(t.Context(), id(2500), ark.HouseholdEdit{Was: list[0], Now: named(list[0].ID, "改了")}))
	must(t, s.SetTries(t.Context(), mei, id(41), agent.Tries{Wrong: 1}, agent.Tries{Wrong: 2}))
	must(t, s.Arrived(t.Context(), ark.Hash{1}, 100))
	must(t, s.close())
	data, err := os.ReadFile(filepath.Join(whole, "ark.db"))
	must(t, err)
	salvaged, lost, lostAll := 0, 0, 0
	pages := len(data) / 4096
	step := pages / 6
	if long() {
		step = 1
	}
	for page := 1; page < pages; page += step {
		t.Run(fmt.Sprint("page ", page+1), func(t *testing.T) {
			if salvagedWithout(t, data, page, many, &lost, &lostAll) {
				salvaged++
			}
		})
	}
	if lost > 3 || lostAll > 1 {
		t.Errorf("a review was lost with %d pages, most households with %d: want few, and that of the table's root", lost, lostAll)
	}
	if salvaged < 3 {
		t.Errorf("only %d copies were damaged: the test proves nothing", salvaged)
	}
}

// salvagedWithout opens a copy of which one page is spoilt, tells whether
// that was damage at all, and counts where a review or the households are lost.
func salvagedWithout(t *testing.T, data []byte, page, many int, lost, lostAll *int) bool {
	dir := inMemory(t)
	path := filepath.Join(dir, "ark.db")
	spoilt := append([]byte(nil), data...)
	for i := page * 4096; i < (page+1)*4096; i++ {
		spoilt[i] ^= 0x5a
	}
	must(t, os.WriteFile(path, spoilt, 0o600))
	wreck, err := openWreck(path)
	must(t, err)
	defer wreck.Close()
	if _, err := wreck.Exec("SELECT count(*) FROM sqlite_schema"); err != nil {
		t.Log("SQLite's own list of tables is damaged: nothing can be read")
		return false
	}
	s := open(t, dir)
	must(t, s.Fault())
	all, err := s.Find(t.Context(), agent.VisitFilter{Limit: 1000})
	must(t, err)
	if len(all) < many-1 { // each is in two places
		t.Errorf("%d of %d visits are left", len(all), many)
	}
	amended := 0
	for _, l := range all {
		if _, _, err := s.History(t.Context(), l.ID); err != nil {
			t.Errorf("history of %v: %v", l.ID, err)
		}
		amended += l.Amended
	}
	if l := one(t, s, 1); l.Review != ark.ReviewReturned || l.Last != id(2000) || l.Note != "改过" {
		t.Logf("the review that stood is lost: %v of %v", l.Review, l.Last)
		*lost++
	}
	crew, err := s.Crew(t.Context())
	must(t, err)
	phones, err := s.Phones(t.Context())
	must(t, err)
	homes := each(t, s)
	if gone := many - len(homes); gone > many/2 {
		*lostAll++
		t.Logf("%d of %d households are lost", gone, many)
	}
	if crew.Version == 0 && len(phones) == 0 {
		t.Error("both crew and phones are lost with one page")
	}
	if amended < many/10-1 {
		t.Errorf("%d amendments, want %d", amended, many/10)
	}
	log(t, s, 9000)
	aside, err := filepath.Glob(path + ".damaged-*")
	must(t, err)
	return len(aside) > 0
}
