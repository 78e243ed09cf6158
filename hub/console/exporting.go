package console

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"time"

	"ark"
	"ark/hub"
	"ark/internal/web"
)

// exportPage is where visits are taken away: which, as what, and how far what
// was taken has come.
type exportPage struct {
	frame
	Query   visitQuery
	Chips   []chip
	Count   int
	Many    bool // there are more than were counted
	Formats []visitFormat
	Own     []*export
	Trouble string // key of why nothing can be taken
}

// exportCount is up to how many visits are counted for the page.
const exportCount = 100_000

// exportRoutes are those of files of visits: each kind of file under the
// address and the filter of the list, and a page that leads to them.
func (c *Console) exportRoutes() []route {
	all := []route{{"GET /visits/export", hub.RoleReader, c.showExport}}
	for _, f := range visitFormats {
		all = append(all, route{"GET /visits." + f.Word, hub.RoleReader, func(w http.ResponseWriter, r *http.Request) { c.exportVisits(w, r, f) }})
	}
	return all
}

func (c *Console) showExport(w http.ResponseWriter, r *http.Request) { c.answerExport(w, r, 0, "") }

// answerExport answers with the page; of trouble it says what and how to go on.
func (c *Console) answerExport(w http.ResponseWriter, r *http.Request, status int, trouble string) {
	p := exportPage{Query: visitQueryOf(r.URL.Query(), c.c.Zone), Formats: visitFormats, Trouble: trouble}
	options, err := c.exportOptions(r)
	if err == nil && len(p.Query.Faults) == 0 && trouble == "" {
		p.Count, err = desk(r.Context()).CountVisits(r.Context(), p.Query.Filter, exportCount+1)
	}
	switch {
	case errors.Is(err, hub.ErrSearch):
		status, p.Trouble = http.StatusBadRequest, "find.short"
	case err != nil:
		c.unread(w, r, err)
		return
	case len(p.Query.Faults) > 0:
		status, p.Trouble = http.StatusBadRequest, "find.faults"
	}
	if p.Many = p.Count > exportCount; p.Many {
		p.Count = exportCount
	}
	p.frame = c.frame(r, "exports")
	p.Chips, p.Own = options.chips(p.Query), c.exports.of(nameOf(r))
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
// one kind, as they are read. What breaks before the first byte is a page that
// says so; what breaks later breaks the connection, so that no browser takes
// the file for a whole one.
func (c *Console) exportVisits(w http.ResponseWriter, r *http.Request, f visitFormat) {
	q := visitQueryOf(r.URL.Query(), c.c.Zone)
	if len(q.Faults) > 0 {
		c.answerExport(w, r, http.StatusBadRequest, "find.faults")
		return
	}
	e := c.exports.begin(nameOf(r), f.Word, c.c.Now())
	if e == nil {
		w.Header().Set("Retry-After", "30")
		c.answerExport(w, r, http.StatusServiceUnavailable, "export.busy")
		return
	}
	defer c.exports.end(e)
	ctx, cancel := context.WithTimeout(r.Context(), exportTime)
	defer cancel()
	out := &takenAway{c: c, e: e, f: f, w: w, r: r.WithContext(ctx), q: q}
	if err := out.send(); err != nil && !out.begun {
		out.refuse(err)
	} else if err != nil {
		if ctx.Err() == nil {
			c.c.Log.Error("a file of visits is not whole", "format", f.Word, "err", err)
		}
		panic(http.ErrAbortHandler) // net/http breaks the connection
	}
}

// takenAway is a file of visits on its way.
type takenAway struct {
	c     *Console
	e     *export
	f     visitFormat
	w     http.ResponseWriter
	r     *http.Request
	q     visitQuery
	words visitWords
	buf   *bufio.Writer
	out   visitWriter
	begun bool
}

// send sends all of it.
func (t *takenAway) send() (err error) {
	ctx := t.r.Context()
	if t.e.Want, err = desk(ctx).CountVisits(ctx, t.q.Filter, exportMost); err != nil {
		return err
	}
	if t.words, err = t.c.visitWords(ctx, web.LangOf(t.r)); err != nil {
		return err
	}
	t.c.exports.tell()
	if err := desk(ctx).ExportVisits(ctx, t.q.Filter, t.q.Order, t.f.Word, t.visit); err != nil {
		return err
	}
	if err := t.begin(); err != nil { // it has no rows
		return err
	}
	if err := t.out.Close(); err != nil {
		return err
	}
	if err := t.buf.Flush(); err != nil {
		return err
	}
	t.w.Header().Set(rowsTrailer, strconv.FormatInt(t.e.Rows(), 10))
	t.e.state.Store(exportWhole)
	return nil
}

// exportMost is the most visits that are counted for how far a file is.
const exportMost = 10_000_000

// rowsTrailer says behind a file how many visits are in it.
const rowsTrailer = "Ark-Rows"

// visit adds a visit.
func (t *takenAway) visit(v hub.Visit) error {
	if err := t.r.Context().Err(); err != nil { // nobody reads it any more, or it takes too long
		return err
	}
	if err := t.begin(); err != nil {
		return err
	}
	if err := t.words.learn(t.r.Context(), v.Form); err != nil {
		return err
	}
	if n := t.e.rows.Add(1); n%exportTold == 0 {
		t.c.exports.tell()
	}
	return t.out.Visit(v)
}

// begin begins the file, once.
func (t *takenAway) begin() (err error) {
	if t.begun {
		return nil
	}
	t.begun = true
	h, now := t.w.Header(), t.c.c.Now().In(t.c.c.Zone)
	h.Set("Content-Type", t.f.media)
	h.Set("Content-Disposition", fmt.Sprintf(`attachment; filename="visits-%s.%s"`, now.Format("2006-01-02-1504"), t.f.Word))
	h.Set("Cache-Control", "no-store")
	h.Set("Trailer", rowsTrailer)
	control := http.NewResponseController(t.w)
	t.buf = bufio.NewWriterSize(&steady{t.w, control}, exportBuffer)
	control.Flush() // the browser begins to show a download, and asks for it once
	t.out, err = t.f.begin(t.buf, t.words, t.about(now))
	return err
}

// about says of a workbook what it is.
func (t *takenAway) about(now time.Time) [][2]string {
	say := func(key string) string { return t.words.t(key) }
	about := [][2]string{{say("export.by"), nameOf(t.r)}, {say("export.at"), now.Format(time.DateTime)}, {say("export.masks"), say("export.masked")}}
	options, err := t.c.exportOptions(t.r)
	if err != nil {
		return about // the file says less of itself
	}
	for _, chip := range options.chips(t.q) {
		about = append(about, [2]string{chip.Label, chip.Value})
	}
	return about
}

// refuse says why there is no file.
func (t *takenAway) refuse(err error) {
	if errors.Is(err, hub.ErrSearch) {
		t.c.answerExport(t.w, t.r, http.StatusBadRequest, "find.short")
		return
	}
	t.c.unread(t.w, t.r, err)
}

// steady writes as long as somebody takes what is written.
type steady struct {
	w       io.Writer
	control *http.ResponseController
}

// Write gives each part a deadline of its own: a file may take longer than a
// page.
func (p *steady) Write(b []byte) (int, error) {
	p.control.SetWriteDeadline(time.Now().Add(exportPatience)) // a connection that can have none goes without
	return p.w.Write(b)
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
