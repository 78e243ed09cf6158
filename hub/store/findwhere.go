package store

import (
	"fmt"
	"strings"
	"unicode/utf8"

	"ark"
	"ark/hub"
)

// chosen is a query for visits while it grows: from where, which, and the
// columns by which they are in order.
type chosen struct {
	from           string
	conds          []string
	args           arguments
	position, made string
}

func (c *chosen) where(cond string) { c.conds = append(c.conds, cond) }

func (c *chosen) query() string {
	return " FROM " + c.from + " WHERE " + strings.Join(c.conds, " AND ")
}

// found holds for all that the indexes of visits hold: it must stand as they
// say it.
const found = "v.changed > 0 AND v.withdrawn = 0"

// choose begins with what is likely to choose the fewest, and goes through it
// in its order: the words, a mark, or the visits themselves.
func (s *Store) choose(f hub.VisitFilter, part sightPart) *chosen {
	var wanted [][]string
	if f.Text != "" {
		wanted, _ = phrases(f.Text) // askable has looked at it
	}
	return s.chooseWords(f, part, wanted)
}

// chooseWords is choose with phrases beside the filter's own text, or instead.
func (s *Store) chooseWords(f hub.VisitFilter, part sightPart, wanted [][]string) *chosen {
	c := &chosen{from: "visits v", position: "v.position", made: "v.made"}
	marks := marksOf(f)
	if len(wanted) > 0 {
		c.inWords(s.wording.holds("visit_words", wanted, &c.args))
	} else if len(marks) > 0 {
		c.from, c.position, c.made = "visit_marks m CROSS JOIN visits v", "m.position", "m.made"
		c.where("m.kind = " + c.args.add(marks[0].kind))
		c.where("m.value = " + c.args.add(marks[0].value))
		c.where("v.position = m.position")
		marks = marks[1:]
	}
	for _, m := range marks {
		c.has(m)
	}
	if f.Withdrawn {
		if c.from == "visits v" {
			c.from += s.db.Using("visits_withdrawn")
		}
		c.where("v.changed > 0 AND v.withdrawn = 1")
	} else {
		// Of all that wait, and all that somebody was ever given, what they were given and waits is few.
		if c.from == "visits v" && f.Assigned != "" && f.Assigned != hub.AssignedNobody && f.State != nil && *f.State == ark.ReviewNone {
			c.from += s.db.Using("visits_waiting")
		}
		c.where(found)
	}
	c.where(part.condition(&c.args))
	c.filter(f)
	return c
}

func (c *chosen) inWords(cond string) {
	c.from, c.position = "visit_words w CROSS JOIN visits v", "w.rowid"
	c.where(cond)
	c.where("v.position = w.rowid")
}

// has holds for visits that have a mark, each looked up.
func (c *chosen) has(m mark) {
	c.where("EXISTS (SELECT 1 FROM visit_marks o WHERE o.kind = " + c.args.add(m.kind) + " AND o.value = " + c.args.add(m.value) + " AND o.position = v.position)")
}

func marksOf(f hub.VisitFilter) (all []mark) {
	if f.Need != "" {
		all = append(all, mark{markNeed, f.Need})
	}
	if f.Service != "" {
		all = append(all, mark{markService, string(f.Service)})
	}
	return all
}

// filter adds what a filter asks of the columns.
func (c *chosen) filter(f hub.VisitFilter) {
	is := func(column string, v any) { c.where("v." + column + " = " + c.args.add(v)) }
	if !f.From.IsZero() {
		c.where("v.made >= " + c.args.add(madeAt(ark.Milli(f.From))))
	}
	if !f.To.IsZero() {
		c.where("v.made < " + c.args.add(madeAt(ark.Milli(f.To))))
	}
	if f.By != "" {
		is("by", f.By)
	}
	if f.Outcome != 0 {
		is("outcome", int64(f.Outcome))
	}
	switch {
	case f.State == nil:
	case *f.State == ark.ReviewNone:
		c.where("v.state = 0") // it is in the words of an index
	default:
		is("state", int64(*f.State))
	}
	switch f.Assigned {
	case "":
	case hub.AssignedNobody:
		c.where("v.assigned = ''")
	default:
		is("assigned", f.Assigned)
		c.where("v.assigned <> ''")
	}
	// The words of an index must stand in the query, not come with it.
	if f.Doubtful != nil {
		c.where(fmt.Sprintf("v.doubtful = %d", truth(*f.Doubtful)))
	}
	if f.Photo != nil {
		c.where(fmt.Sprintf("v.photo = %d", truth(*f.Photo)))
	}
	if !f.Household.IsZero() {
		is("household", f.Household[:])
	}
	if f.Box != nil {
		c.inBox(*f.Box)
	}
}

// byRare lets visits be gone through by the index of what is rare among them,
// where nothing else that is asked for has one: in no order, as when they are
// counted.
func (s *Store) byRare(c *chosen, f hub.VisitFilter, part sightPart) {
	if c.from != "visits v" || part != (sightPart{}) || f.By != "" || f.Outcome != 0 || f.State != nil || !f.Household.IsZero() || f.Assigned != "" {
		return
	}
	switch {
	case f.Box != nil && near(*f.Box):
		c.from += s.db.Using("visits_cell")
		c.where(cellsOf(*f.Box).condition(&c.args))
	case f.Photo != nil && *f.Photo:
		c.from += s.db.Using("visits_photo")
	case f.Doubtful != nil && *f.Doubtful:
		c.from += s.db.Using("visits_doubtful")
	}
}

// askable tells what is wrong with a filter, if anything.
func askable(f hub.VisitFilter) error {
	if f.Text == "" {
		return nil
	}
	if utf8.RuneCountInString(f.Text) > hub.MaxSearch {
		return fmt.Errorf("%w: a search of more than %d characters", hub.ErrInvalid, hub.MaxSearch)
	}
	_, err := phrases(f.Text)
	return err
}
