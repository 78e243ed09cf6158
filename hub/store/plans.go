package store

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"time"

	"ark"
	"ark/hub"
	"ark/internal/database"
)

func knownZone(name string) error {
	if _, err := time.LoadLocation(name); err != nil {
		return fmt.Errorf("%w: %w", hub.ErrInvalid, err)
	}
	return nil
}

// PlanRows lists all items, by time of day.
func (s *Store) PlanRows(ctx context.Context) ([]hub.PlanRow, error) {
	all, err := readPlanRows(ctx, s.db.Read())
	if err != nil {
		return nil, fmt.Errorf("list plan: %w", err)
	}
	return all, nil
}

func readPlanRows(ctx context.Context, q querier) (all []hub.PlanRow, err error) {
	vans, err := readPlanVans(ctx, q)
	if err != nil {
		return nil, err
	}
	rows, err := q.QueryContext(ctx, "SELECT paused, by, made, body FROM plan_items ORDER BY id")
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		var r hub.PlanRow
		var made int64
		var body []byte
		if err := rows.Scan(&r.Paused, &r.By, &made, &body); err != nil {
			return nil, err
		}
		decoded, err := ark.DecodeBody(ark.KindPlan, body)
		if err != nil {
			return nil, err
		}
		r.PlanItem, r.Made = decoded.(ark.Plan).Items[0], fromMilli(made)
		r.Vans = vans[r.ID]
		all = append(all, r)
	}
	slices.SortStableFunc(all, func(a, b hub.PlanRow) int { return cmp.Compare(a.At, b.At) })
	return all, rows.Err()
}

func readPlanVans(ctx context.Context, q querier) (map[ark.ID][]ark.VanID, error) {
	rows, err := q.QueryContext(ctx, "SELECT item, van FROM plan_vans ORDER BY item, van")
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	vans := map[ark.ID][]ark.VanID{}
	for rows.Next() {
		var item []byte
		var van ark.VanID
		if err := rows.Scan(&item, &van); err != nil {
			return nil, err
		}
		vans[ark.ID(item)] = append(vans[ark.ID(item)], van)
	}
	return vans, rows.Err()
}

