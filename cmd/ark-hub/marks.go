package main

import (
	"context"
	"errors"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"ark/hub"
)

// Marks say when something was last done for a hub, by whichever program: a
// file of one line in its data folder, so that the hub that runs can tell
// whoever watches it.
const (
	backupMark = "last-backup"
	auditMark  = "last-audit-check" // with the entry up to which the record was found whole
)

// maxMark is the most bytes of a mark.
const maxMark = 100

// leaveMark says that something was done at a time. A number may go with it.
func leaveMark(data, name string, at time.Time, n int64) error {
	f, err := os.CreateTemp(data, name+".*")
	if err != nil {
		return err
	}
	_, err = f.WriteString(at.UTC().Format(time.RFC3339) + " " + strconv.FormatInt(n, 10) + "\n")
	if err = errors.Join(err, f.Sync(), f.Close()); err == nil {
		err = os.Rename(f.Name(), filepath.Join(data, name))
	}
	if err != nil {
		os.Remove(f.Name())
	}
	return err
}

// readMark is when something was last done; false: never, or nobody knows.
func readMark(data, name string) (at time.Time, n int64, ok bool) {
	line, err := os.ReadFile(filepath.Join(data, name))
	if err != nil || len(line) > maxMark {
		return at, 0, false
	}
	when, number, _ := strings.Cut(strings.TrimSpace(string(line)), " ")
	at, err = time.Parse(time.RFC3339, when)
	if err != nil {
		return at, 0, false
	}
	n, err = strconv.ParseInt(number, 10, 64)
	return at, n, err == nil
}

// dropMark takes a mark away that is not true any more.
func dropMark(data, name string) error {
	err := os.Remove(filepath.Join(data, name))
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	return err
}

// markedLog is a record whose checks leave a mark: of one that found the record
// whole, and none where it did not.
type markedLog struct {
	hub.AuditLog
	data string
	now  func() time.Time
	log  *slog.Logger
}

// CheckAudit checks the record; see hub.AuditLog.
func (m markedLog) CheckAudit(ctx context.Context, known []hub.AuditHead, progress func(done, most int64)) (hub.AuditCheck, error) {
	c, err := m.AuditLog.CheckAudit(ctx, known, progress)
	if err == nil {
		if err := markAudit(m.data, c, m.now()); err != nil {
			m.log.Error("that the record of who did what was checked is not written down", "err", err)
		}
	}
	return c, err
}

func markAudit(data string, c hub.AuditCheck, now time.Time) error {
	if len(c.Faults) > 0 {
		return dropMark(data, auditMark)
	}
	return leaveMark(data, auditMark, now, c.Head.Seq)
}
