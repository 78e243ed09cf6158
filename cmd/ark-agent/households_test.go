package main

import (
	"context"
	"log/slog"
	"testing"

	"ark"
	"ark/agent"
)

// oldCard is a card as it was when the filling began to read it.
type oldCard struct {
	agent.Register
	all    []ark.Household
	before func(ark.Household) // is called before each is given
}

func (c oldCard) Each(_ context.Context, f func(ark.Household) error) error {
	for _, h := range c.all {
		c.before(h)
		if err := f(h); err != nil {
			return err
		}
	}
	return nil
}

// What changes while the households are read from the card stays as it is
// now, and what goes stays away.
func TestHouseholdsChangeWhileTheyAreRead(t *testing.T) {
	f := newFinder(slog.New(slog.DiscardHandler))
	one := func(n byte, room string) ark.Household {
		return ark.Household{ID: ark.NewID(1, [10]byte{n}), Place: ark.Place{Compound: "翠苑一区", Building: "3", Room: room}}
	}
	old := []ark.Household{one(1, "101"), one(2, "201"), one(3, "301")}
	card := oldCard{all: old, before: func(h ark.Household) {
		if h.ID == old[0].ID {
			f.changed([]ark.Household{one(1, "102"), one(4, "401")}, []ark.ID{old[1].ID})
		}
	}}
	if err := f.fill(t.Context(), card); err != nil {
		t.Fatal(err)
	}
	rooms := map[string]bool{}
	for _, found := range f.Find(agent.Query{Limit: 10}) {
		rooms[found.Place.Room] = true
	}
	if f.Len() != 3 || !rooms["102"] || !rooms["301"] || !rooms["401"] {
		t.Errorf("%d are found, in rooms %v", f.Len(), rooms)
	}
	f.changed([]ark.Household{one(1, "103")}, []ark.ID{old[2].ID})
	if f.Len() != 2 {
		t.Errorf("%d after the filling, want 2", f.Len())
	}
}
