package store

import (
	"context"
	"fmt"

	"ark"
	"ark/internal/database"
)

// Households are found by pairs of characters, as visits are: see grams.go.
// Pairs of what nobody masks stand there twice, once with openMark before them,
// so that a search among those alone neither finds nor touches the others.

// openMark makes a word longer than any pair of characters.
const openMark = "open"

// householdWords are the words under which a household is found.
func householdWords(h ark.Household) []string {
	all := indexed(wordsOf(h))
	for _, w := range indexed(openWords(h)) {
		all = append(all, openMark+w)
	}
	return all
}

// householdPhrases are what stands in the words of households in which a text
// is found; none: it has nothing to look for by.
func householdPhrases(text string, masked bool) [][]string {
	all, _ := phrases(text)
	if masked {
		for _, row := range all {
			for i, pair := range row {
				row[i] = openMark + pair
			}
		}
	}
	return all
}

// wordHousehold writes down by which words a household is found now, under its
// number.
func wordHousehold(tx *database.Tx, w wording, n int64, h ark.Household) error {
	if _, err := tx.Exec("DELETE FROM household_words WHERE rowid = $1", n); err != nil {
		return fmt.Errorf("forget words of a household: %w", err)
	}
	if _, err := tx.Exec("INSERT INTO household_words (rowid, words) VALUES ($1, $2)", n, w.document(householdWords(h))); err != nil {
		return fmt.Errorf("keep words of a household: %w", err)
	}
	return nil
}

// householdStep is how many households go into one transaction.
const householdStep = 500

// wordHouseholds numbers the households that an older release kept, and lets
// them be found by their words.
func (s *Store) wordHouseholds(ctx context.Context) error {
	for more := true; more; {
		err := s.db.Write(ctx, func(tx *database.Tx) error {
			some, err := someHouseholds(ctx, tx, "WHERE n = 0 ORDER BY id LIMIT $1", householdStep)
			if err != nil {
				return err
			}
			more = len(some) == householdStep
			for _, h := range some {
				var n int64
				err := tx.QueryRow("UPDATE households SET n = "+nextHousehold+", open = $2 WHERE id = $1 RETURNING n", h.ID[:], openWords(h.Household)).Scan(&n)
				if err != nil {
					return err
				}
				if h.unread {
					continue // it has a number and no words: one household does not keep a hub from starting
				}
				if err := wordHousehold(tx, s.wording, n, h.Household); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			return fmt.Errorf("let households be found: %w", err)
		}
	}
	return nil
}

// nextHousehold is the number of a new household.
const nextHousehold = "(SELECT coalesce(max(n), 0) + 1 FROM households)"

// numberedHousehold is one with its number.
type numberedHousehold struct {
	n      int64
	unread bool // what is kept of it cannot be read, but its id
	ark.Household
}

func someHouseholds(ctx context.Context, q querier, where string, args ...any) (all []numberedHousehold, err error) {
	rows, err := q.QueryContext(ctx, "SELECT n, id, body FROM households "+where, args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		var h numberedHousehold
		var id, body []byte
		if err := rows.Scan(&h.n, &id, &body); err != nil {
			return nil, err
		}
		if h.Household, err = decodeHousehold(body); err != nil {
			h.Household, h.unread = ark.Household{ID: ark.ID(id)}, true
		}
		all = append(all, h)
	}
	return all, rows.Err()
}

// deriveHouseholds is derive for households.
func (c copier) deriveHouseholds(ctx context.Context) error {
	for after := int64(0); ; {
		some, err := someHouseholds(ctx, c.from, "WHERE n > $1 ORDER BY n LIMIT $2", after, householdStep)
		if err != nil || len(some) == 0 {
			return err
		}
		err = c.in(func(tx *database.Tx) error {
			for _, h := range some {
				if h.unread {
					continue // as in the place that it comes from
				}
				if err := wordHousehold(tx, c.to.wording, h.n, h.Household); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			return err
		}
		after = some[len(some)-1].n
	}
}
