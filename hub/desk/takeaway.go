package desk

import (
	"context"
	"fmt"
	"strconv"
	"time"

	"ark/hub"
)

// mostCounted is the most visits that are counted before a file.
const mostCounted = 10_000_000

// VisitsSince lists visits by their last change; see hub.Finder. Long numbers
// are masked.
func (d *Desk) VisitsSince(ctx context.Context, changed int64, limit int) ([]hub.Visit, error) {
	return do(ctx, d, "VisitsSince", about{detail: map[string]string{"since": strconv.FormatInt(changed, 10)}}, func() ([]hub.Visit, error) {
		all, err := d.c.Finder.VisitsSince(ctx, d.staff.Sight, changed, limit)
		return maskVisits(all), err
	})
}

// ExportVisits is all visits that a filter chooses, for a file: how many there
// are, and what calls do for each. The file is one deed, and a second one if it
// is not whole. Long numbers are masked.
func (d *Desk) ExportVisits(ctx context.Context, f hub.VisitFilter, o hub.VisitOrder, format string) (n int, each func(do func(hub.Visit) error) error, err error) {
	a := about{detail: visitDetail(f)}
	a.detail["format"] = format
	n, err = do(ctx, d, "ExportVisits", a, func() (int, error) { return d.c.Finder.CountVisits(ctx, d.staff.Sight, f, mostCounted) })
	return n, func(do func(hub.Visit) error) error {
		err := d.c.Finder.EachVisit(ctx, d.staff.Sight, f, o, func(v hub.Visit) error {
			v.Visit = maskVisit(v.Visit)
			return do(v)
		})
		if err != nil {
			d.failed(ctx, duties["ExportVisits"], a, err)
		}
		return err
	}, err
}

// visitDetail is what a filter chooses, by stable words.
func visitDetail(f hub.VisitFilter) map[string]string {
	detail := map[string]string{}
	for name, value := range map[string]string{"text": f.Text, "van": string(f.Van), "by": f.By, "service": string(f.Service), "need": f.Need, "assigned": f.Assigned,
		"street": f.Within.Street, "community": f.Within.Community, "grid": f.Within.Grid, "compound": f.Within.Compound, "building": f.Within.Building} {
		if value != "" {
			detail[name] = value
		}
	}
	for name, at := range map[string]time.Time{"from": f.From, "to": f.To} {
		if !at.IsZero() {
			detail[name] = at.UTC().Format(time.RFC3339)
		}
	}
	for name, yes := range map[string]hub.Yes{"doubtful": f.Doubtful, "photo": f.Photo} {
		if yes != nil {
			detail[name] = strconv.FormatBool(*yes)
		}
	}
	if f.Outcome != 0 {
		detail["outcome"] = f.Outcome.String()
	}
	if f.State != nil {
		detail["state"] = f.State.String()
	}
	if !f.Household.IsZero() {
		detail["household"] = f.Household.String()
	}
	if f.Withdrawn {
		detail["withdrawn"] = "true"
	}
	if b := f.Box; b != nil {
		detail["box"] = fmt.Sprint(b.South, ",", b.West, ",", b.North, ",", b.East)
	}
	return detail
}
