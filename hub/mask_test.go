package hub_test

import (
	"regexp"
	"strings"
	"testing"
	"unicode/utf8"

	"ark/hub"
)

// Numbers are masked however they were typed, and what is no number is not.
func TestMaskNumbers(t *testing.T) {
	for _, c := range [][2]string{
		{"", ""}, {"没有", "没有"}, {"119", "119"}, {"3幢2单元501室", "3幢2单元501室"},
		{"13812345678", "••••78"}, {"电话138 1234 5678。", "电话••••78。"}, {"138.1234.5678", "••••78"}, {"138-1234-5678", "••••78"},
		{"138—1234—5678", "••••78"}, {"138–1234－5678", "••••78"}, {"138−1234ー5678", "••••78"}, {"138 - 1234 - 5678", "••••78"},
		{"138\u00a01234\u20095678", "••••78"}, {"138\u200b1234\u200b5678", "••••78"}, {"138_1234_5678", "••••78"}, {"138·1234·5678", "••••78"},
		{"１３８１２３４５６７８", "••••７８"}, {"１３８．１２３４．５６７８", "••••７８"}, {"١٣٨١٢٣٤٥٦٧٨", "••••٧٨"}, {"①③⑧①②③④⑤", "••••④⑤"},
		{"0571-88881234", "••••34"}, {"(0571)88881234", "(0571)••••34"}, {"33010219410305123X", "••••3X"}, {"33010219410305123Ｘ 号", "••••3Ｘ 号"},
		{"330102 1941-03-05 1234", "••••34"}, {"6222 0212 3456 7890 123", "••••23"},
		{"2026-11-24 走访过", "2026-11-24 走访过"}, {"2026.11.24 14:30", "2026.11.24 14:30"}, {"2026-11-24 2026-11-25", "2026-11-24 2026-11-25"},
		{"2026-11-24 13812345678", "2026-11-24 ••••78"}, {"13812345678 2026-11-24", "••••78 2026-11-24"}, {"2026-11-2413812345678", "••••78"},
		{"1999-12-345678", "••••78"}, {"1985-01-012345", "••••45"}, {"2026-13-45", "••••45"}, {"20261124", "••••24"},
		{"3-2-501", "3-2-501"}, {"12-2-1501", "12-2-1501"}, {"翠苑 12-2-1501 13812345678", "翠苑 12-2-1501 ••••78"}, {"3-2-501 3-2-502", "3-2-501 3-2-502"},
		{"138-12-345 678", "••••78"}, {"501\n13812345678", "501\n••••78"}, {"1234567\x00", "••••67\x00"},
		{"101, 102, 103", "101, 102, 103"},
	} {
		if got := hub.MaskNumbers(c[0]); got != c[1] {
			t.Errorf("%q: got %q, want %q", c[0], got, c[1])
		}
	}
}

var sevenDigits = regexp.MustCompile(`\p{Nd}{7}`)

func plainDigits(s string) string {
	return strings.Map(func(r rune) rune {
		if r < '0' || r > '9' {
			return -1
		}
		return r
	}, s)
}

// Whatever stands around it, a telephone number cannot be read.
func FuzzMaskNumbers(f *testing.F) {
	for _, joiner := range []string{"", " ", "-", ".", "—", " - ", "\u00a0"} {
		f.Add("2026-11-24 ", uint32(12345678), joiner, " 3-2-501")
		f.Add("3-2-", uint32(88881234), joiner, "5")
	}
	f.Fuzz(func(t *testing.T, before string, n uint32, joiner, after string) {
		if len(joiner) > 3 || strings.Trim(joiner, " -.—\u00a0") != "" {
			joiner = ""
		}
		last := plainDigits("0000000" + string(rune('0'+n%10)))
		number := "138" + joiner + "4" + last[len(last)-3:] + joiner + "59" + last[len(last)-2:]
		whole := plainDigits(number)
		got := hub.MaskNumbers(before + number + after)
		if sevenDigits.MatchString(got) {
			t.Errorf("%q has seven digits in a row", got)
		}
		if utf8.ValidString(before+after) && strings.Contains(plainDigits(got), whole) && !strings.Contains(plainDigits(before+after), whole) {
			t.Errorf("%q shows %s", got, whole)
		}
		if quiet := strings.Map(noDigit, before+after); utf8.ValidString(quiet) && hub.MaskNumbers(quiet) != quiet {
			t.Errorf("%q has no number and is changed", quiet)
		}
	})
}

func noDigit(r rune) rune {
	if sevenDigits.MatchString(strings.Repeat(string(r), 7)) {
		return -1
	}
	return r
}
