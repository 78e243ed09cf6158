// Package store keeps what the hub knows, in SQLite or in PostgreSQL: the journals of all vans
// as they came, what they say (visits, broadcasts, health), the order
// journals, and what staff make: announcements, plans, settings.
package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"ark"
	"ark/hub"
	"ark/internal/database"
)

// Store is the hub's memory.
type Store struct {
	db      base
	wording wording
	random  func([]byte)
	now     func() time.Time
	bulk    bulk
	wake    chan struct{} // to Follow: there is something to find
	notes   notes
	starts  starts
	common  commonPhrases
	few     int // visits that are put in order when they are asked for: fewVisits
	ahead   int // visits that are read at a time where all are: mostPage
	atOnce  int // entries of a commit whose visits are found with it: foundAtOnce

	commits    atomic.Int64 // of deliveries that were begun
	busy       atomic.Int64 // of these, how many have not ended
	told       atomic.Int64 // how often watchers were told of a change
	committing sync.Mutex   // held through a commit of deliveries: positions are given in it

	mu sync.Mutex // guards what follows
	memory
	places   placeNumbers // of visits
	doubt    leftOut      // by which visit, and why, finding failed last
	line     int          // the writing connection under which the memory was read
	watchers map[int]func(hub.Change)
	nextW    int
}

// life is one incarnation of a van's journal, by its numbers here.
type life struct {
	n, van int64
	id     ark.VanID
}

var (
	_ hub.Journals  = (*Store)(nil)
	_ hub.OrderBook = (*Store)(nil)
	_ hub.Views     = (*Store)(nil)
	_ hub.Watch     = (*Store)(nil)
	_ hub.Library   = (*Store)(nil)
	_ hub.Plans     = (*Store)(nil)
	_ hub.AsRunLog  = (*Store)(nil)

	_ hub.Register    = (*Store)(nil)
	_ hub.Roster      = (*Store)(nil)
	_ hub.Reviews     = (*Store)(nil)
	_ hub.Team        = (*Store)(nil)
	_ hub.SavedViews  = (*Store)(nil)
	_ hub.Attachments = (*Store)(nil)
	_ hub.Finder      = (*Store)(nil)
	_ hub.Overviews   = (*Store)(nil)

	_ hub.AccountBook = (*Store)(nil)
	_ hub.ProofBook   = (*Store)(nil)
	_ hub.SessionBook = (*Store)(nil)
	_ hub.TokenBook   = (*Store)(nil)
	_ hub.AuditLog    = (*Store)(nil)
	_ hub.Fleet       = (*Store)(nil)
)

// Open opens or creates the database at a place: the path of a SQLite file, or
// the postgres:// address of a PostgreSQL database.
func Open(ctx context.Context, place string, random func([]byte), now func() time.Time) (*Store, error) {
	db, err := openBase(ctx, place)
	if err != nil {
		return nil, err
	}
	s := &Store{db: db, wording: wordingOf(place), random: random, now: now, notes: newNotes(), wake: make(chan struct{}, 1), few: fewVisits, ahead: mostPage, atOnce: foundAtOnce, watchers: map[int]func(hub.Change){}}
	if away, can := db.(*server); can {
		away.unsure = s.unsure
	}
	for _, prepare := range []func(context.Context) error{s.prepare, s.wordHouseholds, s.releaseQuarantine, s.placeAsRun, s.seedLanguages} {
		if err := prepare(ctx); err != nil {
			db.Close()
			return nil, fmt.Errorf("open hub store: %w", err)
		}
	}
	return s, nil
}

func (s *Store) prepare(ctx context.Context) error {
	if err := s.bulk.prepare(ctx, s.db, s.wording); err != nil {
		return err
	}
	return s.db.Write(ctx, func(tx *database.Tx) error { return s.sure(ctx, tx) })
}

