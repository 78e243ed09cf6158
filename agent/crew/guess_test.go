package crew

import (
	"context"
	"fmt"
	"net/http"
	"runtime"
	"sync"
	"testing"
	"time"

	"ark"
	"ark/agent"
)

// A phone that somebody plays with keeps a member from signing in there, and
// nowhere else. Many phones together come to an end all the same, also over
// restarts, and so does one that is patient.
func TestOnePhoneLocksNobodyOutOfAnother(t *testing.T) {
	b := newBench(t, t.TempDir())
	bad, wang, li := withCrew(b)
	good := b.enrolled()
	for range freeTries {
		bad.sign(wang.ID, "1111").says(t, http.StatusForbidden, "pin")
	}
	bad.sign(wang.ID, "2468").says(t, http.StatusForbidden, "pin")
	good.sign(wang.ID, "2468").says(t, http.StatusCreated, "")
	bad.sign(wang.ID, "2468").says(t, http.StatusForbidden, "pin") // that she signed in elsewhere gives it no tries
	wang.Verifier = verifierOf("8642")
	b.order(ark.KindCrew, ark.Crew{Version: 2, Members: []ark.CrewMember{wang, li}})
	bad.sign(wang.ID, "8642").says(t, http.StatusCreated, "") // another PIN begins anew
	for range 2 * freeInAll / freeTries {
		other := b.enrolled()
		for range freeTries {
			other.sign(wang.ID, "1111").says(t, http.StatusForbidden, "pin")
		}
		b.restart()
	}
	if _, all, err := b.store.Tries(t.Context(), wang.ID, good.id); err != nil || all.Wrong != freeInAll {
		t.Errorf("%d guesses were judged, want %d; %v", all.Wrong, freeInAll, err)
	}
	if got := good.sign(wang.ID, "8642"); got.word() != "pin" || got.body["wait_s"].(float64) < 1 {
		t.Errorf("after them all: %d %v", got.status, got.body)
	}
	b.pass(2 * time.Hour)
	good.sign(wang.ID, "8642").says(t, http.StatusCreated, "")
}

// A phone that asks for much at a time waits behind itself.
func TestAQueueIsFair(t *testing.T) {
	q := newQueue(1)
	greedy, other := newID(1), newID(2)
	first, err := q.enter(t.Context(), greedy)
	if err != nil {
		t.Fatal(err)
	}
	var order []string
	var mu sync.Mutex
	var all sync.WaitGroup
	enter := func(who ark.ID, name string) {
		all.Add(1)
		go func() {
			defer all.Done()
			leave, err := q.enter(t.Context(), who)
			if err != nil {
				t.Error(err)
				return
			}
			mu.Lock()
			order = append(order, name)
			mu.Unlock()
			leave()
		}()
	}
	standing := func(who ark.ID, n int) {
		for ; ; runtime.Gosched() {
			q.mu.Lock()
			l := q.lines[who]
			there := l != nil && l.n == n
			q.mu.Unlock()
			if there {
				return
			}
		}
	}
	for n := range longestLine - 1 {
		enter(greedy, "greedy")
		standing(greedy, n+2)
	}
	if _, err := q.enter(t.Context(), greedy); err == nil {
		t.Error("a line without end")
	}
	enter(other, "other")
	standing(other, 1)
	first()
	all.Wait()
	at := len(order)
	for i, name := range order {
		if name == "other" {
			at = i
		}
	}
	if at > 1 || len(order) != longestLine {
		t.Errorf("the other phone came %dth: %v", at, order)
	}
	if len(q.lines) != 0 {
		t.Error("phones that left are remembered")
	}
}

// What phones ask where much is to be told: no more of it is in memory at a
// time than the van has room for, however slowly it is read.
func TestLargeAnswersAreMadeInTurn(t *testing.T) {
	b := newBench(t, t.TempDir())
	h := b.enrolled()
	leave, err := b.crew.large.enter(t.Context(), h.id)
	if err != nil {
		t.Fatal(err)
	}
	for range longestLine - 1 {
		b.crew.large.join(h.id)
	}
	for _, path := range []string{"/api/2/visits", "/api/2/visits/" + newID(1).String(), "/api/2/today", "/api/2/area", "/api/2/households/" + newID(1).String()} {
		h.ask("GET", path, "").says(t, http.StatusTooManyRequests, "many")
	}
	b.enrolled().ask("GET", "/api/2/today", "").says(t, http.StatusOK, "")
	leave()
}

// histories counts how often one is read.
type histories struct {
	agent.Logbook
	read int
}

func (h *histories) History(ctx context.Context, id ark.ID) (agent.Logged, []agent.Edition, error) {
	h.read++
	return h.Logbook.History(ctx, id)
}

// How far visits have come is told without reading all that was ever said of
// them: whoever asks for one two hundred times gets no two hundred histories.
func TestStatesAreToldWithoutHistories(t *testing.T) {
	b := newBench(t, t.TempDir())
	b.logbook = &histories{Logbook: b.store}
	b.restart()
	h := b.enrolled()
	id := newID(b.clock.Now().Wall)
	h.handIn(id, aVisit).says(t, http.StatusCreated, "")
	got := h.ask("GET", fmt.Sprintf("/api/2/states?ids=%s,%s,%s", id, newID(7), id), "")
	if states := got.body["states"].(map[string]any); len(states) != 1 || states[id.String()].(map[string]any)["state"] != "van" || len(got.body["missing"].([]any)) != 1 {
		t.Errorf("%v", got.body)
	}
	if n := b.logbook.(*histories).read; n != 1 {
		t.Errorf("%d histories were looked for, want that of the missing one", n)
	}
}
