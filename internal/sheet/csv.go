package sheet

import (
	"encoding/csv"
	"io"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"
)

// CSV writes RFC 4180: UTF-8 with the mark by which Excel knows it, lines that
// end in CR LF, a line of titles and a line of keys.
type CSV struct {
	out   *csv.Writer
	cells []string
}

// NewCSV begins a table.
func NewCSV(w io.Writer, columns []Column) (*CSV, error) {
	if _, err := io.WriteString(w, "\ufeff"); err != nil {
		return nil, err
	}
	c := &CSV{out: csv.NewWriter(w)}
	c.out.UseCRLF = true
	titles, keys := make([]Cell, len(columns)), make([]Cell, len(columns))
	for i, column := range columns {
		titles[i], keys[i] = Text(column.Title), Text(column.Key)
	}
	if err := c.Row(titles); err != nil {
		return nil, err
	}
	return c, c.Row(keys)
}

// Row writes a row.
func (c *CSV) Row(cells []Cell) error {
	c.cells = c.cells[:0]
	for _, cell := range cells {
		c.cells = append(c.cells, cell.plain())
	}
	return c.out.Write(c.cells)
}

// Close writes what is still held.
func (c *CSV) Close() error {
	c.out.Flush()
	return c.out.Error()
}

// plain is a cell as CSV says it.
func (c Cell) plain() string {
	switch c.kind {
	case isText:
		return Harmless(c.text)
	case isInt:
		return strconv.FormatInt(c.n, 10)
	case isFloat:
		return strconv.FormatFloat(c.f, 'f', -1, 64)
	case isTime:
		return c.at.Format(time.DateTime)
	}
	return ""
}

// Harmless makes of a text one that a spreadsheet does not take for a formula
// when it opens a CSV file (OWASP, CSV injection). A Chinese Excel takes the
// wide signs for the narrow ones.
func Harmless(s string) string {
	first, _ := utf8.DecodeRuneInString(s)
	if s != "" && strings.ContainsRune("=+-@＝＋－＠\t\r\n", first) {
		return "'" + s
	}
	return s
}
