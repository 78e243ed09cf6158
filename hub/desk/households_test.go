package desk

import (
	"context"
	"errors"
	"testing"

	"ark"
	"ark/hub"
)

// endless is a register of households without end, which breaks at a page.
type endless struct {
	hub.Register
	breaks int // at which page; 0: at none
	reads  int
}

var errBroken = errors.New("broken")

func (e *endless) Households(_ context.Context, _ hub.Sight, f hub.HouseholdFilter) ([]ark.Household, error) {
	if e.reads++; e.reads == e.breaks {
		return nil, errBroken
	}
	some := make([]ark.Household, f.Limit)
	for i := range some {
		some[i].ID = ark.NewID(ark.UnixMilli(e.reads), [10]byte{byte(i >> 8), byte(i)})
	}
	return some, nil
}

// Households are read a little ahead of who takes them: no more than is held,
// and why there are no more is said behind the last.
func TestHouseholdsAreReadAhead(t *testing.T) {
	errEnough := errors.New("enough")
	for name, c := range map[string]struct {
		breaks, most, taken, reads int
		want                       error
	}{
		"whoever takes them has enough": {0, householdsAtOnce + 1, householdsAtOnce + 1, 4, errEnough},
		"the store breaks":              {3, 1 << 30, 2 * householdsAtOnce, 3, errBroken},
	} {
		e, n := &endless{breaks: c.breaks}, 0
		d := newDesks(&book{})
		d.c.Register = e
		lin := d.For(hub.Staff{Name: "lin", Roles: []hub.Role{hub.RoleReviewer}, Sight: hub.Everything})
		var last ark.ID
		err := lin.ExportHouseholdsWhole(t.Context(), hub.HouseholdFilter{}, "csv", "x", func(h ark.Household) error {
			if h.ID.Compare(last) <= 0 {
				t.Fatalf("%s: out of order", name)
			}
			last = h.ID
			if n++; n == c.most {
				return errEnough
			}
			return nil
		})
		if !errors.Is(err, c.want) || n != c.taken || e.reads > c.reads {
			t.Errorf("%s: %d were taken, %d pages read: %v", name, n, e.reads, err)
		}
	}
}
