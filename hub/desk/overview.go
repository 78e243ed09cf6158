package desk

import (
	"context"
	"time"

	"ark/hub"
)

// Overview counts the visits in sight; see hub.Overviews.
func (d *Desk) Overview(ctx context.Context, q hub.OverviewQuery) (hub.Overview, error) {
	a := about{detail: map[string]string{}}
	if q.Check() == nil {
		a.detail["from"], a.detail["to"] = q.Days[0].Format(time.RFC3339), q.Days[len(q.Days)-1].Format(time.RFC3339)
	}
	return do(ctx, d, "Overview", a, func() (hub.Overview, error) { return d.c.Overviews.Overview(ctx, d.staff.Sight, q) })
}
