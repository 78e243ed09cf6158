package store

import (
	"context"
	"fmt"

	"ark"
	"ark/hub"
)

// visitColumns read a visit with what became of it. The entry that says it as
// it is now is its own, where none amended it.
const visitColumns = `SELECT v.position, v.id, w.id, i.van, v.received, e.raw, n.raw, s.last, coalesce(s.amended, 0), coalesce(s.withdrawn, 0), coalesce(s.review, 0), coalesce(s.reviewed, 0), v.assigned, v.comments, v.changed
	FROM visits v JOIN incarnations i ON i.n = v.incarnation JOIN vans w ON w.n = i.van
	JOIN entries e ON e.incarnation = v.incarnation AND e.seq = v.seq
	LEFT JOIN visit_states s ON s.visit = v.id
	LEFT JOIN entries n ON n.incarnation = s.incarnation AND n.seq = s.seq `

// Visits lists visits as they are now, newest first, also those that cannot be
// found yet. A wall time that was not trusted is corrected where a trusted one
// was learnt in the same boot.
func (s *Store) Visits(ctx context.Context, p hub.Page) ([]hub.Visit, error) {
	before, limit := older(p)
	all, err := readVisits(ctx, s.db.Read(), "WHERE v.position < $1 ORDER BY v.position DESC LIMIT $2", before, limit)
	if err != nil {
		return nil, fmt.Errorf("list visits: %w", err)
	}
	return all, nil
}

// readVisits reads visits, their times corrected.
func readVisits(ctx context.Context, q querier, where string, args ...any) ([]hub.Visit, error) {
	read, err := readings(ctx, q, where, args...)
	if err != nil || len(read) == 0 {
		return nil, err
	}
	all := make([]hub.Visit, len(read))
	for i := range read {
		all[i] = read[i].Visit
	}
	return all, nil
}

// reading is a visit with what its columns need beside: the number of its van,
// and the stamp of its first entry as it came.
type reading struct {
	hub.Visit
	van   int64
	first ark.Stamp
}

func readings(ctx context.Context, q querier, where string, args ...any) ([]reading, error) {
	rows, err := q.QueryContext(ctx, visitColumns+where, args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var all []reading
	for rows.Next() {
		var v reading
		var received int64
		var id, raw, now, last []byte
		if err := rows.Scan(&v.Position, &id, &v.Van, &v.van, &received, &raw, &now, &last, &v.Amended, &v.Withdrawn, &v.State, &v.Reviewed, &v.Assigned, &v.Comments, &v.Changed); err != nil {
			return nil, err
		}
		v.ID, v.Last, v.Received = ark.ID(id), ark.ID(id), fromMilli(received)
		if last != nil {
			v.Last = ark.ID(last)
		}
		if err := readVisit(&v.Visit, raw, now); err != nil {
			return nil, err
		}
		v.first = v.At
		all = append(all, v)
	}
	if err := rows.Err(); err != nil {
		return nil, err
	}
	rows.Close()
	for i := range all {
		if err := correctVisit(ctx, q, all[i].van, &all[i].Visit.Visit, &all[i].At); err != nil {
			return nil, err
		}
	}
	return all, nil
}

// correctVisit gives a doubtful stamp the time that its boot learnt later, and
// takes the van's fault off the phone's clock: what is shown here is what the
// van shows.
func correctVisit(ctx context.Context, q querier, van int64, v *ark.Visit, at *ark.Stamp) error {
	was := *at
	if err := correct(ctx, q, van, at); err != nil || at.Trusted == was.Trusted {
		return err
	}
	*v, _ = v.Behind(was, int64(at.Wall-was.Wall))
	return nil
}

// readVisit reads a visit from its own entry and, where there is one, from the
// amendment that says it as it is now.
func readVisit(v *hub.Visit, raw, now []byte) error {
	e, body, err := readEntry(raw)
	if err != nil {
		return err
	}
	first := body.(ark.Visit)
	v.Visit, v.At = first, e.At
	if now == nil {
		return nil
	}
	if _, body, err = readEntry(now); err != nil {
		return err
	}
	v.Visit = body.(ark.Amend).Now
	v.Age, v.Off = first.Age, first.Off
	return nil
}

func readEntry(raw []byte) (ark.Entry, any, error) {
	e, err := ark.DecodeEntry(raw)
	if err != nil {
		return e, nil, err
	}
	body, err := ark.DecodeBody(e.Kind, e.Body)
	return e, body, err
}
