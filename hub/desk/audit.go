package desk

import (
	"context"
	"fmt"
	"time"

	"ark"
	"ark/hub"
)

// Deeds is a page of the record of who did what; see hub.AuditLog.
func (d *Desk) Deeds(ctx context.Context, f hub.AuditFilter, after hub.AuditPlace, limit int) ([]hub.AuditEntry, error) {
	return do(ctx, d, "Deeds", about{detail: auditDetail(f)}, func() ([]hub.AuditEntry, error) {
		return d.c.AuditLog.Deeds(ctx, f, after, limit)
	})
}

// ExportDeeds is Deeds for a file: what it answers reads on from a place. The
// file is one deed.
func (d *Desk) ExportDeeds(ctx context.Context, f hub.AuditFilter, format string) (func(after hub.AuditPlace, limit int) ([]hub.AuditEntry, error), error) {
	a := about{detail: auditDetail(f)}
	a.detail["format"] = format
	return do(ctx, d, "ExportDeeds", a, func() (func(hub.AuditPlace, int) ([]hub.AuditEntry, error), error) {
		if _, err := d.c.AuditLog.AuditHead(ctx); err != nil { // it cannot be read: no file is begun
			return nil, err
		}
		return func(after hub.AuditPlace, limit int) ([]hub.AuditEntry, error) {
			return d.c.AuditLog.Deeds(ctx, f, after, limit)
		}, nil
	})
}

// AuditHead is the newest entry of the record.
func (d *Desk) AuditHead(ctx context.Context) (hub.AuditHead, error) {
	return do(ctx, d, "AuditHead", about{}, func() (hub.AuditHead, error) { return d.c.AuditLog.AuditHead(ctx) })
}

// CheckAudit reads the whole record and holds it against its hashes, and
// against the heads that are kept outside of the database.
func (d *Desk) CheckAudit(ctx context.Context, progress func(done, most int64)) (hub.AuditCheck, error) {
	return do(ctx, d, "CheckAudit", about{}, func() (c hub.AuditCheck, err error) {
		var known []hub.AuditHead
		if d.c.AuditHeads != nil {
			if known, err = d.c.AuditHeads(); err != nil {
				return c, fmt.Errorf("read the heads that were kept: %w", err)
			}
		}
		return d.c.AuditLog.CheckAudit(ctx, known, progress)
	})
}

func auditDetail(f hub.AuditFilter) map[string]string {
	detail := map[string]string{}
	for name, value := range map[string]string{"who": f.Who, "verb": string(f.Verb), "kind": f.Object.Kind, "object": f.Object.ID, "outcome": string(f.Outcome)} {
		if value != "" {
			detail[name] = value
		}
	}
	for name, at := range map[string]time.Time{"from": f.From, "to": f.To} {
		if !at.IsZero() {
			detail[name] = at.Format(time.RFC3339)
		}
	}
	return detail
}

// Quarantine lists what of a van could not be understood; see hub.Fleet.
func (d *Desk) Quarantine(ctx context.Context, van ark.VanID) ([]hub.Quarantined, error) {
	return do(ctx, d, "Quarantine", about{id: string(van)}, func() ([]hub.Quarantined, error) {
		return d.c.Fleet.Quarantine(ctx, d.staff.Sight, van)
	})
}

// TryAgain has what of a van is in quarantine read anew; see hub.Fleet.
func (d *Desk) TryAgain(ctx context.Context, van ark.VanID) (released, left int, err error) {
	type counts struct{ released, left int }
	c, err := do(ctx, d, "TryAgain", about{id: string(van), detail: map[string]string{"do": "try-again"}}, func() (c counts, err error) {
		c.released, c.left, err = d.c.Fleet.TryAgain(ctx, d.staff.Sight, van)
		return c, err
	})
	return c.released, c.left, err
}

// Breaks lists the breaks of a van's journals; see hub.Fleet.
func (d *Desk) Breaks(ctx context.Context, van ark.VanID) ([]hub.Break, error) {
	return do(ctx, d, "Breaks", about{id: string(van)}, func() ([]hub.Break, error) { return d.c.Fleet.Breaks(ctx, d.staff.Sight, van) })
}

// SeeBreaks notes that whoever sits here has looked into a van's breaks; see
// hub.Fleet.
func (d *Desk) SeeBreaks(ctx context.Context, van ark.VanID, upTo time.Time) error {
	return act(ctx, d, "SeeBreaks", about{id: string(van), detail: map[string]string{"do": "see-breaks"}}, func() error {
		return d.c.Fleet.SeeBreaks(ctx, d.staff.Sight, van, upTo, d.staff.Name)
	})
}

// VisitEntries are entries about a visit as they came, with nothing masked; see
// hub.Fleet.
func (d *Desk) VisitEntries(ctx context.Context, visit ark.ID, from int) (hub.RawPage, error) {
	detail := map[string]string{"do": "entries"}
	if from > 0 {
		detail["from"] = fmt.Sprint(from + 1)
	}
	return do(ctx, d, "VisitEntries", about{id: visit.String(), detail: detail}, func() (hub.RawPage, error) {
		return d.c.Fleet.VisitEntries(ctx, d.staff.Sight, visit, from)
	})
}
