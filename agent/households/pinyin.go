package households

import (
	"slices"
	"strings"
	"unicode"

	"github.com/mozillazg/go-pinyin"
)

// toneless takes the tone from a vowel. ü is v, as it is typed.
var toneless = func() map[rune]rune {
	m := map[rune]rune{'ḿ': 'm', 'ń': 'n', 'ň': 'n', 'ǹ': 'n', 'ê': 'e', 'ế': 'e', 'ề': 'e', 'ü': 'v'}
	for base, toned := range map[rune]string{'a': "āáǎà", 'e': "ēéěè", 'i': "īíǐì", 'o': "ōóǒò", 'u': "ūúǔù", 'v': "ǖǘǚǜ"} {
		for _, r := range toned {
			m[r] = base
		}
	}
	return m
}()

// surnames are the characters that are read otherwise at the beginning of a
// name than the dictionary has first.
var surnames = map[rune]string{
	'仇': "qiu", '单': "shan", '曾': "zeng", '查': "zha", '解': "xie", '朴': "piao", '区': "ou", '盖': "ge", '任': "ren", '翟': "zhai",
	'缪': "miao", '繁': "po", '折': "she", '尉': "wei", '覃': "qin", '乐': "yue", '员': "yun", '黑': "he", '秘': "bi", '冼': "xian",
	'种': "chong", '召': "shao", '盛': "sheng", '沈': "shen", '晁': "chao", '卜': "bu", '牟': "mu", '祭': "zhai", '洗': "xian", '葛': "ge",
	'长': "zhang", '俞': "yu", '万': "wan", '车': "che", '石': "shi", '叶': "ye", '贾': "jia", '柏': "bai", '尹': "yin", '臧': "zang",
}

const maxReadings = 3 // of what the dictionary has; the rest is archaic

// readings lists how a character is read, without tones, the likeliest first.
// A letter or digit is read as itself; a character that no dictionary has is
// not read at all.
func readings(r rune) []string {
	if r < unicode.MaxASCII {
		if unicode.IsLetter(r) || unicode.IsDigit(r) {
			return []string{string(unicode.ToLower(r))}
		}
		return nil
	}
	var all []string
	add := func(s string) {
		if s != "" && len(all) < maxReadings && !slices.Contains(all, s) {
			all = append(all, s)
		}
	}
	add(surnames[r])
	for toned := range strings.SplitSeq(pinyin.PinyinDict[int(r)], ",") {
		plain := strings.Map(func(r rune) rune {
			if base, ok := toneless[r]; ok {
				return base
			}
			if r < 'a' || r > 'z' {
				return -1
			}
			return r
		}, toned)
		add(plain)
		if strings.ContainsRune(plain, 'v') {
			add(strings.ReplaceAll(plain, "v", "u"))
		}
	}
	return all
}

// blur makes one of syllables that many people do not tell apart: z and zh, n
// and l, an and ang.
func blur(syllable string) string {
	for _, pair := range [...][2]string{{"zh", "z"}, {"ch", "c"}, {"sh", "s"}, {"n", "l"}} {
		if rest, ok := strings.CutPrefix(syllable, pair[0]); ok && rest != "" {
			syllable = pair[1] + rest
			break
		}
	}
	for _, final := range [...]string{"ang", "eng", "ing"} {
		if strings.HasSuffix(syllable, final) {
			return syllable[:len(syllable)-1]
		}
	}
	return syllable
}

// Beginnings and ends of syllables that people who type by ear write for one
// another.
var (
	earBegins = [...][2]string{{"zh", "z"}, {"ch", "c"}, {"sh", "s"}, {"n", "l"}, {"f", "h"}}
	earEnds   = [...][2]string{{"ang", "an"}, {"eng", "en"}, {"ing", "in"}}
)

// byEar lists how else somebody may spell a syllable who writes what they
// hear: zang for zhang, lin for ning.
func byEar(syllable string) (all []string) {
	begins := []string{syllable}
	for _, pair := range earBegins {
		one, other := pair[0], pair[1]
		if !strings.HasPrefix(syllable, one) {
			one, other = other, one
		}
		if rest, ok := strings.CutPrefix(syllable, one); ok && rest != "" && strings.Contains("aeiouv", rest[:1]) {
			begins = append(begins, other+rest)
			break
		}
	}
	for i, s := range begins {
		if i > 0 {
			all = append(all, s)
		}
		for _, pair := range earEnds {
			if rest, ok := strings.CutSuffix(s, pair[0]); ok {
				all = append(all, rest+pair[1])
			} else if rest, ok := strings.CutSuffix(s, pair[1]); ok {
				all = append(all, rest+pair[0])
			}
		}
	}
	return all
}

// char is a character that occurs in names or areas.
type char struct {
	r        rune
	read     []string // without tones
	blurred  []string
	ear      []string // how else they are spelt by ear
	initials uint32   // a bit for each letter with which it may begin, by pinyin
}

func newChar(r rune) char {
	c := char{r: r, read: readings(r)}
	for _, s := range c.read {
		c.blurred = append(c.blurred, blur(s))
		c.initials |= letterBit(rune(s[0]))
		if r >= 0x80 {
			c.ear = append(c.ear, byEar(s)...)
		}
	}
	return c
}

func letterBit(r rune) uint32 {
	if r < 'a' || r > 'z' {
		return 0
	}
	return 1 << (r - 'a')
}

// soundsLike tells whether two characters may be mixed up by ear: the
// likeliest reading of one is among those of the other.
func (c *char) soundsLike(other *char) bool {
	return len(c.blurred) > 0 && len(other.blurred) > 0 &&
		(slices.Contains(other.blurred, c.blurred[0]) || slices.Contains(c.blurred, other.blurred[0]))
}

// alphabet numbers the characters that occur, so that a name takes two bytes a
// character and how it is read is kept once. Number 0 stands between names.
type alphabet struct {
	numbers map[rune]uint16
	chars   []char
}

func newAlphabet() alphabet {
	return alphabet{numbers: map[rune]uint16{}, chars: []char{{}}}
}

// word is text in an alphabet's numbers, two bytes each.
type word string

func (w word) len() int        { return len(w) / 2 }
func (w word) at(i int) uint16 { return uint16(w[2*i]) | uint16(w[2*i+1])<<8 }

// add writes text down. Spaces and marks are left out, letters are small.
func (a *alphabet) add(to []byte, text string) []byte {
	for _, r := range text {
		r = unicode.ToLower(r)
		if !unicode.IsLetter(r) && !unicode.IsDigit(r) {
			continue
		}
		n, ok := a.numbers[r]
		if !ok {
			if len(a.chars) == 1<<16 {
				continue // more characters than Chinese names have
			}
			n = uint16(len(a.chars))
			a.numbers[r] = n
			a.chars = append(a.chars, newChar(r))
		}
		to = append(to, byte(n), byte(n>>8))
	}
	return to
}

// initials are those of all characters of a word.
func (a *alphabet) initials(w word) (mask uint32) {
	for i := range w.len() {
		mask |= a.chars[w.at(i)].initials
	}
	return mask
}
