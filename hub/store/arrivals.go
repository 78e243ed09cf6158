package store

import (
	"context"
	"fmt"
	"strings"

	"ark"
	"ark/hub"
	"ark/internal/database"
)

// arrival is a visit that comes in a commit.
type arrival struct {
	position, received int64
	id                 ark.ID
	l                  life
	seq                ark.Seq
	traits
}

// boot is one run of a van's operating system.
type boot struct {
	van int64
	id  ark.BootID
}

const (
	unfoundWidth = 5
	arrivalWidth = 6 + len(traitColumns)
	markWidth    = 4
	wordsWidth   = 2
)

const unfoundColumns = "position, id, incarnation, seq, received"

var arrivalColumns = unfoundColumns + ", changed, " + strings.Join(traitColumns[:], ", ")

// arrive notes a visit that is to be inserted.
func (c *commit) arrive(l life, f *hub.Fact, v ark.Visit, at int64) error {
	c.position++
	a := arrival{position: int64(c.position), received: at, id: f.Entry.ID, l: l, seq: f.Cursor.Seq}
	if !c.later {
		stamp := f.Entry.At
		if err := correctVisit(context.Background(), c.tx, l.van, &v, &stamp); err != nil {
			return err
		}
		a.traits, c.change.Visits = traitsOf(l.van, v, f.Entry.At, stamp), true
	}
	c.visits = append(c.visits, a)
	return nil
}

// insertVisits inserts the visits, once by their ids.
func (c *commit) insertVisits() error {
	if len(c.visits) == 0 {
		return nil
	}
	insert := c.insertFound
	if c.later {
		insert = c.insertUnfound
	}
	if err := insert(); err != nil {
		return err
	}
	return c.adoptAll()
}

// insertUnfound inserts the visits alone: Follow lets them be found.
func (c *commit) insertUnfound() error {
	args := make([]any, 0, unfoundWidth*len(c.visits))
	for i := range c.visits {
		v := &c.visits[i]
		args = append(args, v.position, v.id[:], v.l.n, int64(v.seq), v.received)
	}
	inserted, err := insert(c.tx, c.s.bulk.unfound, unfoundWidth, args)
	if err != nil {
		return fmt.Errorf("insert visits: %w", err)
	}
	if inserted < len(c.visits) {
		return c.dropTwins()
	}
	return nil
}

// insertFound inserts the visits with all by which they are found.
func (c *commit) insertFound() error {
	changed, err := takeChanges(c.tx, len(c.visits))
	if err != nil {
		return err
	}
	args := make([]any, 0, arrivalWidth*len(c.visits))
	for i := range c.visits {
		v := &c.visits[i]
		if err = c.s.locate(c.tx, c.places, &v.traits); err != nil {
			return err
		}
		args = append(args, v.position, v.id[:], v.l.n, int64(v.seq), v.received, changed+int64(i))
		args = v.columns(args)
	}
	inserted, err := insert(c.tx, c.s.bulk.visits, arrivalWidth, args)
	if err != nil {
		return fmt.Errorf("insert visits: %w", err)
	}
	if inserted < len(c.visits) {
		if err := c.dropTwins(); err != nil {
			return err
		}
	}
	found := make([]findable, len(c.visits))
	var more counts
	for i := range c.visits {
		more.add(counted{traits: &c.visits[i].traits})
		found[i] = findable{c.visits[i].position, &c.visits[i].traits}
	}
	if err := c.s.addFindable(c.tx, found); err != nil {
		return err
	}
	return c.s.flush(c.tx, &more)
}

// dropTwins leaves out the visits that were not inserted, since others have
// their ids.
func (c *commit) dropTwins() error {
	kept := make([]arrival, 0, len(c.visits))
	for _, v := range c.visits {
		var raw []byte
		err := c.tx.QueryRow(`SELECT e.raw FROM entries e WHERE e.incarnation = $1 AND e.seq = $2
			AND NOT EXISTS (SELECT 1 FROM visits v WHERE v.position = $3)`, v.l.n, int64(v.seq), v.position).Scan(&raw)
		if noRows(err) {
			kept = append(kept, v) // it is the one in the table
			continue
		}
		if err != nil {
			return fmt.Errorf("read visit: %w", err)
		}
		f := hub.Fact{Cursor: ark.Cursor{Seq: v.seq}}
		if f.Entry, err = ark.DecodeEntry(raw); err != nil {
			return fmt.Errorf("read visit: %w", err)
		}
		if err := c.twin(life{n: v.l.n}, &f, v.received,
			"SELECT e.raw FROM visits v JOIN entries e ON e.incarnation = v.incarnation AND e.seq = v.seq WHERE v.id = $1"); err != nil {
			return err
		}
	}
	c.visits = kept
	return nil
}

// restateFound lets visits be found as they are after the commit: those of
// which more was said, and those of boots that learnt the time.
func (c *commit) restateFound() error {
	again := c.restated
	for _, b := range c.clocks {
		ids, _, err := someIDs(context.Background(), c.tx, "SELECT id, 1 FROM visits WHERE van = $1 AND boot = $2 ORDER BY position DESC LIMIT $3",
			[]any{b.van, b.id[:], mostMoved})
		if err != nil {
			return fmt.Errorf("read visits of a boot: %w", err)
		}
		for _, id := range ids {
			again = append(again, ark.ID(id))
		}
		c.change.Visits = c.change.Visits || len(ids) > 0
	}
	done := map[ark.ID]bool{}
	for _, id := range again {
		if done[id] {
			continue
		}
		done[id] = true
		// One that is not found yet will be as it is then.
		vs, err := readings(context.Background(), c.tx, "WHERE v.id = $1 AND v.changed > 0", id[:])
		if err == nil {
			err = c.s.findAgain(c.tx, c.places, vs)
		}
		if err != nil {
			return fmt.Errorf("let a visit be found: %w", err)
		}
	}
	return nil
}

// takeChanges takes numbers for changes of visits and gives the first. Nobody
// else can take any before this transaction has ended, so whoever has read up
// to a number never misses a smaller one that is committed later.
func takeChanges(tx *database.Tx, n int) (first int64, err error) {
	if err := tx.QueryRow("UPDATE counters SET n = n + $1 WHERE name = 'visits' RETURNING n", n).Scan(&first); err != nil {
		return 0, fmt.Errorf("count changes: %w", err)
	}
	return first - int64(n) + 1, nil
}
