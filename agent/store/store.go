// Package store is the van's SQLite: the van journal and the crew's view of
// it in one transaction, and what came by orders from the hub. It opens even
// where it can keep nothing (a full, read-only or broken card), says so, and
// tries again; only a second agent on the same file makes it refuse.
package store

import (
	"context"
	"database/sql"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"sync"
	"time"

	"ark"
	"ark/agent"
	"ark/internal/database"
	"ark/internal/sqlite"
)

//go:embed migrations/*.sql
var migrations embed.FS

// Config is what a store needs to know.
type Config struct {
	Dir     string        // holds ark.db and what was set aside
	Horizon time.Duration // how long receipted entries are kept; 0: 30 days
	Clock   *agent.Clock
	Random  func([]byte) // fills with random bytes
	Release string       // of the program, for Begun
	Log     *slog.Logger
	Zone    *time.Location // in which a day of the van begins; nil: time.Local

	// Households is told, in the order of the commits, which households have
	// changed and how they are now, and which are no longer here. It must not
	// call the store. Nil: nobody is told.
	Households func(changed []ark.Household, removed []ark.ID)
}

// Store is the van's memory.
type Store struct {
	c       Config
	changed chan struct{}
	opened  chan struct{}
	ill     chan struct{} // yields after db was given up

	mu          sync.Mutex // one writer at a time; also guards what follows
	db          *sqlite.DB // nil while the card cannot be used
	often       often
	fault       error // why db is nil
	trouble     error // why the last write was refused, though db is open: a full card
	damaged     bool  // found while it was in use: to be salvaged, whatever a check says
	failures    int   // openings in a row that the card answered with an error
	inc         ark.Incarnation
	base        ark.Cursor
	acked       ark.Cursor
	ackedOnCard ark.Cursor // acked as it was last made durable
	last        ark.Cursor
	viewed      ark.Seq // the view tells of the journal up to there
	viewedSaved ark.Seq // and on the card it says so up to here
	news        newsOf  // the households that the transaction under way changes
	forgot      bool    // a household was forgotten: the log is to be emptied
}

// New makes a store; Open opens it.
func New(c Config) *Store {
	if c.Horizon == 0 {
		c.Horizon = 30 * 24 * time.Hour
	}
	if c.Zone == nil {
		c.Zone = time.Local
	}
	return &Store{c: c, changed: make(chan struct{}, 1), opened: make(chan struct{}, 1), ill: make(chan struct{}, 1), fault: agent.ErrClosed}
}

// Open opens the database, salvaging a damaged one. It fails only with
// agent.ErrInUse; any other trouble is kept as Fault, and Run tries again.
func (s *Store) Open(ctx context.Context) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	err := s.open(ctx)
	s.fault = err
	switch {
	case errors.Is(err, agent.ErrInUse):
		return fmt.Errorf("open store: %w", err)
	case err != nil:
		s.c.Log.Error("the card cannot be used", "err", err)
	}
	return nil
}

// Run tries again to open a card that could not be used, prunes, and makes
// the acknowledged cursor durable now and then. It closes the store at the end.
func (s *Store) Run(ctx context.Context) error {
	tick := time.NewTicker(10 * time.Second)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return s.close()
		case <-s.ill:
		case <-tick.C:
		}
		if !s.isOpen() {
			if err := s.Open(ctx); err != nil {
				s.c.Log.Error("another agent has taken the card meanwhile", "err", err)
			}
			continue
		}
		if err := s.keepHouse(ctx); err != nil {
			s.c.Log.Warn("housekeeping of the card", "err", err)
		}
	}
}

func (s *Store) isOpen() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.db != nil
}

func (s *Store) close() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.db == nil {
		return nil
	}
	s.saveAcked(context.Background()) // if it fails, the next receipt tells again
	err := s.db.Close()
	s.db, s.fault = nil, agent.ErrClosed
	return err
}

// Fault is why nothing can be kept just now, or nil.
func (s *Store) Fault() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.fault != nil {
		return s.fault
	}
	return s.trouble
}

// Changed yields after the journal has grown or begun anew; one listener.
func (s *Store) Changed() <-chan struct{} { return s.changed }

// Opened yields after the card was opened, at the start or again after
// trouble: what was kept may be other than it was. One listener.
func (s *Store) Opened() <-chan struct{} { return s.opened }

func (s *Store) notify() { wake(s.changed) }

// wake yields to who listens, unless it was woken already.
func wake(c chan struct{}) {
	select {
	case c <- struct{}{}:
	default:
	}
}

func (s *Store) path() string { return filepath.Join(s.c.Dir, "ark.db") }

func files() fs.FS {
	sub, err := fs.Sub(migrations, "migrations")
	if err != nil {
		panic(err) // the directory is embedded
	}
	return sub
}

