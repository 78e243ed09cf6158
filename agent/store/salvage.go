package store

import (
	"context"
	"database/sql"
	"fmt"
	"os"
	"strconv"

	"ark"
	"ark/internal/sqlite"
)

// wreck is what could be read of a damaged database.
type wreck struct {
	begun    ark.Begun
	entries  []kept
	hearings [][3]any
	orders   [][4]any
	values   map[string][]byte
	trusted  int64
	reviews  []ark.Review
	acked    ark.Seq
	ended    ark.Seq // the highest number that is known to have been there; 0: none
}

// The three files of a database.
var suffixes = []string{"", "-wal", "-shm"}

// salvage reads of a damaged database what can be read, and makes a new one
// of it with a new incarnation. Only when that is whole and on the card does
// it take the place of the damaged one, which is kept aside; a power cut or a
// full card before leaves everything as it was. It never needs a person.
func (s *Store) salvage(ctx context.Context) error {
	making := s.path() + ".salvaging"
	for _, suffix := range append(suffixes, ".lock") {
		if err := os.Remove(making + suffix); err != nil && !os.IsNotExist(err) { // of an attempt that was broken off
			return fmt.Errorf("salvage: %w", err)
		}
	}
	s.c.Log.Error("the database is damaged: what can be read is salvaged")
	w := readWreck(ctx, s.path(), s.c.Release)
	db, err := sqlite.Open(ctx, making, options())
	if err != nil {
		return fmt.Errorf("salvage: %w", err)
	}
	if err := s.use(ctx, db); err != nil {
		return fmt.Errorf("salvage: %w", err)
	}
	if err = s.copyView(ctx, s.path(), &w); err == nil {
		err = s.restore(ctx, w)
	}
	if s.db == nil { // it was given up on the way
		return fmt.Errorf("salvage: %w", err)
	}
	s.db = nil
	if cerr := db.Close(); err == nil { // it writes the log into the file
		err = cerr
	}
	if err == nil {
		err = os.Rename(making, s.path()+salvaged)
	}
	os.Remove(making + ".lock")
	if err != nil {
		return fmt.Errorf("salvage: %w", err)
	}
	return s.adopt()
}

// salvaged is the end of the name of a salvaged database that is whole.
const salvaged = ".salvaged"

// adopt puts a salvaged database in its place. It may be broken off at any
// point and is then done again.
func (s *Store) adopt() error {
	if _, err := os.Stat(s.path() + salvaged); err != nil {
		return nil // the usual case
	}
	aside := s.path() + ".damaged-" + strconv.FormatInt(int64(s.c.Clock.Now().Wall), 10)
	for _, suffix := range suffixes {
		if err := os.Rename(s.path()+suffix, aside+suffix); err != nil && !os.IsNotExist(err) {
			return fmt.Errorf("set damaged database aside: %w", err)
		}
	}
	if err := os.Rename(s.path()+salvaged, s.path()); err != nil {
		return fmt.Errorf("adopt salvaged database: %w", err)
	}
	s.c.Log.Error("the damaged database is kept aside", "aside", aside)
	dir, err := os.Open(s.c.Dir)
	if err != nil {
		return fmt.Errorf("adopt salvaged database: %w", err)
	}
	defer dir.Close()
	return dir.Sync()
}

func (s *Store) restore(ctx context.Context, w wreck) error {
	if w.ended > 0 {
		w.begun.Unreadable = int64(w.ended-w.begun.Pruned) - int64(len(w.entries))
	}
	if err := s.begin(ctx, w.begun, w.entries); err != nil {
		return err
	}
	return s.write(ctx, func(t tx) error {
		for _, h := range w.hearings {
			if _, err := t.Exec("INSERT INTO hearings VALUES ($1, $2, $3)", h[:]...); err != nil {
				return fmt.Errorf("salvage: %w", err)
			}
		}
		for _, o := range w.orders {
			if _, err := t.Exec("INSERT INTO orders (id, kind, raw, state) VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING", o[:]...); err != nil {
				return fmt.Errorf("salvage: %w", err)
			}
		}
		for key, value := range w.values {
			if err := keep(t, key, value); err != nil {
				return fmt.Errorf("salvage: %w", err)
			}
		}
		if _, err := t.Exec("INSERT INTO memory VALUES ('trusted', $1)", w.trusted); err != nil {
			return fmt.Errorf("salvage: %w", err)
		}
		for _, r := range w.reviews {
			if err := applyReview(t, r); err != nil {
				return fmt.Errorf("salvage: %w", err)
			}
		}
		return renumber(t)
	})
}

