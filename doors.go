package ark

import (
	"regexp"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// How people write a door: 3幢2单元501室, 3栋2单元501, 3号楼501, 3-2-501, each with
// the compound, community and street before it or without, in digits of any
// width or in words. A door is cut from its end, since its end is what is
// written alike everywhere. 号 is a building only where a room or unit follows
// (12号302室) and no street comes before: 文三路123号 is where a compound is.
const (
	number   = `(?:\b[A-Za-z]?[0-9]{1,5}[A-Za-z]?|[0-9]{1,5}[A-Za-z]?|\b[A-Za-z]|[零〇一二三四五六七八九十]{1,3}|[甲乙丙丁])`
	building = `(?:幢|栋|号楼|座|楼)`
	unit     = `(?:单元|梯)`
)

var (
	dashedDoor   = regexp.MustCompile(`^(.*?)(` + number + `)(?:` + building + `)?-(?:([0-9A-Za-z]{1,4})(?:` + unit + `)?-)?([0-9A-Za-z]{2,6})(?:室|房|户)?$`)
	roomWithWord = regexp.MustCompile(`^(.*?)((?:\b[A-Za-z])?[0-9]{1,5}[A-Za-z]?(?:-[0-9A-Za-z]{1,2})?|[零〇一二三四五六七八九十]{1,5})(?:号?室|房|户)$`)
	roomAlone    = regexp.MustCompile(`^(|.*(?:` + building + `|` + unit + `|号| ))((?:\b[A-Za-z])?[0-9]{2,5}[A-Za-z]?(?:-[0-9A-Za-z]{1,2})?)$`)
	unitPart     = regexp.MustCompile(`^(.*?)(` + number + `)` + unit + `$`)
	buildingPart = regexp.MustCompile(`^(.*?)(` + number + `)(` + building + `|号)$`)
	areaParts    = regexp.MustCompile(`^(?:(.{1,12}?街道))?(?:(.{1,12}?社区))?(?:(.{0,8}?)网格)?`)
	spaced       = regexp.MustCompile(` ?(幢|栋|号楼|座|楼|单元|梯|号?室|房|户)(?: |$)`)
	street       = regexp.MustCompile(`[路街巷道]$`)
)

// ParsePlace reads a door as people write it. What it cannot split stays in
// Compound, so that nothing of it is lost but what is longer than MaxPart. The
// place that it makes always passes Check; of an empty text it is the zero
// Place.
func ParsePlace(s string) Place {
	rest, p := strings.TrimSpace(spaced.ReplaceAllString(PlainText(s), "$1")), Place{}
	if m := dashedDoor.FindStringSubmatch(rest); m != nil && (m[3] != "" || len(m[4]) > 2) {
		rest, p.Building, p.Unit, p.Room = m[1], m[2], m[3], m[4]
	} else {
		rest = p.cutDoor(rest)
	}
	if m := areaParts.FindStringSubmatch(rest); m != nil {
		p.Street, p.Community, p.Grid = m[1], m[2], strings.TrimSpace(m[3])
		rest = rest[len(m[0]):]
	}
	p.Compound = strings.Trim(rest, " -,、")
	return p.within()
}

// cutDoor cuts room, unit and building from the end and gives what is left.
func (p *Place) cutDoor(rest string) string {
	if m := roomWithWord.FindStringSubmatch(rest); m != nil {
		rest, p.Room = strings.TrimSpace(m[1]), m[2]
	} else if m := roomAlone.FindStringSubmatch(rest); m != nil && (m[1] != "" || len(m[2]) > 2) {
		rest, p.Room = strings.TrimSpace(m[1]), m[2]
	}
	if m := unitPart.FindStringSubmatch(rest); m != nil {
		rest, p.Unit = strings.TrimSpace(m[1]), m[2]
	}
	if m := buildingPart.FindStringSubmatch(rest); m != nil {
		if m[3] != "号" || (p.Unit != "" || p.Room != "") && !street.MatchString(m[1]) {
			rest, p.Building = m[1], m[2]
		}
	}
	return rest
}

// within keeps the parts in their bounds, and numbers written in words as
// digits.
func (p Place) within() Place {
	for _, part := range []*string{&p.Building, &p.Unit, &p.Room} {
		*part = digits(*part)
	}
	for _, part := range []*string{&p.Street, &p.Community, &p.Grid, &p.Compound} {
		if utf8.RuneCountInString(*part) > MaxPart {
			*part = string([]rune(*part)[:MaxPart])
		}
	}
	return p
}

// alikeChars are written for one another in doors.
var alikeChars = strings.NewReplacer("棟", "幢", "樓", "楼", "號", "号", "單", "单", "－", "-", "—", "-", "–", "-", "‐", "-", "−", "-", "~", "-", "_", "-", "#楼", "号楼", "＃", "#")

// PlainText brings what means the same in a door to one form, as Unicode's
// NFKC does for these: digits and letters of full width, spaces, dashes, old
// characters of the words for parts. # is 号楼.
func PlainText(s string) string {
	var b strings.Builder
	space := false
	for _, r := range alikeChars.Replace(s) {
		if r > 0xff00 && r < 0xff5f { // Unicode, Halfwidth and Fullwidth Forms
			r -= 0xfee0
		}
		switch {
		case r == utf8.RuneError, unicode.IsControl(r) && !unicode.IsSpace(r), r == '\u200b', r == '\ufeff':
		case unicode.IsSpace(r):
			space = b.Len() > 0
		default:
			if space {
				b.WriteByte(' ')
				space = false
			}
			b.WriteRune(r)
		}
	}
	return strings.ReplaceAll(b.String(), "#", "号楼")
}

// digits writes a number of Chinese words up to 九十九, or digits read one by
// one as in 五〇一, in digits. Anything else stays.
func digits(s string) string {
	const words = "〇一二三四五六七八九"
	value, tens, last := 0, false, 0
	var plain strings.Builder
	for _, r := range strings.ReplaceAll(s, "零", "〇") {
		i := strings.IndexRune(words, r)
		switch {
		case i >= 0:
			last = i / len("一")
			plain.WriteString(strconv.Itoa(last))
		case r == '十' && !tens:
			if plain.Len() == 0 {
				last = 1
			}
			value, tens, last = last*10, true, 0
		default:
			return s
		}
	}
	switch {
	case tens:
		return strconv.Itoa(value + last)
	case plain.Len() > 0:
		return plain.String()
	}
	return s
}

var (
	partWord    = regexp.MustCompile(`(?:号?室|房|户|单元|梯|号?楼|幢|栋|座|号)$`)
	chineseRun  = regexp.MustCompile(`[零〇一二三四五六七八九十]+`)
	leadingZero = regexp.MustCompile(`\b0+([0-9])`)
	betweenKey  = strings.NewReplacer(" ", "", "-", "", "·", "", ".", "", ",", "", "、", "", "(", "", ")", "")
)

// Key is the address in one form for comparing doors: two doors are the same
// if their keys are, however they are written. It is empty for a place without
// building, unit and room. Where no compound is known, community and grid
// stand for it.
func (p Place) Key() string {
	own := [...]string{DoorPart(p.Building), DoorPart(p.Unit), DoorPart(p.Room)}
	if own == [3]string{} {
		return ""
	}
	return p.CompoundKey() + "|" + strings.Join(own[:], "|")
}

// CompoundKey is the part of Key that is before the building.
func (p Place) CompoundKey() string {
	whole := p.Compound
	if whole == "" {
		whole = p.Community + p.Grid
	}
	return plainPart(whole, "小区")
}

// Plain is the place in one form for comparing parts of town: the same where
// people only write it otherwise. It is not for people to read.
func (p Place) Plain() Place {
	return Place{Street: plainPart(p.Street, "街道"), Community: plainPart(p.Community, "社区"), Grid: plainPart(p.Grid, "网格"), Compound: plainPart(p.Compound, "小区"),
		Building: DoorPart(p.Building), Unit: DoorPart(p.Unit), Room: DoorPart(p.Room)}
}

// plainPart is a name without the word for what it names, unless it is nothing
// else.
func plainPart(s, word string) string {
	s = betweenKey.Replace(strings.ToLower(chineseRun.ReplaceAllStringFunc(PlainText(s), digits)))
	if name := strings.TrimSuffix(s, word); name != "" {
		return name
	}
	return s
}

// DoorPart is the number of a building, unit or room for comparing: small
// letters, without its word and leading zeros.
func DoorPart(s string) string {
	s = digits(partWord.ReplaceAllString(PlainText(s), ""))
	return strings.ToLower(leadingZero.ReplaceAllString(betweenKey.Replace(s), "$1"))
}

var roomDigits = regexp.MustCompile(`[0-9]+`)

// Floor is the floor of the room by its number: 501 is on 5, 1203 on 12; 0:
// the number does not tell.
func (p Place) Floor() int {
	n, err := strconv.Atoi(roomDigits.FindString(PlainText(p.Room)))
	if err != nil || n < 100 || n > 99999 {
		return 0
	}
	return n / 100 % 100
}
