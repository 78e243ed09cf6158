package sheet

import (
	"archive/zip"
	"compress/flate"
	"fmt"
	"io"
)

// Bounds of a sheet (ECMA-376, as Excel has them).
const (
	MaxRows = 1<<20 - 2 // of a sheet, beside the two of its head
	MaxText = 32767     // UTF-16 units of a cell
)

// XLSX writes Office Open XML (ECMA-376): the zip's parts go out as they come,
// and what has to know how many sheets there are stands behind them. A table
// that is longer than a sheet goes on in another.
type XLSX struct {
	zip     *zip.Writer
	columns []Column
	name    string
	refs    []string  // letters of the columns
	sheets  []string  // names of those that are begun
	part    io.Writer // of the sheet being written
	rows    int       // in it, with its head
	cut     int
	buf     []byte
}

// NewXLSX begins a workbook with a table on a sheet of this name.
func NewXLSX(w io.Writer, name string, columns []Column) (*XLSX, error) {
	x := &XLSX{zip: zip.NewWriter(w), columns: columns, name: name}
	// Words in XML shrink well at any level; the fastest takes a third of the time.
	x.zip.RegisterCompressor(zip.Deflate, func(w io.Writer) (io.WriteCloser, error) { return flate.NewWriter(w, flate.BestSpeed) })
	for i := range columns {
		x.refs = append(x.refs, letters(i))
	}
	for _, p := range head {
		if err := x.add(p.name, p.text); err != nil {
			return nil, err
		}
	}
	return x, x.begin()
}

// letters name a column: A … Z, AA …
func letters(i int) string {
	if i < 26 {
		return string(rune('A' + i))
	}
	return letters(i/26-1) + string(rune('A'+i%26))
}

// Cut tells how many cells had more text than a cell may have, and end in "…".
func (x *XLSX) Cut() int { return x.cut }

// begin begins another sheet of the table.
func (x *XLSX) begin() error {
	name := x.name
	if n := len(x.sheets) + 1; n > 1 {
		name = fmt.Sprintf("%s %d", x.name, n)
	}
	if err := x.open(name); err != nil {
		return err
	}
	x.buf = append(x.buf[:0], sheetHead...)
	x.buf = append(x.buf, `<sheetViews><sheetView workbookViewId="0"><pane ySplit="2" topLeftCell="A3" activePane="bottomLeft" state="frozen"/></sheetView></sheetViews>`...)
	x.buf = appendWidths(x.buf, x.columns)
	x.buf = append(x.buf, "<sheetData>"...)
	titles, keys := make([]Cell, len(x.columns)), make([]Cell, len(x.columns))
	for i, c := range x.columns {
		titles[i], keys[i] = Text(c.Title), Text(c.Key)
	}
	x.row(titles, styleTitle)
	x.row(keys, styleKey)
	return x.flush()
}

// appendWidths appends how wide columns are, if that is said of any.
func appendWidths(b []byte, columns []Column) []byte {
	before := len(b)
	for i, c := range columns {
		if c.Width == 0 {
			continue
		}
		if len(b) == before {
			b = append(b, "<cols>"...)
		}
		b = fmt.Appendf(b, `<col min="%d" max="%d" width="%d" customWidth="1"/>`, i+1, i+1, c.Width)
	}
	if len(b) > before {
		b = append(b, "</cols>"...)
	}
	return b
}

// open begins a part for a sheet.
func (x *XLSX) open(name string) (err error) {
	x.sheets, x.rows = append(x.sheets, sheetName(name)), 0
	x.part, err = x.zip.Create(fmt.Sprintf("xl/worksheets/sheet%d.xml", len(x.sheets)))
	return err
}

// Row writes a row.
func (x *XLSX) Row(cells []Cell) error {
	if x.rows == MaxRows+2 {
		if err := x.end(); err != nil {
			return err
		}
		if err := x.begin(); err != nil {
			return err
		}
	}
	x.row(cells, styleText)
	if len(x.buf) < 1<<15 {
		return nil
	}
	return x.flush()
}

func (x *XLSX) flush() error {
	_, err := x.part.Write(x.buf)
	x.buf = x.buf[:0]
	return err
}

// end ends the table's sheet: its head of keys can be filtered by.
func (x *XLSX) end() error {
	x.buf = append(x.buf, "</sheetData>"...)
	if n := len(x.columns); n > 0 {
		last := fmt.Sprint(x.refs[n-1], x.rows)
		// Rooms and buildings are texts of digits: nothing to warn of.
		x.buf = fmt.Appendf(x.buf, `<autoFilter ref="A2:%s"/><ignoredErrors><ignoredError sqref="A1:%s" numberStoredAsText="1"/></ignoredErrors>`, last, last)
	}
	x.buf = append(x.buf, "</worksheet>"...)
	return x.flush()
}

// About ends the table and adds a sheet that says what it is: pairs of what and
// how.
func (x *XLSX) About(name string, pairs [][2]string) error {
	if err := x.end(); err != nil {
		return err
	}
	if err := x.open(name); err != nil {
		return err
	}
	x.buf = append(x.buf[:0], sheetHead...)
	x.buf = append(appendWidths(x.buf, []Column{{Width: 24}, {Width: 80}}), "<sheetData>"...)
	x.refs = []string{"A", "B"}
	for _, p := range pairs {
		x.row([]Cell{Text(p[0]), Text(p[1])}, styleText)
	}
	x.columns = nil
	return x.flush()
}

// Close ends the workbook.
func (x *XLSX) Close() error {
	if err := x.end(); err != nil {
		return err
	}
	if err := x.add("xl/workbook.xml", workbook(x.sheets)); err != nil {
		return err
	}
	if err := x.add("xl/_rels/workbook.xml.rels", workbookRels(len(x.sheets))); err != nil {
		return err
	}
	return x.zip.Close()
}

func (x *XLSX) add(name, text string) error {
	w, err := x.zip.Create(name)
	if err == nil {
		_, err = io.WriteString(w, text)
	}
	return err
}
