// Package sqlite opens a SQLite file the way both the van and the hub need
// it: one writer with durable commits, a few readers, migrations, one process
// at a time, and the settings read back, because SQLite passes over a
// misspelt one in silence.
package sqlite

import (
	"cmp"
	"context"
	"database/sql"
	"fmt"
	"io/fs"
	"os"
	"strings"

	"github.com/pressly/goose/v3"
	_ "modernc.org/sqlite" // the driver "sqlite"

	"ark/internal/database"
)

// The log is written back into the file every 4000 pages (16 MB), not every
// 1000: a visit is six pages, and each time costs whoever saves then two syncs
// and the card all pages anew. Opening reads that log once after a power cut.
const (
	common = "&_pragma=busy_timeout(5000)&_pragma=foreign_keys(1)"
	writer = "?_txlock=immediate&_pragma=journal_mode(WAL)&_pragma=synchronous(FULL)&_pragma=journal_size_limit(67108864)&_pragma=wal_autocheckpoint(4000)" + common
	reader = "?mode=ro" + common
)

// DB is an open database: one writing connection, several reading ones.
type DB struct {
	*database.Writer
	w, r    *sql.DB
	path    string
	lock    *os.File
	checked bool
}

// Options are the few things in which databases differ.
type Options struct {
	Migrations fs.FS // numbered goose files at its top
	Readers    int   // reading connections, each about 4 MB once warm; 0: 2
	CacheKiB   int   // page cache of each connection; 0: SQLite's default of 2 MB
	LaterFrom  int64 // a file of so many bytes or more is not checked by Open, but by Check; 0: always by Open
	Wipe       bool  // what is deleted is overwritten with zeros
	Trial      bool  // migrations are tried on a copy first
}

// Open opens or creates the database at path, checks it and brings it up to
// date. A second process, or a second Open, gets ErrInUse.
func Open(ctx context.Context, path string, o Options) (*DB, error) {
	lock, err := lockFile(path + ".lock")
	if err != nil {
		return nil, fmt.Errorf("open database %s: %w", path, err)
	}
	keepPrivate(path)
	db := &DB{path: path, lock: lock}
	if err := db.open(ctx, o); err != nil {
		db.Close()
		return nil, fmt.Errorf("open database %s: %w", path, err)
	}
	return db, nil
}

// keepPrivate makes a new database its owner's alone, and takes an old one
// from everybody else: it holds who lives where, and its folder may be open to
// all. The files beside it get its mode from SQLite. Where this fails, opening
// says why.
func keepPrivate(path string) {
	if f, err := os.OpenFile(path, os.O_CREATE|os.O_WRONLY, 0o600); err == nil {
		f.Close()
	}
	for _, name := range []string{path, path + "-wal", path + "-shm"} {
		if st, err := os.Stat(name); err == nil && st.Mode()&0o007 != 0 {
			os.Chmod(name, st.Mode()&^0o007) // a group that was let in stays
		}
	}
}

func (db *DB) open(ctx context.Context, o Options) (err error) {
	if strings.ContainsAny(db.path, "?#%") {
		return fmt.Errorf("a path must not contain ?, # or %%")
	}
	cache := ""
	if o.CacheKiB > 0 {
		cache = fmt.Sprintf("&_pragma=cache_size(-%d)", o.CacheKiB)
	}
	wipe := ""
	if o.Wipe {
		wipe = "&_pragma=secure_delete(1)"
	}
	if db.w, err = sql.Open("sqlite", "file:"+db.path+writer+cache+wipe); err != nil {
		return err
	}
	db.w.SetMaxOpenConns(1)
	if err := db.readBack(ctx); err != nil {
		return err
	}
	if st, err := os.Stat(db.path); err != nil {
		return err
	} else if o.LaterFrom == 0 || st.Size() < o.LaterFrom {
		if err := check(ctx, db.w); err != nil {
			return err
		}
		db.checked = true
	}
	if err := db.migrate(ctx, o.Migrations, o.Trial); err != nil {
		return err
	}
	if db.Writer, err = database.NewWriter(ctx, db.w, database.WriterOptions{Begin: "BEGIN IMMEDIATE"}); err != nil {
		return err
	}
	if db.r, err = sql.Open("sqlite", "file:"+db.path+reader+cache); err != nil {
		return err
	}
	readers := max(o.Readers, 2)
	db.r.SetMaxOpenConns(readers)
	db.r.SetMaxIdleConns(readers)
	return db.r.PingContext(ctx)
}

