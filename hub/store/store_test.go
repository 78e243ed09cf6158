package store

import (
	"context"
	"crypto/rand"
	"path/filepath"
	"testing"
	"time"

	"ark/internal/pgtest"
	"ark/internal/storetest"
)

type place string

func (p place) Open(t testing.TB) storetest.Store {
	t.Helper()
	s, err := Open(context.Background(), string(p), func(b []byte) { rand.Read(b) }, time.Now)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestStore(t *testing.T) {
	storetest.Run(t, func(t testing.TB) storetest.Place { return place(filepath.Join(t.TempDir(), "hub.db")) })
}

func TestStoreOnPostgreSQL(t *testing.T) {
	storetest.Run(t, func(t testing.TB) storetest.Place { return place(pgtest.Database(t)) })
}

// behind is a place whose visits are all found behind their commits.
type behind struct{ place }

func (p behind) Open(t testing.TB) storetest.Store {
	t.Helper()
	s := p.place.Open(t).(*Store)
	s.atOnce = 0
	return s
}

func TestVisitsFoundBehindTheirCommits(t *testing.T) {
	storetest.Run(t, func(t testing.TB) storetest.Place { return behind{place(filepath.Join(t.TempDir(), "hub.db"))} },
		"FindsVisits", "VisitsAreAmended", "ForeignAmendments", "TwinsAreNotDropped")
}

func TestVisitsFoundBehindTheirCommitsOnPostgreSQL(t *testing.T) {
	storetest.Run(t, func(t testing.TB) storetest.Place { return behind{place(pgtest.Database(t))} },
		"FindsVisits", "VisitsAreAmended", "ForeignAmendments", "TwinsAreNotDropped")
}

func TestMain(m *testing.M) { pgtest.Main(m) }
