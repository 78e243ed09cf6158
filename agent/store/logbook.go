package store

import (
	"context"
	"fmt"
	"strings"

	"ark"
	"ark/agent"
)

var _ agent.Logbook = (*Store)(nil)

// Amend says a visit anew under the entry's id: agent.ErrNotThere,
// ErrNotYours, ErrTooLate, or ErrStale where another entry about it came
// first; otherwise as Log. Whose it is and until when it may be amended goes by
// agent.MayAmend, at the time the amendment was made.
func (s *Store) Amend(ctx context.Context, id ark.ID, a ark.Amend) error {
	if err := a.Check(); err != nil {
		return err
	}
	after := a.After
	if after.IsZero() {
		after = a.Visit
	}
	return s.change(ctx, agent.Record{ID: id, Kind: ark.KindAmend, Body: a}, a.Visit, after, a.Now)
}

// Withdraw takes a visit back; errors as for Amend, but never ErrStale.
func (s *Store) Withdraw(ctx context.Context, id ark.ID, w ark.Withdrawal) error {
	if err := w.Check(); err != nil {
		return err
	}
	return s.change(ctx, agent.Record{ID: id, Kind: ark.KindWithdraw, Body: w}, w.Visit, ark.ID{}, ark.Visit{Member: w.By, Phone: w.Phone, Age: w.Age})
}

// change appends an entry about a visit if it may be: by is who and when, and
// after the entry that it follows.
func (s *Store) change(ctx context.Context, r agent.Record, visit, after ark.ID, by ark.Visit) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	now := by.MadeAt(s.c.Clock.Now())
	return s.append(ctx, func(t tx) error {
		v, err := s.loggedIn(t, visit)
		if err != nil {
			return err
		}
		form, err := formIn(t)
		if err != nil {
			return err
		}
		if r.Kind == ark.KindAmend && v.Amended >= agent.MaxAmended {
			return agent.ErrTooLate
		}
		if err := agent.MayAmend(v, form, now, by.Phone, by.Member); err != nil {
			return err
		}
		if !after.IsZero() && after != v.Last {
			return agent.ErrStale
		}
		return nil
	}, r)
}

// loggedIn reads a visit inside a transaction. The caller holds mu.
func (s *Store) loggedIn(t tx, id ark.ID) (agent.Logged, error) {
	var r row
	err := t.QueryRow("SELECT "+rowColumns+" FROM visits WHERE id = $1", id[:]).Scan(r.into()...)
	if noRows(err) {
		return agent.Logged{}, agent.ErrNotThere
	}
	if err != nil {
		return agent.Logged{}, fmt.Errorf("read visit: %w", err)
	}
	return r.logged(s.acked.Seq)
}

// Limits of a list of visits.
const (
	mostFound = 1000
	mostIDs   = 200
)

// Find lists visits, those that were returned first, then the newest first.
// One that is damaged is passed over.
func (s *Store) Find(ctx context.Context, f agent.VisitFilter) ([]agent.Logged, error) {
	if f.Limit < 1 || f.Limit > mostFound {
		return nil, fmt.Errorf("find visits: limit %d: want 1 to %d", f.Limit, mostFound)
	}
	where, args := filter(f)
	all, err := s.logged(ctx, where+" AND state = 2 ORDER BY made DESC, n DESC LIMIT $1", append([]any{f.Limit}, args...)...)
	if err != nil || f.Returned || len(all) >= f.Limit {
		return all, err
	}
	rest, err := s.logged(ctx, where+" AND state <> 2 ORDER BY made DESC, n DESC LIMIT $1", append([]any{f.Limit - len(all)}, args...)...)
	return append(all, rest...), err
}

// filter is a condition of SQL, with its arguments from $2 on.
func filter(f agent.VisitFilter) (where string, args []any) {
	parts := []string{"TRUE"}
	add := func(condition string, arg any) {
		args = append(args, arg)
		parts = append(parts, fmt.Sprintf(condition, len(args)+1))
	}
	if f.From != 0 {
		add("made >= $%d", int64(f.From))
	}
	if f.To != 0 {
		add("made < $%d", int64(f.To))
	}
	for _, c := range []struct {
		column string
		id     ark.ID
	}{{"phone", f.Phone}, {"member", f.Member}, {"household", f.Household}} {
		if !c.id.IsZero() {
			add(c.column+" = $%d", c.id[:])
		}
	}
	return strings.Join(parts, " AND "), args
}

