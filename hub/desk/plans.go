package desk

import (
	"context"
	"fmt"
	"slices"

	"ark"
	"ark/hub"
)

// PlanRows lists the items of the plan that concern a van in sight, each with
// those of its vans that are.
func (d *Desk) PlanRows(ctx context.Context) ([]hub.PlanRow, error) {
	return do(ctx, d, "PlanRows", about{}, func() ([]hub.PlanRow, error) {
		all, err := d.c.Plans.PlanRows(ctx)
		if err != nil {
			return nil, err
		}
		seen, err := hub.SeesVan(ctx, d.c.Register, d.staff.Sight)
		if err != nil {
			return nil, err
		}
		all = slices.DeleteFunc(all, func(row hub.PlanRow) bool { return len(row.Vans) > 0 && !slices.ContainsFunc(row.Vans, seen) })
		for i, row := range all {
			all[i].Vans = slices.DeleteFunc(slices.Clone(row.Vans), func(v ark.VanID) bool { return !seen(v) })
		}
		return all, nil
	})
}

// SetPlanRow keeps an item, new or changed; By is given here. hub.ErrNotThere:
// it concerns no van in sight; hub.ErrOutOfSight: it concerns others, too.
func (d *Desk) SetPlanRow(ctx context.Context, row hub.PlanRow) error {
	row.By = d.staff.Name
	a := about{row.ID.String(), map[string]string{"announcement": string(row.Announcement), "paused": fmt.Sprint(row.Paused)}}
	return act(ctx, d, "SetPlanRow", a, func() error {
		if err := d.mayPlan(ctx, row.ID, &row); err != nil {
			return err
		}
		return d.c.Plans.SetPlanRow(ctx, row)
	})
}

// RemovePlanRow takes an item away; see SetPlanRow.
func (d *Desk) RemovePlanRow(ctx context.Context, id ark.ID) error {
	return act(ctx, d, "RemovePlanRow", about{id: id.String()}, func() error {
		if err := d.mayPlan(ctx, id, nil); err != nil {
			return err
		}
		return d.c.Plans.RemovePlanRow(ctx, id)
	})
}

// mayPlan tells whether an item may be changed into another; nil: into
// nothing.
func (d *Desk) mayPlan(ctx context.Context, id ark.ID, into *hub.PlanRow) error {
	if d.staff.Sight.Whole {
		return nil
	}
	seen, err := hub.SeesVan(ctx, d.c.Register, d.staff.Sight)
	if err != nil {
		return err
	}
	all, err := d.c.Plans.PlanRows(ctx)
	if err != nil {
		return err
	}
	beyond := func(vans []ark.VanID) bool {
		return len(vans) == 0 || slices.ContainsFunc(vans, func(v ark.VanID) bool { return !seen(v) })
	}
	if at := slices.IndexFunc(all, func(row hub.PlanRow) bool { return row.ID == id }); at >= 0 {
		switch vans := all[at].Vans; {
		case len(vans) > 0 && !slices.ContainsFunc(vans, seen):
			return hub.ErrNotThere
		case beyond(vans):
			return hub.ErrOutOfSight
		}
	}
	if into != nil && beyond(into.Vans) {
		return hub.ErrOutOfSight
	}
	return nil
}

// Settings are those of a van in sight, or what holds for all (van empty); see
// hub.Plans. hub.ErrNotThere.
func (d *Desk) Settings(ctx context.Context, van ark.VanID) (s ark.Settings, own bool, err error) {
	s, err = do(ctx, d, "Settings", about{id: string(van)}, func() (s ark.Settings, err error) {
		if van != "" {
			if err := d.sees(ctx, van); err != nil {
				return s, err
			}
		}
		s, own, err = d.c.Plans.Settings(ctx, van)
		return s, err
	})
	return s, own, err
}

// SetSettings keeps a van's own, or takes them away (nil); By is given here.
// hub.ErrNotThere: the van is not in sight; hub.ErrOutOfSight: they hold for
// all vans.
func (d *Desk) SetSettings(ctx context.Context, van ark.VanID, s *ark.Settings) error {
	return act(ctx, d, "SetSettings", about{id: string(van)}, func() error {
		switch {
		case van != "":
			if err := d.sees(ctx, van); err != nil {
				return err
			}
		case !d.staff.Sight.Whole:
			return hub.ErrOutOfSight
		}
		return d.c.Plans.SetSettings(ctx, van, s, d.staff.Name)
	})
}
