package households

import "strings"

// What a match costs: the less, the better. A match by characters is free.
const (
	costSyllable = 1  // read in full: wang
	costInitial  = 2  // only its first letter, or the syllable that is being typed
	costReading  = 1  // not the likeliest reading
	costEar      = 5  // a syllable spelt as it is heard: zang for zhang
	costSound    = 6  // another character that sounds so
	costInside   = 4  // not from the beginning of the name
	costMore     = 1  // the name goes on
	costArea     = 3  // in the name of the compound or above
	costMoved    = 20 // they do not live there any more
	never        = 200
)

const maxTyped = 40 // characters of one word that are looked at

// typed is one word that is looked for in names: characters, pinyin, initials,
// or a mixture.
type typed struct {
	runes   []rune
	chars   []char   // of runes
	letters []string // of each place the letters that follow without another character
	first   uint32   // initials one of which a name must have; 0: any may do
	others  []uint32 // the same of each character that follows and is none of letters
	areas   []uint8  // what it costs to find it in each area
	steps   [][]step // of each place, by the numbers of characters; made as they are needed
}

// step is what a character of a name can take of what was typed: four bits for
// each number of typed letters from one on, with what it costs and one more; 0:
// it cannot. The highest bit says that it is made.
type step uint32

const stepMade step = 1 << 31

func (s step) with(letters, cost int) step {
	at := 4 * (letters - 1)
	if old := s >> at & 15; old != 0 && int(old) <= cost+1 {
		return s
	}
	return s&^(15<<at) | step(cost+1)<<at
}

func newTyped(text string) *typed {
	t := &typed{runes: []rune(text)}
	t.runes = t.runes[:min(len(t.runes), maxTyped)]
	for i, r := range t.runes {
		t.chars = append(t.chars, newChar(r))
		end := i
		for end < len(t.runes) && t.runes[end] >= 'a' && t.runes[end] <= 'z' {
			end++
		}
		t.letters = append(t.letters, string(t.runes[i:end]))
	}
	t.first = needed(&t.chars[0])
	t.earInitials()
	for i := range t.chars[1:] {
		if c := &t.chars[i+1]; c.r >= 0x80 {
			t.others = append(t.others, needed(c))
		}
	}
	t.steps = make([][]step, len(t.runes))
	return t
}

// needed are the initials one of which stands for what was typed; 0: any may.
func needed(c *char) uint32 {
	if nl := letterBit('n') | letterBit('l'); c.initials&nl != 0 && c.r >= 0x80 {
		return c.initials | nl // they are mixed up by ear
	}
	return c.initials
}

// earInitials adds to the initials of what was typed those that it may stand
// for by ear: lin may be ning, but a lone l is no n.
func (t *typed) earInitials() {
	if len(t.letters[0]) < 2 || !strings.ContainsRune("aeiouv", t.runes[1]) {
		return
	}
	for _, pair := range [...]uint32{letterBit('n') | letterBit('l'), letterBit('f') | letterBit('h')} {
		if t.first&pair != 0 {
			t.first |= pair
		}
	}
}

// may tells from the initials of names whether it is worth looking at them.
func (t *typed) may(initials uint32) bool {
	if t.first != 0 && initials&t.first == 0 {
		return false
	}
	for _, other := range t.others {
		if other != 0 && initials&other == 0 {
			return false
		}
	}
	return true
}

// cost is the least that it costs to find t in the names, which stand one
// behind another. It walks through a name and keeps for each number of typed
// characters what it cost to get so far, so that no name and no typing makes
// it take long. Strict: only by the likeliest reading, and by no other
// character that sounds so.
func (t *typed) cost(a *alphabet, names word, strict bool) int {
	if len(t.runes) == 1 {
		return t.costOne(a, names, strict)
	}
	best, all := never, len(t.runes)
	var so, next [maxTyped + maxLetters + 1]uint8
	most, begin := 0, true // so is known up to most
	for i := range names.len() {
		n := names.at(i)
		if n == 0 {
			begin = true
			continue
		}
		so[0] = costInside
		if begin {
			so[0], most, begin = 0, 0, false
		}
		reached := 0
		for q := 0; q <= most && q < all; q++ {
			if so[q] >= never {
				continue
			}
			s := t.step(a, q, n, strict) &^ stepMade
			for at := q + 1; s != 0; s, at = s>>4, at+1 {
				if s&15 == 0 {
					continue
				}
				for ; reached < at; reached++ {
					next[reached+1] = never
				}
				next[at] = min(next[at], so[q]+uint8(s&15)-1)
			}
		}
		if reached >= all {
			end := int(next[all])
			if i+1 < names.len() && names.at(i+1) != 0 {
				end += costMore
			}
			best = min(best, end)
		}
		so, most = next, reached
	}
	return best
}

