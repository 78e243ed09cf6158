package store

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"ark"
	"ark/hub"
	"ark/internal/database"
)

// territory is which van goes where. A van that never had an area is not in
// it; one whose area was taken away is, with none.
type territory map[ark.VanID][]part

// part is a part of town: as staff wrote it, and in the form for comparing.
type part struct {
	ark.Place
	Plain ark.Place `json:"plain"`
}

func partsOf(area []ark.Place) []part {
	parts := make([]part, len(area))
	for i, p := range area {
		parts[i] = part{p, p.Plain()}
	}
	return parts
}

func readTerritory(ctx context.Context, q querier) (territory, error) {
	rows, err := q.QueryContext(ctx, "SELECT van, body FROM areas")
	if err != nil {
		return nil, fmt.Errorf("read areas: %w", err)
	}
	defer rows.Close()
	t := territory{}
	for rows.Next() {
		var van ark.VanID
		var body string
		if err := rows.Scan(&van, &body); err != nil {
			return nil, fmt.Errorf("read areas: %w", err)
		}
		var area []part
		if err := json.Unmarshal([]byte(body), &area); err != nil {
			return nil, fmt.Errorf("read area of van %s: %w", van, err)
		}
		if slices.ContainsFunc(area, func(p part) bool { return p.Plain == ark.Place{} }) { // it would be everywhere
			return nil, fmt.Errorf("read area of van %s: a part without a name", van)
		}
		t[van] = area
	}
	return t, rows.Err()
}

// inside tells whether a plain place is in one of the parts of town.
func inside(area []part, plain ark.Place) bool {
	return slices.ContainsFunc(area, func(p part) bool { return plain.Within(p.Plain) })
}

// concern notes the vans that may have to be told of a household: those in
// whose area it is, those that hold it, and the one whose crew changed it, if
// it never had an area: it holds what its crew made.
func (t territory) concern(tx *database.Tx, h ark.Household, by ark.VanID) error {
	plain := h.Place.Plain()
	var vans []ark.VanID
	if _, has := t[by]; !has && by != "" {
		vans = append(vans, by)
	}
	for van, area := range t {
		if inside(area, plain) {
			vans = append(vans, van)
		}
	}
	for _, van := range vans {
		if _, err := tx.Exec("INSERT INTO due VALUES ($1, $2) ON CONFLICT DO NOTHING", van, h.ID[:]); err != nil {
			return fmt.Errorf("note who is to be told: %w", err)
		}
	}
	_, err := tx.Exec("INSERT INTO due SELECT van, household FROM told WHERE household = $1 AND rev IS NOT NULL ON CONFLICT DO NOTHING", h.ID[:])
	if err != nil {
		return fmt.Errorf("note who is to be told: %w", err)
	}
	return nil
}

// mayEdit tells whether a van's crew may correct a household: it is in the
// van's area, or the van was told of it once, or made it.
func (t territory) mayEdit(tx *database.Tx, van ark.VanID, h ark.Household) (may bool, err error) {
	if inside(t[van], h.Place.Plain()) {
		return true, nil
	}
	err = tx.QueryRow(`SELECT EXISTS (SELECT 1 FROM told WHERE van = $1 AND household = $2)
		OR EXISTS (SELECT 1 FROM household_editions WHERE household = $2 AND van = $1)`, van, h.ID[:]).Scan(&may)
	if err != nil {
		return false, fmt.Errorf("read who holds a household: %w", err)
	}
	return may, nil
}

// Areas are the parts of town of each van in sight; see hub.Areas.
func (s *Store) Areas(ctx context.Context, sight hub.Sight) (map[ark.VanID][]ark.Place, error) {
	t, err := readTerritory(ctx, s.db.Read())
	areas, parts := map[ark.VanID][]ark.Place{}, sight.Parts()
	for van, area := range t {
		for _, own := range area {
			if sight.Whole || slices.ContainsFunc(parts, func(p ark.Place) bool { return hub.Meet(own.Plain, p) }) {
				areas[van] = append(areas[van], own.Place)
			}
		}
	}
	return areas, err
}

// SetArea changes where a van goes. What it is to be told then is found when
// it is told, some households at a time.
func (s *Store) SetArea(ctx context.Context, sight hub.Sight, van ark.VanID, area []ark.Place, by string) error {
	if err := checkArea(van, area); err != nil {
		return fmt.Errorf("set area: %w", err)
	}
	err := s.db.Write(ctx, func(tx *database.Tx) error {
		t, err := readTerritory(ctx, tx)
		if err != nil {
			return err
		}
		whole, err := t.withOthers(sight, van, partsOf(area))
		if err != nil {
			return err
		}
		body, err := json.Marshal(whole)
		if err != nil {
			return err
		}
		_, err = tx.ExecContext(ctx, "INSERT INTO areas VALUES ($1, $2, $3, $4, $5) ON CONFLICT (van) DO UPDATE SET body = $2, by = $3, made = $4, sweep = $5",
			van, string(body), by, s.now().UnixMilli(), make([]byte, len(ark.ID{})))
		return err
	})
	if err != nil {
		return fmt.Errorf("set area: %w", err)
	}
	s.tell(hub.Change{Households: true})
	return nil
}

