package store

import (
	"context"
	"errors"
	"fmt"
	"os"
	"time"

	"ark/hub"
	"ark/internal/database"
	"ark/internal/sqlite"
)

// Restored is what a restore did, or found.
type Restored struct {
	Aside    string // where the database is that was there before; empty: there was none
	Audit    hub.AuditCheck
	Journals []hub.JournalFault
}

// Whole tells whether nothing is wrong with what the backup says.
func (r Restored) Whole() bool { return len(r.Audit.Faults) == 0 && len(r.Journals) == 0 }

// Restore puts a copy of a database, such as Backup wrote, in place of the one
// at path, which nobody uses. Before that it is brought up to date, read as a
// whole and checked: if the record of who did what or a journal is not as it
// was written, hub.ErrDamaged, unless even that is wanted. All are signed out
// in it, since a session that was ended after the copy was made must not come
// back. What was at path stays beside it.
func Restore(ctx context.Context, from, path string, even bool, random func([]byte), now time.Time) (r Restored, err error) {
	trial := path + ".restored"
	defer func() {
		for _, end := range []string{"", "-wal", "-shm", ".lock"} {
			os.Remove(trial + end) // after all went well there is but the lock
		}
	}()
	if err := copyDatabase(ctx, from, trial); err != nil {
		return r, fmt.Errorf("restore database: %w", err)
	}
	s, err := Open(ctx, trial, random, func() time.Time { return now })
	if err != nil {
		return r, fmt.Errorf("restore database: %w", err)
	}
	r, err = s.readyToRestore(ctx)
	if err = errors.Join(err, s.Close()); err == nil && !even && !r.Whole() {
		err = hub.ErrDamaged
	}
	if err != nil {
		return r, fmt.Errorf("restore database: %w", err)
	}
	aside := path + ".before-" + now.UTC().Format("20060102T150405Z")
	if err := sqlite.Replace(path, trial, aside); err != nil {
		return r, err
	}
	if _, err := os.Stat(aside); err == nil {
		r.Aside = aside
	}
	return r, nil
}

func copyDatabase(ctx context.Context, from, to string) error {
	for _, end := range []string{"", "-wal", "-shm"} { // of a restore that was broken off
		if err := os.Remove(to + end); err != nil && !errors.Is(err, os.ErrNotExist) {
			return err
		}
	}
	b, err := sqlite.OpenBeside(ctx, from)
	if err != nil {
		return err
	}
	return errors.Join(b.Check(ctx), b.Backup(ctx, to), b.Close())
}

// readyToRestore checks what is brought back, and signs all out.
func (s *Store) readyToRestore(ctx context.Context) (r Restored, err error) {
	if r.Audit, err = s.CheckAudit(ctx, nil, nil); err != nil {
		return r, err
	}
	if r.Journals, err = s.CheckJournals(ctx, nil); err != nil {
		return r, err
	}
	return r, s.db.Write(ctx, func(tx *database.Tx) error {
		_, err := tx.Exec("DELETE FROM sessions")
		return err
	})
}
