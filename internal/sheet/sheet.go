// Package sheet writes tables for spreadsheets row by row as they come: CSV and
// XLSX. A table of a million rows needs the memory of one. Nothing in a table
// is ever a formula, whatever people typed.
package sheet

import "time"

// Column is a column of a table.
type Column struct {
	Title string // for people
	Key   string // for machines: never changes, and is the same in all languages
	Width int    // in characters, of XLSX; 0: as wide as a spreadsheet makes it
}

// Cell is a value in a table. Its zero value is an empty cell.
type Cell struct {
	kind kind
	text string
	n    int64
	f    float64
	at   time.Time
}

type kind uint8

const (
	empty kind = iota
	isText
	isInt
	isFloat
	isTime
)

// Text is what people wrote, or words; an empty one is an empty cell.
func Text(s string) Cell {
	if s == "" {
		return Cell{}
	}
	return Cell{kind: isText, text: s}
}

// Int is a whole number.
func Int(n int64) Cell { return Cell{kind: isInt, n: n} }

// Float is a number, written with so many digits behind the point as are
// needed to tell it from any other.
func Float(f float64) Cell { return Cell{kind: isFloat, f: f} }

// Time is a moment by the clock of its zone, to the second; the zero time is an
// empty cell.
func Time(t time.Time) Cell {
	if t.IsZero() {
		return Cell{}
	}
	return Cell{kind: isTime, at: t}
}

// Writer takes the rows of a table. After an error it takes none.
type Writer interface {
	// Row writes a row: as many cells as there are columns, or fewer.
	Row(cells []Cell) error
	// Close ends the table; without it the file is not whole. It does not close
	// what it is written to.
	Close() error
}

var (
	_ Writer = (*CSV)(nil)
	_ Writer = (*XLSX)(nil)
)
