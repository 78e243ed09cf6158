package store

import (
	"context"
	"database/sql"
	"fmt"

	"ark"
	"ark/agent"
)

// Log writes a visit and its journal entry durably. The same id again is no
// new visit; with other words under it, it is agent.ErrTaken (how old it is
// and from which phone it came are no words of it). Other errors
// wrap agent.ErrDiskFull, ErrReadOnly or ErrBroken, or are ark's Check errors.
// With any error nothing was kept.
func (s *Store) Log(ctx context.Context, id ark.ID, v ark.Visit) error {
	if err := v.Check(); err != nil {
		return err
	}
	return s.Append(ctx, agent.Record{ID: id, Kind: ark.KindVisit, Body: v})
}

// Recent lists the newest visits first, as they are now; those that were
// withdrawn are left out.
func (s *Store) Recent(ctx context.Context, limit int) ([]agent.Visit, error) {
	logged, err := s.logged(ctx, "withdrawn IS NULL ORDER BY n DESC LIMIT $1", limit)
	var all []agent.Visit
	for _, l := range logged {
		all = append(all, agent.Visit{Visit: l.Visit, ID: l.ID, At: l.At, AtHub: l.AtHub})
	}
	return all, err
}

// row is a visit as the card holds it.
type row struct {
	raw, now, last    []byte
	seq               ark.Seq
	held              bool
	step              sql.NullInt64
	withdrawn         sql.NullString
	amended           int
	state             ark.ReviewState
	comment, reviewer string
	reviewed          int64
}

const rowColumns = "raw, now, last, seq, held, step, withdrawn, amended, state, comment, reviewer, reviewed"

func (r *row) into() []any {
	return []any{&r.raw, &r.now, &r.last, &r.seq, &r.held, &r.step, &r.withdrawn, &r.amended, &r.state, &r.comment, &r.reviewer, &r.reviewed}
}

// logged reads visits by what follows WHERE. One that is damaged is passed
// over.
func (s *Store) logged(ctx context.Context, where string, args ...any) ([]agent.Logged, error) {
	db, err := s.reading()
	if err != nil {
		return nil, err
	}
	rows, err := db.QueryContext(ctx, "SELECT "+rowColumns+" FROM visits WHERE "+where, args...)
	if err != nil {
		return nil, fmt.Errorf("read visits: %w", s.readFailed(err))
	}
	all, err := collect(rows, (*row).into)
	if err != nil {
		return nil, fmt.Errorf("read visits: %w", s.readFailed(err))
	}
	return s.asLogged(all), nil
}

func (s *Store) asLogged(rows []row) []agent.Logged {
	acked := s.ackedNow()
	var all []agent.Logged
	for _, r := range rows {
		l, err := r.logged(acked)
		if err != nil {
			s.c.Log.Error("a visit on the card is damaged; the others are shown", "seq", r.seq, "err", err)
			continue
		}
		all = append(all, l)
	}
	return all
}

func (s *Store) ackedNow() ark.Seq {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.acked.Seq
}

// atHub tells whether the hub has what stands at a place.
func atHub(held bool, seq, acked ark.Seq) bool { return held || seq > 0 && seq <= acked }

func (r row) logged(acked ark.Seq) (l agent.Logged, err error) {
	e, first, err := decodeEntry[ark.Visit](r.raw)
	if err != nil {
		return l, err
	}
	l = agent.Logged{Visit: first, ID: e.ID, At: e.At, AtHub: atHub(r.held, r.seq, acked), Last: ark.ID(r.last), Amended: r.amended,
		Withdrawn: r.withdrawn.Valid, Why: r.withdrawn.String,
		Review: r.state, Comment: r.comment, Reviewer: r.reviewer, Reviewed: ark.UnixMilli(r.reviewed)}
	l.Made, l.Doubtful = made(first, e.At, r.step)
	if r.now == nil {
		return l, nil
	}
	_, a, err := decodeEntry[ark.Amend](r.now)
	l.Visit = a.Now
	return l, err
}

// made is when a visit was made, and whether that is to be doubted. step, if
// it is known, is by how much the clock of its stamp was behind.
func made(v ark.Visit, at ark.Stamp, step sql.NullInt64) (ark.UnixMilli, bool) {
	if step.Valid {
		v, at = v.Behind(at, step.Int64)
	}
	return v.MadeAt(at), v.Doubtful(at)
}

func decodeEntry[T any](raw []byte) (e ark.Entry, b T, err error) {
	if e, err = ark.DecodeEntry(raw); err != nil {
		return e, b, err
	}
	body, err := ark.DecodeBody(e.Kind, e.Body)
	if err != nil {
		return e, b, err
	}
	b, ok := body.(T)
	if !ok {
		return e, b, fmt.Errorf("the entry is a %v", e.Kind)
	}
	return e, b, nil
}
