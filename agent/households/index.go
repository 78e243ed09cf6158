package households

import (
	"fmt"
	"strings"
	"sync"

	"ark"
)

// Index is the households of a van. It is safe for concurrent use.
type Index struct {
	mu      sync.RWMutex
	letters alphabet
	parts   []string // buildings, units and rooms as ark.DoorPart has them; 0 is none
	partNo  map[string]uint32
	areas   []area
	areaNo  map[ark.Place]uint32
	all     []held
	at      map[ark.ID]int32 // where in all
}

// area is where doors are: the parts of a place above the building.
type area struct {
	ark.Place
	key      string // ark.Place.CompoundKey
	names    word
	initials uint32
}

// held is a household in the index.
type held struct {
	id                   ark.ID
	body                 string // as CBOR
	names                word   // of all members that have not left
	phones               string // digits, with a space between
	initials             uint32 // of names
	tails                uint32 // of phones: a bit for the end of each
	area                 uint32
	building, unit, room uint32 // in parts
	lat, lon             int32  // in units of 1e-7 degrees
	located, moved       bool
}

// New makes an empty index.
func New() *Index {
	return &Index{letters: newAlphabet(), parts: []string{""}, partNo: map[string]uint32{"": 0}, areaNo: map[ark.Place]uint32{}, at: map[ark.ID]int32{}}
}

// Len is how many households it holds.
func (x *Index) Len() int {
	x.mu.RLock()
	defer x.mu.RUnlock()
	return len(x.all)
}

// Add adds a household, or replaces the one of the same ID. One to forget is
// removed. The error is ark's, where the household is not in order.
func (x *Index) Add(h ark.Household) error {
	if h.Forget {
		x.Remove(h.ID)
		return nil
	}
	if err := h.Check(); err != nil {
		return fmt.Errorf("index household: %w", err)
	}
	h.Has = nil
	body, err := ark.EncodeBody(ark.KindHouseholds, ark.Households{List: []ark.Household{h}})
	if err != nil {
		return fmt.Errorf("index household: %w", err)
	}
	x.mu.Lock()
	defer x.mu.Unlock()
	one := x.hold(h, string(body))
	if i, ok := x.at[h.ID]; ok {
		x.all[i] = one
		return nil
	}
	x.at[h.ID] = int32(len(x.all))
	x.all = append(x.all, one)
	return nil
}

// Remove removes a household, if it is there.
func (x *Index) Remove(id ark.ID) {
	x.mu.Lock()
	defer x.mu.Unlock()
	i, ok := x.at[id]
	if !ok {
		return
	}
	last := len(x.all) - 1
	x.all[i] = x.all[last]
	x.at[x.all[i].id] = i
	x.all[last] = held{}
	x.all = x.all[:last]
	delete(x.at, id)
}

// hold makes of a household what is looked through.
func (x *Index) hold(h ark.Household, body string) held {
	one := held{id: h.ID, body: body, area: x.areaOf(h.Place), moved: h.MovedOut != 0,
		building: x.part(h.Place.Building), unit: x.part(h.Place.Unit), room: x.part(h.Place.Room)}
	var names []byte
	phones := []string{phoneDigits(h.Phone)}
	for _, m := range h.Members {
		if m.Left {
			continue
		}
		if len(names) > 0 {
			names = append(names, 0, 0)
		}
		names = x.letters.add(names, m.Name)
		phones = append(phones, phoneDigits(m.Phone))
	}
	one.names = word(names)
	for _, p := range phones {
		one.tails |= tail(p)
	}
	one.phones = strings.Join(strings.Fields(strings.Join(phones, " ")), " ")
	one.initials = x.letters.initials(one.names)
	if h.Geo != nil {
		one.lat, one.lon, one.located = int32(h.Geo.Lat), int32(h.Geo.Lon), true
	}
	return one
}

func (x *Index) part(s string) uint32 {
	s = ark.DoorPart(s)
	n, ok := x.partNo[s]
	if !ok {
		n = uint32(len(x.parts))
		s = strings.Clone(s)
		x.partNo[s] = n
		x.parts = append(x.parts, s)
	}
	return n
}

// nowhere is the number of what no door has.
const nowhere = 1<<32 - 1

// numberOf is the number of a building, unit or room.
func (x *Index) numberOf(part string) uint32 {
	if n, ok := x.partNo[part]; ok && part != "" {
		return n
	}
	return nowhere
}

// begin tells of each number whether it begins so.
func (x *Index) begin(part string) []bool {
	all := make([]bool, len(x.parts))
	for i, p := range x.parts {
		all[i] = part != "" && strings.HasPrefix(p, part)
	}
	return all
}

func (x *Index) areaOf(p ark.Place) uint32 {
	p.Building, p.Unit, p.Room = "", "", ""
	n, ok := x.areaNo[p]
	if !ok {
		n = uint32(len(x.areas))
		a := area{Place: p, key: p.CompoundKey()}
		var names []byte
		for i, name := range [...]string{p.Compound, p.Community, p.Grid, p.Street} {
			if i > 0 {
				names = append(names, 0, 0)
			}
			names = x.letters.add(names, name)
		}
		a.names = word(names)
		a.initials = x.letters.initials(a.names)
		x.areaNo[p] = n
		x.areas = append(x.areas, a)
	}
	return n
}

// household is one as it was added.
func (x *Index) household(h *held) (ark.Household, bool) {
	body, err := ark.DecodeBody(ark.KindHouseholds, []byte(h.body))
	if err != nil {
		return ark.Household{}, false // what Add wrote is read
	}
	return body.(ark.Households).List[0], true
}

// phoneDigits is a telephone number without what is between its digits and
// without the country's 86.
func phoneDigits(s string) string {
	s = strings.Map(func(r rune) rune {
		if r < '0' || r > '9' {
			return -1
		}
		return r
	}, ark.PlainText(s))
	if len(s) == 13 {
		s = strings.TrimPrefix(s, "86")
	}
	return s
}

// tail is one of 32 bits by the last four digits of a telephone number that is
// whole: most numbers are told apart without looking at them.
func tail(phone string) uint32 {
	if len(phone) < wholePhone {
		return 0
	}
	n := uint32(0)
	for _, digit := range []byte(phone[len(phone)-4:]) {
		n = n*10 + uint32(digit-'0')
	}
	return 1 << (n % 32)
}
