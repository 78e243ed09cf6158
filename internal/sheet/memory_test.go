package sheet_test

import (
	"archive/zip"
	"bytes"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"ark/internal/sheet"
)

// heap is how many bytes are in use.
func heap() uint64 {
	var m runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&m)
	return m.HeapAlloc
}

// More than a sheet holds goes on in another, and needs the memory of a few
// rows.
func TestAMillionRowsNeedTheMemoryOfAFew(t *testing.T) {
	const rows, most = sheet.MaxRows + 1000, 2 << 20
	one := []sheet.Column{{Title: "地点", Key: "place"}}
	path := filepath.Join(t.TempDir(), "all.xlsx")
	f, err := os.Create(path)
	must(t, err)
	defer f.Close()
	x, err := sheet.NewXLSX(f, "走访", one)
	must(t, err)
	c, err := sheet.NewCSV(io.Discard, one)
	must(t, err)
	cells, before := []sheet.Cell{sheet.Text("3幢")}, uint64(0)
	for i := range rows {
		if i == 1000 {
			before = heap()
		}
		must(t, x.Row(cells))
		must(t, c.Row(cells))
	}
	if after := heap(); after > before+most {
		t.Errorf("the heap grew by %d bytes in a million rows", after-before)
	}
	must(t, x.Close())
	must(t, c.Close())

	z, err := zip.OpenReader(path)
	must(t, err)
	defer z.Close()
	for name, want := range map[string]int{"xl/worksheets/sheet1.xml": sheet.MaxRows + 2, "xl/worksheets/sheet2.xml": 1000 + 2} {
		r, err := z.Open(name)
		must(t, err)
		if got := count(t, r, "<row "); got != want {
			t.Errorf("%s: %d rows, want %d", name, got, want)
		}
	}
	r, err := z.Open("xl/workbook.xml")
	must(t, err)
	book, err := io.ReadAll(r)
	must(t, err)
	if !strings.Contains(string(book), `name="走访"`) || !strings.Contains(string(book), `name="走访 2"`) {
		t.Errorf("the sheets are %s", book)
	}
}

// count counts a word in what is too long to be held.
func count(t *testing.T, r io.Reader, word string) (n int) {
	t.Helper()
	buf, kept := make([]byte, 1<<20), 0
	for {
		m, err := r.Read(buf[kept:])
		all := buf[:kept+m]
		n += bytes.Count(all, []byte(word))
		if err == io.EOF {
			return n
		}
		must(t, err)
		// A word may begin at the end of what was read.
		kept = copy(buf, all[max(0, len(all)-len(word)+1):])
	}
}

// A row leaves nothing behind.
func TestARowAllocatesNothing(t *testing.T) {
	x, err := sheet.NewXLSX(io.Discard, "走访", columns)
	must(t, err)
	c, err := sheet.NewCSV(io.Discard, columns)
	must(t, err)
	cells := row("3幢2单元501室", "下午在家 & 有狗")
	for name, w := range map[string]sheet.Writer{"XLSX": x, "CSV": c} {
		if n := testing.AllocsPerRun(2000, func() { w.Row(cells) }); n > 8 {
			t.Errorf("%s: %.0f allocations for a row", name, n)
		}
	}
}

func BenchmarkRows(b *testing.B) {
	cells := row("3幢2单元501室", "下午在家，想要轮椅")
	for name, begin := range map[string]func() (sheet.Writer, error){
		"CSV":  func() (sheet.Writer, error) { return sheet.NewCSV(io.Discard, columns) },
		"XLSX": func() (sheet.Writer, error) { return sheet.NewXLSX(io.Discard, "走访", columns) },
	} {
		b.Run(name, func(b *testing.B) {
			w, err := begin()
			must(b, err)
			b.ReportAllocs()
			for b.Loop() {
				must(b, w.Row(cells))
			}
		})
	}
}
