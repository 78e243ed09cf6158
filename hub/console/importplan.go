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
	known := doors{at: map[string]ark.Household{}, read: map[ark.Place]bool{}, spelt: map[string]string{}}
	made := map[string]int{} // in order
	var all []plannedHousehold
	for _, row := range rows {
		if err := c.readAround(ctx, row.Household.Place, known); err != nil {
			return p, err
		}
		key := row.Household.Place.Key()
		i, ok := made[key]
		h := plannedHousehold{Household: known.at[key], Was: known.at[key].Rev}
		switch {
		case ok:
			h = all[i]
		case h.ID.IsZero():
			h.Household = ark.Household{ID: c.newID(), Place: row.Household.Place}
			if spelt := known.spelt[h.Place.CompoundKey()]; spelt != "" {
				h.Place.Compound = spelt
			}
		}
		h.Household = addRow(h.Household, row.Household)
		switch {
		case h.Check() != nil:
			p.Faults = append(p.Faults, importFault{row.Line, "importfault.many", row.Household.Place.String()})
		case ok:
			all[i] = h
		default:
			made[key] = len(all)
			all = append(all, h)
		}
	}
	slices.SortStableFunc(p.Faults, func(a, b importFault) int { return a.Line - b.Line })
	for _, h := range all {
		if h.Changes = editionChanges(known.at[h.Place.Key()], h.Household); h.Was.IsZero() {
			p.New = append(p.New, h)
		} else if len(h.Changes) > 0 {
			p.Changed = append(p.Changed, h)
		} else {
			p.Same++
		}
	}
	return p, nil
}

// doors is what is written down around the doors of a file.
type doors struct {
	at    map[string]ark.Household // by their keys
	read  map[ark.Place]bool       // areas that were read
	spelt map[string]string        // how a compound is written, by its key
}

// readAround reads what is written down of a door's compound, in whichever way
// its name is written.
func (c *Console) readAround(ctx context.Context, door ark.Place, into doors) error {
	area := ark.Place{Compound: door.Compound}
	if door.Compound == "" {
		area.Community = door.Community
	}
	if area = area.Plain(); into.read[area] {
		return nil
	}
	into.read[area] = true
	return c.readDoors(ctx, area, into)
}

// readDoors adds what is written down of an area, by the keys of its doors.
func (c *Console) readDoors(ctx context.Context, area ark.Place, into doors) error {
	f := hub.HouseholdFilter{Within: area, Limit: 500}
	for {
		list, err := desk(ctx).RevealHouseholds(ctx, f, "import")
		if err != nil {
			return err
		}
		for _, h := range list {
			if key := h.Place.Key(); key != "" {
				into.at[key] = h
				into.spelt[h.Place.CompoundKey()] = h.Place.Compound
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
