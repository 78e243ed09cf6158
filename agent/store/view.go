package store

import (
	"bytes"
	"context"
	"database/sql"
	"errors"
	"fmt"

	"ark"
	"ark/agent"
)

// view keeps what the crew sees of an entry: visits, households, phones and
// clocks as they are now. It is part of every commit that adds an entry, and
// seeing one again changes nothing but its place.
func (s *Store) view(t tx, seq ark.Seq, e ark.Entry, raw []byte, held bool) error {
	switch e.Kind {
	case ark.KindVisit, ark.KindAmend, ark.KindWithdraw, ark.KindClock, ark.KindHousehold, ark.KindPhone:
	default:
		return nil
	}
	body, err := ark.DecodeBody(e.Kind, e.Body)
	if err != nil { // it goes to the hub as it is
		s.c.Log.Error("an entry cannot be shown on the van", "seq", seq, "kind", e.Kind.String(), "err", err)
		return nil
	}
	switch b := body.(type) {
	case ark.Visit:
		err = s.viewVisit(t, seq, e, b, raw, held)
	case ark.Amend:
		err = s.viewAmend(t, seq, e, b, raw, held)
	case ark.Withdrawal:
		err = viewWithdrawal(t, seq, e, b, raw, held)
	case ark.Clock:
		err = viewClock(t, e.At, b)
	case ark.HouseholdEdit:
		_, err = t.Exec("INSERT INTO edits (id, household, body) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING", e.ID[:], b.Now.ID[:], e.Body)
	case ark.Phone:
		err = viewPhone(t, b)
	}
	if err != nil {
		return fmt.Errorf("view of %v: %w", e.Kind, err)
	}
	return nil
}

// optional is an id as a column holds it: NULL for none.
func optional(id ark.ID) []byte {
	if id.IsZero() {
		return nil
	}
	return id[:]
}

func (s *Store) viewVisit(t tx, seq ark.Seq, e ark.Entry, v ark.Visit, raw []byte, held bool) error {
	var boot []byte
	var zero sql.NullInt64
	if !e.At.Trusted && e.At.Boot != (ark.BootID{}) {
		boot = e.At.Boot[:]
		zero = sql.NullInt64{Int64: int64(e.At.Wall) - e.At.Mono.Milliseconds(), Valid: true}
	}
	_, err := s.often.visit.Exec(t, e.ID[:], seq, held, int64(v.MadeAt(e.At)), boot, zero,
		optional(v.Phone), optional(v.Member), optional(v.Household), raw)
	if err != nil {
		return err
	}
	return name(t, e.ID, v.Attachments)
}

// insertVisit sets the clock right at once, where what it should have shown
// when the boot began is known.
const insertVisit = `INSERT INTO visits (id, first, seq, held, made, boot, zero, step, phone, member, household, last, raw)
	SELECT $1, $2, $2, $3, $4 + coalesce(step, 0), $5, $6, step, $7, $8, $9, $1, $10
	FROM (SELECT (SELECT zero FROM clocks WHERE boot = $5) - $6 AS step) WHERE true
	ON CONFLICT (id) DO UPDATE SET first = $2, seq = max(seq, $2), held = $3, raw = $10 WHERE first <> $2 OR seq < $2`

// edition notes an entry about a visit, and tells whether it is new.
func edition(t tx, seq ark.Seq, e ark.Entry, visit ark.ID, raw []byte, held bool) (fresh bool, err error) {
	res, err := t.Exec("INSERT INTO editions (id, visit, seq, held, raw) VALUES ($1, $2, $3, $4, $5) ON CONFLICT DO NOTHING",
		e.ID[:], visit[:], seq, held, raw)
	if err != nil {
		return false, err
	}
	if n, err := res.RowsAffected(); err != nil || n > 0 {
		return n > 0, err
	}
	if _, err = t.Exec("UPDATE editions SET seq = $2, held = $3, raw = $4 WHERE id = $1 AND seq <> $2", e.ID[:], seq, held, raw); err != nil {
		return false, err
	}
	_, err = t.Exec("UPDATE visits SET seq = $2, held = held AND $3 WHERE id = $1 AND seq < $2", visit[:], seq, held)
	return false, err
}

