package store

import (
	"context"
	"fmt"
	"log/slog"

	"ark"
)

func (s *Store) newIncarnation() ark.Incarnation {
	var r [16]byte
	s.c.Random(r[:])
	return ark.NewIncarnation(r)
}

// beginFirst begins the journal of a new card.
func (s *Store) beginFirst(ctx context.Context) error {
	return s.begin(ctx, ark.Begun{Why: ark.BegunNew, Release: s.c.Release}, nil)
}

// kept is an entry that goes over into a new incarnation.
type kept struct {
	entry ark.Entry
	held  bool
	seq   ark.Seq // where it stood; 0: not known
}

// begin replaces the journal by a new incarnation: its first entry says why,
// then come the kept entries under their own ids, so that the hub, which
// knows them by id, applies none twice.
func (s *Store) begin(ctx context.Context, why ark.Begun, entries []kept) error {
	inc := s.newIncarnation()
	start := inc.Start()
	last := start
	err := s.write(ctx, func(t tx) error {
		if err := displace(t, s.acked.Seq); err != nil {
			return err
		}
		for _, q := range []string{"DELETE FROM entries", "DELETE FROM journal", "DELETE FROM receipts"} {
			if _, err := t.Exec(q); err != nil {
				return fmt.Errorf("begin incarnation: %w", err)
			}
		}
		if _, err := t.Exec("INSERT INTO journal VALUES (1, $1, 0, $2, 0, $2)", inc[:], start.Digest[:]); err != nil {
			return fmt.Errorf("begin incarnation: %w", err)
		}
		body, err := ark.EncodeBody(ark.KindBegun, why)
		if err != nil {
			return err
		}
		at := s.c.Clock.Now()
		first := ark.Entry{ID: s.newID(at.Wall), Kind: ark.KindBegun, At: at, Body: body}
		if last, _, err = s.add(t, start, first, false); err != nil {
			return err
		}
		for _, k := range entries {
			if last, _, err = s.add(t, last, k.entry, k.held); err != nil {
				return err
			}
		}
		return saveViewed(t, inc, last.Seq)
	})
	if err != nil {
		return err
	}
	s.inc, s.base, s.acked, s.ackedOnCard, s.last = inc, start, start, start, last
	s.viewed, s.viewedSaved = last.Seq, last.Seq
	level := slog.LevelWarn
	if why.Why == ark.BegunNew {
		level = slog.LevelInfo
	}
	s.c.Log.Log(ctx, level, "a new incarnation of the journal", "why", why.Why, "incarnation", inc, "previous", why.Previous,
		"ended", why.Ended, "unreadable", why.Unreadable, "entries", last.Seq)
	return nil
}

// Rebegin begins a new incarnation because the hub holds another history of
// this one. Every entry still kept goes along.
func (s *Store) Rebegin(ctx context.Context) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.db == nil {
		return s.fault
	}
	entries, unreadable, err := s.all(ctx)
	if err != nil {
		s.giveUp(err)
		return fmt.Errorf("begin anew: %w", told(err))
	}
	why := ark.Begun{Why: ark.BegunFork, Previous: s.inc, Ended: s.last.Seq, Digest: s.last.Digest, Receipted: s.acked.Seq,
		Unreadable: unreadable, Release: s.c.Release, Pruned: s.base.Seq}
	if err := s.begin(ctx, why, entries); err != nil {
		return fmt.Errorf("begin anew: %w", err)
	}
	s.notify()
	return nil
}

// all reads every entry that goes over into a new incarnation. One that is
// damaged in itself is read from the view, if that has it; else it is counted
// and passed over: it must not hold the others.
func (s *Store) all(ctx context.Context) (entries []kept, unreadable int64, err error) {
	rows, err := s.db.Read().QueryContext(ctx, `SELECT e.seq, e.raw, coalesce(v.raw, d.raw, x''), e.held FROM entries e
		LEFT JOIN visits v ON v.id = e.id LEFT JOIN editions d ON d.id = e.id ORDER BY e.seq`)
	if err != nil {
		return nil, 0, err
	}
	defer rows.Close()
	for rows.Next() {
		var seq ark.Seq
		var raw, again []byte
		var held bool
		if err := rows.Scan(&seq, &raw, &again, &held); err != nil {
			return nil, 0, err
		}
		e, err := ark.DecodeEntry(raw)
		if err != nil {
			e, err = ark.DecodeEntry(again)
		}
		if err != nil {
			s.c.Log.Error("an entry on the card is damaged and does not go along", "seq", seq, "err", err)
			unreadable++
			continue
		}
		entries = append(entries, kept{e, held || seq <= s.acked.Seq, seq})
	}
	return entries, unreadable, rows.Err()
}
