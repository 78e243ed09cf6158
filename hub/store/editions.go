package store

import (
	"bytes"
	"cmp"
	"context"
	"database/sql"
	"fmt"
	"slices"

	"ark"
)

// saying is an entry about a visit after its first.
type saying struct {
	id               ark.ID
	incarnation, seq int64
	card             ark.Incarnation
	received         int64
	entry            ark.Entry
	body             any // ark.Amend or ark.Withdrawal
	deep             int // how many stand between it and the visit's own entry, and it
}

// contextless is a transaction's own way to ask, in the middle of one.
type contextless interface {
	Query(query string, args ...any) (*sql.Rows, error)
}

// entriesAbout reads what was said about a visit, in its order.
func entriesAbout(q contextless, visit ark.ID) (all []saying, err error) {
	rows, err := q.Query(`SELECT v.id, v.incarnation, v.seq, i.incarnation, v.received, e.raw FROM visit_entries v
		JOIN incarnations i ON i.n = v.incarnation JOIN entries e ON e.incarnation = v.incarnation AND e.seq = v.seq WHERE v.visit = $1 ORDER BY v.id`, visit[:])
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		var s saying
		var id, card, raw []byte
		if err := rows.Scan(&id, &s.incarnation, &s.seq, &card, &s.received, &raw); err != nil {
			return nil, err
		}
		copy(s.card[:], card)
		s.id = ark.ID(id)
		if s.entry, err = ark.DecodeEntry(raw); err != nil {
			return nil, err
		}
		if s.body, err = ark.DecodeBody(s.entry.Kind, s.entry.Body); err != nil {
			return nil, err
		}
		all = append(all, s)
	}
	if err := rows.Err(); err != nil {
		return nil, err
	}
	return inOrder(all), nil
}

// inOrder puts what was said about a visit in the order in which it was said,
// whatever the order in which it came: an amendment names the one that it
// amends, and a visit that was withdrawn stays so. Where two cards of a van
// amended the same, the longer line wins, then the younger id: not right, but
// everywhere the same. All of it is kept.
func inOrder(all []saying) []saying {
	at := make(map[ark.ID]int, len(all))
	for i, s := range all {
		at[s.id] = i
	}
	for i := range all {
		all[i].deep = depth(all, at, i)
	}
	slices.SortFunc(all, func(a, b saying) int {
		_, aGone := a.body.(ark.Withdrawal)
		_, bGone := b.body.(ark.Withdrawal)
		if aGone != bGone {
			if aGone {
				return 1
			}
			return -1
		}
		return cmp.Or(cmp.Compare(a.deep, b.deep), bytes.Compare(a.id[:], b.id[:]))
	})
	return all
}

// depth counts the entries from one back to the visit's own, or to one that is
// not here. Those that name each other in a ring stand nowhere: 0.
func depth(all []saying, at map[ark.ID]int, i int) int {
	n := 0
	for here := true; here; n++ {
		amend, ok := all[i].body.(ark.Amend)
		if n > len(all) {
			return 0
		}
		if !ok {
			break
		}
		i, here = at[amend.After]
	}
	return n
}

// visitState is a visit as its entries make it.
type visitState struct {
	last             ark.ID
	incarnation, seq *int64 // of the newest amendment; nil: there is none
	amended          int
	withdrawn        bool
}

// stateOf is what entries in their order make of a visit; there is one at
// least.
func stateOf(all []saying) (s visitState) {
	for i := range all {
		s.last = all[i].id
		if _, ok := all[i].body.(ark.Withdrawal); ok {
			s.withdrawn = true
			continue
		}
		s.amended++
		s.incarnation, s.seq = &all[i].incarnation, &all[i].seq
	}
	return s
}

// pool is the reading connections as something that asks in a context.
type pool struct {
	ctx context.Context
	db  *sql.DB
}

func (p pool) Query(query string, args ...any) (*sql.Rows, error) {
	rows, err := p.db.QueryContext(p.ctx, query, args...)
	if err != nil {
		return nil, fmt.Errorf("ask: %w", err)
	}
	return rows, nil
}
