package desk

import (
	"context"
	"strconv"

	"ark"
	"ark/hub"
)

// SavedViews lists this person's views, and those that are shared with them;
// see hub.SavedViews.
func (d *Desk) SavedViews(ctx context.Context) ([]hub.SavedView, error) {
	return do(ctx, d, "SavedViews", about{}, func() ([]hub.SavedView, error) {
		return d.c.SavedViews.SavedViews(ctx, d.staff.Sight, d.staff.Name)
	})
}

// SaveView keeps a view of this person; Owner is given here. Who reviews may
// share: hub.ErrNotAllowed. See hub.SavedViews.
func (d *Desk) SaveView(ctx context.Context, v hub.SavedView) error {
	v.Owner = d.staff.Name
	detail := map[string]string{"name": v.Name, "query": v.Query, "shared": strconv.FormatBool(v.Shared)}
	return act(ctx, d, "SaveView", about{v.ID.String(), detail}, func() error {
		if v.Shared && !d.staff.Is(hub.RoleReviewer) {
			return hub.ErrNotAllowed
		}
		return d.c.SavedViews.SaveView(ctx, v)
	})
}

// RemoveView takes one of this person's views away. hub.ErrNotThere.
func (d *Desk) RemoveView(ctx context.Context, id ark.ID) error {
	return act(ctx, d, "RemoveView", about{id: id.String()}, func() error { return d.c.SavedViews.RemoveView(ctx, d.staff.Name, id) })
}

// RestoreView puts back the one that was taken away last; see hub.SavedViews.
func (d *Desk) RestoreView(ctx context.Context, id ark.ID) error {
	return act(ctx, d, "RestoreView", about{id: id.String()}, func() error { return d.c.SavedViews.RestoreView(ctx, d.staff.Name, id) })
}
