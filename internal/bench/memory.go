package main

import (
	"context"
	"errors"
	"sync"
	"time"

	"ark"
	"ark/agent"
)

// memory is a van journal that is not kept: entries with the times and ids
// that invented ones have, and not those of the moment.
type memory struct {
	inc     ark.Incarnation
	changed chan struct{}
	acks    chan struct{}

	mu      sync.Mutex
	raws    [][]byte
	cursors []ark.Cursor // before each entry, and at the end
	acked   ark.Cursor
}

func newMemory() *memory {
	m := &memory{inc: ark.NewIncarnation([16]byte{1}), changed: make(chan struct{}, 1), acks: make(chan struct{}, 1)}
	m.cursors = []ark.Cursor{m.inc.Start()}
	m.acked = m.inc.Start()
	return m
}

// add appends entries, all at once.
func (m *memory) add(t *bench, entries []ark.Entry) {
	m.mu.Lock()
	for _, e := range entries {
		raw, err := ark.EncodeEntry(e)
		t.check(err)
		m.raws = append(m.raws, raw)
		m.cursors = append(m.cursors, m.cursors[len(m.cursors)-1].Next(raw))
	}
	m.mu.Unlock()
	notify(m.changed)
}

// await waits until all was receipted.
func (m *memory) await(t *bench) {
	patience := time.After(30 * time.Second)
	for {
		m.mu.Lock()
		all := m.acked == m.cursors[len(m.cursors)-1]
		m.mu.Unlock()
		if all {
			return
		}
		select {
		case <-m.acks:
		case <-patience:
			t.Fatal("no receipt for half a minute")
		}
	}
}

func notify(c chan struct{}) {
	select {
	case c <- struct{}{}:
	default:
	}
}

// The rest is uplink.Journal's.

func (m *memory) State() (inc ark.Incarnation, base, acked, last ark.Cursor, err error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.inc, m.cursors[0], m.acked, m.cursors[len(m.cursors)-1], nil
}

func (m *memory) Entries(_ context.Context, from ark.Seq, n, size int) (prev ark.Digest, raws [][]byte, err error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, raw := range m.raws[from-1 : min(int(from)-1+n, len(m.raws))] {
		if size -= len(raw); size < 0 && len(raws) > 0 {
			break
		}
		raws = append(raws, raw)
	}
	return m.cursors[from-1].Digest, raws, nil
}

func (m *memory) Digest(at ark.Seq) (ark.Digest, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.cursors[at].Digest, nil
}

func (m *memory) Acked(_ context.Context, c ark.Cursor) error {
	m.mu.Lock()
	m.acked = c
	m.mu.Unlock()
	notify(m.acks)
	return nil
}

func (m *memory) Rebegin(context.Context) error { return errors.New("a fork in a measurement") }
func (m *memory) Changed() <-chan struct{}      { return m.changed }

// noOrders is uplink.Orders for a van that gets none.
type noOrders struct{}

func (noOrders) Hearing(_ context.Context, inc ark.Incarnation) (ark.Cursor, error) {
	return inc.Start(), nil
}

func (noOrders) Heard(context.Context, ark.Incarnation, ark.Seq) (ark.Digest, bool, error) {
	return ark.Digest{}, false, nil
}

func (noOrders) Take(context.Context, ark.Incarnation, ark.Taken, ark.Cursor) ([]agent.OrderArrived, error) {
	return nil, nil
}
