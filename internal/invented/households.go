package invented

import (
	"fmt"

	"ark"
)

// Households makes up n households: door by door through compounds, with one
// to four members of common names, most with a telephone number and a place on
// Earth.
func Households(seed uint64, n int) []ark.Household {
	r := newRand(seed + 1<<33)
	w := walk{r: r}
	all := make([]ark.Household, n)
	for i := range all {
		if w.next(); w.compound == "" { // crews leave it out, the office does not
			w.compound = one(r, first) + one(r, second) + one(r, third)
		}
		var random [10]byte
		fill(r, random[:])
		h := ark.Household{ID: ark.NewID(1_790_000_000_000+ark.UnixMilli(i), random),
			Place: ark.Place{Street: "翠苑街道", Community: w.compound + "社区", Compound: w.compound, Building: fmt.Sprint(w.building),
				Unit: fmt.Sprint(w.unit), Room: fmt.Sprintf("%d%02d", w.floor, w.door)}}
		family := one(r, surnames)
		for j := range 1 + r.IntN(4) {
			if j > 0 && r.IntN(2) == 0 {
				family = one(r, surnames)
			}
			m := ark.Member{Name: family + one(r, given), Born: 1930 + r.IntN(90)}
			if r.IntN(3) > 0 {
				m.Name += one(r, given)
			}
			if r.IntN(3) == 0 {
				m.Phone = fmt.Sprintf("1%d%08d", 30+r.IntN(70), r.IntN(100_000_000))
			}
			h.Members = append(h.Members, m)
		}
		if r.IntN(5) > 0 {
			h.Phone = fmt.Sprintf("1%d%08d", 30+r.IntN(70), r.IntN(100_000_000))
		}
		if r.IntN(4) > 0 {
			h.Geo = &ark.Geo{Lat: 302_000_000 + int64(r.IntN(1_000_000)), Lon: 1_201_000_000 + int64(r.IntN(1_000_000)), Acc: int64(5 + r.IntN(30))}
		}
		all[i] = h
	}
	return all
}
