package desk

import (
	"context"
	"strconv"
	"time"

	"ark"
	"ark/hub"
)

// SetAssigned gives a visit to somebody for review, or to nobody (empty); see
// hub.Team.
func (d *Desk) SetAssigned(ctx context.Context, visit ark.ID, to, was string) error {
	return act(ctx, d, "SetAssigned", about{visit.String(), map[string]string{"assigned": to, "was": was}}, func() error {
		return d.c.Team.SetAssigned(ctx, d.staff.Sight, visit, hub.Assignment{To: to, By: d.staff.Name, At: ark.Milli(d.c.Now())}, was)
	})
}

// AddComment keeps what this person says of a visit to colleagues.
func (d *Desk) AddComment(ctx context.Context, visit ark.ID, words string) error {
	return act(ctx, d, "AddComment", about{visit.String(), map[string]string{"what": "comment"}}, func() error {
		return d.c.Team.AddComment(ctx, d.staff.Sight, visit, hub.VisitComment{By: d.staff.Name, At: ark.Milli(d.c.Now()), Words: words})
	})
}

// RemoveComment takes one of this person back; see hub.Team.
func (d *Desk) RemoveComment(ctx context.Context, visit ark.ID, n int64) error {
	return act(ctx, d, "RemoveComment", about{visit.String(), map[string]string{"what": "comment-off", "n": strconv.FormatInt(n, 10)}}, func() error {
		return d.c.Team.RemoveComment(ctx, d.staff.Sight, visit, n, d.staff.Name, d.c.Now())
	})
}

// ReviewLoad counts what waits for a review; see hub.Team.
func (d *Desk) ReviewLoad(ctx context.Context, today time.Time) (hub.ReviewLoad, error) {
	return do(ctx, d, "ReviewLoad", about{}, func() (hub.ReviewLoad, error) { return d.c.Team.ReviewLoad(ctx, d.staff.Sight, today) })
}

// Reviewers are those to whom visits can be given for review, by name: who
// sees something of what this person sees.
func (d *Desk) Reviewers(ctx context.Context) ([]hub.Colleague, error) {
	return do(ctx, d, "Reviewers", about{}, func() (all []hub.Colleague, err error) {
		accounts, err := d.c.Accounts.Accounts(ctx)
		for _, a := range accounts {
			shared := a.Sight.And(d.staff.Sight)
			if !a.Out(d.c.Now()) && a.Staff("").Is(hub.RoleReviewer) && (shared.Whole || len(shared.Parts()) > 0) {
				all = append(all, hub.Colleague{Name: a.Name, Display: a.Display, Sight: a.Sight})
			}
		}
		return all, err
	})
}
