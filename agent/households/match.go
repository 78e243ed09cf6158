package households

import "strings"

// What a match costs: the less, the better. A match by characters is free.
const (
	costSyllable = 1  // read in full: wang
	costInitial  = 2  // only its first letter, or the syllable that is being typed
	costReading  = 1  // not the likeliest reading
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
	areas   []uint8  // what it costs to find it in each area
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
	t.first = t.chars[0].initials
	if nl := letterBit('n') | letterBit('l'); t.first&nl != 0 && t.runes[0] >= 0x80 {
		t.first |= nl // they are mixed up by ear
	}
	return t
}

// cost is the least that it costs to find t in the names, which stand one
// behind another. It walks through a name and keeps for each number of typed
// characters what it cost to get so far, so that no name and no typing makes
// it take long. Strict: only by the likeliest reading, and by no other
// character that sounds so.
func (t *typed) cost(a *alphabet, names word, strict bool) int {
	best := never
	var so, next [maxTyped + 1]uint8
	begin := true
	for i := range names.len() {
		n := names.at(i)
		if n == 0 {
			begin = true
			continue
		}
		if begin {
			for q := range len(t.runes) + 1 {
				so[q] = never
			}
		}
		so[0] = costInside
		if begin {
			so[0] = 0
		}
		begin = false
		for q := range len(t.runes) + 1 {
			next[q] = never
		}
		t.step(&a.chars[n], &so, &next, strict)
		end := int(next[len(t.runes)])
		if i+1 < names.len() && names.at(i+1) != 0 {
			end += costMore
		}
		best = min(best, end)
		so = next
	}
	return best
}

// prepare looks through the areas, of which there are few.
func (t *typed) prepare(x *Index) {
	t.areas = make([]uint8, len(x.areas))
	for i, a := range x.areas {
		t.areas[i] = never
		if t.first == 0 || a.initials&t.first != 0 {
			t.areas[i] = uint8(min(never, t.cost(&x.letters, a.names, true)+costArea))
		}
	}
}

// step takes one character of a name.
func (t *typed) step(c *char, so, next *[maxTyped + 1]uint8, strict bool) {
	most := maxReadings + 2
	if strict {
		most = 1
	}
	for q := range t.runes {
		if so[q] >= never {
			continue
		}
		switch r := t.runes[q]; {
		case r == c.r:
			next[q+1] = min(next[q+1], so[q])
		case r >= 0x80 && !strict && c.soundsLike(&t.chars[q]):
			next[q+1] = min(next[q+1], so[q]+costSound)
		case r >= 'a' && r <= 'z' && c.r >= 0x80:
			t.read(c.read[:min(len(c.read), most)], q, so[q], next)
		}
	}
}

// read takes a character by its pinyin: in full, by its first letter or
// letters, or as far as it is typed.
func (t *typed) read(syllables []string, q int, so uint8, next *[maxTyped + 1]uint8) {
	rest := t.letters[q]
	for i, syllable := range syllables {
		same := 0
		for same < len(syllable) && same < len(rest) && syllable[same] == rest[same] {
			same++
		}
		if same == 0 {
			continue
		}
		cost := so
		if i > 0 {
			cost += costReading
		}
		reach := func(letters int, more uint8) { next[q+letters] = min(next[q+letters], cost+more) }
		switch {
		case same == len(syllable):
			reach(same, costSyllable)
		case same == len(rest):
			reach(same, costInitial)
		}
		reach(1, costInitial)
		if same >= 2 && strings.HasPrefix(syllable[1:], "h") {
			reach(2, costInitial)
		}
	}
}
