package households

import (
	"regexp"
	"slices"
	"strings"

	"ark"
)

// asked is one of the things that all have to fit a household.
type asked interface {
	// cost is what it costs to fit, never and more if it does not.
	cost(x *Index, h *held) int
	// prepare is called once before.
	prepare(x *Index)
}

const maxAsked = 8

var (
	spaces   = regexp.MustCompile(`\s+`)
	numbered = regexp.MustCompile(`^([a-z]?[0-9]{1,6}[a-z]?|[a-z])(号楼|幢|栋|座|楼|单元|梯|室|房|户)|^([a-z]?[0-9]{1,6}[a-z]?)(单|号)$`) // a单 may be somebody's name
	dashed   = regexp.MustCompile(`^[a-z]?[0-9]{1,6}[a-z]?(?:-[0-9a-z]{0,6}){1,3}`)
	digitRun = regexp.MustCompile(`^[0-9]+`)
)

// read takes apart what somebody typed: doors, numbers and words, with or
// without spaces between them.
func read(text string) (all []asked) {
	text = strings.ToLower(ark.PlainText(text))
	for part := range strings.SplitSeq(spaces.ReplaceAllString(text, " "), " ") {
		for part != "" && len(all) < maxAsked {
			one, rest := readOne(part)
			if one != nil {
				all = append(all, one)
			}
			part = rest
		}
	}
	return all
}

// selective puts first what fits few and is soon judged: the rest then looks
// at those alone.
func selective(all []asked) {
	weight := func(one asked) int {
		switch one.(type) {
		case words:
			return 2
		case *number:
			return 1
		}
		return 0
	}
	slices.SortStableFunc(all, func(a, b asked) int { return weight(a) - weight(b) })
}

// readOne takes one thing from the beginning; nil: it is nothing to look for.
func readOne(part string) (asked, string) {
	if m := numbered.FindStringSubmatch(part); m != nil {
		return level{m[2] + m[4], ark.DoorPart(m[1] + m[3])}, part[len(m[0]):]
	}
	if m := dashed.FindString(part); m != "" {
		return newDoor(m), part[len(m):]
	}
	if m := digitRun.FindString(part); m != "" {
		return newNumber(m), part[len(m):]
	}
	end := strings.IndexFunc(part, func(r rune) bool { return r >= '0' && r <= '9' })
	if end < 0 {
		end = len(part)
	}
	// A letter that belongs to a building's number, as in 东方苑a3幢, stands alone.
	if end > 1 && end < len(part) && numbered.MatchString(part[end-1:]) && part[end-2] >= 0x80 {
		end--
	}
	end = max(end, 1)
	text := strings.Map(func(r rune) rune {
		if strings.ContainsRune(`-·.,，、。()'`, r) {
			return -1
		}
		return r
	}, part[:end])
	if text == "" {
		return nil, part[end:]
	}
	return newWords(text), part[end:]
}

// level is a number of which it was said what it counts.
type level struct{ word, number string }

func (l level) prepare(*Index) {}

func (l level) cost(x *Index, h *held) int {
	switch l.word {
	case "单元", "梯", "单":
		return exact(x.parts[h.unit] == l.number)
	case "室", "房", "户":
		return exact(x.parts[h.room] == l.number)
	}
	return exact(x.parts[h.building] == l.number)
}

func exact(same bool) int {
	if same {
		return 0
	}
	return never
}

// door is 3-2-501, or as much of it as is typed.
type door struct {
	parts []string
	same  []uint32 // their numbers in the index
	begin []bool   // of each number in the index: it begins with the last
}

func newDoor(s string) *door {
	d := &door{}
	for part := range strings.SplitSeq(strings.TrimRight(s, "-"), "-") {
		d.parts = append(d.parts, ark.DoorPart(part))
	}
	return d
}

func (d *door) prepare(x *Index) {
	for _, part := range d.parts {
		d.same = append(d.same, x.numberOf(part))
	}
	d.begin = x.begin(d.parts[len(d.parts)-1])
}

func (d *door) cost(_ *Index, h *held) int {
	best := never
	if n := len(d.parts); n <= 3 {
		own := [...]uint32{h.building, h.unit, h.room}
		best = d.fits(own[:n])
	}
	if len(d.parts) == 2 {
		own := [...]uint32{h.building, h.room}
		best = min(best, d.fits(own[:]))
	}
	return best
}

// fits compares with as many parts: all but the last are the same, and that
// begins so.
func (d *door) fits(own []uint32) int {
	last := len(own) - 1
	for i, n := range own[:last] {
		if n != d.same[i] {
			return never
		}
	}
	switch {
	case own[last] == d.same[last]:
		return 0
	case last > 0 && d.begin[own[last]]:
		return 2
	}
	return never
}

// number is digits of which it was not said what they count.
type number struct {
	digits string
	plain  string // without leading zeros
	same   uint32 // its number in the index
	begin  []bool // of each number in the index: it begins so
	*typed        // to look for it in names of compounds
}

func newNumber(s string) *number {
	s = s[:min(len(s), maxTyped)]
	return &number{digits: s, plain: ark.DoorPart(s), typed: newTyped(s)}
}

const leastPhone = 3 // digits by which one looks for a telephone number

func (n *number) prepare(x *Index) {
	n.typed.prepare(x)
	n.same, n.begin = x.numberOf(n.plain), x.begin(n.plain)
}

func (n *number) cost(_ *Index, h *held) int {
	best := int(n.areas[h.area])
	switch {
	case h.room == n.same:
		return 0
	case h.building == n.same:
		best = min(best, 1)
	case len(n.plain) > 1 && n.begin[h.room]:
		best = min(best, 2)
	case h.unit == n.same:
		best = min(best, 3)
	case n.begin[h.room]:
		best = min(best, 5)
	}
	if len(n.digits) < leastPhone || !strings.Contains(h.phones, n.digits) {
		return best
	}
	for phone := range strings.SplitSeq(h.phones, " ") {
		switch at := strings.Index(phone, n.digits); {
		case at < 0:
		case len(phone) == len(n.digits):
			return 0
		case at == 0, at+len(n.digits) == len(phone):
			best = min(best, 2)
		default:
			best = min(best, 4)
		}
	}
	return best
}

// words are looked for in the names of people and of compounds.
type words struct{ *typed }

func newWords(text string) words { return words{newTyped(text)} }

func (w words) cost(x *Index, h *held) int {
	best := int(w.areas[h.area])
	if w.may(h.initials) {
		best = min(best, w.typed.cost(&x.letters, h.names, false))
	}
	return best
}