// readBack insists on the settings that durability rests on.
func (db *DB) readBack(ctx context.Context) error {
	for _, want := range []struct{ pragma, value string }{
		{"journal_mode", "wal"}, {"synchronous", "2"}, {"busy_timeout", "5000"}, {"foreign_keys", "1"},
	} {
		var got string
		if err := db.w.QueryRowContext(ctx, "PRAGMA "+want.pragma).Scan(&got); err != nil {
			return fmt.Errorf("read back %s: %w", want.pragma, err)
		}
		if got != want.value {
			return fmt.Errorf("%s is %s, not %s: this disk or build cannot keep what it is given", want.pragma, got, want.value)
		}
	}
	return nil
}

// Check looks for damage beside all other work, where Open left it out
// because the file is large. Damage is ErrCorrupt.
func (db *DB) Check(ctx context.Context) error {
	if db.checked {
		return nil
	}
	return check(ctx, db.r)
}

// check has quick_check read every page once: about 3 s for each GB where the
// file is in memory, far more from a slow disk.
func check(ctx context.Context, db *sql.DB) error {
	var verdict string
	if err := db.QueryRowContext(ctx, "PRAGMA quick_check(1)").Scan(&verdict); err != nil {
		return fmt.Errorf("check: %w", err)
	}
	if verdict != "ok" {
		return fmt.Errorf("check: %w: %s", ErrCorrupt, verdict)
	}
	return nil
}

func (db *DB) migrate(ctx context.Context, files fs.FS, trial bool) error {
	p, err := goose.NewProvider(goose.DialectSQLite3, db.w, files)
	if err != nil {
		return fmt.Errorf("read migrations: %w", err)
	}
	if trial {
		if err := db.tryOnCopy(ctx, p, files); err != nil {
			return fmt.Errorf("try migrations on a copy: %w", err)
		}
	}
	if _, err := p.Up(ctx); err != nil {
		return fmt.Errorf("migrate: %w", err)
	}
	return nil
}

// Read is the pool of reading connections.
func (db *DB) Read() *sql.DB { return db.r }

// Using names the index that a query goes by, after the name of its table:
// without statistics SQLite would guess.
func (db *DB) Using(index string) string { return " INDEXED BY " + index }

// Path is where the database is.
func (db *DB) Path() string { return db.path }

// Backup writes a copy of the whole database to a file that must not exist.
func (db *DB) Backup(ctx context.Context, to string) error {
	if _, err := db.r.ExecContext(ctx, "VACUUM INTO ?", to); err != nil {
		return fmt.Errorf("back up %s: %w", db.path, err)
	}
	return os.Chmod(to, 0o600)
}

// EmptyLog writes the log into the file and empties it, so that what was
// deleted is not left in it. It tells whether it could: a reader that is under
// way prevents it, and is not waited for.
func (db *DB) EmptyLog(ctx context.Context) (bool, error) {
	var busy, frames, written int
	err := db.Alone(ctx, func(c *sql.Conn) error {
		if _, err := c.ExecContext(ctx, "PRAGMA busy_timeout = 0"); err != nil {
			return err
		}
		err := c.QueryRowContext(ctx, "PRAGMA wal_checkpoint(TRUNCATE)").Scan(&busy, &frames, &written)
		_, berr := c.ExecContext(context.WithoutCancel(ctx), "PRAGMA busy_timeout = 5000")
		return cmp.Or(err, berr)
	})
	if err != nil {
		return false, fmt.Errorf("empty log: %w", err)
	}
	return busy == 0, nil
}

// Close checkpoints and closes. The lock goes last.
func (db *DB) Close() error {
	var first error
	if db.Writer != nil {
		first = db.Writer.Close()
	}
	for _, c := range []*sql.DB{db.r, db.w} {
		if c != nil {
			if err := c.Close(); err != nil && first == nil {
				first = err
			}
		}
	}
	if err := db.lock.Close(); err != nil && first == nil {
		first = err
	}
	return first
}
