package invented

import (
	"fmt"
	"math/rand/v2"
	"time"

	"ark"
)

// Town is a town of compounds, and the vans that go there. The same seed makes
// the same one.
type Town struct {
	r         *rand.Rand
	compounds []compound
	crews     [][]string // of each van
	from      ark.UnixMilli
	step      float64 // ms between visits
	made      int
	each      int // households of a compound
}

type compound struct {
	ark.Place
	lat, lon int64
}

// at is a door of a compound.
func (c compound) at(door int) ark.Place {
	p := c.Place
	p.Building, p.Unit, p.Room = fmt.Sprint(1+door/40), fmt.Sprint(1+door/20%2), fmt.Sprintf("%d%02d", 1+door/4%5, 1+door%4)
	return p
}

// TownVisit is a visit in a town: whose, and when.
type TownVisit struct {
	Van int // from 0
	ark.Visit
	At   ark.UnixMilli // by the van's clock
	Sure bool          // that clock is to be believed
}

// NewTown makes up a town with 12 streets, some of them far larger than
// others, 300 communities and 600 compounds, in which vans make visits for
// three years.
func NewTown(seed uint64, vans, households, visits int) *Town {
	const compounds = 600
	r := newRand(seed + 1<<34)
	t := &Town{r: r, from: 1_700_000_000_000, each: max(households/compounds, 1)}
	t.step = float64(3*365*24*time.Hour/time.Millisecond) / float64(visits)
	for i := range compounds {
		street := skewed(r, 12)
		p := ark.Place{Street: first[street] + second[street] + "街道", Compound: fmt.Sprintf("%s%s%s", first[i%20], second[i/20%20], third[i/400*6+r.IntN(6)])}
		p.Community = first[(street*7+i/2)%20] + second[i/2/15%20] + "社区"
		p.Grid = fmt.Sprint(1 + r.IntN(4))
		t.compounds = append(t.compounds, compound{p, 301_500_000 + int64(street/4)*700_000 + r.Int64N(700_000), 1_200_500_000 + int64(street%4)*700_000 + r.Int64N(700_000)})
	}
	for van := range vans {
		t.crews = append(t.crews, Crew(seed+uint64(van)))
	}
	return t
}

// skewed is a number below n, the small ones far more often.
func skewed(r *rand.Rand, n int) int {
	f := r.Float64()
	return int(f * f * float64(n))
}

// Next makes up the next visit, later than the last.
func (t *Town) Next() (v TownVisit) {
	r := t.r
	v.At = t.from + ark.UnixMilli(float64(t.made)*t.step) + ark.UnixMilli(r.IntN(1000))
	v.Van, v.Sure = skewed(r, len(t.crews)), r.IntN(20) > 0
	week := int(v.At / (7 * 86_400_000))
	home := (v.Van*7 + week%5*int(1+v.Van%3)) % len(t.compounds) // a van has a few compounds, a week each
	c, door := t.compounds[home], r.IntN(t.each)
	p := c.at(door)
	v.Visit = visit(r, p.String(), one(r, t.crews[v.Van]))
	if r.IntN(8) > 0 { // some crews do not say where they are
		v.Where = p
		if r.IntN(4) > 0 {
			v.Household = t.household(home, door)
		}
	}
	if r.IntN(4) > 0 {
		v.Geo = &ark.Geo{Lat: c.lat + int64(door)*60 + r.Int64N(3000), Lon: c.lon + int64(door%20)*700 + r.Int64N(3000), Acc: 12}
	}
	if v.Need != "" {
		v.Needs = []ark.Need{{Category: fmt.Sprint("need-", skewed(r, 12))}}
	}
	if r.IntN(50) < 3 { // 6 of 100
		v.Attachments = []ark.Attachment{{Content: ark.HashOf([]byte{byte(t.made)}), Size: 90_000, Type: "image/jpeg", Role: ark.RolePhoto}}
	}
	if t.made%10_000 == 5000 { // what hardly ever occurs
		v.Services, v.Note, v.Outcome = append(v.Services, "piano"), "要调钢琴", ark.Moved
	}
	t.made++
	return v
}

// Households are those that visits of the town name, with who lives there.
func (t *Town) Households() []ark.Household {
	all := Households(1, t.each*len(t.compounds))
	for i := range all {
		home, door := i/t.each, i%t.each
		all[i].ID, all[i].Place = t.household(home, door), t.compounds[home].at(door)
	}
	return all
}

func (t *Town) household(compound, door int) ark.ID {
	return ark.NewID(1_690_000_000_000, [10]byte{6: byte(compound >> 8), 7: byte(compound), 8: byte(door >> 8), 9: byte(door)})
}
