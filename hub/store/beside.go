package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"strconv"
	"strings"
	"time"

	"ark"
	"ark/hub"
	"ark/internal/database"
	"ark/internal/postgres"
	"ark/internal/sqlite"
)

// ErrOtherRelease says that a database was made or changed by another release.
var ErrOtherRelease = errors.New("the database is of another release than this program")

// Beside is a store that a hub may have open: read by a second process that
// checks it or copies it, and changes nothing.
type Beside struct {
	s    *Store
	base besideBase
}

// besideBase is a database that is only read; see base.
type besideBase struct{ onlyRead }

// onlyRead is what SQLite and PostgreSQL have of that.
type onlyRead interface {
	Read() *sql.DB
	Version(ctx context.Context) (int64, error)
	Check(ctx context.Context) error
	Close() error
}

var errBeside = errors.New("a second process writes nothing")

func (besideBase) Write(context.Context, func(*database.Tx) error) error { return errBeside }

func (besideBase) Prepare(context.Context, string) (*database.Stmt, error) { return nil, errBeside }

func (besideBase) Using(string) string { return "" }

// OpenBeside opens a store for reading that is there and may be in use;
// ErrOtherRelease.
func OpenBeside(ctx context.Context, place string) (*Beside, error) {
	db, err := openReading(ctx, place)
	if err != nil {
		return nil, err
	}
	b := &Beside{base: besideBase{db}}
	b.s = &Store{db: b.base, now: time.Now}
	has, err := db.Version(ctx)
	if err == nil {
		var want int64
		if want, err = newestMigration("migrations/" + kindOf(place)); err == nil && has != want {
			err = fmt.Errorf("%w: it has version %d, and this program knows %d", ErrOtherRelease, has, want)
		}
	}
	if err != nil {
		return nil, errors.Join(fmt.Errorf("open store beside its hub: %w", err), db.Close())
	}
	return b, nil
}

func openReading(ctx context.Context, place string) (onlyRead, error) {
	if postgres.Is(place) {
		return postgres.OpenBeside(ctx, place)
	}
	return sqlite.OpenBeside(ctx, place)
}

// newestMigration is the number of the last migration that comes along.
func newestMigration(folder string) (newest int64, err error) {
	files, err := fs.ReadDir(migrations, folder)
	for _, f := range files {
		number, _, _ := strings.Cut(f.Name(), "_")
		n, err := strconv.ParseInt(number, 10, 64)
		if err != nil {
			return 0, fmt.Errorf("migration %s has no number", f.Name())
		}
		newest = max(newest, n)
	}
	return newest, err
}

// Check reads every page and index of the database.
func (b *Beside) Check(ctx context.Context) error { return b.base.Check(ctx) }

// Backup writes the database as of one moment to a file that must not exist.
func (b *Beside) Backup(ctx context.Context, to string) error {
	return backUp(ctx, b.base.onlyRead, to)
}

// CheckAudit is that of the store.
func (b *Beside) CheckAudit(ctx context.Context, known []hub.AuditHead, progress func(done, most int64)) (hub.AuditCheck, error) {
	return b.s.CheckAudit(ctx, known, progress)
}

// CheckJournals is that of the store.
func (b *Beside) CheckJournals(ctx context.Context, progress func(done int64)) ([]hub.JournalFault, error) {
	return b.s.CheckJournals(ctx, progress)
}

// LeftOut is that of the store.
func (b *Beside) LeftOut(ctx context.Context, most int) ([]ark.ID, error) {
	return b.s.LeftOut(ctx, most)
}

// EachContent is that of the store.
func (b *Beside) EachContent(ctx context.Context, do func(ark.Hash) error) error {
	return b.s.EachContent(ctx, do)
}

// Close ends the reading.
func (b *Beside) Close() error { return b.base.Close() }