// withOthers is an area as somebody wants it, with the parts of the van's that
// are not theirs to take away.
func (t territory) withOthers(s hub.Sight, van ark.VanID, area []part) ([]part, error) {
	if s.Whole {
		return area, nil
	}
	if !slices.Contains(t.seen(s), van) {
		return nil, hub.ErrNotThere
	}
	var whole []part
	for _, own := range t[van] {
		if !s.Sees(own.Place) {
			whole = append(whole, own)
		}
	}
	for _, p := range area {
		switch {
		case slices.ContainsFunc(whole, func(own part) bool { return own.Plain == p.Plain }): // it stays
		case !s.Sees(p.Place):
			return nil, fmt.Errorf("%w: %s", hub.ErrOutOfSight, p.Place)
		default:
			whole = append(whole, p)
		}
	}
	if len(whole) > hub.MaxAreas {
		return nil, fmt.Errorf("%w: %d parts of town", hub.ErrFull, len(whole))
	}
	return whole, nil
}

func checkArea(van ark.VanID, area []ark.Place) error {
	if _, err := ark.ParseVanID(string(van)); err != nil {
		return fmt.Errorf("%w: %w", hub.ErrInvalid, err)
	}
	if len(area) > hub.MaxAreas {
		return fmt.Errorf("%w: %d parts of town", hub.ErrFull, len(area))
	}
	for _, p := range area {
		if p.Plain() == (ark.Place{}) {
			return fmt.Errorf("%w: a part of town without a name is everywhere", hub.ErrInvalid)
		}
		if err := p.Check(); err != nil {
			return fmt.Errorf("%w: %w", hub.ErrInvalid, err)
		}
	}
	return nil
}

// sweepStep is how many households of each part of town one transaction
// compares: the journals of vans wait for it.
const sweepStep = 500

// sweep goes on comparing a van's new area with what it was told, and tells
// whether there is more to compare.
func (s *Store) sweep(ctx context.Context, van ark.VanID) (more bool, err error) {
	err = s.db.Write(ctx, func(tx *database.Tx) error {
		var after []byte
		err := tx.QueryRowContext(ctx, "SELECT sweep FROM areas WHERE van = $1", van).Scan(&after)
		if more = err == nil && after != nil; !more {
			if noRows(err) {
				return nil
			}
			return err
		}
		t, err := readTerritory(ctx, tx)
		if err != nil {
			return err
		}
		next, err := compareSome(ctx, tx, van, t[van], after)
		if err != nil {
			return err
		}
		_, err = tx.ExecContext(ctx, "UPDATE areas SET sweep = $1 WHERE van = $2", next, van)
		return err
	})
	if err != nil {
		return false, fmt.Errorf("compare area of van %s: %w", van, err)
	}
	return more, nil
}

// compareSome notes what is due after a household, and gives the one up to
// which it did; nil: to the end.
func compareSome(ctx context.Context, tx *database.Tx, van ark.VanID, area []part, after []byte) (next []byte, err error) {
	reached := func(ids [][]byte, n int) {
		if n == sweepStep && (next == nil || slices.Compare(ids[len(ids)-1], next) < 0) {
			next = ids[len(ids)-1]
		}
	}
	var due [][]byte
	for _, p := range area {
		args := arguments{van, after, sweepStep}
		ids, _, err := someIDs(ctx, tx, `SELECT h.id, 1 FROM households h LEFT JOIN told t ON t.van = $1 AND t.household = h.id
			WHERE t.rev IS DISTINCT FROM h.rev AND h.id > $2 AND `+within(p.Plain, &args)+" ORDER BY h.id LIMIT $3", args)
		if err != nil {
			return nil, err
		}
		reached(ids, len(ids))
		due = append(due, ids...)
	}
	args := arguments{van, after, sweepStep}
	held, gone, err := someIDs(ctx, tx, `SELECT t.household, h.id IS NULL OR NOT (`+areaCondition(area, &args)+`) FROM told t LEFT JOIN households h ON h.id = t.household
		WHERE t.van = $1 AND t.household > $2 AND t.rev IS NOT NULL ORDER BY t.household LIMIT $3`, args)
	if err != nil {
		return nil, err
	}
	reached(held, len(held))
	for _, id := range append(due, gone...) {
		if _, err := tx.ExecContext(ctx, "INSERT INTO due VALUES ($1, $2) ON CONFLICT DO NOTHING", van, id); err != nil {
			return nil, err
		}
	}
	return next, nil
}

// areaCondition is that a household is in one of the parts of town.
func areaCondition(area []part, args *arguments) string {
	all := []string{never}
	for _, p := range area {
		all = append(all, "("+within(p.Plain, args)+")")
	}
	return strings.Join(all, " OR ")
}

// someIDs reads ids and, of those, the chosen ones.
func someIDs(ctx context.Context, tx *database.Tx, query string, args []any) (all, chosen [][]byte, err error) {
	rows, err := tx.QueryContext(ctx, query, args...)
	if err != nil {
		return nil, nil, err
	}
	defer rows.Close()
	for rows.Next() {
		var id []byte
		var is bool
		if err := rows.Scan(&id, &is); err != nil {
			return nil, nil, err
		}
		if all = append(all, id); is {
			chosen = append(chosen, id)
		}
	}
	return all, chosen, rows.Err()
}
