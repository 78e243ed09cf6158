package desk

import (
	"context"
	"fmt"
	"sync"

	"ark"
	"ark/hub"
)

// filterDetail is what is asked of households, for the record.
func filterDetail(f hub.HouseholdFilter) map[string]string {
	detail := map[string]string{}
	for name, value := range map[string]string{"text": f.Text, "place": placeText(f.Within)} {
		if value != "" {
			detail[name] = value
		}
	}
	if f.Disputed {
		detail["disputed"] = "yes"
	}
	if !f.After.IsZero() {
		detail["after"] = f.After.String()
	}
	return detail
}

// Households is a page of households, what is sensitive masked. Whoever may not
// see it does not find by it either.
func (d *Desk) Households(ctx context.Context, f hub.HouseholdFilter) ([]ark.Household, error) {
	f.Masked = !d.staff.Is(duties["RevealHouseholds"].role)
	return do(ctx, d, "Households", about{detail: filterDetail(f)}, func() ([]ark.Household, error) {
		all, err := d.c.Register.Households(ctx, d.staff.Sight, f)
		for i := range all {
			all[i] = maskHousehold(all[i])
		}
		return all, err
	})
}

// AnyHousehold tells whether a household in sight is written down in a part of
// town.
func (d *Desk) AnyHousehold(ctx context.Context, within ark.Place) (bool, error) {
	return do(ctx, d, "AnyHousehold", about{}, func() (bool, error) {
		some, err := d.c.Register.Households(ctx, d.staff.Sight, hub.HouseholdFilter{Within: within, Limit: 1})
		return len(some) > 0, err
	})
}

// RevealHouseholds is a page of households as they are, to compare them with
// something; why says with what.
func (d *Desk) RevealHouseholds(ctx context.Context, f hub.HouseholdFilter, why string) ([]ark.Household, error) {
	detail := filterDetail(f)
	detail["reason"] = why
	return do(ctx, d, "RevealHouseholds", about{detail: detail}, func() ([]ark.Household, error) {
		return d.c.Register.Households(ctx, d.staff.Sight, f)
	})
}

// householdsAtOnce is how many households an export reads at a time.
const householdsAtOnce = 500

// ExportHouseholds calls each for all households of a filter, what is sensitive
// masked; format is that of the file they go into. See Households.
func (d *Desk) ExportHouseholds(ctx context.Context, f hub.HouseholdFilter, format string, each func(ark.Household) error) error {
	f.Masked = !d.staff.Is(duties["RevealHouseholds"].role)
	return d.exportHouseholds(ctx, "ExportHouseholds", f, taken(filterDetail(f), format, ""), func(h ark.Household) error { return each(maskHousehold(h)) })
}

// ExportHouseholdsWhole is ExportHouseholds with nothing masked; why is what
// for.
func (d *Desk) ExportHouseholdsWhole(ctx context.Context, f hub.HouseholdFilter, format, why string, each func(ark.Household) error) error {
	return d.exportHouseholds(ctx, "ExportHouseholdsWhole", f, taken(filterDetail(f), format, why), each)
}

// exportHouseholds goes from one household to the next in one order: what is
// changed meanwhile is there once, as it was or as it is. While each has some
// of them, the next are read.
func (d *Desk) exportHouseholds(ctx context.Context, method string, f hub.HouseholdFilter, a about, each func(ark.Household) error) error {
	return act(ctx, d, method, a, func() error {
		f.Limit = householdsAtOnce
		first, failed := d.c.Register.Households(ctx, d.staff.Sight, f)
		if failed != nil {
			return failed
		}
		var ahead sync.WaitGroup
		pages, enough := make(chan []ark.Household, 1), make(chan struct{})
		defer ahead.Wait()
		defer close(enough)
		ahead.Go(func() {
			defer close(pages)
			failed = d.readHouseholds(ctx, f, first, pages, enough)
		})
		for page := range pages {
			for _, h := range page {
				if err := each(h); err != nil {
					return err
				}
			}
		}
		return failed
	})
}

// readHouseholds hands on some households of a filter and reads those behind
// them, until somebody has enough.
func (d *Desk) readHouseholds(ctx context.Context, f hub.HouseholdFilter, some []ark.Household, pages chan<- []ark.Household, enough <-chan struct{}) (err error) {
	for {
		select {
		case pages <- some:
		case <-enough:
			return nil
		}
		if len(some) < f.Limit {
			return nil
		}
		f.After = some[len(some)-1].ID
		if some, err = d.c.Register.Households(ctx, d.staff.Sight, f); err != nil {
			return err
		}
	}
}

// HouseholdHistory lists a household's editions, the newest first, what is
// sensitive masked. hub.ErrNotThere.
func (d *Desk) HouseholdHistory(ctx context.Context, id ark.ID) ([]hub.HouseholdEdition, error) {
	return do(ctx, d, "HouseholdHistory", about{id: id.String()}, func() ([]hub.HouseholdEdition, error) {
		all, err := d.history(ctx, id)
		maskHistory(all)
		return all, err
	})
}

// RevealHousehold is HouseholdHistory as it is. Why is said by whoever asks; it
// may be empty.
func (d *Desk) RevealHousehold(ctx context.Context, id ark.ID, why string) ([]hub.HouseholdEdition, error) {
	return do(ctx, d, "RevealHousehold", reveal(id, why), func() ([]hub.HouseholdEdition, error) { return d.history(ctx, id) })
}

func (d *Desk) history(ctx context.Context, id ark.ID) ([]hub.HouseholdEdition, error) {
	all, err := d.c.Register.HouseholdHistory(ctx, d.staff.Sight, id)
	if err == nil && len(all) == 0 {
		err = hub.ErrNotThere
	}
	return all, err
}

// PutHouseholds keeps households; see hub.Register. What was masked and left so
// stays as it was.
func (d *Desk) PutHouseholds(ctx context.Context, hs []ark.Household, was []ark.ID) error {
	a := about{detail: map[string]string{"households": fmt.Sprint(len(hs))}}
	if len(hs) == 1 {
		a = about{id: hs[0].ID.String()}
	}
	return act(ctx, d, "PutHouseholds", a, func() error {
		whole := make([]ark.Household, len(hs))
		for i, h := range hs {
			var err error
			if whole[i], err = d.unmasked(ctx, h); err != nil {
				return fmt.Errorf("household %s: %w", h.ID, err)
			}
		}
		return d.c.Register.PutHouseholds(ctx, d.staff.Sight, whole, was, d.staff.Name)
	})
}

func (d *Desk) unmasked(ctx context.Context, h ark.Household) (ark.Household, error) {
	if !masked(h) {
		return h, nil
	}
	all, err := d.history(ctx, h.ID)
	if err != nil {
		return h, err
	}
	now := all[0].Household
	return unmask(h, now, maskHistory(all))
}

// placeText is a place from the whole to the part, for the record.
func placeText(p ark.Place) string {
	if p == (ark.Place{}) {
		return ""
	}
	text := ""
	for _, part := range p.Parts() {
		text += "/" + part
	}
	return text
}
