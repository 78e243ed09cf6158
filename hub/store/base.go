package store

import (
	"context"
	"database/sql"
	"embed"
	"errors"
	"fmt"
	"io/fs"

	"ark/hub"
	"ark/internal/database"
	"ark/internal/postgres"
	"ark/internal/sqlite"
)

// migrations has a folder for each kind of database, with the same numbers in
// both.
//
//go:embed migrations
var migrations embed.FS

// base is the database below: SQLite or PostgreSQL. Both are asked the same.
type base interface {
	Read() *sql.DB
	Write(ctx context.Context, f func(*database.Tx) error) error
	Prepare(ctx context.Context, query string) (*database.Stmt, error)
	// Using is what a query says after a table's name so that it goes by an
	// index, where the database does not find out by itself.
	Using(index string) string
	Check(ctx context.Context) error
	Close() error
}

// readers is how many connections read: pages of staff, and what the hub itself
// has to know.
const readers = 4

// kindOf is which kind of database there is at a place, as its migrations call
// it.
func kindOf(place string) string {
	if postgres.Is(place) {
		return "postgres"
	}
	return "sqlite"
}

func openBase(ctx context.Context, place string) (base, error) {
	files, err := fs.Sub(migrations, "migrations/"+kindOf(place))
	if err != nil {
		return nil, err
	}
	if postgres.Is(place) {
		db, err := postgres.Open(ctx, place, postgres.Options{Migrations: files, Readers: 2 * readers})
		if err != nil {
			return nil, err
		}
		return &server{base: db, unsure: func() {}}, nil
	}
	return sqlite.Open(ctx, place, sqlite.Options{Migrations: files, Readers: readers, CacheKiB: 16 << 10, LaterFrom: 256 << 20, Trial: true})
}

// server is a database that can go away in the middle of a commit.
type server struct {
	base
	unsure func() // is called where it did
}

func (s *server) Write(ctx context.Context, f func(*database.Tx) error) error {
	err := s.base.Write(ctx, f)
	if errors.Is(err, database.ErrUncertain) {
		s.unsure()
		return fmt.Errorf("%w: %w", hub.ErrUncertain, err)
	}
	return err
}

// truth is a truth value as the tables have it: 1 or 0.
func truth(is bool) int64 {
	if is {
		return 1
	}
	return 0
}

// arguments are what a query is given, while it grows.
type arguments []any

// add adds one, and is what stands for it in the query.
func (a *arguments) add(v any) string {
	*a = append(*a, v)
	return fmt.Sprintf("$%d", len(*a))
}