func (s *Store) open(ctx context.Context) error {
	if s.db != nil {
		return nil
	}
	if err := os.MkdirAll(s.c.Dir, 0o700); err != nil {
		return told(err)
	}
	if err := s.adopt(); err != nil {
		return told(err)
	}
	db, err := sqlite.Open(ctx, s.path(), options())
	if err == nil && s.damaged {
		db.Close()
		err = sqlite.ErrCorrupt
	}
	if s.beyondRepair(err) {
		if err = s.salvage(ctx); err == nil {
			db, err = sqlite.Open(ctx, s.path(), options())
		}
	}
	if err != nil {
		return told(err)
	}
	if err := s.use(ctx, db); err != nil {
		return told(err)
	}
	err = s.load(ctx)
	if err == nil {
		err = s.catchUp(ctx)
	}
	if err != nil {
		if s.db != nil { // a write that failed may have let go of it
			s.letGo(nil)
		}
		return told(err)
	}
	s.damaged, s.failures = false, 0
	s.notify()
	wake(s.opened)
	return nil
}

func options() sqlite.Options { return sqlite.Options{Migrations: files(), CacheKiB: 1024, Wipe: true} }

// use makes an open database the one in use.
func (s *Store) use(ctx context.Context, db *sqlite.DB) (err error) {
	if s.often, err = prepare(ctx, db); err != nil {
		db.Close()
		return err
	}
	s.db, s.fault, s.trouble = db, nil, nil
	return nil
}

// told gives an error the name by which people are told of it.
func told(err error) error {
	for _, row := range []struct {
		is   bool
		name error
	}{
		{errors.Is(err, sqlite.ErrInUse), agent.ErrInUse},
		{sqlite.IsFull(err), agent.ErrDiskFull},
		{sqlite.IsReadOnly(err), agent.ErrReadOnly},
		{sqlite.IsIO(err) || sqlite.IsCorrupt(err), agent.ErrBroken},
	} {
		if row.is {
			return fmt.Errorf("%w: %w", row.name, err)
		}
	}
	return err
}

// load reads the journal's state, and begins the first incarnation of a new
// card.
func (s *Store) load(ctx context.Context) error {
	var inc, base, acked []byte
	row := s.db.Read().QueryRowContext(ctx,
		"SELECT incarnation, base_seq, base_digest, acked_seq, acked_digest FROM journal")
	err := row.Scan(&inc, &s.base.Seq, &base, &s.acked.Seq, &acked)
	if noRows(err) {
		return s.beginFirst(ctx)
	}
	if err != nil {
		return fmt.Errorf("read journal: %w", err)
	}
	copy(s.inc[:], inc)
	copy(s.base.Digest[:], base)
	copy(s.acked.Digest[:], acked)
	s.ackedOnCard = s.acked
	s.last = s.base
	var digest []byte
	err = s.db.Read().QueryRowContext(ctx, "SELECT seq, digest FROM entries ORDER BY seq DESC LIMIT 1").Scan(&s.last.Seq, &digest)
	if noRows(err) {
		return nil
	}
	copy(s.last.Digest[:], digest)
	return err
}

// often is what is asked of the database all the time, prepared.
type often struct {
	insert, append, visit, known *database.Stmt
	entries, digest, phone       *sql.Stmt
}

func prepare(ctx context.Context, db *sqlite.DB) (o often, err error) {
	for _, row := range []struct {
		into  **database.Stmt
		query string
	}{
		{&o.insert, insertEntry},
		{&o.append, appendEntry},
		{&o.visit, insertVisit},
		{&o.known, selectKnown},
	} {
		if *row.into, err = db.Prepare(ctx, row.query); err != nil {
			return o, fmt.Errorf("prepare: %w", err)
		}
	}
	for _, row := range []struct {
		into  **sql.Stmt
		query string
	}{
		{&o.entries, "SELECT raw FROM entries WHERE seq >= $1 ORDER BY seq LIMIT $2"},
		{&o.digest, "SELECT digest FROM entries WHERE seq = $1"},
		{&o.phone, selectPhone},
	} {
		if *row.into, err = db.Read().PrepareContext(ctx, row.query); err != nil {
			return o, fmt.Errorf("prepare: %w", err)
		}
	}
	return o, nil
}

// write is the one way to change the database. On an I/O error the database
// is closed, checked and opened again by Run.
func (s *Store) write(ctx context.Context, f func(tx) error) error {
	if s.db == nil {
		return s.fault
	}
	err := s.db.Write(ctx, f)
	s.giveUp(err)
	err = told(err)
	switch {
	case err == nil:
		s.trouble = nil
	case errors.Is(err, agent.ErrDiskFull), errors.Is(err, agent.ErrReadOnly):
		s.trouble = err
	}
	return err
}
