package store

import (
	"context"
	"database/sql"
	"fmt"

	"ark"
	"ark/hub"
	"ark/internal/database"
)

// OrderJournal is the state of a van's order journal. Orders are kept for
// good, so its base is its start.
func (s *Store) OrderJournal(ctx context.Context, van ark.VanID) (j hub.OrderJournal, ok bool, err error) {
	j, err = readOrderJournal(s.db.Read().QueryRowContext(ctx, orderJournalQuery, van))
	if noRows(err) {
		return j, false, nil
	}
	if err != nil {
		return j, false, fmt.Errorf("read order journal: %w", err)
	}
	return j, true, nil
}

const orderJournalQuery = "SELECT incarnation, acked_seq, acked_digest, last_seq, last_digest FROM order_journals WHERE van = $1"

func readOrderJournal(row *sql.Row) (j hub.OrderJournal, err error) {
	var inc, acked, last []byte
	if err := row.Scan(&inc, &j.Acked.Seq, &acked, &j.Last.Seq, &last); err != nil {
		return j, err
	}
	copy(j.Incarnation[:], inc)
	copy(j.Acked.Digest[:], acked)
	copy(j.Last.Digest[:], last)
	j.Base = j.Incarnation.Start()
	return j, nil
}

func (s *Store) newID() ark.ID {
	var r [10]byte
	s.random(r[:])
	return ark.NewID(ark.Milli(s.now()), r)
}

