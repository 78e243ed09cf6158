package store

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"ark"
	"ark/hub"
	"ark/internal/database"
)

// tonguesOf are the languages of which the loudspeaker got something, each
// between spaces. Without a sound device nothing sounded, whatever was counted
// down.
func tonguesOf(b ark.AsRun) string {
	var all []string
	for _, r := range b.Recordings {
		if _, err := ark.ParseLanguage(string(r.Language)); err == nil && r.Consumed > 0 && !b.Silent && !slices.Contains(all, string(r.Language)) {
			all = append(all, string(r.Language))
		}
	}
	if len(all) == 0 {
		return ""
	}
	slices.Sort(all)
	return " " + strings.Join(all, " ") + " "
}

// Sounded counts broadcasts by day and language; see hub.AsRunLog. It reads an
// index alone.
func (s *Store) Sounded(ctx context.Context, sight hub.Sight, days []time.Time) ([]map[ark.Language]int, error) {
	if err := (hub.OverviewQuery{Days: days}).Check(); err != nil {
		return nil, fmt.Errorf("count what sounded: %w", err)
	}
	var args arguments
	from, to := args.add(0), args.add(0)
	seen, err := vanNumberSeen(ctx, s.db.Read(), sight, "van", &args)
	if err != nil {
		return nil, fmt.Errorf("count what sounded: %w", err)
	}
	query := "SELECT tongues, count(*) FROM broadcasts" + s.db.Using("broadcasts_tongues") + " WHERE asked >= " + from + " AND asked < " + to + " AND tongues <> '' AND " + seen + " GROUP BY tongues"
	all := make([]map[ark.Language]int, len(days)-1)
	for i := range all {
		all[i] = map[ark.Language]int{}
		args[0], args[1] = firstPlace(ark.Milli(days[i])), firstPlace(ark.Milli(days[i+1]))
		if err := countTongues(ctx, s.db.Read(), query, args, all[i]); err != nil {
			return nil, fmt.Errorf("count what sounded: %w", err)
		}
	}
	return all, nil
}

func countTongues(ctx context.Context, q querier, query string, args []any, into map[ark.Language]int) error {
	rows, err := q.QueryContext(ctx, query, args...)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		var tongues string
		var n int
		if err := rows.Scan(&tongues, &n); err != nil {
			return err
		}
		for _, l := range strings.Fields(tongues) {
			into[ark.Language(l)] += n
		}
	}
	return rows.Err()
}

// untoldStep is how many broadcasts of an older release are looked at in one
// transaction.
const untoldStep = 500

// CatchUp notes which languages sounded in the broadcasts that an older release
// kept, beside all other work; until then they count for none.
func (s *Store) CatchUp(ctx context.Context) error {
	for n := 1; n > 0; {
		var err error
		if n, err = s.tellTongues(ctx); err != nil {
			return fmt.Errorf("note which languages sounded: %w", err)
		}
	}
	return nil
}

// tellTongues looks which languages sounded in broadcasts that an older release
// kept, and tells how many it has looked at.
func (s *Store) tellTongues(ctx context.Context) (n int, err error) {
	err = s.db.Write(ctx, func(tx *database.Tx) error {
		some, err := untold(ctx, tx)
		if err != nil {
			return err
		}
		for id, tongues := range some {
			if _, err := tx.ExecContext(ctx, "UPDATE broadcasts SET tongues = $1 WHERE id = $2", tongues, id[:]); err != nil {
				return err
			}
		}
		n = len(some)
		return nil
	})
	return n, err
}

func untold(ctx context.Context, tx *database.Tx) (map[ark.ID]string, error) {
	rows, err := tx.QueryContext(ctx, "SELECT id, body FROM broadcasts WHERE tongues IS NULL LIMIT $1", untoldStep)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	some := map[ark.ID]string{}
	for rows.Next() {
		var id, body []byte
		if err := rows.Scan(&id, &body); err != nil {
			return nil, err
		}
		tongues := ""
		if b, err := ark.DecodeBody(ark.KindBroadcast, body); err == nil {
			tongues = tonguesOf(b.(ark.AsRun))
		}
		some[ark.ID(id)] = tongues
	}
	return some, rows.Err()
}
