package console

import (
	"context"
	"errors"
	"io"
	"net/http"
	"strings"
	"time"
	"unicode/utf8"

	"ark"
	"ark/hub"
	"ark/internal/web"
)

// exportPage is where visits or households are taken away: which, as what, and
// how far what was taken has come.
type exportPage struct {
	frame
	Of      string // which of the two
	Back    string // address of their list
	Plain   string // what chooses them, as the addresses of the list and the files have it
	Chips   []chip
	Counted bool
	Count   int
	Many    bool     // there are more than were counted
	Formats []string // words
	Own     []*export
	Trouble string // key of why nothing can be taken
	Wrong   bool   // nothing can be taken before that is mended
}

// exportCount is up to how many visits are counted for the page.
const exportCount = 100_000

// exportRoutes are those of files of visits: each kind of file under the
// address and the filter of the list, and a page that leads to them.
func (c *Console) exportRoutes() []route {
	all := []route{{"GET /visits/export", hub.RoleReader, c.showExport}}
	for _, f := range visitFormats {
		all = append(all, route{"GET /visits." + f.Word, hub.RoleReader, func(w http.ResponseWriter, r *http.Request) { c.exportVisits(w, r, f, "") }},
			route{"POST /visits." + f.Word, hub.RoleReviewer, c.whole("/visits/export", c.answerExport, func(w http.ResponseWriter, r *http.Request, why string) { c.exportVisits(w, r, f, why) })})
	}
	return all
}

// whole has a file made in which nothing is masked, for whoever has proved
// lately who they are, and says what for. At is where page is.
func (c *Console) whole(at string, page func(w http.ResponseWriter, r *http.Request, status int, trouble string), do func(w http.ResponseWriter, r *http.Request, why string)) http.HandlerFunc {
	return c.provenFor(at, func(w http.ResponseWriter, r *http.Request) {
		r.Body = http.MaxBytesReader(w, r.Body, maxForm)
		why := strings.TrimSpace(r.PostFormValue("reason"))
		if n := utf8.RuneCountInString(why); n == 0 || n > maxReason || !utf8.ValidString(why) {
			page(w, r, http.StatusBadRequest, "export.noReason")
			return
		}
		do(w, r, why)
	})
}

func (c *Console) showExport(w http.ResponseWriter, r *http.Request) { c.answerExport(w, r, 0, "") }

// answerExport answers with the page; of trouble it says what and how to go on.
func (c *Console) answerExport(w http.ResponseWriter, r *http.Request, status int, trouble string) {
	q := visitQueryOf(r.URL.Query(), c.c.Zone)
	p := exportPage{Of: "visits", Back: "/" + q.Plain(), Plain: q.Plain(), Trouble: trouble, Counted: true}
	for _, f := range visitFormats {
		p.Formats = append(p.Formats, f.Word)
	}
	options, err := c.exportOptions(r)
	if p.Wrong = len(q.Faults) > 0; err == nil && !p.Wrong && trouble != "find.short" {
		p.Count, err = desk(r.Context()).CountVisits(r.Context(), q.Filter, exportCount+1)
	}
	switch {
	case errors.Is(err, hub.ErrSearch):
		status, p.Trouble = http.StatusBadRequest, "find.short"
	case err != nil:
		c.unread(w, r, err)
		return
	case p.Wrong:
		status, p.Trouble = http.StatusBadRequest, "find.faults"
	}
	p.Wrong = p.Wrong || p.Trouble == "find.short"
	if p.Many = p.Count > exportCount; p.Many {
		p.Count = exportCount
	}
	p.frame = c.frame(r, "exports")
	p.Chips, p.Own = options.chips(q), c.exports.of(nameOf(r))
	c.site.Page(w, r, max(status, http.StatusOK), "export.html", p)
}

func (c *Console) exportOptions(r *http.Request) (o visitOptions, err error) {
	choices, err := desk(r.Context()).VisitChoices(r.Context(), false)
	if err != nil {
		return o, err
	}
	return c.visitOptions(r.Context(), web.LangOf(r), choices)
}

// exportVisits sends the visits that the list's filter chooses as a file of
// one kind; why is what for, where nothing is to be masked.
func (c *Console) exportVisits(w http.ResponseWriter, r *http.Request, f visitFormat, why string) {
	q := visitQueryOf(r.URL.Query(), c.c.Zone)
	if len(q.Faults) > 0 {
		c.answerExport(w, r, http.StatusBadRequest, "find.faults")
		return
	}
	v := &visitsFile{c: c, f: f, q: q, r: r, why: why}
	c.take(w, r, takenFile{of: "visits", word: f.Word, media: f.media, count: v.count, begin: v.begin, rows: v.rows,
		end: func() error { return v.out.Close() }, page: c.answerExport})
}

// visitsFile is what is in a file of visits.
type visitsFile struct {
	c     *Console
	f     visitFormat
	q     visitQuery
	r     *http.Request
	why   string // empty: it is masked
	words visitWords
	out   visitWriter
}

// exportMost is the most visits that are counted for how far a file is.
const exportMost = 10_000_000

func (v *visitsFile) count(ctx context.Context) (n int, err error) {
	if n, err = desk(ctx).CountVisits(ctx, v.q.Filter, exportMost); err == nil {
		v.words, err = v.c.visitWords(ctx, web.LangOf(v.r))
	}
	return n, err
}

func (v *visitsFile) begin(w io.Writer, now time.Time) (err error) {
	v.out, err = v.f.begin(w, v.words, v.about(now))
	return err
}

func (v *visitsFile) rows(ctx context.Context, next func() error) error {
	each := func(visit hub.Visit) error {
		if err := next(); err != nil {
			return err
		}
		if err := v.words.learn(ctx, visit.Form); err != nil {
			return err
		}
		return v.out.Visit(visit)
	}
	if v.why != "" {
		return desk(ctx).ExportVisitsWhole(ctx, v.q.Filter, v.q.Order, v.f.Word, v.why, each)
	}
	return desk(ctx).ExportVisits(ctx, v.q.Filter, v.q.Order, v.f.Word, each)
}

// about says of a workbook what it is.
func (v *visitsFile) about(now time.Time) [][2]string {
	about := aboutFile(v.words.l, v.r, now, v.why)
	options, err := v.c.exportOptions(v.r)
	if err != nil {
		return about // the file says less of itself
	}
	for _, chip := range options.chips(v.q) {
		about = append(about, [2]string{chip.Label, chip.Value})
	}
	return about
}

// learn reads the version of the form that a visit was made with, if it is not
// known yet.
func (t visitWords) learn(ctx context.Context, version int64) error {
	if _, known := t.forms[version]; known {
		return nil
	}
	more, err := t.c.visitWords(ctx, t.l, ark.Visit{Form: version})
	if err != nil {
		return err
	}
	t.forms[version] = more.forms[version]
	return nil
}
