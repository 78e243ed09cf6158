// Package pgtest runs a PostgreSQL for tests: one server for all tests of a
// package, on a socket of its own, with a new schema for each.
package pgtest

import (
	"context"
	"fmt"
	"os"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"ark/internal/skip"
)

// shared is the server of this process, started by the first test that asks.
var shared struct {
	once   sync.Once
	server *Server
	err    error
	made   atomic.Int64 // schemas
}

// Main runs the tests of a package and stops the server behind them. It is for
// TestMain.
func Main(m *testing.M) {
	code := m.Run()
	Stop()
	os.Exit(code)
}

// Stop stops the server behind the tests, if any asked for one, and removes
// its files.
func Stop() {
	if shared.server != nil {
		shared.server.remove()
	}
	shared.once, shared.server, shared.err = sync.Once{}, nil, nil // whoever asks next has another
}

// Database is an address where there is nothing yet, and nothing any more after
// the test: a schema, which is made ten times as fast as a database.
func Database(t testing.TB) string {
	t.Helper()
	within(t)
	shared.once.Do(func() { shared.server, shared.err = begin(room()) })
	if shared.err != nil {
		t.Fatal(shared.err)
	}
	return shared.server.Schema(t, fmt.Sprintf("t%d", shared.made.Add(1)))
}

// Schema makes a schema on a server, that ends with the test, and gives its
// address.
func (s *Server) Schema(t testing.TB, name string) string {
	t.Helper()
	if err := s.do("CREATE SCHEMA " + name); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		drop := "DROP SCHEMA " + name + " CASCADE"
		err := s.do(drop)
		if err != nil && strings.Contains(err.Error(), "(SQLSTATE 40P01)") {
			err = s.do(drop) // once seen, for a reason that is not known: the server chose to end this one
		}
		if err != nil {
			t.Error(err)
		}
	})
	return s.At(name)
}

// Own starts a server that is the test's alone: it may be stopped and killed.
func Own(t testing.TB) *Server {
	t.Helper()
	within(t)
	return own(t, room())
}

// OnDisk is Own with its files on the disk, for who measures.
func OnDisk(t testing.TB) *Server {
	t.Helper()
	within(t)
	return own(t, "")
}

func own(t testing.TB, dir string) *Server {
	t.Helper()
	s, err := begin(dir)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.remove)
	return s
}

// within skips a test where there can be no server.
func within(t testing.TB) {
	t.Helper()
	if skip.Quick() {
		t.Skip("ARK_QUICK=1: no PostgreSQL")
	}
	if folder() == "" {
		skip.Lacking(t, "PostgreSQL 15 is not installed (make deps)")
	}
}

// do has the server do something that has nothing to do with one database.
func (s *Server) do(what string) error {
	c, err := s.connect(context.Background())
	if err != nil {
		return err
	}
	defer c.Close()
	if _, err := c.Exec(what); err != nil {
		return fmt.Errorf("%s: %w", what, err)
	}
	return nil
}
