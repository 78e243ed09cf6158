package console

import (
	"encoding/csv"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"

	"ark"
	"ark/hub"
	"ark/internal/web"
)

// auditChunk is how many entries of a file are read at a time.
const auditChunk = 500

// auditColumns are the keys of the columns' names.
var auditColumns = []string{"audit.seq", "audit.when", "audit.utc", "audit.who", "audit.token", "audit.from", "audit.verb", "audit.kind", "audit.object", "audit.detail", "audit.outcome", "audit.hash"}

// eachDeed reads what a file is to hold. The first read tells whether there can
// be one; begin then begins it.
func (c *Console) eachDeed(w http.ResponseWriter, r *http.Request, format string, begin func(), row func(hub.AuditEntry) error) {
	read, err := desk(r.Context()).ExportDeeds(r.Context(), auditQueryOf(r.URL.Query()).filter(c.c.Zone), format)
	var rows []hub.AuditEntry
	if err == nil {
		rows, err = read(hub.AuditPlace{}, auditChunk)
	}
	if err != nil {
		c.unread(w, r, err)
		return
	}
	name := fmt.Sprintf("audit-%s.%s", ark.DateOf(c.c.Now().In(c.c.Zone)), format)
	w.Header().Set("Content-Disposition", fmt.Sprintf("attachment; filename=%q", name))
	w.Header().Set("Cache-Control", "no-store")
	begin()
	control := http.NewResponseController(w)
	for {
		control.SetWriteDeadline(time.Now().Add(csvPatience)) // each part has its own: a file may take longer than a page
		for _, e := range rows {
			if row(e) != nil {
				return // nobody listens any more
			}
		}
		if len(rows) < auditChunk {
			return
		}
		if rows, err = read(rows[len(rows)-1].Place(), auditChunk); err != nil {
			c.c.Log.Error("the record of who did what cannot be read", "err", err)
			panic(http.ErrAbortHandler) // half a file must not pass for a whole one
		}
	}
}

// writeAuditCSV sends the record as a file for a spreadsheet, with the filters
// of the page.
func (c *Console) writeAuditCSV(w http.ResponseWriter, r *http.Request) {
	l := web.LangOf(r)
	out := csv.NewWriter(w)
	out.UseCRLF = true
	begin := func() {
		w.Header().Set("Content-Type", "text/csv; charset=utf-8")
		io.WriteString(w, "\ufeff") // Excel takes it for the sign of UTF-8
		names := make([]string, len(auditColumns))
		for i, key := range auditColumns {
			names[i] = texts.In(l, key)
		}
		out.Write(names)
	}
	c.eachDeed(w, r, "csv", begin, func(e hub.AuditEntry) error {
		var detail []string
		for _, d := range c.detailWords(l, e.Deed) {
			detail = append(detail, d.Name+"="+d.Value)
		}
		row := []string{fmt.Sprint(e.Seq), localTimeText(e.At, c.c.Zone), e.At.UTC().Format(time.RFC3339Nano), e.Who, e.Token, e.From, texts.Known(l, "verb.", string(e.Verb)),
			texts.Known(l, "kind.", e.Object.Kind), e.Object.ID, strings.Join(detail, "; "), texts.Known(l, "came.", string(e.Outcome)), e.Hash.String()}
		for i := range row {
			row[i] = harmless(row[i])
		}
		out.Write(row)
		out.Flush()
		return out.Error()
	})
}

// toldDeed is an entry of the record for programs: all that its hash covers,
// and the hash.
type toldDeed struct {
	Seq     int64             `json:"seq"`
	At      int64             `json:"at"` // ms
	Who     string            `json:"who"`
	Token   string            `json:"token,omitempty"`
	From    string            `json:"from,omitempty"`
	Verb    hub.Verb          `json:"verb"`
	Kind    string            `json:"kind"`
	Object  string            `json:"object,omitempty"`
	Detail  map[string]string `json:"detail,omitempty"`
	Outcome hub.Outcome       `json:"outcome"`
	Hash    ark.Hash          `json:"hash"`
}

// writeAuditLines sends the record as JSON, a line for each entry.
func (c *Console) writeAuditLines(w http.ResponseWriter, r *http.Request) {
	out := json.NewEncoder(w)
	begin := func() { w.Header().Set("Content-Type", "application/jsonl; charset=utf-8") }
	c.eachDeed(w, r, "jsonl", begin, func(e hub.AuditEntry) error {
		return out.Encode(toldDeed{e.Seq, e.At.UnixMilli(), e.Who, e.Token, e.From, e.Verb, e.Object.Kind, e.Object.ID, e.Detail, e.Outcome, e.Hash})
	})
}
