package store

import (
	"context"
	"fmt"
	"slices"

	"ark"
	"ark/hub"
)

// household joins what a crew made of a household with what others made of it
// meanwhile.
func (c *commit) household(l life, f *hub.Fact, e ark.HouseholdEdit, at int64) error {
	old, known, err := readHousehold(c.tx, e.Now.ID)
	if err != nil {
		return err
	}
	t, err := c.territory()
	if err != nil {
		return err
	}
	next := e.Now
	if known {
		if may, err := t.mayEdit(c.tx, l.id, old); err != nil || !may {
			return c.orRefuse(err, about{l, f, at}, reasonForeignHouse)
		}
		if next, err = c.join(old, e, f.Entry.ID); err != nil {
			return err
		}
	} else {
		next.Disputed = nil
	}
	next.Rev = f.Entry.ID
	if next.Check() != nil || !fits(next) || !known && c.s.full(c.made+1) {
		return c.refuse(l, f, reasonHousehold, at)
	}
	if !known {
		c.made++
	}
	c.change.Households = true
	return edition{rev: next.Rev, was: e.Was.Rev, van: l.id, by: e.Name, made: at, household: next, asked: &e.Now}.keep(c.tx, c.s.wording, t)
}

// join joins an edit with the household as it is. What the crew saw is in the
// edit. One that comes after another that was made on top of it, from an older
// card say, gives way to that; one on top of another that has not come knows
// more than the hub, and its word stands.
func (c *commit) join(old ark.Household, e ark.HouseholdEdit, edit ark.ID) (ark.Household, error) {
	seen, err := c.hasEdition(old.ID, "rev", e.Was.Rev)
	if err != nil {
		return old, err
	}
	overtaken, err := c.hasEdition(old.ID, "was", edit)
	if err != nil {
		return old, err
	}
	if !seen && !e.Was.ID.IsZero() {
		e.Now.Disputed = old.Disputed
		next, _ := ark.MergeHousehold(e.Was, e.Now, old)
		return next, nil
	}
	next, _ := ark.MergeHousehold(e.Was, old, e.Now)
	if overtaken {
		next.Disputed = slices.Clone(old.Disputed)
	}
	return next, nil
}

func (c *commit) hasEdition(household ark.ID, column string, edition ark.ID) (has bool, err error) {
	err = c.tx.QueryRow("SELECT EXISTS (SELECT 1 FROM household_editions WHERE household = $1 AND "+column+" = $2)", household[:], edition[:]).Scan(&has)
	if err != nil {
		return false, fmt.Errorf("read editions of a household: %w", err)
	}
	return has, nil
}

// territory is read once in a commit: nobody else changes it meanwhile.
func (c *commit) territory() (t territory, err error) {
	if c.areas == nil {
		c.areas, err = readTerritory(context.Background(), c.tx)
	}
	return c.areas, err
}
