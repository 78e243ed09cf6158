package store

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"

	"ark"
	"ark/hub"
)

// starts remembers what the first entries of incarnations say, by the
// incarnation's number: no entry ever changes, and every page tells how many
// vans need somebody. A nil one says nothing of another before it, or cannot be
// understood.
type starts struct {
	mu   sync.Mutex
	said map[int64]*hub.Begun
}

// startsAtOnce is how many first entries are read by one query.
const startsAtOnce = 500

// start is an incarnation whose first entry is here.
type start struct{ n, van int64 }

// read lists all incarnations whose first entry is here, the newest first, and
// what those entries say.
func (s *starts) read(ctx context.Context, q querier) (all []start, said map[int64]*hub.Begun, err error) {
	rows, err := q.QueryContext(ctx, "SELECT i.n, i.van FROM incarnations i JOIN entries e ON e.incarnation = i.n AND e.seq = 1 ORDER BY i.n DESC")
	if err != nil {
		return nil, nil, err
	}
	defer rows.Close()
	for rows.Next() {
		var one start
		if err := rows.Scan(&one.n, &one.van); err != nil {
			return nil, nil, err
		}
		all = append(all, one)
	}
	if err := rows.Err(); err != nil {
		return nil, nil, err
	}
	rows.Close()
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.said == nil {
		s.said = map[int64]*hub.Begun{}
	}
	var unread []any
	said = make(map[int64]*hub.Begun, len(all))
	for _, one := range all {
		if b, known := s.said[one.n]; !known {
			unread = append(unread, one.n)
		} else if b != nil {
			said[one.n] = b
		}
	}
	for some := range slices.Chunk(unread, startsAtOnce) {
		if err := s.add(ctx, q, some, said); err != nil {
			return nil, nil, err
		}
	}
	return all, said, nil
}

// add reads some first entries.
func (s *starts) add(ctx context.Context, q querier, some []any, said map[int64]*hub.Begun) error {
	in := make([]string, len(some))
	for i := range some {
		in[i] = fmt.Sprintf("$%d", i+1)
	}
	rows, err := q.QueryContext(ctx, `SELECT i.n, v.id, e.raw FROM incarnations i JOIN vans v ON v.n = i.van
		JOIN entries e ON e.incarnation = i.n AND e.seq = 1 WHERE i.n IN (`+strings.Join(in, ", ")+")", some...)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		var n int64
		var id ark.VanID
		var raw []byte
		if err := rows.Scan(&n, &id, &raw); err != nil {
			return err
		}
		f := hub.Fact{Raw: raw}
		hub.Understand(&f, id)
		s.said[n] = nil
		if b, ok := f.Body.(ark.Begun); ok && b.Why != ark.BegunNew {
			s.said[n] = &hub.Begun{Begun: b, At: f.Entry.At}
			said[n] = s.said[n]
		}
	}
	return rows.Err()
}
