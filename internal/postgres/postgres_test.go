package postgres_test

import (
	"context"
	"database/sql"
	"errors"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"ark/internal/database"
	"ark/internal/pgtest"
	"ark/internal/postgres"
)

var migrations = fstest.MapFS{"001_rows.sql": {Data: []byte(
	"-- +goose Up\nCREATE TABLE rows (n BIGINT PRIMARY KEY, t TEXT);\n-- +goose Down\nDROP TABLE rows;\n")}}

func open(t *testing.T, address string) *postgres.DB {
	t.Helper()
	db, err := postgres.Open(t.Context(), address, postgres.Options{Migrations: migrations})
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

func count(t *testing.T, db *postgres.DB) (n int) {
	t.Helper()
	if err := db.Read().QueryRow("SELECT count(*) FROM rows").Scan(&n); err != nil {
		t.Fatal(err)
	}
	return n
}

func TestWriteIsAllOrNothing(t *testing.T) {
	db := open(t, pgtest.Database(t))
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

func TestOneHubAtATime(t *testing.T) {
	address := pgtest.Database(t)
	db := open(t, address)
	if _, err := postgres.Open(t.Context(), address, postgres.Options{Migrations: migrations}); !errors.Is(err, database.ErrInUse) {
		t.Fatalf("second open: %v, want ErrInUse", err)
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	open(t, address)
}

// An address is named without the password in it, whatever is wrong with it.
func TestThePasswordIsNotSaid(t *testing.T) {
	for _, address := range []string{"postgres://ark:s3cret@/ark?host=/nowhere", "postgres://ark:s3cret@127.0.0.1:1/ark", "postgres://ark:s3cret@/ark?sslmode=what"} {
		_, err := postgres.Open(t.Context(), address, postgres.Options{Migrations: migrations})
		if err == nil || strings.Contains(err.Error(), "s3cret") || strings.Contains(postgres.Name(address), "s3cret") {
			t.Errorf("%v; %s", err, postgres.Name(address))
		}
	}
}

func TestAReaderDoesNotWrite(t *testing.T) {
	db := open(t, pgtest.Database(t))
	if _, err := db.Read().Exec("INSERT INTO rows VALUES (1, 'x')"); err == nil {
		t.Error("it did")
	}
}

// What PostgreSQL cannot keep is replaced, and not a reason to refuse the rest.
func TestAnyTextIsKept(t *testing.T) {
	db := open(t, pgtest.Database(t))
	err := db.Write(t.Context(), func(tx *database.Tx) error {
		_, err := tx.Exec("INSERT INTO rows VALUES (1, $1)", "a\x00b\xff走访")
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	type word string // as the store's own types are
	var got string
	if err := db.Read().QueryRow("SELECT t FROM rows WHERE t = $1", word("a\x00b\xff走访")).Scan(&got); err != nil || got != "a\uFFFDb\uFFFD走访" {
		t.Errorf("got %q, %v", got, err)
	}
}

// A statement that nobody waits for any more ends at the server, and the
// connection that holds the lock stays.
func TestACancelledWriteIsNoWrite(t *testing.T) {
	db := open(t, pgtest.Database(t))
	lines := 0
	ctx, cancel := context.WithCancel(t.Context())
	err := db.Write(ctx, func(tx *database.Tx) error {
		lines = tx.Line()
		if err := insert(1)(tx); err != nil {
			return err
		}
		time.AfterFunc(time.Millisecond, cancel)
		_, err := tx.Exec("SELECT pg_sleep(600)")
		return err
	})
	if err == nil || count(t, db) != 0 {
		t.Fatalf("got %v and %d rows", err, count(t, db))
	}
	if err := db.Write(t.Context(), func(tx *database.Tx) error {
		lines -= tx.Line()
		return insert(1)(tx)
	}); err != nil || lines != 0 {
		t.Errorf("after it: %v, %d", err, lines)
	}
}

// The connection that writes comes back by itself, and with it what was
// prepared on it and the lock.
func TestTheServerComesBack(t *testing.T) {
	server := pgtest.Own(t)
	db := open(t, server.Address())
	stmt, err := db.Prepare(t.Context(), "INSERT INTO rows VALUES ($1, 'x')")
	if err != nil {
		t.Fatal(err)
	}
	n, lines := 0, map[int]bool{}
	write := func() error {
		n++
		return db.Write(t.Context(), func(tx *database.Tx) error {
			lines[tx.Line()] = true
			_, err := stmt.Exec(tx, n)
			return err
		})
	}
	want := 1
	if err := write(); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name string
		do   func()
	}{
		{"its process ended", func() { end(t, server.Address()) }},
		{"restarted", server.Stop},
		{"killed", server.Kill},
	} {
		c.do()
		if c.name != "its process ended" {
			if err := write(); err == nil {
				t.Fatalf("%s: written without a server", c.name)
			}
			if err := server.Start(); err != nil {
				t.Fatal(err)
			}
		}
		if err := write(); err != nil {
			t.Fatalf("%s: %v", c.name, err)
		}
		want++
		if got := count(t, db); got != want {
			t.Errorf("%s: %d rows, want %d", c.name, got, want)
		}
	}
	if _, err := postgres.Open(t.Context(), server.Address(), postgres.Options{Migrations: migrations}); !errors.Is(err, database.ErrInUse) {
		t.Errorf("second open: %v, want ErrInUse", err)
	}
	if len(lines) != 4 {
		t.Errorf("lines %v", lines)
	}
}

// end ends the processes that serve the connections of a hub.
func end(t *testing.T, address string) {
	t.Helper()
	c, err := sql.Open("pgx", address)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	if _, err := c.Exec("SELECT pg_terminate_backend(pid, 10000) FROM pg_stat_activity WHERE application_name = 'ark-hub'"); err != nil {
		t.Fatal(err)
	}
}

// What a server was told to do with less care is not taken.
func TestAServerThatIsNotDurableIsRefused(t *testing.T) {
	server := pgtest.Own(t)
	c, err := sql.Open("pgx", server.Address())
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	if _, err := c.Exec("ALTER ROLE ark SET synchronous_commit = off"); err != nil {
		t.Fatal(err)
	}
	if _, err := postgres.Open(t.Context(), server.Address(), postgres.Options{Migrations: migrations}); !errors.Is(err, postgres.ErrUnfit) {
		t.Errorf("got %v", err)
	}
}
