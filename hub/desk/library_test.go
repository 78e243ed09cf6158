package desk

import (
	"context"
	"errors"
	"testing"

	"ark"
	"ark/hub"
)

type library = hub.Library

// shelf has one announcement, with editions by these.
type shelf struct {
	library
	by      []string
	changed int
}

func (s *shelf) History(context.Context, ark.AnnouncementID) (all []hub.Edition, err error) {
	for _, by := range s.by {
		all = append(all, hub.Edition{By: by})
	}
	return all, nil
}

func (s *shelf) AddEdition(context.Context, ark.Announcement, int, string) (hub.Edition, error) {
	s.changed++
	return hub.Edition{}, nil
}

func (s *shelf) Withdraw(context.Context, ark.AnnouncementID, bool, string) error {
	s.changed++
	return nil
}

// What is played all over the town is changed by who sees all of it, or has
// made it alone.
func TestAnnouncementsOfTheWholeTown(t *testing.T) {
	north := hub.Sight{Places: []ark.Place{{Street: "北街"}}}
	for name, c := range map[string]struct {
		sight hub.Sight
		by    []string
		from  int
		may   bool
	}{
		"of others, by who sees all":  {hub.Everything, []string{"wu"}, 1, true},
		"of others":                   {north, []string{"wu"}, 1, false},
		"one's own":                   {north, []string{"lin", "lin"}, 2, true},
		"one's own that others ended": {north, []string{"wu", "lin"}, 2, false},
		"of others that one ended":    {north, []string{"lin", "wu"}, 2, false},
		"a new one":                   {north, nil, 0, true},
	} {
		s := &shelf{by: c.by}
		desks := newDesks(&book{})
		desks.c.Library = s
		d := desks.For(hub.Staff{Name: "lin", Roles: []hub.Role{hub.RoleAnnouncer}, Sight: c.sight})
		_, add := d.AddEdition(t.Context(), ark.Announcement{ID: "water"}, c.from)
		out, back := d.Withdraw(t.Context(), "water", true), d.Withdraw(t.Context(), "water", false)
		for _, err := range []error{add, out, back} {
			if c.may && err != nil || !c.may && !errors.Is(err, hub.ErrOutOfSight) {
				t.Errorf("%s: %v", name, err)
			}
		}
		if (s.changed == 3) != c.may || !c.may && s.changed != 0 {
			t.Errorf("%s: %d changes", name, s.changed)
		}
	}
}
