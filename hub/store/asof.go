package store

import (
	"context"
	"encoding/json"
	"fmt"

	"ark/hub"
)

// VisitsAsOf changes with all that lists of visits show; see hub.Finder. Each
// change of a visit has a number, also one that another process made; whatever
// else may change what is in sight, or how it is said, watchers were told of.
func (s *Store) VisitsAsOf(ctx context.Context, sight hub.Sight) (string, error) {
	told := s.told.Load()
	var changed int64
	if err := s.db.Read().QueryRowContext(ctx, "SELECT n FROM counters WHERE name = 'visits'").Scan(&changed); err != nil {
		return "", fmt.Errorf("read up to which change visits are: %w", err)
	}
	whose, err := json.Marshal(sight)
	return fmt.Sprintf("%d.%d %s", changed, told, whose), err
}
