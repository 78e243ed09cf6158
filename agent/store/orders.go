package store

import (
	"context"
	"fmt"

	"ark"
	"ark/agent"
)

// Hearing is up to where an incarnation of the order journal is committed
// here; for one never heard of, its start.
func (s *Store) Hearing(ctx context.Context, inc ark.Incarnation) (ark.Cursor, error) {
	db, err := s.reading()
	if err != nil {
		return ark.Cursor{}, err
	}
	c := inc.Start()
	var digest []byte
	err = db.QueryRowContext(ctx, "SELECT seq, digest FROM hearings WHERE incarnation = $1", inc[:]).Scan(&c.Seq, &digest)
	if noRows(err) {
		return c, nil
	}
	copy(c.Digest[:], digest)
	return c, s.readFailed(err)
}

// Heard is the digest of an order journal at a place, if it is known.
func (s *Store) Heard(ctx context.Context, inc ark.Incarnation, at ark.Seq) (d ark.Digest, known bool, err error) {
	db, err := s.reading()
	if err != nil {
		return d, false, err
	}
	var digest []byte
	err = db.QueryRowContext(ctx, "SELECT digest FROM heard WHERE incarnation = $1 AND seq = $2", inc[:], at).Scan(&digest)
	if noRows(err) {
		return d, false, nil
	}
	copy(d[:], digest)
	return d, err == nil, s.readFailed(err)
}

// The states of an order.
const (
	orderToDo       = 0
	orderDone       = 1
	orderQuarantine = 2
)

// keepHeard is how many digests of an order journal are kept for comparing.
const keepHeard = 1000

// Take commits what a Receiver took of an order journal, and returns the
// orders that are new and can be understood. The rest is in quarantine.
func (s *Store) Take(ctx context.Context, inc ark.Incarnation, taken ark.Taken, upTo ark.Cursor) ([]agent.OrderArrived, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	var fresh []agent.OrderArrived
	s.news = newsOf{}
	err := s.write(ctx, func(t tx) error {
		for _, e := range taken.Entries {
			order, ok, err := s.takeOrder(t, inc, e)
			if err != nil {
				return err
			}
			if ok {
				fresh = append(fresh, order)
			}
		}
		_, err := t.Exec("INSERT INTO hearings VALUES ($1, $2, $3) ON CONFLICT (incarnation) DO UPDATE SET seq = $2, digest = $3",
			inc[:], upTo.Seq, upTo.Digest[:])
		if err == nil && upTo.Seq > keepHeard {
			_, err = t.Exec("DELETE FROM heard WHERE incarnation = $1 AND seq < $2", inc[:], upTo.Seq-keepHeard)
		}
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("keep orders: %w", err)
	}
	s.tell(ctx)
	return fresh, nil
}

// takeOrder keeps an order, and tells whether the brain is to have it: it is
// new, it can be understood, and it is not done already by being kept.
func (s *Store) takeOrder(t tx, inc ark.Incarnation, e ark.TakenEntry) (agent.OrderArrived, bool, error) {
	_, err := t.Exec("INSERT INTO heard VALUES ($1, $2, $3) ON CONFLICT DO NOTHING", inc[:], e.Cursor.Seq, e.Cursor.Digest[:])
	if err != nil {
		return agent.OrderArrived{}, false, fmt.Errorf("note order: %w", err)
	}
	order, reason := understand(e.Raw)
	if order.Kind == ark.KindBegun {
		return order, false, nil
	}
	state, raw := orderToDo, e.Raw
	switch {
	case reason != "":
		state = orderQuarantine
	case standing(order.Kind):
		state, raw = orderDone, []byte{} // who lives where stays only where it can be forgotten
	}
	id := order.ID
	if id.IsZero() { // not even an id: kept under one made of its digest
		copy(id[:], e.Cursor.Digest[:])
	}
	res, err := t.Exec("INSERT INTO orders (id, kind, raw, state, reason) VALUES ($1, $2, $3, $4, $5) ON CONFLICT (id) DO NOTHING",
		id[:], order.Kind, raw, state, reason)
	if err != nil {
		return order, false, fmt.Errorf("keep order: %w", err)
	}
	fresh, err := res.RowsAffected()
	if err != nil || fresh == 0 || state != orderDone {
		return order, fresh > 0 && state == orderToDo, err
	}
	n, err := res.LastInsertId()
	if err != nil {
		return order, false, err
	}
	return order, false, s.apply(t, n, order.Body, bodyOf(e.Raw))
}

// bodyOf is the encoded body of an entry that was understood.
func bodyOf(raw []byte) []byte {
	e, err := ark.DecodeEntry(raw)
	if err != nil {
		return nil // it was understood: not reached
	}
	return e.Body
}

// understand decodes an order, or says why it cannot.
func understand(raw []byte) (agent.OrderArrived, string) {
	e, err := ark.DecodeEntry(raw)
	if err != nil {
		return agent.OrderArrived{}, err.Error()
	}
	order := agent.OrderArrived{ID: e.ID, Kind: e.Kind}
	if !e.Kind.Order() && e.Kind != ark.KindBegun {
		return order, "not an order: kind " + e.Kind.String()
	}
	if order.Body, err = ark.DecodeBody(e.Kind, e.Body); err != nil {
		return order, err.Error()
	}
	return order, ""
}

// ToDo lists the orders that were taken and not ended, oldest first: what the
// agent must be given again after a crash. Orders in quarantine that this
// release understands are released first; those that are done by taking them
// are done.
func (s *Store) ToDo(ctx context.Context) ([]agent.OrderArrived, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.db == nil {
		return nil, s.fault
	}
	var all []agent.OrderArrived
	s.news = newsOf{}
	err := s.write(ctx, func(t tx) error {
		open, err := openOrders(t)
		if err != nil {
			return err
		}
		for _, o := range open {
			order, reason := understand(o.raw)
			if reason != "" {
				continue
			}
			if standing(order.Kind) {
				if err := s.release(t, o, order.Body); err != nil {
					return err
				}
				continue
			}
			if _, err := t.Exec("UPDATE orders SET state = $1, reason = '' WHERE id = $2 AND state = $3", orderToDo, order.ID[:], orderQuarantine); err != nil {
				return err
			}
			all = append(all, order)
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("read open orders: %w", err)
	}
	s.tell(ctx)
	return all, nil
}

// release does a standing order that was in quarantine.
func (s *Store) release(t tx, o openOrder, b any) error {
	if err := s.apply(t, o.n, b, bodyOf(o.raw)); err != nil {
		return err
	}
	_, err := t.Exec("UPDATE orders SET state = $1, reason = '', raw = x'' WHERE n = $2", orderDone, o.n)
	return err
}

type openOrder struct {
	n   int64
	raw []byte
}

func openOrders(t tx) ([]openOrder, error) {
	rows, err := t.Query("SELECT n, raw FROM orders WHERE state <> 1 ORDER BY n")
	if err != nil {
		return nil, err
	}
	return collect(rows, func(o *openOrder) []any { return []any{&o.n, &o.raw} })
}
