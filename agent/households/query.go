package households

import (
	"regexp"
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
	numbered = regexp.MustCompile(`^([a-z]?[0-9]{1,6}[a-z]?|[a-z])(号楼|幢|栋|座|楼|单元|梯|室|房|户|单$|号$)`)
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

// readOne takes one thing from the beginning; nil: it is nothing to look for.
func readOne(part string) (asked, string) {
	if m := numbered.FindStringSubmatch(part); m != nil {
		return level{m[2], ark.DoorPart(m[1])}, part[len(m[0]):]
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
type door struct{ parts []string }

func newDoor(s string) door {
	var d door
	for part := range strings.SplitSeq(strings.TrimRight(s, "-"), "-") {
		d.parts = append(d.parts, ark.DoorPart(part))
	}
	return d
}

func (d door) prepare(*Index) {}

func (d door) cost(x *Index, h *held) int {
	own := [...]string{x.parts[h.building], x.parts[h.unit], x.parts[h.room]}
	best := never
	for _, order := range [...][]int{{0, 1, 2}, {0, 2}} {
		if len(d.parts) > len(order) {
			continue
		}
		cost := 0
		for i, part := range d.parts {
			last := i == len(d.parts)-1
			switch have := own[order[i]]; {
			case have == part:
			case last && i > 0 && strings.HasPrefix(have, part):
				cost += 2
			default:
				cost = never
			}
		}
		best = min(best, cost)
	}
	return best
}

// number is digits of which it was not said what they count.
type number struct {
	digits string
	plain  string // without leading zeros
	*typed        // to look for it in names of compounds
}

func newNumber(s string) number {
	s = s[:min(len(s), maxTyped)]
	return number{s, ark.DoorPart(s), newTyped(s)}
}

const leastPhone = 3 // digits by which one looks for a telephone number

func (n number) cost(x *Index, h *held) int {
	best := int(n.areas[h.area])
	room := x.parts[h.room]
	switch {
	case room == n.plain:
		return 0
	case x.parts[h.building] == n.plain:
		best = min(best, 1)
	case len(n.plain) > 1 && strings.HasPrefix(room, n.plain):
		best = min(best, 2)
	case x.parts[h.unit] == n.plain:
		best = min(best, 3)
	case strings.HasPrefix(room, n.plain):
		best = min(best, 5)
	}
	if len(n.digits) < leastPhone {
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
	if w.first == 0 || h.initials&w.first != 0 {
		best = min(best, w.typed.cost(&x.letters, h.names, false))
	}
	return best
}
