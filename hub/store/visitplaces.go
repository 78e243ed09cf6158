package store

import (
	"fmt"

	"ark"
	"ark/internal/database"
)

// areaOf is a place down to the compound.
func areaOf(p ark.Place) ark.Place {
	return ark.Place{Street: p.Street, Community: p.Community, Grid: p.Grid, Compound: p.Compound}
}

// placeNumbers gives the numbers of places, new ones too.
type placeNumbers map[ark.Place]int64

func (known placeNumbers) of(tx *database.Tx, p ark.Place) (n int64, err error) {
	if p = areaOf(p); p == (ark.Place{}) {
		return 0, nil
	}
	if n, ok := known[p]; ok {
		return n, nil
	}
	plain := p.Plain()
	err = tx.QueryRow(`INSERT INTO visit_places (street, community, grid, compound, said_street, said_community, said_grid, said_compound)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT (said_street, said_community, said_grid, said_compound) DO UPDATE SET street = $1 RETURNING n`,
		plain.Street, plain.Community, plain.Grid, plain.Compound, p.Street, p.Community, p.Grid, p.Compound).Scan(&n)
	if err != nil {
		return 0, fmt.Errorf("note place: %w", err)
	}
	known[p] = n
	return n, nil
}
