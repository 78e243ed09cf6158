package store

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"ark/hub"
	"ark/internal/database"
	"ark/internal/pgtest"
	"ark/internal/sqlite"
	"ark/internal/storetest"
)

// nomad is a store that moves each time it is opened again: from a file to a
// server, and back into a file.
type nomad struct {
	dir, server string
	now         string
}

func (n *nomad) Open(t testing.TB) storetest.Store {
	t.Helper()
	switch was := n.now; {
	case was == "":
		n.now = filepath.Join(n.dir, "hub.db")
	case was == n.server:
		n.now = filepath.Join(t.TempDir(), "hub.db")
		move(t, was, n.now)
	default:
		n.server = pgtest.Database(t)
		n.now = n.server
		move(t, was, n.now)
	}
	return place(n.now).Open(t)
}

func move(t testing.TB, from, to string) {
	t.Helper()
	seen := map[string]int64{}
	err := Move(context.Background(), from, to, func(table string, rows int64, checked bool) {
		if checked {
			seen[table] = rows
		}
	})
	if err != nil {
		t.Fatal(err)
	}
	if len(seen) != len(tables)+len(derived) {
		t.Fatalf("%d tables were checked, of %d", len(seen), len(tables)+len(derived))
	}
}

// A store that moved is the same store, whatever is in it and whichever way it
// went.
func TestAStoreThatMoves(t *testing.T) {
	storetest.Run(t, func(t testing.TB) storetest.Place { return &nomad{dir: t.TempDir()} },
		"QuarantineIsReleased", "OrderBook", "Settings", "ToldByVans", "AsRun", "VisitsAreAmended", "Reviews", "ReviewersAtOnce", "Assignments", "Comments", "SavedViews", "VansAreToldOfTheirArea",
		"EditsSettle", "Crew", "Phones", "Forms", "Accounts", "Sessions", "Tokens", "DeedsAreOnRecord")
}

// What was moved is found, and a row that comes next takes the next number.
func TestMovedVisitsAreFound(t *testing.T) {
	file := filepath.Join(t.TempDir(), "hub.db")
	s := place(file).Open(t).(*Store)
	storetest.Fill(t, s, 700)
	count := func(s *Store) (n int) {
		n, err := s.CountVisits(t.Context(), hub.Everything, hub.VisitFilter{Text: "漏水"}, 1000)
		must(t, err)
		return n
	}
	all := count(s)
	must(t, s.Close())
	server := pgtest.Database(t)
	move(t, file, server)
	back := filepath.Join(t.TempDir(), "hub.db")
	move(t, server, back)
	for _, at := range []string{server, back} {
		s := place(at).Open(t).(*Store)
		if n := count(s); n != all || all == 0 {
			t.Errorf("%d visits of %d are found", n, all)
		}
		v := newSender(t, s, 9, 3)
		must(t, v.send(3))
		var last int
		must(t, s.db.Read().QueryRow("SELECT max(position) FROM visits").Scan(&last))
		if last != 703 {
			t.Errorf("the last visit is at %d", last)
		}
		must(t, s.Close())
	}
}

// Each table that there is, in either kind of database, is copied or made anew,
// and both kinds have the same.
func TestAllTablesAreMoved(t *testing.T) {
	want := slices.Clone(derived)
	for _, table := range tables {
		want = append(want, table.name)
	}
	slices.Sort(want)
	for at, query := range map[string]string{
		filepath.Join(t.TempDir(), "hub.db"): `SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%' AND name NOT LIKE '%_words_%' ORDER BY name`,
		pgtest.Database(t):                   `SELECT table_name FROM information_schema.tables WHERE table_schema = current_schema() ORDER BY table_name COLLATE "C"`,
	} {
		s := place(at).Open(t).(*Store)
		defer s.Close()
		rows, err := s.db.Read().Query(query)
		must(t, err)
		defer rows.Close()
		var got []string
		for rows.Next() {
			var name string
			must(t, rows.Scan(&name))
			if name != "goose_db_version" {
				got = append(got, name)
			}
		}
		must(t, rows.Err())
		if !slices.Equal(got, want) {
			t.Errorf("there are\n%v\nand moved are\n%v", got, want)
		}
	}
	for _, kind := range []string{"sqlite", "postgres"} {
		n, err := newestMigration("migrations/" + kind)
		must(t, err)
		if other, err := newestMigration("migrations/sqlite"); err != nil || n != other {
			t.Errorf("the newest migration of %s is %d, not %d", kind, n, other)
		}
	}
}

// A move that is broken off leaves nothing, and can be begun anew.
func TestAMoveIsBrokenOff(t *testing.T) {
	file := filepath.Join(t.TempDir(), "hub.db")
	s := place(file).Open(t).(*Store)
	storetest.Fill(t, s, 50)
	must(t, s.Close())
	server := pgtest.Database(t)
	broken := func(from, to string) {
		ctx, cancel := context.WithCancel(t.Context())
		err := Move(ctx, from, to, func(table string, _ int64, _ bool) {
			if table == "visits" {
				cancel()
			}
		})
		if !errors.Is(err, context.Canceled) {
			t.Fatalf("got %v", err)
		}
	}
	broken(file, server)
	move(t, file, server)
	back := filepath.Join(t.TempDir(), "hub.db")
	broken(server, back)
	if left, _ := filepath.Glob(back + "*"); len(left) > 0 {
		t.Errorf("left: %q", left)
	}
	must(t, os.WriteFile(back+".moving", []byte("of a move that was killed"), 0o600))
	move(t, server, back)
}

func TestAMoveGoesWhereNothingIs(t *testing.T) {
	file := filepath.Join(t.TempDir(), "hub.db")
	must(t, place(file).Open(t).Close())
	server := pgtest.Database(t)
	must(t, place(server).Open(t).Close())
	for from, to := range map[string]string{file: server, server: file} {
		if err := Move(t.Context(), from, to, func(string, int64, bool) {}); !errors.Is(err, ErrNotEmpty) {
			t.Errorf("got %v", err)
		}
	}
	s := place(file).Open(t)
	defer s.Close()
	if err := Move(t.Context(), file, server, func(string, int64, bool) {}); !errors.Is(err, sqlite.ErrInUse) {
		t.Errorf("while the hub runs: %v", err)
	}
}

// A copy that is not what was copied is noticed.
func TestAMoveIsChecked(t *testing.T) {
	file := filepath.Join(t.TempDir(), "hub.db")
	s := place(file).Open(t).(*Store)
	storetest.Fill(t, s, 50)
	must(t, s.Close())
	server := pgtest.Database(t)
	must(t, place(server).Open(t).Close())
	target, err := openTarget(t.Context(), server)
	must(t, err)
	defer target.Close()
	must(t, target.db.Write(t.Context(), func(tx *database.Tx) error {
		for _, query := range []string{"DELETE FROM languages",
			"CREATE FUNCTION spoil() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN NEW.id = 'van-8'; RETURN NEW; END $$",
			"CREATE TRIGGER spoil BEFORE INSERT ON vans FOR EACH ROW EXECUTE FUNCTION spoil()"} {
			if _, err := tx.Exec(query); err != nil {
				return err
			}
		}
		return nil
	}))
	must(t, target.Close())
	if err := Move(t.Context(), file, server, func(string, int64, bool) {}); !errors.Is(err, ErrCopied) || !strings.Contains(err.Error(), "vans") {
		t.Errorf("got %v", err)
	}
}
