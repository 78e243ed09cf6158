package desk

import (
	"context"
	"strings"
	"testing"
	"time"

	"ark"
	"ark/hub"
)

// people are the accounts there are.
type people struct {
	AccountBook
	all []hub.Account
}

func (p people) Accounts(context.Context) ([]hub.Account, error) { return p.all, nil }

// Whoever cannot come in is no colleague to whom something can be given.
func TestWhoCannotComeInReviewsNothing(t *testing.T) {
	reviews := []hub.Role{hub.RoleReviewer}
	d := New(Config{Audit: &book{}, Now: func() time.Time { return time.Unix(1000, 0) }, Accounts: people{all: []hub.Account{
		{Name: "lin", Roles: reviews, Sight: hub.Everything},
		{Name: "off", Roles: reviews, Sight: hub.Everything, Disabled: true},
		{Name: "lapsed", Roles: reviews, Sight: hub.Everything, By: hub.ByOrganisation},
		{Name: "vouched", Roles: reviews, Sight: hub.Everything, By: hub.ByOrganisation, Vouched: time.Unix(900, 0)},
	}}}).For(hub.Staff{Name: "lin", Roles: reviews, Sight: hub.Everything})
	all, err := d.Reviewers(t.Context())
	if err != nil || len(all) != 2 || all[0].Name != "lin" || all[1].Name != "vouched" {
		t.Errorf("got %+v, %v", all, err)
	}
}

// Two names of which vans take the same beginning are two people.
func TestLongNamesAreToldApart(t *testing.T) {
	begin := strings.Repeat("a", ark.MaxPerson)
	if short("lin") != "lin" || short(begin) != begin {
		t.Error("a name that fits is cut")
	}
	one, other := short(begin+"1"), short(begin+"2")
	if one == other || len([]rune(one)) != ark.MaxPerson || !strings.HasPrefix(one, begin[:20]) {
		t.Errorf("%q and %q", one, other)
	}
}

// log has nothing in it.
type log struct {
	hub.AsRunLog
	hub.Views
}

func (log) AsRun(context.Context, hub.Sight, hub.AsRunFilter) ([]hub.Broadcast, error) {
	return nil, nil
}

func (log) Broadcasts(context.Context, hub.Sight, hub.Page) ([]hub.Broadcast, error) { return nil, nil }

// Who takes a list page by page leaves each page on record.
func TestPagesOfBroadcastsAreOnRecord(t *testing.T) {
	b := &book{}
	d := New(Config{Audit: b, AsRun: log{}, Views: log{}, Now: func() time.Time { return time.Unix(1000, 0) }}).For(hub.Staff{Name: "lin", Roles: hub.Roles, Sight: hub.Everything})
	for _, before := range []hub.Position{0, 7, 9} {
		if _, err := d.AsRun(t.Context(), hub.AsRunFilter{Page: hub.Page{Before: before}}); err != nil {
			t.Fatal(err)
		}
		if _, err := d.Broadcasts(t.Context(), hub.Page{Before: before + 1}); err != nil {
			t.Fatal(err)
		}
	}
	got := ""
	for _, deed := range b.deeds {
		got += deed.Detail["before"] + " "
	}
	if got != "1 7 8 9 10 " {
		t.Errorf("on record are the pages before %s", got)
	}
}
