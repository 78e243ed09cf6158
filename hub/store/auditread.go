package store

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"

	"ark"
	"ark/hub"
)

// Deeds lists entries of the record, the newest first.
func (s *Store) Deeds(ctx context.Context, f hub.AuditFilter, after hub.AuditPlace, limit int) ([]hub.AuditEntry, error) {
	var args arguments
	where := auditWhere(&args, f)
	if after != (hub.AuditPlace{}) {
		where = append(where, fmt.Sprintf("(at, seq) < (%s, %s)", args.add(int64(after.At)), args.add(after.Seq)))
	}
	query := "SELECT seq, body, hash FROM audit"
	if len(where) > 0 {
		query += " WHERE " + strings.Join(where, " AND ")
	}
	query += " ORDER BY at DESC, seq DESC LIMIT " + args.add(min(max(limit, 1), 500))
	rows, err := s.db.Read().QueryContext(ctx, query, args...)
	if err != nil {
		return nil, fmt.Errorf("list deeds: %w", err)
	}
	defer rows.Close()
	var all []hub.AuditEntry
	for rows.Next() {
		var e hub.AuditEntry
		var body, hash []byte
		if err := rows.Scan(&e.Seq, &body, &hash); err != nil {
			return nil, fmt.Errorf("list deeds: %w", err)
		}
		var r auditRecord
		if ark.DecodeCanonical(body, &r) != nil { // somebody was at the table: the check says so, and the rest is read
			r = auditRecord{}
		}
		e.Deed = r.deed()
		copy(e.Hash[:], hash)
		all = append(all, e)
	}
	return all, rows.Err()
}

func auditWhere(args *arguments, f hub.AuditFilter) (where []string) {
	equal := func(column, value string) {
		if value != "" {
			where = append(where, column+" = "+args.add(value))
		}
	}
	equal("who", f.Who)
	equal("verb", string(f.Verb))
	equal("kind", f.Object.Kind)
	equal("object", f.Object.ID)
	equal("outcome", string(f.Outcome))
	if !f.From.IsZero() {
		where = append(where, "at >= "+args.add(f.From.UnixMilli()))
	}
	if !f.To.IsZero() {
		where = append(where, "at < "+args.add(f.To.UnixMilli()))
	}
	return where
}

// auditPage is how many entries a check reads at a time: a reading that lasts
// would hold up the log of a SQLite file.
const auditPage = 2000

// CheckAudit holds the record against its hashes; see hub.AuditLog.
func (s *Store) CheckAudit(ctx context.Context, known []hub.AuditHead, progress func(done, most int64)) (hub.AuditCheck, error) {
	head, err := s.AuditHead(ctx)
	if err != nil {
		return hub.AuditCheck{}, err
	}
	c := auditChecker{before: hub.AuditHead{Hash: hub.AuditGenesis}, known: slices.Clone(known), found: hub.AuditCheck{Head: head}}
	slices.SortFunc(c.known, func(a, b hub.AuditHead) int { return cmp.Compare(a.Seq, b.Seq) })
	for c.before.Seq < head.Seq {
		n, err := s.checkPage(ctx, &c, head.Seq)
		if err != nil {
			return c.found, fmt.Errorf("check the record: %w", err)
		}
		if n == 0 {
			break // it was shortened while it was read
		}
		if progress != nil {
			progress(c.before.Seq, head.Seq)
		}
	}
	c.cut(head.Seq)
	return c.found, nil
}

func (s *Store) checkPage(ctx context.Context, c *auditChecker, upTo int64) (n int, err error) {
	rows, err := s.db.Read().QueryContext(ctx, `SELECT seq, at, who, verb, kind, object, outcome, body, hash FROM audit
		WHERE seq > $1 AND seq <= $2 ORDER BY seq LIMIT $3`, c.before.Seq, upTo, auditPage)
	if err != nil {
		return 0, err
	}
	defer rows.Close()
	for ; rows.Next(); n++ {
		var row auditRow
		if err := rows.Scan(&row.Seq, &row.At, &row.Who, &row.Verb, &row.Kind, &row.Object, &row.Outcome, &row.body, &row.hash); err != nil {
			return n, err
		}
		c.row(row)
	}
	return n, rows.Err()
}

// auditRow is an entry as the table has it: of the record what is searched,
// and the rest.
type auditRow struct {
	auditRecord
	body, hash []byte
}

// auditChecker goes along the record.
type auditChecker struct {
	before hub.AuditHead
	known  []hub.AuditHead // by Seq; those before are done with
	found  hub.AuditCheck
}

func (c *auditChecker) fault(f hub.AuditFault) {
	if len(c.found.Faults) < hub.MaxAuditFaults {
		c.found.Faults = append(c.found.Faults, f)
	}
}

// row looks at the next entry. After a fault it goes on from what stands
// there, so that what is whole further up is not called broken.
func (c *auditChecker) row(row auditRow) {
	next := hub.AuditHead{Seq: row.Seq}
	copy(next.Hash[:], row.hash)
	whole := row.Seq == c.before.Seq+1
	if !whole {
		c.cutBefore(row.Seq)
		c.fault(hub.AuditFault{Seq: c.before.Seq + 1, To: row.Seq - 1, What: hub.AuditMissing})
	}
	var r auditRecord
	switch err := ark.DecodeCanonical(row.body, &r); {
	case err == nil && r.Seq != row.Seq:
		c.fault(hub.AuditFault{Seq: row.Seq, What: hub.AuditMoved})
	case err != nil, !r.shownAs(row.auditRecord), len(row.hash) != len(next.Hash), whole && auditHash(c.before.Hash, row.body) != next.Hash:
		c.fault(hub.AuditFault{Seq: row.Seq, What: hub.AuditChanged})
	}
	for len(c.known) > 0 && c.known[0].Seq <= row.Seq {
		k := c.known[0]
		c.known = c.known[1:]
		c.found.Heads++
		if k.Seq == row.Seq && k.Hash != next.Hash {
			c.fault(hub.AuditFault{Seq: row.Seq, What: hub.AuditRewritten})
		}
	}
	c.before = next
}

// cutBefore passes over heads of entries that are missing: that they are is
// told already.
func (c *auditChecker) cutBefore(seq int64) {
	for len(c.known) > 0 && c.known[0].Seq < seq {
		c.known = c.known[1:]
		c.found.Heads++
	}
}

// cut tells of entries after the last one that heads know of.
func (c *auditChecker) cut(last int64) {
	if c.before.Seq < last { // it was shortened while it was read
		c.fault(hub.AuditFault{Seq: c.before.Seq + 1, To: last, What: hub.AuditMissing})
	}
	if n := len(c.known); n > 0 {
		c.found.Heads += n
		if to := c.known[n-1].Seq; to > last {
			c.fault(hub.AuditFault{Seq: last + 1, To: to, What: hub.AuditMissing})
		}
	}
}

// shownAs tells whether the columns that are searched say the same as the
// record.
func (r auditRecord) shownAs(row auditRecord) bool {
	return r.At == row.At && r.Who == row.Who && r.Verb == row.Verb && r.Kind == row.Kind && r.Object == row.Object && r.Outcome == row.Outcome
}
