package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

// Beside is a database that another process may have open, for reading alone:
// it changes nothing, and holds up nobody.
type Beside struct {
	r    *sql.DB
	path string
}

// OpenBeside opens a database that is there, without its lock.
func OpenBeside(ctx context.Context, path string) (*Beside, error) {
	if _, err := os.Stat(path); err != nil {
		return nil, fmt.Errorf("open database: %w", err)
	}
	if strings.ContainsAny(path, "?#%") {
		return nil, fmt.Errorf("open database %s: a path must not contain ?, # or %%", path)
	}
	r, err := sql.Open("sqlite", "file:"+path+reader)
	if err != nil {
		return nil, fmt.Errorf("open database %s: %w", path, err)
	}
	r.SetMaxOpenConns(2)
	b := &Beside{r, path}
	if err := r.PingContext(ctx); err != nil {
		return nil, errors.Join(fmt.Errorf("open database %s: %w", path, err), r.Close())
	}
	return b, nil
}

// Read is the pool of reading connections.
func (b *Beside) Read() *sql.DB { return b.r }

// Version is the number of the newest migration that was applied; 0: none was.
func (b *Beside) Version(ctx context.Context) (n int64, err error) {
	err = b.r.QueryRowContext(ctx, "SELECT coalesce(max(version_id), 0) FROM goose_db_version WHERE is_applied = 1").Scan(&n)
	if err != nil {
		return 0, fmt.Errorf("read the version of %s: %w", b.path, err)
	}
	return n, nil
}

// Check reads every page and every index; damage is ErrCorrupt.
func (b *Beside) Check(ctx context.Context) error {
	var verdict string
	if err := b.r.QueryRowContext(ctx, "PRAGMA integrity_check(1)").Scan(&verdict); err != nil {
		return fmt.Errorf("check: %w", err)
	}
	if verdict != "ok" {
		return fmt.Errorf("check: %w: %s", ErrCorrupt, verdict)
	}
	return nil
}

// Backup writes a copy as of one moment to a file that must not exist.
func (b *Beside) Backup(ctx context.Context, to string) error {
	if _, err := b.r.ExecContext(ctx, "VACUUM INTO ?", to); err != nil {
		return fmt.Errorf("back up %s: %w", b.path, err)
	}
	return os.Chmod(to, 0o600)
}

// Close ends the reading.
func (b *Beside) Close() error { return b.r.Close() }

// Replace puts a file in place of the database at path, which nobody uses:
// ErrInUse. The one that was there, if any, stays beside it under another name.
// At any moment of it there is a database at path: a hub that starts never
// finds none, and begins no empty one.
func Replace(path, with, aside string) error {
	lock, err := lockFile(path + ".lock")
	if err != nil {
		return fmt.Errorf("replace database %s: %w", path, err)
	}
	defer lock.Close()
	there := func(err error) error {
		if errors.Is(err, os.ErrNotExist) {
			return nil
		}
		return err
	}
	err = errors.Join(there(os.Rename(path+"-wal", aside+"-wal")), there(os.Rename(path+"-shm", aside+"-shm")), there(os.Link(path, aside)))
	if err == nil {
		err = os.Rename(with, path)
	}
	if err == nil {
		err = syncFolder(filepath.Dir(path))
	}
	if err != nil {
		return fmt.Errorf("replace database %s: %w", path, err)
	}
	return nil
}

// syncFolder makes the names in a folder durable.
func syncFolder(path string) error {
	d, err := os.Open(path)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}
