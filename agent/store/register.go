package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"ark"
	"ark/agent"
)

var _ agent.Register = (*Store)(nil)

// newsOf collects which households a transaction changes.
type newsOf struct {
	order []ark.ID
	seen  map[ark.ID]bool
}

func (n *newsOf) add(id ark.ID) {
	if n.seen == nil {
		n.seen = map[ark.ID]bool{}
	}
	if !n.seen[id] {
		n.seen[id] = true
		n.order = append(n.order, id)
	}
}

// tell says after a commit which households have changed. The caller holds
// mu, so that the word comes in the order of the commits.
func (s *Store) tell(ctx context.Context) {
	news := s.news.order
	s.news = newsOf{}
	if s.c.Households == nil || len(news) == 0 || s.db == nil {
		return
	}
	var changed []ark.Household
	var removed []ark.ID
	for _, id := range news {
		h, err := householdIn(ctx, s.db.Read(), id)
		switch {
		case err == nil:
			changed = append(changed, h)
		case errors.Is(err, agent.ErrNotThere):
			removed = append(removed, id)
		default:
			s.c.Log.Error("a household that changed cannot be read", "household", id, "err", err)
		}
	}
	s.c.Households(changed, removed)
}

// applyHouseholds takes over what the nth order says of households. One that
// comes late, from quarantine, changes nothing that a newer one said.
func (s *Store) applyHouseholds(t tx, n int64, l ark.Households) error {
	for _, h := range l.List {
		var told int64
		err := t.QueryRow("SELECT told FROM households WHERE id = $1", h.ID[:]).Scan(&told)
		if err != nil && !noRows(err) {
			return err
		}
		if told > n {
			continue
		}
		s.news.add(h.ID)
		if h.Forget {
			err = s.forget(t, n, h.ID)
		} else {
			err = keepHousehold(t, n, h)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

func keepHousehold(t tx, n int64, h ark.Household) error {
	for _, id := range h.Has {
		if _, err := t.Exec("UPDATE edits SET body = NULL WHERE id = $1 AND household = $2", id[:], h.ID[:]); err != nil {
			return err
		}
	}
	h.Has = nil
	body, err := ark.EncodeBody(ark.KindHouseholds, ark.Households{List: []ark.Household{h}})
	if err != nil {
		return err
	}
	_, err = t.Exec("INSERT INTO households (id, told, body) VALUES ($1, $2, $3) ON CONFLICT (id) DO UPDATE SET told = $2, body = $3", h.ID[:], n, body)
	return err
}

// forget removes a household and the edits of it, so that nothing of them is
// left to read in the file: SQLite writes zeros over what it deletes, and
// housekeeping empties its log. (What a card's own electronics keep nobody
// can say.) What the journal and its visits say stays until they are pruned. While
// orders are in quarantine the bare id stays, lest one of them bring it back.
func (s *Store) forget(t tx, n int64, id ark.ID) error {
	s.forgot = true
	for _, q := range []string{"UPDATE edits SET body = NULL WHERE household = $1", "DELETE FROM households WHERE id = $1"} {
		if _, err := t.Exec(q, id[:]); err != nil {
			return err
		}
	}
	_, err := t.Exec("INSERT INTO households (id, told) SELECT $1, $2 WHERE EXISTS (SELECT 1 FROM orders WHERE state = $3)", id[:], n, orderQuarantine)
	return err
}

// Household is one as it is now: the hub's, with the edits of this van that
// the hub has not settled yet on top. agent.ErrNotThere.
func (s *Store) Household(ctx context.Context, id ark.ID) (ark.Household, error) {
	db, err := s.reading()
	if err != nil {
		return ark.Household{}, err
	}
	h, err := householdIn(ctx, db.DB, id)
	if err != nil {
		return h, fmt.Errorf("read household: %w", s.readFailed(err))
	}
	return h, nil
}

// querier is a database or a transaction.
type querier interface {
	QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error)
}

// householdIn reads both what the hub told and the edits in one query, which
// is one moment.
func householdIn(ctx context.Context, q querier, id ark.ID) (ark.Household, error) {
	rows, err := q.QueryContext(ctx, `SELECT 0, 0 AS n, id, body FROM households WHERE id = $1 AND body IS NOT NULL
		UNION ALL SELECT 1, n, id, body FROM edits WHERE household = $1 AND body IS NOT NULL ORDER BY 1, 2`, id[:])
	if err != nil {
		return ark.Household{}, err
	}
	all, err := collect(rows, (*word).into)
	if err != nil {
		return ark.Household{}, err
	}
	return merged(all)
}

// word is the hub's word of a household, or an edit of it.
type word struct {
	edit     bool
	n        int64
	id, body []byte
}

func (r *word) into() []any { return []any{&r.edit, &r.n, &r.id, &r.body} }

// merged makes the household of the hub's word, if there is one, and the edits
// on top in their order.
func merged(all []word) (h ark.Household, err error) {
	if len(all) == 0 {
		return h, agent.ErrNotThere
	}
	begun := false
	for _, r := range all {
		if !r.edit {
			if h, err = decodeHousehold(r.body); err != nil {
				return h, err
			}
			begun = true
			continue
		}
		body, err := ark.DecodeBody(ark.KindHousehold, r.body)
		if err != nil {
			return h, err
		}
		e := body.(ark.HouseholdEdit)
		switch {
		case begun:
		case e.Was.ID.IsZero():
			h = ark.Household{ID: e.Now.ID}
		default:
			h = e.Was
		}
		h, _ = ark.MergeHousehold(e.Was, h, e.Now)
		h.Rev = ark.ID(r.id)
		begun = true
	}
	return h, nil
}

func decodeHousehold(raw []byte) (ark.Household, error) {
	body, err := ark.DecodeBody(ark.KindHouseholds, raw)
	if err != nil {
		return ark.Household{}, err
	}
	list := body.(ark.Households).List
	if len(list) != 1 {
		return ark.Household{}, fmt.Errorf("household: %w: %d in a row of one", ark.ErrGarbage, len(list))
	}
	return list[0], nil
}

// Edit makes an edit durable, together with its entry; agent.ErrNotThere
// where it corrects one that the van does not hold, agent.ErrTaken where it
// makes one anew that is there; otherwise as Log.
func (s *Store) Edit(ctx context.Context, id ark.ID, e ark.HouseholdEdit) error {
	if err := e.Check(); err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.news = newsOf{}
	err := s.append(ctx, func(t tx) error {
		var there bool
		err := t.QueryRow(`SELECT EXISTS (SELECT 1 FROM households WHERE id = $1 AND body IS NOT NULL)
			OR EXISTS (SELECT 1 FROM edits WHERE household = $1 AND body IS NOT NULL)`, e.Now.ID[:]).Scan(&there)
		switch {
		case err != nil:
			return fmt.Errorf("look for household: %w", err)
		case there && e.Was.ID.IsZero():
			return agent.ErrTaken
		case !there && !e.Was.ID.IsZero():
			return agent.ErrNotThere
		}
		s.news.add(e.Now.ID)
		return nil
	}, agent.Record{ID: id, Kind: ark.KindHousehold, Body: e})
	if err == nil {
		s.tell(ctx)
	}
	return err
}

// eachStep is how many households Each reads at once. Nothing is saved
// meanwhile, so it is few.
const eachStep = 200

// Each gives all households to f, in no order. What changes meanwhile is told
// to Config.Households, and never before f is given an older word of it: f
// runs between commits, and must not call the store. One that is damaged is
// passed over.
func (s *Store) Each(ctx context.Context, f func(ark.Household) error) error {
	for _, query := range []string{eachTold, eachMade} {
		for after, more := int64(0), true; more; {
			var err error
			if after, more, err = s.eachSome(ctx, query, after, f); err != nil {
				return fmt.Errorf("read households: %w", err)
			}
		}
	}
	return nil
}

// What the hub told, and what was made here that it does not know yet.
const (
	eachTold = `SELECT n, id, iif(EXISTS (SELECT 1 FROM edits WHERE household = h.id AND body IS NOT NULL), NULL, body) FROM households h
		WHERE n > $1 AND body IS NOT NULL ORDER BY n LIMIT $2`
	eachMade = `SELECT min(n), household, NULL FROM edits WHERE body IS NOT NULL
		AND household NOT IN (SELECT id FROM households WHERE body IS NOT NULL) GROUP BY household HAVING min(n) > $1 ORDER BY 1 LIMIT $2`
)

// eachSome gives some households that come after a number to f, and returns
// the number of the last.
func (s *Store) eachSome(ctx context.Context, query string, after int64, f func(ark.Household) error) (last int64, more bool, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.db == nil {
		return after, false, s.fault
	}
	rows, err := s.db.Read().QueryContext(ctx, query, after, eachStep)
	if err != nil {
		s.giveUp(err)
		return after, false, told(err)
	}
	type numbered struct {
		n        int64
		id, body []byte // no body: it has edits
	}
	some, err := collect(rows, func(x *numbered) []any { return []any{&x.n, &x.id, &x.body} })
	if err != nil {
		s.giveUp(err)
		return after, false, told(err)
	}
	for _, x := range some {
		var h ark.Household
		if x.body != nil {
			h, err = decodeHousehold(x.body)
		} else {
			h, err = householdIn(ctx, s.db.Read(), ark.ID(x.id))
		}
		after = x.n
		if err != nil {
			s.c.Log.Error("a household on the card is damaged; the others are there", "err", err)
			continue
		}
		if err := f(h); err != nil {
			return after, false, err
		}
	}
	return after, len(some) == eachStep, nil
}
