package store

import (
	"context"
	"fmt"
	"slices"

	"ark"
	"ark/hub"
	"ark/internal/database"
)

// CrewMembers lists all who were ever made, by name; see hub.Roster.
func (s *Store) CrewMembers(ctx context.Context, sight hub.Sight) ([]hub.CrewMember, error) {
	all, err := readCrew(ctx, s.db.Read())
	if err != nil {
		return nil, fmt.Errorf("list crew: %w", err)
	}
	seen, err := sees(ctx, s.db.Read(), sight)
	all = slices.DeleteFunc(all, func(m hub.CrewMember) bool { return err != nil || !goesInSight(m.Vans, seen) })
	for i, m := range all {
		all[i].Vans = slices.DeleteFunc(m.Vans, func(v ark.VanID) bool { return !seen(v) })
	}
	if err != nil {
		return nil, fmt.Errorf("list crew: %w", err)
	}
	return all, nil
}

// goesInSight tells whether somebody goes with a van in sight, or with all.
func goesInSight(vans []ark.VanID, seen func(ark.VanID) bool) bool {
	return len(vans) == 0 || slices.ContainsFunc(vans, seen)
}

// goesBeyond tells whether somebody goes with a van out of sight.
func goesBeyond(s hub.Sight, vans []ark.VanID, seen func(ark.VanID) bool) bool {
	return !s.Whole && (len(vans) == 0 || slices.ContainsFunc(vans, func(v ark.VanID) bool { return !seen(v) }))
}

func readCrew(ctx context.Context, q querier) (all []hub.CrewMember, err error) {
	vans, err := readCrewVans(ctx, q)
	if err != nil {
		return nil, err
	}
	rows, err := q.QueryContext(ctx, "SELECT id, name, verifier, struck, by, made FROM crew ORDER BY name, id")
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		var m hub.CrewMember
		var id []byte
		var made int64
		if err := rows.Scan(&id, &m.Name, &m.Verifier, &m.Struck, &m.By, &made); err != nil {
			return nil, err
		}
		m.ID, m.Made = ark.ID(id), fromMilli(made)
		m.Vans = vans[m.ID]
		all = append(all, m)
	}
	return all, rows.Err()
}

func readCrewVans(ctx context.Context, q querier) (map[ark.ID][]ark.VanID, error) {
	rows, err := q.QueryContext(ctx, "SELECT member, van FROM crew_vans ORDER BY member, van")
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	vans := map[ark.ID][]ark.VanID{}
	for rows.Next() {
		var member []byte
		var van ark.VanID
		if err := rows.Scan(&member, &van); err != nil {
			return nil, err
		}
		vans[ark.ID(member)] = append(vans[ark.ID(member)], van)
	}
	return vans, rows.Err()
}

// SetCrewMember keeps one, new or changed; see hub.Roster.
func (s *Store) SetCrewMember(ctx context.Context, sight hub.Sight, m hub.CrewMember) error {
	if err := checkCrew(m); err != nil {
		return fmt.Errorf("set crew member: %w", err)
	}
	err := s.db.Write(ctx, func(tx *database.Tx) error {
		concerned, err := crewConcerned(ctx, tx, sight, m)
		if err != nil {
			return err
		}
		_, err = tx.ExecContext(ctx, `INSERT INTO crew VALUES ($1, $2, $3, $4, $5, $6)
			ON CONFLICT (id) DO UPDATE SET name = $2, verifier = $3, struck = $4, by = $5, made = $6`,
			m.ID[:], m.Name, m.Verifier, truth(m.Struck), m.By, s.now().UnixMilli())
		if err != nil {
			return err
		}
		if _, err := tx.ExecContext(ctx, "DELETE FROM crew_vans WHERE member = $1", m.ID[:]); err != nil {
			return err
		}
		for _, van := range m.Vans {
			if _, err := tx.ExecContext(ctx, "INSERT INTO crew_vans VALUES ($1, $2) ON CONFLICT DO NOTHING", m.ID[:], van); err != nil {
				return err
			}
		}
		if err := countRoster(ctx, tx, ark.KindCrew, concerned); err != nil {
			return err
		}
		return crewFits(ctx, tx)
	})
	if err != nil {
		return fmt.Errorf("set crew member: %w", err)
	}
	s.tell(hub.Change{People: true})
	return nil
}

func checkCrew(m hub.CrewMember) error {
	if err := (ark.Crew{Version: 1, Members: []ark.CrewMember{m.CrewMember}}).Check(); err != nil {
		return fmt.Errorf("%w: %w", hub.ErrInvalid, err)
	}
	if len(m.Vans) > hub.MaxPlanVans {
		return fmt.Errorf("%w: somebody who goes with %d vans", hub.ErrFull, len(m.Vans))
	}
	for _, van := range m.Vans {
		if _, err := ark.ParseVanID(string(van)); err != nil {
			return fmt.Errorf("%w: %w", hub.ErrInvalid, err)
		}
	}
	return nil
}

