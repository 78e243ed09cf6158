package sheet

import (
	"strconv"
	"time"
	"unicode/utf8"
)

// row appends a row whose texts have a style.
func (x *XLSX) row(cells []Cell, style string) {
	x.rows++
	at := strconv.Itoa(x.rows)
	x.buf = append(x.buf, `<row r="`+at+`">`...)
	for i, c := range cells {
		if c.kind == empty || i >= len(x.refs) {
			continue
		}
		x.buf = append(x.buf, `<c r="`...)
		x.buf = append(append(x.buf, x.refs[i]...), at...)
		switch c.kind {
		case isInt:
			x.buf = append(strconv.AppendInt(append(x.buf, `"><v>`...), c.n, 10), "</v></c>"...)
		case isFloat:
			x.buf = append(strconv.AppendFloat(append(x.buf, `"><v>`...), c.f, 'f', -1, 64), "</v></c>"...)
		case isTime:
			if serial, ok := serialOf(c.at); ok {
				x.buf = append(strconv.AppendFloat(append(x.buf, `" s="`+styleTime+`"><v>`...), serial, 'f', -1, 64), "</v></c>"...)
				continue
			}
			x.text(c.at.Format(time.DateTime), style)
		case isText:
			x.text(c.text, style)
		}
	}
	x.buf = append(x.buf, "</row>"...)
}

// text appends the rest of a cell with a text.
func (x *XLSX) text(s, style string) {
	short, cut := shorten(s)
	if cut {
		x.cut++
	}
	x.buf = append(append(append(x.buf, `" s="`...), style...), `" t="inlineStr"><is><t xml:space="preserve">`...)
	x.buf = append(appendText(x.buf, short), "</t></is></c>"...)
}

// serialOf is a moment as spreadsheets count: days since the last day but one
// of 1899, by the clock of its zone. False: before the days that they know.
func serialOf(t time.Time) (float64, bool) {
	_, ahead := t.Zone()
	const day, epoch = 24 * 60 * 60, -2209161600 // 1899-12-30
	n := t.Unix() + int64(ahead) - epoch
	return float64(n) / day, n >= 61*day
}

// shorten cuts a text to what a cell may hold.
func shorten(s string) (short string, cut bool) {
	if len(s) <= MaxText {
		return s, false
	}
	units, fits := 0, 0
	for i, r := range s {
		if units <= MaxText-1 {
			fits = i
		}
		if units++; r > 0xffff {
			units++
		}
	}
	if units <= MaxText {
		return s, false
	}
	return s[:fits] + "…", true
}

// appendText appends a text as XML has it. What XML cannot say becomes U+FFFD,
// and what Excel would take for one of its own escapes (_x0041_) is escaped.
func appendText(b []byte, s string) []byte {
	for i := 0; i < len(s); {
		c := s[i]
		if c >= utf8.RuneSelf {
			r, size := utf8.DecodeRuneInString(s[i:])
			if r == utf8.RuneError || r == 0xfffe || r == 0xffff {
				b = append(b, "\uFFFD"...)
			} else {
				b = append(b, s[i:i+size]...)
			}
			i += size
			continue
		}
		switch {
		case c == '&':
			b = append(b, "&amp;"...)
		case c == '<':
			b = append(b, "&lt;"...)
		case c == '>':
			b = append(b, "&gt;"...)
		case c == '"':
			b = append(b, "&#34;"...)
		case c == '\r':
			b = append(b, "&#13;"...)
		case c == '_' && escaped(s[i:]):
			b = append(b, "_x005F_"...)
		case c < ' ' && c != '\t' && c != '\n':
			b = append(b, "\uFFFD"...)
		default:
			b = append(b, c)
		}
		i++
	}
	return b
}

// escaped tells whether a text begins with what Excel takes for a character:
// _x and four hexadecimal digits and _.
func escaped(s string) bool {
	if len(s) < 7 || s[1] != 'x' && s[1] != 'X' || s[6] != '_' {
		return false
	}
	_, err := strconv.ParseUint(s[2:6], 16, 16)
	return err == nil
}
