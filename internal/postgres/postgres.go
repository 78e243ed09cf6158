// Package postgres opens a PostgreSQL database the way the hub needs it: one
// writer with durable commits that comes back when the server does, a few
// readers, migrations, one hub at a time, and the settings read back that
// durability rests on.
package postgres

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"strings"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/pressly/goose/v3"

	"ark/internal/database"
)

// DB is an open database: one writing connection, several reading ones.
type DB struct {
	*database.Writer
	w, r *sql.DB
}

// Options are what is the caller's.
type Options struct {
	Migrations fs.FS // numbered goose files at its top
	Readers    int   // reading connections; 0: 2
}

// Is tells whether a word is the address of such a database.
func Is(address string) bool {
	return strings.HasPrefix(address, "postgres://") || strings.HasPrefix(address, "postgresql://")
}

// Name is an address without what is in it to get in: fit for a log.
func Name(address string) string {
	config, err := pgx.ParseConfig(address)
	if err != nil {
		return "PostgreSQL"
	}
	return fmt.Sprintf("PostgreSQL database %s on %s", config.Database, config.Host)
}

// Open opens the database at an address and brings it up to date. A second
// process, or a second Open, gets database.ErrInUse.
func Open(ctx context.Context, address string, o Options) (*DB, error) {
	config, err := pgx.ParseConfig(address)
	if err != nil {
		return nil, fmt.Errorf("open PostgreSQL database: %w", err) // without the password: pgx sees to that
	}
	db := &DB{}
	if err := db.open(ctx, config, o); err != nil {
		db.Close()
		return nil, fmt.Errorf("open %s: %w", Name(address), err)
	}
	return db, nil
}

func (db *DB) open(ctx context.Context, config *pgx.ConnConfig, o Options) (err error) {
	reach(config)
	db.w = pool(*config, writing)
	if db.Writer, err = database.NewWriter(ctx, db.w, database.WriterOptions{Begin: "BEGIN ISOLATION LEVEL READ COMMITTED", Settle: settle, Interrupts: true}); err != nil {
		return err
	}
	if err := migrate(ctx, db.w, o.Migrations); err != nil { // on a second connection, while the first holds the lock
		return err
	}
	db.w.SetMaxIdleConns(0) // the connection that writes is never an old one
	db.r = pool(*config, reading)
	readers := max(o.Readers, 2)
	db.r.SetMaxOpenConns(readers)
	db.r.SetMaxIdleConns(readers)
	return db.r.PingContext(ctx)
}

func migrate(ctx context.Context, db *sql.DB, files fs.FS) error {
	p, err := goose.NewProvider(goose.DialectPostgres, db, files)
	if err != nil {
		return fmt.Errorf("read migrations: %w", err)
	}
	if _, err := p.Up(ctx); err != nil {
		return fmt.Errorf("migrate: %w", err)
	}
	return nil
}

// Read is the pool of reading connections.
func (db *DB) Read() *sql.DB { return db.r }

// Using says nothing: PostgreSQL has statistics to choose an index by.
func (db *DB) Using(string) string { return "" }

// Check finds nothing out: the server looks after its own files.
func (db *DB) Check(context.Context) error { return nil }

// Close closes all connections; with them goes the lock.
func (db *DB) Close() error {
	var errs []error
	if db.Writer != nil {
		errs = append(errs, db.Writer.Close())
	}
	for _, c := range []*sql.DB{db.r, db.w} {
		if c != nil {
			errs = append(errs, c.Close())
		}
	}
	return errors.Join(errs...)
}

// coded tells whether the server answered with an error of this SQLSTATE.
func coded(err error, state string) bool {
	var e *pgconn.PgError
	return errors.As(err, &e) && e.Code == state
}
