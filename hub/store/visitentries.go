package store

import (
	"context"
	"fmt"

	"ark"
	"ark/hub"
	"ark/internal/database"
)

// about is an entry about a visit that waits until all visits of its commit
// are in.
type about struct {
	l  life
	f  *hub.Fact
	at int64
}

// mostWaiting is how many entries of one van may speak of visits that are not
// here: they were lost, or are still to come from an older card.
const mostWaiting = 1000

func visitOf(body any) ark.ID {
	switch b := body.(type) {
	case ark.Amend:
		return b.Visit
	case ark.Withdrawal:
		return b.Visit
	}
	return ark.ID{}
}

// about keeps what crew say of a visit after its first entry. One that comes
// before its visit waits; one of another van's visit is quarantined.
func (c *commit) about(a about) error {
	if news, err := c.first(a.l, a.f, a.at); err != nil || !news {
		return err
	}
	visit := visitOf(a.f.Body)
	if visit == a.f.Entry.ID {
		return c.refuse(a.l, a.f, reasonTwin, a.at)
	}
	var van int64
	err := c.tx.QueryRow("SELECT i.van FROM visits v JOIN incarnations i ON i.n = v.incarnation WHERE v.id = $1", visit[:]).Scan(&van)
	waits := noRows(err)
	if err != nil && !waits {
		return fmt.Errorf("read visit: %w", err)
	}
	if !waits && van != a.l.van {
		return c.refuse(a.l, a.f, reasonForeignVisit, a.at)
	}
	if reason, err := c.roomAbout(a.l.van, visit, waits); err != nil || reason != "" {
		return c.orRefuse(err, a, reason)
	}
	_, err = c.tx.Exec("INSERT INTO visit_entries VALUES ($1, $2, $3, $4, $5, $6, $7)",
		visit[:], a.f.Entry.ID[:], a.l.van, a.l.n, int64(a.f.Cursor.Seq), a.at, truth(waits))
	if err != nil {
		return fmt.Errorf("note %s: %w", a.f.Entry.Kind, err)
	}
	if amend, ok := a.f.Body.(ark.Amend); ok {
		if err := c.attach(a.l, amend.Now); err != nil {
			return err
		}
	}
	if waits {
		c.orphans[visit] = true
		return nil
	}
	return c.restate(visit)
}

func (c *commit) orRefuse(err error, a about, reason string) error {
	if err != nil {
		return err
	}
	return c.refuse(a.l, a.f, reason, a.at)
}

// roomAbout tells why there is no room for another entry about a visit, if so.
func (c *commit) roomAbout(van int64, visit ark.ID, waits bool) (reason string, err error) {
	var about, waiting int
	if err := c.tx.QueryRow("SELECT count(*) FROM visit_entries WHERE visit = $1", visit[:]).Scan(&about); err != nil {
		return "", fmt.Errorf("count entries about a visit: %w", err)
	}
	if about >= hub.MaxVisitEntries {
		return reasonManyEntries, nil
	}
	if !waits {
		return "", nil
	}
	if err := c.tx.QueryRow("SELECT count(*) FROM visit_entries WHERE waits = 1 AND van = $1", van).Scan(&waiting); err != nil {
		return "", fmt.Errorf("count entries that wait: %w", err)
	}
	if waiting >= mostWaiting {
		return reasonManyWaiting, nil
	}
	return "", nil
}

// loadOrphans reads of which visits that are not here entries speak.
func loadOrphans(ctx context.Context, tx *database.Tx) (map[ark.ID]bool, error) {
	rows, err := tx.QueryContext(ctx, "SELECT visit FROM visit_entries WHERE waits = 1")
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	orphans := map[ark.ID]bool{}
	for rows.Next() {
		var id []byte
		if err := rows.Scan(&id); err != nil {
			return nil, err
		}
		orphans[ark.ID(id)] = true
	}
	return orphans, rows.Err()
}

// adoptAll finds among the visits of the commit those that entries already
// waited for. Nearly always there are none, so it costs a look into a map.
func (c *commit) adoptAll() error {
	var come []ark.ID
	c.s.mu.Lock()
	if len(c.s.orphans)+len(c.orphans) > 0 {
		for _, v := range c.visits {
			if waits, here := c.orphans[v.id]; waits || !here && c.s.orphans[v.id] {
				c.orphans[v.id] = false
				come = append(come, v.id)
			}
		}
	}
	c.s.mu.Unlock()
	for _, id := range come {
		if err := c.adopt(id); err != nil {
			return fmt.Errorf("what waited for a visit: %w", err)
		}
	}
	return nil
}

// adopt gives a visit that has come the entries that waited for it. Those of
// other vans are quarantined.
func (c *commit) adopt(visit ark.ID) error {
	var van int64
	if err := c.tx.QueryRow("SELECT i.van FROM visits v JOIN incarnations i ON i.n = v.incarnation WHERE v.id = $1", visit[:]).Scan(&van); err != nil {
		return err
	}
	rows, err := c.tx.Query("SELECT id, incarnation, seq, received FROM visit_entries WHERE visit = $1 AND van <> $2", visit[:], van)
	if err != nil {
		return err
	}
	defer rows.Close()
	var foreign []about
	for rows.Next() {
		a := about{f: &hub.Fact{}}
		var id []byte
		if err := rows.Scan(&id, &a.l.n, &a.f.Cursor.Seq, &a.at); err != nil {
			return err
		}
		a.f.Entry.ID = ark.ID(id)
		foreign = append(foreign, a)
	}
	if err := rows.Err(); err != nil {
		return err
	}
	rows.Close()
	for _, a := range foreign {
		if _, err := c.tx.Exec("DELETE FROM visit_entries WHERE visit = $1 AND id = $2", visit[:], a.f.Entry.ID[:]); err != nil {
			return err
		}
		if err := c.refuse(a.l, a.f, reasonForeignVisit, a.at); err != nil {
			return err
		}
	}
	if _, err := c.tx.Exec("UPDATE visit_entries SET waits = 0 WHERE visit = $1", visit[:]); err != nil {
		return err
	}
	return c.restate(visit)
}

// restate makes the visit what its entries say together.
func (c *commit) restate(visit ark.ID) error {
	c.change.Visits = true
	c.restated = append(c.restated, visit)
	es, err := entriesAbout(c.tx, visit)
	if err != nil {
		return fmt.Errorf("read entries about a visit: %w", err)
	}
	if len(es) == 0 {
		return nil
	}
	s := stateOf(es)
	_, err = c.tx.Exec(`INSERT INTO visit_states (visit, position, last, incarnation, seq, amended, withdrawn, review)
		SELECT id, position, $2, $3, $4, $5, $6, 0 FROM visits WHERE id = $1
		ON CONFLICT (visit) DO UPDATE SET last = $2, incarnation = $3, seq = $4, amended = $5, withdrawn = $6, review = 0`,
		visit[:], s.last[:], s.incarnation, s.seq, s.amended, truth(s.withdrawn))
	if err != nil {
		return fmt.Errorf("note state of a visit: %w", err)
	}
	return reviewed(c.tx, visit, s.last)
}

// reviewed notes the newest word of staff about the newest entry.
func reviewed(tx *database.Tx, visit, last ark.ID) error {
	_, err := tx.Exec(`UPDATE visit_states SET review = coalesce((SELECT r.state FROM reviews r WHERE r.visit = $1 AND r.entry = $2 ORDER BY r.n DESC LIMIT 1), 0)
		WHERE visit = $1`, visit[:], last[:])
	if err != nil {
		return fmt.Errorf("note review of a visit: %w", err)
	}
	return nil
}
