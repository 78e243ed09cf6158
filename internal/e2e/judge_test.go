package e2e

import (
	"database/sql"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"ark"
	_ "ark/internal/sqlite" // the driver "sqlite"
)

// atHub is what a hub's database holds, read past the hub's own code.
type atHub struct {
	visits       []visitAtHub // in the order of its commits
	incarnations map[ark.VanID]int
	cursors      map[ark.Incarnation]ark.Cursor
	forks        int
	gaps         int
	quarantined  int
	said         map[ark.ID]int    // entries about visits and households: how often each is there
	states       map[ark.ID]ark.ID // the newest entry about a visit of which there is more than its own
	withdrawn    map[ark.ID]bool
	editions     map[ark.ID]int // of households, by the edit that made them
}

type visitAtHub struct {
	id    ark.ID
	van   ark.VanID
	inc   ark.Incarnation
	seq   ark.Seq
	place string
}

// judgeHub reads the database of a running hub, or a copy, and insists on
// what must be true of any hub: every journal without gaps and with its
// digests, each visit once, in the journal's order.
func judgeHub(t testing.TB, path string) atHub {
	t.Helper()
	db, err := sql.Open("sqlite", "file:"+path+"?mode=ro&_pragma=busy_timeout(5000)")
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	db.SetMaxOpenConns(1)
	tx, err := db.BeginTx(t.Context(), &sql.TxOptions{ReadOnly: true}) // one moment of it
	if err != nil {
		t.Fatalf("read the hub's database: %v", err)
	}
	defer tx.Rollback()
	h := atHub{incarnations: map[ark.VanID]int{}, cursors: map[ark.Incarnation]ark.Cursor{},
		said: map[ark.ID]int{}, states: map[ark.ID]ark.ID{}, withdrawn: map[ark.ID]bool{}, editions: map[ark.ID]int{}}
	err = tx.QueryRow("SELECT (SELECT count(*) FROM forks), (SELECT count(*) FROM gaps), (SELECT count(*) FROM quarantine)").
		Scan(&h.forks, &h.gaps, &h.quarantined)
	if err != nil {
		t.Fatal(err)
	}
	entries := h.journals(t, tx)
	h.readVisits(t, tx)
	h.readStates(t, tx)
	last := map[ark.Incarnation]ark.Seq{}
	for _, v := range h.visits {
		if v.seq <= last[v.inc] {
			t.Errorf("%s stands after entry %d of its journal and is %d", v.place, last[v.inc], v.seq)
		}
		last[v.inc] = v.seq
	}
	if entries < len(h.visits) {
		t.Errorf("%d visits of %d entries", len(h.visits), entries)
	}
	return h
}

