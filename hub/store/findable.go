package store

import (
	"fmt"
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

var updateFound = func() string {
	var args arguments
	sets := make([]string, len(traitColumns))
	for i, name := range traitColumns {
		sets[i] = name + " = " + args.add(nil)
	}
	return "UPDATE visits SET " + strings.Join(sets, ", ") + ", state = " + args.add(nil) + ", withdrawn = " + args.add(nil) +
		", changed = " + args.add(nil) + " WHERE position = " + args.add(nil)
}()

// findAgain lets visits be found as they are now; what they were found by
// before, if by anything, is over.
func (s *Store) findAgain(tx *database.Tx, vs []reading) error {
	changed, err := takeChanges(tx, len(vs))
	if err != nil {
		return err
	}
	found, places := make([]findable, len(vs)), placeNumbers{}
	var change counts
	for i, v := range vs {
		t := traitsOf(v.van, v.Visit.Visit, v.first, v.At)
		if err := s.locate(tx, places, &t); err != nil {
			return err
		}
		found[i] = findable{int64(v.Position), &t}
		if old, was, err := countedAs(tx, int64(v.Position)); err != nil {
			return err
		} else if was {
			change.take(old)
		}
		if !v.Withdrawn {
			change.add(counted{&t, v.State})
		}
		args := append(t.columns(make([]any, 0, len(traitColumns)+4)), int64(v.State), truth(v.Withdrawn), changed+int64(i), int64(v.Position))
		for _, step := range []struct {
			query string
			args  []any
		}{
			{updateFound, args},
			{"DELETE FROM visit_marks WHERE position = $1", args[len(args)-1:]},
			{"DELETE FROM visit_words WHERE rowid = $1", args[len(args)-1:]},
		} {
			if _, err := tx.Exec(step.query, step.args...); err != nil {
				return fmt.Errorf("let a visit be found: %w", err)
			}
		}
	}
	if err := s.addFindable(tx, found); err != nil {
		return err
	}
	return s.flush(tx, &change)
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
	_, err = tx.Exec("UPDATE visits SET judged = CASE WHEN CAST($2 AS BIGINT) = 0 THEN 0 ELSE 1 END, state = $2, changed = CASE WHEN changed = 0 THEN 0 ELSE CAST($3 AS BIGINT) END WHERE position = $1", position, int64(state), changed)
	if err != nil {
		return fmt.Errorf("let a visit be found: %w", err)
	}
	return s.flush(tx, &change)
}
