package console

import (
	"bufio"
	"encoding/json"
	"io"
	"strconv"

	"ark/hub"
	"ark/internal/sheet"
)

// visitWriter makes a file of visits as they come. Without Close the file is
// not whole, and cannot be taken for one that is where its kind has an end.
type visitWriter interface {
	Visit(v hub.Visit) error
	Close() error
}

// visitFormat is a kind of file in which visits can be taken away.
type visitFormat struct {
	Word  string // ending of its name, and of its texts
	media string
	begin func(w io.Writer, t visitWords, about [][2]string) (visitWriter, error)
}

// visitFormats are all kinds, in the order in which people see them.
var visitFormats = []visitFormat{
	{"xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", beginXLSX},
	{"csv", "text/csv; charset=utf-8", beginCSV},
	{"geojson", "application/geo+json", beginGeoJSON},
	{"jsonl", "application/jsonl; charset=utf-8", beginLines},
}

// visitTable is visits as rows of a table.
type visitTable struct {
	sheet.Writer
	t     visitWords
	cells []sheet.Cell
}

// Visit writes a visit's row.
func (t *visitTable) Visit(v hub.Visit) error {
	t.cells = t.t.cells(t.cells[:0], v)
	return t.Row(t.cells)
}

func beginCSV(w io.Writer, t visitWords, _ [][2]string) (visitWriter, error) {
	out, err := sheet.NewCSV(w, t.columns())
	return &visitTable{Writer: out, t: t}, err
}

// visitBook is a table with a sheet beside it that says what it is.
type visitBook struct {
	visitTable
	out   *sheet.XLSX
	about [][2]string
	rows  int
}

func beginXLSX(w io.Writer, t visitWords, about [][2]string) (visitWriter, error) {
	out, err := sheet.NewXLSX(w, t.t("nav.visits"), t.columns())
	return &visitBook{visitTable: visitTable{Writer: out, t: t}, out: out, about: about}, err
}

// Visit writes a visit's row.
func (b *visitBook) Visit(v hub.Visit) error {
	b.rows++
	return b.visitTable.Visit(v)
}

// Close adds the sheet about it and ends the file.
func (b *visitBook) Close() error {
	about := append(b.about, [2]string{b.t.t("export.rows"), strconv.Itoa(b.rows)})
	if n := b.out.Cut(); n > 0 {
		about = append(about, [2]string{b.t.t("export.cut"), strconv.Itoa(n)})
	}
	if err := b.out.About(b.t.t("export.about"), about); err != nil {
		return err
	}
	return b.out.Close()
}

// visitLines is a JSON object for each visit, as the API tells it, and a last one
// that says how many there are.
type visitLines struct {
	buf  *bufio.Writer
	out  *json.Encoder
	rows int
}

func beginLines(w io.Writer, _ visitWords, _ [][2]string) (visitWriter, error) {
	buf := bufio.NewWriter(w)
	return &visitLines{buf: buf, out: plainJSON(buf)}, nil
}

// plainJSON writes JSON that is not for a page: & and < stay as they are.
func plainJSON(w io.Writer) *json.Encoder {
	out := json.NewEncoder(w)
	out.SetEscapeHTML(false)
	return out
}

// Visit writes a visit's line.
func (l *visitLines) Visit(v hub.Visit) error {
	l.rows++
	return l.out.Encode(tellOne(v))
}

// Close writes the last line.
func (l *visitLines) Close() error {
	if err := l.out.Encode(map[string]int{"end": l.rows}); err != nil {
		return err
	}
	return l.buf.Flush()
}

// visitFeatures are visits as places on a map (RFC 7946). Those of which nobody
// knows where the phone was are counted and left out.
type visitFeatures struct {
	buf     *bufio.Writer
	out     *json.Encoder
	rows    int
	without int
}

// feature is one of them.
type feature struct {
	Type       string     `json:"type"`
	ID         string     `json:"id"`
	Geometry   point      `json:"geometry"`
	Properties *toldVisit `json:"properties"`
}

type point struct {
	Type        string     `json:"type"`
	Coordinates [2]float64 `json:"coordinates"` // east, north: RFC 7946, 3.1.1
}

func beginGeoJSON(w io.Writer, _ visitWords, _ [][2]string) (visitWriter, error) {
	buf := bufio.NewWriter(w)
	_, err := buf.WriteString(`{"type":"FeatureCollection","features":[` + "\n")
	return &visitFeatures{buf: buf, out: plainJSON(buf)}, err
}

// Visit writes a visit's feature.
func (f *visitFeatures) Visit(v hub.Visit) error {
	if v.Geo == nil {
		f.without++
		return nil
	}
	if f.rows++; f.rows > 1 {
		f.buf.WriteByte(',') // the next write says what is wrong, if anything
	}
	told := tellOne(v)
	return f.out.Encode(feature{"Feature", v.ID.String(), point{"Point", [2]float64{degrees(v.Geo.Lon), degrees(v.Geo.Lat)}}, &told})
}

// Close ends the list, and says how many there are and how many are not in it.
func (f *visitFeatures) Close() error {
	f.buf.WriteString(`],"rows":` + strconv.Itoa(f.rows) + `,"without_place":` + strconv.Itoa(f.without) + "}\n")
	return f.buf.Flush()
}
