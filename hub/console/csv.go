package console

import (
	"encoding/csv"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"time"

	"ark"
	"ark/hub"
	"ark/internal/sheet"
	"ark/internal/web"
)

// Bounds of the file: its rows, and the broadcasts that are read at once.
const (
	maxCSV      = 100_000
	csvChunk    = 500
	csvPatience = 30 * time.Second // with a line that takes nothing
)

// csvColumns are the keys of the columns' names.
var csvColumns = []string{"csv.asked", "csv.askedUTC", "csv.van", "csv.title", "csv.announcement", "csv.version", "csv.class", "csv.trigger", "csv.language",
	"csv.round", "csv.state", "csv.why", "csv.started", "csv.ended", "csv.consumed", "csv.length", "csv.loudness", "csv.volume", "csv.capped",
	"csv.exempt", "csv.exemptBy", "csv.heard", "csv.silent", "csv.tone", "csv.cuts", "csv.rounds", "csv.summed", "csv.alike",
	"csv.latency", "csv.broadcast"}

// writeCSV sends the as-run log as a file for a spreadsheet: a row for each
// recording, what was last asked for first, with the filters of the page. It
// is sent as it is read; a store that fails in the middle ends it early, and
// the last row says so.
func (c *Console) writeCSV(w http.ResponseWriter, r *http.Request) {
	l := web.LangOf(r)
	f := queryOf(r.URL.Query()).filter(c.c.Zone)
	f.Limit = csvChunk
	read, err := desk(r.Context()).ExportAsRun(r.Context(), f)
	if err != nil {
		c.unread(w, r, err)
		return
	}
	rows, err := read(f.Before)
	if err != nil {
		c.unread(w, r, err)
		return
	}
	w.Header().Set("Content-Type", "text/csv; charset=utf-8")
	w.Header().Set("Content-Disposition", fmt.Sprintf(`attachment; filename="as-run-%s.csv"`, ark.DateOf(c.c.Now().In(c.c.Zone))))
	w.Header().Set("Cache-Control", "no-store")
	io.WriteString(w, "\ufeff") // Excel takes it for the sign of UTF-8
	out := csv.NewWriter(w)
	out.UseCRLF = true
	names := make([]string, len(csvColumns))
	for i, key := range csvColumns {
		names[i] = texts.In(l, key)
	}
	out.Write(names)
	control := http.NewResponseController(w)
	for n := 0; len(rows) > 0; {
		control.SetWriteDeadline(time.Now().Add(csvPatience)) // each part has its own: a file may take longer than a page
		for _, b := range rows {
			for _, row := range c.csvRows(l, b) {
				if n++; n > maxCSV {
					out.Write([]string{fmt.Sprintf(texts.In(l, "csv.more"), maxCSV)})
					out.Flush()
					return
				}
				out.Write(row)
			}
		}
		if out.Flush(); out.Error() != nil || len(rows) < csvChunk {
			return // nobody listens any more, or it is whole
		}
		if rows, err = read(rows[len(rows)-1].Position); err != nil {
			c.c.Log.Error("the as-run log cannot be read", "err", err)
			out.Write([]string{texts.In(l, "csv.broken")})
			out.Flush()
			return
		}
	}
}

// csvRows are a broadcast's rows: one for each recording, or one where it has
// none.
func (c *Console) csvRows(l web.Lang, b hub.Broadcast) (rows [][]string) {
	recordings := b.Recordings
	if len(recordings) == 0 {
		recordings = []ark.AsRunRecording{{State: b.State, Why: b.Why}}
	}
	at, zone := askedAt(b), c.c.Zone
	for _, r := range recordings {
		state, why := r.State, r.Why
		if state == 0 {
			state = b.State
		}
		if why == "" {
			why = b.Why
		}
		row := []string{localTimeText(at, zone), at.UTC().Format(time.DateTime), string(b.Van), l.Of(b.Title.Zh, b.Title.En), string(b.Announcement),
			countText(int64(b.Version)), texts.Known(l, "class.", b.Class.String()), trigger(l, b.Trigger, func(due time.Time) string { return localTimeText(due, zone) }), texts.Known(l, "tongue.", string(r.Language)),
			roundText(r), texts.Known(l, "state.", state.String()), whyText(l, why), milliText(r.StartedAt, zone), milliText(r.EndedAt, zone),
			framesText(r.Consumed, r.Frames), framesText(r.Frames, r.Frames), loudText(r.Loudness), volumeText(b.Volume), yes(l, b.Capped),
			texts.Known(l, "why.", b.Exempt), b.ExemptBy, texts.In(l, heard(b.Heard)), yes(l, b.Silent), yes(l, b.Tone), countText(int64(b.Cuts)),
			countText(int64(b.Rounds)), framesText(b.Summed, b.Summed), countText(int64(b.Alike)), countText(b.LatencyMS), b.Broadcast.String()}
		for i := range row {
			row[i] = harmless(row[i])
		}
		rows = append(rows, row)
	}
	return rows
}

// harmless makes of a text one that is no formula; a number below zero is one.
func harmless(s string) string {
	if _, err := strconv.ParseFloat(s, 64); err == nil {
		return s
	}
	return sheet.Harmless(s)
}

func localTimeText(t time.Time, zone *time.Location) string { return t.In(zone).Format(time.DateTime) }

func milliText(m ark.UnixMilli, zone *time.Location) string {
	if m == 0 {
		return ""
	}
	return localTimeText(m.Time(), zone)
}

func framesText(n, length int64) string {
	if length == 0 {
		return ""
	}
	return fmt.Sprintf("%.2f", float64(n)/ark.SampleRate)
}

func roundText(r ark.AsRunRecording) string {
	if r.Language == "" {
		return ""
	}
	return strconv.Itoa(r.Round + 1)
}

func loudText(hundredths int) string {
	if hundredths == 0 {
		return ""
	}
	return fmt.Sprintf("%.2f", float64(hundredths)/100)
}

func volumeText(v ark.Level) string {
	if v == 0 {
		return ""
	}
	return fmt.Sprintf("%.1f", v.DB())
}

func countText(n int64) string {
	if n == 0 {
		return ""
	}
	return strconv.FormatInt(n, 10)
}

func whyText(l web.Lang, why string) string {
	if why == "" {
		return ""
	}
	return texts.Known(l, "why.", why)
}

func yes(l web.Lang, b bool) string {
	if !b {
		return ""
	}
	return texts.In(l, "csv.yes")
}

func positionText(p hub.Position) string { return strconv.FormatInt(int64(p), 10) }
