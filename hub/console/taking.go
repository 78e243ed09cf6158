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

	"ark/hub"
	"ark/internal/web"
)

// takenFile is what is in a file that somebody takes away.
type takenFile struct {
	of, word, media string
	count           func(ctx context.Context) (int, error)                // rows that are to be in it; 0: nobody knows
	begin           func(w io.Writer, now time.Time) error                // once, before the first row
	rows            func(ctx context.Context, next func() error) error    // next before each row
	end             func() error                                          // once, behind the last
	page            func(http.ResponseWriter, *http.Request, int, string) // answers instead
}

// take sends a file as it is read. What breaks before the first byte is a page
// that says so; what breaks later breaks the connection, so that no browser
// takes the file for a whole one.
func (c *Console) take(w http.ResponseWriter, r *http.Request, f takenFile) {
	e, busy := c.exports.begin(nameOf(r), f.of, f.word, c.c.Now())
	if e == nil {
		w.Header().Set("Retry-After", "30")
		f.page(w, r, http.StatusServiceUnavailable, busy)
		return
	}
	defer c.exports.end(e)
	ctx, cancel := context.WithTimeout(r.Context(), exportTime)
	defer cancel()
	out := &taking{c: c, e: e, f: f, w: w, r: r.WithContext(ctx)}
	if err := out.send(); err != nil && !out.begun {
		out.refuse(err)
	} else if err != nil {
		if ctx.Err() == nil {
			c.c.Log.Error("a file is not whole", "of", f.of, "format", f.word, "err", err)
		}
		panic(http.ErrAbortHandler) // net/http breaks the connection
	}
}

// taking is a file on its way.
type taking struct {
	c     *Console
	e     *export
	f     takenFile
	w     http.ResponseWriter
	r     *http.Request
	buf   *bufio.Writer
	begun bool
}

// rowsTrailer says behind a file how many rows are in it: visits, households.
const rowsTrailer = "Ark-Rows"

// send sends all of it.
func (t *taking) send() error {
	ctx := t.r.Context()
	want, err := t.f.count(ctx)
	if err != nil {
		return err
	}
	t.e.want.Store(int64(want))
	t.c.exports.tell()
	if err := t.f.rows(ctx, t.next); err != nil {
		return err
	}
	if err := t.begin(); err != nil { // it has no rows
		return err
	}
	if err := t.f.end(); err != nil {
		return err
	}
	if err := t.buf.Flush(); err != nil {
		return err
	}
	t.w.Header().Set(rowsTrailer, strconv.FormatInt(t.e.Rows(), 10))
	t.e.state.Store(exportWhole)
	return nil
}

// next comes before each row.
func (t *taking) next() error {
	if err := t.r.Context().Err(); err != nil { // nobody reads it any more, or it takes too long
		return err
	}
	if err := t.begin(); err != nil {
		return err
	}
	if n := t.e.rows.Add(1); n%exportTold == 0 {
		t.c.exports.tell()
	}
	return nil
}

// begin begins the file, once.
func (t *taking) begin() error {
	if t.begun {
		return nil
	}
	t.begun = true
	h, now := t.w.Header(), t.c.c.Now().In(t.c.c.Zone)
	h.Set("Content-Type", t.f.media)
	h.Set("Content-Disposition", fmt.Sprintf(`attachment; filename="%s-%s.%s"`, t.f.of, now.Format("2006-01-02-1504"), t.f.word))
	h.Set("Cache-Control", "no-store")
	h.Set("Trailer", rowsTrailer)
	control := http.NewResponseController(t.w)
	t.buf = bufio.NewWriterSize(&steady{w: t.w, until: control.SetWriteDeadline, now: time.Now}, exportBuffer)
	control.Flush() // the browser begins to show a download, and asks for it once
	return t.f.begin(t.buf, now)
}

// refuse says why there is no file.
func (t *taking) refuse(err error) {
	if errors.Is(err, hub.ErrSearch) {
		t.f.page(t.w, t.r, http.StatusBadRequest, "find.short")
		return
	}
	t.c.unread(t.w, t.r, err)
}

// aboutFile says of a workbook whose it is, and what is masked in it.
func aboutFile(l web.Lang, r *http.Request, now time.Time, why string) [][2]string {
	about := [][2]string{{texts.In(l, "export.by"), nameOf(r)}, {texts.In(l, "export.at"), now.Format(time.DateTime)}}
	if why == "" {
		return append(about, [2]string{texts.In(l, "export.masks"), texts.In(l, "export.masked")})
	}
	return append(about, [2]string{texts.In(l, "export.masks"), texts.In(l, "export.wholeFile")}, [2]string{texts.In(l, "export.reason"), why})
}

var errSlow = errors.New("whoever takes the file is too slow")

// steady writes as long as somebody takes what is written, fast enough: a file
// may take longer than a page, and each holds a place that others wait for.
type steady struct {
	w     io.Writer
	until func(time.Time) error // a connection that can have no deadline goes without
	now   func() time.Time
	sent  int64
	spent time.Duration // in which the writer waited for whoever reads
}

// Write gives each part its deadline: some patience, and the time in which the
// least rate would have taken all so far.
func (p *steady) Write(b []byte) (n int, err error) {
	left := exportPatience + time.Duration(p.sent)*time.Second/exportLeast - p.spent
	if left <= 0 {
		return 0, errSlow
	}
	begun := p.now()
	p.until(begun.Add(min(left, exportPatience)))
	n, err = p.w.Write(b)
	p.sent, p.spent = p.sent+int64(n), p.spent+p.now().Sub(begun)
	return n, err
}
