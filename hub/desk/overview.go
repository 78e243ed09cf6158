package desk

import (
	"context"
	"time"

	"ark/hub"
)

// Overview counts the visits in sight; see hub.Overviews.
func (d *Desk) Overview(ctx context.Context, q hub.OverviewQuery) (hub.Overview, error) {
	return do(ctx, d, "Overview", aboutDays(q), func() (hub.Overview, error) { return d.c.Overviews.Overview(ctx, d.staff.Sight, q) })
}

// SeeOverview puts on record what Overview does, where the same was counted
// for somebody else in the same sight and nothing has changed since.
func (d *Desk) SeeOverview(ctx context.Context, q hub.OverviewQuery) error {
	return act(ctx, d, "SeeOverview", aboutDays(q), func() error { return nil })
}

func aboutDays(q hub.OverviewQuery) about {
	a := about{detail: map[string]string{}}
	if q.Check() == nil {
		a.detail["from"], a.detail["to"] = q.Days[0].Format(time.RFC3339), q.Days[len(q.Days)-1].Format(time.RFC3339)
	}
	return a
}
