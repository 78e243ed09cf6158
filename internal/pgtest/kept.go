package pgtest

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"testing"
)

// Kept starts the server whose files are in a folder, for who measures what is
// costly to fill. It makes them where there are none, and leaves them behind.
func Kept(t testing.TB, dir string) *Server {
	t.Helper()
	within(t)
	s := &Server{dir: dir}
	if _, err := os.Stat(filepath.Join(s.data(), "PG_VERSION")); errors.Is(err, fs.ErrNotExist) {
		err := os.MkdirAll(dir, 0o755)
		if err == nil {
			err = s.prepare()
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := s.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if s.runs() {
			s.Stop()
		}
	})
	return s
}

// Empty makes a schema where nothing is, whatever was there, and gives its
// address. It stays.
func (s *Server) Empty(t testing.TB, name string) string {
	t.Helper()
	for _, what := range []string{"DROP SCHEMA IF EXISTS " + name + " CASCADE", "CREATE SCHEMA " + name} {
		if err := s.do(what); err != nil {
			t.Fatal(err)
		}
	}
	return s.At(name)
}

// At is the address of a schema.
func (s *Server) At(name string) string { return s.Address() + "&search_path=" + name }
