package console

import (
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"ark"
	"ark/hub"
)

// auditRoutes are those of the record of who did what.
func (c *Console) auditRoutes() []route {
	return []route{
		{"GET /audit", hub.RoleAdministrator, c.showAudit},
		{"GET /audit.csv", hub.RoleAdministrator, c.provenFor("/audit", c.writeAuditCSV)},
		{"GET /audit.jsonl", hub.RoleAdministrator, c.provenFor("/audit", c.writeAuditLines)},
		{"GET /audit/check", hub.RoleAdministrator, c.showAuditCheck},
		{"POST /audit/check", hub.RoleAdministrator, c.checkAudit},
	}
}

// auditQuery is what a reader of the record asks for: the fields of the form
// as they were typed.
type auditQuery struct{ Who, Verb, Kind, ID, Outcome, From, To string }

// The values that can be chosen.
var (
	auditKinds = []string{hub.ObjectVisit, hub.ObjectHousehold, hub.ObjectVan, hub.ObjectBroadcast, hub.ObjectOrder, hub.ObjectAnnouncement, hub.ObjectPlan,
		hub.ObjectSettings, hub.ObjectArea, hub.ObjectCrew, hub.ObjectPhone, hub.ObjectForm, hub.ObjectFile, hub.ObjectAccount, hub.ObjectSession, hub.ObjectToken, hub.ObjectAudit, hub.ObjectSavedView, hub.ObjectPage}
	auditOutcomes = []hub.Outcome{hub.OutcomeAllowed, hub.OutcomeRefused, hub.OutcomeFailed}
)

func auditQueryOf(v url.Values) auditQuery {
	return auditQuery{strings.TrimSpace(v.Get("who")), v.Get("verb"), v.Get("kind"), strings.TrimSpace(v.Get("id")), v.Get("outcome"), v.Get("from"), v.Get("to")}
}

func (q auditQuery) values() url.Values {
	v := url.Values{}
	for name, value := range map[string]string{"who": q.Who, "verb": q.Verb, "kind": q.Kind, "id": q.ID, "outcome": q.Outcome, "from": q.From, "to": q.To} {
		if value != "" {
			v.Set(name, value)
		}
	}
	return v
}

// Chosen tells whether anything is asked for.
func (q auditQuery) Chosen() bool { return q != auditQuery{} }

// filter is the query as the record takes it. A field that is none of its kind
// is passed over.
func (q auditQuery) filter(zone *time.Location) (f hub.AuditFilter) {
	asked := hub.Deed{Who: q.Who, Object: hub.Object{ID: q.ID}}.Plain() // as it would stand on record
	f.Who, f.Object.ID = asked.Who, asked.Object.ID
	if slices.Contains(hub.Verbs, hub.Verb(q.Verb)) {
		f.Verb = hub.Verb(q.Verb)
	}
	if slices.Contains(auditKinds, q.Kind) {
		f.Object.Kind = q.Kind
	}
	if slices.Contains(auditOutcomes, hub.Outcome(q.Outcome)) {
		f.Outcome = hub.Outcome(q.Outcome)
	}
	f.From, f.To = dayOf(q.From, zone, 0), dayOf(q.To, zone, 1)
	return f
}

// auditAfter reads where a page begins; whatever is no place is the top.
func auditAfter(text string) (p hub.AuditPlace) {
	at, seq, ok := strings.Cut(text, ".")
	ms, err := strconv.ParseInt(at, 10, 64)
	n, err2 := strconv.ParseInt(seq, 10, 64)
	if !ok || err != nil || err2 != nil || n < 1 {
		return hub.AuditPlace{}
	}
	return hub.AuditPlace{At: ark.UnixMilli(ms), Seq: n}
}

func auditAfterText(p hub.AuditPlace) string {
	return strconv.FormatInt(int64(p.At), 10) + "." + strconv.FormatInt(p.Seq, 10)
}

// auditPage is the record of who did what, the newest first.
type auditPage struct {
	frame
	Query    auditQuery
	Verbs    []hub.Verb
	Kinds    []string
	Outcomes []hub.Outcome
	Entries  []hub.AuditEntry
	Head     hub.AuditHead
	First    bool
	NewestAt string // addresses of the other pages and of the files
	OlderAt  string
	CSVAt    string
	LinesAt  string
}

func (c *Console) showAudit(w http.ResponseWriter, r *http.Request) {
	q := auditQueryOf(r.URL.Query())
	p := auditPage{frame: c.frame(r, "audit"), Query: q, Verbs: hub.Verbs, Kinds: auditKinds, Outcomes: auditOutcomes}
	p.Quiet = true // to look is a deed: a page that looks by itself would fill the record
	after := auditAfter(r.URL.Query().Get("after"))
	rows, err := desk(r.Context()).Deeds(r.Context(), q.filter(c.c.Zone), after, shown+1)
	if err == nil {
		p.Head, err = desk(r.Context()).AuditHead(r.Context())
	}
	if err != nil {
		c.unread(w, r, err)
		return
	}
	v := q.values()
	p.First, p.NewestAt, p.CSVAt, p.LinesAt = after == hub.AuditPlace{}, "/audit?"+v.Encode(), "/audit.csv?"+v.Encode(), "/audit.jsonl?"+v.Encode()
	if len(rows) > shown {
		rows = rows[:shown]
		v.Set("after", auditAfterText(rows[shown-1].Place()))
		p.OlderAt = "/audit?" + v.Encode()
	}
	p.Entries = rows
	c.site.Page(w, r, http.StatusOK, "audit.html", p)
}
