package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"os"
	"path/filepath"
	"testing"
	"testing/fstest"

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

func insert(n int) func(*sql.Tx) error {
	return func(tx *sql.Tx) error {
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
	err := db.Write(t.Context(), func(tx *sql.Tx) error {
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
		err = db.Write(t.Context(), func(tx *sql.Tx) error {
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
