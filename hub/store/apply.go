package store

import (
	"bytes"
	"fmt"

	"ark"
	"ark/hub"
)

// Reasons for quarantine that only the store can know.
const (
	reasonTwin         = "another entry has this id"
	reasonForeign      = "a broadcast of another van"
	reasonForeignVisit = "of another van's visit"
	reasonManyEntries  = "too many entries about one visit"
	reasonManyWaiting  = "too many entries about visits that are not here"
	reasonForeignHouse = "a household of another van's area"
	reasonHousehold    = "a household that cannot be kept"
	reasonManyPhones   = "too many phones"
)

// fact applies an entry that was understood, and quarantines one that was not.
func (c *commit) fact(l life, f *hub.Fact, at int64) error {
	if f.Reason != "" {
		return c.quarantine(l, f.Cursor.Seq, f.Reason, at)
	}
	return c.apply(l, f, at)
}

func (c *commit) quarantine(l life, seq ark.Seq, reason string, at int64) error {
	_, err := c.tx.Exec("INSERT INTO quarantine VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING", l.n, seq, reason, at)
	if err != nil {
		return fmt.Errorf("quarantine: %w", err)
	}
	return nil
}

// apply makes of an entry what it says, once by its id.
func (c *commit) apply(l life, f *hub.Fact, at int64) error {
	switch b := f.Body.(type) {
	case ark.Visit:
		if err := c.arrive(l, f, b, at); err != nil {
			return err
		}
		return c.attach(l, b)
	case ark.Amend, ark.Withdrawal: // after all visits of the commit
		c.abouts = append(c.abouts, about{l, f, at})
		return nil
	}
	if news, err := c.first(l, f, at); err != nil || !news {
		return err
	}
	var err error
	switch b := f.Body.(type) {
	case ark.HouseholdEdit:
		return c.household(l, f, b, at)
	case ark.Phone:
		return c.phone(l, f, b, at)
	case ark.AsRun:
		return c.broadcast(l, f, b, at)
	case ark.OrderState:
		return c.order(l, b.Order, b.State, b.Why, 0)
	case ark.Health:
		_, err = c.tx.Exec("UPDATE vans SET health = $1 WHERE n = $2", f.Entry.Body, l.van)
	case ark.LibraryState:
		_, err = c.tx.Exec("UPDATE vans SET library = $1 WHERE n = $2", f.Entry.Body, l.van)
	case ark.SelfTest:
		_, err = c.tx.Exec("UPDATE vans SET selftest = $1 WHERE n = $2", f.Entry.Body, l.van)
	case ark.Clock:
		return c.clock(l, f.Entry.At, b)
	}
	if err != nil {
		return fmt.Errorf("apply %s: %w", f.Entry.Kind, err)
	}
	return nil
}

// first notes an entry by its id, and tells whether it is news.
func (c *commit) first(l life, f *hub.Fact, at int64) (bool, error) {
	res, err := c.tx.Exec("INSERT INTO applied (id, incarnation, seq) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING", f.Entry.ID[:], l.n, f.Cursor.Seq)
	if err != nil {
		return false, fmt.Errorf("note entry: %w", err)
	}
	n, err := res.RowsAffected()
	if err != nil {
		return false, fmt.Errorf("note entry: %w", err)
	}
	if n == 0 {
		return false, c.twin(l, f, at, "SELECT e.raw FROM applied a JOIN entries e ON e.incarnation = a.incarnation AND e.seq = a.seq WHERE a.id = $1")
	}
	return true, nil
}

// refuse quarantines an entry that was noted and cannot be applied. It is
// forgotten again, so that the next start tries it once more.
func (c *commit) refuse(l life, f *hub.Fact, reason string, at int64) error {
	if _, err := c.tx.Exec("DELETE FROM applied WHERE id = $1", f.Entry.ID[:]); err != nil {
		return fmt.Errorf("forget entry: %w", err)
	}
	return c.quarantine(l, f.Cursor.Seq, reason, at)
}

// finish applies what waited for all entries to be looked at: the visits, and
// then what is about them.
func (c *commit) finish() error {
	if err := c.insertVisits(); err != nil {
		return err
	}
	for _, a := range c.abouts {
		if err := c.about(a); err != nil {
			return fmt.Errorf("van %s: %w", a.l.id, err)
		}
	}
	return c.restateFound()
}

