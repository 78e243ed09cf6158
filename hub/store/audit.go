package store

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"sync"

	"ark"
	"ark/hub"
	"ark/internal/database"
)

// auditRecord is an entry of the record as it is hashed. Keys are never
// renumbered.
type auditRecord struct {
	Seq     int64             `cbor:"1,keyasint"`
	At      ark.UnixMilli     `cbor:"2,keyasint"`
	Who     string            `cbor:"3,keyasint"`
	Token   string            `cbor:"4,keyasint,omitempty"`
	From    string            `cbor:"5,keyasint,omitempty"`
	Verb    hub.Verb          `cbor:"6,keyasint"`
	Kind    string            `cbor:"7,keyasint"`
	Object  string            `cbor:"8,keyasint,omitempty"`
	Detail  map[string]string `cbor:"9,keyasint,omitempty"`
	Outcome hub.Outcome       `cbor:"10,keyasint"`
}

func recordOf(seq int64, d hub.Deed) auditRecord {
	return auditRecord{seq, ark.Milli(d.At), d.Who, d.Token, d.From, d.Verb, d.Object.Kind, d.Object.ID, d.Detail, d.Outcome}
}

func (r auditRecord) deed() hub.Deed {
	return hub.Deed{At: r.At.Time(), Who: r.Who, Token: r.Token, From: r.From, Verb: r.Verb, Object: hub.Object{Kind: r.Kind, ID: r.Object},
		Detail: r.Detail, Outcome: r.Outcome}
}

// auditHash is the hash of an entry that follows another.
func auditHash(before ark.Hash, body []byte) (h ark.Hash) {
	s := sha256.New()
	s.Write(before[:])
	s.Write(body)
	s.Sum(h[:0])
	return h
}

// note is a deed that waits to be on record.
type note struct {
	deed hub.Deed
	done chan struct{} // closed once it is, or cannot be
	err  error         // before done is closed
}

// notes are the deeds that wait. Whoever has the pen writes for all of them
// in one commit: a page costs its share of a disk's patience.
type notes struct {
	mu      sync.Mutex
	waiting []*note
	pen     chan struct{}
}

// mostNotes is how many deeds one commit takes: others write between.
const mostNotes = 256

func newNotes() notes { return notes{pen: make(chan struct{}, 1)} }

func (n *notes) add(one *note) {
	n.mu.Lock()
	n.waiting = append(n.waiting, one)
	n.mu.Unlock()
}

func (n *notes) take() []*note {
	n.mu.Lock()
	defer n.mu.Unlock()
	some := n.waiting[:min(len(n.waiting), mostNotes)]
	n.waiting = n.waiting[len(some):]
	return some
}

// Note puts a deed on record; see hub.Audit. One whose context ends while it
// waits may yet be on record.
func (s *Store) Note(ctx context.Context, d hub.Deed) error {
	if d.At.IsZero() {
		d.At = s.now()
	}
	one := &note{deed: d.Plain(), done: make(chan struct{})}
	s.notes.add(one)
	for {
		select {
		case <-one.done:
			return one.err
		case <-ctx.Done():
			return fmt.Errorf("put on record: %w", ctx.Err())
		case s.notes.pen <- struct{}{}:
			s.writeWaiting()
		}
	}
}

// writeWaiting has the pen, and puts it down whatever happens.
func (s *Store) writeWaiting() {
	defer func() { <-s.notes.pen }()
	s.writeNotes(s.notes.take())
}

// writeNotes writes deeds in one transaction, whoever of those who wait has
// gone meanwhile. Nobody waits on if it breaks off.
func (s *Store) writeNotes(some []*note) {
	if len(some) == 0 {
		return
	}
	err := errBrokeOff
	defer func() {
		for _, n := range some {
			n.err = err
			close(n.done)
		}
	}()
	if err = s.appendNotes(some); err != nil {
		err = fmt.Errorf("put on record: %w", err)
	}
}

var errBrokeOff = errors.New("put on record: whoever wrote broke off")

func (s *Store) appendNotes(some []*note) error {
	return s.db.Write(context.Background(), func(tx *database.Tx) error {
		head, err := auditHeadIn(tx)
		if err != nil {
			return err
		}
		for _, n := range some {
			if head, err = appendNote(tx, head, n.deed); err != nil {
				return err
			}
		}
		return nil
	})
}

func appendNote(tx *database.Tx, head hub.AuditHead, d hub.Deed) (hub.AuditHead, error) {
	r := recordOf(head.Seq+1, d)
	body, err := ark.EncodeCanonical(r)
	if err != nil {
		return head, err
	}
	next := hub.AuditHead{Seq: r.Seq, Hash: auditHash(head.Hash, body), At: r.At.Time()}
	_, err = tx.Exec("INSERT INTO audit (seq, at, who, verb, kind, object, outcome, body, hash) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
		r.Seq, r.At, r.Who, string(r.Verb), r.Kind, r.Object, string(r.Outcome), body, next.Hash[:])
	return next, err
}

const auditHeadQuery = "SELECT seq, at, hash FROM audit ORDER BY seq DESC LIMIT 1"

func auditHeadIn(tx *database.Tx) (hub.AuditHead, error) {
	return auditHeadOf(tx.QueryRow(auditHeadQuery))
}

func auditHeadOf(row interface{ Scan(...any) error }) (hub.AuditHead, error) {
	h := hub.AuditHead{Hash: hub.AuditGenesis}
	var at int64
	var hash []byte
	err := row.Scan(&h.Seq, &at, &hash)
	if noRows(err) {
		return h, nil
	}
	if err != nil {
		return h, err
	}
	copy(h.Hash[:], hash)
	h.At = fromMilli(at)
	return h, nil
}

// AuditHead is the newest entry of the record.
func (s *Store) AuditHead(ctx context.Context) (hub.AuditHead, error) {
	h, err := auditHeadOf(s.db.Read().QueryRowContext(ctx, auditHeadQuery))
	if err != nil {
		return h, fmt.Errorf("read the record's head: %w", err)
	}
	return h, nil
}