// costOne is cost where one character is typed, which fits most households.
func (t *typed) costOne(a *alphabet, names word, strict bool) int {
	best, begin := never, true
	for i := range names.len() {
		n := names.at(i)
		if n == 0 {
			begin = true
			continue
		}
		cost := costInside
		if begin {
			cost, begin = 0, false
		}
		took := int(t.step(a, 0, n, strict)&15) - 1
		if took < 0 {
			continue
		}
		if i+1 < names.len() && names.at(i+1) != 0 {
			cost += costMore
		}
		best = min(best, cost+took)
	}
	return best
}

// prepare looks through the areas, of which there are few.
func (t *typed) prepare(x *Index) {
	t.areas = make([]uint8, len(x.areas))
	for i, a := range x.areas {
		t.areas[i] = never
		if t.may(a.initials) {
			t.areas[i] = uint8(min(never, t.cost(&x.letters, a.names, true)+costArea))
		}
	}
	t.steps = make([][]step, len(t.runes)) // those of areas were strict
}

// step is what the character n can take from the place q on.
func (t *typed) step(a *alphabet, q int, n uint16, strict bool) step {
	if t.steps[q] == nil {
		t.steps[q] = make([]step, len(a.chars))
	}
	s := &t.steps[q][n]
	if *s == 0 {
		*s = t.makeStep(&a.chars[n], q, strict) | stepMade
	}
	return *s
}

func (t *typed) makeStep(c *char, q int, strict bool) step {
	most := len(c.read)
	if strict {
		most = min(1, most)
	}
	switch r := t.runes[q]; {
	case r == c.r:
		return step(0).with(1, 0)
	case r >= 0x80 && !strict && c.soundsLike(&t.chars[q]):
		return step(0).with(1, costSound)
	case r >= 'a' && r <= 'z' && c.r >= 0x80:
		s := readStep(c.read[:most], t.letters[q])
		if !strict {
			s = earStep(s, c.ear, t.letters[q])
		}
		return s
	}
	return 0
}

const maxLetters = 6 // of a syllable: zhuang

// readStep takes a character by its pinyin: in full, by its first letter or
// letters, or as far as it is typed.
func readStep(syllables []string, rest string) (s step) {
	for i, syllable := range syllables {
		same := 0
		for same < len(syllable) && same < len(rest) && syllable[same] == rest[same] {
			same++
		}
		if same == 0 || len(syllable) > maxLetters {
			continue
		}
		cost := 0
		if i > 0 {
			cost = costReading
		}
		switch {
		case same == len(syllable):
			s = s.with(same, cost+costSyllable)
		case same == len(rest):
			s = s.with(same, cost+costInitial)
		}
		s = s.with(1, cost+costInitial)
		if same >= 2 && strings.HasPrefix(syllable[1:], "h") {
			s = s.with(2, cost+costInitial)
		}
	}
	return s
}

// earStep adds what a character can take by how it is spelt by ear: in full,
// or two letters and more of it as far as it is typed.
func earStep(s step, syllables []string, rest string) step {
	for _, syllable := range syllables {
		switch {
		case len(syllable) > maxLetters:
		case strings.HasPrefix(rest, syllable):
			s = s.with(len(syllable), costEar+costSyllable)
		case len(rest) > 1 && strings.HasPrefix(syllable, rest):
			s = s.with(len(rest), costEar+costInitial)
		}
	}
	return s
}