// twin is for an entry whose id is known already. The same entry again, in a
// new incarnation, is no news; another one is nobody's to drop.
func (c *commit) twin(l life, f *hub.Fact, at int64, query string) error {
	var raw []byte
	switch err := c.tx.QueryRow(query, f.Entry.ID[:]).Scan(&raw); {
	case noRows(err):
		return nil // noted before it was noted where
	case err != nil:
		return fmt.Errorf("read entry of the same id: %w", err)
	}
	if first, err := ark.DecodeEntry(raw); err == nil && first.Kind == f.Entry.Kind && bytes.Equal(first.Body, f.Entry.Body) {
		return nil
	}
	return c.quarantine(l, f.Cursor.Seq, reasonTwin, at)
}

// progress orders the states of a broadcast by how much they say, so that a
// record that comes late, from an older card say, undoes nothing. That the
// device consumed every frame outranks every other end.
func progress(s ark.BroadcastState) int {
	switch s {
	case ark.BroadcastFinished:
		return 5
	case ark.BroadcastCut, ark.BroadcastFailed:
		return 4
	case ark.BroadcastExpired:
		return 3
	}
	return int(s)
}

// broadcast keeps a broadcast's newest record.
func (c *commit) broadcast(l life, f *hub.Fact, b ark.AsRun, at int64) error {
	var van int64
	var body []byte
	err := c.tx.QueryRow("SELECT van, body FROM broadcasts WHERE id = $1", b.Broadcast[:]).Scan(&van, &body)
	if err != nil && !noRows(err) {
		return fmt.Errorf("read broadcast: %w", err)
	}
	known := err == nil
	if known {
		if van != l.van {
			return c.refuse(l, f, reasonForeign, at)
		}
		before, err := ark.DecodeBody(ark.KindBroadcast, body)
		if err == nil && progress(before.(ark.AsRun).State) > progress(b.State) {
			return nil
		}
	}
	c.position++
	c.change.Broadcasts = true
	if err := c.keepRecord(l, f.Entry, b, at, known); err != nil {
		return fmt.Errorf("note broadcast: %w", err)
	}
	if b.Trigger.Order.IsZero() {
		return nil
	}
	return c.order(l, b.Trigger.Order, b.State, b.Why, b.LatencyMS)
}

// keepRecord keeps a record. When its broadcast was asked for is told by the
// first: later ones may come after the clock was set.
func (c *commit) keepRecord(l life, e ark.Entry, b ark.AsRun, at int64, known bool) error {
	args := []any{b.Broadcast[:], c.position, l.van, e.At.Wall, e.At.Boot[:], e.At.Mono.Milliseconds(), truth(e.At.Trusted), at, e.Body, b.Class, b.State, tonguesOf(b)}
	if known {
		_, err := c.tx.Exec(`UPDATE broadcasts SET position = $2, van = $3, wall = $4, boot = $5, mono = $6, trusted = $7, received = $8,
			body = $9, class = $10, state = $11, tongues = $12 WHERE id = $1`, args...)
		return err
	}
	a, err := c.asked(l, e.At, b)
	if err != nil {
		return err
	}
	_, err = c.tx.Exec(`INSERT INTO broadcasts (id, position, van, wall, boot, mono, trusted, received, body, class, state, tongues, asked, asked_boot, asked_mono)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15)`, append(args, a.place, a.boot, a.mono)...)
	return err
}

// order notes how far a van has come with an order of its own. The first end
// stays: a new card hears all orders again and calls the old ones expired.
func (c *commit) order(l life, id ark.ID, state ark.BroadcastState, why string, latency int64) error {
	var known ark.BroadcastState
	err := c.tx.QueryRow("SELECT state FROM orders WHERE id = $1 AND van = $2", id[:], l.id).Scan(&known)
	if noRows(err) || (err == nil && progress(known) >= progress(state)) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("read order: %w", err)
	}
	c.change.Orders = true
	_, err = c.tx.Exec("UPDATE orders SET state = $1, why = $2, latency = CASE WHEN $3 > latency THEN $3 ELSE latency END WHERE id = $4", state, why, latency, id[:])
	if err != nil {
		return fmt.Errorf("note order: %w", err)
	}
	return nil
}
