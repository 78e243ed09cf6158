package console

import (
	"context"
	"io"
	"net/http"
	"strings"
	"time"

	"ark"
	"ark/hub"
	"ark/internal/sheet"
	"ark/internal/web"
)

// householdFormats are the kinds of file in which households can be taken away.
var householdFormats = []struct {
	word, media string
	begin       func(w io.Writer, l web.Lang) (sheet.Writer, error)
}{
	{"xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", func(w io.Writer, l web.Lang) (sheet.Writer, error) {
		return sheet.NewXLSX(w, texts.In(l, "nav.households"), householdTitles(l))
	}},
	{"csv", "text/csv; charset=utf-8", func(w io.Writer, l web.Lang) (sheet.Writer, error) { return sheet.NewCSV(w, householdTitles(l)) }},
}

// householdColumns are what a table of households says: a row for each person,
// with their household. Keys never change; their titles are the texts
// column.<key>.
var householdColumns = []struct {
	key   string
	width int
	cell  func(f *householdFile, h ark.Household, m ark.Member) sheet.Cell
}{
	{"street", 14, func(_ *householdFile, h ark.Household, _ ark.Member) sheet.Cell { return sheet.Text(h.Place.Street) }},
	{"community", 14, func(_ *householdFile, h ark.Household, _ ark.Member) sheet.Cell { return sheet.Text(h.Place.Community) }},
	{"grid", 12, func(_ *householdFile, h ark.Household, _ ark.Member) sheet.Cell { return sheet.Text(h.Place.Grid) }},
	{"compound", 16, func(_ *householdFile, h ark.Household, _ ark.Member) sheet.Cell { return sheet.Text(h.Place.Compound) }},
	{"building", 8, func(_ *householdFile, h ark.Household, _ ark.Member) sheet.Cell { return sheet.Text(h.Place.Building) }},
	{"unit", 8, func(_ *householdFile, h ark.Household, _ ark.Member) sheet.Cell { return sheet.Text(h.Place.Unit) }},
	{"room", 8, func(_ *householdFile, h ark.Household, _ ark.Member) sheet.Cell { return sheet.Text(h.Place.Room) }},
	{"name", 12, func(_ *householdFile, _ ark.Household, m ark.Member) sheet.Cell { return sheet.Text(m.Name) }},
	{"born", 8, func(_ *householdFile, _ ark.Household, m ark.Member) sheet.Cell { return bornCell(m.Born) }},
	{"phone", 16, func(_ *householdFile, _ ark.Household, m ark.Member) sheet.Cell { return sheet.Text(m.Phone) }},
	{"about", 20, func(_ *householdFile, _ ark.Household, m ark.Member) sheet.Cell { return sheet.Text(m.Note) }},
	{"left", 10, func(f *householdFile, _ ark.Household, m ark.Member) sheet.Cell { return f.whether(m.Left) }},
	{"household_phone", 16, func(_ *householdFile, h ark.Household, _ ark.Member) sheet.Cell { return sheet.Text(h.Phone) }},
	{"note", 28, func(_ *householdFile, h ark.Household, _ ark.Member) sheet.Cell { return sheet.Text(h.Note) }},
	{"no_visit", 20, func(_ *householdFile, h ark.Household, _ ark.Member) sheet.Cell { return sheet.Text(h.NoVisit) }},
	{"moved_out", 20, func(f *householdFile, h ark.Household, _ ark.Member) sheet.Cell {
		if h.MovedOut == 0 {
			return sheet.Cell{}
		}
		return sheet.Time(h.MovedOut.Time().In(f.c.c.Zone))
	}},
	{"disputed", 16, func(f *householdFile, h ark.Household, _ ark.Member) sheet.Cell {
		words := make([]string, len(h.Disputed))
		for i, field := range h.Disputed {
			words[i] = disputedWords(f.l, field)
		}
		return sheet.Text(strings.Join(words, texts.In(f.l, "visit.comma")))
	}},
	{"household", 36, func(_ *householdFile, h ark.Household, _ ark.Member) sheet.Cell { return named(h.ID) }},
}

func bornCell(year int) sheet.Cell {
	switch year {
	case 0:
		return sheet.Cell{}
	case hub.MaskedYear:
		return sheet.Text(hub.Masked)
	}
	return sheet.Int(int64(year))
}

