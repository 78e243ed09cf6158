package store

import (
	"context"
	"fmt"

	"ark/internal/sqlite"
)

// failedOften is how many openings in a row the card may answer with an error
// before the file counts as damaged: a loose card comes back, a dead sector
// does not.
const failedOften = 3

// beyondRepair tells whether a database that could not be opened is to be
// salvaged.
func (s *Store) beyondRepair(err error) bool {
	if sqlite.IsIO(err) {
		s.failures++
		return s.failures >= failedOften
	}
	return sqlite.IsCorrupt(err)
}

// giveUp closes the database after an error of the card, so that Run checks
// it and opens it again. The caller holds mu.
func (s *Store) giveUp(err error) {
	if s.db == nil || !sqlite.IsIO(err) && !sqlite.IsCorrupt(err) {
		return
	}
	s.c.Log.Error("the card failed; it will be checked", "err", err)
	s.damaged = s.damaged || sqlite.IsCorrupt(err)
	s.letGo(told(err))
	wake(s.ill)
}

// letGo closes the database. Readers that are under way get an error.
func (s *Store) letGo(fault error) {
	s.db.Close() // there is trouble enough, and it is told
	s.db, s.fault = nil, fault
}

// readFailed is told for an error of reading, and gives the database up if
// the card is to blame. The caller does not hold mu.
func (s *Store) readFailed(err error) error {
	if sqlite.IsIO(err) || sqlite.IsCorrupt(err) {
		s.mu.Lock()
		defer s.mu.Unlock()
		s.giveUp(err)
	}
	return told(err)
}

// probe writes something small, to learn whether a full card has room again.
func (s *Store) probe(ctx context.Context) error {
	return s.write(ctx, func(t tx) error {
		if _, err := t.Exec("INSERT INTO memory VALUES ('probe', 1) ON CONFLICT (name) DO UPDATE SET value = value + 1"); err != nil {
			return fmt.Errorf("try the card: %w", err)
		}
		return nil
	})
}
