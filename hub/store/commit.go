package store

import (
	"context"
	"fmt"
	"math"
	"slices"

	"ark"
	"ark/hub"
	"ark/internal/database"
)

// commit is one transaction under way.
type commit struct {
	s        *Store
	tx       *database.Tx
	position hub.Position
	vans     map[ark.VanID]int64 // numbers given in it
	entries  []any
	visits   []arrival
	clocks   []boot // that learnt the time in it
	restated []ark.ID
	places   placeNumbers
	abouts   []about
	orphans  map[ark.ID]bool // visits that are spoken of and were not here before it; false: they are now
	made     int             // households
	facts    int
	later    bool      // its visits are found in a transaction of their own
	areas    territory // nil: not read yet
	change   hub.Change
}

// write runs f in one transaction, knowing what is here.
func (s *Store) write(ctx context.Context, c *commit, f func() error) error {
	return s.db.Write(ctx, func(tx *database.Tx) error {
		if err := s.sure(ctx, tx); err != nil {
			return err
		}
		s.mu.Lock()
		c.position, c.later = s.position, s.unfound > 0 || c.facts > s.atOnce
		s.mu.Unlock()
		c.tx = tx
		return f()
	})
}

func (s *Store) begin() *commit {
	return &commit{s: s, vans: map[ark.VanID]int64{}, places: placeNumbers{}, orphans: map[ark.ID]bool{}}
}

// done makes what a transaction learnt everybody's, after it has committed.
func (c *commit) done() {
	c.s.keepPlaces(c.places)
	c.s.mu.Lock()
	defer c.s.mu.Unlock()
	if c.later {
		c.s.letFind(len(c.visits), c.tx.Line())
	}
	c.s.position = c.position
	for id, n := range c.vans {
		c.s.vans[id] = n
	}
	c.s.households += c.made
	for id, waits := range c.orphans {
		if waits {
			c.s.orphans[id] = true
		} else {
			delete(c.s.orphans, id)
		}
	}
}

// Commit makes deliveries durable, all or none. Callers take turns.
func (s *Store) Commit(ctx context.Context, ds []hub.Delivery) (hub.Change, error) {
	s.commits.Add(1)
	s.busy.Add(1)
	defer s.busy.Add(-1)
	s.committing.Lock()
	defer s.committing.Unlock()
	c := s.begin()
	for _, d := range ds {
		c.facts += len(d.Facts)
	}
	c.entries, c.visits = make([]any, 0, 4*c.facts), make([]arrival, 0, c.facts)
	err := s.write(ctx, c, func() error { return c.deliverAll(ds) })
	if err != nil {
		return hub.Change{}, fmt.Errorf("commit deliveries: %w", err)
	}
	c.done()
	c.change.Vans = true
	s.tell(c.change)
	return c.change, nil
}

// deliverAll first keeps the entries as they came, then makes of them what
// they say.
func (c *commit) deliverAll(ds []hub.Delivery) error {
	lives := make([]life, len(ds))
	for i, d := range ds {
		var err error
		if lives[i], err = c.deliver(d); err != nil {
			return fmt.Errorf("van %s: %w", d.Van, err)
		}
	}
	if _, err := insert(c.tx, c.s.bulk.entries, 4, c.entries); err != nil {
		return fmt.Errorf("insert entries: %w", err)
	}
	for i, d := range ds {
		for n := range d.Facts {
			if err := c.fact(lives[i], &ds[i].Facts[n], d.At.UnixMilli()); err != nil {
				return fmt.Errorf("van %s: %w", d.Van, err)
			}
		}
	}
	return c.finish()
}

// deliver keeps what a delivery says of its journal.
func (c *commit) deliver(d hub.Delivery) (l life, err error) {
	at := d.At.UnixMilli()
	van, err := c.van(d.Van)
	if err != nil {
		return l, err
	}
	backlog := int64(min(d.Backlog, math.MaxInt64)) // the van's own word: any number
	told, doubtful := newestTold(d.Facts)
	if _, err := c.s.bulk.van.Exec(c.tx, at, backlog, len(d.Facts), van, told, doubtful); err != nil {
		return l, fmt.Errorf("update van: %w", err)
	}
	if l, err = c.life(van, d); err != nil {
		return l, err
	}
	for _, g := range d.Gaps {
		if _, err := c.tx.Exec("INSERT INTO gaps (incarnation, first, last, at) VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING", l.n, g.From, g.To, at); err != nil {
			return l, fmt.Errorf("note gap: %w", err)
		}
	}
	if f := d.Fork; f != nil {
		if _, err := c.tx.Exec("INSERT INTO forks (incarnation, seq, theirs, at) VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING", l.n, f.At, f.Theirs[:], at); err != nil {
			return l, fmt.Errorf("note fork: %w", err)
		}
	}
	for i := range d.Facts {
		f := &d.Facts[i]
		c.entries = append(c.entries, l.n, int64(f.Cursor.Seq), f.Cursor.Digest[:], f.Raw)
	}
	return l, nil
}

// newestTold is when the newest entry was made, 0 if that cannot be believed,
// and whether it is so: 1, 0, or -1 where there is none to tell.
func newestTold(facts []hub.Fact) (told, doubtful int64) {
	for _, f := range slices.Backward(facts) {
		switch {
		case f.Entry.ID.IsZero(): // not even an entry
		case f.Entry.At.Trusted:
			return int64(f.Entry.At.Wall), 0
		default:
			return 0, 1
		}
	}
	return 0, -1
}

// van is the number of a van, given on first sight.
func (c *commit) van(id ark.VanID) (int64, error) {
	c.s.mu.Lock()
	n, ok := c.s.vans[id]
	c.s.mu.Unlock()
	if ok {
		return n, nil
	}
	if n, ok := c.vans[id]; ok {
		return n, nil
	}
	if err := c.tx.QueryRow("INSERT INTO vans (id) VALUES ($1) RETURNING n", id).Scan(&n); err != nil {
		return 0, fmt.Errorf("insert van: %w", err)
	}
	c.vans[id] = n
	return n, nil
}

// life moves an incarnation's cursor, and gives it a number on first sight.
func (c *commit) life(van int64, d hub.Delivery) (life, error) {
	l := life{van: van, id: d.Van}
	err := c.s.bulk.cursor.QueryRow(c.tx, van, d.Incarnation[:], d.UpTo.Seq, d.UpTo.Digest[:]).Scan(&l.n)
	if noRows(err) {
		return l, hub.ErrOtherVan
	}
	if err != nil {
		return l, fmt.Errorf("move cursor: %w", err)
	}
	return l, nil
}
