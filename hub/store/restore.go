package store

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"ark/hub"
	"ark/internal/database"
	"ark/internal/postgres"
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

// RestoreOptions are what a restore needs beside the files.
type RestoreOptions struct {
	Even   bool      // put it back even if hub.ErrDamaged
	Made   time.Time // when the copy was made, for the record
	Now    time.Time
	Random func([]byte)
}

// Restore puts a copy of a database, such as Backup wrote, in place of the one
// at path, which nobody uses. Before that it is brought up to date, read as a
// whole and checked: if the record of who did what or a journal is not as it
// was written, hub.ErrDamaged, unless even that is wanted. All are signed out
// in it, since a session that was ended after the copy was made must not come
// back; that it was restored is put on record. What was at path stays beside it.
// A server's database must be empty: it is what moves there.
func Restore(ctx context.Context, from, path string, o RestoreOptions) (r Restored, err error) {
	trial := path + ".restored"
	if postgres.Is(path) {
		dir, err := os.MkdirTemp("", "ark-restore") // its owner's alone
		if err != nil {
			return r, fmt.Errorf("restore database: %w", err)
		}
		defer os.RemoveAll(dir)
		trial = filepath.Join(dir, "hub.db")
	}
	defer func() {
		for _, end := range []string{"", "-wal", "-shm", ".lock"} {
			os.Remove(trial + end) // after all went well there is but the lock
		}
	}()
	if err := copyDatabase(ctx, from, trial); err != nil {
		return r, fmt.Errorf("restore database: %w", err)
	}
	s, err := Open(ctx, trial, o.Random, func() time.Time { return o.Now })
	if err != nil {
		return r, fmt.Errorf("restore database: %w", err)
	}
	r, err = s.readyToRestore(ctx, o.Made)
	if err = errors.Join(err, s.Close()); err == nil && !o.Even && !r.Whole() {
		err = hub.ErrDamaged
	}
	if err != nil {
		return r, fmt.Errorf("restore database: %w", err)
	}
	if postgres.Is(path) {
		return r, Move(ctx, trial, path, func(string, int64, bool) {})
	}
	aside := path + ".before-" + o.Now.UTC().Format("20060102T150405Z")
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
func (s *Store) readyToRestore(ctx context.Context, made time.Time) (r Restored, err error) {
	if r.Audit, err = s.CheckAudit(ctx, nil, nil); err != nil {
		return r, err
	}
	if r.Journals, err = s.CheckJournals(ctx, nil); err != nil {
		return r, err
	}
	err = s.db.Write(ctx, func(tx *database.Tx) error {
		_, err := tx.Exec("DELETE FROM sessions")
		return err
	})
	if err != nil {
		return r, err
	}
	return r, s.Note(ctx, hub.Deed{Who: hub.OwnName, Verb: hub.VerbChange, Object: hub.Object{Kind: hub.ObjectAudit}, Outcome: hub.OutcomeAllowed,
		Detail: map[string]string{"restored": made.UTC().Format(time.RFC3339)}})
}
