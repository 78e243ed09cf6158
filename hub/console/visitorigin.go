package console

import (
	"bytes"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"net/http"
	"strconv"
	"time"

	"ark"
	"ark/hub"
)

// origin is where a fact of a visit comes from.
type origin struct {
	Label, Value string
	Entry        ark.ID // the one that says it as it is now; zero: no entry of the crew does
	What         string // what the entry is, or who else says it
	By           string
	At           time.Time
	Doubt        bool
}

// entryAt is where an entry about a visit stands, and by which clocks it was
// made.
type entryAt struct {
	hub.VisitEdition
	What       string // such as the second amendment
	Phone      string
	VanClock   string
	PhoneClock string
}

// origins says of each fact which entry it comes from: the first since which it
// has been as it is.
func (t visitWords) origins(v hub.VisitRecord) (all []origin) {
	var said []hub.VisitEdition
	var facts []map[string]string
	for _, e := range v.Editions {
		if e.Withdrawn {
			continue
		}
		same := map[string]string{}
		for _, f := range t.all(e.Visit) {
			same[f.Label] = f.same
		}
		said, facts = append(said, e), append(facts, same)
	}
	if len(said) == 0 {
		return nil
	}
	last := len(said) - 1
	for _, f := range t.all(said[last].Visit) {
		n := last
		for n > 0 && facts[n-1][f.Label] == f.same {
			n--
		}
		e := said[n]
		all = append(all, origin{f.Label, f.Value, e.Entry, t.nth(n), e.Visit.By, e.Made.Time(), e.Visit.Doubtful(e.At)})
	}
	first := said[0]
	made := origin{Label: t.t("visit.made"), Value: t.c.at(t.l, first.Made.Time()), Entry: first.Entry, What: t.vanClock(first), By: first.Visit.By, At: first.Made.Time(), Doubt: first.Visit.Doubtful(first.At)}
	all = append(all, made, origin{Label: t.t("visit.atHub"), Value: t.c.at(t.l, first.Received), What: t.t("origin.hub"), At: first.Received})
	for i := len(v.Reviews) - 1; i >= 0; i-- {
		if r := v.Reviews[i]; r.Entry == v.Last {
			all = append(all, origin{Label: t.t("origin.state"), Value: t.t("review." + r.State.String()), What: t.t("origin.staff"), By: r.By, At: r.At.Time()})
			break
		}
	}
	return all
}

// nth is what the nth entry of the crew about a visit is.
func (t visitWords) nth(n int) string {
	if n == 0 {
		return t.t("visit.first")
	}
	return fmt.Sprintf(t.t("origin.amended"), n)
}

// entries are all entries about a visit, in the order in which the crew made
// them.
func (t visitWords) entries(v hub.VisitRecord) (all []entryAt) {
	for i, e := range v.Editions {
		row := entryAt{VisitEdition: e, What: t.nth(i), VanClock: t.vanClock(e), Phone: "–", PhoneClock: "–"}
		if e.Withdrawn {
			row.What = t.t("visit.gone")
		} else {
			row.Phone, row.PhoneClock = t.phone(hub.Visit{Visit: e.Visit, Van: v.Van}), t.phoneClock(e.Visit)
		}
		all = append(all, row)
	}
	return all
}

// vanClock says by which clock of the van an entry was made.
func (t visitWords) vanClock(e hub.VisitEdition) string {
	step := time.Duration(e.Step) * time.Millisecond
	switch {
	case !e.At.Trusted:
		return t.t("origin.vanDoubt")
	case step > 0:
		return fmt.Sprintf(t.t("origin.vanLate"), t.span(step))
	case step < 0:
		return fmt.Sprintf(t.t("origin.vanEarly"), t.span(-step))
	}
	return t.t("origin.vanRight")
}

// phoneClock says how a phone's clock was beside the van's.
func (t visitWords) phoneClock(v ark.Visit) string {
	off := time.Duration(v.Off) * time.Millisecond
	switch {
	case v.Phone.IsZero():
		return t.t("origin.noPhone")
	case v.Off == 0:
		return t.t("origin.notCompared")
	case v.Off > ark.PhoneDoubt:
		return fmt.Sprintf(t.t("origin.ahead"), t.span(off))
	case v.Off < -ark.PhoneDoubt:
		return fmt.Sprintf(t.t("origin.behind"), t.span(-off))
	}
	return t.t("origin.phoneRight")
}

// entriesPage are entries about a visit as they came, for technicians: as many
// as a page holds.
type entriesPage struct {
	frame
	Visit    ark.ID
	Raw      []rawEntry
	From, To int // numbers of the first and the last, from 1 on
	All      int
}

// rawEntry is an entry as it came, as far as it can be read.
type rawEntry struct {
	hub.RawEntry
	Entry ark.Entry
	Body  string // JSON; empty: it cannot be read
	Hex   string
}

// Less are those that the page leaves out behind its own.
func (p entriesPage) Less() int { return p.All - p.To }

// revealEntries shows entries about a visit as they came, once: it is on record
// who asked for it.
func (c *Console) revealEntries(w http.ResponseWriter, r *http.Request) {
	id, err := ark.ParseID(r.PathValue("id"))
	if err != nil {
		c.lost(w, r)
		return
	}
	r.Body = http.MaxBytesReader(w, r.Body, maxForm)
	from, err := strconv.Atoi(r.PostFormValue("from"))
	if err != nil || from < 0 || from > hub.MaxVisitEntries {
		from = 0
	}
	some, err := desk(r.Context()).VisitEntries(r.Context(), id, from)
	if err != nil {
		c.unread(w, r, err)
		return
	}
	p := entriesPage{frame: c.frame(r, ""), Visit: id, From: some.From + 1, To: some.From + len(some.Entries), All: some.All}
	for _, e := range some.Entries {
		p.Raw = append(p.Raw, readRaw(e))
	}
	c.site.Page(w, r, http.StatusOK, "entries.html", p)
}

// readRaw reads an entry as far as this release understands it.
func readRaw(e hub.RawEntry) (row rawEntry) {
	row = rawEntry{RawEntry: e, Hex: hex.Dump(e.Raw)}
	entry, err := ark.DecodeEntry(e.Raw)
	if err != nil {
		return row
	}
	row.Entry = entry
	body, err := ark.DecodeBody(entry.Kind, entry.Body)
	if err != nil {
		return row
	}
	var text bytes.Buffer
	out := json.NewEncoder(&text)
	out.SetEscapeHTML(false) // the page escapes it
	out.SetIndent("", "  ")
	if out.Encode(body) == nil {
		row.Body = text.String()
	}
	return row
}

// Since is how long the van had been on when it wrote the entry.
func (e rawEntry) Since() string { return e.Entry.At.Mono.Round(time.Second).String() }