// SetPlanRow keeps an item, new or changed; see hub.Plans.
func (s *Store) SetPlanRow(ctx context.Context, row hub.PlanRow) error {
	body, err := encodePlanRow(row)
	if err != nil {
		return fmt.Errorf("set plan: %w", err)
	}
	err = s.changePlan(ctx, row.ID, whose(row.Vans), func(tx *database.Tx) error {
		_, err := tx.ExecContext(ctx, `INSERT INTO plan_items VALUES ($1, $2, $3, $4, $5)
			ON CONFLICT (id) DO UPDATE SET paused = $2, by = $3, made = $4, body = $5`, row.ID[:], truth(row.Paused), row.By, s.now().UnixMilli(), body)
		if err != nil {
			return err
		}
		for _, van := range row.Vans {
			if _, err := tx.ExecContext(ctx, "INSERT INTO plan_vans VALUES ($1, $2) ON CONFLICT DO NOTHING", row.ID[:], van); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("set plan: %w", err)
	}
	return nil
}

func encodePlanRow(row hub.PlanRow) ([]byte, error) {
	p := ark.Plan{Zone: "UTC", Items: []ark.PlanItem{row.PlanItem}}
	if err := p.Check(); err != nil {
		return nil, fmt.Errorf("%w: %w", hub.ErrInvalid, err)
	}
	if len(row.Vans) > hub.MaxPlanVans {
		return nil, fmt.Errorf("%w: an item for %d vans", hub.ErrFull, len(row.Vans))
	}
	for _, van := range row.Vans {
		if _, err := ark.ParseVanID(string(van)); err != nil {
			return nil, fmt.Errorf("%w: %w", hub.ErrInvalid, err)
		}
	}
	return ark.EncodeBody(ark.KindPlan, p)
}

// RemovePlanRow takes an item away.
func (s *Store) RemovePlanRow(ctx context.Context, id ark.ID) error {
	err := s.changePlan(ctx, id, nil, func(tx *database.Tx) error {
		res, err := tx.ExecContext(ctx, "DELETE FROM plan_items WHERE id = $1", id[:])
		if err != nil {
			return err
		}
		if n, err := res.RowsAffected(); err != nil || n == 0 {
			return cmp.Or(err, hub.ErrNotThere)
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("remove from plan: %w", err)
	}
	return nil
}

// whose is whom an item is for, where "" is all vans.
func whose(vans []ark.VanID) []ark.VanID {
	if len(vans) == 0 {
		return []ark.VanID{""}
	}
	return vans
}

// changePlan changes an item, counts the change for the vans that it will be
// for and for those that it was for, and checks that each van's plan still
// goes into one order.
func (s *Store) changePlan(ctx context.Context, id ark.ID, will []ark.VanID, change func(*database.Tx) error) error {
	err := s.db.Write(ctx, func(tx *database.Tx) error {
		all, err := readPlanVans(ctx, tx)
		if err != nil {
			return err
		}
		var known bool
		if err := tx.QueryRowContext(ctx, "SELECT EXISTS (SELECT 1 FROM plan_items WHERE id = $1)", id[:]).Scan(&known); err != nil {
			return err
		}
		concerned := will
		if known {
			concerned = slices.Concat(will, whose(all[id]))
		}
		if _, err := tx.ExecContext(ctx, "DELETE FROM plan_vans WHERE item = $1", id[:]); err != nil {
			return err
		}
		if err := change(tx); err != nil {
			return err
		}
		if err := countChange(ctx, tx, concerned); err != nil {
			return err
		}
		return plansFit(ctx, tx)
	})
	if err == nil {
		s.tell(hub.Change{Plans: true})
	}
	return err
}

func countChange(ctx context.Context, tx *database.Tx, vans []ark.VanID) error {
	var version int64
	if err := tx.QueryRowContext(ctx, "SELECT coalesce(max(version), 1) + 1 FROM plan_versions").Scan(&version); err != nil {
		return err
	}
	for _, van := range vans {
		_, err := tx.ExecContext(ctx, "INSERT INTO plan_versions VALUES ($1, $2) ON CONFLICT (van) DO UPDATE SET version = $2", van, version)
		if err != nil {
			return err
		}
	}
	return nil
}

// plansFit checks that no van has more items than a plan may have, and that
// each plan fits into an order. Items that are paused count: they must have
// room when they are let go on.
func plansFit(ctx context.Context, tx *database.Tx) error {
	rows, err := readPlanRows(ctx, tx)
	if err != nil {
		return err
	}
	if len(rows) > hub.MaxPlanRows {
		return fmt.Errorf("%w: %d items", hub.ErrFull, len(rows))
	}
	type load struct{ items, bytes int }
	each := map[ark.VanID]load{}
	for _, r := range rows {
		body, err := ark.EncodeBody(ark.KindPlan, ark.Plan{Items: []ark.PlanItem{r.PlanItem}})
		if err != nil {
			return err
		}
		for _, van := range whose(r.Vans) {
			each[van] = load{each[van].items + 1, each[van].bytes + len(body)}
		}
	}
	shared := each[""]
	for van, l := range each {
		if van != "" {
			l = load{l.items + shared.items, l.bytes + shared.bytes}
		}
		if l.items > ark.MaxPlanItems || l.bytes > mostBody {
			return fmt.Errorf("%w: a plan of %d items, %d bytes", hub.ErrFull, l.items, l.bytes)
		}
	}
	return nil
}

// Plan is one van's plan, as it is ordered. Its zone is that of its settings.
func (s *Store) Plan(ctx context.Context, van ark.VanID) (ark.Plan, error) {
	set, _, err := s.Settings(ctx, van)
	if err != nil {
		return ark.Plan{}, err
	}
	p := ark.Plan{Zone: set.Zone}
	err = s.db.Read().QueryRowContext(ctx, "SELECT coalesce(max(version), 1) FROM plan_versions WHERE van IN ('', $1)", van).Scan(&p.Version)
	if err != nil {
		return ark.Plan{}, fmt.Errorf("read plan: %w", err)
	}
	rows, err := s.PlanRows(ctx)
	if err != nil {
		return ark.Plan{}, err
	}
	for _, r := range rows {
		if !r.Paused && (len(r.Vans) == 0 || slices.Contains(r.Vans, van)) {
			p.Items = append(p.Items, r.PlanItem)
		}
	}
	return p, nil
}
