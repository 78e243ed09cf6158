package store

import (
	"fmt"

	"ark"
)

// How long and how many visits stay on the van that the hub has. One that it
// does not have stays, and so does one whose attachments are still to go.
const (
	keepVisits = 366 * 24 * 3600 * 1000 // ms since they were made
	mostVisits = 50_000
	thinStep   = 2000 // at once, which is once a day: nobody waits long
)

// thin removes what the view no longer shows, once a day.
func (s *Store) thin(t tx, now int64) error {
	const done = ` AND (v.held = 1 OR v.seq > 0 AND v.seq <= $1) AND NOT EXISTS (SELECT 1 FROM named m JOIN attachments a ON a.content = m.content
		WHERE m.visit = v.id AND a.here = 1 AND a.hub = 0)`
	for _, q := range []struct {
		old   string
		bound int64
	}{
		{"SELECT n, id FROM visits v WHERE made < $2" + done + " ORDER BY made LIMIT $3", now - keepVisits},
		{"SELECT n, id FROM visits v WHERE n <= (SELECT max(n) FROM visits) - $2" + done + " ORDER BY n LIMIT $3", mostVisits},
	} {
		rows, err := t.Query(q.old, s.acked.Seq, q.bound, thinStep)
		if err != nil {
			return fmt.Errorf("find old visits: %w", err)
		}
		type old struct {
			n  int64
			id []byte
		}
		some, err := collect(rows, func(o *old) []any { return []any{&o.n, &o.id} })
		if err != nil {
			return fmt.Errorf("find old visits: %w", err)
		}
		for _, o := range some {
			for _, q := range []string{"DELETE FROM visits WHERE id = $1", "DELETE FROM editions WHERE visit = $1", "DELETE FROM named WHERE visit = $1"} {
				if _, err := t.Exec(q, o.id); err != nil {
					return fmt.Errorf("remove old visit: %w", err)
				}
			}
		}
	}
	return thinRest(t, now)
}

// mostStruck is how many phones that were struck off are remembered; the
// tokens of others are nobody's, which is refused too.
const mostStruck = 1000

func thinRest(t tx, now int64) error {
	aYearAgo := ark.NewID(ark.UnixMilli(max(now-keepVisits, 0)), [10]byte{})
	for _, q := range []struct {
		query string
		arg   any
	}{
		{"DELETE FROM clocks WHERE zero < $1", now - keepVisits},
		{"DELETE FROM edits WHERE body IS NULL AND id < $1", aYearAgo[:]},
		{"DELETE FROM households WHERE body IS NULL AND NOT EXISTS (SELECT 1 FROM orders WHERE state = $1)", orderQuarantine},
		{"DELETE FROM phones WHERE struck = 1 AND n <= (SELECT max(n) FROM phones) - $1", mostStruck},
		{"DELETE FROM attachments WHERE here = 0 AND delivered < $1 AND NOT EXISTS (SELECT 1 FROM named m WHERE m.content = attachments.content)", now - keepVisits},
	} {
		if _, err := t.Exec(q.query, q.arg); err != nil {
			return fmt.Errorf("remove what is old: %w", err)
		}
	}
	return nil
}
