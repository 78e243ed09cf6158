package sqlite

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"testing/fstest"
	"time"

	"ark/internal/database"
	"ark/internal/tmpfs"
)

var migrations = fstest.MapFS{"001_rows.sql": {Data: []byte(
	"-- +goose Up\nCREATE TABLE rows (n INTEGER PRIMARY KEY, t TEXT) STRICT;\n-- +goose Down\nDROP TABLE rows;\n")}}

func open(t *testing.T, path string) *DB {
	t.Helper()
	db, err := Open(t.Context(), path, Options{Migrations: migrations})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	return db
}

func insert(n int) func(*database.Tx) error {
	return func(tx *database.Tx) error {
		_, err := tx.Exec("INSERT INTO rows VALUES ($1, 'x')", n)
		return err
	}
}

func count(t *testing.T, db *DB) (n int) {
	t.Helper()
	if err := db.Read().QueryRow("SELECT count(*) FROM rows").Scan(&n); err != nil {
		t.Fatal(err)
	}
	return n
}

func TestWriteIsAllOrNothing(t *testing.T) {
	db := open(t, filepath.Join(t.TempDir(), "a.db"))
	if err := db.Write(t.Context(), insert(1)); err != nil {
		t.Fatal(err)
	}
	boom := errors.New("boom")
	err := db.Write(t.Context(), func(tx *database.Tx) error {
		if err := insert(2)(tx); err != nil {
			return err
		}
		return boom
	})
	if !errors.Is(err, boom) || count(t, db) != 1 {
		t.Fatalf("got %v and %d rows, want boom and 1", err, count(t, db))
	}
	if err := db.Write(t.Context(), insert(1)); err == nil {
		t.Fatal("the same key twice was taken")
	}
	if err := db.Write(t.Context(), insert(3)); err != nil || count(t, db) != 2 {
		t.Fatal(err, count(t, db))
	}
}

