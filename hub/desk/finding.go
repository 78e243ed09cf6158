package desk

import (
	"context"
	"fmt"
	"math"
	"time"

	"ark"
	"ark/hub"
)

// FindVisits is a page of the visits in sight, long numbers masked; see
// hub.Finder.
func (d *Desk) FindVisits(ctx context.Context, f hub.VisitFilter, p hub.VisitPage) ([]hub.Visit, error) {
	return do(ctx, d, "FindVisits", about{detail: pageDetail(f, p)}, func() ([]hub.Visit, error) {
		all, err := d.c.Finder.FindVisits(ctx, d.staff.Sight, f, p)
		return maskVisits(all), err
	})
}

// CountVisits counts them, and stops at most.
func (d *Desk) CountVisits(ctx context.Context, f hub.VisitFilter, most int) (int, error) {
	return do(ctx, d, "CountVisits", about{detail: visitDetail(f)}, func() (int, error) { return d.c.Finder.CountVisits(ctx, d.staff.Sight, f, most) })
}

// AnyVisit tells whether there is a visit in sight.
func (d *Desk) AnyVisit(ctx context.Context) (bool, error) {
	return do(ctx, d, "AnyVisit", about{}, func() (bool, error) {
		n, err := d.c.Finder.CountVisits(ctx, d.staff.Sight, hub.VisitFilter{}, 1)
		return n > 0, err
	})
}

// Waiting counts the visits in sight that were given to whoever asks and wait
// for a review, and stops at most. It stands beside every page.
func (d *Desk) Waiting(ctx context.Context, most int) (int, error) {
	return do(ctx, d, "Waiting", about{}, func() (int, error) {
		return d.c.Finder.CountVisits(ctx, d.staff.Sight, hub.VisitFilter{Assigned: d.staff.Name, State: new(ark.ReviewNone)}, most)
	})
}

// ExportVisits calls each for all of them, long numbers masked; format is that
// of the file they go into. See hub.Finder.
func (d *Desk) ExportVisits(ctx context.Context, f hub.VisitFilter, o hub.VisitOrder, format string, each func(hub.Visit) error) error {
	return d.export(ctx, "ExportVisits", f, o, taken(visitDetail(f), format, ""), func(v hub.Visit) error {
		v.Visit = maskVisit(v.Visit)
		return each(v)
	})
}

// ExportVisitsWhole is ExportVisits with nothing masked; why is what for.
func (d *Desk) ExportVisitsWhole(ctx context.Context, f hub.VisitFilter, o hub.VisitOrder, format, why string, each func(hub.Visit) error) error {
	return d.export(ctx, "ExportVisitsWhole", f, o, taken(visitDetail(f), format, why), each)
}

// taken is what stands on record of a file; why only where nothing is masked.
func taken(detail map[string]string, format, why string) about {
	detail["format"] = format
	if why != "" {
		detail["reason"], detail["masked"] = why, "no"
	}
	return about{detail: detail}
}

func (d *Desk) export(ctx context.Context, method string, f hub.VisitFilter, o hub.VisitOrder, a about, each func(hub.Visit) error) error {
	return act(ctx, d, method, a, func() error { return d.c.Finder.EachVisit(ctx, d.staff.Sight, f, o, each) })
}

// VisitsSince lists visits by their last change, long numbers masked; see
// hub.Finder.
func (d *Desk) VisitsSince(ctx context.Context, changed int64, limit int) ([]hub.VisitChange, error) {
	return do(ctx, d, "VisitsSince", about{detail: map[string]string{"since": fmt.Sprint(changed)}}, func() ([]hub.VisitChange, error) {
		all, err := d.c.Finder.VisitsSince(ctx, d.staff.Sight, changed, limit)
		for i := range all {
			all[i].Visit.Visit = maskVisit(all[i].Visit.Visit)
		}
		return all, err
	})
}

// singleZoom is from which zoom on a map shows who was visited where, rather
// than how many: a square of clusters is some 150 m then, and what was looked
// at is on record.
const singleZoom = 14

// smallBox is the height or width of a part of the map in which clusters tell
// who was visited where, however little it is said to be magnified: some 2 km.
const smallBox = 200_000 // units of 1e-7 degrees