func openWreck(path string) (*sql.DB, error) {
	db, err := sql.Open("sqlite", "file:"+path+"?mode=ro&_pragma=busy_timeout(1000)")
	if err == nil {
		db.SetMaxOpenConns(1)
	}
	return db, err
}

// readWreck reads row by row and passes over what cannot be read.
func readWreck(ctx context.Context, path, release string) wreck {
	w := wreck{begun: ark.Begun{Why: ark.BegunSalvage, Unreadable: -1, Release: release}}
	db, err := openWreck(path)
	if err != nil {
		return w
	}
	defer db.Close()
	var inc []byte
	var base, acked ark.Seq
	err = db.QueryRowContext(ctx, "SELECT incarnation, base_seq, acked_seq FROM journal").Scan(&inc, &base, &acked)
	if err == nil && len(inc) == len(w.begun.Previous) {
		copy(w.begun.Previous[:], inc)
		w.begun.Receipted, w.begun.Pruned, w.acked = acked, base, acked
	}
	w.readEntries(ctx, db, base, acked)
	w.readOrders(ctx, db)
	w.values, _ = readKept(ctx, db)                                                             // as far as they can be read
	db.QueryRowContext(ctx, "SELECT value FROM memory WHERE name = 'trusted'").Scan(&w.trusted) // 0 if unreadable
	return w
}

// readEntries goes by number, so that one bad page costs its own rows only.
// The highest number comes from either end of the index, whichever is whole.
func (w *wreck) readEntries(ctx context.Context, db *sql.DB, base, acked ark.Seq) {
	var top ark.Seq
	for _, q := range []string{"SELECT max(seq) FROM entries", "SELECT max(seq) FROM entries NOT INDEXED", "SELECT max(seq) FROM visits"} {
		var n sql.NullInt64
		if db.QueryRowContext(ctx, q).Scan(&n) == nil {
			top = max(top, ark.Seq(n.Int64))
		}
	}
	top = max(top, acked)
	misses := 0
	for seq := base + 1; seq <= top || misses < 64; seq++ {
		e, digest, held, ok := readEntry(ctx, db, seq)
		if !ok {
			if misses++; seq > top+64 {
				break
			}
			continue
		}
		misses = 0
		top = max(top, seq)
		w.entries = append(w.entries, kept{e, held || seq <= acked, seq})
		w.begun.Ended, w.begun.Digest = seq, digest
	}
	w.ended = top
}

func readEntry(ctx context.Context, db *sql.DB, seq ark.Seq) (e ark.Entry, d ark.Digest, held, ok bool) {
	var raw, digest []byte
	if err := db.QueryRowContext(ctx, "SELECT raw, digest, held FROM entries WHERE seq = $1", seq).Scan(&raw, &digest, &held); err != nil {
		return e, d, false, false
	}
	e, err := ark.DecodeEntry(raw)
	if err != nil {
		return e, d, false, false
	}
	copy(d[:], digest)
	return e, d, held, true
}

func (w *wreck) readOrders(ctx context.Context, db *sql.DB) {
	rows, err := db.QueryContext(ctx, "SELECT incarnation, seq, digest FROM hearings")
	for err == nil && rows.Next() {
		var inc, digest []byte
		var seq int64
		if err = rows.Scan(&inc, &seq, &digest); err == nil {
			w.hearings = append(w.hearings, [3]any{inc, seq, digest})
		}
	}
	closeRows(rows)
	rows, err = db.QueryContext(ctx, "SELECT id, kind, raw, state FROM orders ORDER BY n")
	for err == nil && rows.Next() {
		var id, raw []byte
		var kind, state int64
		if err = rows.Scan(&id, &kind, &raw, &state); err == nil {
			if raw == nil {
				raw = []byte{} // one that was done by taking it
			}
			w.orders = append(w.orders, [4]any{id, kind, raw, state})
		}
	}
	closeRows(rows)
}

func closeRows(rows *sql.Rows) {
	if rows != nil {
		rows.Close()
	}
}