func TestOneProcessAtATime(t *testing.T) {
	path := filepath.Join(t.TempDir(), "a.db")
	db := open(t, path)
	if _, err := Open(t.Context(), path, Options{Migrations: migrations}); !errors.Is(err, ErrInUse) {
		t.Fatalf("second open: %v, want ErrInUse", err)
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	open(t, path)
}

func TestDamageIsNoticed(t *testing.T) {
	path := filepath.Join(t.TempDir(), "a.db")
	db := open(t, path)
	for n := range 2000 {
		if err := db.Write(context.Background(), insert(n)); err != nil {
			t.Fatal(err)
		}
		if n == 20 { // quick enough
			break
		}
	}
	db.Close()
	if err := os.WriteFile(path, []byte("this is not a database at all, it is a text of some length"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := Open(t.Context(), path, Options{Migrations: migrations}); !IsCorrupt(err) {
		t.Fatalf("got %v, want damage", err)
	}
}

func TestFullDisk(t *testing.T) {
	dir := tmpfs.Mount(t, "1m")
	db := open(t, filepath.Join(dir, "a.db"))
	big := make([]byte, 200_000)
	var err error
	for n := 0; err == nil && n < 100; n++ {
		err = db.Write(t.Context(), func(tx *database.Tx) error {
			_, err := tx.Exec("INSERT INTO rows VALUES ($1, $2)", n, string(big))
			return err
		})
	}
	if !IsFull(err) {
		t.Fatalf("got %v, want a full disk", err)
	}
	if count(t, db) < 0 {
		t.Fatal("reading must go on")
	}
}

// A database that is opened on a full disk says that the disk is full, and not
// that it is broken.
func TestOpenOnAFullDisk(t *testing.T) {
	dir := tmpfs.Mount(t, "1m")
	path := filepath.Join(dir, "a.db")
	if err := open(t, path).Close(); err != nil {
		t.Fatal(err)
	}
	f, err := os.Create(filepath.Join(dir, "filler"))
	if err != nil {
		t.Fatal(err)
	}
	for err == nil {
		_, err = f.Write(make([]byte, 4096))
	}
	f.Close()
	if _, err := Open(t.Context(), path, Options{Migrations: migrations}); !IsFull(err) || IsIO(err) {
		t.Fatalf("got %v, want a full disk", err)
	}
}

func TestBackup(t *testing.T) {
	dir := t.TempDir()
	db := open(t, filepath.Join(dir, "a.db"))
	if err := db.Write(t.Context(), insert(1)); err != nil {
		t.Fatal(err)
	}
	if err := db.Backup(t.Context(), filepath.Join(dir, "b.db")); err != nil {
		t.Fatal(err)
	}
	if got := count(t, open(t, filepath.Join(dir, "b.db"))); got != 1 {
		t.Fatalf("the backup has %d rows, want 1", got)
	}
}

// A panic in one caller's work is not the end of writing for all others.
func TestAPanicFreesTheWriter(t *testing.T) {
	db := open(t, filepath.Join(t.TempDir(), "a.db"))
	func() {
		defer func() {
			if recover() == nil {
				t.Error("the panic was swallowed")
			}
		}()
		db.Write(t.Context(), func(tx *database.Tx) error {
			if err := insert(1)(tx); err != nil {
				t.Error(err)
			}
			panic("planted")
		})
	}()
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()
	if err := db.Write(ctx, insert(1)); err != nil || count(t, db) != 1 {
		t.Fatalf("after a panic: %v, %d rows", err, count(t, db))
	}
}

// A statement that is cancelled inside a transaction takes all of it back.
func TestACancelledWriteIsNoWrite(t *testing.T) {
	db := open(t, filepath.Join(t.TempDir(), "a.db"))
	ctx, cancel := context.WithCancel(t.Context())
	err := db.Write(ctx, func(tx *database.Tx) error {
		if err := insert(1)(tx); err != nil {
			return err
		}
		cancel()
		tx.Exec("INSERT INTO rows SELECT value, 'x' FROM generate_series(2, 9)")
		return insert(10)(tx)
	})
	if err == nil || count(t, db) != 0 {
		t.Fatalf("got %v and %d rows", err, count(t, db))
	}
}

// A large file is checked later, and its damage is found all the same.
func TestALargeFileIsCheckedLater(t *testing.T) {
	path := filepath.Join(t.TempDir(), "a.db")
	db := open(t, path)
	if err := db.Write(t.Context(), func(tx *database.Tx) error {
		for n := range 2000 {
			if _, err := tx.Exec("INSERT INTO rows VALUES ($1, $2)", n, strings.Repeat("x", 500)); err != nil {
				return err
			}
		}
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	if err := db.Check(t.Context()); err != nil {
		t.Fatal(err)
	}
	db.Close()
	f, err := os.OpenFile(path, os.O_RDWR, 0)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := f.WriteAt(bytes.Repeat([]byte{0xff}, 4096), 20*4096); err != nil {
		t.Fatal(err)
	}
	f.Close()
	if _, err := Open(t.Context(), path, Options{Migrations: migrations}); !IsCorrupt(err) {
		t.Errorf("opened with damage: %v", err)
	}
	db, err = Open(t.Context(), path, Options{Migrations: migrations, LaterFrom: 1 << 10})
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	if err := db.Check(t.Context()); !IsCorrupt(err) {
		t.Errorf("checked later: %v", err)
	}
}

// Who may look into the folder does not read who lives where.
func TestTheFilesAreTheirOwnersAlone(t *testing.T) {
	old := syscall.Umask(0o022)
	t.Cleanup(func() { syscall.Umask(old) })
	path := filepath.Join(t.TempDir(), "x.db")
	wide := func() (names []string) {
		for _, end := range []string{"", "-wal", "-shm", ".lock"} {
			st, err := os.Stat(path + end)
			if err != nil {
				t.Fatal(err)
			}
			if st.Mode()&0o007 != 0 {
				names = append(names, fmt.Sprint(end, st.Mode()))
			}
		}
		return names
	}
	db := open(t, path)
	if w := wide(); len(w) > 0 {
		t.Errorf("new: %v", w)
	}
	db.Close()
	if err := os.Chmod(path, 0o644); err != nil {
		t.Fatal(err)
	}
	open(t, path)
	if w := wide(); len(w) > 0 {
		t.Errorf("of an older release: %v", w)
	}
}
