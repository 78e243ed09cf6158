package sheet_test

import (
	"archive/zip"
	"bytes"
	"encoding/csv"
	"encoding/xml"
	"errors"
	"io"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/xuri/excelize/v2"

	"ark/internal/sheet"
)

var columns = []sheet.Column{{Title: "地点", Key: "place", Width: 30}, {Title: "=做了", Key: "made"}, {Title: "次数", Key: "amended"}, {Title: "纬度", Key: "lat"}, {Title: "备注", Key: "note"}}

var made = time.Date(2026, 11, 24, 9, 5, 7, 0, time.FixedZone("CST", 8*3600))

func row(place, note string) []sheet.Cell {
	return []sheet.Cell{sheet.Text(place), sheet.Time(made), sheet.Int(-3), sheet.Float(30.2741511), sheet.Text(note)}
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// csvOf writes rows as CSV and reads them again.
func csvOf(t *testing.T, rows ...[]sheet.Cell) (raw string, all [][]string) {
	t.Helper()
	var b bytes.Buffer
	w, err := sheet.NewCSV(&b, columns)
	must(t, err)
	for _, r := range rows {
		must(t, w.Row(r))
	}
	must(t, w.Close())
	rest, marked := strings.CutPrefix(b.String(), "\ufeff")
	if !marked {
		t.Error("no mark of UTF-8")
	}
	all, err = csv.NewReader(strings.NewReader(rest)).ReadAll()
	must(t, err)
	return rest, all
}

// xlsxOf writes rows as XLSX, and is the file.
func xlsxOf(t testing.TB, rows ...[]sheet.Cell) []byte {
	t.Helper()
	var b bytes.Buffer
	w, err := sheet.NewXLSX(&b, "走访", columns)
	must(t, err)
	for _, r := range rows {
		must(t, w.Row(r))
	}
	must(t, w.About("说明", [][2]string{{"行数", "2"}}))
	must(t, w.Close())
	return b.Bytes()
}

func TestCSV(t *testing.T) {
	raw, all := csvOf(t, row("3幢, \"东\"", "一\n二"), nil)
	want := [][]string{{"地点", "'=做了", "次数", "纬度", "备注"}, {"place", "made", "amended", "lat", "note"}, {"3幢, \"东\"", "2026-11-24 09:05:07", "-3", "30.2741511", "一\n二"}}
	if !slices.EqualFunc(all, want, slices.Equal) {
		t.Errorf("got %q, want %q", all, want)
	}
	if !strings.Contains(raw, "\"3幢, \"\"东\"\"\",2026-11-24 09:05:07,-3,30.2741511,") || strings.Count(raw, "\r\n") < 3 {
		t.Errorf("no RFC 4180: %q", raw)
	}
}

func TestXLSXIsReadByAnother(t *testing.T) {
	f, err := excelize.OpenReader(bytes.NewReader(xlsxOf(t, row("3幢 & <东> _x0041_", "一\r\n二\x00\x1f"), []sheet.Cell{sheet.Text("4幢"), {}, sheet.Int(7)})))
	must(t, err)
	defer f.Close()
	if got := f.GetSheetList(); !slices.Equal(got, []string{"走访", "说明"}) {
		t.Fatalf("sheets %q", got)
	}
	for at, want := range map[string]string{"A1": "地点", "B1": "=做了", "A2": "place", "A3": "3幢 & <东> _x0041_", "B3": "2026-11-24 09:05:07", "C3": "-3", "D3": "30.2741511",
		"E3": "一\r\n二\uFFFD\uFFFD", "A4": "4幢", "B4": "", "C4": "7"} {
		if got, err := f.GetCellValue("走访", at); err != nil || got != want {
			t.Errorf("%s: %q, %v, want %q", at, got, err, want)
		}
	}
	if raw, err := f.GetCellValue("走访", "B3", excelize.Options{RawCellValue: true}); err != nil || !strings.HasPrefix(raw, "46350.378") {
		t.Errorf("a time is no number: %q, %v", raw, err)
	}
	if got, err := f.GetCellValue("说明", "B1"); err != nil || got != "2" {
		t.Errorf("about: %q, %v", got, err)
	}
}

// All that a spreadsheet might take for a formula stays a text.
func TestNothingIsAFormula(t *testing.T) {
	for _, s := range []string{"=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "\n=1", "＝1+1", "＋1", "－1", "＠x", `=HYPERLINK("http://x","y")`, "=cmd|' /C calc'!A0"} {
		_, all := csvOf(t, row(s, s))
		for _, i := range []int{0, 4} {
			if got := all[2][i]; !strings.HasPrefix(got, "'") {
				t.Errorf("CSV: %q is %q", s, got)
			}
		}
		file := xlsxOf(t, row(s, s))
		f, err := excelize.OpenReader(bytes.NewReader(file))
		must(t, err)
		formula, err := f.GetCellFormula("走访", "A3")
		must(t, err)
		kind, err := f.GetCellType("走访", "A3")
		must(t, err)
		value, err := f.GetCellValue("走访", "A3")
		must(t, err)
		style, err := f.GetCellStyle("走访", "A3")
		must(t, err)
		format, err := f.GetStyle(style)
		must(t, err)
		if formula != "" || kind != excelize.CellTypeInlineString || value != s || format.NumFmt != 49 {
			t.Errorf("XLSX: %q is %q, formula %q, type %d, format %d", s, value, formula, kind, format.NumFmt)
		}
		f.Close()
		if xml := string(part(t, file, "xl/worksheets/sheet1.xml")); strings.Contains(xml, "<f") {
			t.Errorf("XLSX: %q made a formula", s)
		}
	}
	for _, s := range []string{"3幢", "a=1", " =1", "'x", "13800000000"} {
		if _, all := csvOf(t, row(s, "")); all[2][0] != s {
			t.Errorf("%q became %q", s, all[2][0])
		}
	}
}

// part is a part of a workbook; it must be XML from its beginning to its end.
func part(t testing.TB, file []byte, name string) []byte {
	t.Helper()
	z, err := zip.NewReader(bytes.NewReader(file), int64(len(file)))
	must(t, err)
	r, err := z.Open(name)
	must(t, err)
	data, err := io.ReadAll(r)
	must(t, err)
	for d := xml.NewDecoder(bytes.NewReader(data)); ; {
		if _, err := d.RawToken(); errors.Is(err, io.EOF) {
			return data
		} else if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
	}
}

func TestTextTooLongForACell(t *testing.T) {
	var b bytes.Buffer
	w, err := sheet.NewXLSX(&b, "走访", columns)
	must(t, err)
	must(t, w.Row(row(strings.Repeat("字", sheet.MaxText), strings.Repeat("字", sheet.MaxText+1))))
	must(t, w.Row(row(strings.Repeat("𠮷", sheet.MaxText), "")))
	must(t, w.Close())
	if w.Cut() != 2 {
		t.Errorf("%d cells are said to be cut, want 2", w.Cut())
	}
	f, err := excelize.OpenReader(bytes.NewReader(b.Bytes()))
	must(t, err)
	defer f.Close()
	for at, want := range map[string]string{"A3": strings.Repeat("字", sheet.MaxText), "E3": strings.Repeat("字", sheet.MaxText-1) + "…", "A4": strings.Repeat("𠮷", (sheet.MaxText-1)/2) + "…"} {
		if got, err := f.GetCellValue("走访", at); err != nil || got != want {
			t.Errorf("%s: %d bytes, %v, want %d", at, len(got), err, len(want))
		}
	}
}

// broken takes so many bytes.
type broken struct{ left int }

var errFull = errors.New("full")

func (b *broken) Write(p []byte) (int, error) {
	if b.left -= len(p); b.left < 0 {
		return 0, errFull
	}
	return len(p), nil
}

// Whoever reads no more ends a table soon: it is not made for nobody.
func TestAWriterThatTakesNoMore(t *testing.T) {
	for name, begin := range map[string]func(io.Writer) (sheet.Writer, error){
		"CSV":  func(w io.Writer) (sheet.Writer, error) { return sheet.NewCSV(w, columns) },
		"XLSX": func(w io.Writer) (sheet.Writer, error) { return sheet.NewXLSX(w, "走访", columns) },
	} {
		for _, room := range []int{0, 1 << 20} {
			w, err := begin(&broken{room})
			for range 1_000_000 {
				if err != nil {
					break
				}
				err = w.Row(row("3幢", "下午在家"))
			}
			if !errors.Is(err, errFull) {
				t.Errorf("%s after %d bytes: %v", name, room, err)
			}
		}
	}
}
