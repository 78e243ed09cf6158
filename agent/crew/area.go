package crew

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"net/http"
	"slices"

	"ark"
)

// mostArea is the most households that a phone keeps for use out of reach.
const mostArea = 5000

// kept is a household as a phone keeps it.
type kept struct {
	householdTold
	Find string `json:"find"` // what search looks in
}

// area gives a phone the households around it: those of a compound, or where
// it has none of that name as many of all as a phone keeps.
func (c *Crew) area(r *http.Request, _ caller) (int, any, error) {
	want := ark.Place{Compound: r.URL.Query().Get("compound")}.CompoundKey()
	var there, others []ark.Household
	err := c.c.Register.Each(r.Context(), func(h ark.Household) error {
		switch {
		case want != "" && h.Place.CompoundKey() == want && len(there) < mostArea:
			there = append(there, h)
		case len(others) < mostArea:
			others = append(others, h)
		}
		return r.Context().Err()
	})
	if err != nil {
		return 0, nil, err
	}
	if len(there) == 0 {
		there = others
	}
	slices.SortFunc(there, func(a, b ark.Household) int { return bytes.Compare(a.ID[:], b.ID[:]) })
	sum := sha256.New()
	list := make([]kept, len(there))
	for i, h := range there {
		sum.Write(h.ID[:])
		sum.Write(h.Rev[:])
		list[i] = kept{householdTold{Household: h, Door: h.Place.String()}, c.c.Words(h)}
	}
	return http.StatusOK, map[string]any{"version": hex.EncodeToString(sum.Sum(nil)[:8]), "households": list}, nil
}