func (s *Store) viewAmend(t tx, seq ark.Seq, e ark.Entry, a ark.Amend, raw []byte, held bool) error {
	fresh, err := edition(t, seq, e, a.Visit, raw, held)
	if err != nil || !fresh {
		return err
	}
	_, err = t.Exec(`UPDATE visits SET seq = max(seq, $2), held = held AND $3, last = $4, amended = amended + 1, household = $5, now = $6,
		state = 0, comment = '', reviewer = '', reviewed = 0 WHERE id = $1`, a.Visit[:], seq, held, e.ID[:], optional(a.Now.Household), raw)
	if err != nil {
		return err
	}
	return name(t, a.Visit, a.Now.Attachments)
}

func viewWithdrawal(t tx, seq ark.Seq, e ark.Entry, w ark.Withdrawal, raw []byte, held bool) error {
	fresh, err := edition(t, seq, e, w.Visit, raw, held)
	if err != nil || !fresh {
		return err
	}
	_, err = t.Exec(`UPDATE visits SET seq = max(seq, $2), held = held AND $3, last = $4, withdrawn = $5,
		state = 0, comment = '', reviewer = '', reviewed = 0 WHERE id = $1`, w.Visit[:], seq, held, e.ID[:], w.Why)
	return err
}

// viewClock gives the visits of a boot the time that it learnt, as the hub
// does.
func viewClock(t tx, at ark.Stamp, c ark.Clock) error {
	const latest = 1 << 47 // beyond the year 6000: no sum of two overflows
	if at.Boot == (ark.BootID{}) || c.Wall < 0 || c.Wall > latest {
		return nil
	}
	zero := int64(c.Wall) - at.Mono.Milliseconds()
	if _, err := t.Exec("INSERT INTO clocks (boot, zero) VALUES ($1, $2) ON CONFLICT (boot) DO UPDATE SET zero = $2 WHERE zero <> $2", at.Boot[:], zero); err != nil {
		return err
	}
	_, err := t.Exec("UPDATE visits SET made = made + ($2 - zero) - coalesce(step, 0), step = $2 - zero WHERE boot = $1 AND step IS NOT $2 - zero", at.Boot[:], zero)
	return err
}

// known tells whether what a record says is already kept under its id, which
// it is for longer than its entry: a phone may come back after months.
// Something else under it is agent.ErrTaken.
func (s *Store) known(t tx, id ark.ID, kind ark.Kind, body []byte) (bool, error) {
	var raw []byte
	err := s.often.known.QueryRow(t, id[:]).Scan(&raw)
	switch {
	case noRows(err):
		return false, nil
	case err != nil:
		return false, fmt.Errorf("look for entry: %w", err)
	case raw == nil: // an edit that is settled: only its id is left
		if kind == ark.KindHousehold {
			return true, nil
		}
		return false, fmt.Errorf("entry %s: %w", id, agent.ErrTaken)
	}
	return true, sameAs(raw, id, kind, body)
}

const selectKnown = `SELECT raw FROM entries WHERE id = $1 UNION ALL SELECT raw FROM visits WHERE id = $1
	UNION ALL SELECT raw FROM editions WHERE id = $1 UNION ALL SELECT NULL FROM edits WHERE id = $1 LIMIT 1`

// sameAs makes sure that an entry that is there already says the same.
func sameAs(raw []byte, id ark.ID, kind ark.Kind, body []byte) error {
	had, err := ark.DecodeEntry(raw)
	if err != nil || had.Kind != kind || !bytes.Equal(had.Body, body) && !sameWords(kind, had.Body, body) {
		return fmt.Errorf("entry %s: %w", id, agent.ErrTaken)
	}
	return nil
}

// sameWords tells whether two bodies differ in nothing but how they came:
// a visit that a phone hands in again, or that another phone hands in of its
// export, is older by then.
func sameWords(kind ark.Kind, a, b []byte) bool {
	x, errX := words(kind, a)
	y, errY := words(kind, b)
	return errX == nil && errY == nil && bytes.Equal(x, y)
}

