package store

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"hash"

	"ark/internal/database"
)

// table is one that a move copies; key orders its rows.
type table struct{ name, key string }

// tables are those that a move copies, each behind those that it refers to.
var tables = []table{
	{"vans", "n"}, {"incarnations", "n"}, {"entries", "incarnation, seq"}, {"applied", "id"}, {"clocks", "van, boot"},
	{"quarantine", "incarnation, seq"}, {"gaps", "incarnation, first"}, {"forks", "incarnation, seq, theirs"},
	{"broadcasts", "id"}, {"order_journals", "van"}, {"order_entries", "van, seq"}, {"orders", "position"},
	{"editions", "id, version"}, {"withdrawn", "id"}, {"languages", "place"}, {"libraries", "version"},
	{"plan_items", "id"}, {"plan_vans", "item, van"}, {"plan_versions", "van"}, {"settings", "van"},
	{"visit_places", "n"}, {"visits", "position"}, {"visit_tallies", "place, van, kind, value"}, {"visit_cells", "place, van, cell, state, outcome"}, {"visit_need_cells", "value, cell, state, outcome"},
	{"visit_days", "kind, street, day, community, van, outcome, state, value"}, {"visit_entries", "visit, id"}, {"visit_states", "visit"}, {"reviews", "n"}, {"visit_comments", "n"}, {"visit_assignments", "n"}, {"visit_moves", "changed"},
	{"attachments", "content, van"}, {"contents", "content"},
	{"households", "id"}, {"household_editions", "household, n"}, {"areas", "van"}, {"told", "van, household"}, {"due", "van, household"},
	{"crew", "id"}, {"crew_vans", "member, van"}, {"phones", "van, id"}, {"roster_versions", "kind, van"}, {"forms", "version"},
	{"accounts", "name"}, {"recovery_codes", "account, hash"}, {"passkeys", "id"}, {"sessions", "key"}, {"tokens", "hash"}, {"saved_views", "id"},
	{"audit", "seq"}, {"counters", "name"},
}

// seeded are the tables that have rows from the beginning.
var seeded = []string{"counters", "visit_places"}

// derived are the tables that a move makes anew of the visits and households:
// each kind of database has its own way to find words.
var derived = []string{"visit_marks", "visit_words", "household_words"}

// columnsOf are the columns of a table, in its order.
func columnsOf(ctx context.Context, q querier, name string) ([]string, error) {
	rows, err := q.QueryContext(ctx, "SELECT * FROM "+name+" LIMIT 0")
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	return rows.Columns()
}

// Content is what is in a table: how many rows, and a SHA-256 over all of
// them, which does not depend on the kind of database.
type Content struct {
	Rows int64
	Hash [sha256.Size]byte
}

// eachRow reads a table in the order of its key. The values are good until do
// returns.
func eachRow(ctx context.Context, q querier, t table, columns string, do func(row []any) error) (c Content, err error) {
	rows, err := q.QueryContext(ctx, "SELECT "+columns+" FROM "+t.name+" ORDER BY "+t.key)
	if err != nil {
		return c, err
	}
	defer rows.Close()
	names, err := rows.Columns()
	if err != nil {
		return c, err
	}
	row, into := make([]any, len(names)), make([]any, len(names))
	for i := range row {
		into[i] = &row[i]
	}
	checksum := newSum(columns)
	for rows.Next() {
		if err := rows.Scan(into...); err != nil {
			return c, err
		}
		for i, v := range row {
			if b, is := v.([]byte); is && b == nil {
				row[i] = []byte{} // so SQLite reads bytes of which there are none
			}
		}
		if err := checksum.row(row); err != nil {
			return c, err
		}
		if do != nil {
			if err := do(row); err != nil {
				return c, err
			}
		}
		c.Rows++
	}
	checksum.h.Sum(c.Hash[:0])
	return c, rows.Err()
}

// rowSum is SHA-256 over rows: of each value a letter for its kind, and then a
// number as 8 bytes, the highest first, or the length of text or bytes in the
// same way, and those.
type rowSum struct {
	h   hash.Hash
	buf []byte
}

func newSum(columns string) *rowSum {
	s := &rowSum{h: sha256.New()}
	s.h.Write([]byte(columns + "\n"))
	return s
}

func (s *rowSum) row(row []any) error {
	s.buf = s.buf[:0]
	for _, v := range row {
		switch v := v.(type) {
		case nil:
			s.buf = append(s.buf, 'n')
		case int64:
			s.buf = binary.BigEndian.AppendUint64(append(s.buf, 'i'), uint64(v))
		case string:
			v = database.Text(v)
			s.buf = append(binary.BigEndian.AppendUint64(append(s.buf, 't'), uint64(len(v))), v...)
		case []byte:
			s.buf = append(binary.BigEndian.AppendUint64(append(s.buf, 'b'), uint64(len(v))), v...)
		default:
			return fmt.Errorf("a value of type %T", v)
		}
	}
	s.h.Write(s.buf)
	return nil
}