// crewConcerned are the vans with which somebody will go and with which they
// went; "" is all.
func crewConcerned(ctx context.Context, tx *database.Tx, sight hub.Sight, m hub.CrewMember) ([]ark.VanID, error) {
	seen, err := sees(ctx, tx, sight)
	if err != nil {
		return nil, err
	}
	var known int
	if err := tx.QueryRowContext(ctx, "SELECT count(*) FROM crew WHERE id = $1", m.ID[:]).Scan(&known); err != nil {
		return nil, err
	}
	concerned := whose(m.Vans)
	if known > 0 {
		vans, err := readCrewVans(ctx, tx)
		switch was := vans[m.ID]; {
		case err != nil:
			return nil, err
		case !goesInSight(was, seen):
			return nil, hub.ErrNotThere
		case goesBeyond(sight, was, seen):
			return nil, hub.ErrOutOfSight
		default:
			concerned = slices.Concat(concerned, whose(was))
		}
	}
	if goesBeyond(sight, m.Vans, seen) {
		return nil, hub.ErrOutOfSight
	}
	return concerned, nil
}

// countRoster counts a change of the crew or the phones of some vans.
func countRoster(ctx context.Context, tx *database.Tx, kind ark.Kind, vans []ark.VanID) error {
	var version int64
	if err := tx.QueryRowContext(ctx, "SELECT coalesce(max(version), 1) + 1 FROM roster_versions WHERE kind = $1", kind).Scan(&version); err != nil {
		return err
	}
	for _, van := range vans {
		_, err := tx.ExecContext(ctx, "INSERT INTO roster_versions VALUES ($1, $2, $3) ON CONFLICT (kind, van) DO UPDATE SET version = $3", kind, van, version)
		if err != nil {
			return err
		}
	}
	return nil
}

// crewFits checks that no van has more crew than one order holds. Who was
// struck off is left out of an order that is full.
func crewFits(ctx context.Context, tx *database.Tx) error {
	all, err := readCrew(ctx, tx)
	if err != nil {
		return err
	}
	each := map[ark.VanID]ark.Crew{}
	for _, m := range all {
		if m.Struck {
			continue
		}
		for _, van := range whose(m.Vans) {
			c := each[van]
			c.Members = append(c.Members, m.CrewMember)
			each[van] = c
		}
	}
	for van, c := range each {
		if van != "" {
			c.Members = slices.Concat(c.Members, each[""].Members)
		}
		c.Version = 1
		body, err := ark.EncodeBody(ark.KindCrew, c)
		if err != nil {
			return err
		}
		if len(c.Members) > ark.MaxCrew || len(body) > mostBody {
			return fmt.Errorf("%w: a crew of %d, %d bytes", hub.ErrFull, len(c.Members), len(body))
		}
	}
	return nil
}

// CrewOf is one van's crew, as it is ordered: who was struck off comes last,
// without a PIN, as far as there is room.
func (s *Store) CrewOf(ctx context.Context, van ark.VanID) (c ark.Crew, err error) {
	err = s.db.Read().QueryRowContext(ctx, "SELECT coalesce(max(version), 1) FROM roster_versions WHERE kind = $1 AND van IN ('', $2)", ark.KindCrew, van).Scan(&c.Version)
	if err != nil {
		return c, fmt.Errorf("read crew: %w", err)
	}
	all, err := s.CrewMembers(ctx, hub.Everything)
	if err != nil {
		return c, err
	}
	var struck []ark.CrewMember
	for _, m := range all {
		switch {
		case len(m.Vans) > 0 && !slices.Contains(m.Vans, van):
		case m.Struck:
			m.Verifier = ""
			struck = append(struck, m.CrewMember)
		default:
			c.Members = append(c.Members, m.CrewMember)
		}
	}
	c.Members, err = withRoom(c.Members, struck, ark.MaxCrew, func(members []ark.CrewMember) (int, error) {
		body, err := ark.EncodeBody(ark.KindCrew, ark.Crew{Version: c.Version, Members: members})
		return len(body), err
	})
	return c, err
}

// withRoom adds to a list what may be left out, as far as the list keeps to
// the most there may be and fits into an order.
func withRoom[T any](list, more []T, most int, size func([]T) (int, error)) ([]T, error) {
	all := slices.Concat(list, more)
	all = all[:min(len(all), most)]
	for {
		n, err := size(all)
		if err != nil || n <= mostBody {
			return all, err
		}
		all = all[:len(all)*9/10]
	}
}
