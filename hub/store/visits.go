package store

import (
	"context"
	"database/sql"
	"fmt"
	"slices"

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
	return visitsOf(read), err
}

func visitsOf(read []reading) []hub.Visit {
	if len(read) == 0 {
		return nil
	}
	all := make([]hub.Visit, len(read))
	for i := range read {
		all[i] = read[i].Visit
	}
	return all
}

// reading is a visit with what its columns need beside: the number of its van,
// and the stamp of its first entry as it came. Before it is understood it lacks
// what is said in its entries.
type reading struct {
	hub.Visit
	van   int64
	first ark.Stamp
	entry ark.Entry // its own
	now   []byte    // the amendment that says it as it is now; nil: its own does
}

func readings(ctx context.Context, q querier, where string, args ...any) ([]reading, error) {
	rows, err := q.QueryContext(ctx, visitColumns+where, args...)
	if err != nil {
		return nil, err
	}
	all, err := scanReadings(rows)
	if err != nil {
		return nil, err
	}
	return all, finish(ctx, q, all)
}

// finish corrects and understands what was read.
func finish(ctx context.Context, q querier, all []reading) error {
	if err := correctReadings(ctx, q, clocks{}, all); err != nil {
		return err
	}
	for i := range all {
		if err := all[i].understand(); err != nil {
			return err
		}
	}
	return nil
}

// scanReadings reads rows to their end: nothing is understood yet but each
// one's stamp.
func scanReadings(rows *sql.Rows) (all []reading, err error) {
	defer rows.Close()
	for rows.Next() {
		all = append(all, reading{})
		if err := all[len(all)-1].scan(rows); err != nil {
			return nil, err
		}
	}
	return all, rows.Err()
}

// scanAt is scanReadings for the visits at some places, in their order.
func scanAt(rows *sql.Rows, places []hub.VisitPlace) ([]reading, error) {
	defer rows.Close()
	rank := make(map[hub.Position]int, len(places))
	for i, p := range places {
		rank[p.Position] = i
	}
	all, n := make([]reading, len(places)), 0
	var v reading
	for ; rows.Next(); n++ {
		v = reading{}
		if err := v.scan(rows); err != nil {
			return nil, err
		}
		all[rank[v.Position]] = v
	}
	if n < len(places) {
		all = slices.DeleteFunc(all, func(v reading) bool { return v.Position == 0 })
	}
	return all, rows.Err()
}

func (v *reading) scan(rows *sql.Rows) (err error) {
	var received int64
	var id, raw, last []byte
	if err := rows.Scan(&v.Position, &id, &v.Van, &v.van, &received, &raw, &v.now, &last, &v.Amended, &v.Withdrawn, &v.State, &v.Reviewed, &v.Assigned, &v.Comments, &v.Changed); err != nil {
		return err
	}
	v.ID, v.Last, v.Received = ark.ID(id), ark.ID(id), fromMilli(received)
	if last != nil {
		v.Last = ark.ID(last)
	}
	if v.entry, err = ark.DecodeEntry(raw); err != nil {
		return err
	}
	v.At, v.first = v.entry.At, v.entry.At
	return nil
}

// correctReadings gives doubtful stamps the times that their boots learnt later.
func correctReadings(ctx context.Context, q querier, known clocks, all []reading) error {
	stamps := make([]stampOf, len(all))
	for i := range all {
		stamps[i] = stampOf{all[i].van, &all[i].At}
	}
	return known.correctAll(ctx, q, stamps)
}

// understand reads what the visit's entries say; its stamp is corrected by then.
func (v *reading) understand() error {
	body, err := ark.DecodeBody(v.entry.Kind, v.entry.Body)
	if err != nil {
		return err
	}
	first := body.(ark.Visit)
	v.Visit.Visit = first
	if v.now != nil {
		if _, body, err = readEntry(v.now); err != nil {
			return err
		}
		v.Visit.Visit = body.(ark.Amend).Now
		v.Age, v.Off = first.Age, first.Off
	}
	if v.At.Trusted != v.first.Trusted {
		v.Visit.Visit, _ = v.Behind(v.first, int64(v.At.Wall-v.first.Wall))
	}
	return nil
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

func readEntry(raw []byte) (ark.Entry, any, error) {
	e, err := ark.DecodeEntry(raw)
	if err != nil {
		return e, nil, err
	}
	body, err := ark.DecodeBody(e.Kind, e.Body)
	return e, body, err
}