func words(kind ark.Kind, raw []byte) ([]byte, error) {
	body, err := ark.DecodeBody(kind, raw)
	if err != nil {
		return nil, err
	}
	switch b := body.(type) {
	case ark.Visit:
		b.Age, b.Off, b.Phone = 0, 0, ark.ID{}
		return ark.EncodeBody(kind, b)
	case ark.Amend:
		b.Now.Age, b.Now.Off, b.Now.Phone = 0, 0, ark.ID{}
		return ark.EncodeBody(kind, b)
	case ark.Withdrawal:
		b.Age, b.Phone = 0, ark.ID{}
		return ark.EncodeBody(kind, b)
	case ark.HouseholdEdit: // the van restarted before its answer came, and the person is not signed in any more
		b.By, b.Name = ark.ID{}, ""
		return ark.EncodeBody(kind, b)
	}
	return nil, errors.ErrUnsupported
}

// viewStep is how many entries are viewed in one transaction at the start.
const viewStep = 2000

// catchUp views what the journal holds and the view does not tell yet: all of
// it after an update from a release without a view, and what an older release
// wrote in between.
func (s *Store) catchUp(ctx context.Context) error {
	var inc []byte
	var from ark.Seq
	err := s.db.Read().QueryRowContext(ctx, "SELECT incarnation, seq FROM viewed").Scan(&inc, &from)
	if err != nil && !noRows(err) {
		return fmt.Errorf("read view: %w", err)
	}
	if !bytes.Equal(inc, s.inc[:]) {
		from = 0
		if inc != nil { // an older release began anew
			if err := s.write(ctx, func(t tx) error { return displace(t, 0) }); err != nil {
				return err
			}
		}
	}
	from = max(from, s.base.Seq)
	s.viewed = from
	began := from
	for s.viewed < s.last.Seq {
		if err := s.viewSome(ctx); err != nil {
			return fmt.Errorf("view entries: %w", err)
		}
		if s.viewed-began > viewStep {
			s.c.Log.Info("the view of visits is made", "entries", s.viewed-began, "of", s.last.Seq-began)
		}
	}
	return nil
}

func (s *Store) viewSome(ctx context.Context) error {
	upTo := min(s.viewed+viewStep, s.last.Seq)
	many := upTo-s.viewed > 200 // else it is done again next time: a full card is opened all the same
	err := s.write(ctx, func(t tx) error {
		rows, err := t.Query("SELECT seq, raw, held FROM entries WHERE seq > $1 AND seq <= $2 ORDER BY seq", s.viewed, upTo)
		if err != nil {
			return err
		}
		type row struct {
			seq  ark.Seq
			raw  []byte
			held bool
		}
		all, err := collect(rows, func(r *row) []any { return []any{&r.seq, &r.raw, &r.held} })
		if err != nil {
			return err
		}
		for _, r := range all {
			e, err := ark.DecodeEntry(r.raw)
			if err != nil {
				s.c.Log.Error("an entry on the card is damaged and cannot be shown", "seq", r.seq, "err", err)
				continue
			}
			if err := s.view(t, r.seq, e, r.raw, r.held); err != nil {
				return err
			}
		}
		if many {
			return saveViewed(t, s.inc, upTo)
		}
		return nil
	})
	if err == nil {
		s.viewed = upTo
	}
	return err
}

func saveViewed(t tx, inc ark.Incarnation, seq ark.Seq) error {
	_, err := t.Exec("INSERT INTO viewed VALUES (1, $1, $2) ON CONFLICT (one) DO UPDATE SET incarnation = $1, seq = $2", inc[:], seq)
	return err
}

// displace notes that entries have no place any more, because the journal
// begins anew: what was confirmed stays so.
func displace(t tx, acked ark.Seq) error {
	for _, q := range []string{
		"UPDATE visits SET held = (held OR seq <= $1), first = 0, seq = 0 WHERE seq > 0",
		"UPDATE editions SET held = (held OR seq <= $1), seq = 0 WHERE seq > 0",
	} {
		if _, err := t.Exec(q, acked); err != nil {
			return fmt.Errorf("displace visits: %w", err)
		}
	}
	return nil
}

// collect reads all rows and closes them.
func collect[T any](rows *sql.Rows, into func(*T) []any) (all []T, err error) {
	defer rows.Close()
	for rows.Next() {
		var one T
		if err := rows.Scan(into(&one)...); err != nil {
			return all, err
		}
		all = append(all, one)
	}
	return all, rows.Err()
}
