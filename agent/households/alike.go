package households

import (
	"slices"
	"strings"

	"ark"
	"ark/agent"
)

// How likely it is that two households are the same: the less, the likelier.
const (
	likeDoor       = iota // the same door
	likePhone             // the same telephone number
	likeName              // the same name in the same building
	likeNear              // the same name in the same compound, or within nearby
	likeUnit              // the same door, of which one does not say the unit or the compound
	likeSound             // a name that sounds so in the same building
	likeCharacters        // a name of which most characters are the same, in the same building
	unlike
)

const (
	nearby     = 26_980 // 300 metres, in units of 1e-7 degrees
	wholePhone = 7      // digits of a number without its area code
)

// titles end a name that many have: such names say something only within one
// building.
var titles = []string{"大爷", "大妈", "奶奶", "爷爷", "阿姨", "叔叔", "先生", "女士", "师傅", "老师", "老太", "家"}

// Alike lists households that may be the same as h, the likeliest first: of
// the same door, the same telephone number, or with a member whose name is the
// same, sounds the same or has the same characters nearby. One that moved out
// is none.
func (x *Index) Alike(h ark.Household, most int) []agent.Alike {
	x.mu.RLock()
	defer x.mu.RUnlock()
	l := newLikeness(x, h)
	same := make([]bool, len(x.areas)) // the areas of the same compound
	for i, a := range x.areas {
		same[i] = a.key == l.compound
	}
	var byLikeness [unlike][]*held
	for i := range x.all {
		other := &x.all[i]
		if other.id == h.ID || other.moved {
			continue
		}
		if how := l.of(x, other, same[other.area]); how < unlike {
			byLikeness[how] = append(byLikeness[how], other)
		}
	}
	why := [unlike]string{likeDoor: agent.AlikeDoor, likePhone: agent.AlikePhone, likeUnit: agent.AlikeDoor}
	var all []agent.Alike
	for how, list := range byLikeness {
		for _, other := range list {
			if len(all) >= most {
				return all
			}
			if found, ok := x.household(other); ok {
				reason := why[how]
				if reason == "" {
					reason = agent.AlikeName
				}
				all = append(all, agent.Alike{Household: found, Why: reason})
			}
		}
	}
	return all
}

// name is somebody's, to be compared.
type name struct {
	chars  []char
	titled bool // it ends in a title
}

// likeness is a household to which others are compared.
type likeness struct {
	compound             string
	building, unit, room uint32 // numbers in the index; 0: not known
	names                []name
	initials             uint32
	phones               []string
	tails                uint32 // of phones
	near                 origin
}

func newLikeness(x *Index, h ark.Household) likeness {
	number := func(part string) uint32 {
		if part = ark.DoorPart(part); part == "" {
			return 0
		}
		return x.numberOf(part)
	}
	l := likeness{compound: h.Place.CompoundKey(), near: newOrigin(h.Geo),
		building: number(h.Place.Building), unit: number(h.Place.Unit), room: number(h.Place.Room)}
	phones := []string{h.Phone}
	for _, m := range h.Members {
		if m.Left {
			continue
		}
		phones = append(phones, m.Phone)
		mine := name{titled: slices.ContainsFunc(titles, func(t string) bool { return strings.HasSuffix(m.Name, t) })}
		for _, r := range strings.ToLower(m.Name) {
			c := newChar(r)
			mine.chars = append(mine.chars, c)
			l.initials |= c.initials
		}
		l.names = append(l.names, mine)
	}
	if nl := letterBit('n') | letterBit('l'); l.initials&nl != 0 {
		l.initials |= nl
	}
	for _, p := range phones {
		if p = phoneDigits(p); len(p) >= wholePhone {
			l.phones = append(l.phones, p)
			l.tails |= tail(p)
		}
	}
	return l
}

func (l *likeness) of(x *Index, h *held, sameCompound bool) int {
	building := sameCompound && l.building != 0 && l.building == h.building
	how := l.door(x, h, sameCompound)
	if how > likePhone && l.samePhone(h) {
		how = likePhone
	}
	if how > likeName && (sameCompound || l.near.to(h) <= nearby*nearby) && (l.initials == 0 || l.initials&h.initials != 0) {
		how = min(how, l.name(x, h, building))
	}
	return how
}

// door compares addresses. One that is less exact may be the same.
func (l *likeness) door(x *Index, h *held, sameCompound bool) int {
	if l.room == 0 || h.room != l.room || h.building != l.building {
		return unlike
	}
	unnamed := l.compound == "" || x.areas[h.area].key == ""
	switch {
	case !sameCompound && !unnamed:
		return unlike
	case h.unit != l.unit && h.unit != 0 && l.unit != 0:
		return unlike
	case sameCompound && h.unit == l.unit:
		return likeDoor
	}
	return likeUnit
}

func (l *likeness) samePhone(h *held) bool {
	if l.tails&h.tails == 0 {
		return false
	}
	end := func(p string) bool { return strings.Contains(h.phones, p[len(p)-wholePhone:]) }
	if !slices.ContainsFunc(l.phones, end) {
		return false
	}
	for phone := range strings.SplitSeq(h.phones, " ") {
		if len(phone) < wholePhone {
			continue
		}
		if slices.ContainsFunc(l.phones, func(p string) bool { return strings.HasSuffix(p, phone) || strings.HasSuffix(phone, p) }) {
			return true
		}
	}
	return false
}

// name compares all names with all.
func (l *likeness) name(x *Index, h *held, sameBuilding bool) int {
	best := unlike
	for _, mine := range l.names {
		begin := 0
		for i := range h.names.len() + 1 {
			if i < h.names.len() && h.names.at(i) != 0 {
				continue
			}
			how := sameNames(x, mine.chars, h.names[2*begin:2*i])
			begin = i + 1
			switch {
			case how == likeName && !sameBuilding && mine.titled:
			case how == likeName && !sameBuilding:
				best = min(best, likeNear)
			case how == likeName || sameBuilding && !mine.titled:
				best = min(best, how)
			}
		}
	}
	return best
}

// sameNames compares two names of two characters or more.
func sameNames(x *Index, mine []char, theirs word) int {
	if len(mine) < 2 || theirs.len() < 2 {
		return unlike
	}
	same, sounds := 0, 0
	for i := range min(len(mine), theirs.len()) {
		their := &x.letters.chars[theirs.at(i)]
		switch {
		case their.r == mine[i].r:
			same++
			sounds++
		case their.soundsLike(&mine[i]):
			sounds++
		}
	}
	long := max(len(mine), theirs.len())
	switch {
	case same == long:
		return likeName
	case sounds == long:
		return likeSound
	case same >= 2 && same >= long-1:
		return likeCharacters
	}
	return unlike
}
