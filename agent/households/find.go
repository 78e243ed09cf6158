package households

import (
	"cmp"
	"container/heap"
	"math"
	"slices"
	"strconv"
	"strings"

	"ark"
	"ark/agent"
)

const mostFound = 200

// Find lists the households that fit all of what was typed, the best first:
// what is the same before what begins so, characters before pinyin before
// initials; of those that fit as well the nearest, and then by their doors.
func (x *Index) Find(q agent.Query) []agent.Found {
	asked := read(q.Text)
	if strings.TrimSpace(q.Text) != "" && len(asked) == 0 {
		return nil // marks alone
	}
	selective(asked)
	x.mu.RLock()
	defer x.mu.RUnlock()
	for _, one := range asked {
		one.prepare(x)
	}
	best := &ranked{x: x, most: min(max(q.Limit, 1), mostFound)}
	area, near := x.within(q.Area), newOrigin(q.Near)
	for i := range x.all {
		h := &x.all[i]
		if !area.holds(x, h) {
			continue
		}
		if cost := costOf(x, asked, h); cost < never {
			best.offer(candidate{h, cost, near.to(h)})
		}
	}
	found := make([]agent.Found, 0, len(best.list))
	slices.SortFunc(best.list, best.compare)
	for _, c := range best.list {
		if h, ok := x.household(c.held); ok {
			f := agent.Found{Household: h, Metres: -1}
			if c.distance < far {
				f.Metres = int(math.Round(math.Sqrt(float64(c.distance)) * unit))
			}
			found = append(found, f)
		}
	}
	return found
}

func costOf(x *Index, all []asked, h *held) (cost int) {
	for _, one := range all {
		c := one.cost(x, h)
		if c >= never {
			return never
		}
		cost += c
	}
	if h.moved {
		cost += costMoved
	}
	return min(cost, never-1)
}

// places is which doors are within a place.
type places struct {
	anywhere             bool
	areas                []bool
	building, unit, room string
}

func (x *Index) within(p ark.Place) places {
	if p == (ark.Place{}) {
		return places{anywhere: true}
	}
	w := places{building: ark.DoorPart(p.Building), unit: ark.DoorPart(p.Unit), room: ark.DoorPart(p.Room), areas: make([]bool, len(x.areas))}
	key, above := p.CompoundKey(), ark.Place{Street: p.Street, Community: p.Community, Grid: p.Grid}
	for i, a := range x.areas {
		w.areas[i] = a.Within(above) && (p.Compound == "" || a.key == key)
	}
	return w
}

func (w places) holds(x *Index, h *held) bool {
	return w.anywhere || w.areas[h.area] &&
		(w.building == "" || w.building == x.parts[h.building]) &&
		(w.unit == "" || w.unit == x.parts[h.unit]) &&
		(w.room == "" || w.room == x.parts[h.room])
}

// origin is a place from which doors are measured, in the plane: right to a
// metre within a town. Distances are squares in units of 1e-7 degrees of a
// meridian, in whole numbers, since a small computer reckons with many.
type origin struct {
	known    bool
	lat, lon int64
	narrow   int64 // by how much a degree of longitude is shorter, in 1/65536
}

const (
	far  = math.MaxInt64   // one of the places is not known
	unit = 111_195.0 / 1e7 // metres of 1e-7 degrees: 1/360 of the Earth's mean circumference (IUGG, radius 6,371.0 km)
)

func newOrigin(g *ark.Geo) origin {
	if g == nil {
		return origin{}
	}
	return origin{true, g.Lat, g.Lon, int64(math.Cos(float64(g.Lat)/1e7*math.Pi/180) * 65536)}
}

func (o *origin) to(h *held) int64 {
	if !o.known || !h.located {
		return far
	}
	lat, lon := int64(h.lat)-o.lat, int64(h.lon)-o.lon
	if lon = max(lon, -lon); lon > 1_800_000_000 {
		lon = 3_600_000_000 - lon
	}
	lon = lon * o.narrow >> 16
	return lat*lat + lon*lon
}

// candidate is a household that fits.
type candidate struct {
	*held
	cost     int
	distance int64
}

// ranked keeps the best candidates, the worst of them on top of a heap.
type ranked struct {
	x    *Index
	list []candidate
	most int
}

func (r *ranked) offer(c candidate) {
	switch {
	case len(r.list) < r.most:
		heap.Push(r, c)
	case r.compare(c, r.list[0]) < 0:
		r.list[0] = c
		heap.Fix(r, 0)
	}
}

func (r *ranked) Len() int           { return len(r.list) }
func (r *ranked) Less(i, j int) bool { return r.compare(r.list[i], r.list[j]) > 0 }
func (r *ranked) Swap(i, j int)      { r.list[i], r.list[j] = r.list[j], r.list[i] }
func (r *ranked) Push(c any)         { r.list = append(r.list, c.(candidate)) }
func (r *ranked) Pop() any {
	last := r.list[len(r.list)-1]
	r.list = r.list[:len(r.list)-1]
	return last
}

// compare orders candidates, the better first.
func (r *ranked) compare(a, b candidate) int {
	if a.cost != b.cost {
		return a.cost - b.cost
	}
	if a.distance != b.distance {
		return cmp.Compare(a.distance, b.distance)
	}
	if a.area != b.area {
		if c := strings.Compare(r.x.areas[a.area].Compound, r.x.areas[b.area].Compound); c != 0 {
			return c
		}
	}
	for _, pair := range [...][2]uint32{{a.building, b.building}, {a.unit, b.unit}, {a.room, b.room}} {
		if pair[0] != pair[1] {
			return byNumber(r.x.parts[pair[0]], r.x.parts[pair[1]])
		}
	}
	return a.id.Compare(b.id)
}

// byNumber orders 2 before 10.
func byNumber(a, b string) int {
	n, errA := strconv.Atoi(a)
	m, errB := strconv.Atoi(b)
	if errA == nil && errB == nil && n != m {
		return cmp.Compare(n, m)
	}
	return cmp.Or(cmp.Compare(len(a), len(b)), strings.Compare(a, b))
}
