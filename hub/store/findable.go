package store

import (
	"fmt"
	"slices"
	"strings"

	"ark"
	"ark/internal/database"
)

// findable is a visit with what it is found by.
type findable struct {
	position int64
	*traits
}

// addFindable adds what stands beside the visits' own rows.
func (s *Store) addFindable(tx *database.Tx, all []findable) error {
	marks, words := make([]any, 0, markWidth*len(all)), make([]any, 0, wordsWidth*len(all))
	for _, v := range all {
		for _, m := range v.marks {
			marks = append(marks, m.kind, m.value, v.position, v.made)
		}
		words = append(words, v.position, s.wording.document(v.words))
	}
	if _, err := insert(tx, s.bulk.marks, markWidth, marks); err != nil {
		return fmt.Errorf("insert marks of visits: %w", err)
	}
	if _, err := insert(tx, s.bulk.words, wordsWidth, words); err != nil {
		return fmt.Errorf("insert words of visits: %w", err)
	}
	return nil
}

const foundWidth = len(traitColumns) + 4

// updateFound is for many visits, each with its position and what it is found
// by now. That they could come from the table tells the types of the values.
var updateFound = func() string {
	columns := append(slices.Clone(traitColumns[:]), "state", "withdrawn", "changed")
	sets := make([]string, len(columns))
	for i, name := range columns {
		sets[i] = name + " = n." + name
	}
	return "UPDATE visits SET " + strings.Join(sets, ", ") + " FROM (SELECT position, " + strings.Join(columns, ", ") + " FROM visits WHERE 1 = 0 UNION ALL "
}()

const updateFoundTail = ") AS n WHERE visits.position = n.position"

// findAgain lets visits be found as they are now; what they were found by
// before, if by anything, is over. places are the numbers that the transaction
// gives.
func (s *Store) findAgain(tx *database.Tx, places placeNumbers, vs []reading) error {
	changed, err := takeChanges(tx, len(vs))
	if err != nil {
		return err
	}
	found, rows := make([]findable, len(vs)), make([]any, 0, foundWidth*len(vs))
	var change counts
	for i, v := range vs {
		t := traitsOf(v.van, v.Visit.Visit, v.first, v.At)
		if err := s.locate(tx, places, &t); err != nil {
			return err
		}
		if v.Changed > 0 {
			if err := s.unfind(tx, int64(v.Position), &change); err != nil {
				return err
			}
			if err := moveOn(tx, int64(v.Position), changed+int64(i), t.plain); err != nil {
				return err
			}
		}
		if !v.Withdrawn {
			change.add(counted{&t, v.State})
		}
		found[i] = findable{int64(v.Position), &t}
		rows = append(t.columns(append(rows, int64(v.Position))), int64(v.State), truth(v.Withdrawn), changed+int64(i))
	}
	if _, err := insert(tx, s.bulk.found, foundWidth, rows); err != nil {
		return fmt.Errorf("let visits be found: %w", err)
	}
	if err := s.addFindable(tx, found); err != nil {
		return err
	}
	return s.flush(tx, &change)
}

// unfind takes away what a visit is found by beside its own row.
func (s *Store) unfind(tx *database.Tx, position int64, change *counts) error {
	old, was, err := countedAs(tx, position)
	if err != nil {
		return fmt.Errorf("read visit: %w", err)
	}
	if was {
		change.take(old)
	}
	for _, query := range []string{"DELETE FROM visit_marks WHERE position = $1", "DELETE FROM visit_words WHERE rowid = $1"} {
		if _, err := tx.Exec(query, position); err != nil {
			return fmt.Errorf("let a visit be found: %w", err)
		}
	}
	return nil
}

// findJudged lets a visit be found by what staff have made of it.
func (s *Store) findJudged(tx *database.Tx, visit ark.ID, state ark.ReviewState) error {
	var position int64
	if err := tx.QueryRow("SELECT position FROM visits WHERE id = $1", visit[:]).Scan(&position); err != nil {
		return fmt.Errorf("read visit: %w", err)
	}
	v, is, err := countedAs(tx, position)
	if err != nil {
		return fmt.Errorf("read visit: %w", err)
	}
	var change counts
	if is {
		change.move(v, -1)
		v.state = state
		change.move(v, 1)
	}
	changed, err := takeChanges(tx, 1)
	if err != nil {
		return err
	}
	// One that is not found yet stays so: it has no number of a change.
	_, err = tx.Exec("UPDATE visits SET state = $2, changed = CASE WHEN changed <= 0 THEN changed ELSE CAST($3 AS BIGINT) END WHERE position = $1", position, int64(state), changed)
	if err != nil {
		return fmt.Errorf("let a visit be found: %w", err)
	}
	return s.flush(tx, &change)
}