// journals walks every journal: numbers without gaps, each digest the one
// that the entries make, and the cursor where they end.
func (h *atHub) journals(t testing.TB, tx *sql.Tx) (entries int) {
	t.Helper()
	rows, err := tx.Query(`SELECT w.id, i.incarnation, i.seq, i.digest, e.seq, e.digest, e.raw FROM incarnations i
		JOIN vans w ON w.n = i.van LEFT JOIN entries e ON e.incarnation = i.n ORDER BY i.n, e.seq`)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	walked := map[ark.Incarnation]ark.Cursor{}
	for rows.Next() {
		var van ark.VanID
		var inc, end, digest, raw []byte
		var upTo ark.Seq
		var seq sql.NullInt64
		if err := rows.Scan(&van, &inc, &upTo, &end, &seq, &digest, &raw); err != nil {
			t.Fatal(err)
		}
		i := ark.Incarnation(inc)
		if _, known := h.cursors[i]; !known {
			h.incarnations[van]++
			h.cursors[i], walked[i] = ark.Cursor{Seq: upTo, Digest: ark.Digest(end)}, i.Start()
		}
		if !seq.Valid {
			continue
		}
		entries++
		if e, err := ark.DecodeEntry(raw); err == nil && (e.Kind == ark.KindAmend || e.Kind == ark.KindWithdraw || e.Kind == ark.KindHousehold) {
			h.said[e.ID]++
		}
		next := walked[i].Next(raw)
		if next.Seq != ark.Seq(seq.Int64) || next.Digest != ark.Digest(digest) {
			t.Fatalf("%s: after entry %d comes %d with another digest than its entries make", van, walked[i].Seq, seq.Int64)
		}
		walked[i] = next
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	for i, c := range h.cursors {
		if c != walked[i] {
			t.Errorf("the cursor says %d, the entries end at %d", c.Seq, walked[i].Seq)
		}
	}
	return entries
}

func (h *atHub) readVisits(t testing.TB, tx *sql.Tx) {
	t.Helper()
	rows, err := tx.Query(`SELECT v.id, w.id, i.incarnation, v.seq, e.raw FROM visits v JOIN incarnations i ON i.n = v.incarnation
		JOIN vans w ON w.n = i.van JOIN entries e ON e.incarnation = v.incarnation AND e.seq = v.seq ORDER BY v.position`)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	for rows.Next() {
		var v visitAtHub
		var id, inc, raw []byte
		if err := rows.Scan(&id, &v.van, &inc, &v.seq, &raw); err != nil {
			t.Fatal(err)
		}
		v.id, v.inc = ark.ID(id), ark.Incarnation(inc)
		e, err := ark.DecodeEntry(raw)
		if err != nil || e.ID != v.id {
			t.Fatalf("visit %s points at entry %s: %v", v.id, e.ID, err)
		}
		body, err := ark.DecodeBody(e.Kind, e.Body)
		if err != nil {
			t.Fatal(err)
		}
		v.place = body.(ark.Visit).Place
		h.visits = append(h.visits, v)
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
}

// readStates reads what became of visits and households.
func (h *atHub) readStates(t testing.TB, tx *sql.Tx) {
	t.Helper()
	rows, err := tx.Query("SELECT visit, last, withdrawn FROM visit_states UNION ALL SELECT rev, rev, 2 FROM household_editions")
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	for rows.Next() {
		var id, last []byte
		var is int
		if err := rows.Scan(&id, &last, &is); err != nil {
			t.Fatal(err)
		}
		if is == 2 {
			h.editions[ark.ID(id)]++
			continue
		}
		h.states[ark.ID(id)], h.withdrawn[ark.ID(id)] = ark.ID(last), is == 1
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
}

// compareSaid holds what phones said after visits against the hub. The caller
// holds b.mu.
func (h atHub) compareSaid(t testing.TB, b *book) {
	t.Helper()
	for id := range h.said {
		if b.said[id] == nil {
			t.Errorf("the hub has entry %s, which nobody said", id)
		}
	}
	for id, s := range b.said {
		if h.said[id] > 1 || s.saved && h.said[id] != 1 {
			t.Errorf("%v %s was called saved: %v; it is %d times at the hub", s.kind, id, s.saved, h.said[id])
		}
		if s.kind == ark.KindHousehold && s.saved && h.editions[id] != 1 {
			t.Errorf("household %q has %d editions by its edit at the hub, want 1", s.words, h.editions[id])
		}
	}
	for about, id := range b.last {
		s := b.said[id]
		if s.kind == ark.KindHousehold || !s.saved {
			continue
		}
		if h.states[about] != id || h.withdrawn[about] != (s.kind == ark.KindWithdraw) {
			t.Errorf("%s: the hub's newest entry about it is %s, withdrawn %v; want %s, %v", b.sent[about].place(), h.states[about], h.withdrawn[about], id, s.kind)
		}
	}
}

// compare holds a hub against the crews' book: every visit that was called
// saved is there once, none that was never sent, each worker's in the order
// of their making; and nothing happened that kills and cuts must not cause.
func (h atHub) compare(t testing.TB, b *book) {
	t.Helper()
	b.mu.Lock()
	defer b.mu.Unlock()
	seen := map[ark.ID]int{}
	type worker struct {
		van ark.VanID
		n   int
	}
	last := map[worker]int{}
	for _, v := range h.visits {
		seen[v.id]++
		n, known := b.sent[v.id]
		if !known || n.van != v.van || n.place() != v.place {
			t.Errorf("the hub has %q of %s, which nobody sent", v.place, v.van)
			continue
		}
		w := worker{n.van, n.worker}
		if n.n < last[w] {
			t.Errorf("%s stands at the hub after visit %d of the same worker", n.place(), last[w])
		}
		last[w] = n.n
	}
	for _, id := range b.order {
		if n := b.sent[id]; seen[id] > 1 || (n.saved && seen[id] != 1) {
			t.Errorf("%s was called saved: %v; it is %d times at the hub", n.place(), n.saved, seen[id])
		}
	}
	h.compareSaid(t, b)
	for van, n := range h.incarnations {
		if n != 1 {
			t.Errorf("%s has %d incarnations, want 1", van, n)
		}
	}
	if h.forks+h.gaps+h.quarantined != 0 {
		t.Errorf("%d forks, %d gaps, %d in quarantine; want none", h.forks, h.gaps, h.quarantined)
	}
}

// copyDB copies a database that nobody uses, with its log, into a folder of
// the test: looking at it must not mend it.
func copyDB(t testing.TB, path string) string {
	t.Helper()
	to := filepath.Join(t.TempDir(), filepath.Base(path))
	if strings.ContainsAny(to, "?#%") {
		t.Fatalf("%s cannot be said in a URI", to)
	}
	for _, suffix := range []string{"", "-wal"} {
		data, err := os.ReadFile(path + suffix)
		if os.IsNotExist(err) {
			continue
		}
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(to+suffix, data, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return to
}

// intact opens a copy of a database for writing, which recovers it, and has
// it checked to the last page.
func intact(path string) (*sql.DB, error) {
	db, err := sql.Open("sqlite", "file:"+path+"?_pragma=busy_timeout(5000)")
	if err != nil {
		return nil, err
	}
	db.SetMaxOpenConns(1)
	var verdict string
	if err := db.QueryRow("PRAGMA integrity_check").Scan(&verdict); err != nil || verdict != "ok" {
		db.Close()
		return nil, fmt.Errorf("integrity_check of %s: %s %w", filepath.Base(path), verdict, err)
	}
	return db, nil
}

func (h atHub) String() string {
	n := 0
	for _, c := range h.cursors {
		n += int(c.Seq)
	}
	return fmt.Sprintf("%d visits in %d entries of %d vans", len(h.visits), n, len(h.incarnations))
}
