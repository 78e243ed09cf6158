package sqlite

import (
	"errors"
	"os"
	"path/filepath"
	"testing"
	"testing/fstest"
)

// A second process reads and copies while the first writes, and holds it up in
// nothing.
func TestBesideAWriter(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "a.db")
	db := open(t, path)
	if err := db.Write(t.Context(), insert(1)); err != nil {
		t.Fatal(err)
	}
	b, err := OpenBeside(t.Context(), path)
	if err != nil {
		t.Fatal(err)
	}
	defer b.Close()
	if v, err := b.Version(t.Context()); v != 1 || err != nil {
		t.Errorf("version %d, %v", v, err)
	}
	if err := b.Check(t.Context()); err != nil {
		t.Error(err)
	}
	if _, err := b.Read().Exec("DELETE FROM rows"); err == nil {
		t.Error("it could write")
	}
	if err := b.Backup(t.Context(), filepath.Join(dir, "b.db")); err != nil {
		t.Fatal(err)
	}
	if err := db.Write(t.Context(), insert(2)); err != nil {
		t.Fatal(err)
	}
	if got := count(t, open(t, filepath.Join(dir, "b.db"))); got != 1 {
		t.Errorf("the copy has %d rows, want 1", got)
	}
	if _, err := OpenBeside(t.Context(), filepath.Join(dir, "none.db")); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("of none: %v", err)
	}
}

func TestReplace(t *testing.T) {
	dir := t.TempDir()
	path, with, aside := filepath.Join(dir, "a.db"), filepath.Join(dir, "b.db"), filepath.Join(dir, "a-before.db")
	old, anew := open(t, path), open(t, with)
	if err := errors.Join(old.Write(t.Context(), insert(1)), anew.Write(t.Context(), insert(1)), anew.Write(t.Context(), insert(2)), anew.Close()); err != nil {
		t.Fatal(err)
	}
	if err := Replace(path, with, aside); !errors.Is(err, ErrInUse) || count(t, old) != 1 {
		t.Fatalf("while it is used: %v", err)
	}
	if err := old.Close(); err != nil {
		t.Fatal(err)
	}
	if err := Replace(path, with, aside); err != nil {
		t.Fatal(err)
	}
	if got, was := count(t, open(t, path)), count(t, open(t, aside)); got != 2 || was != 1 {
		t.Errorf("%d rows, and %d aside", got, was)
	}
}

// A migration that fails on a copy has not touched the database, and the older
// release goes on with it.
func TestMigrationsAreTriedOnACopy(t *testing.T) {
	path := filepath.Join(t.TempDir(), "a.db")
	db := open(t, path)
	if err := errors.Join(db.Write(t.Context(), insert(1)), db.Close()); err != nil {
		t.Fatal(err)
	}
	step := func(sql string) *fstest.MapFile {
		return &fstest.MapFile{Data: []byte("-- +goose NO TRANSACTION\n-- +goose Up\n" + sql + "\n-- +goose Down\n")}
	}
	newer := fstest.MapFS{"001_rows.sql": migrations["001_rows.sql"], "002_more.sql": step("CREATE TABLE more (n INTEGER PRIMARY KEY) STRICT;")}
	for name, bad := range map[string]string{"it fails": "INSERT INTO nowhere VALUES (1);",
		"what it leaves does not fit": "CREATE TABLE child (n INTEGER REFERENCES more (n)) STRICT; PRAGMA foreign_keys = 0; INSERT INTO child VALUES (7);"} {
		failing := fstest.MapFS{"001_rows.sql": newer["001_rows.sql"], "002_more.sql": newer["002_more.sql"], "003_bad.sql": step(bad)}
		if _, err := Open(t.Context(), path, Options{Migrations: failing, Trial: true}); err == nil {
			t.Fatalf("%s: opened", name)
		}
		b, err := OpenBeside(t.Context(), path)
		if err != nil {
			t.Fatal(err)
		}
		if v, err := b.Version(t.Context()); v != 1 || err != nil {
			t.Errorf("%s: version %d, %v", name, v, err)
		}
		b.Close()
	}
	for range 2 {
		db, err := Open(t.Context(), path, Options{Migrations: newer, Trial: true})
		if err != nil {
			t.Fatal(err)
		}
		if count(t, db) != 1 {
			t.Error("a row is lost")
		}
		db.Close()
	}
	if left, err := filepath.Glob(path + ".trial*"); len(left) > 0 || err != nil {
		t.Errorf("left: %v", left)
	}
}
