// Package invented makes up visits such as a crew would log, the same for the
// same seed. The compression dictionary is trained on them, and benches and
// tests that need many visits use them. No person, compound or household in
// it exists: names are drawn from lists of common surnames and forms of
// address, and compounds from lists of syllables.
package invented

import (
	"fmt"
	"math/rand/v2"
	"time"

	"ark"
)

// Visits makes up n visits of one van: its crew goes from door to door, unit
// by unit and building by building, and comes to another compound now and then.
func Visits(seed uint64, n int) []ark.Visit {
	r := newRand(seed)
	crew := Crew(seed)
	w := walk{r: r}
	all := make([]ark.Visit, n)
	by := crew[0]
	for i := range all {
		if r.IntN(12) == 0 {
			by = one(r, crew)
		}
		all[i] = visit(r, w.next(), by)
	}
	return all
}

// Crew makes up the names of a van's crew: three to five.
func Crew(seed uint64) []string {
	r := newRand(^seed)
	names := make([]string, 3+r.IntN(3))
	for i := range names {
		names[i] = one(r, surnames) + one(r, given)
		if r.IntN(3) == 0 {
			names[i] += one(r, given)
		}
	}
	return names
}

// Entries makes up the journal entries of n visits: one boot a day, a visit
// every few minutes, ids as random as real ones.
func Entries(seed uint64, n int) []ark.Entry {
	r := newRand(seed + 1<<32)
	wall := ark.UnixMilli(1_790_000_000_000 + r.Int64N(86_400_000))
	var boot ark.BootID
	mono := time.Duration(0)
	all := make([]ark.Entry, n)
	for i, v := range Visits(seed, n) {
		if i%60 == 0 {
			fill(r, boot[:])
			mono = time.Minute
			wall += ark.UnixMilli(18 * time.Hour / time.Millisecond)
		}
		step := 40_000 + r.Int64N(300_000)
		wall += ark.UnixMilli(step)
		mono += time.Duration(step) * time.Millisecond
		var random [10]byte
		fill(r, random[:])
		body, err := ark.EncodeBody(ark.KindVisit, v)
		if err != nil {
			panic(err) // invented visits are in order: a test says so
		}
		all[i] = ark.Entry{ID: ark.NewID(wall, random), Kind: ark.KindVisit, Body: body,
			At: ark.Stamp{Wall: wall, Boot: boot, Mono: mono, Trusted: r.IntN(20) > 0}}
	}
	return all
}

// newRand is the same on every machine and with every release of Go: PCG is
// specified by its paper.
func newRand(seed uint64) *rand.Rand { return rand.New(rand.NewPCG(seed, 0x9e3779b97f4a7c15)) }

func one[T any](r *rand.Rand, from []T) T { return from[r.IntN(len(from))] }

func fill(r *rand.Rand, b []byte) {
	for i := range b {
		b[i] = byte(r.Uint32())
	}
}

func visit(r *rand.Rand, place, by string) ark.Visit {
	v := ark.Visit{Place: place, By: by}
	switch p := r.IntN(100); {
	case p < 58:
		met(r, &v)
	case p < 86:
		v.Outcome = ark.NoAnswer
		if r.IntN(5) == 0 {
			v.Note = one(r, absent)
		}
	case p < 94:
		v.Outcome = ark.Refused
		if r.IntN(4) == 0 {
			v.Note = one(r, refusals)
		}
	default:
		v.Outcome = ark.Moved
		if r.IntN(2) == 0 {
			v.Note = fmt.Sprintf(one(r, moves), 1+r.IntN(12))
		}
	}
	return v
}

func met(r *rand.Rand, v *ark.Visit) {
	v.Outcome = ark.Met
	if r.IntN(10) > 0 {
		v.Person = one(r, surnames) + one(r, titles)
	}
	for range r.IntN(3) {
		if s := one(r, ark.Services); len(v.Services) == 0 || v.Services[0] != s {
			v.Services = append(v.Services, s)
		}
	}
	if r.IntN(5) < 2 {
		v.Need = fmt.Sprintf(one(r, who), 60+r.IntN(35)) + one(r, wants)
		if r.IntN(3) == 0 {
			v.Need += "，" + one(r, whens)
		}
	}
	if r.IntN(4) == 0 {
		v.Note = fmt.Sprintf(one(r, notes), 1+r.IntN(30))
	}
}

// walk goes from door to door.
type walk struct {
	r                                     *rand.Rand
	compound                              string
	building, unit, floor, door           int
	buildings, units, floors, doors, left int
}

func (w *walk) next() string {
	if w.left == 0 {
		w.arrive()
	}
	w.left--
	if w.door++; w.door > w.doors {
		w.door = 1
		if w.floor--; w.floor < 1 { // crews go from the top floor down
			w.floor = w.floors
			if w.unit++; w.unit > w.units {
				w.unit = 1
				w.building = w.building%w.buildings + 1
			}
		}
	}
	room := fmt.Sprintf("%d幢%d单元%d%02d室", w.building, w.unit, w.floor, w.door)
	if w.units == 1 {
		room = fmt.Sprintf("%d幢%d%02d", w.building, w.floor, w.door)
	}
	return w.compound + room
}

func (w *walk) arrive() {
	r := w.r
	w.compound = ""
	if r.IntN(3) > 0 { // many crews leave out what is clear to them
		w.compound = one(r, first) + one(r, second) + one(r, third)
	}
	w.buildings, w.units, w.floors, w.doors = 6+r.IntN(40), 1+r.IntN(4), 5+r.IntN(20), 2+r.IntN(3)
	w.building, w.unit, w.floor, w.door = 1+r.IntN(w.buildings), 1, w.floors, 0
	w.left = 30 + r.IntN(120)
}