// AppendOrders appends one order for each van; see hub.OrderBook.
func (s *Store) AppendOrders(ctx context.Context, vans []ark.VanID, kind ark.Kind, body any) ([]ark.ID, error) {
	encoded, err := ark.EncodeBody(kind, body)
	if err != nil {
		return nil, fmt.Errorf("append orders: %w", err)
	}
	if !kind.Order() {
		return nil, fmt.Errorf("append orders: %s is no order", kind)
	}
	ids := make([]ark.ID, len(vans))
	err = s.db.Write(ctx, func(tx *database.Tx) error {
		for i, van := range vans {
			ids[i] = s.newID()
			if err := s.appendOrder(tx, van, ids[i], kind, encoded); err != nil {
				return fmt.Errorf("van %s: %w", van, err)
			}
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("append orders: %w", err)
	}
	s.tell(hub.Change{Orders: true})
	return ids, nil
}

func (s *Store) appendOrder(tx *database.Tx, van ark.VanID, id ark.ID, kind ark.Kind, body []byte) error {
	j, err := readOrderJournal(tx.QueryRow(orderJournalQuery, van))
	if noRows(err) {
		if j, err = s.beginOrders(tx, van); err != nil {
			return err
		}
	} else if err != nil {
		return err
	}
	at := ark.Stamp{Wall: id.Time(), Trusted: true}
	last, err := addOrder(tx, van, j.Last, ark.Entry{ID: id, Kind: kind, At: at, Body: body})
	if err != nil {
		return err
	}
	if _, err := tx.Exec("UPDATE order_journals SET last_seq = $1, last_digest = $2 WHERE van = $3", last.Seq, last.Digest[:], van); err != nil {
		return err
	}
	if kind == ark.KindHouseholds {
		body = []byte{} // nobody reads it here, and a whole area is large
	}
	_, err = tx.Exec("INSERT INTO orders (id, van, seq, kind, body, made) VALUES ($1, $2, $3, $4, $5, $6)",
		id[:], van, last.Seq, kind, body, at.Wall)
	return err
}

func (s *Store) beginOrders(tx *database.Tx, van ark.VanID) (hub.OrderJournal, error) {
	var r [16]byte
	s.random(r[:])
	j := hub.OrderJournal{Incarnation: ark.NewIncarnation(r)}
	j.Base = j.Incarnation.Start()
	j.Acked, j.Last = j.Base, j.Base
	_, err := tx.Exec(`INSERT INTO order_journals VALUES ($1, $2, 0, $3, 0, $3)
		ON CONFLICT (van) DO UPDATE SET incarnation = $2, acked_seq = 0, acked_digest = $3, last_seq = 0, last_digest = $3`,
		van, j.Incarnation[:], j.Base.Digest[:])
	return j, err
}

func addOrder(tx *database.Tx, van ark.VanID, last ark.Cursor, e ark.Entry) (ark.Cursor, error) {
	raw, err := ark.EncodeEntry(e)
	if err != nil {
		return last, err
	}
	next := last.Next(raw)
	_, err = tx.Exec("INSERT INTO order_entries VALUES ($1, $2, $3, $4, $5)", van, next.Seq, e.ID[:], next.Digest[:], raw)
	return next, err
}

// OrderEntries reads a run of a van's order journal; see hub.OrderBook.
func (s *Store) OrderEntries(ctx context.Context, van ark.VanID, from ark.Seq, n, size int) (prev ark.Digest, raws [][]byte, err error) {
	if prev, err = s.OrderDigest(ctx, van, from-1); err != nil {
		return prev, nil, err
	}
	rows, err := s.db.Read().QueryContext(ctx, "SELECT raw FROM order_entries WHERE van = $1 AND seq >= $2 ORDER BY seq LIMIT $3", van, from, n)
	if err != nil {
		return prev, nil, fmt.Errorf("read orders: %w", err)
	}
	defer rows.Close()
	for rows.Next() {
		var raw []byte
		if err := rows.Scan(&raw); err != nil {
			return prev, nil, fmt.Errorf("read orders: %w", err)
		}
		if size -= len(raw); size < 0 && len(raws) > 0 {
			break
		}
		raws = append(raws, raw)
	}
	return prev, raws, rows.Err()
}

// OrderDigest is the digest of a van's order journal at a place.
func (s *Store) OrderDigest(ctx context.Context, van ark.VanID, at ark.Seq) (d ark.Digest, err error) {
	if at == 0 {
		j, ok, err := s.OrderJournal(ctx, van)
		if err == nil && !ok {
			err = fmt.Errorf("van %s has no order journal", van)
		}
		return j.Base.Digest, err
	}
	var digest []byte
	err = s.db.Read().QueryRowContext(ctx, "SELECT digest FROM order_entries WHERE van = $1 AND seq = $2", van, at).Scan(&digest)
	if err != nil {
		return d, fmt.Errorf("read order digest at %d: %w", at, err)
	}
	copy(d[:], digest)
	return d, nil
}

// OrdersAcked notes receipts of vans.
func (s *Store) OrdersAcked(ctx context.Context, acks []hub.OrderAck) error {
	err := s.db.Write(ctx, func(tx *database.Tx) error {
		for _, a := range acks {
			_, err := tx.Exec("UPDATE order_journals SET acked_seq = $1, acked_digest = $2 WHERE van = $3 AND incarnation = $4",
				a.Cursor.Seq, a.Cursor.Digest[:], a.Van, a.Incarnation[:])
			if err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("note order receipts: %w", err)
	}
	s.tell(hub.Change{Orders: true})
	return nil
}

// LongOrders tells whether there are orders of households in a van's journal.
func (s *Store) LongOrders(ctx context.Context, van ark.VanID) (long bool, err error) {
	err = s.db.Read().QueryRowContext(ctx, "SELECT EXISTS (SELECT 1 FROM orders WHERE van = $1 AND kind = $2)", van, ark.KindHouseholds).Scan(&long)
	if err != nil {
		return false, fmt.Errorf("read orders: %w", err)
	}
	return long, nil
}

// RebeginOrders begins a new incarnation with every order under its id, but
// for those of households: of them the van is told anew, as they are.
func (s *Store) RebeginOrders(ctx context.Context, van ark.VanID) (j hub.OrderJournal, err error) {
	err = s.db.Write(ctx, func(tx *database.Tx) error {
		old, err := readOrderJournal(tx.QueryRow(orderJournalQuery, van))
		if err != nil {
			return err
		}
		entries, err := keptOrders(tx, van)
		if err != nil {
			return err
		}
		if _, err := tx.Exec("DELETE FROM order_entries WHERE van = $1", van); err != nil {
			return err
		}
		if _, err := tx.Exec("DELETE FROM orders WHERE van = $1 AND kind = $2", van, ark.KindHouseholds); err != nil {
			return err
		}
		if err := untell(tx, van); err != nil {
			return err
		}
		if j, err = s.beginOrders(tx, van); err != nil {
			return err
		}
		body, err := ark.EncodeBody(ark.KindBegun, ark.Begun{Why: ark.BegunFork, Previous: old.Incarnation,
			Ended: old.Last.Seq, Digest: old.Last.Digest, Receipted: old.Acked.Seq})
		if err != nil {
			return err
		}
		id := s.newID()
		first := ark.Entry{ID: id, Kind: ark.KindBegun, At: ark.Stamp{Wall: id.Time(), Trusted: true}, Body: body}
		for _, e := range append([]ark.Entry{first}, entries...) {
			if j.Last, err = addOrder(tx, van, j.Last, e); err != nil {
				return err
			}
			if _, err := tx.Exec("UPDATE orders SET seq = $1 WHERE id = $2", j.Last.Seq, e.ID[:]); err != nil {
				return err
			}
		}
		_, err = tx.Exec("UPDATE order_journals SET last_seq = $1, last_digest = $2 WHERE van = $3", j.Last.Seq, j.Last.Digest[:], van)
		return err
	})
	if err != nil {
		return j, fmt.Errorf("begin order journal anew: %w", err)
	}
	s.tell(hub.Change{Orders: true, Households: true})
	return j, nil
}

func keptOrders(tx *database.Tx, van ark.VanID) (all []ark.Entry, err error) {
	rows, err := tx.Query("SELECT raw FROM order_entries WHERE van = $1 ORDER BY seq", van)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		var raw []byte
		if err := rows.Scan(&raw); err != nil {
			return nil, err
		}
		e, err := ark.DecodeEntry(raw)
		if err != nil {
			return nil, err
		}
		if e.Kind != ark.KindBegun && e.Kind != ark.KindHouseholds {
			all = append(all, e)
		}
	}
	return all, rows.Err()
}
