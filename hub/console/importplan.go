package console

import (
	"context"
	"slices"
	"strings"

	"ark"
	"ark/hub"
)

// importPlan is what a file would change: a household for each door in it.
type importPlan struct {
	New, Changed []plannedHousehold
	Same         int // doors of which everything is written down
	Faults       []importFault
}

// plannedHousehold is a household as it is to be.
type plannedHousehold struct {
	ark.Household
	Was     ark.ID // its Rev; zero: it is new
	Changes []change
}

// planImport compares a file with what is written down. A file adds and
// replaces; what it does not name stays.
func (c *Console) planImport(ctx context.Context, rows []importRow, faults []importFault) (importPlan, error) {
	p := importPlan{Faults: faults}
	known := map[string]ark.Household{}
	read := map[ark.Place]bool{}
	made := map[string]int{} // in order
	var all []plannedHousehold
	for _, row := range rows {
		area := ark.Place{Compound: row.Household.Place.Compound}
		if area.Compound == "" {
			area.Community = row.Household.Place.Community
		}
		if !read[area] {
			read[area] = true
			if err := c.readDoors(ctx, area, known); err != nil {
				return p, err
			}
		}
		key := row.Household.Place.Key()
		i, ok := made[key]
		if !ok {
			i, made[key] = len(all), len(all)
			all = append(all, plannedHousehold{Household: known[key], Was: known[key].Rev})
			if known[key].ID.IsZero() {
				all[i].Household = ark.Household{ID: c.newID(), Place: row.Household.Place}
			}
		}
		all[i].Household = addRow(all[i].Household, row.Household)
		if all[i].Check() != nil {
			p.Faults = append(p.Faults, importFault{row.Line, "importfault.many", row.Household.Place.String()})
			return p, nil
		}
	}
	for _, h := range all {
		old := known[h.Place.Key()]
		if h.Changes = editionChanges(old, h.Household); h.Was.IsZero() {
			p.New = append(p.New, h)
		} else if len(h.Changes) > 0 {
			p.Changed = append(p.Changed, h)
		} else {
			p.Same++
		}
	}
	return p, nil
}

// readDoors adds what is written down of an area, by the keys of its doors.
func (c *Console) readDoors(ctx context.Context, area ark.Place, into map[string]ark.Household) error {
	f := hub.HouseholdFilter{Within: area, Limit: 500}
	for {
		list, err := c.c.Register.Households(ctx, f)
		if err != nil {
			return err
		}
		for _, h := range list {
			if key := h.Place.Key(); key != "" {
				into[key] = h
			}
		}
		if len(list) < f.Limit {
			return nil
		}
		f.After = list[len(list)-1].ID
	}
}

// addRow adds to a household what a line of a file tells of it.
func addRow(h, row ark.Household) ark.Household {
	for _, field := range []struct{ own, its *string }{
		{&h.Phone, &row.Phone}, {&h.Note, &row.Note}, {&h.NoVisit, &row.NoVisit}, {&h.Place.Street, &row.Place.Street}, {&h.Place.Community, &row.Place.Community}, {&h.Place.Grid, &row.Place.Grid},
	} {
		if *field.its != "" {
			*field.own = *field.its
		}
	}
	h.Members = slices.Clone(h.Members)
	for _, m := range row.Members {
		i := slices.IndexFunc(h.Members, func(o ark.Member) bool { return strings.EqualFold(o.Name, m.Name) })
		if i < 0 {
			h.Members = append(h.Members, m)
			continue
		}
		o := &h.Members[i]
		if m.Born != 0 {
			o.Born = m.Born
		}
		if m.Phone != "" {
			o.Phone = m.Phone
		}
		if m.Note != "" {
			o.Note = m.Note
		}
	}
	return h
}