func householdTitles(l web.Lang) []sheet.Column {
	all := make([]sheet.Column, len(householdColumns))
	for i, c := range householdColumns {
		all[i] = sheet.Column{Title: texts.In(l, "column."+c.key), Key: c.key, Width: c.width}
	}
	return all
}

// householdFileRoutes are those of files of households.
func (c *Console) householdFileRoutes() []route {
	all := []route{{"GET /households/export", hub.RoleReader, func(w http.ResponseWriter, r *http.Request) { c.answerHouseholdExport(w, r, 0, "") }}}
	for i := range householdFormats {
		all = append(all, route{"GET /households." + householdFormats[i].word, hub.RoleReader, func(w http.ResponseWriter, r *http.Request) { c.exportHouseholds(w, r, i, "") }},
			route{"POST /households." + householdFormats[i].word, hub.RoleReviewer, c.whole("/households/export", c.answerHouseholdExport, func(w http.ResponseWriter, r *http.Request, why string) { c.exportHouseholds(w, r, i, why) })})
	}
	return all
}

func (c *Console) answerHouseholdExport(w http.ResponseWriter, r *http.Request, status int, trouble string) {
	q, l := householdQueryOf(r.URL.Query()), web.LangOf(r)
	p := exportPage{Of: "households", Back: "/households" + q.Plain(), Plain: q.Plain(), Trouble: trouble, Chips: q.chips(l), Own: c.exports.of(nameOf(r))}
	for _, f := range householdFormats {
		p.Formats = append(p.Formats, f.word)
	}
	p.frame = c.frame(r, "exports")
	c.site.Page(w, r, max(status, http.StatusOK), "export.html", p)
}

// exportHouseholds sends the households that the list's filter chooses as a
// file; why is what for, where nothing is to be masked.
func (c *Console) exportHouseholds(w http.ResponseWriter, r *http.Request, format int, why string) {
	f := &householdFile{c: c, l: web.LangOf(r), q: householdQueryOf(r.URL.Query()), r: r, format: format, why: why}
	c.take(w, r, takenFile{of: "households", word: householdFormats[format].word, media: householdFormats[format].media,
		count: func(context.Context) (int, error) { return 0, nil }, begin: f.begin, rows: f.rows, end: f.end, page: c.answerHouseholdExport})
}

// householdFile is what is in a file of households.
type householdFile struct {
	c      *Console
	l      web.Lang
	q      householdQuery
	r      *http.Request
	format int
	why    string // empty: it is masked
	about  [][2]string
	out    sheet.Writer
	cells  []sheet.Cell
}

func (f *householdFile) whether(yes bool) sheet.Cell {
	if !yes {
		return sheet.Cell{}
	}
	return sheet.Text(texts.In(f.l, "visit.yes"))
}

func (f *householdFile) begin(w io.Writer, now time.Time) (err error) {
	f.about = aboutFile(f.l, f.r, now, f.why)
	for _, chip := range f.q.chips(f.l) {
		f.about = append(f.about, [2]string{chip.Label, chip.Value})
	}
	f.out, err = householdFormats[f.format].begin(w, f.l)
	return err
}

func (f *householdFile) rows(ctx context.Context, next func() error) error {
	word := householdFormats[f.format].word
	each := func(h ark.Household) error {
		if err := next(); err != nil {
			return err
		}
		members := h.Members
		if len(members) == 0 {
			members = []ark.Member{{}}
		}
		for _, m := range members {
			f.cells = f.cells[:0]
			for _, c := range householdColumns {
				f.cells = append(f.cells, c.cell(f, h, m))
			}
			if err := f.out.Row(f.cells); err != nil {
				return err
			}
		}
		return nil
	}
	if f.why != "" {
		return desk(ctx).ExportHouseholdsWhole(ctx, f.q.all(), word, f.why, each)
	}
	return desk(ctx).ExportHouseholds(ctx, f.q.all(), word, each)
}

// end adds to a workbook the sheet about it.
func (f *householdFile) end() error {
	if book, ok := f.out.(*sheet.XLSX); ok {
		if err := book.About(texts.In(f.l, "export.about"), f.about); err != nil {
			return err
		}
	}
	return f.out.Close()
}