// ByID reads visits, at most 200; those that are not on the van are left out.
func (s *Store) ByID(ctx context.Context, ids []ark.ID) ([]agent.Logged, error) {
	if len(ids) > mostIDs {
		return nil, fmt.Errorf("read visits: %w: %d, at most %d", ark.ErrTooBig, len(ids), mostIDs)
	}
	if len(ids) == 0 {
		return nil, nil
	}
	var marks []string
	var args []any
	for i, id := range ids {
		marks = append(marks, fmt.Sprintf("$%d", i+1))
		args = append(args, id[:])
	}
	return s.logged(ctx, "id IN ("+strings.Join(marks, ", ")+")", args...)
}

// History is a visit and all its entries, the oldest first; agent.ErrNotThere.
func (s *Store) History(ctx context.Context, id ark.ID) (agent.Logged, []agent.Edition, error) {
	db, err := s.reading()
	if err != nil {
		return agent.Logged{}, nil, err
	}
	t, err := db.BeginTx(ctx, nil) // one moment of it
	if err != nil {
		return agent.Logged{}, nil, fmt.Errorf("read visit: %w", s.readFailed(err))
	}
	defer t.Rollback()
	l, editions, err := s.history(t, id)
	if err != nil {
		return agent.Logged{}, nil, fmt.Errorf("read visit: %w", s.readFailed(err))
	}
	return l, editions, nil
}

func (s *Store) history(t moment, id ark.ID) (l agent.Logged, all []agent.Edition, err error) {
	acked := s.ackedNow()
	var r row
	var first ark.Seq
	err = t.QueryRow("SELECT first, "+rowColumns+" FROM visits WHERE id = $1", id[:]).Scan(append([]any{&first}, r.into()...)...)
	if noRows(err) {
		return l, nil, agent.ErrNotThere
	}
	if err != nil {
		return l, nil, err
	}
	if l, err = r.logged(acked); err != nil {
		return l, nil, err
	}
	_, v, err := decodeEntry[ark.Visit](r.raw)
	if err != nil {
		return l, nil, err
	}
	all = []agent.Edition{{Entry: id, At: l.At, Visit: v, AtHub: atHub(r.held, first, acked)}}
	if err := correct(t, &all[0], v.Age); err != nil {
		return l, nil, err
	}
	rows, err := t.Query("SELECT raw, seq, held FROM editions WHERE visit = $1 ORDER BY n", id[:])
	if err != nil {
		return l, nil, err
	}
	laters, err := collect(rows, func(x *later) []any { return []any{&x.raw, &x.seq, &x.held} })
	if err != nil {
		return l, nil, err
	}
	for _, x := range laters {
		e, err := x.edition(t, acked)
		if err != nil {
			return l, nil, err
		}
		all = append(all, e)
	}
	return l, all, nil
}

// later is an entry about a visit beside its first.
type later struct {
	raw  []byte
	seq  ark.Seq
	held bool
}

func (x later) edition(t moment, acked ark.Seq) (agent.Edition, error) {
	e, err := ark.DecodeEntry(x.raw)
	if err != nil {
		return agent.Edition{}, err
	}
	body, err := ark.DecodeBody(e.Kind, e.Body)
	if err != nil {
		return agent.Edition{}, err
	}
	edition, age := agent.Edition{Entry: e.ID, At: e.At, AtHub: atHub(x.held, x.seq, acked)}, int64(0)
	switch b := body.(type) {
	case ark.Amend:
		edition.Visit, edition.Why, age = b.Now, b.Why, b.Now.Age
	case ark.Withdrawal:
		edition.Withdrawn, edition.Why, age = true, b.Why, b.Age
	}
	return edition, correct(t, &edition, age)
}

// correct gives an entry about a visit the time that its boot learnt later,
// and says when it was made.
func correct(t moment, e *agent.Edition, age int64) error {
	var zero int64
	if !e.At.Trusted && e.At.Boot != (ark.BootID{}) {
		err := t.QueryRow("SELECT zero FROM clocks WHERE boot = $1", e.At.Boot[:]).Scan(&zero)
		if err != nil && !noRows(err) {
			return err
		}
		if err == nil {
			e.Visit, e.At = e.Visit.Behind(e.At, zero+e.At.Mono.Milliseconds()-int64(e.At.Wall))
		}
	}
	e.Made = e.At.Wall - ark.UnixMilli(age)
	return nil
}
