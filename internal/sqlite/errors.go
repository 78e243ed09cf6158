package sqlite

import (
	"errors"
	"fmt"
	"os"
	"syscall"

	driver "modernc.org/sqlite"

	"ark/internal/database"
)

// What went wrong, as far as the caller can do something about it.
var (
	ErrInUse   = database.ErrInUse
	ErrCorrupt = errors.New("the database is damaged")
)

// Primary result codes of SQLite (sqlite.org/rescode.html).
const (
	codeReadOnly = 8
	codeIO       = 10
	codeCorrupt  = 11
	codeFull     = 13
	codeCantOpen = 14
	codeNotADB   = 26
)

// codeShmSize is the extended code for "the shared memory file could not be
// made larger", which is what a full disk answers when a database is opened.
const codeShmSize = codeIO | 19<<8

func extended(err error) int {
	var e *driver.Error
	if errors.As(err, &e) {
		return e.Code()
	}
	return 0
}

func code(err error) int { return extended(err) & 0xff }

// IsFull tells that the disk is full.
func IsFull(err error) bool {
	return code(err) == codeFull || extended(err) == codeShmSize || errors.Is(err, syscall.ENOSPC)
}

// IsReadOnly tells that the disk or the file cannot be written.
func IsReadOnly(err error) bool {
	return code(err) == codeReadOnly || errors.Is(err, syscall.EROFS) || errors.Is(err, os.ErrPermission)
}

// IsIO tells that the disk answered with an error.
func IsIO(err error) bool {
	return code(err) == codeIO && !IsFull(err) || errors.Is(err, syscall.EIO)
}

// IsCorrupt tells that the file is damaged or no database at all.
func IsCorrupt(err error) bool {
	c := code(err)
	return errors.Is(err, ErrCorrupt) || c == codeCorrupt || c == codeNotADB
}

// lockFile takes the lock that lets one process at a time use a database.
// The kernel lets go of it when the process ends, however it ends.
func lockFile(path string) (*os.File, error) {
	f, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, err
	}
	if err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err != nil {
		f.Close()
		if errors.Is(err, syscall.EWOULDBLOCK) {
			return nil, ErrInUse
		}
		return nil, fmt.Errorf("lock %s: %w", path, err)
	}
	return f, nil
}