// sure reads anew what is remembered, if another connection writes than the one
// under which it was read. It waits for no other connection while it holds mu:
// whoever has those may want mu, too.
func (s *Store) sure(ctx context.Context, tx *database.Tx) error {
	s.mu.Lock()
	same := tx.Line() == s.line
	s.mu.Unlock()
	if same {
		return nil
	}
	m, err := load(ctx, tx)
	if err != nil {
		return fmt.Errorf("read what is here: %w", err)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.memory, s.line = m, tx.Line()
	if m.unfound > 0 || m.old {
		s.look()
	}
	return nil
}

// memory is what is remembered between commits.
type memory struct {
	vans       map[ark.VanID]int64
	position   hub.Position    // last one given
	foundTo    hub.Position    // up to which all visits are found, but for those that an older release kept
	unfound    int             // visits after that
	unworded   bool            // some visits have words of an older release
	unfindable int             // visits that are left out
	old        bool            // there are visits of an older release that are not found
	waits      time.Time       // since when the first of them does; zero: there is none, or it has not been looked at
	orphans    map[ark.ID]bool // visits that entries speak of and that are not here
	households int             // how many there are
}

func load(ctx context.Context, tx *database.Tx) (m memory, err error) {
	err = tx.QueryRowContext(ctx, `SELECT coalesce(max(position), 0) FROM
		(SELECT max(position) AS position FROM visits UNION ALL SELECT max(position) FROM broadcasts) AS newest`).Scan(&m.position)
	if err != nil {
		return m, err
	}
	if err := m.loadUnfound(ctx, tx); err != nil {
		return m, err
	}
	if m.orphans, err = loadOrphans(ctx, tx); err != nil {
		return m, err
	}
	if err := tx.QueryRowContext(ctx, "SELECT count(*) FROM households").Scan(&m.households); err != nil {
		return m, err
	}
	rows, err := tx.QueryContext(ctx, "SELECT n, id FROM vans")
	if err != nil {
		return m, err
	}
	defer rows.Close()
	m.vans = map[ark.VanID]int64{}
	for rows.Next() {
		var n int64
		var id ark.VanID
		if err := rows.Scan(&n, &id); err != nil {
			return m, err
		}
		m.vans[id] = n
	}
	return m, rows.Err()
}

// Close closes the database.
func (s *Store) Close() error { return s.db.Close() }

// Backup writes a copy to a SQLite file that must not exist.
func (s *Store) Backup(ctx context.Context, to string) error {
	return backUp(ctx, s.db, to)
}

// Check looks for damage beside all other work, if the file is too large to
// have been checked when it was opened.
func (s *Store) Check(ctx context.Context) error { return s.db.Check(ctx) }

// Ping tells whether the database answers.
func (s *Store) Ping(ctx context.Context) error {
	var one int
	return s.db.Read().QueryRowContext(ctx, "SELECT 1").Scan(&one)
}

func noRows(err error) bool { return errors.Is(err, sql.ErrNoRows) }

// Cursor is up to where an incarnation is committed.
func (s *Store) Cursor(ctx context.Context, van ark.VanID, inc ark.Incarnation) (ark.Cursor, error) {
	var owner ark.VanID
	c := inc.Start()
	var digest []byte
	err := s.db.Read().QueryRowContext(ctx,
		"SELECT v.id, i.seq, i.digest FROM incarnations i JOIN vans v ON v.n = i.van WHERE i.incarnation = $1", inc[:]).Scan(&owner, &c.Seq, &digest)
	switch {
	case noRows(err):
		return c, s.roomFor(ctx, van)
	case err != nil:
		return c, fmt.Errorf("read cursor: %w", err)
	case owner != van:
		return c, hub.ErrOtherVan
	}
	copy(c.Digest[:], digest)
	return c, nil
}

func (s *Store) roomFor(ctx context.Context, van ark.VanID) error {
	var n int
	err := s.db.Read().QueryRowContext(ctx, "SELECT count(*) FROM incarnations i JOIN vans v ON v.n = i.van WHERE v.id = $1", van).Scan(&n)
	if err != nil {
		return fmt.Errorf("count incarnations: %w", err)
	}
	if n >= hub.MaxIncarnations {
		return hub.ErrManyIncarnations
	}
	return nil
}

// Digest is the committed digest at a place.
func (s *Store) Digest(ctx context.Context, inc ark.Incarnation, at ark.Seq) (d ark.Digest, known bool, err error) {
	var digest []byte
	err = s.db.Read().QueryRowContext(ctx,
		"SELECT e.digest FROM entries e JOIN incarnations i ON i.n = e.incarnation WHERE i.incarnation = $1 AND e.seq = $2", inc[:], at).Scan(&digest)
	if noRows(err) {
		return d, false, nil
	}
	copy(d[:], digest)
	return d, err == nil, err
}

// Changes calls f after each commit; see hub.Watch.
func (s *Store) Changes(f func(hub.Change)) (stop func()) {
	s.mu.Lock()
	defer s.mu.Unlock()
	n := s.nextW
	s.nextW++
	s.watchers[n] = f
	return func() {
		s.mu.Lock()
		defer s.mu.Unlock()
		delete(s.watchers, n)
	}
}

// unsure tells that anything may have changed: nobody knows what a commit did.
func (s *Store) unsure() {
	s.tell(hub.Change{Visits: true, Broadcasts: true, Vans: true, Orders: true, Library: true, Plans: true, People: true, Households: true})
}

func (s *Store) tell(c hub.Change) {
	s.told.Add(1)
	s.mu.Lock()
	fs := make([]func(hub.Change), 0, len(s.watchers))
	for _, f := range s.watchers {
		fs = append(fs, f)
	}
	s.mu.Unlock()
	for _, f := range fs {
		f(c)
	}
}
