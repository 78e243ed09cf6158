package desk

import (
	"context"
	"fmt"
	"time"

	"ark"
	"ark/hub"
)

// Vans lists the vans in sight.
func (d *Desk) Vans(ctx context.Context) ([]hub.Van, error) {
	return do(ctx, d, "Vans", about{}, func() ([]hub.Van, error) { return d.c.Views.Vans(ctx, d.staff.Sight) })
}

// Broadcasts is a page of what vans in sight played, the one last told of
// first.
func (d *Desk) Broadcasts(ctx context.Context, p hub.Page) ([]hub.Broadcast, error) {
	return do(ctx, d, "Broadcasts", about{detail: beforeDetail(map[string]string{}, p.Before)}, func() ([]hub.Broadcast, error) { return d.c.Views.Broadcasts(ctx, d.staff.Sight, p) })
}

// AsRun is a page of what vans in sight played; see hub.AsRunLog.
func (d *Desk) AsRun(ctx context.Context, f hub.AsRunFilter) ([]hub.Broadcast, error) {
	return do(ctx, d, "AsRun", about{detail: beforeDetail(asRunDetail(f), f.Before)}, func() ([]hub.Broadcast, error) { return d.c.AsRun.AsRun(ctx, d.staff.Sight, f) })
}

// Sounded counts broadcasts of vans in sight by day and language; see
// hub.AsRunLog.
func (d *Desk) Sounded(ctx context.Context, days []time.Time) ([]map[ark.Language]int, error) {
	return do(ctx, d, "Sounded", about{}, func() ([]map[ark.Language]int, error) { return d.c.AsRun.Sounded(ctx, d.staff.Sight, days) })
}

// ExportAsRun is AsRun for a file: it reads one page after another.
func (d *Desk) ExportAsRun(ctx context.Context, f hub.AsRunFilter) (func(before hub.Position) ([]hub.Broadcast, error), error) {
	return do(ctx, d, "ExportAsRun", about{detail: asRunDetail(f)}, func() (func(hub.Position) ([]hub.Broadcast, error), error) {
		return func(before hub.Position) ([]hub.Broadcast, error) {
			f.Before = before
			return d.c.AsRun.AsRun(ctx, d.staff.Sight, f)
		}, nil
	})
}

// beforeDetail adds which page of a list it was: who takes all of them, page by
// page, leaves an entry for each.
func beforeDetail(detail map[string]string, before hub.Position) map[string]string {
	if before != 0 {
		detail["before"] = fmt.Sprint(before)
	}
	return detail
}

func asRunDetail(f hub.AsRunFilter) map[string]string {
	detail := map[string]string{}
	if f.Van != "" {
		detail["van"] = string(f.Van)
	}
	if f.Class != nil {
		detail["class"] = f.Class.String()
	}
	if f.State != 0 {
		detail["state"] = f.State.String()
	}
	if f.Language != "" {
		detail["language"] = string(f.Language)
	}
	for name, at := range map[string]time.Time{"from": f.From, "to": f.To} {
		if !at.IsZero() {
			detail[name] = at.Format(time.RFC3339)
		}
	}
	return detail
}

// Orders is a page of what vans in sight were ordered; see hub.Views.
func (d *Desk) Orders(ctx context.Context, p hub.Page) ([]hub.Order, error) {
	return do(ctx, d, "Orders", about{}, func() ([]hub.Order, error) { return d.c.Views.Orders(ctx, d.staff.Sight, p) })
}

// Play orders an announcement on vans; By is given here. hub.ErrNotThere: one
// of them is not in sight.
func (d *Desk) Play(ctx context.Context, vans []ark.VanID, p ark.PlayNow) ([]ark.ID, error) {
	p.By = d.staff.Name
	a := aboutVans(vans)
	a.detail["announcement"] = string(p.Announcement)
	if p.Why != "" {
		a.detail["reason"] = p.Why
	}
	return do(ctx, d, "Play", a, func() ([]ark.ID, error) { return d.order(ctx, vans, ark.KindPlayNow, p) })
}

// Stop ends what vans play; see Play.
func (d *Desk) Stop(ctx context.Context, vans []ark.VanID, s ark.Stop) ([]ark.ID, error) {
	s.By = d.staff.Name
	return do(ctx, d, "Stop", aboutVans(vans), func() ([]ark.ID, error) { return d.order(ctx, vans, ark.KindStop, s) })
}

func aboutVans(vans []ark.VanID) about {
	if len(vans) == 1 {
		return about{string(vans[0]), map[string]string{}}
	}
	names := make([]string, len(vans))
	for i, v := range vans {
		names[i] = string(v)
	}
	a := about{detail: map[string]string{"vans": fmt.Sprint(len(vans))}}
	list(a.detail, "names", names, " ")
	return a
}

func (d *Desk) order(ctx context.Context, vans []ark.VanID, kind ark.Kind, body any) ([]ark.ID, error) {
	for _, van := range vans {
		if err := d.sees(ctx, van); err != nil {
			return nil, err
		}
	}
	return d.c.Commander.Order(ctx, vans, kind, body)
}

// sees answers hub.ErrNotThere for a van that is not in sight.
func (d *Desk) sees(ctx context.Context, vans ...ark.VanID) error {
	seen, err := hub.SeesVan(ctx, d.c.Register, d.staff.Sight)
	if err != nil {
		return err
	}
	for _, van := range vans {
		if !seen(van) {
			return fmt.Errorf("van %s: %w", van, hub.ErrNotThere)
		}
	}
	return nil
}

// Areas are the parts of town of the vans in sight; see hub.Areas.
func (d *Desk) Areas(ctx context.Context) (map[ark.VanID][]ark.Place, error) {
	return do(ctx, d, "Areas", about{}, func() (map[ark.VanID][]ark.Place, error) { return d.c.Register.Areas(ctx, d.staff.Sight) })
}

// SetArea changes where a van goes; see hub.Areas.
func (d *Desk) SetArea(ctx context.Context, van ark.VanID, area []ark.Place) error {
	a := about{string(van), map[string]string{}}
	listPlaces(a.detail, area)
	return act(ctx, d, "SetArea", a, func() error { return d.c.Register.SetArea(ctx, d.staff.Sight, van, area, d.staff.Name) })
}