// MapVisits are the visits in a box, in clusters; see hub.Finder. Seen from
// afar none of them is a single visit's.
func (d *Desk) MapVisits(ctx context.Context, f hub.VisitFilter, b hub.Box, zoom int) ([]hub.Cluster, error) {
	detail := visitDetail(f)
	near := zoom >= singleZoom
	if near || b.North-b.South < smallBox || b.East-b.West < smallBox {
		detail["box"] = boxText(b)
	}
	return do(ctx, d, "MapVisits", about{detail: detail}, func() ([]hub.Cluster, error) {
		all, err := d.c.Finder.MapVisits(ctx, d.staff.Sight, f, b, zoom)
		for i := range all {
			if one := &all[i]; !near && one.Count == 1 {
				one.Visit, one.Lat, one.Lon = ark.ID{}, roughly(one.Lat), roughly(one.Lon)
			}
		}
		return all, err
	})
}

// roughly is where something is to some 100 m, in units of 1e-7 degrees.
func roughly(n int64) int64 { return int64(math.Round(float64(n)/1e4)) * 1e4 }

// VisitsBox is where the newest visits are; see hub.Finder.
func (d *Desk) VisitsBox(ctx context.Context) (b hub.Box, found bool, err error) {
	b, err = do(ctx, d, "VisitsBox", about{}, func() (b hub.Box, err error) {
		b, found, err = d.c.Finder.VisitsBox(ctx, d.staff.Sight)
		return b, err
	})
	return b, found, err
}

// VisitChoices are the values that occur; see hub.Finder.
func (d *Desk) VisitChoices(ctx context.Context, all bool) (hub.Choices, error) {
	return do(ctx, d, "VisitChoices", about{}, func() (hub.Choices, error) { return d.c.Finder.VisitChoices(ctx, d.staff.Sight, all) })
}

// VisitsAsOf is a word for how visits stand in sight; see hub.Finder.
func (d *Desk) VisitsAsOf(ctx context.Context) (string, error) {
	return do(ctx, d, "VisitsAsOf", about{}, func() (string, error) { return d.c.Finder.VisitsAsOf(ctx, d.staff.Sight) })
}

// SeeVisits puts on record that a page of visits is shown and how many there
// are, as FindVisits and CountVisits do, where both were read for somebody else
// in the same sight and nothing has changed since.
func (d *Desk) SeeVisits(ctx context.Context, f hub.VisitFilter, p hub.VisitPage) error {
	for _, detail := range []map[string]string{visitDetail(f), pageDetail(f, p)} {
		if err := act(ctx, d, "SeeVisits", about{detail: detail}, func() error { return nil }); err != nil {
			return err
		}
	}
	return nil
}

// pageDetail is visitDetail with which page it was: who takes all of them, page
// by page, leaves an entry for each.
func pageDetail(f hub.VisitFilter, p hub.VisitPage) map[string]string {
	detail := visitDetail(f)
	if p.After != (hub.VisitPlace{}) {
		detail["after"] = fmt.Sprint(p.After.Position)
	}
	return detail
}

// visitDetail is what is asked of visits, for the record.
func visitDetail(f hub.VisitFilter) map[string]string {
	detail := map[string]string{}
	add := func(name, value string) {
		if value != "" {
			detail[name] = value
		}
	}
	for name, at := range map[string]time.Time{"from": f.From, "to": f.To} {
		if !at.IsZero() {
			add(name, at.UTC().Format(time.RFC3339))
		}
	}
	for name, yes := range map[string]hub.Yes{"doubtful": f.Doubtful, "photo": f.Photo} {
		if yes != nil {
			add(name, fmt.Sprint(*yes))
		}
	}
	add("place", placeText(f.Within))
	add("van", string(f.Van))
	add("by", f.By)
	if f.Outcome != 0 {
		add("outcome", f.Outcome.String())
	}
	add("service", string(f.Service))
	add("need", f.Need)
	if f.State != nil {
		add("state", f.State.String())
	}
	add("assigned", f.Assigned)
	add("text", f.Text)
	if f.Household != (ark.ID{}) {
		add("household", f.Household.String())
	}
	if f.Withdrawn {
		add("withdrawn", "yes")
	}
	if b := f.Box; b != nil {
		add("box", boxText(*b))
	}
	return detail
}

func boxText(b hub.Box) string { return fmt.Sprint(b.South, ",", b.West, ",", b.North, ",", b.East) }
