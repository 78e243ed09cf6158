package store

import (
	"fmt"

	"ark"
	"ark/internal/database"
)

// mostPlaces is how many numbers of places are remembered.
const mostPlaces = 20_000

// areaOf is a place down to the compound.
func areaOf(p ark.Place) ark.Place {
	return ark.Place{Street: p.Street, Community: p.Community, Grid: p.Grid, Compound: p.Compound}
}

// placeNumbers are numbers of places, and how they are compared.
type placeNumbers map[ark.Place]numbered

type numbered struct {
	n     int64
	plain ark.Place
}

const addPlace = `INSERT INTO visit_places (street, community, grid, compound, said_street, said_community, said_grid, said_compound)
	VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT (said_street, said_community, said_grid, said_compound) DO UPDATE SET street = $1 RETURNING n`

// locate gives traits the number of their place, a new one if need be, and the
// form for comparing. given is what this transaction gave.
func (s *Store) locate(tx *database.Tx, given placeNumbers, t *traits) error {
	p := areaOf(t.where)
	if p == (ark.Place{}) {
		t.plain.Building = ark.DoorPart(t.where.Building)
		return nil
	}
	s.mu.Lock()
	known, ok := s.places[p]
	s.mu.Unlock()
	if !ok {
		known, ok = given[p]
	}
	if !ok {
		known.plain = p.Plain()
		err := s.bulk.place.QueryRow(tx, known.plain.Street, known.plain.Community, known.plain.Grid, known.plain.Compound,
			p.Street, p.Community, p.Grid, p.Compound).Scan(&known.n)
		if err != nil {
			return fmt.Errorf("note place: %w", err)
		}
		given[p] = known
	}
	t.place, t.plain = known.n, known.plain
	t.plain.Building = ark.DoorPart(t.where.Building)
	return nil
}

// keepPlaces remembers the numbers that a transaction gave, once it has
// committed.
func (s *Store) keepPlaces(given placeNumbers) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.places == nil || len(s.places) > mostPlaces {
		s.places = placeNumbers{}
	}
	for p, known := range given {
		s.places[p] = known
	}
}
