package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"ark"
	"ark/agent"
	"ark/internal/database"
)

type tx = *database.Tx

// moment is the database at one moment: a [tx], or a transaction that reads.
type moment interface {
	Prepare(query string) (*sql.Stmt, error)
	Query(query string, args ...any) (*sql.Rows, error)
	QueryRow(query string, args ...any) *sql.Row
}

func noRows(err error) bool { return errors.Is(err, sql.ErrNoRows) }

// Append writes entries to the journal in one transaction, with all that
// follows from them. An entry that is already there under its id is passed
// over; another one under its id is agent.ErrTaken, and nothing is written.
func (s *Store) Append(ctx context.Context, records ...agent.Record) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.append(ctx, nil, records...)
}

// append is Append for who holds mu. may, if it is given, is asked before a
// record that is new is written, and its error is the answer.
func (s *Store) append(ctx context.Context, may func(tx) error, records ...agent.Record) error {
	now, last := s.c.Clock.Now(), s.last
	err := s.write(ctx, func(t tx) (err error) {
		last = s.last
		for _, d := range records {
			if last, err = s.appendOne(t, last, now, may, d); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("append to journal: %w", err)
	}
	s.last, s.viewed = last, last.Seq
	s.notify()
	return nil
}

func (s *Store) appendOne(t tx, last ark.Cursor, now ark.Stamp, may func(tx) error, d agent.Record) (ark.Cursor, error) {
	body, err := ark.EncodeBody(d.Kind, d.Body)
	if err != nil {
		return last, err
	}
	at := d.At
	if at == (ark.Stamp{}) {
		at = now
	}
	if d.ID.IsZero() {
		d.ID = s.newID(at.Wall)
	} else if may != nil {
		if known, err := s.known(t, d.ID, d.Kind, body); known || err != nil {
			return last, err
		}
	}
	if may != nil {
		if err := may(t); err != nil {
			return last, err
		}
	}
	next, added, err := s.insert(t, s.often.append, last, ark.Entry{ID: d.ID, Kind: d.Kind, At: at, Body: body}, false)
	if err != nil {
		return last, err
	}
	if !added {
		if known, err := s.known(t, d.ID, d.Kind, body); known || err != nil {
			return last, err
		}
		return last, fmt.Errorf("entry %s is neither new nor known", d.ID)
	}
	return next, s.follow(t, d.Body, body)
}

// add inserts one entry after last, and keeps the view. One that the journal
// has already must say the same.
func (s *Store) add(t tx, last ark.Cursor, e ark.Entry, held bool) (ark.Cursor, bool, error) {
	next, added, err := s.insert(t, s.often.insert, last, e, held)
	if err == nil && !added {
		err = same(t, e)
	}
	return next, added, err
}

const (
	insertEntry = "INSERT INTO entries (seq, id, kind, raw, digest, held) VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (id) DO NOTHING"
	// appendEntry passes over all that known knows, which is looked up only then.
	appendEntry = `INSERT INTO entries (seq, id, kind, raw, digest, held) SELECT $1, $2, $3, $4, $5, $6
	WHERE NOT EXISTS (SELECT 1 FROM visits WHERE id = $2) AND NOT EXISTS (SELECT 1 FROM editions WHERE id = $2)
	AND NOT EXISTS (SELECT 1 FROM edits WHERE id = $2) ON CONFLICT (id) DO NOTHING`
)

// insert inserts one entry after last and keeps the view, unless how passes
// over it: then the answer is last and false.
func (s *Store) insert(t tx, how *database.Stmt, last ark.Cursor, e ark.Entry, held bool) (ark.Cursor, bool, error) {
	raw, err := ark.EncodeEntry(e)
	if err != nil {
		return last, false, err
	}
	next := last.Next(raw)
	res, err := how.Exec(t, next.Seq, e.ID[:], e.Kind, raw, next.Digest[:], held)
	if err != nil {
		return last, false, fmt.Errorf("insert entry: %w", err)
	}
	if n, err := res.RowsAffected(); err != nil || n == 0 {
		return last, false, err
	}
	return next, true, s.view(t, next.Seq, e, raw, held)
}

// same makes sure that an entry that is there already says what e says:
// otherwise e would seem kept and is not.
func same(t tx, e ark.Entry) error {
	var raw []byte
	if err := t.QueryRow("SELECT raw FROM entries WHERE id = $1", e.ID[:]).Scan(&raw); err != nil {
		return fmt.Errorf("read entry: %w", err)
	}
	return sameAs(raw, e.ID, e.Kind, e.Body)
}

// follow keeps what an entry changes: which broadcasts and orders are open.
func (s *Store) follow(t tx, body any, encoded []byte) error {
	var order ark.ID
	ended := true
	switch b := body.(type) {
	case ark.AsRun:
		order, ended = b.Trigger.Order, b.State.Ended()
		query, args := "DELETE FROM unfinished WHERE broadcast = $1", []any{b.Broadcast[:]}
		if !ended {
			query, args = "INSERT INTO unfinished VALUES ($1, $2) ON CONFLICT (broadcast) DO UPDATE SET body = $2", append(args, encoded)
		}
		if _, err := t.Exec(query, args...); err != nil {
			return fmt.Errorf("note broadcast: %w", err)
		}
	case ark.OrderState:
		order, ended = b.Order, b.State.Ended()
	}
	if order.IsZero() || !ended {
		return nil
	}
	if _, err := t.Exec("UPDATE orders SET state = 1 WHERE id = $1 AND state = 0", order[:]); err != nil {
		return fmt.Errorf("note order: %w", err)
	}
	return nil
}

func (s *Store) newID(wall ark.UnixMilli) ark.ID {
	var r [10]byte
	s.c.Random(r[:])
	return ark.NewID(wall, r)
}

// State is what a Sender starts from.
func (s *Store) State() (inc ark.Incarnation, base, acked, last ark.Cursor, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.inc, s.base, s.acked, s.last, s.fault
}

// Entries reads a run of entries from a place on: at most n, at most size
// bytes, but at least one if there is one. prev is the digest before it.
func (s *Store) Entries(ctx context.Context, from ark.Seq, n, size int) (prev ark.Digest, raws [][]byte, err error) {
	read, err := s.reading()
	if err != nil {
		return prev, nil, err
	}
	if prev, err = s.Digest(from - 1); err != nil {
		return prev, nil, err
	}
	rows, err := read.entries.QueryContext(ctx, from, n)
	if err != nil {
		return prev, nil, fmt.Errorf("read entries: %w", s.readFailed(err))
	}
	defer rows.Close()
	for rows.Next() {
		var raw []byte
		if err := rows.Scan(&raw); err != nil {
			return prev, nil, fmt.Errorf("read entries: %w", s.readFailed(err))
		}
		if size -= len(raw); size < 0 && len(raws) > 0 {
			break
		}
		raws = append(raws, raw)
	}
	if err := rows.Err(); err != nil {
		return prev, nil, fmt.Errorf("read entries: %w", s.readFailed(err))
	}
	return prev, raws, nil
}

// reading is what a reader needs: all readers, and what is prepared on them.
func (s *Store) reading() (reader, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.db == nil {
		return reader{}, s.fault
	}
	return reader{s.db.Read(), s.often}, nil
}

type reader struct {
	*sql.DB
	often
}

// Digest is the journal's running digest at a place between base and last.
func (s *Store) Digest(at ark.Seq) (d ark.Digest, err error) {
	s.mu.Lock()
	base, last, inc := s.base, s.last, s.inc
	s.mu.Unlock()
	switch at {
	case last.Seq:
		return last.Digest, nil
	case base.Seq:
		return base.Digest, nil
	case 0:
		return inc.Start().Digest, nil
	}
	db, err := s.reading()
	if err != nil {
		return d, err
	}
	var b []byte
	if err := db.digest.QueryRow(at).Scan(&b); err != nil {
		return d, fmt.Errorf("read digest at %d: %w", at, s.readFailed(err))
	}
	copy(d[:], b)
	return d, nil
}

// Unfinished lists the broadcasts that were under way when the agent ended.
func (s *Store) Unfinished(ctx context.Context) ([]ark.AsRun, error) {
	db, err := s.reading()
	if err != nil {
		return nil, err
	}
	rows, err := db.QueryContext(ctx, "SELECT body FROM unfinished ORDER BY broadcast")
	if err != nil {
		return nil, fmt.Errorf("read unfinished broadcasts: %w", s.readFailed(err))
	}
	defer rows.Close()
	var all []ark.AsRun
	for rows.Next() {
		var raw []byte
		if err := rows.Scan(&raw); err != nil {
			return nil, fmt.Errorf("read unfinished broadcasts: %w", s.readFailed(err))
		}
		body, err := ark.DecodeBody(ark.KindBroadcast, raw)
		if err != nil {
			return nil, err
		}
		all = append(all, body.(ark.AsRun))
	}
	return all, s.readFailed(rows.Err())
}
