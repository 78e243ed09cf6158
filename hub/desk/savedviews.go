package desk

import (
	"context"
	"slices"
	"strconv"

	"ark"
	"ark/hub"
)

// SavedViews lists this person's views, and those that are shared with them;
// see hub.SavedViews.
func (d *Desk) SavedViews(ctx context.Context) ([]hub.SavedView, error) {
	return do(ctx, d, "SavedViews", about{}, func() ([]hub.SavedView, error) {
		all, err := d.c.SavedViews.SavedViews(ctx, d.staff.Sight, d.staff.Name)
		return slices.DeleteFunc(all, func(v hub.SavedView) bool { return !d.shows(v) }), err
	})
}

// shows tells whether a view is for whoever asks. A program may be for fewer
// places than its person, and is told of no other by the name or the query of a
// view.
func (d *Desk) shows(v hub.SavedView) bool {
	return d.staff.Token == "" || v.SeenBy(d.staff.Sight, hub.Everything)
}

// keeps tells whether whoever asks may change this view of theirs, if there is
// one: a program that only reads changes none. hub.ErrNotAllowed,
// hub.ErrNotThere.
func (d *Desk) keeps(ctx context.Context, id ark.ID) error {
	if d.staff.Token == "" {
		return nil
	}
	if !d.staff.Is(hub.RoleReviewer) {
		return hub.ErrNotAllowed
	}
	all, err := d.c.SavedViews.SavedViews(ctx, d.staff.Sight, d.staff.Name)
	if slices.ContainsFunc(all, func(v hub.SavedView) bool { return v.ID == id && !d.shows(v) }) {
		return hub.ErrNotThere
	}
	return err
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
		if err := d.keeps(ctx, v.ID); err != nil {
			return err
		}
		return d.c.SavedViews.SaveView(ctx, v)
	})
}

// RemoveView takes one of this person's views away. hub.ErrNotThere.
func (d *Desk) RemoveView(ctx context.Context, id ark.ID) error {
	return act(ctx, d, "RemoveView", about{id: id.String()}, func() error {
		if err := d.keeps(ctx, id); err != nil {
			return err
		}
		return d.c.SavedViews.RemoveView(ctx, d.staff.Name, id)
	})
}

// RestoreView puts back the one that was taken away last; see hub.SavedViews.
func (d *Desk) RestoreView(ctx context.Context, id ark.ID) error {
	return act(ctx, d, "RestoreView", about{id: id.String()}, func() error { return d.c.SavedViews.RestoreView(ctx, d.staff.Name, id) })
}
