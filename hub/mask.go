package hub

import (
	"regexp"
	"slices"
	"strings"
	"unicode"
)

// Numbers by which somebody can be called or known are found however they were
// typed: digits of any script, with a few spaces, dashes or dots between.
const (
	maskedDigits = 7 // as many make a number that is masked
	mostJoiners  = 3 // characters between two digits of one number
)

// Days and doors are none, where they stand by themselves.
const (
	dayForm  = `(?:19|20)[0-9]{2}[-.](?:0?[1-9]|1[0-2])[-.](?:0?[1-9]|[12][0-9]|3[01])`
	doorForm = `[0-9]{1,3}-[0-9]{1,2}-[0-9]{3,4}`
	apart    = `[ \t　]+`
)

var days, doors = atEnds(dayForm), atEnds(doorForm)

// ends finds something at either end of a text.
type ends struct{ first, last *regexp.Regexp }

func atEnds(form string) ends {
	return ends{regexp.MustCompile(`^` + form + `(?:` + apart + `|$)`), regexp.MustCompile(`(?:` + apart + `|^)` + form + `$`)}
}

// trim parts a text into what is found at its beginning, the rest, and what is
// found at its end.
func (e ends) trim(s string) (before, rest, after string) {
	for rest = s; ; {
		if at := e.first.FindStringIndex(rest); at != nil {
			before, rest = before+rest[:at[1]], rest[at[1]:]
		} else if at := e.last.FindStringIndex(rest); at != nil {
			rest, after = rest[:at[0]], rest[at[0]:]+after
		} else {
			return before, rest, after
		}
	}
}

// MaskNumbers hides the long numbers in a text: telephones, identity cards,
// bank cards. What is indexed for a search goes through it, too, or a number
// could be guessed digit by digit.
func MaskNumbers(s string) string {
	if digits(s) < maskedDigits {
		return s
	}
	var out strings.Builder
	for rest := []rune(s); len(rest) > 0; {
		from := slices.IndexFunc(rest, isDigit)
		if from < 0 {
			out.WriteString(string(rest))
			break
		}
		to := from + endOfNumber(rest[from:])
		out.WriteString(string(rest[:from]))
		out.WriteString(maskRun(string(rest[from:to])))
		rest = rest[to:]
	}
	return out.String()
}

// endOfNumber is where a number that begins with these digits ends: behind the
// last of them, or the X of an identity card.
func endOfNumber(rs []rune) (end int) {
	joiners := 0
	for i, r := range rs {
		switch {
		case isDigit(r):
			end, joiners = i+1, 0
		case strings.ContainsRune("xXｘＸ", r) && i == end:
			return end + 1
		case !joins(r) || joiners == mostJoiners:
			return end
		default:
			joiners++
		}
	}
	return end
}

func maskRun(run string) string {
	before, rest, after := days.trim(run)
	if digits(rest) < maskedDigits {
		return run
	}
	left, number, right := doors.trim(rest)
	switch n := digits(number); {
	case n == 0:
		return run
	case n < maskedDigits: // a number that looks like a door at one end
		left, number, right = "", rest, ""
	}
	return before + left + MaskNumber(number) + right + after
}

// MaskNumber leaves of a number what tells it from another at a glance.
func MaskNumber(s string) string {
	switch all := []rune(s); {
	case len(all) == 0:
		return ""
	case len(all) < maskedDigits:
		return Masked
	default:
		return Masked + string(all[len(all)-2:])
	}
}

func digits(s string) (n int) {
	for _, r := range s {
		if isDigit(r) {
			n++
		}
	}
	return n
}

// isDigit tells of digits in any script, also in circles or raised: a search
// takes them for the plain ones.
func isDigit(r rune) bool { return unicode.In(r, unicode.Nd, unicode.No) }

// joins tells whether a character may stand between the digits of one number:
// spaces, what has no width, dashes, dots. A line's end does not.
func joins(r rune) bool {
	return r == '\t' || unicode.In(r, unicode.Zs, unicode.Cf, unicode.Pd) || strings.ContainsRune("−ー‐.．·・_", r)
}
